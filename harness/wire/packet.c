/* SPDX-License-Identifier: BSD-2-Clause */
#include "packet.h"

#include <pcap/dlt.h>
#include <string.h>

/*
 * Frames are parsed layer by layer: each function consumes its header from the remaining bytes and returns the next layer,
 * or END with a verdict.
 */
enum layer {
    END, /* r->verdict is set */
    ETHERNET,
    ETHER_TYPE, /* by r->type */
    LLC,
    PPP,
    PPP_FRAMED, /* with address and control bytes */
    CISCO_HDLC,
    PPPOE,
    MPLS,
    WIFI,
    IP, /* the version is in its first bits */
    IPV4,
    IPV6,
    PROTOCOL, /* by r->type: a protocol of IP */
    GRE,
    UDP,
    VXLAN,
    VXLAN_GPE,
    GENEVE,
    GTP_U,
    L2TP,
    TEREDO,
    ESP_IN_UDP,
    TCP,
    LAYERS,
};

/* Limit of the nesting depth. */
enum { DEEPEST = 24 };

struct reader {
    struct packet *packet;
    const uint8_t
        *at; /* `left` captured bytes, of `length` bytes according to the headers so far */
    size_t left, length;
    unsigned type;
    enum packet_verdict verdict;
};

const char *const packet_cover_names[PACKET_COVERS] = {
    [COVER_FRAGMENT] = "later IP fragments",
    [COVER_ESP] = "ESP",
    [COVER_GRE] = "GRE of another kind",
    [COVER_IPCOMP] = "IPComp",
    [COVER_L2TP] = "L2TPv3",
    [COVER_LAYERS] = "too many headers",
    [COVER_MACSEC] = "MACsec",
    [COVER_MPLS] = "MPLS pseudowires",
    [COVER_NSH] = "NSH",
    [COVER_PPP] = "compressed PPP",
    [COVER_TRILL] = "TRILL",
    [COVER_WIFI] = "encrypted Wi-Fi",
};

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static enum layer end(struct reader *r, enum packet_verdict verdict)
{
    r->verdict = verdict;
    return END;
}

static enum layer end_covered(struct reader *r, enum packet_cover cover)
{
    r->packet->cover = cover;
    return end(r, PACKET_COVERED);
}

/* True if the next `length` bytes are captured; otherwise sets the verdict. */
static bool has(struct reader *r, size_t length)
{
    r->verdict = length > r->length ? PACKET_BAD : PACKET_TRUNCATED;
    return length <= r->left && length <= r->length;
}

static bool skip(struct reader *r, size_t length)
{
    if (!has(r, length))
        return false;
    r->at += length;
    r->left -= length;
    r->length -= length;
    return true;
}

/* A header limits the rest to `length` bytes: captured bytes beyond are padding. */
static void limit(struct reader *r, size_t length)
{
    r->length = length;
    if (r->left > length)
        r->left = length;
}

static enum layer then(struct reader *r, size_t header, enum layer next)
{
    return skip(r, header) ? next : END;
}

static enum layer then_type(struct reader *r, size_t header, enum layer next, unsigned type)
{
    r->type = type;
    return then(r, header, next);
}

/* FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo): distinguishes packets, not cryptographic. */
static const uint32_t first_print = 2166136261U;

static uint32_t print_of(uint32_t print, const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        print = (print ^ at[i]) * 16777619U;
    return print;
}

/* ---- TCP ---- */

/* Options may be truncated: they are not used. */
static enum layer read_tcp(struct reader *r)
{
    struct packet *p = r->packet;
    if (!has(r, 4))
        return END;
    p->from.port = (uint16_t)get16(r->at);
    p->to.port = (uint16_t)get16(r->at + 2);
    if (!has(r, 20))
        return END;
    size_t header = (size_t)(r->at[12] >> 4) * 4;
    if (header < 20 || header > r->length)
        return end(r, PACKET_BAD);
    p->seq = get32(r->at + 4);
    p->ack = get32(r->at + 8);
    p->flags = r->at[13];
    p->length = (uint32_t)(r->length - header);
    p->print = print_of(p->print, r->at, header < r->left ? header : r->left);
    /* an acknowledgment and the following request may have the same header: no identification or checksum */
    p->print = print_of(p->print, (const uint8_t *)&p->length, sizeof p->length);
    return end(r, PACKET_TCP);
}

