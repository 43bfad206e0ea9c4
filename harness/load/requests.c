/* Starts requests on connections, and records their results. */

#include "engine.h"

#include "harness/lib/clock.h"

#include <stdio.h>

enum {
    BEGUN_PER_ITERATION = 64, /* connections begun per event-loop iteration */
    GIVE_UP_FAILURES = 10,    /* failures, plus one per connection, without a success: give up */
};

static void count_up(struct engine *e, enum engine_count count)
{
    __atomic_store_n(&e->counts[count], e->counts[count] + 1, __ATOMIC_RELAXED);
}

/* ---- beginning ---- */

/* xorshift64* (S. Vigna, ACM TOMS 42(4), 2016): chooses the class of a connection. */
static uint64_t draw(struct engine *e)
{
    e->random ^= e->random >> 12;
    e->random ^= e->random << 25;
    e->random ^= e->random >> 27;
    return e->random * UINT64_C(2685821657736338717);
}

static void choose_class(struct engine *e, struct connection *c)
{
    const struct classes *classes = &e->options->classes;
    c->class = classes->count > 1 ? classes_choose(classes, draw(e) % classes->weight) : 0;
}

/* The slice of a rising rate that contains `at`; NULL outside the window, or if the rate does not rise. */
static struct ramp_slice *slice_at(struct engine *e, uint64_t at)
{
    if (!e->ramp || !engine_in_window(e))
        return NULL;
    return ramp_slice_at(e->ramp, at > e->window_begin_ns ? at - e->window_begin_ns : 0);
}

void engine_count_due(struct engine *e, uint64_t intended)
{
    struct ramp_slice *slice = slice_at(e, intended);
    e->result->intended += engine_in_window(e);
    if (slice)
        slice->due++;
}

static unsigned choose_url(struct engine *e)
{
    const struct load_options *o = e->options;
    uint64_t n = e->next_request;
    e->next_request += load_all_threads(o);
    return o->urls ? urls_choose(o->urls, o->schedule.seed, n) : 0;
}

