/* One thread of the load: what is begun when, and what is counted. */

#include "engine.h"

#include "harness/lib/clock.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    BATCH = 256,         /* events handled per wait */
    BEGUN_PER_TURN = 64, /* connections begun before those that are there get their turn again */
    HOPELESS = 10,       /* failures, and one per connection, without one success: give up */
};

static const uint64_t RETRY_NS = 10 *
                                 NS_PER_MS; /* at once would measure how fast connects can fail */
static const uint64_t DRAIN_LIMIT_NS = NS_PER_S; /* what those in flight get to end in */
static const uint64_t LOOK_UP_NS = 100 *
                                   NS_PER_MS; /* at the latest: has somebody pressed Ctrl-C? */
static const uint64_t PROGRESS_NS = NS_PER_S / 4;

/* A sleep ends late by what it takes to wake up: the last bit before an arrival is waited for with the
 * CPU. */
static const uint64_t SPIN_NS = 60 * NS_PER_US;

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return timespec_ns(t);
}

static bool in_window(const struct engine *e)
{
    return e->phase == PHASE_WINDOW;
}

/* The thread that shows the progress reads it meanwhile. */
static void count_up(uint64_t *n)
{
    __atomic_store_n(n, *n + 1, __ATOMIC_RELAXED);
}

/* ---- beginning ---- */

/* xorshift64* (S. Vigna, ACM TOMS 42(4), 2016): for the choice of a class, a call each connection. */
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

static void begin(struct engine *e, struct connection *c, uint64_t intended)
{
    uint64_t now = clock_ns();
    c->intended_ns = engine_is_open_loop(e) ? intended : now;
    c->begun_ns = now;
    waiting_add(&e->answering, c, now);
    if (in_window(e) && engine_is_open_loop(e))
        histogram_record(&e->result->send_lag, now - c->intended_ns);
    if (c->fd >= 0) {
        connection_send(e, c);
    } else {
        choose_class(e, c);
        connection_open(e, c);
    }
}

/* A closed loop of `count` requests starts none that would be one too many. */
static bool may_begin(const struct engine *e)
{
    unsigned long count = e->options->count;
    return e->phase == PHASE_WARMUP ||
           (in_window(e) && (count == 0 || e->ended + e->answering.count < count));
}

static void put_away(struct engine *e, struct connection *c)
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

/* Closed loop: the next request of this place. */
static void begin_next(struct engine *e, struct connection *c)
{
    if (may_begin(e))
        begin(e, c, 0);
    else
        put_away(e, c);
}

static void rest(struct connection *c, struct waiting *where, uint64_t now)
{
    c->state = CONNECTION_QUIET;
    waiting_add(where, c, now);
}

/* After a request, its connection open or closed. */
static void go_on(struct engine *e, struct connection *c, uint64_t now)
{
    if (engine_is_open_loop(e) && c->fd >= 0)
        rest(c, &e->idle, now);
    else if (engine_is_open_loop(e))
        put_away(e, c);
    else if (e->options->think_ns && e->phase != PHASE_DRAIN)
        rest(c, &e->thinking, now);
    else
        begin_next(e, c);
}

/* Closed loop: first connections are begun a few at a time, so that the answers to these are not kept
 * waiting for all the others. */
static void begin_first_connections(struct engine *e)
{
    for (int i = 0; i < BEGUN_PER_TURN && e->opened < e->options->connections && !e->over; i++) {
        e->opened++;
        begin_next(e, take_unused(e));
    }
}

static void plan_next_arrival(struct engine *e)
{
    unsigned long count = e->options->count;
    bool was_last = count && in_window(e) && e->result->intended >= count;
    e->next_arrival_ns = was_last ? UINT64_MAX : e->schedule_begin_ns + schedule_next(e->schedule);
}

static void start_arrival(struct engine *e)
{
    uint64_t intended = e->next_arrival_ns;
    struct connection *c = e->idle.last; /* the one whose cache lines are warmest */
    if (c)
        waiting_leave(c);
    else
        c = take_unused(e);
    e->result->intended += in_window(e);
    plan_next_arrival(e);
    if (c) {
        begin(e, c, intended);
    } else if (in_window(e)) {
        e->result->not_started++;
        e->part.not_started++;
    }
}

