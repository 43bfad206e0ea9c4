/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/trial/hiccups.h"

#include "harness/lib/clock.h"
#include "support.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { PERIOD_MS = 2, BEFORE_MS = 30, WINDOW_MS = 100, PATIENCE = 20 };

static struct cpulist cpus;

/* Whether a thread may go ahead of all others here */
static bool may_go_ahead(void)
{
    struct hiccups *hiccups = hiccups_start(&cpus);
    if (hiccups)
        hiccups_stop(hiccups);
    return hiccups != NULL;
}

static int set_up(void **state)
{
    (void)state;
    cpulist_allowed(&cpus);
    return 0;
}

static unsigned thread_count(void)
{
    unsigned count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/* ---- windows ---- */

struct absence {
    const char *name;
    int policy, priority;
    uint64_t after_ms, length_ms;
    uint64_t begin_ns, end_ns; /* as it was */
};

/* Keeps the first CPU of the list from all that come after it. */
static void *keep_cpu(void *argument)
{
    struct absence *a = argument;
    sleep_ns(a->after_ms * NS_PER_MS);
    a->begin_ns = clock_ns();
    a->end_ns = a->begin_ns + a->length_ms * NS_PER_MS;
    while (clock_ns() < a->end_ns)
        ;
    return NULL;
}

static pthread_t start_absence(struct absence *a)
{
    const struct sched_param priority = {.sched_priority = a->priority};
    pthread_attr_t attributes;
    pthread_t thread;
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    CPU_SET(cpus.cpus[0], &cpu);
    pthread_attr_init(&attributes);
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, a->policy);
    pthread_attr_setschedparam(&attributes, &priority);
    pthread_attr_setaffinity_np(&attributes, sizeof cpu, &cpu);
    assert_int_equal(pthread_create(&thread, &attributes, keep_cpu, a), 0);
    pthread_attr_destroy(&attributes);
    return thread;
}

struct window {
    uint64_t begin_ns, end_ns;
    struct hiccups_result seen;
};

/* What is seen in a window on the first CPU, which another thread keeps for some of the time */
static struct window look_at(struct absence *a)
{
    const struct cpulist first = {.count = 1, .cpus = {cpus.cpus[0]}};
    struct window w;
    struct hiccups *hiccups = hiccups_start(&first);
    assert_non_null(hiccups);
    pthread_t thread = start_absence(a);
    sleep_ns(BEFORE_MS * NS_PER_MS);
    w.begin_ns = clock_ns();
    hiccups_window_begins(hiccups);
    sleep_ns(WINDOW_MS * NS_PER_MS);
    w.end_ns = clock_ns();
    hiccups_window_ended(hiccups);
    pthread_join(thread, NULL);
    w.seen = hiccups_stop(hiccups);
    return w;
}

static struct absence ahead[] = {
    {"in the window", SCHED_FIFO, 2, BEFORE_MS + 20, 40, 0, 0},
    {"from before it begins", SCHED_FIFO, 2, 10, 60, 0, 0},
    {"until after it has ended", SCHED_FIFO, 2, BEFORE_MS + 70, 60, 0, 0},
};

/* The part of the absence that is in the window. False if there is none: the thread that begins the window had
 * to wait for the CPU until the absence was over. */
static bool absence_in(const struct window *w, const struct absence *a, uint64_t *begin,
                       uint64_t *end)
{
    *begin = a->begin_ns > w->begin_ns ? a->begin_ns : w->begin_ns;
    *end = a->end_ns < w->end_ns ? a->end_ns : w->end_ns;
    return *begin < *end;
}

/* All looks that are due in an absence are late, but for its last millisecond; the first of them comes within
 * 2 ms. The machine may add its own. */
TEST(an_absence_is_seen_in_full)
{
    struct absence *a = *state;
    struct window w;
    uint64_t begin, end;
    bool in_window = false;
    if (!may_go_ahead())
        skip();
    for (int i = 0; i < PATIENCE && !in_window; i++) {
        w = look_at(a);
        in_window = absence_in(&w, a, &begin, &end);
    }
    if (!in_window && cpus.count == 1)
        skip();
    assert_true(in_window);
    assert_true(w.end_ns - w.begin_ns >= (w.seen.looks - 1) * PERIOD_MS * NS_PER_MS);
    assert_true(w.end_ns - w.begin_ns <= (w.seen.looks + 1) * PERIOD_MS * NS_PER_MS);
    assert_true(w.seen.late + 2 >= (end - begin) / (PERIOD_MS * NS_PER_MS));
    assert_true(w.seen.max_ns + 3 * NS_PER_MS >= a->end_ns - begin);
}

