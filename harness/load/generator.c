/* SPDX-License-Identifier: BSD-2-Clause */
/* One thread of the load: event loop, set-up and clean-up. */

#include "generator.h"

#include "harness/lib/clock.h"
#include "harness/lib/terminal.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { BATCH = 256 }; /* events handled per epoll_wait(2) */

static const uint64_t RETRY_NS = 10 *
                                 NS_PER_MS; /* at once would measure how fast connects can fail */
static const uint64_t LOOK_UP_NS = 100 * NS_PER_MS; /* at the latest: check for Ctrl-C */
static const uint64_t PROGRESS_NS = NS_PER_S / 4;

/* A thread wakes up later than its timer by the wakeup latency, so the last interval before an arrival is spent spinning. */
static const uint64_t SPIN_NS = 60 * NS_PER_US;

/* ---- progress ---- */

static uint64_t sum_of_threads(const struct generator *e, enum generator_count count)
{
    uint64_t sum = 0;
    for (unsigned long i = 0; i < e->options->threads; i++)
        sum += __atomic_load_n(&e->run->generators[i]->counts[count], __ATOMIC_RELAXED);
    return sum;
}

static double share_done(const struct generator *e, double seconds)
{
    const struct load_options *o = e->run->options;
    double share = o->count ? (double)sum_of_threads(e, GENERATOR_ENDED) / (double)o->count
                            : seconds * 1e9 / (double)(o->warmup_ns + o->duration_ns);
    return share < 1 ? share : 1;
}

/* Parts that do not fit the terminal are left out, since a wrapped line cannot be overwritten. The most important come first. */
static void format_progress(const struct generator *e, double seconds, char *line, size_t size)
{
    enum { PARTS = 4, PART = 40 };
    char parts[PARTS][PART] = {""};
    size_t room = terminal_room(stderr), used = 0;
    double share = share_done(e, seconds);
    snprintf(parts[0], PART, "%3.0f %%", share * 100);
    if (share > 0.02)
        snprintf(parts[1], PART, ", %.0f s to go", ceil(seconds / share - seconds));
    snprintf(parts[2], PART, ", %llu requests",
             (unsigned long long)sum_of_threads(e, GENERATOR_SUCCESSES));
    snprintf(parts[3], PART, ", %llu failed",
             (unsigned long long)sum_of_threads(e, GENERATOR_FAILURES));
    line[0] = '\0';
    for (int i = 0; i < PARTS && (room == 0 || used + strlen(parts[i]) <= room); i++)
        used += (size_t)snprintf(line + used, size - used, "%s", parts[i]);
}

static void show_progress(struct generator *e, uint64_t now)
{
    if (e->thread != 0 || !e->options->show_progress || now < e->next_progress_ns)
        return;
    e->next_progress_ns = now + PROGRESS_NS;
    char line[160];
    format_progress(e, (double)(now - e->run->begun_ns) / 1e9, line, sizeof line);
    fprintf(stderr, "\r\033[K%s", line);
}

/* ---- the loop ---- */

/* Deadline of the loop's next iteration, if no event arrives before. */
static uint64_t next_deadline(const struct generator *e, uint64_t now)
{
    uint64_t end = generator_earlier(generator_earlier(generator_next_end(e), e->phase_end_ns),
                                     generator_step_end(e));
    end = generator_earlier(end, now + LOOK_UP_NS);
    if (e->next_arrival_ns < end)
        end = e->next_arrival_ns > now + SPIN_NS ? e->next_arrival_ns - SPIN_NS : now;
    return e->options->spin || e->opened < e->options->connections ? now : end;
}

/* A timeout of epoll_wait(2) would be armed and cancelled with each wait: 5 % of a request's cost at one
 * connection (harness/validate/load_cost.sh); and its slack is a thousandth of its length. The timer is set again
 * only if the deadline is earlier than the one set, or that one has expired. */
static void set_timer(struct generator *e, uint64_t at, uint64_t now)
{
    const struct itimerspec time = {
        .it_value = {.tv_sec = (time_t)(at / NS_PER_S), .tv_nsec = (long)(at % NS_PER_S)}};
    if (e->timer_ns > now && e->timer_ns <= at)
        return;
    timerfd_settime(e->timer, TFD_TIMER_ABSTIME, &time, NULL);
    e->timer_ns = at;
}

static int wait_for_events(struct generator *e, struct epoll_event *ready)
{
    uint64_t now = clock_ns(), end = next_deadline(e, now);
    if (end > now)
        set_timer(e, end, now);
    return epoll_wait(e->queue, ready, BATCH, end > now ? -1 : 0);
}

