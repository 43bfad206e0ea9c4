/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_WIRE_H
#define WAKEONE_WIRE_H

/* Network latency as a library: packets in, histograms of intervals out. */

#include "capture.h"
#include "flows.h"
#include "harness/lib/histogram.h"

struct wire_options {
    struct capture_options capture;
    unsigned long most; /* connections at a time */
    uint64_t idle_ns;   /* idle timeout */

    /* Called for each completed connection; may be NULL. */
    void (*over)(void *context, const struct flow_summary *summary);
    void *context;
};

struct wire_result {
    struct histogram intervals[FLOW_INTERVALS]; /* ns; those that end in the window */
    struct flows_totals totals;
    unsigned long open; /* open connections */
    uint64_t packets[PACKET_VERDICTS];
    uint64_t covered[PACKET_COVERS]; /* packets that were not decoded */
    struct capture_stats capture;
    uint64_t first_ns, last_ns; /* times of the first and the last packet of that port; 0 = none */
};

struct wire;

/* NULL on an error, with a message of one line in *why; *is_usage for a usage error. */
struct wire *wire_open(const struct wire_options *options, const char **why, bool *is_usage);

/* From now on only intervals that end between `begin_ns` and `end_ns` (since 1970) count; may be called by another thread.
 * Without a window all intervals count. */
void wire_window(struct wire *wire, uint64_t begin_ns, uint64_t end_ns);

/* Processes available frames. 1 = there may be more, 0 = end of the file, -1 = error, see wire_error(). */
int wire_read(struct wire *wire);
const char *wire_error(const struct wire *wire);

/* Live: processes the frames captured until now, and none later. False = error. */
bool wire_drain(struct wire *wire);

/* To be called after the last packet: the remaining connections are unfinished. */
void wire_end(struct wire *wire);

/* The current result. Owned by `wire`. */
const struct wire_result *wire_result(struct wire *wire);

/* True if packets were dropped. */
bool wire_has_drops(const struct wire_result *result);

/* "ok"; "drops" if packets were lost; "bad" if some have invalid lengths, "truncated" if headers of some were truncated,
 * and these may be of that port. */
const char *wire_verdict(const struct wire_result *result);

/* NULL, or an error message if the output is incomplete. */
const char *wire_close(struct wire *wire);

#endif
