#ifndef WAKEONE_FLOWS_H
#define WAKEONE_FLOWS_H

/*
 * TCP connections to one port, from their packets in the order in which they were captured.
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
 * wait and response are of each exchange: a connection that is kept has several. Times are those of the
 * first sight of bytes: a retransmission changes nothing but its counter. A request of which bytes were not
 * seen has no wait, a response of which bytes were not seen no duration, and one whose first bytes were not
 * seen neither of them, and no first byte: sequence numbers and acknowledgments say what is missing. A FIN is
 * no byte. What a SYN brings (RFC 7413) is a request. A reset ends a response where it is.
 * What comes after a connection's end counts in the totals only.
 *
 * Memory is bounded: beyond `most` connections the one that was silent longest is given up, and counted.
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
    FLOW_SYN_RETRANSMITTED, /* a full backlog looks like this */
    FLOW_RETRANSMITTED,     /* bytes, or a SYN/ACK or FIN, that were seen before */
    FLOW_OUT_OF_ORDER,      /* bytes before which some are missing, or that fill such a gap */
    FLOW_RESETS,            /* RST, from either side */
    FLOW_COUNTS,
};

extern const char *const flow_count_names[FLOW_COUNTS];

/* How much of a connection was seen. */
enum flow_sight {
    FLOW_WHOLE,      /* from SYN to both FINs, or RST */
    FLOW_UNFINISHED, /* its end was not seen: given up, or there when the capture ended */
    FLOW_HALF_OPEN,  /* never more than SYN, or SYN and SYN/ACK */
    FLOW_PARTIAL,    /* its SYN was not seen: it began before */
    FLOW_SIGHTS,
};

extern const char *const flow_sight_names[FLOW_SIGHTS];

#define FLOW_NOT_SEEN UINT64_MAX

/* A connection when it is over. Intervals in ns, FLOW_NOT_SEEN where an end of one was not seen; wait and
 * response are those of the first exchange. */
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
    uint64_t idle_ns;   /* silent so long: given up */

    /* Both may be NULL. An interval when it is known, with the time of its end; a connection when it is
     * over. */
    void (*interval)(void *context, enum flow_interval interval, uint64_t ns, uint64_t end_ns);
    void *interval_context;
    void (*over)(void *context, const struct flow_summary *summary);
    void *over_context;
};

struct flows_totals {
    uint64_t sights[FLOW_SIGHTS]; /* connections that are over, by how much of them was seen */
    uint64_t counts[FLOW_COUNTS];
    uint64_t exchanges;
    uint64_t given_up; /* of the connections: silent too long, or one too many */
    uint64_t
        seen_twice;  /* packets that were captured a second time on their way through loopback */
    uint64_t others; /* packets of other ports */
};

struct flows;

/* NULL if memory is out. */
struct flows *flows_open(const struct flows_options *options);
void flows_close(struct flows *flows);

void flows_packet(struct flows *flows, const struct packet *packet);

/* No more packets: what is left is over. */
void flows_end(struct flows *flows);

const struct flows_totals *flows_totals(const struct flows *flows);

/* Connections that are not over yet, and the bytes they take, tables included. */
unsigned long flows_open_count(const struct flows *flows);
unsigned long flows_memory(const struct flows *flows);

#endif
