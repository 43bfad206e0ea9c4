#include "packet.h"

#include <pcap/dlt.h>
#include <string.h>

/* Bytes that are still to be read: `at` never leaves them. */
struct bytes {
    const uint8_t *at;
    size_t left;
};

enum ether_type {
    ETHER_IPV4 = 0x0800,
    ETHER_IPV6 = 0x86dd,
    ETHER_VLAN = 0x8100,
    ETHER_QINQ = 0x88a8,
};

enum { IP_TCP = 6, VLAN_TAGS = 2, EXTENSIONS = 8 };

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static bool skip(struct bytes *b, size_t length)
{
    if (length > b->left)
        return false;
    b->at += length;
    b->left -= length;
    return true;
}

/* FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo): to tell packets apart, not to protect anything. */
static uint32_t print_of(uint32_t print, const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        print = (print ^ at[i]) * 16777619U;
    return print;
}

/* ---- TCP ---- */

/* `length` is that of segment and header, by IP. */
static enum packet_verdict read_tcp(struct packet *p, struct bytes b, size_t length)
{
    if (length < 20)
        return PACKET_BAD;
    if (b.left < 20)
        return PACKET_TRUNCATED;
    size_t header = (size_t)(b.at[12] >> 4) * 4;
    if (header < 20 || header > length)
        return PACKET_BAD;
    if (b.left < header)
        return PACKET_TRUNCATED;
    p->from.port = (uint16_t)get16(b.at);
    p->to.port = (uint16_t)get16(b.at + 2);
    p->seq = get32(b.at + 4);
    p->ack = get32(b.at + 8);
    p->flags = b.at[13];
    p->length = (uint32_t)(length - header);
    p->print = print_of(p->print, b.at, header);
    return PACKET_TCP;
}

/* ---- IP ---- */

static void set_ipv4(struct endpoint *endpoint, const uint8_t *at)
{
    memset(endpoint->address, 0, 10);
    memset(endpoint->address + 10, 0xff, 2);
    memcpy(endpoint->address + 12, at, 4);
}

static enum packet_verdict read_ipv4(struct packet *p, struct bytes b)
{
    if (b.left < 20)
        return PACKET_TRUNCATED;
    size_t header = (size_t)(b.at[0] & 15) * 4, total = get16(b.at + 2);
    unsigned fragment = get16(b.at + 6) & 0x1fff;
    if (header < 20 || total < header)
        return PACKET_BAD;
    if (b.at[9] != IP_TCP || fragment > 0)
        return PACKET_OTHER;
    set_ipv4(&p->from, b.at + 12);
    set_ipv4(&p->to, b.at + 16);
    p->print = print_of(p->print, b.at + 4,
                        2); /* the identification: of a retransmission another */
    if (!skip(&b, header))
        return PACKET_TRUNCATED;
    return read_tcp(p, b, total - header);
}

/* Length of the extension header at `b`, 0 if it is none (RFC 8200, 4; RFC 4302 is not followed). Sets
 * *is_later if it is a fragment other than the first. */
static size_t extension_length(uint8_t kind, const struct bytes *b, bool *is_later)
{
    switch (kind) {
    case 0:  /* hop-by-hop */
    case 43: /* routing */
    case 60: /* destination */
        return 8 + (size_t)b->at[1] * 8;
    case 44: /* fragment */
        *is_later = (get16(b->at + 2) & 0xfff8) != 0;
        return 8;
    default:
        return 0;
    }
}

static enum packet_verdict read_ipv6(struct packet *p, struct bytes b)
{
    if (b.left < 40)
        return PACKET_TRUNCATED;
    size_t length = get16(b.at + 4);
    uint8_t next = b.at[6];
    memcpy(p->from.address, b.at + 8, 16);
    memcpy(p->to.address, b.at + 24, 16);
    skip(&b, 40);
    for (int i = 0; i < EXTENSIONS && next != IP_TCP; i++) {
        static const uint8_t known[] = {0, 43, 44, 60};
        bool is_later = false;
        if (!memchr(known, next, sizeof known))
            return PACKET_OTHER;
        if (b.left < 8)
            return PACKET_TRUNCATED;
        size_t extension = extension_length(next, &b, &is_later);
        next = b.at[0];
        if (is_later)
            return PACKET_OTHER;
        if (extension > length)
            return PACKET_BAD;
        length -= extension;
        if (!skip(&b, extension))
            return PACKET_TRUNCATED;
    }
    return next == IP_TCP ? read_tcp(p, b, length) : PACKET_OTHER;
}

static enum packet_verdict read_ip(struct packet *p, struct bytes b)
{
    if (b.left == 0)
        return PACKET_TRUNCATED;
    switch (b.at[0] >> 4) {
    case 4:
        return read_ipv4(p, b);
    case 6:
        return read_ipv6(p, b);
    default:
        return PACKET_OTHER;
    }
}

/* ---- links ---- */

static enum packet_verdict read_ether_type(struct packet *p, struct bytes b, unsigned type)
{
    for (int i = 0; i < VLAN_TAGS && (type == ETHER_VLAN || type == ETHER_QINQ); i++) {
        if (b.left < 4)
            return PACKET_TRUNCATED;
        type = get16(b.at + 2);
        skip(&b, 4);
    }
    return type == ETHER_IPV4 || type == ETHER_IPV6 ? read_ip(p, b) : PACKET_OTHER;
}

enum { NO_TYPE = -1 }; /* IP says itself which one it is */

/* The heads in front of IP: how long, and where in them it says what follows. */
static const struct link {
    int type;
    size_t head;
    int ether_type_at;
} links[] = {
    {DLT_EN10MB, 14, 12},   {DLT_LINUX_SLL, 16, 14}, {DLT_LINUX_SLL2, 20, 0},
    {DLT_NULL, 4, NO_TYPE}, {DLT_LOOP, 4, NO_TYPE},  {DLT_RAW, 0, NO_TYPE},
    {DLT_IPV4, 0, NO_TYPE}, {DLT_IPV6, 0, NO_TYPE},
};

static const struct link *find_link(int type)
{
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (links[i].type == type)
            return &links[i];
    return NULL;
}

bool packet_knows_link(int link_type)
{
    return find_link(link_type) != NULL;
}

enum packet_verdict packet_read(struct packet *packet, int link_type, const uint8_t *frame,
                                size_t captured)
{
    const struct link *link = find_link(link_type);
    struct bytes b = {frame, captured};
    memset(packet, 0, sizeof *packet);
    packet->print = 2166136261U;
    if (!link)
        return PACKET_OTHER;
    if (!skip(&b, link->head))
        return PACKET_TRUNCATED;
    if (link->ether_type_at == NO_TYPE)
        return read_ip(packet, b);
    return read_ether_type(packet, b, get16(frame + link->ether_type_at));
}
