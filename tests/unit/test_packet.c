/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames are built layer by layer from a row: a link, an IP header with or without more, a TCP
 * header. Every row is also cut at every length, in memory that ends there.
 */

#include "harness/wire/packet.h"

#include "support.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_SIZE = 2048, CLIENT_PORT = 40001, SERVER_PORT = 8080 };

struct frame {
    uint8_t bytes[FRAME_SIZE];
    size_t length;
};

static void put(struct frame *f, const void *bytes, size_t length)
{
    assert_true(f->length + length <= FRAME_SIZE);
    if (length > 0)
        memcpy(f->bytes + f->length, bytes, length);
    f->length += length;
}

static void put8(struct frame *f, unsigned value)
{
    put(f, &(uint8_t){(uint8_t)value}, 1);
}

static void put16(struct frame *f, unsigned value)
{
    put8(f, value >> 8);
    put8(f, value & 255);
}

static void put32(struct frame *f, uint32_t value)
{
    put16(f, value >> 16);
    put16(f, value & 0xffff);
}

static void put_many(struct frame *f, uint8_t value, size_t number)
{
    while (number--)
        put8(f, value);
}

/* ---- the fields of a row ---- */

enum { TCP = 6, UDP = 17, HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51 };
enum { NO_NEXT = 59, DESTINATION = 60, MORE = 0x2000, DO_NOT = 0x4000 };

/* An extension header: `length` is its length byte, `bytes` what there is (0 = as many). */
struct extension {
    uint8_t kind, length;
    uint16_t fragment; /* offset and flags, as they stand there */
    size_t bytes;
};

/* Where a member is 0 it is as in most packets. */
struct layers {
    int link; /* DLT_ */
    unsigned tags[3];
    unsigned type; /* by Ethernet; by the version */
    int version;   /* 4 */
    unsigned ihl;  /* the field, 5 */
    size_t options;
    unsigned total; /* IPv4: all; IPv6: behind the header. As it is */
    bool is_total_0;
    unsigned identification, fragment;
    uint8_t protocol; /* TCP */
    struct extension extensions[10];
    int extension_count;
    uint32_t seq;         /* 1000 */
    unsigned data_offset; /* the field */
    size_t tcp_options;   /* bytes */
    uint8_t flags;        /* ACK */
    size_t payload, padding;
    const char *shell; /* bytes between the link and IP */
    size_t shell_length;
};

/* ---- links ---- */

static unsigned ether_type(const struct layers *l)
{
    return l->type ? l->type : l->version == 6 ? 0x86dd : 0x0800;
}

/* What comes where the type was to stand: tags, and then the type. */
static void put_type(struct frame *f, const struct layers *l)
{
    for (size_t i = 0; i < COUNT(l->tags) && l->tags[i]; i++) {
        put16(f, l->tags[i]);
        put16(f, 0x6000 + (unsigned)i);
    }
    put16(f, ether_type(l));
}

static void put_cooked2(struct frame *f, const struct layers *l)
{
    put16(f, l->tags[0] ? l->tags[0] : ether_type(l));
    put_many(f, 0x11, 18);
    if (l->tags[0]) {
        put16(f, 0x6000);
        put16(f, ether_type(l));
    }
}

static void put_link(struct frame *f, const struct layers *l)
{
    switch (l->link) {
    case DLT_EN10MB:
        put_many(f, 0x02, 12);
        put_type(f, l);
        break;
    case DLT_NULL:
        put(f, "\2\0\0\0", 4);
        break;
    case DLT_LOOP:
        put32(f, l->version == 6 ? 30 : 2);
        break;
    case DLT_LINUX_SLL:
        put(f, "\0\0\3\4\0\6\0\0\0\0\0\0\0\0", 14);
        put_type(f, l);
        break;
    case DLT_LINUX_SLL2:
        put_cooked2(f, l);
        break;
    }
}

/* ---- IP and TCP ---- */

static unsigned or_else(unsigned value, unsigned other)
{
    return value ? value : other;
}

static size_t tcp_length(const struct layers *l)
{
    return 20 + l->tcp_options + l->payload;
}

static void put_ipv4(struct frame *f, const struct layers *l)
{
    unsigned total = (unsigned)(20 + l->options + tcp_length(l));
    put8(f, 0x40 | or_else(l->ihl, 5 + (unsigned)l->options / 4));
    put8(f, 0);
    put16(f, l->is_total_0 ? 0 : or_else(l->total, total));
    put16(f, or_else(l->identification, 7));
    put16(f, l->fragment);
    put8(f, 64);
    put8(f, or_else(l->protocol, TCP));
    put16(f, 0);
    put(f, "\12\0\0\1\12\0\0\2", 8);
    put_many(f, 1, l->options);
}

static size_t extension_bytes(const struct extension *e)
{
    return e->bytes ? e->bytes : e->kind == FRAGMENT ? 8 : 8 + (size_t)e->length * 8;
}

static uint8_t next_kind(const struct layers *l, int i)
{
    return i < l->extension_count ? l->extensions[i].kind : (uint8_t)or_else(l->protocol, TCP);
}

static void put_extensions(struct frame *f, const struct layers *l)
{
    for (int i = 0; i < l->extension_count; i++) {
        const struct extension *e = &l->extensions[i];
        size_t begin = f->length;
        put8(f, next_kind(l, i + 1));
        put8(f, e->length);
        put16(f, e->fragment);
        put_many(f, 0x33, extension_bytes(e) - (f->length - begin));
    }
}

