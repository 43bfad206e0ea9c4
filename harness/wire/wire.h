#ifndef WAKEONE_WIRE_H
#define WAKEONE_WIRE_H

/* Latency as the network saw it, as a library: packets in, histograms of intervals out. */

#include "capture.h"
#include "flows.h"
#include "harness/lib/histogram.h"

struct wire_options {
    struct capture_options capture;
    unsigned long most; /* connections at a time */
    uint64_t idle_ns;   /* silent so long: given up */

    /* Each connection when it is over; may be NULL. */
    void (*over)(void *context, const struct flow_summary *summary);
    void *context;
};

struct wire_result {
    struct histogram intervals[FLOW_INTERVALS]; /* ns; those that ended in the window */
    struct flows_totals totals;
    unsigned long open; /* connections that are not over */
    uint64_t packets[PACKET_VERDICTS];
    uint64_t covered[PACKET_COVERS]; /* packets that were not looked into */
    struct capture_stats capture;
    uint64_t first_ns, last_ns; /* times of the first and the last packet of that port; 0 = none */
};

struct wire;

/* NULL, with *why one line; *is_usage if the words were wrong. */
struct wire *wire_open(const struct wire_options *options, const char **why, bool *is_usage);

/* Only intervals that end from `begin_ns` to `end_ns` (since 1970) count from now on; may be called by
 * another thread. Without it all do. */
void wire_window(struct wire *wire, uint64_t begin_ns, uint64_t end_ns);

/* Takes what is there. 1 = there may be more, 0 = the file has ended, -1 = error, see wire_error(). */
int wire_read(struct wire *wire);
const char *wire_error(const struct wire *wire);

/* Live: takes what has come until now, and nothing later. False = error. */
bool wire_drain(struct wire *wire);

/* No more packets: connections that are left are over, unfinished. */
void wire_end(struct wire *wire);

/* As of now. Owned by `wire`. */
const struct wire_result *wire_result(struct wire *wire);

/* Packets were there and not read. */
bool wire_has_drops(const struct wire_result *result);

/* "ok"; "drops" if packets were lost; "bad" if lengths in some are wrong, "truncated" if headers of some were cut
 * off, and they may be of that port. */
const char *wire_verdict(const struct wire_result *result);

/* NULL, or why not all that was to be kept is written. */
const char *wire_close(struct wire *wire);

#endif