/* ---- IP ---- */

static void set_ipv4(struct endpoint *endpoint, const uint8_t *at)
{
    memset(endpoint->address, 0, 10);
    memset(endpoint->address + 10, 0xff, 2);
    memcpy(endpoint->address + 12, at, 4);
}

enum ip_protocol {
    IP_HOP_BY_HOP = 0,
    IP_IPV4 = 4,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_IPV6 = 41,
    IP_ROUTING = 43,
    IP_FRAGMENT = 44,
    IP_GRE = 47,
    IP_ESP = 50,
    IP_AUTHENTICATION = 51,
    IP_DESTINATION = 60,
    IP_ETHERNET = 97,
    IP_COMP = 108,
    IP_L2TP = 115,
    IP_MPLS = 137,
    IP_ANY_ETHERNET = 143,
};

static bool is_tunnel(unsigned protocol)
{
    static const uint8_t tunnels[] = {IP_IPV4,     IP_IPV6, IP_GRE,
                                      IP_ETHERNET, IP_MPLS, IP_ANY_ETHERNET};
    return protocol <= 255 && memchr(tunnels, (int)protocol, sizeof tunnels);
}

/* Fragments other than the first have no header: their bytes are missing in the inner layers. */
static enum layer later_fragment(struct reader *r, unsigned protocol)
{
    return protocol == IP_TCP || is_tunnel(protocol) ? end_covered(r, COVER_FRAGMENT)
                                                     : end(r, PACKET_OTHER);
}

static enum layer read_ipv4(struct reader *r)
{
    struct packet *p = r->packet;
    if (!has(r, 20))
        return END;
    size_t header = (size_t)(r->at[0] & 15) * 4, total = get16(r->at + 2);
    if (total == 0) /* segmentation offload */
        total = r->length;
    if (header < 20 || total < header)
        return end(r, PACKET_BAD);
    r->type = r->at[9];
    if (get16(r->at + 6) & 0x1fff)
        return later_fragment(r, r->type);
    set_ipv4(&p->from, r->at + 12);
    set_ipv4(&p->to, r->at + 16);
    p->print = print_of(first_print, r->at + 4,
                        2); /* the identification, which differs in a retransmission */
    limit(r, total);
    return then(r, header, PROTOCOL);
}

static enum layer read_ipv6(struct reader *r)
{
    struct packet *p = r->packet;
    if (!has(r, 40))
        return END;
    size_t length = get16(r->at + 4);
    r->type = r->at[6];
    memcpy(p->from.address, r->at + 8, 16);
    memcpy(p->to.address, r->at + 24, 16);
    p->print = first_print;
    if (length > 0) /* else a jumbogram (RFC 2675), or segmentation offload */
        limit(r, 40 + length);
    return then(r, 40, PROTOCOL);
}

static enum layer read_ip(struct reader *r)
{
    if (!has(r, 1))
        return END;
    unsigned version = r->at[0] >> 4;
    return version == 4 ? IPV4 : version == 6 ? IPV6 : end(r, PACKET_OTHER);
}

/* RFC 8200, 4; RFC 4302 */
static enum layer read_extension(struct reader *r)
{
    unsigned kind = r->type;
    if (!has(r, 8))
        return END;
    r->type = r->at[0];
    if (kind == IP_FRAGMENT)
        return get16(r->at + 2) & 0xfff8 ? later_fragment(r, r->type) : then(r, 8, PROTOCOL);
    if (kind == IP_AUTHENTICATION)
        return then(r, ((size_t)r->at[1] + 2) * 4, PROTOCOL);
    return then(r, 8 + (size_t)r->at[1] * 8, PROTOCOL);
}