static void put_ipv6(struct frame *f, const struct layers *l)
{
    size_t length = tcp_length(l);
    for (int i = 0; i < l->extension_count; i++)
        length += extension_bytes(&l->extensions[i]);
    put32(f, 0x60012345);
    put16(f, l->is_total_0 ? 0 : or_else(l->total, (unsigned)length));
    put8(f, next_kind(l, 0));
    put8(f, 64);
    put(f, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    put(f, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2", 16);
    put_extensions(f, l);
}

static void put_tcp(struct frame *f, const struct layers *l)
{
    put16(f, CLIENT_PORT);
    put16(f, SERVER_PORT);
    put32(f, l->seq ? l->seq : 1000);
    put32(f, 2000);
    put8(f, or_else(l->data_offset, 5 + (unsigned)l->tcp_options / 4) << 4);
    put8(f, or_else(l->flags, PACKET_ACK));
    put16(f, 512);
    put32(f, 0xabcd0000);
    put_many(f, 1, l->tcp_options);
}

/* Sets *headers to where the TCP header ends, but for its options. */
static struct frame build(const struct layers *l, size_t *headers)
{
    struct frame f = {.length = 0};
    put_link(&f, l);
    put(&f, l->shell, l->shell_length);
    if (l->version == 6)
        put_ipv6(&f, l);
    else
        put_ipv4(&f, l);
    put_tcp(&f, l);
    *headers = f.length - l->tcp_options;
    put_many(&f, 'x', l->payload);
    put_many(&f, 0, l->padding);
    return f;
}

static enum packet_verdict read_cut(struct packet *p, int link, const struct frame *f,
                                    size_t length)
{
    char *copy = exact_copy((const char *)f->bytes, length);
    memset(p, 0xa5, sizeof *p);
    enum packet_verdict verdict = packet_read(p, link, length ? (const uint8_t *)copy : NULL,
                                              length, f->length);
    free(copy);
    return verdict;
}

static enum packet_verdict read_layers(struct packet *p, const struct layers *l)
{
    size_t headers;
    struct frame f = build(l, &headers);
    return read_cut(p, l->link, &f, f.length);
}

/* ---- good frames ---- */

struct good {
    const char *name;
    struct layers layers;
};

#define EN                 .link = DLT_EN10MB
#define V6                 .version = 6
#define SHELL(TYPE, BYTES) .type = (TYPE), .shell = (BYTES), .shell_length = sizeof(BYTES) - 1

/* Headers of tunnels. Lengths of 0 are "to the frame's end". */
#define OUTER(PROTOCOL)  "\x45\0\0\0\0\1\0\0\x40" PROTOCOL "\0\0\x0a\1\0\1\x0a\1\0\2"
#define OUTER6(PROTOCOL) "\x60\0\0\0\0\0" PROTOCOL "\x40ssssssssssssssssdddddddddddddddd"
#define TO(PORT)         "\xc0\0" PORT "\0\0\0\0"
#define ETHERNET(TYPE)   "ddddddssssss" TYPE
#define ETHERNET_IP      ETHERNET("\x08\0")
#define ETHERNET_IP6     ETHERNET("\x86\xdd")
#define SNAP_IP          "\xaa\xaa\3\0\0\0\x08\0"
#define WIFI_ADDRESSES   "dd111111222222333333ss"
#define PADDING_60       "************************************************************"
#define LABELS_5         "\0\1\0\x40\0\1\0\x40\0\1\0\x40\0\1\0\x40\0\1\0\x40"
#define LABELS_30        LABELS_5 LABELS_5 LABELS_5 LABELS_5 LABELS_5 LABELS_5
#define CHAIN(...)                             \
    .version = 6, .extensions = {__VA_ARGS__}, \
    .extension_count = (int)(sizeof((struct extension[]){__VA_ARGS__}) / sizeof(struct extension))

static const struct good good_frames[] = {
    {"Ethernet", {EN, .payload = 100}},
    {"Ethernet, IPv6", {EN, V6, .payload = 100}},
    {"Ethernet, one tag", {EN, .tags = {0x8100}, .payload = 100}},
    {"Ethernet, one tag, IPv6", {EN, V6, .tags = {0x8100}, .payload = 1}},
    {"Ethernet, two tags", {EN, .tags = {0x88a8, 0x8100}, .payload = 100}},
    {"Ethernet, two tags of the same kind", {EN, .tags = {0x8100, 0x8100}, .payload = 100}},
    {"Ethernet, two tags, IPv6", {EN, V6, .tags = {0x88a8, 0x8100}, .payload = 100}},
    {"NULL", {.link = DLT_NULL, .payload = 100}},
    {"NULL, IPv6", {.link = DLT_NULL, V6, .payload = 100}},
    {"LOOP", {.link = DLT_LOOP, .payload = 100}},
    {"LOOP, IPv6", {.link = DLT_LOOP, V6, .payload = 100}},
    {"RAW", {.link = DLT_RAW, .payload = 100}},
    {"RAW, IPv6", {.link = DLT_RAW, V6, .payload = 100}},
    {"IPV4", {.link = DLT_IPV4, .payload = 100}},
    {"IPV6", {.link = DLT_IPV6, V6, .payload = 100}},
    {"cooked", {.link = DLT_LINUX_SLL, .payload = 100}},
    {"cooked, IPv6", {.link = DLT_LINUX_SLL, V6, .payload = 100}},
    {"cooked, a tag", {.link = DLT_LINUX_SLL, .tags = {0x8100}, .payload = 100}},
    {"cooked v2", {.link = DLT_LINUX_SLL2, .payload = 100}},
    {"cooked v2, IPv6", {.link = DLT_LINUX_SLL2, V6, .payload = 100}},
    {"cooked v2, a tag", {.link = DLT_LINUX_SLL2, .tags = {0x8100}, .payload = 100}},
    {"no payload", {EN}},
    {"Ethernet padding is no payload", {EN, .padding = 6}},
    {"Ethernet padding is no payload, IPv6", {EN, V6, .payload = 3, .padding = 6}},
    {"IPv4 options", {EN, .options = 4, .payload = 10}},
    {"all IPv4 options", {EN, .options = 40, .payload = 10}},
    {"IPv4, do not fragment", {EN, .fragment = DO_NOT, .payload = 10}},
    {"IPv4, first fragment", {EN, .fragment = MORE, .payload = 10}},
    {"TCP options", {EN, .tcp_options = 12, .payload = 10}},
    {"TCP options without payload", {EN, .tcp_options = 12}},
    {"all TCP options", {EN, .tcp_options = 40, .payload = 10}},
    {"all options", {EN, .options = 40, .tcp_options = 40, .payload = 10}},
    {"all flags", {EN, .flags = 255, .payload = 10}},
    {"SYN", {EN, .flags = PACKET_SYN, .tcp_options = 20}},
    {"a large number", {EN, .seq = UINT32_MAX, .payload = 10}},
    {"hop-by-hop", {EN, CHAIN({HOP_BY_HOP}), .payload = 10}},
    {"routing", {EN, CHAIN({ROUTING, 2}), .payload = 10}},
    {"destination", {EN, CHAIN({DESTINATION, 1}), .payload = 10}},
    {"first fragment", {EN, CHAIN({FRAGMENT, .fragment = 1}), .payload = 10}},
    {"a fragment that is all", {EN, CHAIN({FRAGMENT}), .payload = 10}},
    {"the reserved byte of a fragment is no length", {EN, CHAIN({FRAGMENT, 255}), .payload = 10}},
    {"hop-by-hop, destination, routing, fragment, destination",
     {EN, CHAIN({HOP_BY_HOP}, {DESTINATION}, {ROUTING, 2}, {FRAGMENT}, {DESTINATION, 3}),
      .payload = 10, .tcp_options = 12}},
    {"eight extensions",
     {EN,
      CHAIN({DESTINATION}, {DESTINATION}, {DESTINATION}, {DESTINATION}, {DESTINATION},
            {DESTINATION}, {DESTINATION}, {DESTINATION}),
      .payload = 10}},
    {"total 0, as segmentation offload leaves it", {EN, .is_total_0 = true, .payload = 1800}},
    {"total 0, IPv6", {EN, V6, .is_total_0 = true, .payload = 1800}},
    {"total 0, a tag and options",
     {EN, .tags = {0x8100}, .is_total_0 = true, .options = 8, .tcp_options = 12, .payload = 10}},
    {"authentication", {EN, CHAIN({AUTHENTICATION, 4, 0, 24}), .payload = 10}},
    {"three tags", {EN, .tags = {0x88a8, 0x8100, 0x8100}, .payload = 10}},
    {"tags of other kinds", {EN, .tags = {0x9100, 0x9200}, .payload = 10}},
    {"nine extensions",
     {EN,
      CHAIN({DESTINATION}, {DESTINATION}, {DESTINATION}, {DESTINATION}, {DESTINATION},
            {DESTINATION}, {DESTINATION}, {DESTINATION}, {DESTINATION}),
      .payload = 10}},
    {"LLC with SNAP", {EN, SHELL(60, "\xaa\xaa\3\0\0\0\x08\0"), .payload = 10}},
    {"LLC with SNAP, bridged, IPv6",
     {EN, V6, SHELL(60, "\xaa\xaa\3\0\0\xf8\x86\xdd"), .payload = 1}},
    {"LLC without SNAP", {EN, SHELL(60, "\6\6\3"), .payload = 10}},
    {"LLC with SNAP, cooked", {.link = DLT_LINUX_SLL, SHELL(4, "\xaa\xaa\3\0\0\0\x08\0")}},
    {"LLC with SNAP, a tag behind",
     {EN, SHELL(60, "\xaa\xaa\3\0\0\0\x81\0\0\5\x08\0"), .payload = 10}},
    {"PPPoE", {EN, SHELL(0x8864, "\x11\0\0\1\0\0\0\x21"), .payload = 10}},
    {"PPPoE, IPv6", {EN, V6, SHELL(0x8864, "\x11\0\0\1\0\0\0\x57"), .payload = 10}},
    {"PPPoE, the short form of PPP", {EN, SHELL(0x8864, "\x11\0\0\1\0\0\x21"), .payload = 10}},
    {"PPPoE behind a tag", {EN, .tags = {0x8100}, SHELL(0x8864, "\x11\0\0\1\0\0\0\x21")}},
    {"MPLS", {EN, SHELL(0x8847, "\0\1\1\x40"), .payload = 10}},
    {"MPLS, three labels, IPv6", {EN, V6, SHELL(0x8847, "\0\1\0\x40\0\2\0\x40\0\3\1\x40")}},
    {"MPLS, an explicit null label", {EN, SHELL(0x8848, "\0\0\1\x40"), .payload = 10}},
    {"MPLS, Ethernet", {EN, SHELL(0x8847, "\0\1\1\x40\0\0\0\0" ETHERNET_IP), .payload = 10}},
    {"PBB", {EN, SHELL(0x88e7, "\0\0\0\1" ETHERNET_IP), .payload = 10}},
    {"HSR", {EN, SHELL(0x892f, "\0\x40\0\1\x08\0"), .payload = 10}},
    {"R-TAG", {EN, SHELL(0xf1c1, "\0\0\0\1\x08\0"), .payload = 10}},
    {"Ethernet in Ethernet", {EN, SHELL(0x6558, ETHERNET_IP), .payload = 10}},
    {"IPv4 in IPv4", {EN, SHELL(0x0800, OUTER("\4")), .payload = 10}},
    {"IPv6 in IPv4", {EN, V6, SHELL(0x0800, OUTER("\x29")), .payload = 10}},
    {"IPv4 in IPv6", {EN, SHELL(0x86dd, OUTER6("\4")), .payload = 10}},
    {"IPv6 in IPv6, total 0", {EN, V6, SHELL(0x86dd, OUTER6("\x29")), .is_total_0 = true}},
    {"EtherIP", {EN, SHELL(0x0800, OUTER("\x61") "\x30\0" ETHERNET_IP), .payload = 10}},
    {"Ethernet in IPv6", {EN, SHELL(0x86dd, OUTER6("\x8f") ETHERNET_IP), .payload = 10}},
    {"MPLS in IP", {EN, SHELL(0x0800, OUTER("\x89") "\0\1\1\x40"), .payload = 10}},
    {"authentication in IPv4",
     {EN, SHELL(0x0800, OUTER("\x33") "\4\4\0\0\0\0\0\1\0\0\0\2************"), .payload = 10}},
    {"GRE", {EN, SHELL(0x0800, OUTER("\x2f") "\0\0\x08\0"), .payload = 10}},
    {"GRE, checksum, key and number, IPv6",
     {EN, V6,
      SHELL(0x0800, OUTER("\x2f") "\xb0\0\x86\xdd"
                                  "cccckkkkssss"),
      .payload = 10}},
    {"GRE, Ethernet", {EN, SHELL(0x0800, OUTER("\x2f") "\x20\0\x65\x58kkkk" ETHERNET_IP)}},
    {"GRE, MPLS", {EN, SHELL(0x0800, OUTER("\x2f") "\0\0\x88\x47\0\1\1\x40"), .payload = 10}},
    {"GRE, PPP", {EN, SHELL(0x0800, OUTER("\x2f") "\x30\x81\x88\x0b\0\1\0\2ssssaaaa\xff\3\0\x21")}},
    {"ERSPAN I", {EN, SHELL(0x0800, OUTER("\x2f") "\0\0\x88\xbe" ETHERNET_IP), .payload = 10}},
    {"ERSPAN II",
     {EN, SHELL(0x0800, OUTER("\x2f") "\x10\0\x88\xbessss\x10\1\0\1\0\0\0\0" ETHERNET_IP)}},
    {"ERSPAN III",
     {EN, SHELL(0x0800, OUTER("\x2f") "\x10\0\x22\xebssss\x20\1\0\1tttt\0\0\0\0" ETHERNET_IP)}},
    {"ERSPAN III, with the platform's header",
     {EN,
      SHELL(0x0800, OUTER("\x2f") "\x10\0\x22\xebssss\x20\1\0\1tttt\0\0\0\1pppppppp" ETHERNET_IP)}},
    {"VXLAN",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x12\xb5") "\x08\0\0\0\0\0\1\0" ETHERNET_IP),
      .payload = 10}},
    {"VXLAN, Linux's own port, IPv6",
     {EN, V6, SHELL(0x86dd, OUTER6("\x11") TO("\x21\x18") "\x08\0\0\0\0\0\1\0" ETHERNET_IP6),
      .payload = 10}},
    {"VXLAN, segmentation offload",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x12\xb5") "\x08\0\0\0\0\0\1\0" ETHERNET_IP),
      .is_total_0 = true, .payload = 1700}},
    {"VXLAN-GPE, IPv4", {EN, SHELL(0x0800, OUTER("\x11") TO("\x12\xb6") "\x0c\0\0\1\0\0\1\0")}},
    {"VXLAN-GPE, Ethernet",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x12\xb6") "\x0c\0\0\3\0\0\1\0" ETHERNET_IP)}},
    {"Geneve",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x17\xc1") "\2\0\x65\x58\0\0\1\0oooooooo" ETHERNET_IP)}},
    {"Geneve, IPv6", {EN, V6, SHELL(0x0800, OUTER("\x11") TO("\x17\xc1") "\0\0\x86\xdd\0\0\1\0")}},
    {"GTP-U", {EN, SHELL(0x0800, OUTER("\x11") TO("\x08\x68") "\x30\xff\0\0tttt"), .payload = 10}},
    {"GTP-U, with extensions",
     {EN, V6,
      SHELL(0x0800, OUTER("\x11") TO("\x08\x68") "\x34\xff\0\0ttttssn\x85\1xx\x85\2xxxxxx\0"),
      .payload = 10}},
    {"L2TP",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x06\xa5") "\0\2\0\1\0\2\xff\3\0\x21"), .payload = 10}},
    {"L2TP, length, numbers and offset",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x06\xa5") "\x4a\2ll\0\1\0\2ssrr\0\2oo\0\x21"),
      .payload = 10}},
    {"Teredo", {EN, V6, SHELL(0x0800, OUTER("\x11") TO("\x0d\xd8")), .payload = 10}},
    {"Teredo, authentication and origin",
     {EN, V6, SHELL(0x0800, OUTER("\x11") TO("\x0d\xd8") "\0\1\0\0nnnnnnnnc\0\0ppaaaa"),
      .payload = 10}},
    {"MPLS in UDP", {EN, SHELL(0x0800, OUTER("\x11") TO("\x19\xeb") "\0\1\1\x40"), .payload = 10}},
    {"a tunnel in a tunnel in a tunnel",
     {EN,
      SHELL(0x0800, OUTER("\x11") TO("\x12\xb5") "\x08\0\0\0\0\0\1\0" ETHERNET("\x08\0")
                        OUTER("\x2f") "\0\0\x86\xdd" OUTER6("\4")),
      .payload = 10}},
    {"PPP", {.link = DLT_PPP, SHELL(0, "\xff\3\0\x21"), .payload = 10}},
    {"PPP, short forms", {.link = DLT_PPP, SHELL(0, "\x21"), .payload = 10}},
    {"PPP over serial", {.link = DLT_PPP_SERIAL, SHELL(0, "\xff\3\0\x21"), .payload = 10}},
    {"PPP of pppd, incoming", {.link = DLT_PPP_PPPD, SHELL(0, "\0\3\0\x21"), .payload = 10}},
    {"PPPoE alone", {.link = DLT_PPP_ETHER, SHELL(0, "\x11\0\0\1\0\0\0\x21"), .payload = 10}},
    {"Cisco HDLC", {.link = DLT_C_HDLC, SHELL(0, "\x0f\0\x08\0"), .payload = 10}},
    {"Cisco HDLC, PPP", {.link = DLT_C_HDLC, SHELL(0, "\xff\3\0\x21"), .payload = 10}},
    {"MPLS alone", {.link = DLT_MPLS, SHELL(0, "\0\1\1\x40"), .payload = 10}},
    {"ATM", {.link = DLT_ATM_RFC1483, SHELL(0, "\xaa\xaa\3\0\0\0\x08\0"), .payload = 10}},
    {"ENC", {.link = DLT_ENC, SHELL(0, "\2\0\0\0iiiiffff"), .payload = 10}},
    {"PFLOG", {.link = DLT_PFLOG, SHELL(0, "\x3d\2\0\0" PADDING_60), .payload = 10}},
    {"Wi-Fi", {.link = DLT_IEEE802_11, SHELL(0, "\x08\1" WIFI_ADDRESSES SNAP_IP), .payload = 10}},
    {"Wi-Fi, QoS",
     {.link = DLT_IEEE802_11, SHELL(0, "\x88\2" WIFI_ADDRESSES "\0\0" SNAP_IP), .payload = 10}},
    {"Wi-Fi, four addresses, QoS and HT control",
     {.link = DLT_IEEE802_11,
      SHELL(0, "\x88\x83" WIFI_ADDRESSES "444444\0\0hhhh" SNAP_IP),
      .payload = 10}},
    {"Wi-Fi, radiotap",
     {.link = DLT_IEEE802_11_RADIO,
      SHELL(0, "\0\0\x0c\0\0\0\0\0xxxx\x08\1" WIFI_ADDRESSES SNAP_IP),
      .payload = 10}},
    {"the longest payload", {EN, .total = 65535}},
    {"the longest payload, IPv6", {EN, V6, .total = 65535}},
};

/* What should be there, captured or not. */
static uint32_t said_payload(const struct layers *l)
{
    if (!l->total)
        return (uint32_t)l->payload;
    return (uint32_t)(l->total - 20 - (l->version == 6 ? 0 : 20));
}

static void check_address(const struct endpoint *e, const struct layers *l, uint8_t last)
{
    static const uint8_t v4[16] = {[10] = 0xff, [11] = 0xff, [12] = 10}, v6[16] = {0xfd};
    assert_memory_equal(e->address, l->version == 6 ? v6 : v4, 15);
    assert_int_equal(e->address[15], last);
}

static void check_fields(const struct packet *p, const struct layers *l)
{
    check_address(&p->from, l, 1);
    check_address(&p->to, l, 2);
    assert_int_equal(p->from.port, CLIENT_PORT);
    assert_int_equal(p->to.port, SERVER_PORT);
    assert_int_equal(p->seq, l->seq ? l->seq : 1000);
    assert_int_equal(p->ack, 2000);
    assert_int_equal(p->flags, or_else(l->flags, PACKET_ACK));
    assert_int_equal(p->length, said_payload(l));
    assert_int_equal(p->time_ns, 0);
}

TEST(good)
{
    const struct good *row = *state;
    struct packet p;
    assert_true(packet_knows_link(row->layers.link));
    assert_int_equal(read_layers(&p, &row->layers), PACKET_TCP);
    check_fields(&p, &row->layers);
}

TEST(headers_are_enough)
{
    const struct good *row = *state;
    struct packet p, whole;
    size_t headers;
    struct frame f = build(&row->layers, &headers);
    assert_int_equal(read_cut(&whole, row->layers.link, &f, f.length), PACKET_TCP);
    for (size_t length = headers; length < f.length; length++) {
        assert_int_equal(read_cut(&p, row->layers.link, &f, length), PACKET_TCP);
        if (length < headers + row->layers.tcp_options)
            p.print = whole.print;
        assert_memory_equal(&p, &whole, sizeof p);
    }
}

/* Nothing is called TCP, or anything else, before it is all there. */
TEST(cut)
{
    const struct good *row = *state;
    struct packet p;
    size_t headers;
    struct frame f = build(&row->layers, &headers);
    for (size_t length = 0; length < headers; length++) {
        enum packet_verdict verdict = read_cut(&p, row->layers.link, &f, length);
        if (verdict != PACKET_TRUNCATED)
            fail_msg("%zu of %zu bytes: verdict %d", length, headers, verdict);
    }
}

/* ---- other frames ---- */

struct other {
    const char *name;
    struct layers layers;
    enum packet_verdict verdict;
    enum packet_cover cover;
};

static const struct other other_frames[] = {
    {"IHL 1", {EN, .ihl = 1}, PACKET_BAD},
    {"IHL 4", {EN, .ihl = 4}, PACKET_BAD},
    {"IHL 15, total 40", {EN, .ihl = 15, .payload = 60, .total = 40}, PACKET_BAD},
    {"total 0, IHL 4", {EN, .is_total_0 = true, .ihl = 4}, PACKET_BAD},
    {"total 0, data offset beyond the end", {EN, .is_total_0 = true, .data_offset = 8}, PACKET_BAD},
    {"an IPv4 fragment", {EN, .fragment = 1, .payload = 10}, PACKET_COVERED, COVER_FRAGMENT},
    {"an IPv4 fragment, and more",
     {EN, .fragment = MORE | 100, .payload = 10},
     PACKET_COVERED,
     COVER_FRAGMENT},
    {"the last IPv4 fragment",
     {EN, .fragment = 0x1fff, .payload = 10},
     PACKET_COVERED,
     COVER_FRAGMENT},
    {"an IPv4 fragment of a tunnel",
     {EN, .fragment = 1, .protocol = 47},
     PACKET_COVERED,
     COVER_FRAGMENT},
    {"an IPv4 fragment of UDP", {EN, .fragment = 1, .protocol = UDP}, PACKET_OTHER},
    {"an IPv6 fragment", {EN, CHAIN({FRAGMENT, .fragment = 8})}, PACKET_COVERED, COVER_FRAGMENT},
    {"an IPv6 fragment, and more",
     {EN, CHAIN({FRAGMENT, .fragment = 9})},
     PACKET_COVERED,
     COVER_FRAGMENT},
    {"ESP", {EN, .protocol = 50}, PACKET_COVERED, COVER_ESP},
    {"ESP in IPv6", {EN, V6, .protocol = 50}, PACKET_COVERED, COVER_ESP},
    {"ESP in UDP",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x11\x94") "spispi")},
     PACKET_COVERED,
     COVER_ESP},
    {"key exchange", {EN, SHELL(0x0800, OUTER("\x11") TO("\x11\x94") "\0\0\0\0")}, PACKET_OTHER},
    {"IPComp", {EN, .protocol = 108}, PACKET_COVERED, COVER_IPCOMP},
    {"L2TPv3", {EN, .protocol = 115}, PACKET_COVERED, COVER_L2TP},
    {"L2TPv3 in UDP",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x06\xa5") "\0\3\0\0\0\1")},
     PACKET_COVERED,
     COVER_L2TP},
    {"L2TP, control",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x06\xa5") "\xc8\2\0\x0c\0\1")},
     PACKET_OTHER},
    {"GRE, routing",
     {EN, SHELL(0x0800, OUTER("\x2f") "\x40\0\x08\0rrrr")},
     PACKET_COVERED,
     COVER_GRE},
    {"GRE, Wi-Fi of Aruba",
     {EN, SHELL(0x0800, OUTER("\x2f") "\0\0\x82\0")},
     PACKET_COVERED,
     COVER_GRE},
    {"GRE, version 2", {EN, SHELL(0x0800, OUTER("\x2f") "\0\2\x08\0")}, PACKET_COVERED, COVER_GRE},
    {"GRE, a keep-alive", {EN, SHELL(0x0800, OUTER("\x2f") "\0\0\0\0")}, PACKET_OTHER},
    {"GRE, PPP, an acknowledgment",
     {EN, SHELL(0x0800, OUTER("\x2f") "\x20\x81\x88\x0b\0\0\0\2aaaa")},
     PACKET_OTHER},
    {"MACsec", {EN, .type = 0x88e5}, PACKET_COVERED, COVER_MACSEC},
    {"NSH", {EN, .type = 0x894f}, PACKET_COVERED, COVER_NSH},
    {"NSH in VXLAN-GPE",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x12\xb6") "\x0c\0\0\4\0\0\1\0")},
     PACKET_COVERED,
     COVER_NSH},
    {"TRILL", {EN, .type = 0x22f3}, PACKET_COVERED, COVER_TRILL},
    {"a pseudowire", {EN, SHELL(0x8847, "\0\1\1\x40\x10\0\0\0")}, PACKET_COVERED, COVER_MPLS},
    {"labels without end", {EN, SHELL(0x8847, LABELS_30)}, PACKET_COVERED, COVER_LAYERS},
    {"PPP, compressed", {.link = DLT_PPP, SHELL(0, "\xff\3\0\xfd")}, PACKET_COVERED, COVER_PPP},
    {"PPP, link control", {.link = DLT_PPP, SHELL(0, "\xff\3\xc0\x21")}, PACKET_OTHER},
    {"PPPoE, discovery", {EN, .type = 0x8863}, PACKET_OTHER},
    {"Wi-Fi, encrypted",
     {.link = DLT_IEEE802_11, SHELL(0, "\x08\x41" WIFI_ADDRESSES)},
     PACKET_COVERED,
     COVER_WIFI},
    {"Wi-Fi, several frames in one",
     {.link = DLT_IEEE802_11, SHELL(0, "\x88\1" WIFI_ADDRESSES "\x80\0")},
     PACKET_COVERED,
     COVER_WIFI},
    {"Wi-Fi, a beacon", {.link = DLT_IEEE802_11, SHELL(0, "\x80\0" WIFI_ADDRESSES)}, PACKET_OTHER},
    {"Wi-Fi, no data", {.link = DLT_IEEE802_11, SHELL(0, "\x48\0" WIFI_ADDRESSES)}, PACKET_OTHER},
    {"VXLAN without a network",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x12\xb5") "\0\0\0\0\0\0\1\0" ETHERNET_IP)},
     PACKET_OTHER},
    {"GTP-U, an echo",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x08\x68") "\x32\1\0\0tttt\0\0\0\0")},
     PACKET_OTHER},
    {"GTP-U, an extension of no length",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x08\x68") "\x34\xff\0\0ttttssn\x85\0xx\0")},
     PACKET_BAD},
    {"Geneve, a later version",
     {EN, SHELL(0x0800, OUTER("\x11") TO("\x17\xc1") "\x40\0\x65\x58\0\0\1\0")},
     PACKET_OTHER},
    {"Spanning Tree", {EN, SHELL(38, "\x42\x42\3")}, PACKET_OTHER},
    {"SNAP of somebody else", {EN, SHELL(60, "\xaa\xaa\3\0\0\x0c\x20\0")}, PACKET_OTHER},
    {"total 19", {EN, .total = 19}, PACKET_BAD},
    {"total 20: no TCP header", {EN, .total = 20}, PACKET_BAD},
    {"total 39: part of a TCP header", {EN, .total = 39}, PACKET_BAD},
    {"options longer than total", {EN, .options = 40, .total = 40}, PACKET_BAD},
    {"data offset 1", {EN, .data_offset = 1, .payload = 10}, PACKET_BAD},
    {"data offset 4", {EN, .data_offset = 4, .payload = 10}, PACKET_BAD},
    {"data offset beyond the end", {EN, .data_offset = 8, .payload = 11}, PACKET_BAD},
    {"data offset beyond the end, padded", {EN, .data_offset = 6, .padding = 20}, PACKET_BAD},
    {"data offset beyond the end, IPv6", {EN, V6, .data_offset = 8, .payload = 11}, PACKET_BAD},
    {"IPv6 length 19", {EN, V6, .total = 19, .payload = 10}, PACKET_BAD},
    {"an extension longer than all", {EN, CHAIN({DESTINATION, 255, 0, 8})}, PACKET_BAD},
    {"an extension that leaves 16 bytes", {EN, CHAIN({DESTINATION, 1}), .total = 32}, PACKET_BAD},
    {"a fragment header longer than all", {EN, CHAIN({FRAGMENT}), .total = 7}, PACKET_BAD},
    {"UDP", {EN, .protocol = UDP, .payload = 10}, PACKET_OTHER},
    {"UDP, IPv6", {EN, V6, .protocol = UDP, .payload = 10}, PACKET_OTHER},
    {"UDP behind an extension", {EN, CHAIN({DESTINATION}), .protocol = UDP}, PACKET_OTHER},
    {"nothing behind an extension", {EN, CHAIN({DESTINATION}), .protocol = NO_NEXT}, PACKET_OTHER},
    {"ARP", {EN, .type = 0x0806}, PACKET_OTHER},
    {"ARP, cooked", {.link = DLT_LINUX_SLL, .type = 0x0806}, PACKET_OTHER},
    {"ARP, cooked v2", {.link = DLT_LINUX_SLL2, .type = 0x0806}, PACKET_OTHER},
    {"ARP behind a tag", {EN, .tags = {0x8100}, .type = 0x0806}, PACKET_OTHER},
    {"a length instead of a type", {EN, .type = 60}, PACKET_OTHER},
    {"an unknown link type", {.link = DLT_USB_LINUX, .payload = 10}, PACKET_OTHER},
    {"no link type", {.link = -1, .payload = 10}, PACKET_OTHER},
};

TEST(other)
{
    const struct other *row = *state;
    struct packet p;
    size_t headers;
    struct frame f = build(&row->layers, &headers);
    assert_int_equal(read_cut(&p, row->layers.link, &f, f.length), row->verdict);
    assert_int_equal(p.cover, row->cover);
    for (size_t length = 0; length < f.length; length++)
        if (read_cut(&p, row->layers.link, &f, length) == PACKET_TCP)
            fail_msg("%zu bytes are TCP", length);
}

/* The version is in the first four bits, not in the link header. */
TEST(versions)
{
    const struct layers layers = {.link = DLT_RAW, .payload = 10};
    struct packet p;
    size_t headers;
    struct frame f = build(&layers, &headers);
    for (unsigned version = 0; version < 16; version++) {
        f.bytes[0] = (uint8_t)(version << 4 | 5);
        enum packet_verdict verdict = read_cut(&p, DLT_RAW, &f, f.length);
        if (version != 6)
            assert_int_equal(verdict, version == 4 ? PACKET_TCP : PACKET_OTHER);
    }
}

TEST(knows_links)
{
    static const int links[] = {DLT_EN10MB,
                                DLT_NULL,
                                DLT_LOOP,
                                DLT_RAW,
                                DLT_IPV4,
                                DLT_IPV6,
                                DLT_LINUX_SLL,
                                DLT_LINUX_SLL2,
                                DLT_PPP,
                                DLT_PPP_SERIAL,
                                DLT_PPP_PPPD,
                                DLT_PPP_ETHER,
                                DLT_C_HDLC,
                                DLT_MPLS,
                                DLT_ATM_RFC1483,
                                DLT_IEEE802_11,
                                DLT_IEEE802_11_RADIO,
                                DLT_NFLOG,
                                DLT_PFLOG,
                                DLT_ENC};
    int known = 0;
    for (int link = -1; link < 1000; link++)
        known += packet_knows_link(link);
    assert_int_equal(known, COUNT(links));
    for (size_t i = 0; i < COUNT(links); i++)
        assert_true(packet_knows_link(links[i]));
}

static void put_attribute(struct frame *f, uint16_t type, const char *bytes, size_t length)
{
    uint16_t all = (uint16_t)(4 + length);
    put(f, &all, 2); /* in the byte order of this machine */
    put(f, &type, 2);
    put(f, bytes, length);
    put_many(f, 0, (4 - length % 4) % 4);
}

TEST(nflog)
{
    const struct layers layers = {.link = DLT_RAW, .payload = 10};
    struct packet p;
    size_t headers;
    struct frame inner = build(&layers, &headers), f = {.length = 0};
    put(&f, "\2\0\0\5", 4);
    put_attribute(&f, 1, "hhhh", 4);
    put_attribute(&f, 10, "prefix", 7);
    size_t before = f.length;
    put_attribute(&f, 9, (const char *)inner.bytes, inner.length);
    put_attribute(&f, 2, "behind", 6);
    assert_int_equal(read_cut(&p, DLT_NFLOG, &f, f.length), PACKET_TCP);
    check_fields(&p, &layers);
    for (size_t length = 0; length < before + 4 + headers; length++)
        assert_int_equal(read_cut(&p, DLT_NFLOG, &f, length), PACKET_TRUNCATED);
    f.length = before;
    assert_int_equal(read_cut(&p, DLT_NFLOG, &f, f.length), PACKET_BAD);
    memset(f.bytes + 4, 0, 2);
    assert_int_equal(read_cut(&p, DLT_NFLOG, &f, f.length), PACKET_BAD);
}

/* A capture of one port ignores what is damaged of others. */
TEST(ports_of_damaged_packets)
{
    const struct layers good = {EN, .payload = 10}, bad = {EN, .data_offset = 4};
    struct packet p;
    size_t headers;
    struct frame f = build(&good, &headers);
    assert_int_equal(read_cut(&p, DLT_EN10MB, &f, 14 + 20 + 4), PACKET_TRUNCATED);
    assert_int_equal(p.from.port, CLIENT_PORT);
    assert_int_equal(p.to.port, SERVER_PORT);
    assert_int_equal(read_cut(&p, DLT_EN10MB, &f, 14 + 20 + 3), PACKET_TRUNCATED);
    assert_int_equal(p.from.port + p.to.port, 0);
    assert_int_equal(read_layers(&p, &bad), PACKET_BAD);
    assert_int_equal(p.from.port, CLIENT_PORT);
    assert_int_equal(p.to.port, SERVER_PORT);
}

TEST(cover_names)
{
    for (int i = 0; i < PACKET_COVERS; i++)
        assert_non_null(packet_cover_names[i]);
}

/* Whatever the bytes are, and wherever they end. */
TEST(anything)
{
    struct packet p;
    const struct layers bases[] = {
        {EN, .payload = 10, .tcp_options = 12},
        {EN, CHAIN({HOP_BY_HOP}, {FRAGMENT}, {DESTINATION, 3}), .payload = 10},
        {.link = DLT_LINUX_SLL2, .options = 8, .payload = 10},
        {EN, SHELL(0x0800, OUTER("\x11") TO("\x12\xb5") "\x08\0\0\0\0\0\1\0" ETHERNET_IP)},
        {EN, SHELL(0x86dd, OUTER6("\x2f") "\xb0\0\x08\0kkkkssssaaaa"), .is_total_0 = true},
        {EN, SHELL(0x0800, OUTER("\x11") TO("\x08\x68") "\x34\xff\0\0ttttssn\x85\1xx\0")},
    };
    for (int i = 0; i < 100000; i++) {
        const struct layers *base = &bases[random_number() % COUNT(bases)];
        size_t headers;
        struct frame f = build(base, &headers);
        for (uint64_t changes = random_number() % 4; changes > 0; changes--)
            f.bytes[random_number() % f.length] = (uint8_t)random_number();
        size_t length = random_number() % (f.length + 1);
        enum packet_verdict verdict = read_cut(&p, base->link, &f, length);
        assert_in_range(verdict, PACKET_TCP, PACKET_COVERED);
        if (verdict == PACKET_TCP)
            assert_true(p.length <= 65535);
    }
}

/* ---- prints ---- */

struct twin {
    const char *name;
    struct layers one, other;
    bool is_same;
};

static const struct twin twins[] = {
    {"the same", {EN, .payload = 10}, {EN, .payload = 10}, true},
    {"the same, IPv6", {EN, V6, .payload = 10}, {EN, V6, .payload = 10}, true},
    {"another length", {EN, .payload = 10}, {EN, .payload = 11}, false},
    {"an acknowledgment and what follows it", {EN}, {EN, .payload = 10}, false},
    {"another identification",
     {EN, .payload = 10},
     {EN, .payload = 10, .identification = 8},
     false},
    {"another high byte of it", {EN}, {EN, .identification = 0x107}, false},
    {"another number", {EN, .payload = 10}, {EN, .payload = 10, .seq = 1001}, false},
    {"another number, IPv6", {EN, V6}, {EN, V6, .seq = 1001}, false},
    {"other flags", {EN}, {EN, .flags = PACKET_ACK | PACKET_FIN}, false},
    {"other TCP options", {EN, .tcp_options = 12}, {EN, .tcp_options = 16}, false},
    {"seen on another link", {EN, .payload = 10}, {.link = DLT_LINUX_SLL, .payload = 10}, true},
    {"seen with a tag", {EN, .payload = 10}, {EN, .tags = {0x8100}, .payload = 10}, true},
    {"seen in a tunnel",
     {EN, .payload = 10},
     {EN, SHELL(0x0800, OUTER("\x2f") "\0\0\x08\0"), .payload = 10},
     true},
    {"seen in a tunnel, IPv6",
     {EN, V6, .payload = 10},
     {EN, V6, SHELL(0x0800, OUTER("\x29")), .payload = 10},
     true},
    {"seen with padding", {EN}, {EN, .padding = 6}, true},
};

TEST(print)
{
    const struct twin *row = *state;
    struct packet one, two;
    assert_int_equal(read_layers(&one, &row->one), PACKET_TCP);
    assert_int_equal(read_layers(&two, &row->other), PACKET_TCP);
    assert_int_equal(one.print == two.print, row->is_same);
}

/* On its way it may lose a hop: the time to live, and so the header's checksum, are another. */
TEST(print_leaves_out_hops)
{
    struct packet one, two;
    const struct layers layers = {.link = DLT_RAW, .payload = 10};
    size_t headers;
    struct frame f = build(&layers, &headers);
    assert_int_equal(read_cut(&one, DLT_RAW, &f, f.length), PACKET_TCP);
    f.bytes[8]--;
    f.bytes[10]++;
    assert_int_equal(read_cut(&two, DLT_RAW, &f, f.length), PACKET_TCP);
    assert_int_equal(one.print, two.print);
}

int main(void)
{
    ADD_ROWS(good, good_frames);
    ADD_ROWS(headers_are_enough, good_frames);
    ADD_ROWS(cut, good_frames);
    ADD_ROWS(other, other_frames);
    ADD(versions);
    ADD(knows_links);
    ADD(nflog);
    ADD(ports_of_damaged_packets);
    ADD(cover_names);
    ADD(anything);
    ADD_ROWS(print, twins);
    ADD(print_leaves_out_hops);
    return run_added(NULL, NULL);
}
