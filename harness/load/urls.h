/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_URLS_H
#define WAKEONE_URLS_H

/*
 * Several URLs to request: a file of lines "WEIGHT PATH" or "WEIGHT URL", all of one server.
 * Empty lines and those that begin with # are comments. The file is not trusted: its size, lines and numbers are bounded.
 *
 * The URL of request n is chosen by a hash of seed and n (SplitMix64: G. Steele, D. Lea, C. Flood, OOPSLA 2014), so that a
 * seed always gives the same sequence. Request numbers are distributed to threads like arrivals (schedule.h).
 */

#include "harness/lib/histogram.h"

#include <stddef.h>
#include <stdint.h>

enum {
    URLS_MAX = 256,
    URLS_WEIGHT_MAX = 1000000,
    URLS_LINE_MAX = 1536,            /* bytes */
    URLS_FILE_MAX = URLS_MAX * 2048, /* bytes, comments included */
};

struct url {
    unsigned long weight, until; /* `until`: the sum of the weights up to this one, included */
    const char *text;            /* as in the file */
    const char *host, *path;     /* for the request; host: NULL = that of the target */
    unsigned line;
};

struct urls {
    unsigned count;
    struct url all[URLS_MAX];
};

/* The results of the requests of one URL, in the window. */
struct url_result {
    uint64_t errors;
    struct histogram latency; /* its count is the number of successful requests; ns */
};

/* Parses `length` bytes, terminated by a NUL, in place: `text` must stay valid. Of a line with a URL only `text` and
 * `weight` are set. Returns NULL, or an error message for line *line, the first being 1. */
const char *urls_parse(struct urls *urls, char *text, size_t length, unsigned *line);

/* Index of the URL of request n. `count` must not be 0. */
unsigned urls_choose(const struct urls *urls, unsigned long seed, uint64_t n);

/* Allocates `count` zeroed results, to be freed by free(). NULL if out of memory. */
struct url_result *url_results_open(unsigned count);
void url_results_merge(struct url_result *into, const struct url_result *from, unsigned count);

#endif
