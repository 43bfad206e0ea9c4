/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/trial/snapshot.h"

#include "harness/lib/clock.h"
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLEEPS = 20, PATIENCE_MS = 20000 };

static const uint64_t BURN_NS = 20 * NS_PER_MS;

/* A server of one process, whose every sleep is known: it obeys one byte at a time, and
 * sleeps in read(2) until there is one. */
static pid_t child;
static int orders;
static struct server_process server;
static struct probe *probe;
static struct snapshot *now;

static uint64_t own_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return timespec_ns(t);
}

static void __attribute__((noreturn)) obey(int fd)
{
    char order;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (read(fd, &order, 1) == 1)
        for (uint64_t end = own_cpu_ns() + BURN_NS; order == 'b' && own_cpu_ns() < end;)
            ;
    _exit(0);
}

static int set_up(void **state)
{
    size_t size = sizeof(struct stats_page) + sizeof(struct worker_stats);
    struct stats_page *page = aligned_alloc(_Alignof(struct stats_page), size);
    int ends[2];
    (void)state;
    if (!page || pipe(ends) != 0 || (child = fork()) < 0)
        return -1;
    if (child == 0) {
        close(ends[1]);
        obey(ends[0]);
    }
    close(ends[0]);
    orders = ends[1];
    memset(page, 0, size);
    page->slots = page->workers = 1;
    page->slot[0].pid = (uint64_t)child;
    server = (struct server_process){.pid = child, .stats = page, .stats_size = size};
    probe = probe_open(&server, NULL);
    now = snapshot_new(probe);
    return 0;
}

static void end_child(void)
{
    close(orders);
    waitpid(child, NULL, 0);
    child = 0;
}

static int clean_up(void **state)
{
    (void)state;
    if (child)
        end_child();
    probe_close(probe);
    free(now);
    free(server.stats);
    return 0;
}

static void order(char what)
{
    assert_int_equal(write(orders, &what, 1), 1);
}

/* Until the process has gone to sleep that often; it must not have been more. */
static void await_sleeps(uint64_t sleeps)
{
    for (int ms = 0; ms < PATIENCE_MS; ms++) {
        snapshot_take(probe, now);
        if (now->process[0].voluntary >= sleeps)
            break;
        sleep_ns(NS_PER_MS);
    }
    assert_int_equal(now->process[0].voluntary, sleeps);
}

TEST(every_sleep_is_counted_once)
{
    await_sleeps(1); /* its first: for the first order */
    for (uint64_t i = 0; i < SLEEPS; i++) {
        order('s');
        await_sleeps(i + 2);
    }
}

TEST(cpu_time_grows_by_what_was_used)
{
    await_sleeps(1);
    uint64_t before = now->process[0].cpu_ns;
    order('b');
    await_sleeps(2);
    assert_true(now->process[0].cpu_ns - before >= BURN_NS);
}

TEST(stats_are_copied)
{
    static const struct worker_stats stats = {.role = ROLE_ACCEPTOR, .accepts = 3, .eagain = 5};
    server.stats->slot[0] = stats;
    snapshot_take(probe, now);
    assert_memory_equal(&now->process[0].stats, &stats, sizeof stats);
}

TEST(ended_process_keeps_its_counters)
{
    await_sleeps(1);
    order('b');
    await_sleeps(2);
    struct process_counters last = now->process[0];
    end_child();
    server.stats->slot[0].accepts = 7;
    snapshot_take(probe, now);
    assert_int_equal(now->process[0].voluntary, last.voluntary);
    assert_int_equal(now->process[0].involuntary, last.involuntary);
    assert_int_equal(now->process[0].cpu_ns, last.cpu_ns);
    assert_int_equal(now->process[0].stats.accepts, 7);
}

static uint64_t listen_overflows(void)
{
    char names[8192], values[8192], *next_name = names, *next_value = values;
    FILE *file = fopen("/proc/net/netstat", "r");
    assert_non_null(file);
    assert_non_null(fgets(names, sizeof names, file));
    assert_non_null(fgets(values, sizeof values, file));
    fclose(file);
    for (const char *value; (value = strsep(&next_value, " ")) && next_name;)
        if (strcmp(strsep(&next_name, " "), "ListenOverflows") == 0)
            return strtoull(value, NULL, 10);
    fail_msg("no ListenOverflows");
    return 0;
}

static uint64_t cpu_ticks(void)
{
    unsigned long long column, sum = 0;
    FILE *file = fopen("/proc/stat", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "cpu"), 0);
    for (int i = 0; i < 8 && fscanf(file, "%llu", &column) == 1; i++)
        sum += column;
    fclose(file);
    return sum;
}

TEST(machine_counters_are_those_of_proc)
{
    uint64_t ticks = cpu_ticks(), overflows = listen_overflows();
    snapshot_take(probe, now);
    snapshot_take(probe, now); /* a snapshot can be used again */
    assert_in_range(now->machine.total, ticks, cpu_ticks());
    assert_in_range(now->machine.listen_overflows, overflows, listen_overflows());
    assert_true(now->machine.steal < now->machine.total);
}

static void open_probe(const void *context)
{
    probe_open(context, NULL);
}

TEST(process_that_is_not_there)
{
    end_child();
    struct ended ended = run_in_child(open_probe, &server);
    assert_exit_with_one_line(&ended, 1);
}

int main(void)
{
    ADD(every_sleep_is_counted_once);
    ADD(cpu_time_grows_by_what_was_used);
    ADD(stats_are_copied);
    ADD(ended_process_keeps_its_counters);
    ADD(machine_counters_are_those_of_proc);
    ADD(process_that_is_not_there);
    return run_added(set_up, clean_up);
}
