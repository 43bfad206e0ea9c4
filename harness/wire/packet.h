#ifndef WAKEONE_PACKET_H
#define WAKEONE_PACKET_H

/*
 * From the bytes of a captured frame to what matters of a TCP segment. Bytes from the wire or a file are
 * not trusted: nothing is read beyond what was captured, and whatever is not TCP over IP says so.
 *
 * Link types: Ethernet (with up to two VLAN tags), loopback (NULL and LOOP), raw IP, Linux cooked v1
 * and v2. IPv4 with options; IPv6 with extension headers (hop-by-hop, routing, destination, first
 * fragment).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct endpoint {
    uint8_t address[16]; /* IPv4 in the mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2) */
    uint16_t port;
};

enum packet_flag {
    PACKET_FIN = 0x01,
    PACKET_SYN = 0x02,
    PACKET_RST = 0x04,
    PACKET_ACK = 0x10,
};

struct packet {
    uint64_t time_ns; /* since 1970; the caller's to set */
    struct endpoint from, to;
    uint32_t seq, ack; /* of the sequence space, as they stand there */
    uint32_t length;   /* of the payload, by the IP header: also what was not captured */
    uint8_t flags;
    uint32_t print; /* of the headers, to know the same packet when it is seen twice */
};

enum packet_verdict {
    PACKET_TCP,
    PACKET_OTHER,     /* not TCP over IP: ARP, UDP, a later fragment, ... */
    PACKET_TRUNCATED, /* the end of the TCP header was not captured */
    PACKET_BAD,       /* lengths that cannot be */
    PACKET_VERDICTS,
};

/* True if frames of this link type (a DLT_ number of libpcap) can be read. */
bool packet_knows_link(int link_type);

/* `captured` bytes of a frame; how long it was is not needed, IP says how long it is. */
enum packet_verdict packet_read(struct packet *packet, int link_type, const uint8_t *frame,
                                size_t captured);

#endif