static enum layer read_protocol(struct reader *r)
{
    switch (r->type) {
    case IP_HOP_BY_HOP:
    case IP_ROUTING:
    case IP_FRAGMENT:
    case IP_AUTHENTICATION:
    case IP_DESTINATION:
        return read_extension(r);
    case IP_TCP:
        return TCP;
    case IP_UDP:
        return UDP;
    case IP_IPV4:
        return IPV4;
    case IP_IPV6:
        return IPV6;
    case IP_GRE:
        return GRE;
    case IP_ETHERNET: /* RFC 3378 */
        return then(r, 2, ETHERNET);
    case IP_ANY_ETHERNET: /* RFC 8986 */
        return ETHERNET;
    case IP_MPLS: /* RFC 4023 */
        return MPLS;
    case IP_ESP:
        return end_covered(r, COVER_ESP);
    case IP_COMP:
        return end_covered(r, COVER_IPCOMP);
    case IP_L2TP:
        return end_covered(r, COVER_L2TP);
    default:
        return end(r, PACKET_OTHER);
    }
}

/* ---- tunnels over IP ---- */

enum gre_flag {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACK = 0x80, /* version 1 */
};

enum ether_type {
    ETHER_IPV4 = 0x0800,
    ETHER_TRILL = 0x22f3,
    ETHER_ERSPAN3 = 0x22eb,
    ETHER_BRIDGED = 0x6558,
    ETHER_VLAN = 0x8100,
    ETHER_IPV6 = 0x86dd,
    ETHER_PPP = 0x880b,
    ETHER_MPLS = 0x8847,
    ETHER_MPLS_MULTICAST = 0x8848,
    ETHER_PPPOE = 0x8864,
    ETHER_QINQ = 0x88a8,
    ETHER_ERSPAN2 = 0x88be,
    ETHER_MACSEC = 0x88e5,
    ETHER_PBB = 0x88e7,
    ETHER_HSR = 0x892f,
    ETHER_NSH = 0x894f,
    ETHER_OLD_QINQ = 0x9100,
    ETHER_OLD_QINQ2 = 0x9200,
    ETHER_R_TAG = 0xf1c1,
    ETHER_LOWEST = 0x0600, /* below, it is a length */
};

static size_t gre_header(unsigned flags)
{
    size_t words = 1;
    words += flags & (GRE_CHECKSUM | GRE_ROUTING) ? 1 : 0;
    words += flags & GRE_KEY ? 1 : 0;
    words += flags & GRE_SEQUENCE ? 1 : 0;
    words += (flags & 7) == 1 && flags & GRE_ACK ? 1 : 0;
    return words * 4;
}

/* Types that are decoded, or never contain TCP: keep-alive, ARP, CDP, NHRP, IS-IS, LLDP. */
static bool is_gre_type(unsigned type)
{
    static const uint16_t types[] = {
        0,          0x0806,      0x2000,       0x2001,     0x00fe,      0x88cc,
        ETHER_IPV4, ETHER_IPV6,  ETHER_VLAN,   ETHER_QINQ, ETHER_MPLS,  ETHER_MPLS_MULTICAST,
        ETHER_PPP,  ETHER_PPPOE, ETHER_MACSEC, ETHER_NSH,  ETHER_TRILL,
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i] == type)
            return true;
    return false;
}

/* RFC 2784, RFC 2890; version 1 RFC 2637 */
static enum layer read_gre(struct reader *r)
{
    if (!has(r, 4))
        return END;
    unsigned flags = get16(r->at), version = flags & 7, type = get16(r->at + 2);
    size_t header = gre_header(flags);
    if (version > 1 || flags & GRE_ROUTING)
        return end_covered(r, COVER_GRE);
    if (version == 1) /* an acknowledgment alone has no sequence number */
        return flags & GRE_SEQUENCE ? then(r, header, PPP_FRAMED) : end(r, PACKET_OTHER);
    if (type == ETHER_BRIDGED)
        return then(r, header, ETHERNET);
    if (type == ETHER_ERSPAN2) /* type I has no header, and no sequence number */
        return then(r, header + (flags & GRE_SEQUENCE ? 8 : 0), ETHERNET);
    if (type == ETHER_ERSPAN3)
        return !has(r, header + 12)
                   ? END
                   : then(r, header + (r->at[header + 11] & 1 ? 20 : 12), ETHERNET);
    return is_gre_type(type) ? then_type(r, header, ETHER_TYPE, type) : end_covered(r, COVER_GRE);
}

