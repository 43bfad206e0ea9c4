/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire.h"

#include <stdlib.h>

struct wire {
    struct capture *capture;
    struct flows *flows;
    int link_type;
    uint16_t port;
    uint64_t begin_ns, end_ns; /* of the window; written by another thread */
    struct wire_result result;
};

static void take_interval(void *context, enum flow_interval interval, uint64_t ns, uint64_t end_ns)
{
    struct wire *w = context;
    if (end_ns >= __atomic_load_n(&w->begin_ns, __ATOMIC_RELAXED) &&
        end_ns <= __atomic_load_n(&w->end_ns, __ATOMIC_RELAXED))
        histogram_record(&w->result.intervals[interval], ns);
}

struct wire *wire_open(const struct wire_options *options, const char **why, bool *is_usage)
{
    struct wire *w = calloc(1, sizeof *w);
    const struct flows_options flows = {
        .port = options->capture.port,
        .most = options->most,
        .idle_ns = options->idle_ns,
        .interval = take_interval,
        .interval_context = w,
        .over = options->over,
        .over_context = options->context,
    };
    *why = "out of memory";
    *is_usage = false;
    if (!w)
        return NULL;
    w->end_ns = UINT64_MAX;
    w->flows = flows_open(&flows);
    if (w->flows)
        w->capture = capture_open(&options->capture, why, is_usage);
    if (!w->capture) {
        flows_close(w->flows);
        free(w);
        return NULL;
    }
    w->link_type = capture_link_type(w->capture);
    w->port = options->capture.port;
    return w;
}

void wire_window(struct wire *w, uint64_t begin_ns, uint64_t end_ns)
{
    __atomic_store_n(&w->begin_ns, begin_ns, __ATOMIC_RELAXED);
    __atomic_store_n(&w->end_ns, end_ns, __ATOMIC_RELAXED);
}

/* True if the captured bytes show that it is of another port. */
static bool is_other_port(const struct wire *w, const struct packet *p)
{
    bool has_ports = p->from.port || p->to.port;
    return has_ports && p->from.port != w->port && p->to.port != w->port;
}

/* True if the frame is to be written to options.write. */
static bool take_frame(void *context, const struct capture_frame *frame)
{
    struct wire *w = context;
    struct packet packet;
    enum packet_verdict verdict = packet_read(&packet, w->link_type, frame->bytes, frame->captured,
                                              frame->length);
    bool is_other = is_other_port(w, &packet);
    if (is_other && verdict != PACKET_TCP) /* malformed, but of another port */
        verdict = PACKET_OTHER;
    w->result.packets[verdict]++;
    if (verdict == PACKET_COVERED)
        w->result.covered[packet.cover]++;
    if (verdict != PACKET_TCP)
        return verdict != PACKET_OTHER;
    if (!is_other) {
        if (w->result.first_ns == 0)
            w->result.first_ns = frame->time_ns;
        w->result.last_ns = frame->time_ns;
    }
    packet.time_ns = frame->time_ns;
    flows_packet(w->flows, &packet);
    return !is_other;
}

int wire_read(struct wire *w)
{
    return capture_read(w->capture, take_frame, w);
}

bool wire_drain(struct wire *w)
{
    return capture_drain(w->capture, take_frame, w);
}

const char *wire_error(const struct wire *w)
{
    return capture_error(w->capture);
}

void wire_end(struct wire *w)
{
    flows_end(w->flows);
}

const struct wire_result *wire_result(struct wire *w)
{
    w->result.totals = *flows_totals(w->flows);
    w->result.open = flows_open_count(w->flows);
    capture_stats(w->capture, &w->result.capture);
    return &w->result;
}

bool wire_has_drops(const struct wire_result *r)
{
    return r->capture.dropped + r->capture.interface_dropped > 0;
}

const char *wire_verdict(const struct wire_result *r)
{
    if (wire_has_drops(r))
        return "drops";
    if (r->packets[PACKET_BAD])
        return "bad";
    return r->packets[PACKET_TRUNCATED] ? "truncated" : "ok";
}

const char *wire_close(struct wire *w)
{
    const char *error = capture_close(w->capture);
    flows_close(w->flows);
    free(w);
    return error;
}
