/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PACKET_H
#define WAKEONE_PACKET_H

/*
 * Parses the TCP segment in a captured frame. Bytes from the wire or a file are not trusted: nothing beyond the captured
 * bytes is read, and anything but TCP over IP is reported as such.
 *
 * Link types: Ethernet, loopback (NULL and LOOP), raw IP, Linux cooked v1 and v2, PPP (also HDLC framing,
 * Cisco HDLC, PPPoE), IEEE 802.11 (also with a radiotap header), NFLOG, PFLOG, ENC. Between them and TCP:
 * VLAN and other tags, LLC with SNAP, PPPoE, MPLS, PBB; IPv4 with options and IPv6 with extension headers
 * and authentication, nested in each other; GRE, ERSPAN, PPTP, EtherIP, VXLAN, VXLAN-GPE, Geneve, GTP-U, L2TP, Teredo,
 * MPLS in UDP. Packets with encrypted content (ESP, MACsec, ...), and undecoded ones, are counted by kind (enum
 * packet_cover).
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

/* Encapsulations that may contain TCP and are not decoded. */
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

/* "ESP"; printed after "packets in". */
extern const char *const packet_cover_names[PACKET_COVERS];

struct packet {
    uint64_t time_ns; /* since 1970; set by the caller */
    struct endpoint from, to;
    uint32_t seq, ack; /* as in the header */
    uint32_t length;   /* of the payload, by the IP header, including bytes not captured */
    uint8_t flags;
    uint32_t print;          /* hash of the headers, to detect a second copy of the packet */
    enum packet_cover cover; /* set for PACKET_COVERED */
};

enum packet_verdict {
    PACKET_TCP,
    PACKET_OTHER,     /* not TCP over IP: ARP, UDP, ... */
    PACKET_TRUNCATED, /* the TCP header's fields were not captured */
    PACKET_BAD,       /* invalid lengths */
    PACKET_COVERED,   /* not decoded: see enum packet_cover */
    PACKET_VERDICTS,
};

/* True if frames of this link type (a DLT_ number of libpcap) can be read. */
bool packet_knows_link(int link_type);

/* Parses the first `captured` bytes of a frame of `length` bytes. The lengths in the IP header take precedence; a length of
 * 0, as left by segmentation offload, means up to the end of the frame. For PACKET_TRUNCATED and PACKET_BAD, ports are set
 * if they were captured, otherwise 0. */
enum packet_verdict packet_read(struct packet *packet, int link_type, const uint8_t *frame,
                                size_t captured, size_t length);

#endif
