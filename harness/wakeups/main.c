/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wakeups: counts the wakeups of a running server in the scheduler.
 *
 *      targets -> instrument -> ( sleep -> read -> print )... -> report
 *
 * Results go to stdout: a live table on a terminal, CSV or JSON otherwise. Messages go to stderr.
 */

#include "cgroups.h"
#include "command.h"
#include "connections.h"
#include "counter.h"
#include "openmetrics.h"
#include "processes.h"
#include "report.h"
#include "samples.h"
#include "sharing.h"
#include "targets.h"
#include "trace.h"
#include "workers.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/output.h"
#include "harness/lib/proc.h"
#include "harness/lib/record.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TASKS_LEAST = 4096 };
enum instrument { AUTO, BPF, CTXSW };

static const char *const instrument_names[] = {"auto", "bpf", "ctxsw", NULL};
static const char *pids, *name, *unit, *cgroup, *connections_path, *json_path, *metrics_path,
    *trace_path, *sample;
static unsigned long port;
static unsigned instrument = AUTO;
static uint64_t interval_ns = NS_PER_S, duration_ns, trace_ns = 10 * NS_PER_S;
static bool children, by_thread;

static const struct option_spec options[] = {
    {OPTION_TEXT, "pid", "PID[,PID...]", "count these processes", &pids, 0, 0, NULL, 'p'},
    {OPTION_TEXT, "comm", "NAME", "count all processes of this name", &name, 0, 0, NULL},
    {OPTION_NUMBER, "port", "P",
     "count the processes that listen on TCP port P, and their children", &port, 1, 65535, NULL},
    {OPTION_TEXT, "unit", "NAME",
     "count the processes of this systemd unit (nginx.service), also later ones", &unit, 0, 0,
     NULL},
    {OPTION_TEXT, "cgroup", "PATH",
     "count the processes of this control group and its descendants: a path in /sys/fs/cgroup, or "
     "from /proc/PID/cgroup",
     &cgroup, 0, 0, NULL},
    {OPTION_FLAG, "children", NULL, "count their children too, present and future", &children, 0, 0,
     NULL},
    {OPTION_SECONDS, "interval", "D", "interval between tables on a terminal (1s)", &interval_ns,
     100 * NS_PER_MS, 3600 * NS_PER_S, NULL},
    {OPTION_SECONDS, "duration", "D", "duration of counting (until Ctrl-C, or all have ended)",
     &duration_ns, 10 * NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_FLAG, "threads", NULL, "one row per thread instead of per process", &by_thread, 0, 0,
     NULL},
    {OPTION_OUTPUT, "json", "FILE", "write the report as JSON, to FILE or standard output",
     &json_path, 0, 0, NULL},
    {OPTION_OUTPUT, "openmetrics", "FILE",
     "write counts since the start for collectors (OpenMetrics): FILE is replaced at each "
     "interval, "
     "standard output is written at the end",
     &metrics_path, 0, 0, NULL},
    {OPTION_TEXT, "connections", "FILE",
     "write threads woken and accepting thread of each connection as CSV", &connections_path, 0, 0,
     NULL},
    {OPTION_TEXT, "trace", "FILE",
     "trace what each thread did and what woke it, for Perfetto and chrome://tracing (JSON)",
     &trace_path, 0, 0, NULL},
    {OPTION_SECONDS, "trace-seconds", "D", "length of the trace, up to the end (10s)", &trace_ns,
     NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_TEXT, "sample", "D/D",
     "count for a part of the time, at a part of the cost: 1s/10s is one second of every ten. "
     "Results "
     "include the sampling error",
     &sample, 0, 0, NULL},
    {OPTION_CHOICE, "instrument", "WHICH",
     "bpf, ctxsw (context switches: no privilege, fewer columns), or auto: the first that is "
     "available",
     &instrument, 0, 0, instrument_names},
    OPTIONS_END,
};

static volatile sig_atomic_t interrupted;

static bool metrics_failed; /* in the last write */
static char *group;         /* control group of the targets; NULL = none */
static struct targets targets;
static struct counter *counter; /* NULL = context switches are read instead */
static struct threads threads;
static struct workers workers, apart; /* apart: by thread */
static struct trace trace;
static FILE *connections_file;
static struct sampling sampling;
static struct samples samples;
static uint64_t began_ns, read_ns, before_ns;
static bool any_tcp, any_unix, any_unknown; /* listeners of the targets */

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* If a result goes to standard output, no table is printed there. */
static bool stdout_is_taken(void)
{
    return is_stdout(json_path) || is_stdout(connections_path) || is_stdout(metrics_path) ||
           is_stdout(trace_path);
}

/* ---- targets ---- */

