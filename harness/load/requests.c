/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts requests on connections, and records their results. */

#include "generator.h"

#include "harness/lib/clock.h"

#include <stdio.h>

enum {
    BEGUN_PER_ITERATION = 64, /* connections begun per event-loop iteration */
    GIVE_UP_FAILURES = 10,    /* failures, plus one per connection, without a success: give up */
};

static void count_up(struct generator *e, enum generator_count count)
{
    __atomic_store_n(&e->counts[count], e->counts[count] + 1, __ATOMIC_RELAXED);
}

/* ---- beginning ---- */

/* xorshift64* (S. Vigna, ACM TOMS 42(4), 2016): chooses the class of a connection. */
static uint64_t draw(struct generator *e)
{
    e->random ^= e->random >> 12;
    e->random ^= e->random << 25;
    e->random ^= e->random >> 27;
    return e->random * UINT64_C(2685821657736338717);
}

static void choose_class(struct generator *e, struct connection *c)
{
    const struct classes *classes = &e->options->classes;
    c->class = classes->count > 1 ? classes_choose(classes, draw(e) % classes->weight) : 0;
}

/* The slice of a rising rate that contains `at`; NULL outside the window, or if the rate does not rise. */
static struct ramp_slice *slice_at(struct generator *e, uint64_t at)
{
    if (!e->ramp || !generator_in_window(e))
        return NULL;
    return ramp_slice_at(e->ramp, at > e->window_begin_ns ? at - e->window_begin_ns : 0);
}

void generator_count_due(struct generator *e, uint64_t intended)
{
    struct ramp_slice *slice = slice_at(e, intended);
    e->result->intended += generator_in_window(e);
    if (slice)
        slice->due++;
}

static unsigned choose_url(struct generator *e)
{
    const struct load_options *o = e->options;
    uint64_t n = e->next_request;
    e->next_request += load_all_threads(o);
    return o->urls ? urls_choose(o->urls, o->schedule.seed, n) : 0;
}

static void begin(struct generator *e, struct connection *c, uint64_t intended, unsigned url)
{
    uint64_t now = clock_ns();
    struct ramp_slice *slice = slice_at(e, now);
    c->intended_ns = generator_is_open_loop(e) ? intended : now;
    c->begun_ns = now;
    c->opened_ns = now;
    c->url = url;
    c->retried = false;
    waiting_add(&e->answering, c, now);
    if (generator_in_window(e) && generator_is_open_loop(e))
        histogram_record(&e->result->send_lag, now - c->intended_ns);
    if (slice)
        histogram_record(&slice->send_lag, now - c->intended_ns);
    if (c->fd >= 0) {
        connection_send(e, c);
    } else {
        choose_class(e, c);
        connection_open(e, c);
    }
}

/* A closed loop of `count` requests does not start more than are missing. */
static bool may_begin(const struct generator *e)
{
    unsigned long count = e->options->count;
    return e->phase == PHASE_WARMUP ||
           (generator_in_window(e) &&
            (count == 0 || e->counts[GENERATOR_ENDED] + e->answering.count < count));
}

void generator_put_away(struct generator *e, struct connection *c)
{
    connection_close(e, c);
    c->state = CONNECTION_UNUSED;
    c->next = e->unused;
    e->unused = c;
}

static struct connection *take_unused(struct generator *e)
{
    struct connection *c = e->unused;
    if (c)
        e->unused = c->next;
    return c;
}

/* Closed loop: the next request of this slot. */
static void begin_next(struct generator *e, struct connection *c)
{
    if (may_begin(e))
        begin(e, c, 0, choose_url(e));
    else
        generator_put_away(e, c);
}

static void rest(struct connection *c, struct waiting *where, uint64_t now)
{
    c->state = CONNECTION_QUIET;
    waiting_add(where, c, now);
}

/* After a request; the connection may be open or closed. */
static void go_on(struct generator *e, struct connection *c, uint64_t now)
{
    if (generator_is_open_loop(e) && c->fd >= 0)
        rest(c, &e->idle, now);
    else if (generator_is_open_loop(e))
        generator_put_away(e, c);
    else if (e->options->think_ns && e->phase != PHASE_DRAIN)
        rest(c, &e->thinking, now);
    else
        begin_next(e, c);
}