static enum layer read_udp(struct reader *r)
{
    static const struct {
        uint16_t port;
        enum layer layer;
    } tunnels[] = {
        {4789, VXLAN}, {8472, VXLAN}, {4790, VXLAN_GPE}, {6081, GENEVE},     {2152, GTP_U},
        {1701, L2TP},  {6635, MPLS},  {3544, TEREDO},    {4500, ESP_IN_UDP},
    };
    if (!has(r, 4))
        return END;
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
        if (get16(r->at + 2) == tunnels[i].port || get16(r->at) == tunnels[i].port)
            return then(r, 8, tunnels[i].layer);
    }
    return end(r, PACKET_OTHER);
}

/* RFC 7348: the flag marks a valid network identifier, and the rest is 0. */
static enum layer read_vxlan(struct reader *r)
{
    if (!has(r, 8))
        return END;
    return r->at[0] & 8 ? then(r, 8, ETHERNET) : end(r, PACKET_OTHER);
}

static enum layer read_vxlan_gpe(struct reader *r)
{
    static const enum layer next[] = {ETHERNET, IPV4, IPV6, ETHERNET};
    if (!has(r, 8))
        return END;
    if (r->at[0] & 4 && r->at[3] == 4)
        return end_covered(r, COVER_NSH);
    size_t kind = r->at[0] & 4 ? r->at[3] : 0;
    return kind < sizeof next / sizeof *next ? then(r, 8, next[kind]) : end(r, PACKET_OTHER);
}

/* RFC 8926 */
static enum layer read_geneve(struct reader *r)
{
    if (!has(r, 8))
        return END;
    size_t header = 8 + (size_t)(r->at[0] & 0x3f) * 4;
    unsigned type = get16(r->at + 2);
    if (r->at[0] >> 6)
        return end(r, PACKET_OTHER);
    return type == ETHER_BRIDGED ? then(r, header, ETHERNET)
                                 : then_type(r, header, ETHER_TYPE, type);
}

/* 3GPP TS 29.281, 5: only type 255 carries packets; each extension has a length field, in 32-bit words. */
static enum layer read_gtp_u(struct reader *r)
{
    if (!has(r, 8))
        return END;
    unsigned flags = r->at[0];
    if (flags >> 5 != 1 || !(flags & 0x10) || r->at[1] != 255)
        return end(r, PACKET_OTHER);
    if (!(flags & 7))
        return then(r, 8, IP);
    if (!has(r, 12))
        return END;
    unsigned next = flags & 4 ? r->at[11] : 0;
    if (!skip(r, 12))
        return END;
    for (int i = 0; i < DEEPEST && next; i++) {
        if (!has(r, 4))
            return END;
        size_t length = (size_t)r->at[0] * 4;
        if (length == 0 || !has(r, length))
            return length ? END : end(r, PACKET_BAD);
        next = r->at[length - 1];
        skip(r, length);
    }
    return next ? end_covered(r, COVER_LAYERS) : IP;
}

/* RFC 2661, 3.1; version 3 has no type of its payload. */
static enum layer read_l2tp(struct reader *r)
{
    if (!has(r, 6))
        return END;
    unsigned flags = get16(r->at);
    size_t header = 6 + (flags & 0x4000 ? 2 : 0) + (flags & 0x0800 ? 4 : 0);
    if ((flags & 15) != 2 || flags & 0x8000)
        return (flags & 15) == 3 && !(flags & 0x8000) ? end_covered(r, COVER_L2TP)
                                                      : end(r, PACKET_OTHER);
    if (flags & 0x0200) {
        if (!has(r, header + 2))
            return END;
        header += 2 + get16(r->at + header);
    }
    return then(r, header, PPP_FRAMED);
}