static void check_targets(const char *command)
{
    if (!pids && !name && !port && !unit && !cgroup && !command)
        fail_usage("no target: give --pid, --comm, --port, --unit, --cgroup or a COMMAND; "
                   "see --help");
    if (unit && cgroup)
        fail_usage("--unit and --cgroup exclude each other");
    if (command && (pids || name || port || unit || cgroup))
        fail_usage("unexpected argument '%s': a COMMAND excludes --pid, --comm, --port, --unit and "
                   "--cgroup",
                   command);
}

static void find_group(void)
{
    group = unit ? targets_unit(unit) : cgroup_path(cgroup);
    targets_add_group(&targets, group);
    if (targets.count == 0)
        fail("no process in control group %s: `systemd-cgls` lists control groups", group);
}

static void find_targets(char **command)
{
    if (*command) {
        command_start(command);
        command_wait_until_it_listens(&interrupted);
        targets_by_parent(&targets, proc_self());
    }
    if (unit || cgroup)
        find_group();
    children |= *command || group;
    if (pids)
        targets_by_pid(&targets, pids);
    if (name)
        targets_by_name(&targets, name);
    if (port) {
        targets_by_port(&targets, (unsigned)port);
        children = true; /* later servers of the port are their children */
    }
    if (children)
        targets_add_children(&targets);
}

/* ---- instruments ---- */

static bool needs_counter(void)
{
    return connections_path || trace_path || sample;
}

static void open_counter(void)
{
    const char *why = "";
    const struct counter_options wanted = {
        .tasks = targets.count * 4 > TASKS_LEAST ? targets.count * 4 : TASKS_LEAST,
        .follow_children = children,
        .on_event = connections_path ? connections_take : NULL,
        .trace = trace_path ? &trace : NULL,
    };
    counter = counter_open(&wanted, &why);
    if (counter)
        return;
    if (instrument == BPF || needs_counter())
        fail("cannot count in the kernel: %s", why);
    message("counting context switches instead: %s. Spurious, absorbed and accepts are unknown",
            why);
}

static void take_listener(const struct listener *at, void *context)
{
    (void)context;
    any_unix |= at->family == AF_UNIX;
    any_tcp |= at->family != AF_UNIX;
    if (counter && at->family != AF_UNIX)
        counter_watch(counter, at);
}

/* Of UNIX sockets only accepts are counted, not connections. */
static void check_listeners(void)
{
    if (connections_path && !any_tcp)
        fail("none of these processes listens on TCP: --connections supports TCP connections only; "
             "without it, wakeups and accepts are counted");
    if (connections_path && any_unix)
        message("connections of UNIX sockets are not written to %s", connections_path);
    if (!counter && any_unix)
        message("connections of UNIX sockets cannot be counted with context switches");
}

static bool add_target(pid_t pid)
{
    any_unknown |= !each_listener(pid, take_listener, NULL);
    if (!counter)
        return threads_add(&threads, pid, false);
    return counter_add(counter, pid);
}

/* Children created while the others were being added are found by a second search. */
static unsigned added, gone; /* targets added, and ended before they were added */

static void add_targets(void)
{
    unsigned before;
    do {
        before = targets.count;
        for (; added < targets.count; added++)
            gone += !add_target(targets.all[added]);
        if (children)
            targets_add_children(&targets);
    } while (targets.count > before);
}

/* What systemd restarts in the group is not a child of the counted processes. */
static void add_newcomers(void)
{
    unsigned before = targets.count;
    if (group)
        targets_add_group(&targets, group);
    if (targets.count == before)
        return;
    listeners_forget(); /* they may have opened new ones */
    add_targets();
}

/* ---- connections ---- */

static void open_connections(void)
{
    if (!connections_path)
        return;
    connections_file = output_open(connections_path);
    connections_begin(connections_file);
}

static void close_connections(void)
{
    if (!connections_file)
        return;
    counter_poll(counter);
    connections_write(true);
    output_close(connections_file, connections_path);
}

/* Two lines: names, and numbers in the same order. Counts all connections accepted in the network namespace of the process,
 * by any server in it. */
static uint64_t passive_opens(pid_t pid)
{
    char path[64], line[512];
    unsigned long long opens = 0;
    bool found = false;
    if (!any_tcp && !any_unknown)
        return NOT_COUNTED;
    snprintf(path, sizeof path, "/proc/%d/net/snmp", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && !found &&
           fgets(line, sizeof line, file)) /* Tcp: 1 200 120000 -1 active passive */
        found = sscanf(line, "Tcp: %*d %*d %*d %*d %*u %llu", &opens) == 1;
    if (file)
        fclose(file);
    return found ? opens : NOT_COUNTED;
}

static uint64_t opens_at_start, opens_now;
static unsigned sharing;

