/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packet parser and the connection table with arbitrary frames. The first byte selects the link type,
 * followed by records: two bytes (the step of the clock, 5 bits; the frame's length, 11 bits) and the frame.
 * The corpus is in tests/data/packet.
 */

#include "harness/lib/clock.h"
#include "harness/wire/flows.h"

#include <pcap/dlt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PORT = 8080, MOST = 4 };

static const uint64_t epoch = 1700000000 * NS_PER_S, idle_ns = 10 * NS_PER_S;

static const int links[] = {
    DLT_EN10MB,
    DLT_NULL,
    DLT_LOOP,
    DLT_RAW,
    DLT_IPV4,
    DLT_IPV6,
    DLT_LINUX_SLL,
    DLT_LINUX_SLL2,
    DLT_PPP,
    DLT_PPP_PPPD,
    DLT_PPP_ETHER,
    DLT_C_HDLC,
    DLT_MPLS,
    DLT_ATM_RFC1483,
    DLT_ENC,
    DLT_IEEE802_11,
    DLT_IEEE802_11_RADIO,
    DLT_NFLOG,
    DLT_PFLOG,
};

/* The last step is negative. */
static const int64_t steps_ns[] = {0, 1, 1000, 100000, 2000000, 300000000, 20000000000, -2000};

struct sums {
    uint64_t first_ns, last_ns; /* of all packets */
    uint64_t over, sights[FLOW_SIGHTS], counts[FLOW_COUNTS], exchanges, waits;
};

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void take_interval(void *context, enum flow_interval interval, uint64_t ns, uint64_t end_ns)
{
    struct sums *sums = context;
    demand(interval < FLOW_INTERVALS);
    demand(end_ns >= sums->first_ns && end_ns <= sums->last_ns);
    demand(ns <= end_ns - sums->first_ns);
    sums->waits += interval == FLOW_WAIT;
}

static void take_over(void *context, const struct flow_summary *s)
{
    struct sums *sums = context;
    demand(s->client.port == PORT || s->server.port == PORT);
    demand(s->begin_ns >= sums->first_ns && s->begin_ns <= sums->last_ns);
    demand((unsigned)s->sight < FLOW_SIGHTS);
    for (int i = 0; i < FLOW_INTERVALS; i++)
        demand(s->intervals[i] == FLOW_NOT_SEEN ||
               s->intervals[i] <= sums->last_ns - sums->first_ns);
    for (int i = 0; i < FLOW_COUNTS; i++)
        sums->counts[i] += s->counts[i];
    sums->sights[s->sight]++;
    sums->exchanges += s->exchanges;
    sums->over++;
}

/* Each connection is open or finished: none is lost, and a packet starts one at most. */
static void take_packet(struct flows *flows, struct sums *sums, const struct packet *p)
{
    uint64_t before = sums->over + flows_open_count(flows);
    if (p->time_ns < sums->first_ns)
        sums->first_ns = p->time_ns;
    if (p->time_ns > sums->last_ns)
        sums->last_ns = p->time_ns;
    flows_packet(flows, p);
    uint64_t after = sums->over + flows_open_count(flows);
    demand(after == before || after == before + 1);
    demand(flows_open_count(flows) <= MOST);
}

/* A copy of the exact size, so that the sanitizer detects a read beyond it. The frame may have been longer. */
static enum packet_verdict read_frame(struct packet *p, int link, const uint8_t *frame,
                                      size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    memcpy(copy, frame, length);
    enum packet_verdict verdict = packet_read(p, link, copy, length,
                                              length + (length ? frame[0] : 0));
    free(copy);
    demand((unsigned)verdict < PACKET_VERDICTS);
    if (verdict == PACKET_TCP)
        demand(p->length <= 65535);
    return verdict;
}

static void take_records(struct flows *flows, struct sums *sums, int link, const uint8_t *data,
                         size_t size)
{
    uint64_t now = epoch;
    while (size >= 2) {
        struct packet p;
        size_t length = (size_t)(data[0] & 7) << 8 | data[1];
        now += (uint64_t)steps_ns[(data[0] >> 3) % (sizeof steps_ns / sizeof *steps_ns)];
        data += 2;
        size -= 2;
        if (length > size)
            length = size;
        if (read_frame(&p, link, data, length) == PACKET_TCP) {
            p.time_ns = now;
            take_packet(flows, sums, &p);
        }
        data += length;
        size -= length;
    }
}

static void check_sums(const struct sums *sums, const struct flows_totals *totals)
{
    for (int i = 0; i < FLOW_SIGHTS; i++)
        demand(sums->sights[i] == totals->sights[i]);
    for (int i = 0; i < FLOW_COUNTS; i++) /* late packets are in the totals only */
        demand(sums->counts[i] <= totals->counts[i]);
    demand(sums->exchanges == totals->exchanges);
    demand(sums->waits <= totals->exchanges);
    demand(totals->given_up <= sums->over);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sums sums = {.first_ns = epoch, .last_ns = epoch};
    const struct flows_options options = {
        .port = PORT,
        .most = MOST,
        .idle_ns = idle_ns,
        .interval = take_interval,
        .interval_context = &sums,
        .over = take_over,
        .over_context = &sums,
    };
    if (size == 0)
        return 0;
    struct flows *flows = flows_open(&options);
    if (!flows)
        abort();
    take_records(flows, &sums, links[data[0] % (sizeof links / sizeof *links)], data + 1, size - 1);
    flows_end(flows);
    demand(flows_open_count(flows) == 0);
    check_sums(&sums, flows_totals(flows));
    flows_close(flows);
    return 0;
}
