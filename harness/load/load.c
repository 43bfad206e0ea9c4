/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of the load: set-up and threads. */

#include "load.h"

#include "generator.h"
#include "harness/lib/clock.h"
#include "harness/lib/record.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    SPARE_DESCRIPTORS = 64, /* in addition to one per connection: epoll, timers, files */
    OPEN_BY_DEFAULT = 10000,
};

/* Raises the soft limit to the hard limit. Returns it. */
static unsigned long descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return OPEN_BY_DEFAULT + SPARE_DESCRIPTORS;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

/* Returns NULL, or an error message. Without --max-open an open loop is limited by the descriptors; with several processes
 * by the default, since all of them must have the same limit. */
static const char *fit_into_descriptors(struct load_options *o)
{
    static char text[128];
    bool is_open = o->schedule.kind != SCHEDULE_NONE;
    unsigned long limit = descriptors(), spare = SPARE_DESCRIPTORS + 2 * o->threads;
    unsigned long processes = load_all_threads(o) / o->threads;
    if (is_open && o->max_open == 0)
        o->max_open = limit > OPEN_BY_DEFAULT + spare || processes > 1
                          ? OPEN_BY_DEFAULT * processes
                          : (limit > spare ? limit - spare : 0);
    unsigned long wanted = is_open ? o->max_open : o->connections;
    unsigned long here = (wanted + processes - 1) / processes;
    if (here >= o->threads && here + spare <= limit)
        return NULL;
    snprintf(text, sizeof text,
             "cannot open %lu connections: the limit is %lu descriptors; see `ulimit -Hn`", here,
             limit);
    return text;
}

/* A thread with a share of 0 connections or requests, which means unlimited, would not end. */
static const char *check_shares(const struct load_options *o)
{
    static char text[128];
    bool is_open = o->schedule.kind != SCHEDULE_NONE;
    unsigned long threads = load_all_threads(o),
                  connections = is_open ? o->max_open : o->connections;
    if (connections >= threads && (o->count == 0 || o->count >= threads))
        return NULL;
    snprintf(text, sizeof text, "cannot share %lu %s among %lu threads in %lu processes",
             connections < threads ? connections : o->count,
             connections < threads ? "connections" : "requests", threads, threads / o->threads);
    return text;
}

static bool all_are_ready(const struct load_options *o, bool ready)
{
    return o->all_ready ? o->all_ready(ready) : ready;
}

/* Of the whole network namespace. */
static uint64_t count_time_wait(void)
{
    char line[256];
    unsigned long long count;
    uint64_t found = NOT_COUNTED;
    FILE *file = fopen("/proc/net/sockstat", "re");
    while (file && found == NOT_COUNTED && fgets(line, sizeof line, file))
        if (sscanf(line, "TCP: inuse %*u orphan %*u tw %llu", &count) == 1)
            found = count;
    if (file)
        fclose(file);
    return found;
}

static const char *open_generators(struct run *run)
{
    unsigned long count = run->options->threads;
    run->generators = calloc(count, sizeof(struct generator *));
    if (!run->generators)
        return "out of memory for the threads";
    for (unsigned i = 0; i < count; i++) {
        static char text[128];
        struct generator *generator = run->generators[i] = calloc(1, sizeof *generator);
        if (!generator)
            return "out of memory for the threads";
        generator->queue = generator->timer = -1;
        const char *unavailable = generator_set_up(generator, run, i);
        if (unavailable) {
            snprintf(text, sizeof text, "cannot create %s: %s", unavailable, strerror(errno));
            return text;
        }
    }
    return NULL;
}

static void close_generators(struct run *run)
{
    for (unsigned i = 0; run->generators && i < run->options->threads; i++) {
        if (run->generators[i])
            generator_clean_up(run->generators[i]);
        free(run->generators[i]);
    }
    free(run->generators);
}

/* ---- threads ---- */

/* Threads start only when all have been created: otherwise the created ones would wait for the missing ones at the barriers
 * of the window. */
static void *run_thread(void *argument)
{
    struct generator *generator = argument;
    struct run *run = generator->run;
    pthread_mutex_lock(&run->gate);
    pthread_mutex_unlock(&run->gate);
    if (!run->cancelled)
        generator_run(generator);
    return NULL;
}