/* RFC 4380, 5.1.1: an authentication and an origin header may precede the packet. */
static enum layer read_teredo(struct reader *r)
{
    if (!has(r, 4) || (get16(r->at) == 1 && !skip(r, 13 + (size_t)r->at[2] + r->at[3])))
        return END;
    if (!has(r, 2) || (get16(r->at) == 0 && !skip(r, 8)))
        return END;
    return has(r, 1) ? r->at[0] >> 4 == 6 ? IPV6 : end(r, PACKET_OTHER) : END;
}

/* RFC 3948: a keep-alive is one byte, and key exchange begins with zeros. */
static enum layer read_esp_in_udp(struct reader *r)
{
    return r->length > 4 && has(r, 4) && get32(r->at) != 0 ? end_covered(r, COVER_ESP)
                                                           : end(r, PACKET_OTHER);
}

/* ---- links ---- */

static enum layer read_ether_type(struct reader *r)
{
    switch (r->type) {
    case ETHER_IPV4:
    case ETHER_IPV6:
        return IP;
    case ETHER_VLAN:
    case ETHER_QINQ:
    case ETHER_OLD_QINQ:
    case ETHER_OLD_QINQ2:
        return !has(r, 4) ? END : then_type(r, 4, ETHER_TYPE, get16(r->at + 2));
    case ETHER_HSR:   /* IEC 62439-3 */
    case ETHER_R_TAG: /* IEEE 802.1CB */
        return !has(r, 6) ? END : then_type(r, 6, ETHER_TYPE, get16(r->at + 4));
    case ETHER_PBB: /* IEEE 802.1ah */
        return then(r, 4, ETHERNET);
    case ETHER_PPPOE:
        return PPPOE;
    case ETHER_MPLS:
    case ETHER_MPLS_MULTICAST:
        return MPLS;
    case ETHER_BRIDGED:
        return ETHERNET;
    case ETHER_PPP:
        return PPP;
    case ETHER_MACSEC:
        return end_covered(r, COVER_MACSEC);
    case ETHER_NSH:
        return end_covered(r, COVER_NSH);
    case ETHER_TRILL:
        return end_covered(r, COVER_TRILL);
    default:
        return r->type < ETHER_LOWEST ? LLC : end(r, PACKET_OTHER);
    }
}

static enum layer read_ethernet(struct reader *r)
{
    return !has(r, 14) ? END : then_type(r, 14, ETHER_TYPE, get16(r->at + 12));
}

/* IEEE 802.2, and RFC 1042 for IP */
static enum layer read_llc(struct reader *r)
{
    if (!has(r, 3))
        return END;
    if (r->at[0] == 0x06 && r->at[1] == 0x06 && r->at[2] == 3)
        return then(r, 3, IP);
    if (r->at[0] != 0xaa || r->at[1] != 0xaa || r->at[2] != 3)
        return end(r, PACKET_OTHER);
    if (!has(r, 8))
        return END;
    uint32_t owner = get32(r->at + 2) & 0xffffff; /* 0: EtherTypes; 0xf8: the same, bridged; */
    if (owner == 0 || owner == 0xf8)
        return then_type(r, 8, ETHER_TYPE, get16(r->at + 6));
    return end(r, PACKET_OTHER);
}

/* RFC 1661, 2: the protocol's first byte is omitted if it is 0. */
static enum layer read_ppp(struct reader *r)
{
    if (!has(r, 2))
        return END;
    size_t length = r->at[0] & 1 ? 1 : 2;
    unsigned protocol = length == 1 ? r->at[0] : get16(r->at);
    switch (protocol) {
    case 0x21:
        return then(r, length, IPV4);
    case 0x57:
        return then(r, length, IPV6);
    case 0x281:
    case 0x283:
        return then(r, length, MPLS);
    case 0x2d: /* Van Jacobson's headers, multilink, encryption, compression */
    case 0x2f:
    case 0x3d:
    case 0x53:
    case 0xfb:
    case 0xfd:
        return end_covered(r, COVER_PPP);
    default:
        return end(r, PACKET_OTHER);
    }
}