/* Closed loop: first connections are begun a few per iteration, so that responses on the earlier ones are read
 * in time. */
void generator_begin_first(struct generator *e)
{
    for (int i = 0; i < BEGUN_PER_ITERATION && e->opened < e->options->connections && !e->over;
         i++) {
        e->opened++;
        begin_next(e, take_unused(e));
    }
}

void generator_plan_arrival(struct generator *e)
{
    unsigned long count = e->options->count;
    bool was_last = count && generator_in_window(e) && e->result->intended >= count;
    e->next_arrival_ns = was_last ? UINT64_MAX : e->schedule_begin_ns + schedule_next(e->schedule);
}

static void start_arrival(struct generator *e)
{
    uint64_t intended = e->next_arrival_ns;
    unsigned url = choose_url(
        e); /* also if it cannot be started: the sequence of URLs does not change */
    struct connection *c = e->idle.last; /* most recently used: its cache lines are warm */
    if (c)
        waiting_leave(c);
    else
        c = take_unused(e);
    generator_count_due(e, intended);
    generator_plan_arrival(e);
    if (c) {
        begin(e, c, intended, url);
    } else if (generator_in_window(e)) {
        e->result->not_started++;
        e->part.not_started++;
    }
}

/* Arrivals due at the end of a phase or later belong to the next one. */
uint64_t generator_due_until(const struct generator *e, uint64_t now)
{
    return now < e->phase_end_ns ? now : e->phase_end_ns - 1;
}

void generator_start_arrivals(struct generator *e, uint64_t now)
{
    uint64_t until = generator_due_until(e, now);
    for (int i = 0; i < BEGUN_PER_ITERATION && e->next_arrival_ns <= until && !e->over; i++)
        start_arrival(e);
}

/* ---- ends of requests ---- */

void generator_connected(struct generator *e, struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    __atomic_store_n(&e->run->connected, true, __ATOMIC_RELAXED);
    if (!generator_in_window(e))
        return;
    r->connections++;
    r->classes[c->class].connections++;
    histogram_record(&r->connect, now - c->opened_ns);
}

void generator_handshake_done(struct generator *e, struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    if (r->tls.version[0] == '\0')
        tls_get_facts(c->tls, &r->tls);
    if (!generator_in_window(e))
        return;
    r->resumed += tls_is_resumed(c->tls);
    histogram_record(&r->handshake, now - c->connected_ns);
}

void generator_first_byte(struct generator *e, struct connection *c, uint64_t now)
{
    if (generator_in_window(e))
        histogram_record(&e->result->first_byte, now - c->begun_ns);
}

void generator_answered(struct generator *e, const struct connection *c)
{
    if (generator_in_window(e))
        e->result->statuses[c->response.status]++;
}

static void request_ended(struct generator *e, struct connection *c)
{
    waiting_leave(c);
    if (generator_in_window(e))
        count_up(e, GENERATOR_ENDED);
}

static void record(struct generator *e, const struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    uint64_t latency = now - c->intended_ns;
    struct ramp_slice *slice = slice_at(e, now);
    r->requests++;
    histogram_record(&r->latency, latency);
    if (generator_is_open_loop(e))
        histogram_record(&r->from_send, now - c->begun_ns);
    if (e->options->classes.count > 1) {
        r->classes[c->class].requests++;
        histogram_record(&r->classes[c->class].latency, latency);
    }
    if (slice)
        histogram_record(&slice->latency, latency);
    if (e->url_results)
        histogram_record(&e->url_results[c->url].latency, latency);
    if (e->options->timeline) {
        e->part.requests++;
        histogram_record(&e->part.latency, latency);
    }
}

void generator_succeeded(struct generator *e, struct connection *c, uint64_t now)
{
    const struct class *class = &e->options->classes.all[c->class];
    bool reusable = c->response.keep_alive && c->state == CONNECTION_RECEIVING;
    bool more = class->requests == 0 || c->sent < class->requests;
    request_ended(e, c);
    count_up(e, GENERATOR_SUCCESSES);
    if (generator_in_window(e))
        record(e, c, now);
    if (reusable && !more && class->hold_ns && e->phase != PHASE_DRAIN) {
        rest(c, &e->holding[c->class], now);
        return;
    }
    if (!reusable || !more)
        connection_close(e, c);
    go_on(e, c, now);
}