/* The caller is the first thread. It also handles signals, which interrupt its waits. */
static bool run_threads(struct run *run)
{
    pthread_t threads[LOAD_THREADS];
    unsigned started = 1;
    sigset_t all, before;
    sigfillset(&all);
    pthread_mutex_lock(&run->gate);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < run->options->threads &&
           pthread_create(&threads[started], NULL, run_thread, run->generators[started]) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    run->ready = started == run->options->threads;
    run->cancelled = !all_are_ready(run->options, run->ready);
    run->begun_ns = clock_ns();
    pthread_mutex_unlock(&run->gate);
    if (!run->cancelled)
        generator_run(run->generators[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    return !run->cancelled;
}

static void merge_results(const struct run *run, struct load_result *result)
{
    result->complete = true;
    result->ramp = run->options->ramp;
    for (unsigned i = 0; i < run->options->threads; i++) {
        load_result_merge(result, run->generators[i]->result);
        if (run->options->ramp)
            ramp_merge(run->options->ramp, run->generators[i]->ramp);
        if (run->options->urls)
            url_results_merge(run->options->url_results, run->generators[i]->url_results,
                              run->options->urls->count);
    }
}

/* ---- a run ---- */

static bool write_request(const struct load_options *o, const char *host, const char *path,
                          struct request_pair *pair)
{
    pair->kept.text = request_text(&o->request, host, path, false, &pair->kept.length);
    pair->last.text = request_text(&o->request, host, path, true, &pair->last.length);
    return pair->kept.text && pair->last.text;
}

static bool write_requests(struct run *run)
{
    const struct load_options *o = run->options;
    const struct load_target *target = &o->target;
    run->request_count = o->urls ? o->urls->count : 1;
    run->requests = calloc(run->request_count, sizeof *run->requests);
    if (!run->requests)
        return false;
    if (!o->urls)
        return write_request(o, target->host, target->path, &run->requests[0]);
    for (unsigned i = 0; i < o->urls->count; i++) {
        const struct url *url = &o->urls->all[i];
        if (!write_request(o, url->host ? url->host : target->host, url->path, &run->requests[i]))
            return false;
    }
    return true;
}

static const char *set_transport(struct run *run)
{
    const struct load_target *target = &run->options->target;
    const char *wrong = NULL;
    run->transport = target->is_tls ? &connection_tls : &connection_plain;
    if (target->is_tls)
        run->tls = tls_open(&run->options->tls, target->name, &wrong);
    return target->is_tls && !run->tls ? wrong : NULL;
}

static const char *set_up(struct run *run)
{
    pthread_mutex_init(&run->gate, NULL);
    pthread_barrier_init(&run->barrier, NULL, (unsigned)run->options->threads);
    run->expect = expect_is_any(&run->options->expect) ? NULL : &run->options->expect;
    run->is_head = request_is_head(&run->options->request);
    run->retries = run->options->retry && request_is_idempotent(&run->options->request);
    if (!write_requests(run))
        return "out of memory for the requests";
    const char *wrong = set_transport(run);
    return wrong ? wrong : open_generators(run);
}

static void clean_up(struct run *run)
{
    close_generators(run);
    tls_close(run->tls);
    for (unsigned i = 0; run->requests && i < run->request_count; i++) {
        free(run->requests[i].kept.text);
        free(run->requests[i].last.text);
    }
    free(run->requests);
    pthread_barrier_destroy(&run->barrier);
    pthread_mutex_destroy(&run->gate);
}

static const char *check(struct load_options *o)
{
    const char *wrong = fit_into_descriptors(o);
    return wrong ? wrong : check_shares(o);
}

/* The other processes wait for this one, also if it has failed. */
static const char *run_all(struct run *run)
{
    const char *wrong = set_up(run);
    if (wrong)
        all_are_ready(run->options, false);
    else if (!run_threads(run))
        wrong = run->ready ? "" : "cannot create the threads; see `ulimit -u`";
    return wrong;
}

const char *load_run(const struct load_options *options, struct load_result *result)
{
    struct load_options fitted = *options;
    struct run run = {.options = &fitted};
    memset(result, 0, sizeof *result);
    const char *wrong = check(&fitted);
    if (wrong) {
        all_are_ready(options, false);
        return wrong;
    }
    uint64_t time_wait_before = count_time_wait();
    /* OpenSSL writes to sockets without MSG_NOSIGNAL */
    struct sigaction before, ignore = {.sa_handler = SIG_IGN};
    if (fitted.target.is_tls)
        sigaction(SIGPIPE, &ignore, &before);
    wrong = run_all(&run);
    if (!wrong)
        merge_results(&run, result);
    clean_up(&run);
    if (fitted.target.is_tls)
        sigaction(SIGPIPE, &before, NULL);
    result->max_open = fitted.max_open;
    result->time_wait_before = time_wait_before;
    result->time_wait_after = count_time_wait();
    return wrong;
}