/* RFC 1662, 3.1; both bytes may be omitted */
static enum layer read_ppp_framed(struct reader *r)
{
    if (!has(r, 2))
        return END;
    return r->at[0] == 0xff && r->at[1] == 3 ? then(r, 2, PPP) : PPP;
}

static enum layer read_cisco_hdlc(struct reader *r)
{
    if (!has(r, 4))
        return END;
    if (r->at[0] == 0xff && r->at[1] == 3)
        return PPP_FRAMED;
    return then_type(r, 4, ETHER_TYPE, get16(r->at + 2));
}

/* RFC 2516, 4 */
static enum layer read_pppoe(struct reader *r)
{
    if (!has(r, 6))
        return END;
    if (r->at[1] != 0)
        return end(r, PACKET_OTHER);
    return then(r, 6, PPP);
}

/* RFC 3032; the payload is identified by its first bits, as in routers (RFC 4928, RFC 4385) */
static enum layer read_mpls(struct reader *r)
{
    bool is_last = false;
    for (int i = 0; i < DEEPEST && !is_last; i++) {
        if (!has(r, 4))
            return END;
        is_last = r->at[2] & 1;
        skip(r, 4);
    }
    if (!is_last)
        return end_covered(r, COVER_LAYERS);
    if (!has(r, 1))
        return END;
    switch (r->at[0] >> 4) {
    case 4:
    case 6:
        return IP;
    case 0: /* a control word */
        return then(r, 4, ETHERNET);
    default:
        return end_covered(r, COVER_MPLS);
    }
}

/* IEEE 802.11, 9.2.4.1: only data frames have a payload; flags are in the second byte. */
static enum layer read_wifi(struct reader *r)
{
    if (!has(r, 2))
        return END;
    unsigned control = r->at[0], flags = r->at[1];
    bool is_qos = control & 0x80;
    if ((control & 0x0f) != 0x08 || control & 0x40)
        return end(r, PACKET_OTHER);
    if (flags & 0x40)
        return end_covered(r, COVER_WIFI);
    size_t header = 24 + ((flags & 3) == 3 ? 6 : 0);
    if (is_qos && has(r, header + 2) && r->at[header] & 0x80) /* several frames in one */
        return end_covered(r, COVER_WIFI);
    return then(r, header + (is_qos ? 2 + (flags & 0x80 ? 4 : 0) : 0), LLC);
}

/* Header before IP, by link type: its length, the offset of the type, and the next layer. */
enum { NO_TYPE = -1 };