/* ---- reading and reporting ---- */

static bool read_all(void)
{
    bool any = false;
    before_ns = read_ns;
    read_ns = clock_ns();
    if (counter) {
        counter_poll(counter);
        workers_read_counter(&workers, by_thread ? &apart : NULL, counter);
    } else {
        uint64_t opens = passive_opens(targets.all[0]);
        opens_now = opens == NOT_COUNTED ? opens_now : opens;
        workers_read_threads(&workers, by_thread ? &apart : NULL, &threads);
    }
    if (connections_file)
        connections_write(false);
    for (unsigned i = 0; i < workers.count; i++)
        any |= workers.all[i].threads > 0;
    return any;
}

/* Checked until found once: the process may have ended later. */
static bool look_for_uring(void)
{
    static bool seen;
    seen = seen || any_uring(targets.all, targets.count);
    return seen;
}

/* Accepts as seen by the program; those of io_uring are not system calls, so the kernel's count of connections on the
 * port is used instead. Without io_uring that would include accepts by other processes from the same listener. */
static uint64_t accepted(void)
{
    uint64_t accepts = 0;
    if (!counter && (opens_at_start == NOT_COUNTED || (!any_tcp && opens_now == opens_at_start)))
        return NOT_COUNTED; /* socket type without a count here */
    if (!counter)
        return opens_now - opens_at_start;
    for (unsigned i = 0; i < workers.count; i++)
        accepts += workers.all[i].sums.counts[COUNT_ACCEPTS];
    return accepts == 0 && look_for_uring() ? counter_connections(counter) : accepts;
}

static struct report make_report(void)
{
    return (struct report){
        .workers = &workers,
        .apart = by_thread ? &apart : NULL,
        .by_counter = counter != NULL,
        .seconds = (double)(sample ? samples.ns : read_ns - began_ns) / 1e9,
        .since_before = (double)(read_ns - before_ns) / 1e9,
        .connections = accepted(),
        .connections_seen = counter ? counter_connections(counter) : 0,
        .connections_of = counter ? NULL : "accepted (by any server here)",
        .samples = sample ? &samples : NULL,
        .losses = counter ? counter_losses(counter) : (struct losses){0},
    };
}

static void draw(void)
{
    struct winsize size = {.ws_row = 24};
    struct report report = make_report();
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    fputs("\033[H\033[J", stdout); /* ECMA-48: cursor to the first line, erase below */
    report_live(&report, stdout, size.ws_row);
    fflush(stdout);
}

/* A disk may be full temporarily: no counts are lost by that. */
static void write_metrics(void)
{
    if (!metrics_path || is_stdout(metrics_path))
        return;
    struct report report = make_report();
    bool written = openmetrics_write(&report, metrics_path);
    if (!written && !metrics_failed)
        message("cannot write %s: %s; counting continues", metrics_path, strerror(errno));
    metrics_failed = !written;
}

/* Sleeps until then, or until the end. False = the end is reached. */
static bool wait_until(uint64_t at)
{
    uint64_t end = duration_ns ? began_ns + duration_ns : UINT64_MAX, now;
    while (!interrupted && (now = clock_ns()) < at && now < end)
        sleep_ns((at < end ? at : end) - now);
    return !interrupted && clock_ns() < end;
}

static void draw_if_seen(void)
{
    if (isatty(STDOUT_FILENO) && !stdout_is_taken())
        draw();
}

/* False = all targets have ended. */
static bool watch_interval(void)
{
    add_newcomers();
    bool any = read_all();
    write_metrics();
    if (any)
        draw_if_seen();
    return any;
}

/* ---- samples ---- */

static struct totals totals_now(void)
{
    struct totals totals = {.accepted = accepted(), .seen = counter_connections(counter)};
    for (unsigned i = 0; i < workers.count; i++) {
        totals.wakeups += workers.all[i].sums.counts[COUNT_WAKEUPS];
        totals.for_connection += workers.all[i].sums.for_connection;
    }
    return totals;
}

/* False = all targets have ended. */
static bool end_sample(void)
{
    counter_pause(counter);
    uint64_t ns = clock_ns() - read_ns;
    bool any = read_all();
    samples_add(&samples, totals_now(), ns);
    targets_forget_ended(&targets);
    return any;
}

/* Processes created between samples are found as at the start. */
static void begin_sample(void)
{
    if (!counter_resume(counter))
        fail("cannot attach the BPF program again: %s", strerror(errno));
    read_ns = clock_ns();
    listeners_forget();
    added = 0;
    add_targets();
    add_newcomers();
}

