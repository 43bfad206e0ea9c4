/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FLOWS_H
#define WAKEONE_FLOWS_H

/*
 * Tracks TCP connections to one port, from packets in capture order.
 *
 *      client                      server
 *        | ---- SYN ----------------> |    t0
 *        | <------------- SYN/ACK --- |    t1   synack     = t1 - t0
 *        | ---- ACK ----------------> |    t2   handshake  = t2 - t1
 *        | ---- request (last byte) > |    t3
 *        | <---- response (first) --- |    t4   wait       = t4 - t3: wakeup, accept, work
 *        |                            |         first_byte = t4 - t0, of the first response
 *        | <---- response (last) ---- |    t5   response   = t5 - t4
 *        | ---- FIN, FIN ------------ |    t6   close      = second FIN - first FIN
 *
 * wait and response exist for each exchange: a keep-alive connection has several. Times are those of the first copy of the
 * bytes: a retransmission only changes its counter. A request with missing bytes has no wait, a response with missing bytes
 * no duration, and one without its first bytes neither of them, and no first byte: gaps are known from sequence and
 * acknowledgment numbers. A FIN is not counted as a byte. Data in a SYN (RFC 7413) is a request. A reset ends a response.
 * Packets after the end of a connection count in the totals only.
 *
 * Memory is bounded: beyond `most` connections the longest idle one is given up, and counted.
 */

#include "packet.h"

#include <stdint.h>

enum flow_interval {
    FLOW_SYNACK,
    FLOW_HANDSHAKE,
    FLOW_WAIT,
    FLOW_FIRST_BYTE,
    FLOW_RESPONSE,
    FLOW_CLOSE,
    FLOW_INTERVALS,
};

extern const char *const flow_interval_names[FLOW_INTERVALS];

enum flow_count {
    FLOW_SYN_RETRANSMITTED, /* typical of a full backlog */
    FLOW_RETRANSMITTED,     /* repeated bytes, SYN/ACK or FIN */
    FLOW_OUT_OF_ORDER,      /* bytes after a gap, or filling one */
    FLOW_RESETS,            /* RST, from either side */
    FLOW_COUNTS,
};

extern const char *const flow_count_names[FLOW_COUNTS];

/* The observed part of a connection. */
enum flow_sight {
    FLOW_WHOLE,      /* from SYN to both FINs, or RST */
    FLOW_UNFINISHED, /* end not captured: given up, or open at the end of the capture */
    FLOW_HALF_OPEN,  /* never more than SYN, or SYN and SYN/ACK */
    FLOW_PARTIAL,    /* SYN not captured: it began before */
    FLOW_SIGHTS,
};

extern const char *const flow_sight_names[FLOW_SIGHTS];

#define FLOW_NOT_SEEN UINT64_MAX

/* A completed connection. Intervals in ns, FLOW_NOT_SEEN if an end of one was not captured; wait and response are those of
 * the first exchange. */
struct flow_summary {
    struct endpoint client, server;
    uint64_t begin_ns; /* time of the first packet */
    uint64_t intervals[FLOW_INTERVALS];
    uint32_t counts[FLOW_COUNTS];
    uint32_t exchanges;
    enum flow_sight sight;
};

struct flows_options {
    uint16_t port;      /* of the servers */
    unsigned long most; /* connections at a time, at least 1 */
    uint64_t idle_ns;   /* idle timeout */

    /* Both may be NULL. Called for each interval with its end time, and for each completed connection. */
    void (*interval)(void *context, enum flow_interval interval, uint64_t ns, uint64_t end_ns);
    void *interval_context;
    void (*over)(void *context, const struct flow_summary *summary);
    void *over_context;
};

struct flows_totals {
    uint64_t sights[FLOW_SIGHTS]; /* completed connections, by observed part */
    uint64_t counts[FLOW_COUNTS];
    uint64_t exchanges;
    uint64_t given_up;   /* connections given up: idle timeout, or limit exceeded */
    uint64_t seen_twice; /* second copies of packets on loopback */
    uint64_t others;     /* packets of other ports */
};

struct flows;

/* NULL if out of memory. */
struct flows *flows_open(const struct flows_options *options);
void flows_close(struct flows *flows);

void flows_packet(struct flows *flows, const struct packet *packet);

/* To be called after the last packet: completes the open connections. */
void flows_end(struct flows *flows);

const struct flows_totals *flows_totals(const struct flows *flows);

/* The number of open connections, and their memory in bytes, including tables. */
unsigned long flows_open_count(const struct flows *flows);
unsigned long flows_memory(const struct flows *flows);

#endif