/* Looks are not late by what is measured: some window of several is without a hiccup of the machine. */
TEST(whoever_only_wants_the_cpu_does_not_delay_a_look)
{
    struct absence busy = {"busy", SCHED_OTHER, 0, 0, BEFORE_MS + WINDOW_MS, 0, 0};
    struct hiccups_result seen = {.late = 1};
    if (!may_go_ahead())
        skip();
    for (int i = 0; i < PATIENCE && seen.late > 0; i++)
        seen = look_at(&busy).seen;
    assert_int_equal(seen.late, 0);
    assert_true(seen.max_ns > 0 && seen.max_ns <= NS_PER_MS);
}

TEST(outside_the_window_nothing_counts)
{
    if (!may_go_ahead())
        skip();
    struct hiccups *hiccups = hiccups_start(&cpus);
    sleep_ns(20 * NS_PER_MS);
    struct hiccups_result seen = hiccups_stop(hiccups);
    assert_int_equal(seen.looks, 0);
    assert_int_equal(seen.max_ns, 0);
    hiccups = hiccups_start(&cpus);
    hiccups_window_begins(hiccups);
    hiccups_window_ended(hiccups);
    sleep_ns(20 * NS_PER_MS);
    seen = hiccups_stop(hiccups);
    assert_true(seen.looks <= cpus.count);
}

TEST(each_cpu_has_its_looks)
{
    if (!may_go_ahead())
        skip();
    struct hiccups *hiccups = hiccups_start(&cpus);
    unsigned watched = cpus.count < HICCUPS_CPUS ? cpus.count : HICCUPS_CPUS;
    assert_int_equal(thread_count(), 1 + watched);
    hiccups_window_begins(hiccups);
    sleep_ns(WINDOW_MS * NS_PER_MS);
    hiccups_window_ended(hiccups);
    struct hiccups_result seen = hiccups_stop(hiccups);
    assert_true(seen.looks >= watched * (WINDOW_MS / PERIOD_MS - 1));
    assert_int_equal(thread_count(), 1);
}

/* ---- who else is there ---- */

TEST(signals_stay_with_the_caller)
{
    sigset_t one, before, after, pending;
    if (!may_go_ahead())
        skip();
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    struct hiccups *hiccups = hiccups_start(&cpus);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int number = 1; number < NSIG; number++)
        assert_int_equal(sigismember(&after, number), sigismember(&before, number));
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &one, NULL);
    kill(getpid(), SIGUSR1); /* would end the program in any thread that takes it */
    sleep_ns(10 * NS_PER_MS);
    sigpending(&pending);
    assert_int_equal(sigismember(&pending, SIGUSR1), 1);
    const struct timespec at_once = {0};
    sigtimedwait(&one, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    hiccups_stop(hiccups);
}

/* Nobody: who has neither the right to go ahead nor a limit that lets it */
static void start_as_nobody(const void *context)
{
    enum { NOBODY = 65534 };
    if (setuid(NOBODY) != 0)
        _exit(2);
    _exit(hiccups_start(context) == NULL && thread_count() == 1 ? 0 : 1);
}

TEST(without_the_right_there_is_none)
{
    int status = geteuid() == 0 ? run_in_child(start_as_nobody, &cpus).status : 2;
    if (status == 2) /* an ordinary user, or root of a user namespace that has no other */
        skip();
    assert_int_equal(status, 0);
}

TEST(a_cpu_that_is_not_there_is_none)
{
    static const struct cpulist none;
    struct cpulist wrong = {.count = 2, .cpus = {cpus.cpus[0], CPULIST_MAX - 1}};
    assert_null(hiccups_start(&none));
    assert_null(hiccups_start(&wrong));
    assert_int_equal(thread_count(), 1);
}

int main(void)
{
    ADD_ROWS(an_absence_is_seen_in_full, ahead);
    ADD(whoever_only_wants_the_cpu_does_not_delay_a_look);
    ADD(outside_the_window_nothing_counts);
    ADD(each_cpu_has_its_looks);
    ADD(signals_stay_with_the_caller);
    ADD(without_the_right_there_is_none);
    ADD(a_cpu_that_is_not_there_is_none);
    return run_added(set_up, NULL);
}