static void run_iteration(struct generator *e)
{
    struct epoll_event ready[BATCH];
    int n = wait_for_events(e, ready);
    generator_advance_timeline(e);
    for (int i = 0; i < n && !e->over; i++)
        if (ready[i].data.ptr) /* NULL = the timer */
            connection_ready(e, ready[i].data.ptr);
    if (e->opened < e->options->connections)
        generator_begin_first(e);
    uint64_t now = clock_ns();
    generator_start_arrivals(e, now);
    generator_end_waits(e, now);
    show_progress(e, now);
    generator_advance_phase(e, now);
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

void generator_run(struct generator *e)
{
    cpu_set_t before;
    sched_getaffinity(0, sizeof before, &before);
    run_on(&e->options->cpus, e->thread);

    e->schedule_begin_ns = e->run->begun_ns;
    e->phase_end_ns = e->run->begun_ns + e->options->warmup_ns;
    e->next_arrival_ns = UINT64_MAX;
    if (e->schedule)
        generator_plan_arrival(e);
    generator_advance_phase(e, e->run->begun_ns);
    while (!e->over)
        run_iteration(e);
    generator_end_early(e);
    if (e->thread == 0 && e->options->show_progress)
        fputs("\r\033[K", stderr);

    sched_setaffinity(0, sizeof before, &before);
}

/* ---- set-up ---- */

/* A thread's share of n */
static unsigned long share_of(unsigned long n, unsigned number, unsigned long threads)
{
    return n / threads + (number < n % threads);
}

static void take_share(struct generator *e, unsigned number)
{
    const struct load_options *all = e->run->options;
    e->share = *all;
    unsigned long threads = load_all_threads(all);
    e->share.connections = share_of(all->connections, number, threads);
    e->share.max_open = share_of(all->max_open, number, threads);
    e->share.count = share_of(all->count, number, threads);
    e->options = &e->share;
    if (generator_is_open_loop(e))
        e->share.connections = 0;
    e->slots = generator_is_open_loop(e) ? e->share.max_open : e->share.connections;
}

const char *generator_set_up(struct generator *e, struct run *run, unsigned thread)
{
    e->run = run;
    e->thread = thread;
    unsigned number = load_thread_number(run->options, thread);
    e->next_source = number;
    e->next_request = number;
    take_share(e, number);
    const struct load_options *o = e->options;
    e->random = (o->schedule.seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + number;
    e->answering.delay_ns = o->timeout_ns;
    e->retrying.delay_ns = RETRY_NS;
    e->thinking.delay_ns = o->think_ns;
    e->idle.delay_ns = WAITING_FOR_EVER;
    for (unsigned i = 0; i < o->classes.count; i++)
        e->holding[i].delay_ns = o->classes.all[i].hold_ns;
    e->result = calloc(1, sizeof *e->result);
    e->connections = calloc(e->slots, sizeof *e->connections);
    if (generator_is_open_loop(e))
        e->schedule = schedule_open(&o->schedule, number, (unsigned)load_all_threads(o));
    if (o->ramp)
        e->ramp = ramp_open(o->duration_ns);
    if (o->urls)
        e->url_results = url_results_open(o->urls->count);
    if (!e->result || (o->urls && !e->url_results) || !e->connections ||
        (generator_is_open_loop(e) && !e->schedule) || (o->ramp && !e->ramp))
        return "memory for the connections";
    for (unsigned long i = e->slots; i-- > 0;) {
        e->connections[i].fd = -1;
        generator_put_away(e, &e->connections[i]);
    }
    /* edge-triggered: an expiry is reported once, and the timer need not be read */
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};
    e->queue = epoll_create1(EPOLL_CLOEXEC);
    e->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (e->queue < 0 || e->timer < 0 || epoll_ctl(e->queue, EPOLL_CTL_ADD, e->timer, &event) != 0)
        return "an epoll instance and a timer";
    return NULL;
}

void generator_clean_up(struct generator *e)
{
    for (unsigned long i = 0; e->connections && i < e->slots; i++)
        connection_close(e, &e->connections[i]);
    if (e->queue >= 0)
        close(e->queue);
    if (e->timer >= 0)
        close(e->timer);
    schedule_close(e->schedule);
    free(e->url_results);
    tls_forget(e->session);
    free(e->ramp);
    free(e->connections);
    free(e->result);
}
