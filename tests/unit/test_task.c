/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a wakeup, as stories: one event a line, the first word is the task's. */

#include "harness/wakeups/task.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 8192 };

struct story {
    const char *name, *events;
    uint64_t counts[TASK_COUNTS];
};

static const struct {
    const char *name;
    enum call call;
} calls[] = {
    {"wait", CALL_WAIT},   {"accept", CALL_ACCEPT}, {"read", CALL_READ},
    {"write", CALL_WRITE}, {"slept", CALL_SLEPT},   {"other", CALL_OTHER},
};

static enum call call_named(const char *name)
{
    for (size_t i = 0; i < COUNT(calls); i++)
        if (strcmp(calls[i].name, name) == 0)
            return calls[i].call;
    fail_msg("there is no call '%s'", name);
    return CALL_OTHER;
}

/* woken CPU [ORDER] | in CPU | asleep | blocked | preempted | queued NS | CALL RESULT */
static void tell(struct task *t, const char *event)
{
    char what[16] = "";
    long number = 0, order = 0;
    sscanf(event, "%15s %ld %ld", what, &number, &order);
    if (strcmp(what, "woken") == 0)
        task_is_woken(&t->wakings, (uint32_t)number, (uint32_t)order);
    else if (strcmp(what, "in") == 0)
        task_was_switched_in(t, (uint32_t)number);
    else if (strcmp(what, "asleep") == 0 || strcmp(what, "blocked") == 0) {
        task_is_on(t, t->cpu ? t->cpu - 1 : 0);
        task_fell_asleep(t, what[0] == 'a');
    } else if (strcmp(what, "preempted") == 0)
        task_was_preempted(t);
    else if (strcmp(what, "queued") == 0)
        task_has_queued(t, (uint64_t)number);
    else {
        task_is_on(t, t->cpu ? t->cpu - 1 : 0);
        task_returned_from(t, call_named(what), number);
    }
}

static void tell_all(struct task *t, const char *events)
{
    char text[LONGEST], *next = text;
    snprintf(text, sizeof text, "%s", events);
    for (char *event; (event = strsep(&next, ";"));)
        tell(t, event);
}