static const struct link {
    int type;
    size_t head;
    int type_at; /* of an EtherType; NO_TYPE */
    enum layer next;
} links[] = {
    {DLT_EN10MB, 0, NO_TYPE, ETHERNET},
    {DLT_LINUX_SLL, 16, 14, ETHER_TYPE},
    {DLT_LINUX_SLL2, 20, 0, ETHER_TYPE},
    {DLT_NULL, 4, NO_TYPE, IP},
    {DLT_LOOP, 4, NO_TYPE, IP},
    {DLT_RAW, 0, NO_TYPE, IP},
    {DLT_IPV4, 0, NO_TYPE, IP},
    {DLT_IPV6, 0, NO_TYPE, IP},
    {DLT_ENC, 12, NO_TYPE, IP},
    {DLT_PPP, 0, NO_TYPE, PPP_FRAMED},
    {DLT_PPP_SERIAL, 0, NO_TYPE, PPP_FRAMED},
    {DLT_PPP_PPPD, 2, NO_TYPE, PPP}, /* a direction, for the address */
    {DLT_PPP_ETHER, 0, NO_TYPE, PPPOE},
    {DLT_C_HDLC, 0, NO_TYPE, CISCO_HDLC},
    {DLT_MPLS, 0, NO_TYPE, MPLS},
    {DLT_ATM_RFC1483, 0, NO_TYPE, LLC},
    {DLT_IEEE802_11, 0, NO_TYPE, WIFI},
    {DLT_IEEE802_11_RADIO, 0, NO_TYPE, WIFI}, /* the header has a length field */
    {DLT_PFLOG, 0, NO_TYPE, IP},              /* likewise */
    {DLT_NFLOG, 4, NO_TYPE, IP},              /* attributes, of which one is the packet */
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

/* Attributes in host byte order, converted by libpcap; lengths are rounded up to 4. */
static bool skip_to_nflog_payload(struct reader *r)
{
    enum { PAYLOAD = 9 };
    for (;;) {
        uint16_t length, type;
        if (!has(r, 4))
            return false;
        memcpy(&length, r->at, 2);
        memcpy(&type, r->at + 2, 2);
        if (length < 4) {
            r->verdict = PACKET_BAD;
            return false;
        }
        if ((type & 0x7fff) == PAYLOAD) {
            limit(r, length);
            return skip(r, 4);
        }
        if (!skip(r, ((size_t)length + 3) & ~(size_t)3))
            return false;
    }
}

static bool skip_radiotap(struct reader *r)
{
    return has(r, 4) && skip(r, (size_t)(r->at[2] | r->at[3] << 8));
}

static bool skip_pflog(struct reader *r)
{
    return has(r, 1) && skip(r, ((size_t)r->at[0] + 3) & ~(size_t)3);
}

static enum layer read_link(struct reader *r, const struct link *link)
{
    if (!has(r, link->head))
        return END;
    if (link->type_at != NO_TYPE)
        r->type = get16(r->at + link->type_at);
    skip(r, link->head);
    if (link->type == DLT_NFLOG && !skip_to_nflog_payload(r))
        return END;
    if (link->type == DLT_IEEE802_11_RADIO && !skip_radiotap(r))
        return END;
    if (link->type == DLT_PFLOG && !skip_pflog(r))
        return END;
    return link->next;
}

enum packet_verdict packet_read(struct packet *packet, int link_type, const uint8_t *frame,
                                size_t captured, size_t length)
{
    static enum layer (*const read_layer[LAYERS])(struct reader *) = {
        [ETHERNET] = read_ethernet,
        [ETHER_TYPE] = read_ether_type,
        [LLC] = read_llc,
        [PPP] = read_ppp,
        [PPP_FRAMED] = read_ppp_framed,
        [CISCO_HDLC] = read_cisco_hdlc,
        [PPPOE] = read_pppoe,
        [MPLS] = read_mpls,
        [WIFI] = read_wifi,
        [IP] = read_ip,
        [IPV4] = read_ipv4,
        [IPV6] = read_ipv6,
        [PROTOCOL] = read_protocol,
        [GRE] = read_gre,
        [UDP] = read_udp,
        [VXLAN] = read_vxlan,
        [VXLAN_GPE] = read_vxlan_gpe,
        [GENEVE] = read_geneve,
        [GTP_U] = read_gtp_u,
        [L2TP] = read_l2tp,
        [TEREDO] = read_teredo,
        [ESP_IN_UDP] = read_esp_in_udp,
        [TCP] = read_tcp,
    };
    memset(packet, 0, sizeof *packet);
    const struct link *link = find_link(link_type);
    struct reader r = {packet, frame,       captured, length > captured ? length : captured,
                       0,      PACKET_OTHER};
    packet->print = first_print;
    if (!link)
        return PACKET_OTHER;
    enum layer layer = read_link(&r, link);
    for (int i = 0; layer != END && i < DEEPEST; i++)
        layer = read_layer[layer](&r);
    if (layer != END)
        end_covered(&r, COVER_LAYERS);
    return r.verdict;
}