static void begin(struct engine *e, struct connection *c, uint64_t intended, unsigned url)
{
    uint64_t now = clock_ns();
    struct ramp_slice *slice = slice_at(e, now);
    c->intended_ns = engine_is_open_loop(e) ? intended : now;
    c->begun_ns = now;
    c->opened_ns = now;
    c->url = url;
    c->retried = false;
    waiting_add(&e->answering, c, now);
    if (engine_in_window(e) && engine_is_open_loop(e))
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
static bool may_begin(const struct engine *e)
{
    unsigned long count = e->options->count;
    return e->phase == PHASE_WARMUP ||
           (engine_in_window(e) &&
            (count == 0 || e->counts[ENGINE_ENDED] + e->answering.count < count));
}

void engine_put_away(struct engine *e, struct connection *c)
{
    connection_close(e, c);
    c->state = CONNECTION_UNUSED;
    c->next = e->unused;
    e->unused = c;
}

static struct connection *take_unused(struct engine *e)
{
    struct connection *c = e->unused;
    if (c)
        e->unused = c->next;
    return c;
}

/* Closed loop: the next request of this slot. */
static void begin_next(struct engine *e, struct connection *c)
{
    if (may_begin(e))
        begin(e, c, 0, choose_url(e));
    else
        engine_put_away(e, c);
}

static void rest(struct connection *c, struct waiting *where, uint64_t now)
{
    c->state = CONNECTION_QUIET;
    waiting_add(where, c, now);
}

/* After a request; the connection may be open or closed. */
static void go_on(struct engine *e, struct connection *c, uint64_t now)
{
    if (engine_is_open_loop(e) && c->fd >= 0)
        rest(c, &e->idle, now);
    else if (engine_is_open_loop(e))
        engine_put_away(e, c);
    else if (e->options->think_ns && e->phase != PHASE_DRAIN)
        rest(c, &e->thinking, now);
    else
        begin_next(e, c);
}

/* Closed loop: first connections are begun a few per iteration, so that responses on the earlier ones are read
 * in time. */
void engine_begin_first(struct engine *e)
{
    for (int i = 0; i < BEGUN_PER_ITERATION && e->opened < e->options->connections && !e->over;
         i++) {
        e->opened++;
        begin_next(e, take_unused(e));
    }
}

void engine_plan_arrival(struct engine *e)
{
    unsigned long count = e->options->count;
    bool was_last = count && engine_in_window(e) && e->result->intended >= count;
    e->next_arrival_ns = was_last ? UINT64_MAX : e->schedule_begin_ns + schedule_next(e->schedule);
}

static void start_arrival(struct engine *e)
{
    uint64_t intended = e->next_arrival_ns;
    unsigned url = choose_url(
        e); /* also if it cannot be started: the sequence of URLs does not change */
    struct connection *c = e->idle.last; /* most recently used: its cache lines are warm */
    if (c)
        waiting_leave(c);
    else
        c = take_unused(e);
    engine_count_due(e, intended);
    engine_plan_arrival(e);
    if (c) {
        begin(e, c, intended, url);
    } else if (engine_in_window(e)) {
        e->result->not_started++;
        e->part.not_started++;
    }
}

/* Arrivals due at the end of a phase or later belong to the next one. */
uint64_t engine_due_until(const struct engine *e, uint64_t now)
{
    return now < e->phase_end_ns ? now : e->phase_end_ns - 1;
}

void engine_start_arrivals(struct engine *e, uint64_t now)
{
    uint64_t until = engine_due_until(e, now);
    for (int i = 0; i < BEGUN_PER_ITERATION && e->next_arrival_ns <= until && !e->over; i++)
        start_arrival(e);
}

/* ---- ends of requests ---- */

void engine_connected(struct engine *e, struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    __atomic_store_n(&e->run->connected, true, __ATOMIC_RELAXED);
    if (!engine_in_window(e))
        return;
    r->connections++;
    r->classes[c->class].connections++;
    histogram_record(&r->connect, now - c->opened_ns);
}

void engine_handshake_done(struct engine *e, struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    if (r->tls.version[0] == '\0')
        tls_get_facts(c->tls, &r->tls);
    if (!engine_in_window(e))
        return;
    r->resumed += tls_is_resumed(c->tls);
    histogram_record(&r->handshake, now - c->connected_ns);
}

void engine_first_byte(struct engine *e, struct connection *c, uint64_t now)
{
    if (engine_in_window(e))
        histogram_record(&e->result->first_byte, now - c->begun_ns);
}

void engine_answered(struct engine *e, const struct connection *c)
{
    if (engine_in_window(e))
        e->result->statuses[c->response.status]++;
}

static void request_ended(struct engine *e, struct connection *c)
{
    waiting_leave(c);
    if (engine_in_window(e))
        count_up(e, ENGINE_ENDED);
}

static void record(struct engine *e, const struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    uint64_t latency = now - c->intended_ns;
    struct ramp_slice *slice = slice_at(e, now);
    r->requests++;
    histogram_record(&r->latency, latency);
    if (engine_is_open_loop(e))
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

void engine_succeeded(struct engine *e, struct connection *c, uint64_t now)
{
    const struct class *class = &e->options->classes.all[c->class];
    bool reusable = c->response.keep_alive && c->state == CONNECTION_RECEIVING;
    bool more = class->requests == 0 || c->sent < class->requests;
    request_ended(e, c);
    count_up(e, ENGINE_SUCCESSES);
    if (engine_in_window(e))
        record(e, c, now);
    if (reusable && !more && class->hold_ns && e->phase != PHASE_DRAIN) {
        rest(c, &e->holding[c->class], now);
        return;
    }
    if (!reusable || !more)
        connection_close(e, c);
    go_on(e, c, now);
}

static bool should_give_up(const struct engine *e)
{
    unsigned long least = engine_is_open_loop(e) ? GIVE_UP_FAILURES : e->options->connections;
    uint64_t failures = e->counts[ENGINE_FAILURES] - e->own_failures;
    return e->counts[ENGINE_SUCCESSES] == 0 && failures >= GIVE_UP_FAILURES && failures >= least;
}

static void record_error(struct engine *e, enum load_error error, const char *example)
{
    struct load_result *r = e->result;
    struct ramp_slice *slice = slice_at(e, clock_ns());
    count_up(e, ENGINE_FAILURES);
    e->own_failures += error == LOAD_PORTS;
    if (engine_in_window(e)) {
        r->errors[error]++;
        e->part.errors++;
        if (slice)
            slice->errors++;
    }
    if (e->phase != PHASE_DRAIN && r->first_error[error][0] == '\0')
        snprintf(r->first_error[error], LOAD_EXAMPLE, "%s", example);
}

void engine_failed(struct engine *e, struct connection *c, enum load_error error,
                   const char *example)
{
    bool never_connected = c->state == CONNECTION_CONNECTING || c->state == CONNECTION_HANDSHAKING;
    uint64_t now = clock_ns();
    request_ended(e, c);
    record_error(e, error, example);
    if (e->url_results && engine_in_window(e))
        e->url_results[c->url].errors++;
    connection_close(e, c);
    if (should_give_up(e))
        e->over = true;
    if (e->over)
        engine_put_away(e, c);
    else if ((never_connected || error == LOAD_PORTS) && !engine_is_open_loop(e))
        rest(c, &e->retrying, now);
    else
        go_on(e, c, now);
}

void engine_retry(struct engine *e, struct connection *c)
{
    connection_close(e, c);
    e->result->retried += engine_in_window(e);
    c->retried = true;
    c->opened_ns = clock_ns();
    connection_open(e, c);
}

void engine_quiet_ended(struct engine *e, struct connection *c)
{
    struct waiting *where = c->waiting;
    connection_close(e, c);
    if (where == &e->thinking) /* a new connection after the think time */
        return;
    waiting_leave(c);
    go_on(e, c, clock_ns());
}

/* ---- timeouts ---- */

static void expire(struct engine *e, struct connection *c)
{
    if (c->state == CONNECTION_CONNECTING)
        engine_failed(e, c, LOAD_CONNECT_TIMEOUT, "no connection within the timeout");
    else if (c->state == CONNECTION_HANDSHAKING)
        engine_failed(e, c, LOAD_CONNECT_TIMEOUT, "no TLS handshake within the timeout");
    else
        engine_failed(e, c, LOAD_READ_TIMEOUT, "no complete response within the timeout");
}

static void go_on_after_rest(struct engine *e, struct connection *c)
{
    waiting_leave(c);
    begin_next(e, c);
}

static void end_hold(struct engine *e, struct connection *c)
{
    waiting_leave(c);
    connection_close(e, c);
    go_on(e, c, clock_ns());
}

static void end_waits(struct engine *e, struct waiting *w, uint64_t now,
                      void (*what)(struct engine *, struct connection *))
{
    while (waiting_end(w) <= now && !e->over)
        what(e, w->first);
}

void engine_end_waits(struct engine *e, uint64_t now)
{
    end_waits(e, &e->answering, now, expire);
    end_waits(e, &e->retrying, now, go_on_after_rest);
    end_waits(e, &e->thinking, now, go_on_after_rest);
    for (unsigned i = 0; i < e->options->classes.count; i++)
        end_waits(e, &e->holding[i], now, end_hold);
}

uint64_t engine_next_end(const struct engine *e)
{
    uint64_t end = engine_earlier(waiting_end(&e->answering), waiting_end(&e->retrying));
    end = engine_earlier(end, waiting_end(&e->thinking));
    for (unsigned i = 0; i < e->options->classes.count; i++)
        end = engine_earlier(end, waiting_end(&e->holding[i]));
    return end;
}
