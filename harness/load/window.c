/* SPDX-License-Identifier: BSD-2-Clause */
/* Phases of the load: warm-up, window, drain; and the steps of the timeline. */

#include "generator.h"

#include "harness/lib/clock.h"

static const uint64_t DRAIN_LIMIT_NS =
    NS_PER_S; /* timeout of requests in flight at the end of the window */

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return timespec_ns(t);
}

static void put_off_arrivals(struct generator *e, uint64_t ns)
{
    e->schedule_begin_ns += ns;
    if (e->next_arrival_ns != UINT64_MAX)
        e->next_arrival_ns += ns;
}

/* All threads are stopped while the caller of load_run() takes its snapshot, and so is the schedule: arrivals are put off
 * by the same time. */
static void begin_window(struct generator *e)
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

static void hand_in_timeline(struct generator *e, uint64_t length_ns)
{
    e->part.in_flight = e->answering.count;
    timeline_add(e->options->timeline, e->timeline_step++, length_ns, &e->part);
}

uint64_t generator_step_end(const struct generator *e)
{
    if (!e->options->timeline || !generator_in_window(e))
        return UINT64_MAX;
    return e->window_begin_ns + (e->timeline_step + 1) * TIMELINE_STEP_NS;
}

/* The window ends some microseconds late. The last step includes them; they are not a step of their own. */
void generator_advance_timeline(struct generator *e)
{
    while (generator_step_end(e) < e->phase_end_ns && generator_step_end(e) <= clock_ns())
        hand_in_timeline(e, TIMELINE_STEP_NS);
}

static void end_timeline(struct generator *e, uint64_t now)
{
    uint64_t begin = e->window_begin_ns + e->timeline_step * TIMELINE_STEP_NS;
    if (e->options->timeline && now > begin)
        hand_in_timeline(e, now - begin);
}

/* Arrivals due by now that were not started because the client itself was too slow. */
static void count_too_late(struct generator *e, uint64_t now)
{
    while (e->schedule && e->next_arrival_ns <= generator_due_until(e, now)) {
        generator_count_due(e, e->next_arrival_ns);
        e->result->not_started++;
        e->result->too_late++;
        e->part.not_started++;
        generator_plan_arrival(e);
    }
    e->next_arrival_ns = UINT64_MAX;
}

static void record_censored(struct generator *e, uint64_t now)
{
    e->result->censored = e->answering.count;
    for (const struct connection *c = e->answering.first; c; c = c->next)
        histogram_record(&e->result->censored_age, now > c->intended_ns ? now - c->intended_ns : 0);
}

static void close_waiting(struct generator *e, struct waiting *w)
{
    while (w->first) {
        struct connection *c = w->first;
        waiting_leave(c);
        generator_put_away(e, c);
    }
}

static void end_window(struct generator *e, uint64_t now, bool complete)
{
    struct load_result *r = e->result;
    const struct load_options *o = e->options;
    r->cpu_ns = thread_cpu_ns() - e->cpu_begin_ns;
    r->window_ns = now > e->window_begin_ns ? now - e->window_begin_ns : 0;
    count_too_late(e, now);
    record_censored(e, now);
    end_timeline(e, now);
    r->complete = complete;
    pthread_barrier_wait(&e->run->barrier);
    if (e->thread == 0 && o->window_ended)
        o->window_ended(o->context);
    pthread_barrier_wait(&e->run->barrier);
    e->phase = PHASE_DRAIN;
    e->phase_end_ns = clock_ns() + DRAIN_LIMIT_NS;
    close_waiting(e, &e->idle);
    close_waiting(e, &e->thinking);
    close_waiting(e, &e->retrying);
    for (unsigned i = 0; i < o->classes.count; i++)
        close_waiting(e, &e->holding[i]);
}

static bool is_interrupted(const struct generator *e)
{
    return e->options->interrupted && *e->options->interrupted;
}

static bool window_is_over(const struct generator *e, uint64_t now)
{
    unsigned long count = e->options->count;
    if (count == 0)
        return now >= e->phase_end_ns;
    if (generator_is_open_loop(e))
        return e->result->intended >= count && e->answering.count == 0;
    return e->counts[GENERATOR_ENDED] >= count;
}

void generator_advance_phase(struct generator *e, uint64_t now)
{
    if (e->phase == PHASE_WARMUP && now >= e->phase_end_ns)
        begin_window(e);
    else if (generator_in_window(e) && window_is_over(e, now))
        end_window(e, now, true);
    if (e->phase == PHASE_DRAIN && (e->answering.count == 0 || now >= e->phase_end_ns))
        e->over = true;
    if (is_interrupted(e))
        e->over = true;
}

void generator_end_early(struct generator *e)
{
    if (e->phase == PHASE_WARMUP)
        begin_window(e);
    if (generator_in_window(e))
        end_window(e, clock_ns(), false);
}