/* Those due at a phase's end or later are the next one's. */
static uint64_t due_until(const struct engine *e, uint64_t now)
{
    return now < e->phase_end_ns ? now : e->phase_end_ns - 1;
}

static void start_arrivals(struct engine *e, uint64_t now)
{
    uint64_t until = due_until(e, now);
    for (int i = 0; i < BEGUN_PER_TURN && e->next_arrival_ns <= until && !e->over; i++)
        start_arrival(e);
}

/* ---- ends of requests ---- */

void engine_connected(struct engine *e, struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    if (!in_window(e))
        return;
    r->connections++;
    r->classes[c->class].connections++;
    histogram_record(&r->connect, now - c->begun_ns);
}

void engine_first_byte(struct engine *e, struct connection *c, uint64_t now)
{
    if (in_window(e))
        histogram_record(&e->result->first_byte, now - c->begun_ns);
}

static void request_ended(struct engine *e, struct connection *c)
{
    waiting_leave(c);
    if (in_window(e))
        count_up(&e->ended);
}

static void record(struct engine *e, const struct connection *c, uint64_t now)
{
    struct load_result *r = e->result;
    uint64_t latency = now - c->intended_ns;
    r->requests++;
    histogram_record(&r->latency, latency);
    if (engine_is_open_loop(e))
        histogram_record(&r->from_send, now - c->begun_ns);
    if (e->options->classes.count > 1) {
        r->classes[c->class].requests++;
        histogram_record(&r->classes[c->class].latency, latency);
    }
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
    count_up(&e->successes);
    if (in_window(e))
        record(e, c, now);
    if (reusable && !more && class->hold_ns && e->phase != PHASE_DRAIN) {
        rest(c, &e->holding[c->class], now);
        return;
    }
    if (!reusable || !more)
        connection_close(e, c);
    go_on(e, c, now);
}

static bool is_hopeless(const struct engine *e)
{
    unsigned long least = engine_is_open_loop(e) ? HOPELESS : e->options->connections;
    uint64_t failures = e->failures - e->own_failures;
    return e->successes == 0 && failures >= HOPELESS && failures >= least;
}

static void record_error(struct engine *e, enum load_error error, const char *example)
{
    struct load_result *r = e->result;
    count_up(&e->failures);
    e->own_failures += error == LOAD_PORTS;
    if (in_window(e)) {
        r->errors[error]++;
        e->part.errors++;
    }
    if (e->phase != PHASE_DRAIN && r->first_error[error][0] == '\0')
        snprintf(r->first_error[error], LOAD_EXAMPLE, "%s", example);
}

void engine_failed(struct engine *e, struct connection *c, enum load_error error,
                   const char *example)
{
    bool never_connected = c->state == CONNECTION_CONNECTING;
    uint64_t now = clock_ns();
    request_ended(e, c);
    record_error(e, error, example);
    connection_close(e, c);
    if (is_hopeless(e))
        e->over = true;
    if (e->over)
        put_away(e, c);
    else if (never_connected && !engine_is_open_loop(e))
        rest(c, &e->retrying, now);
    else
        go_on(e, c, now);
}

void engine_quiet_ended(struct engine *e, struct connection *c)
{
    struct waiting *where = c->waiting;
    connection_close(e, c);
    if (where == &e->thinking) /* a new one, when it has thought */
        return;
    waiting_leave(c);
    go_on(e, c, clock_ns());
}

/* ---- times that are up ---- */

