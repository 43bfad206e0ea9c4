/* SPDX-License-Identifier: BSD-2-Clause */
#include "flows.h"

#include "harness/lib/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    SLAB_BITS = 12,
    SLAB = 1 << SLAB_BITS, /* flows per allocation */
    RECENT = 1 << 14,      /* packets kept to detect their second copy */
    NONE = 0,              /* no flow: indices begin at 1 */
    LARGEST_WINDOW = 1 << 30,
};

/* Loopback captures a packet when sent and when received, within microseconds; a retransmission is at least 200 ms later
 * (Linux, TCP_RTO_MIN). */
static const uint64_t SEEN_TWICE_NS = NS_PER_MS;

/* Flows are kept after their end, to match late packets (the last ACK, retransmitted FINs). */
static const uint64_t LINGER_NS = 4 * NS_PER_S;

const char *const flow_interval_names[FLOW_INTERVALS] = {
    [FLOW_SYNACK] = "synack",         [FLOW_HANDSHAKE] = "handshake", [FLOW_WAIT] = "wait",
    [FLOW_FIRST_BYTE] = "first_byte", [FLOW_RESPONSE] = "response",   [FLOW_CLOSE] = "close",
};

const char *const flow_count_names[FLOW_COUNTS] = {
    [FLOW_SYN_RETRANSMITTED] = "syn_retransmitted",
    [FLOW_RETRANSMITTED] = "retransmitted",
    [FLOW_OUT_OF_ORDER] = "out_of_order",
    [FLOW_RESETS] = "resets",
};

const char *const flow_sight_names[FLOW_SIGHTS] = {
    [FLOW_WHOLE] = "whole",
    [FLOW_UNFINISHED] = "unfinished",
    [FLOW_HALF_OPEN] = "half_open",
    [FLOW_PARTIAL] = "partial",
};

enum side { CLIENT, SERVER };

/* 192 bytes: a million fit into 200 MiB. Unknown times are 0. */
struct flow {
    uint32_t chain;        /* next one in the same bucket */
    uint32_t older, newer; /* links of its list */
    struct endpoint client, server;
    bool has_syn : 1, is_over : 1, has_more : 1; /* has_more: than SYN and SYN/ACK */
    bool has_request : 1, has_response : 1;      /* a request, its response: complete or begun */
    bool has_whole_request : 1, knows_response_seq : 1; /* of that response, and where it begins */
    bool misses_first : 1;                              /* its first bytes were not seen so far */
    bool is_known[2], has_fin[2];                       /* by side: `next` is known; FIN captured */
    uint8_t gap_side;
    uint16_t counts[FLOW_COUNTS];
    uint32_t exchanges;
    uint32_t isn;                /* initial sequence number of the client */
    uint32_t next[2];            /* by side: the sequence number after the last captured byte */
    uint32_t gap_begin, gap_end; /* the last gap of missing bytes; none if equal */
    uint32_t response_seq;       /* of its first byte */
    uint64_t begin_ns, last_ns;
    uint64_t synack_ns, ack_ns, request_ns, first_ns, response_ns, fin_ns;
    /* intervals, FLOW_NOT_SEEN if unknown: of the first exchange, and the close */
    uint64_t first_wait_ns, first_byte_ns, first_response_ns, close_ns;
};

/* A recently captured packet. */
struct sight {
    uint64_t key, time_ns;
};

/* Flows ordered by their last packets. */
struct list {
    uint32_t oldest, newest;
    unsigned long count;
};

struct flows {
    struct flows_options options;
    struct flows_totals totals;
    struct list open, over;
    struct flow **slabs;
    unsigned long slab_count, slab_room;
    uint32_t unused; /* chained */
    uint32_t *buckets;
    uint64_t bucket_mask;
    struct sight *recent;
    uint64_t secret[2]; /* hash key: prevents attacks by hash collisions */
};

/* ---- storage ---- */

static struct flow *at(const struct flows *all, uint32_t number)
{
    number--;
    return &all->slabs[number >> SLAB_BITS][number & (SLAB - 1)];
}

