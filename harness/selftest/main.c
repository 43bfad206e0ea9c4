/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * selftest: expected counts. Idle connections are opened one at a time while all workers are asleep;
 * for each, the wakeups are counted, and the worker that accepted it is recorded (the winner).
 *
 *      all asleep -> snapshot -> connect -> accepted, all asleep -> snapshot -> close -> all asleep
 *
 * With three workers or more a connection is closed after the next one was opened, so that "the
 * worker that went to sleep last" and "always the same worker" differ. Only events between the two
 * snapshots are counted, so closing is excluded. Output: one line, see print_result().
 */

#include "check.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/os.h"
#include "harness/lib/output.h"
#include "harness/trial/server_command.h"
#include "harness/trial/snapshot.h"
#include "harness/trial/tracing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SETTLE_LIMIT_S = 10 };

static const char *strategy, *backend = "epoll";
static unsigned long workers = 8, connections = 40;
static bool check;
static struct tracing tracing;
static bool any_cpu;

static const struct option_spec options[] = {
    {OPTION_TEXT, "strategy", "NAME", "server: one of build/<backend>/", &strategy, 0, 0, NULL},
    {OPTION_TEXT, "backend", "NAME", "event queue it is built on (epoll)", &backend, 0, 0, NULL},
    {OPTION_NUMBER, "workers", "N", "worker processes (8)", &workers, 1, 4096, NULL},
    {OPTION_NUMBER, "connections", "C", "connections, one after the other (40)", &connections, 1,
     100000, NULL},
    {OPTION_FLAG, "check", NULL,
     "measure nothing: read results with their expected counts (check.h), print a table of "
     "verdicts; exit 3 if one is wrong",
     &check},
    {OPTION_FLAG, "any-cpu", NULL, "run the server's processes on any CPU (all on one)", &any_cpu,
     0, 0, NULL},
    {OPTION_TEXT, "trace", "FILE",
     "trace until the last connection was accepted, for Perfetto and chrome://tracing; requires "
     "root",
     &tracing.path, 0, 0, NULL},
    OPTIONS_END,
};

static struct server_process server;
static struct counter *counter; /* NULL = unavailable: context switches alone */
static struct probe *probe;
static unsigned processes;

struct count {
    uint64_t sum, least, most;
    uint64_t by_counter, useful, spurious, absorbed, blocked; /* from the wakeup counter */
};

static void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    server_process_stop(&server);
    fail("%s with %lu workers: %s", strategy, workers, text);
}

/* ---- all asleep ---- */

static bool all_asleep(void)
{
    for (unsigned i = 0; i < processes; i++)
        if (!os_is_asleep((pid_t)server.stats->slot[i].pid))
            return false;
    return true;
}

/* The state in /proc is "asleep" as soon as a process is about to sleep: if it is preempted just then
 * it is not yet asleep. Only the scheduler, and thus the counter, has the exact state. */
static bool same_sleep(const struct snapshot *a, const struct snapshot *b)
{
    for (unsigned i = 0; i < processes; i++)
        if (a->process[i].voluntary != b->process[i].voluntary || b->process[i].awake)
            return false;
    return true;
}

/* Accepts of an acceptor are not counted: the worker counts the connection when it receives it. */
static uint64_t accepts(const struct snapshot *s)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < processes; i++)
        sum += s->process[i].stats.role == ROLE_WORKER ? s->process[i].stats.accepts : 0;
    return sum;
}

static uint64_t closes(const struct snapshot *s)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < processes; i++)
        sum += s->process[i].stats.closed;
    return sum;
}

/* Waits until the given numbers of connections were accepted and closed and all processes stay
 * asleep: one check is not enough, since a process that was checked first may be woken by the one
 * that is checked last. The counters must be read before the check: after it they may be those of a
 * worker that has just woken. */
static void settle(struct snapshot *now, uint64_t accepted, uint64_t closed)
{
    uint64_t end = clock_ns() + SETTLE_LIMIT_S * NS_PER_S;
    struct snapshot *then = snapshot_new(probe);
    bool settled = false;
    while (!settled) {
        if (clock_ns() > end)
            give_up("%llu of %llu connections accepted, %llu of %llu closed, then nothing for %d s",
                    (unsigned long long)accepts(now), (unsigned long long)accepted,
                    (unsigned long long)closes(now), (unsigned long long)closed, SETTLE_LIMIT_S);
        if (!server_process_is_whole(&server))
            give_up("a process of the server has ended");
        snapshot_take(probe, then);
        bool asleep = all_asleep();
        snapshot_take(probe, now);
        settled = asleep && same_sleep(then, now) && accepts(then) == accepted &&
                  closes(then) == closed;
    }
    free(then);
}

/* ---- one connection ---- */

static int connect_or_die(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        give_up("cannot connect: %s", strerror(errno));
    return fd;
}

static uint64_t counted(const struct snapshot *a, const struct snapshot *b, enum task_count which)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < processes; i++)
        sum += b->process[i].counts[which] - a->process[i].counts[which];
    return sum;
}