static void time_out(struct engine *e, struct connection *c)
{
    if (c->state == CONNECTION_CONNECTING)
        engine_failed(e, c, LOAD_CONNECT_TIMEOUT, "no connection within the time-out");
    else
        engine_failed(e, c, LOAD_READ_TIMEOUT, "no complete answer within the time-out");
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

static void end_all_waits(struct engine *e, uint64_t now)
{
    end_waits(e, &e->answering, now, time_out);
    end_waits(e, &e->retrying, now, go_on_after_rest);
    end_waits(e, &e->thinking, now, go_on_after_rest);
    for (unsigned i = 0; i < e->options->classes.count; i++)
        end_waits(e, &e->holding[i], now, end_hold);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t next_end(const struct engine *e)
{
    uint64_t end = earlier(waiting_end(&e->answering), waiting_end(&e->retrying));
    end = earlier(end, waiting_end(&e->thinking));
    for (unsigned i = 0; i < e->options->classes.count; i++)
        end = earlier(end, waiting_end(&e->holding[i]));
    return end;
}

/* ---- the window ---- */

static void put_off_arrivals(struct engine *e, uint64_t ns)
{
    e->schedule_begin_ns += ns;
    if (e->next_arrival_ns != UINT64_MAX)
        e->next_arrival_ns += ns;
}

/* All threads stand still while the first one's caller looks at the counters, and the schedule with
 * them: what is due meanwhile is due that much later. */
static void begin_window(struct engine *e)
{
    struct run *run = e->run;
    const struct load_options *o = e->options;
    pthread_barrier_wait(&run->barrier);
    if (e->thread == 0) {
        if (o->window_begins)
            o->window_begins(o->context);
        run->window_begin_ns = clock_ns();
    }
    pthread_barrier_wait(&run->barrier);
    e->window_begin_ns = run->window_begin_ns;
    if (e->window_begin_ns > e->phase_end_ns)
        put_off_arrivals(e, e->window_begin_ns - e->phase_end_ns);
    e->phase = PHASE_WINDOW;
    e->phase_end_ns = o->count ? UINT64_MAX : e->window_begin_ns + o->duration_ns;
    e->result->in_flight_before = e->answering.count;
    e->cpu_begin_ns = thread_cpu_ns();
}

static void hand_in_timeline(struct engine *e, uint64_t length_ns)
{
    e->part.in_flight = e->answering.count;
    timeline_add(e->options->timeline, e->timeline_step++, length_ns, &e->part);
}

static uint64_t timeline_step_end(const struct engine *e)
{
    if (!e->options->timeline || !in_window(e))
        return UINT64_MAX;
    return e->window_begin_ns + (e->timeline_step + 1) * TIMELINE_STEP_NS;
}

/* The last step is handed in when the window has ended, some microseconds late: what ended in them is no
 * step of its own. */
static void advance_timeline(struct engine *e)
{
    while (timeline_step_end(e) < e->phase_end_ns && timeline_step_end(e) <= clock_ns())
        hand_in_timeline(e, TIMELINE_STEP_NS);
}

static void end_timeline(struct engine *e, uint64_t now)
{
    uint64_t begin = e->window_begin_ns + e->timeline_step * TIMELINE_STEP_NS;
    if (e->options->timeline && now > begin)
        hand_in_timeline(e, now - begin);
}

/* What was due by now and could not be begun in time, because the client itself was too slow. */
static void count_those_too_late(struct engine *e, uint64_t now)
{
    while (e->schedule && e->next_arrival_ns <= due_until(e, now)) {
        e->result->intended++;
        e->result->not_started++;
        e->result->too_late++;
        e->part.not_started++;
        plan_next_arrival(e);
    }
    e->next_arrival_ns = UINT64_MAX;
}

static void record_censored(struct engine *e, uint64_t now)
{
    e->result->censored = e->answering.count;
    for (const struct connection *c = e->answering.first; c; c = c->next)
        histogram_record(&e->result->censored_age, now > c->intended_ns ? now - c->intended_ns : 0);
}

static void stop_resting(struct engine *e, struct waiting *w)
{
    while (w->first) {
        struct connection *c = w->first;
        waiting_leave(c);
        put_away(e, c);
    }
}

static void end_window(struct engine *e, uint64_t now, bool complete)
{
    struct load_result *r = e->result;
    const struct load_options *o = e->options;
    r->cpu_ns = thread_cpu_ns() - e->cpu_begin_ns;
    r->window_ns = now > e->window_begin_ns ? now - e->window_begin_ns : 0;
    count_those_too_late(e, now);
    record_censored(e, now);
    end_timeline(e, now);
    r->complete = complete;
    pthread_barrier_wait(&e->run->barrier);
    if (e->thread == 0 && o->window_ended)
        o->window_ended(o->context);
    pthread_barrier_wait(&e->run->barrier);
    e->phase = PHASE_DRAIN;
    e->phase_end_ns = clock_ns() + DRAIN_LIMIT_NS;
    stop_resting(e, &e->idle);
    stop_resting(e, &e->thinking);
    stop_resting(e, &e->retrying);
    for (unsigned i = 0; i < o->classes.count; i++)
        stop_resting(e, &e->holding[i]);
}

static bool is_interrupted(const struct engine *e)
{
    return e->options->interrupted && *e->options->interrupted;
}

static bool window_is_over(const struct engine *e, uint64_t now)
{
    unsigned long count = e->options->count;
    if (count == 0)
        return now >= e->phase_end_ns;
    if (engine_is_open_loop(e))
        return e->result->intended >= count && e->answering.count == 0;
    return e->ended >= count;
}

static void advance_phase(struct engine *e, uint64_t now)
{
    if (e->phase == PHASE_WARMUP && now >= e->phase_end_ns)
        begin_window(e);
    else if (in_window(e) && window_is_over(e, now))
        end_window(e, now, true);
    if (e->phase == PHASE_DRAIN && (e->answering.count == 0 || now >= e->phase_end_ns))
        e->over = true;
    if (is_interrupted(e))
        e->over = true;
}

/* ---- progress ---- */

static uint64_t sum_of_threads(const struct engine *e, size_t offset)
{
    uint64_t sum = 0;
    for (unsigned long i = 0; i < e->options->threads; i++)
        sum += __atomic_load_n((uint64_t *)((char *)e->run->engines[i] + offset), __ATOMIC_RELAXED);
    return sum;
}

static double share_done(const struct engine *e, double seconds)
{
    const struct load_options *o = e->run->options;
    double share = o->count ? (double)sum_of_threads(e, offsetof(struct engine, ended)) /
                                  (double)o->count
                            : seconds * 1e9 / (double)(o->warmup_ns + o->duration_ns);
    return share < 1 ? share : 1;
}

static void show_progress(struct engine *e, uint64_t now)
{
    if (e->thread != 0 || !e->options->show_progress || now < e->next_progress_ns)
        return;
    e->next_progress_ns = now + PROGRESS_NS;
    double seconds = (double)(now - e->run->begun_ns) / 1e9, share = share_done(e, seconds);
    fprintf(stderr, "\r\033[K%3.0f %%, %llu requests, %llu failed", share * 100,
            (unsigned long long)sum_of_threads(e, offsetof(struct engine, successes)),
            (unsigned long long)sum_of_threads(e, offsetof(struct engine, failures)));
    if (share > 0.02)
        fprintf(stderr, ", %.0f s to go", ceil(seconds / share - seconds));
}

/* ---- the loop ---- */

/* When the loop has something to do at the latest, whatever the queue says. */
static uint64_t next_turn(const struct engine *e, uint64_t now)
{
    uint64_t end = earlier(earlier(next_end(e), e->phase_end_ns), timeline_step_end(e));
    end = earlier(end, now + LOOK_UP_NS);
    if (e->next_arrival_ns < end)
        end = e->next_arrival_ns > now + SPIN_NS ? e->next_arrival_ns - SPIN_NS : now;
    return e->options->spin || e->opened < e->options->connections ? now : end;
}

/* A time-out of epoll_wait(2) would be set and cleared with each wait: 5 % of what a request costs at one
 * connection (harness/bench/load_cost.sh); and it may come late by a thousandth of its length. The timer
 * is set again only if it is to be earlier, or is over. */
static void set_timer(struct engine *e, uint64_t at, uint64_t now)
{
    const struct itimerspec time = {
        .it_value = {.tv_sec = (time_t)(at / NS_PER_S), .tv_nsec = (long)(at % NS_PER_S)}};
    if (e->timer_ns > now && e->timer_ns <= at)
        return;
    timerfd_settime(e->timer, TFD_TIMER_ABSTIME, &time, NULL);
    e->timer_ns = at;
}

static int wait_for_events(struct engine *e, struct epoll_event *ready)
{
    uint64_t now = clock_ns(), end = next_turn(e, now);
    if (end > now)
        set_timer(e, end, now);
    return epoll_wait(e->queue, ready, BATCH, end > now ? -1 : 0);
}

static void turn(struct engine *e)
{
    struct epoll_event ready[BATCH];
    int n = wait_for_events(e, ready);
    advance_timeline(e);
    for (int i = 0; i < n && !e->over; i++)
        if (ready[i].data.ptr) /* NULL is the timer */
            connection_ready(e, ready[i].data.ptr);
    if (e->opened < e->options->connections)
        begin_first_connections(e);
    uint64_t now = clock_ns();
    start_arrivals(e, now);
    end_all_waits(e, now);
    show_progress(e, now);
    advance_phase(e, now);
}

static void run_on(const struct cpulist *cpus, unsigned thread)
{
    cpu_set_t set;
    if (cpus->count == 0)
        return;
    CPU_ZERO(&set);
    CPU_SET(cpus->cpus[thread % cpus->count], &set);
    sched_setaffinity(0, sizeof set, &set);
}

void engine_run(struct engine *e)
{
    cpu_set_t before;
    sched_getaffinity(0, sizeof before, &before);
    run_on(&e->options->cpus, e->thread);

    e->schedule_begin_ns = e->run->begun_ns;
    e->phase_end_ns = e->run->begun_ns + e->options->warmup_ns;
    e->next_arrival_ns = UINT64_MAX;
    if (e->schedule)
        plan_next_arrival(e);
    advance_phase(e, e->run->begun_ns);
    while (!e->over)
        turn(e);
    /* every thread passes all barriers, however it ends */
    if (e->phase == PHASE_WARMUP)
        begin_window(e);
    if (in_window(e))
        end_window(e, clock_ns(), false);
    if (e->thread == 0 && e->options->show_progress)
        fputs("\r\033[K", stderr);

    sched_setaffinity(0, sizeof before, &before);
}

/* ---- set-up ---- */

/* n things dealt out to the threads */
static unsigned long share_of(unsigned long n, unsigned thread, unsigned long threads)
{
    return n / threads + (thread < n % threads);
}

static void take_share(struct engine *e)
{
    const struct load_options *all = e->run->options;
    e->share = *all;
    e->share.connections = share_of(all->connections, e->thread, all->threads);
    e->share.max_open = share_of(all->max_open, e->thread, all->threads);
    e->share.count = share_of(all->count, e->thread, all->threads);
    e->options = &e->share;
    if (engine_is_open_loop(e))
        e->share.connections = 0;
    e->places = engine_is_open_loop(e) ? e->share.max_open : e->share.connections;
}

const char *engine_set_up(struct engine *e, struct run *run, unsigned thread)
{
    e->run = run;
    e->thread = thread;
    e->next_source = thread;
    take_share(e);
    const struct load_options *o = e->options;
    e->random = (o->schedule.seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + thread;
    e->answering.delay_ns = o->timeout_ns;
    e->retrying.delay_ns = RETRY_NS;
    e->thinking.delay_ns = o->think_ns;
    e->idle.delay_ns = WAITING_FOR_EVER;
    for (unsigned i = 0; i < o->classes.count; i++)
        e->holding[i].delay_ns = o->classes.all[i].hold_ns;
    e->result = calloc(1, sizeof *e->result);
    e->connections = calloc(e->places, sizeof *e->connections);
    if (engine_is_open_loop(e))
        e->schedule = schedule_open(&o->schedule, thread, (unsigned)o->threads);
    if (!e->result || !e->connections || (engine_is_open_loop(e) && !e->schedule))
        return "the memory for the connections";
    for (unsigned long i = e->places; i-- > 0;) {
        e->connections[i].fd = -1;
        put_away(e, &e->connections[i]);
    }
    /* edge-triggered: that it went off is told once, and it need not be read */
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};
    e->queue = epoll_create1(EPOLL_CLOEXEC);
    e->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (e->queue < 0 || e->timer < 0 || epoll_ctl(e->queue, EPOLL_CTL_ADD, e->timer, &event) != 0)
        return "an event queue and a timer";
    return NULL;
}

void engine_clean_up(struct engine *e)
{
    for (unsigned long i = 0; e->connections && i < e->places; i++)
        connection_close(e, &e->connections[i]);
    if (e->queue >= 0)
        close(e->queue);
    if (e->timer >= 0)
        close(e->timer);
    schedule_close(e->schedule);
    free(e->connections);
    free(e->result);
}