static bool should_give_up(const struct generator *e)
{
    unsigned long least = generator_is_open_loop(e) ? GIVE_UP_FAILURES : e->options->connections;
    uint64_t failures = e->counts[GENERATOR_FAILURES] - e->own_failures;
    return e->counts[GENERATOR_SUCCESSES] == 0 && failures >= GIVE_UP_FAILURES && failures >= least;
}

static void record_error(struct generator *e, enum load_error error, const char *example)
{
    struct load_result *r = e->result;
    struct ramp_slice *slice = slice_at(e, clock_ns());
    count_up(e, GENERATOR_FAILURES);
    e->own_failures += error == LOAD_PORTS;
    if (generator_in_window(e)) {
        r->errors[error]++;
        e->part.errors++;
        if (slice)
            slice->errors++;
    }
    if (e->phase != PHASE_DRAIN && r->first_error[error][0] == '\0')
        snprintf(r->first_error[error], LOAD_EXAMPLE, "%s", example);
}

void generator_failed(struct generator *e, struct connection *c, enum load_error error,
                      const char *example)
{
    bool never_connected = c->state == CONNECTION_CONNECTING || c->state == CONNECTION_HANDSHAKING;
    uint64_t now = clock_ns();
    request_ended(e, c);
    record_error(e, error, example);
    if (e->url_results && generator_in_window(e))
        e->url_results[c->url].errors++;
    connection_close(e, c);
    if (should_give_up(e))
        e->over = true;
    if (e->over)
        generator_put_away(e, c);
    else if ((never_connected || error == LOAD_PORTS) && !generator_is_open_loop(e))
        rest(c, &e->retrying, now);
    else
        go_on(e, c, now);
}

void generator_retry(struct generator *e, struct connection *c)
{
    connection_close(e, c);
    e->result->retried += generator_in_window(e);
    c->retried = true;
    c->opened_ns = clock_ns();
    connection_open(e, c);
}

void generator_quiet_ended(struct generator *e, struct connection *c)
{
    struct waiting *where = c->waiting;
    connection_close(e, c);
    if (where == &e->thinking) /* a new connection after the think time */
        return;
    waiting_leave(c);
    go_on(e, c, clock_ns());
}

/* ---- timeouts ---- */

static void expire(struct generator *e, struct connection *c)
{
    if (c->state == CONNECTION_CONNECTING)
        generator_failed(e, c, LOAD_CONNECT_TIMEOUT, "no connection within the timeout");
    else if (c->state == CONNECTION_HANDSHAKING)
        generator_failed(e, c, LOAD_CONNECT_TIMEOUT, "no TLS handshake within the timeout");
    else
        generator_failed(e, c, LOAD_READ_TIMEOUT, "no complete response within the timeout");
}

static void go_on_after_rest(struct generator *e, struct connection *c)
{
    waiting_leave(c);
    begin_next(e, c);
}

static void end_hold(struct generator *e, struct connection *c)
{
    waiting_leave(c);
    connection_close(e, c);
    go_on(e, c, clock_ns());
}

static void end_waits(struct generator *e, struct waiting *w, uint64_t now,
                      void (*what)(struct generator *, struct connection *))
{
    while (waiting_end(w) <= now && !e->over)
        what(e, w->first);
}

void generator_end_waits(struct generator *e, uint64_t now)
{
    end_waits(e, &e->answering, now, expire);
    end_waits(e, &e->retrying, now, go_on_after_rest);
    end_waits(e, &e->thinking, now, go_on_after_rest);
    for (unsigned i = 0; i < e->options->classes.count; i++)
        end_waits(e, &e->holding[i], now, end_hold);
}

uint64_t generator_next_end(const struct generator *e)
{
    uint64_t end = generator_earlier(waiting_end(&e->answering), waiting_end(&e->retrying));
    end = generator_earlier(end, waiting_end(&e->thinking));
    for (unsigned i = 0; i < e->options->classes.count; i++)
        end = generator_earlier(end, waiting_end(&e->holding[i]));
    return end;
}