/* A shorter last sample counts as one. */
static bool watch_samples(void)
{
    uint64_t next = began_ns;
    for (bool any = true;; begin_sample()) {
        wait_until(next + sampling.on_ns);
        any = end_sample();
        if (any)
            draw_if_seen();
        next += sampling.every_ns;
        if (!any || !wait_until(next))
            return any;
    }
}

static bool watch_all(void)
{
    bool any = true;
    for (uint64_t next = began_ns + interval_ns; any && wait_until(next); next += interval_ns)
        any = watch_interval();
    return any;
}

static void watch(void)
{
    if (!(sample ? watch_samples : watch_all)())
        message("all targets have ended");
}

static void write_json(const struct report *report)
{
    if (!json_path)
        return;
    FILE *file = output_open(json_path);
    report_json(report, file);
    output_close(file, json_path);
}

static void write_trace(void)
{
    if (!trace_path)
        return;
    trace.last_ns = trace_ns;
    counter_end_trace(counter);
    trace_write_file(&trace, trace_path);
}

static void print_report(void)
{
    char sentence[1024];
    struct report report = make_report();
    report.sharing = sharing;
    write_json(&report);
    if (is_stdout(metrics_path))
        openmetrics_print(&report, stdout);
    else
        write_metrics();
    if (is_stdout(json_path) || is_stdout(metrics_path))
        return;
    report_sentence(&report, sentence, sizeof sentence);
    if (isatty(STDOUT_FILENO) && !stdout_is_taken()) {
        fputs("\033[H\033[J", stdout);
        report_table(&report, stdout);
        printf("\n%s\n", sentence);
        return;
    }
    if (!stdout_is_taken())
        report_csv(&report, stdout);
    message("%s", sentence);
}

static void report_losses(void)
{
    struct losses losses = counter ? counter_losses(counter) : (struct losses){0};
    if (losses.tasks)
        message("%llu threads were not counted: the table is full",
                (unsigned long long)losses.tasks);
    if (losses.runs)
        message("the kernel skipped %llu events: as many counts may be off by one",
                (unsigned long long)losses.runs);
    if (losses.events)
        message("%llu connection events were lost: rows in %s are incomplete",
                (unsigned long long)losses.events, connections_path);
}

/* Each output goes to a different file, at most one of them to standard output. */
static void check_outputs(void)
{
    const struct {
        const char *option, *path;
    } outputs[] = {{"--json", json_path},
                   {"--connections", connections_path},
                   {"--openmetrics", metrics_path},
                   {"--trace", trace_path}};
    enum { OUTPUTS = sizeof outputs / sizeof *outputs };
    for (unsigned i = 0; i < OUTPUTS; i++)
        for (unsigned j = 0; j < i; j++)
            if (outputs[i].path && outputs[j].path && strcmp(outputs[i].path, outputs[j].path) == 0)
                fail_usage("only one of %s and %s can be %s", outputs[j].option, outputs[i].option,
                           is_stdout(outputs[i].path) ? "standard output" : outputs[i].path);
}

/* These outputs would be incomplete with --sample. */
static void check_sample(void)
{
    if (!sample)
        return;
    if (instrument == CTXSW)
        fail_usage("--sample needs counting in the kernel, not context switches");
    if (connections_path || trace_path || metrics_path)
        fail_usage("--sample is not supported with --connections, --trace and --openmetrics, which "
                   "cover all of the time");
    sampling = sampling_parse(sample);
}

static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART: interrupts waits */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static void begin(void)
{
    if (instrument != CTXSW || needs_counter())
        open_counter();
    add_targets();
    if (gone == targets.count)
        fail("all processes ended before they could be counted");
    check_listeners();
    look_for_uring();
    opens_at_start = opens_now = passive_opens(targets.all[0]);
    began_ns = read_ns = clock_ns();
    read_all();
    write_metrics();
}

static void end(void)
{
    if (counter)
        counter_stop(counter);
    read_all();
    sharing = sharing_of(targets.all,
                         targets.count); /* after counting, so as not to disturb the targets */
    close_connections();
    write_trace();
    print_report();
    report_losses();
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "counts the wakeups of a running server: useful, spurious, absorbed",
        .operands = "[COMMAND [ARGUMENT...]]",
        .example = "wakeups --port 80 --duration 10s",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    char **command = argv + options_parse(&program, tables, argc, argv);
    check_targets(*command);
    check_outputs();
    check_sample();
    catch_interrupts();
    output_try(json_path);
    output_try(trace_path);
    find_targets(command);
    open_connections();
    begin();
    watch();
    end();

    counter_close(counter);
    threads_free(&threads);
    workers_free(&workers);
    workers_free(&apart);
    trace_free(&trace);
    targets_free(&targets);
    free(group);
    return metrics_failed ? EXIT_FAILED : EXIT_DONE;
}