struct flows *flows_open(const struct flows_options *options)
{
    struct flows *all = calloc(1, sizeof *all);
    uint64_t buckets = 1024;
    while (buckets < options->most)
        buckets *= 2;
    if (!all)
        return NULL;
    all->options = *options;
    all->bucket_mask = buckets - 1;
    all->slab_room = options->most / SLAB + 2;
    all->buckets = calloc(buckets, sizeof *all->buckets);
    all->slabs = calloc(all->slab_room, sizeof(struct flow *));
    all->recent = calloc(RECENT, sizeof *all->recent);
    if (!all->buckets || !all->recent || !all->slabs ||
        getrandom(all->secret, sizeof all->secret, 0) < 0) {
        flows_close(all);
        return NULL;
    }
    return all;
}

void flows_close(struct flows *all)
{
    if (!all)
        return;
    for (unsigned long i = 0; all->slabs && i < all->slab_count; i++)
        free(all->slabs[i]);
    free(all->slabs);
    free(all->buckets);
    free(all->recent);
    free(all);
}

static void add_slab(struct flows *all)
{
    if (all->slab_count == all->slab_room)
        return;
    struct flow *slab = calloc(SLAB, sizeof *slab);
    if (!slab)
        return;
    all->slabs[all->slab_count] = slab;
    uint32_t first = (uint32_t)(all->slab_count++ << SLAB_BITS) + 1;
    for (uint32_t i = 0; i < SLAB; i++) {
        slab[i].chain = all->unused;
        all->unused = first + i;
    }
}

/* The finalizer of MurmurHash3 (A. Appleby, public domain), keyed. */
static uint64_t mix(uint64_t h)
{
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ (h >> 33);
}

static uint32_t *bucket_of(const struct flows *all, const struct endpoint *client,
                           const struct endpoint *server)
{
    uint64_t words[4], h = all->secret[0] ^ client->port ^ ((uint64_t)server->port << 16);
    memcpy(words, client->address, 16);
    memcpy(words + 2, server->address, 16);
    for (int i = 0; i < 4; i++)
        h = mix(h ^ words[i]) + all->secret[1];
    return &all->buckets[mix(h) & all->bucket_mask];
}