/* Wakeups by a timeout, by a lock in the kernel or by the disk are excluded: no connection caused
 * them. Only the counter distinguishes the latter two. */
static uint64_t wakeups(const struct snapshot *a, const struct snapshot *b)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < processes; i++)
        sum += b->process[i].voluntary - a->process[i].voluntary -
               (b->process[i].stats.timeouts - a->process[i].stats.timeouts);
    return sum - counted(a, b, COUNT_BLOCKED);
}

static void add_counted(struct count *count, const struct snapshot *a, const struct snapshot *b)
{
    uint64_t timeouts = counted(a, b, COUNT_TIMEOUTS);
    count->by_counter += counted(a, b, COUNT_WAKEUPS) - timeouts;
    count->useful += counted(a, b, COUNT_USEFUL);
    count->spurious += counted(a, b, COUNT_SPURIOUS) - timeouts;
    count->absorbed += counted(a, b, COUNT_ABSORBED);
    count->blocked += counted(a, b, COUNT_BLOCKED);
}

static unsigned winner(const struct snapshot *a, const struct snapshot *b)
{
    for (unsigned i = 0; i < processes; i++)
        if (b->process[i].stats.accepts > a->process[i].stats.accepts &&
            b->process[i].stats.role == ROLE_WORKER)
            return i;
    give_up("no worker accepted a connection");
}

static void run(struct count *count, unsigned *winners)
{
    struct snapshot *before = snapshot_new(probe), *after = snapshot_new(probe);
    bool overlap = workers >= OVERLAP_FROM;
    uint64_t closed = 0;
    int previous = -1;

    count->least = UINT64_MAX;
    settle(before, 0, 0);
    for (unsigned long i = 0; i < connections; i++) {
        int fd = connect_or_die();
        settle(after, i + 1, closed);
        uint64_t n = wakeups(before, after);
        count->sum += n;
        count->least = n < count->least ? n : count->least;
        count->most = n > count->most ? n : count->most;
        winners[i] = winner(before, after);
        add_counted(count, before, after);
        if (i + 1 == connections)
            tracing_write(&tracing, counter); /* before anything is closed */

        int finished = overlap ? previous : fd;
        previous = fd;
        if (finished >= 0) {
            close(finished);
            closed++;
        }
        settle(before, i + 1, closed);
    }
    if (overlap)
        close(previous);
    free(before);
    free(after);
}

/* strategy, workers, connections, total wakeups, minimum and maximum per connection, winners
 * (comma-separated), and from the wakeup counter: wakeups, useful, spurious, absorbed, and wakeups by
 * a lock or the disk, which the context switches exclude; tab-separated, "-" if the counter is
 * unavailable. */
static void print_result(const struct count *count, const unsigned *winners)
{
    printf("%s\t%lu\t%lu\t%llu\t%llu\t%llu\t", strategy, workers, connections,
           (unsigned long long)count->sum, (unsigned long long)count->least,
           (unsigned long long)count->most);
    for (unsigned long i = 0; i < connections; i++)
        printf("%s%u", i ? "," : "", winners[i]);
    if (counter)
        printf("\t%llu\t%llu\t%llu\t%llu\t%llu\n", (unsigned long long)count->by_counter,
               (unsigned long long)count->useful, (unsigned long long)count->spurious,
               (unsigned long long)count->absorbed, (unsigned long long)count->blocked);
    else
        puts("\t-\t-\t-\t-\t-");
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "exact wakeup counts of a strategy: idle connections against sleeping workers",
        .operands = "[-- options of the server]",
        .example = "selftest --strategy wakeone --workers 23 -- --reverse",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    struct server_command command;
    struct count count = {0};
    int first = options_parse(&program, tables, argc, argv);
    if (first < argc && strcmp(argv[first - 1], "--") != 0)
        fail_usage("unexpected argument '%s': options of the server come after --", argv[first]);
    if (check)
        return check_results() ? EXIT_DONE : EXIT_NOT_OK;
    server_command_begin(&command, backend, strategy, workers);
    /* On several CPUs two workers that accept at once contend for the listener's lock, and one of
     * them sleeps and is woken again: a wakeup that the strategy did not cause, and whose number
     * varies. Without the counter such wakeups cannot be distinguished. */
    if (!any_cpu)
        server_command_add_one_cpu(&command);
    server_command_add_all(&command, argv + first);
    unsigned *winners = calloc(connections, sizeof *winners);
    if (!winners)
        fail("out of memory");

    output_try(tracing.path);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (!server_process_start(&server, command.arguments))
        exit(EXIT_FAILED);
    processes = (unsigned)server.stats->slots;
    const char *why;
    counter = tracing_open(&tracing, &server, &why);
    if (!counter && tracing.path)
        give_up("cannot trace: %s", why);
    probe = probe_open(&server, counter);
    run(&count, winners);
    probe_close(probe);
    if (!server_process_stop(&server))
        fail("%s with %lu workers did not exit cleanly", strategy, workers);
    print_result(&count, winners);
    counter_close(counter);
    free(winners);
    return EXIT_DONE;
}
