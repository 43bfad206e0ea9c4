#ifndef WAKEONE_PACKET_H
#define WAKEONE_PACKET_H

/*
 * From the bytes of a captured frame to what matters of a TCP segment. Bytes from the wire or a file are
 * not trusted: nothing is read beyond what was captured, and whatever is not TCP over IP says so.
 *
 * Link types: Ethernet, loopback (NULL and LOOP), raw IP, Linux cooked v1 and v2, PPP (also HDLC framing,
 * Cisco HDLC, PPPoE), IEEE 802.11 (also with a radiotap header), NFLOG, PFLOG, ENC. Between them and TCP:
 * VLAN and other tags, LLC with SNAP, PPPoE, MPLS, PBB; IPv4 with options and IPv6 with extension headers
 * and authentication, in each other too; GRE, ERSPAN, PPTP, EtherIP, VXLAN, VXLAN-GPE, Geneve, GTP-U,
 * L2TP, Teredo, MPLS in UDP. What hides its content (ESP, MACsec, ...), and what is not decoded, is
 * counted by its kind (enum packet_cover).
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

/* What TCP may be inside of, and is not looked into. */
enum packet_cover {
    COVER_FRAGMENT,
    COVER_ESP,
    COVER_GRE,
    COVER_IPCOMP,
    COVER_L2TP,
    COVER_LAYERS,
    COVER_MACSEC,
    COVER_MPLS,
    COVER_NSH,
    COVER_PPP,
    COVER_TRILL,
    COVER_WIFI,
    PACKET_COVERS,
};

/* "ESP"; they follow "packets in". */
extern const char *const packet_cover_names[PACKET_COVERS];

struct packet {
    uint64_t time_ns; /* since 1970; the caller's to set */
    struct endpoint from, to;
    uint32_t seq, ack; /* of the sequence space, as they stand there */
    uint32_t length;   /* of the payload, by the IP header: also what was not captured */
    uint8_t flags;
    uint32_t print;          /* of the headers, to know the same packet when it is seen twice */
    enum packet_cover cover; /* of PACKET_COVERED */
};

enum packet_verdict {
    PACKET_TCP,
    PACKET_OTHER,     /* not TCP over IP: ARP, UDP, ... */
    PACKET_TRUNCATED, /* the TCP header's fields were not captured */
    PACKET_BAD,       /* lengths that cannot be */
    PACKET_COVERED,   /* not looked into: see enum packet_cover */
    PACKET_VERDICTS,
};

/* True if frames of this link type (a DLT_ number of libpcap) can be read. */
bool packet_knows_link(int link_type);

/* The first `captured` bytes of a frame of `length` bytes. Lengths that IP says count first; a length of 0,
 * as segmentation offload leaves it, is "to the frame's end". Of PACKET_TRUNCATED and PACKET_BAD ports are
 * set if they were there, and else 0. */
enum packet_verdict packet_read(struct packet *packet, int link_type, const uint8_t *frame,
                                size_t captured, size_t length);

#endif