/* All begin with a thread that has gone to sleep on CPU 0. */
static const struct story stories[] = {
    {"accepted",
     "woken 0 1; in 0; wait 1; accept 7; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1, [COUNT_ACCEPTS] = 1}},
    {"lost the race inside the kernel",
     "woken 0 2; in 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_ABSORBED] = 1}},
    {"lost the race in the program",
     "woken 0; in 0; wait 1; accept -11; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1, [COUNT_EAGAIN] = 1}},
    {"time was up",
     "woken 0; in 0; wait 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1, [COUNT_TIMEOUTS] = 1}},
    {"a look without waiting, after a wakeup for nothing",
     "woken 0; in 0; wait 1; accept -11; wait 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1, [COUNT_EAGAIN] = 1}},
    {"time was up, and there was something all the same",
     "woken 0; in 0; wait 0; accept 7; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1, [COUNT_ACCEPTS] = 1}},
    {"a signal", "woken 0; in 0; wait -4; asleep", {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1}},
    {"a drain ends with EAGAIN",
     "woken 0; in 0; wait 1; accept 7; accept 8; accept -11; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1, [COUNT_ACCEPTS] = 2, [COUNT_EAGAIN] = 1}},
    {"accept with another error",
     "woken 0; in 0; wait 1; accept -24; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1}},
    {"the end of a connection",
     "woken 0; in 0; wait 1; read 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1}},
    {"nothing to read",
     "woken 0; in 0; wait 1; read -11; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1}},
    {"room to write",
     "woken 0; in 0; wait 1; write 100; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1}},
    {"no room to write",
     "woken 0; in 0; wait 1; write -11; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1}},
    {"got the lock it slept for",
     "woken 0; in 0; slept 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1}},
    {"did not get it",
     "woken 0; in 0; slept -110; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1}},
    {"a lock that it did not sleep for",
     "woken 0; in 0; wait 1; slept 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1}},
    {"another call",
     "woken 0; in 0; wait 1; other 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_SPURIOUS] = 1}},
    {"blocked in the middle",
     "woken 0; in 0; wait 1; blocked; woken 0; in 0; accept 7; asleep",
     {[COUNT_WAKEUPS] = 2, [COUNT_BLOCKED] = 1, [COUNT_USEFUL] = 2, [COUNT_ACCEPTS] = 1}},
    {"blocked once, asleep again",
     "woken 0; in 0; blocked; woken 0; in 0; asleep; woken 0; in 0; asleep",
     {[COUNT_WAKEUPS] = 3, [COUNT_BLOCKED] = 1, [COUNT_ABSORBED] = 3}},
    {"preempted in the middle",
     "woken 0; in 0; wait 1; preempted; in 0; accept 7; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1, [COUNT_ACCEPTS] = 1, [COUNT_PREEMPTIONS] = 1}},
    {"moved and woken from afar",
     "woken 0; in 1; wait 1; accept 7; asleep",
     {[COUNT_WAKEUPS] = 1,
      [COUNT_USEFUL] = 1,
      [COUNT_ACCEPTS] = 1,
      [COUNT_MIGRATIONS] = 1,
      [COUNT_CROSS_CPU] = 1}},
    {"woken before it was seen asleep",
     "woken 0; in 0; wait 1; accept 7; woken 0; asleep; in 0; asleep",
     {[COUNT_WAKEUPS] = 2, [COUNT_USEFUL] = 1, [COUNT_ACCEPTS] = 1, [COUNT_ABSORBED] = 1}},
    {"woken by nobody",
     "in 0; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_ABSORBED] = 1, [COUNT_MISSED] = 1}},
    {"came in unseen, and called",
     "woken 0; wait 1; accept 7; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1, [COUNT_ACCEPTS] = 1}},
    {"came in unseen, and left", "woken 0; asleep", {[COUNT_WAKEUPS] = 1, [COUNT_ABSORBED] = 1}},
    {"not decided yet", "woken 0; in 0; wait 1", {[COUNT_WAKEUPS] = 1}},
    {"calls before a sleep are not the next turn's",
     "woken 0; in 0; wait 1; accept 7; asleep; woken 0; in 0; asleep",
     {[COUNT_WAKEUPS] = 2, [COUNT_USEFUL] = 1, [COUNT_ABSORBED] = 1, [COUNT_ACCEPTS] = 1}},
};

static struct task asleep_on_cpu_0(void)
{
    struct task t = {.state = TASK_AWAKE, .cpu = 1};
    task_fell_asleep(&t, true);
    return t;
}

static void assert_counts(const struct task *t, const uint64_t *expected)
{
    for (unsigned i = 0; i < TASK_COUNTS; i++)
        if (t->counts[i] != expected[i])
            fail_msg("count %u is %llu, not %llu", i, (unsigned long long)t->counts[i],
                     (unsigned long long)expected[i]);
}

TEST(story)
{
    const struct story *row = *state;
    struct task t = asleep_on_cpu_0();
    tell_all(&t, row->events);
    assert_counts(&t, row->counts);
}

/* Found at the start, not known whether asleep. */
static const struct story unknown[] = {
    {"it slept: somebody woke it",
     "woken 0; in 0; wait 1; accept 7; asleep",
     {[COUNT_WAKEUPS] = 1, [COUNT_USEFUL] = 1, [COUNT_ACCEPTS] = 1}},
    {"it was ready to run", "in 0; wait 1; accept 7; asleep", {[COUNT_ACCEPTS] = 1}},
    {"it was running", "accept 7; asleep", {[COUNT_ACCEPTS] = 1}},
};

TEST(found_at_the_start)
{
    const struct story *row = *state;
    struct task t = {.state = TASK_UNKNOWN};
    tell_all(&t, row->events);
    assert_counts(&t, row->counts);
}

TEST(wakings_for_a_connection)
{
    struct task t = asleep_on_cpu_0();
    tell_all(&t, "woken 0 1; in 0; asleep; woken 0 3; in 0; asleep; woken 0 0; in 0; asleep");
    assert_int_equal(t.wakings.for_connection, 2);
    assert_int_equal(t.wakings.first, 1);
}

static uint64_t delays_of(const struct task *t)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        sum += t->delays[i];
    return sum;
}

/* As the program in the kernel does it: a caller that wants a delay notes where it began. */
TEST(delays_of_the_first_all_then_of_one_in_so_many)
{
    enum { WAKEUPS = DELAYS_ALL + 10 * DELAYS_ONE_IN };
    struct task t = asleep_on_cpu_0();
    for (uint64_t i = 0, queued = 0; i < WAKEUPS; i++, queued += 1000) {
        tell_all(&t, "woken 0; in 0");
        if (t.delay_wanted) {
            t.queued_ns = queued;
            task_has_queued(&t, queued + 1000);
        }
        tell_all(&t, "asleep");
    }
    assert_int_equal(delays_of(&t), DELAYS_ALL + 10);
    assert_int_equal(t.delays[loglinear_index(1000, DELAY_BITS)], DELAYS_ALL + 10);
}

TEST(longest_delay_has_a_bucket)
{
    struct task t = asleep_on_cpu_0();
    task_has_queued(&t, UINT64_MAX);
    assert_int_equal(delays_of(&t), 1);
}

/* Whatever happens, each wakeup is of one kind, or not decided yet. */
TEST(every_wakeup_is_of_one_kind)
{
    static const char *const events[] = {
        "woken 0 1", "woken 1", "in 0",     "in 1",   "asleep",     "blocked", "preempted",
        "wait 1",    "wait 0",  "accept 5", "read 0", "accept -11", "slept 0", "write -11",
    };
    struct task t = asleep_on_cpu_0();
    for (unsigned i = 0; i < 20000; i++) {
        tell(&t, events[random_number() % COUNT(events)]);
        assert_int_equal(t.counts[COUNT_USEFUL] + t.counts[COUNT_SPURIOUS] +
                             t.counts[COUNT_ABSORBED] + t.undecided,
                         t.counts[COUNT_WAKEUPS]);
        assert_true(t.counts[COUNT_TIMEOUTS] <= t.counts[COUNT_SPURIOUS]);
    }
    assert_true(t.counts[COUNT_WAKEUPS] > 1000);
}

/* ---- a recorded sequence ---- */

enum { THREADS = 2 };

static unsigned thread_numbered(long *tids, long tid)
{
    for (unsigned i = 0; i < THREADS; i++) {
        if (tids[i] == 0)
            tids[i] = tid;
        if (tids[i] == tid)
            return i;
    }
    fail_msg("thread %ld is one too many", tid);
    return 0;
}

/* Two racing workers, ten connections: each wakes both, one accepts, the other finds nothing. */
TEST(recorded)
{
    struct task tasks[THREADS] = {{.state = TASK_UNKNOWN}, {.state = TASK_UNKNOWN}};
    long tids[THREADS] = {0}, tid;
    char line[128];
    int at;
    FILE *file = fopen("tests/data/wakeups/racing-2.events", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%ld %n", &tid, &at) == 1)
            tell(&tasks[thread_numbered(tids, tid)], line + at);
    fclose(file);

    uint64_t sums[TASK_COUNTS] = {0};
    for (unsigned i = 0; i < THREADS; i++)
        for (unsigned k = 0; k < TASK_COUNTS; k++)
            sums[k] += tasks[i].counts[k];
    assert_int_equal(sums[COUNT_WAKEUPS], 20);
    assert_int_equal(sums[COUNT_USEFUL], 10);
    assert_int_equal(sums[COUNT_ABSORBED] + sums[COUNT_SPURIOUS], 10);
    assert_int_equal(sums[COUNT_ACCEPTS], 10);
    assert_int_equal(sums[COUNT_MISSED], 0);
}

/* In the middle of an iteration, and another wakeup while not attached: neither is decided or counted, and what comes then is. */
TEST(not_watched_for_a_while)
{
    struct task t = {.state = TASK_UNKNOWN};
    static const char *const before[] = {"asleep", "woken 0 1", "in 0", "accept 5",
                                         "asleep", "woken 1",   "in 1", NULL};
    static const char *const after[] = {"asleep", "woken 0 1", "in 0", "accept 5", "asleep", NULL};
    for (unsigned i = 0; before[i]; i++)
        tell(&t, before[i]);
    task_is_woken(&t.wakings, 3, 0);
    task_was_not_watched(&t);
    for (unsigned i = 0; after[i]; i++)
        tell(&t, after[i]);
    assert_int_equal(t.counts[COUNT_WAKEUPS], 3);
    assert_int_equal(t.counts[COUNT_USEFUL], 2);
    assert_int_equal(t.counts[COUNT_SPURIOUS] + t.counts[COUNT_ABSORBED], 0);
    assert_int_equal(t.counts[COUNT_MISSED], 0);
    assert_int_equal(t.counts[COUNT_ACCEPTS], 2);
    assert_int_equal(t.counts[COUNT_MIGRATIONS], 1);
}

int main(void)
{
    ADD_ROWS(story, stories);
    ADD_ROWS(found_at_the_start, unknown);
    ADD(wakings_for_a_connection);
    ADD(delays_of_the_first_all_then_of_one_in_so_many);
    ADD(longest_delay_has_a_bucket);
    ADD(every_wakeup_is_of_one_kind);
    ADD(not_watched_for_a_while);
    ADD(recorded);
    return run_added(NULL, NULL);
}
