#ifndef WAKEONE_URLS_H
#define WAKEONE_URLS_H

/*
 * What is requested, where that is more than one thing: a file of lines "WEIGHT PATH" or "WEIGHT URL", all of one server.
 * Empty lines and those that begin with # are comments. The file is not trusted: its size, lines and numbers are bounded.
 *
 * Request n has the URL that a hash of seed and n chooses (SplitMix64: G. Steele, D. Lea, C. Flood, OOPSLA 2014), so that a
 * seed is one sequence. Numbers are dealt out to threads as arrivals are (schedule.h).
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
    const char *host, *path;     /* for the request; host is NULL = that of the target */
    unsigned line;
};

struct urls {
    unsigned count;
    struct url all[URLS_MAX];
};

/* What became of the requests of one URL, in the window. */
struct url_result {
    uint64_t errors;
    struct histogram
        latency; /* its count is that of the requests that were answered as expected; ns */
};

/* Reads `length` bytes, which are cut into pieces in place and must stay; a NUL is behind them. Of a line with a URL only
 * `text` and `weight` are set. Returns NULL, or what is wrong with line *line, the first being 1. */
const char *urls_parse(struct urls *urls, char *text, size_t length, unsigned *line);

/* Index of the URL of request n. There is at least one. */
unsigned urls_choose(const struct urls *urls, unsigned long seed, uint64_t n);

/* `count` of them, all 0; freed by free(). NULL if memory is out. */
struct url_result *url_results_open(unsigned count);
void url_results_merge(struct url_result *into, const struct url_result *from, unsigned count);

#endif