static bool is_same(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* ---- lists ---- */

static struct list *list_of(struct flows *all, const struct flow *f)
{
    return f->is_over ? &all->over : &all->open;
}

static void list_add(struct flows *all, uint32_t number)
{
    struct flow *f = at(all, number);
    struct list *list = list_of(all, f);
    f->newer = NONE;
    f->older = list->newest;
    if (list->newest)
        at(all, list->newest)->newer = number;
    else
        list->oldest = number;
    list->newest = number;
    list->count++;
}

static void list_remove(struct flows *all, uint32_t number)
{
    struct flow *f = at(all, number);
    struct list *list = list_of(all, f);
    if (f->older)
        at(all, f->older)->newer = f->newer;
    else
        list->oldest = f->newer;
    if (f->newer)
        at(all, f->newer)->older = f->older;
    else
        list->newest = f->older;
    list->count--;
}

/* ---- ends of connections ---- */

static void count(struct flows *all, struct flow *f, enum flow_count what)
{
    all->totals.counts[what]++;
    if (f->counts[what] < UINT16_MAX)
        f->counts[what]++;
}

static void tell_interval(struct flows *all, const struct flow *f, enum flow_interval what,
                          uint64_t from, uint64_t to)
{
    if (all->options.interval && to >= from && !f->is_over)
        all->options.interval(all->options.interval_context, what, to - from, to);
}

static uint64_t between(uint64_t from, uint64_t to)
{
    return to >= from ? to - from : FLOW_NOT_SEEN;
}

static enum flow_sight sight_of(const struct flow *f, bool ended)
{
    if (!f->has_syn)
        return FLOW_PARTIAL;
    if (ended)
        return FLOW_WHOLE;
    return f->has_more ? FLOW_UNFINISHED : FLOW_HALF_OPEN;
}

static void tell_over(struct flows *all, const struct flow *f, enum flow_sight sight)
{
    bool has_synack = f->has_syn && f->synack_ns;
    struct flow_summary summary = {
        .client = f->client,
        .server = f->server,
        .begin_ns = f->begin_ns,
        .intervals =
            {
                [FLOW_SYNACK] = has_synack ? between(f->begin_ns, f->synack_ns) : FLOW_NOT_SEEN,
                [FLOW_HANDSHAKE] = f->ack_ns ? between(f->synack_ns, f->ack_ns) : FLOW_NOT_SEEN,
                [FLOW_WAIT] = f->first_wait_ns,
                [FLOW_FIRST_BYTE] = f->first_byte_ns,
                [FLOW_RESPONSE] = f->first_response_ns,
                [FLOW_CLOSE] = f->close_ns,
            },
        .exchanges = f->exchanges,
        .sight = sight,
    };
    for (int i = 0; i < FLOW_COUNTS; i++)
        summary.counts[i] = f->counts[i];
    if (all->options.over)
        all->options.over(all->options.over_context, &summary);
}

/* The connection is complete and reported; it is kept for a while for late packets. */
static void end_flow(struct flows *all, uint32_t number, bool ended)
{
    struct flow *f = at(all, number);
    enum flow_sight sight = sight_of(f, ended);
    list_remove(all, number);
    f->is_over = true;
    list_add(all, number);
    all->totals.sights[sight]++;
    tell_over(all, f, sight);
}

static void forget(struct flows *all, uint32_t number)
{
    struct flow *f = at(all, number);
    uint32_t *link = bucket_of(all, &f->client, &f->server);
    while (*link != number)
        link = &at(all, *link)->chain;
    *link = f->chain;
    list_remove(all, number);
    f->chain = all->unused;
    all->unused = number;
}

static void give_up(struct flows *all, uint32_t number)
{
    all->totals.given_up++;
    end_flow(all, number, false);
    forget(all, number);
}

static bool is_silent(const struct flows *all, uint32_t number, uint64_t ns, uint64_t now)
{
    uint64_t last = at(all, number)->last_ns;
    return now > last && now - last > ns;
}

static void age(struct flows *all, uint64_t now)
{
    while (all->over.oldest && is_silent(all, all->over.oldest, LINGER_NS, now))
        forget(all, all->over.oldest);
    while (all->open.oldest && is_silent(all, all->open.oldest, all->options.idle_ns, now))
        give_up(all, all->open.oldest);
}

/* ---- new connections ---- */

static uint32_t take_unused(struct flows *all)
{
    if (all->open.count + all->over.count >= all->options.most) {
        if (all->over.oldest)
            forget(all, all->over.oldest);
        else
            give_up(all, all->open.oldest);
    }
    if (!all->unused)
        add_slab(all);
    uint32_t number = all->unused;
    if (number)
        all->unused = at(all, number)->chain;
    return number;
}

static uint32_t begin_flow(struct flows *all, const struct packet *p, const struct endpoint *client,
                           const struct endpoint *server)
{
    uint32_t number = take_unused(all);
    if (!number)
        return NONE;
    struct flow *f = at(all, number);
    uint32_t *bucket = bucket_of(all, client, server);
    *f = (struct flow){
        .chain = *bucket,
        .client = *client,
        .server = *server,
        .begin_ns = p->time_ns,
        .last_ns = p->time_ns,
        .first_wait_ns = FLOW_NOT_SEEN,
        .first_byte_ns = FLOW_NOT_SEEN,
        .first_response_ns = FLOW_NOT_SEEN,
        .close_ns = FLOW_NOT_SEEN,
    };
    *bucket = number;
    list_add(all, number);
    return number;
}

static uint32_t find(const struct flows *all, const struct endpoint *client,
                     const struct endpoint *server)
{
    uint32_t number = *bucket_of(all, client, server);
    while (number && !(is_same(&at(all, number)->client, client) &&
                       is_same(&at(all, number)->server, server)))
        number = at(all, number)->chain;
    return number;
}

static bool is_syn(const struct packet *p)
{
    return (p->flags & (PACKET_SYN | PACKET_ACK)) == PACKET_SYN;
}

/* Determines which endpoint is the server. If both ports are the server's port, the sender of the SYN is the client. */
static bool find_side(const struct flows *all, const struct packet *p, enum side *side)
{
    uint16_t port = all->options.port;
    if (p->from.port == port && p->to.port == port)
        *side = is_syn(p) || find(all, &p->from, &p->to) ? CLIENT : SERVER;
    else if (p->to.port == port || p->from.port == port)
        *side = p->to.port == port ? CLIENT : SERVER;
    else
        return false;
    return true;
}

/* ---- gaps ---- */

static bool has_gap(const struct flow *f, enum side side)
{
    return f->gap_side == side && f->gap_begin != f->gap_end;
}

static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

/* Bytes from `begin` to `end`: true if they fill a gap. The part of the gap before them remains. */
static bool fill_gap(struct flow *f, enum side side, uint32_t begin, uint32_t end)
{
    if (!has_gap(f, side) || distance(f->gap_begin, begin) < 0 || distance(begin, f->gap_end) <= 0)
        return false;
    if (begin != f->gap_begin)
        f->gap_end = begin;
    else
        f->gap_begin = distance(end, f->gap_end) > 0 ? end : f->gap_end;
    return true;
}

/* ---- exchanges ---- */

static void end_exchange(struct flows *all, struct flow *f)
{
    if (f->has_response && !f->misses_first && !has_gap(f, SERVER)) {
        tell_interval(all, f, FLOW_RESPONSE, f->first_ns, f->response_ns);
        if (f->exchanges == 1)
            f->first_response_ns = between(f->first_ns, f->response_ns);
    }
    if (has_gap(f, SERVER)) /* not in the next one */
        f->gap_begin = f->gap_end;
    f->has_request = f->has_response = f->misses_first = false;
}

/* The server has sent its bytes up to `seq`: those not captured yet will not be. None is further away than the largest
 * window (RFC 7323, 2.3). */
static void expect_response_end(struct flow *f, uint32_t seq)
{
    int32_t missing = distance(f->next[SERVER], seq);
    if (!f->is_known[SERVER] || missing <= 0 || missing > LARGEST_WINDOW)
        return;
    f->gap_side = SERVER;
    f->gap_begin = f->next[SERVER];
    f->gap_end = f->next[SERVER] = seq;
}

static void request_bytes(struct flows *all, struct flow *f, const struct packet *p)
{
    bool acknowledges = p->flags & PACKET_ACK;
    if (acknowledges)
        expect_response_end(f, p->ack);
    if (f->has_response || has_gap(f, SERVER))
        end_exchange(all, f);
    f->has_request = true;
    f->request_ns = p->time_ns;
    f->knows_response_seq = f->is_known[SERVER] || acknowledges;
    f->response_seq = f->is_known[SERVER] ? f->next[SERVER] : p->ack;
}

/* The server has received the whole request: checks whether all of it was captured. */
static bool sees_whole_request(const struct flow *f, const struct packet *p)
{
    return !has_gap(f, CLIENT) && !(p->flags & PACKET_ACK && distance(f->next[CLIENT], p->ack) > 0);
}

static void tell_first_byte(struct flows *all, struct flow *f)
{
    if (f->has_whole_request)
        tell_interval(all, f, FLOW_WAIT, f->request_ns, f->first_ns);
    if (f->exchanges > 1)
        return;
    if (f->has_whole_request)
        f->first_wait_ns = between(f->request_ns, f->first_ns);
    if (!f->has_syn)
        return;
    f->first_byte_ns = between(f->begin_ns, f->first_ns);
    tell_interval(all, f, FLOW_FIRST_BYTE, f->begin_ns, f->first_ns);
}

static void begin_response(struct flows *all, struct flow *f, const struct packet *p)
{
    f->has_response = true;
    f->exchanges++;
    f->first_ns = p->time_ns;
    f->has_whole_request = sees_whole_request(f, p);
    f->misses_first = f->knows_response_seq && distance(f->response_seq, p->seq) > 0;
    if (!f->misses_first)
        tell_first_byte(all, f);
}

/* Segments may be reordered: the first one may arrive after others. If it is never captured, the start of the response is
 * unknown. */
static void find_first_byte(struct flows *all, struct flow *f, const struct packet *p)
{
    if (!f->misses_first || distance(f->response_seq, p->seq) > 0 ||
        distance(f->response_seq, p->seq + p->length) <= 0)
        return;
    f->misses_first = false;
    tell_first_byte(all, f);
}

static void response_bytes(struct flows *all, struct flow *f, const struct packet *p)
{
    if (!f->has_request) /* not a response to a captured request */
        return;
    if (!f->has_response)
        begin_response(all, f, p);
    f->response_ns = p->time_ns;
}

/* ---- packets ---- */

/* Data and FIN, which occupies a sequence number like a byte. Returns true if any byte is new. */
static bool take_bytes(struct flows *all, struct flow *f, enum side side, const struct packet *p)
{
    uint32_t next = f->is_known[side] ? f->next[side] : p->seq;
    uint32_t data_end = p->seq + p->length, end = data_end + (p->flags & PACKET_FIN ? 1 : 0);
    /* a FIN after missing bytes has no new bytes */
    bool is_new = p->length > 0 && distance(next, data_end) > 0;
    if (distance(next, p->seq) > 0) {
        count(all, f, FLOW_OUT_OF_ORDER);
        f->gap_side = (uint8_t)side;
        f->gap_begin = next;
        f->gap_end = p->seq;
    } else if (fill_gap(f, side, p->seq, end)) {
        count(all, f, FLOW_OUT_OF_ORDER);
        is_new = p->length > 0;
    } else if (distance(next, p->seq) < 0) {
        count(all, f, FLOW_RETRANSMITTED);
    }
    f->is_known[side] = true;
    f->next[side] = distance(next, end) > 0 ? end : next;
    return is_new;
}

static void take_handshake(struct flows *all, struct flow *f, const struct packet *p)
{
    if (!f->synack_ns || f->ack_ns || !(p->flags & PACKET_ACK))
        return;
    f->ack_ns = p->time_ns;
    tell_interval(all, f, FLOW_HANDSHAKE, f->synack_ns, p->time_ns);
}

static void take_data(struct flows *all, struct flow *f, enum side side, const struct packet *p)
{
    if (p->length == 0 && !(p->flags & PACKET_FIN))
        return;
    bool is_new = take_bytes(all, f, side, p);
    if (side == SERVER)
        find_first_byte(all, f, p);
    if (!is_new || f->is_over)
        return;
    if (side == CLIENT)
        request_bytes(all, f, p);
    else
        response_bytes(all, f, p);
}

/* Data in a SYN or SYN/ACK (RFC 7413) follows its sequence number. */
static void take_syn_data(struct flows *all, struct flow *f, enum side side, const struct packet *p)
{
    struct packet data = *p;
    data.seq++;
    data.flags &= (uint8_t)~PACKET_FIN;
    take_data(all, f, side, &data);
}

static void take_syn(struct flows *all, struct flow *f, const struct packet *p)
{
    if (f->has_syn) {
        count(all, f, FLOW_SYN_RETRANSMITTED);
        return;
    }
    f->has_syn = true;
    f->isn = p->seq;
    f->is_known[CLIENT] = true;
    f->next[CLIENT] = p->seq + 1;
    take_syn_data(all, f, CLIENT, p);
}

static void take_synack(struct flows *all, struct flow *f, const struct packet *p)
{
    if (f->is_known[SERVER]) {
        count(all, f, FLOW_RETRANSMITTED);
        return;
    }
    f->is_known[SERVER] = true;
    f->next[SERVER] = p->seq + 1;
    if (f->has_syn) {
        f->synack_ns = p->time_ns;
        tell_interval(all, f, FLOW_SYNACK, f->begin_ns, p->time_ns);
    }
    take_syn_data(all, f, SERVER, p);
}

/* True if it was the second one. */
static bool take_fin(struct flows *all, struct flow *f, enum side side, const struct packet *p)
{
    if (f->has_fin[side])
        return false;
    f->has_fin[side] = true;
    /* a client may close its side after a request; a server's FIN may arrive before its data */
    if (side == SERVER && !has_gap(f, SERVER))
        end_exchange(all, f);
    if (!f->has_fin[!side]) {
        f->fin_ns = p->time_ns;
        return false;
    }
    f->close_ns = between(f->fin_ns, p->time_ns);
    tell_interval(all, f, FLOW_CLOSE, f->fin_ns, p->time_ns);
    end_exchange(all, f);
    return true;
}

/* Acknowledgments and sequence numbers of either side show which of the server's bytes were not captured. */
static bool take_rst(struct flows *all, struct flow *f, enum side side, const struct packet *p)
{
    if (side == SERVER || p->flags & PACKET_ACK)
        expect_response_end(f, side == SERVER ? p->seq : p->ack);
    count(all, f, FLOW_RESETS);
    end_exchange(all, f);
    return true;
}

/* True if the packet completes the connection. */
static bool take(struct flows *all, struct flow *f, enum side side, const struct packet *p)
{
    if (is_syn(p) && side == CLIENT) {
        take_syn(all, f, p);
        return false;
    }
    if (p->flags & PACKET_RST)
        return take_rst(all, f, side, p);
    if (p->flags & PACKET_SYN) {
        take_synack(all, f, p);
        return false;
    }
    f->has_more = true;
    if (side == CLIENT)
        take_handshake(all, f, p);
    take_data(all, f, side, p);
    return (p->flags & PACKET_FIN) && take_fin(all, f, side, p);
}

static bool is_seen_twice(struct flows *all, uint32_t number, enum side side,
                          const struct packet *p)
{
    uint64_t key = mix(((uint64_t)number << 33 | (uint64_t)side << 32 | p->print) ^ all->secret[0]);
    struct sight *sight = &all->recent[key & (RECENT - 1)];
    uint64_t apart = p->time_ns > sight->time_ns ? p->time_ns - sight->time_ns
                                                 : sight->time_ns - p->time_ns;
    if (sight->key == key && apart <= SEEN_TWICE_NS) {
        all->totals.seen_twice++;
        return true;
    }
    *sight = (struct sight){key, p->time_ns};
    return false;
}

/* The connection of this packet: an existing or a new one. The same two ports may be reused by a connection with another
 * initial sequence number. */
static uint32_t flow_of(struct flows *all, const struct packet *p, enum side side)
{
    const struct endpoint *client = side == CLIENT ? &p->from : &p->to;
    const struct endpoint *server = side == CLIENT ? &p->to : &p->from;
    uint32_t number = find(all, client, server);
    bool begins = is_syn(p) && side == CLIENT;
    if (number && begins && (!at(all, number)->has_syn || at(all, number)->isn != p->seq)) {
        if (!at(all, number)->is_over)
            end_flow(all, number, false);
        forget(all, number);
        number = NONE;
    }
    if (number)
        return number;
    /* a reset of an unknown connection is ignored */
    return p->flags & PACKET_RST ? NONE : begin_flow(all, p, client, server);
}

void flows_packet(struct flows *all, const struct packet *p)
{
    enum side side;
    if (!find_side(all, p, &side)) {
        all->totals.others++;
        return;
    }
    age(all, p->time_ns);
    uint32_t number = flow_of(all, p, side);
    if (!number)
        return;
    struct flow *f = at(all, number);
    if (is_seen_twice(all, number, side, p))
        return;
    uint32_t exchanges = f->exchanges;
    bool was_over = f->is_over;
    bool ends = take(all, f, side, p);
    all->totals.exchanges += f->exchanges - exchanges;
    list_remove(all, number);
    f->last_ns = p->time_ns > f->last_ns ? p->time_ns : f->last_ns;
    list_add(all, number);
    if (ends && !was_over)
        end_flow(all, number, true);
}

void flows_end(struct flows *all)
{
    while (all->open.oldest)
        end_flow(all, all->open.oldest, false);
    while (all->over.oldest)
        forget(all, all->over.oldest);
}

/* ---- totals ---- */

const struct flows_totals *flows_totals(const struct flows *all)
{
    return &all->totals;
}

unsigned long flows_open_count(const struct flows *all)
{
    return all->open.count;
}

unsigned long flows_memory(const struct flows *all)
{
    return sizeof *all + all->slab_room * sizeof(struct flow *) +
           all->slab_count * SLAB * sizeof(struct flow) +
           (all->bucket_mask + 1) * sizeof *all->buckets + RECENT * sizeof *all->recent;
}
