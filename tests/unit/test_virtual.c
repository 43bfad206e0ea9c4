/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual-time machine without QEMU: its arithmetic, and its scheduler, with threads as virtual CPUs. */

#include <stdio.h>
#include <unistd.h>

#include "harness/lab/virtual/arm64.h"
#include "harness/lab/virtual/clock.h"
#include "harness/lab/virtual/lines.h"
#include "harness/lab/virtual/mark.h"
#include "harness/lab/virtual/profile.h"
#include "harness/lab/virtual/sched.h"

#include "support.h"

/* ---- the clock ---- */

TEST(clock_counts_instructions)
{
    struct clock clock = {.price = 300, .base = CLOCK_CALL};
    uint64_t used = clock_begin(&clock, CLOCK_CALL, 2000000);
    assert_int_equal(
        used, CLOCK_CALL - 6667); /* of 300 ps: the first whole number that is not less than 2 us */
    assert_int_equal(clock_at(&clock, used), 0);
    assert_int_equal(clock_at(&clock, used + 10), 3000);
    used = clock_end_slice(&clock, used + 10);
    assert_int_equal(used, CLOCK_CALL);
    assert_int_equal(clock.ps, 3000);
    assert_int_equal(clock.executed, 10);
}

TEST(clock_loses_nothing_to_rounding)
{
    struct clock clock = {.price = 333, .base = CLOCK_CALL};
    uint64_t used = CLOCK_CALL;
    for (int i = 0; i < 100000; i++) {
        used = clock_begin(&clock, used, 1);
        used += 7;
    }
    assert_int_equal(clock_at(&clock, used), 333ull * 700000);
}

TEST(clock_tells_stalls_from_instructions)
{
    struct clock clock = {.price = 1000, .base = CLOCK_CALL};
    uint64_t used = clock_begin(&clock, CLOCK_CALL, 1000000) + 100 + 40;
    clock.stalled = 40;
    clock_end_slice(&clock, used);
    assert_int_equal(clock.ps, 140000);
    assert_int_equal(clock.executed, 100);
    assert_int_equal(clock.stalled, 0);
}

TEST(clock_does_not_go_back)
{
    struct clock clock = {.price = 1000, .ps = 500, .base = CLOCK_CALL};
    clock_skip_to(&clock, 400);
    assert_int_equal(clock.ps, 500);
    clock_skip_to(&clock, 600);
    assert_int_equal(clock.ps, 600);
}

/* ---- cache lines ---- */

/* A history of one line, as a sequence of "CPU r|w", and the kind of each access: h, m, u */
static const struct {
    const char *name, *accesses, *expected;
} histories[] = {
    {"an unwritten line has no owner", "0r 1r 2r", "hhh"},
    {"own writes are hits", "0w 0w 0r 0w", "hhhh"},
    {"what another has written is a miss, once", "0w 1r 1r 2r", "hmhm"},
    {"so is to write it", "0w 1w 0w 1w 1w", "hmmmh"},
    {"who has read what another wrote has to ask to write", "0w 1r 1w", "hmu"},
    {"the writer as well, when others have read", "0w 1r 0w 0w", "hmuh"},
    {"of lines that were only read, too", "0r 1r 0w", "hhu"},
    {"and those have lost it", "0w 1r 0w 1r", "hmum"},
    {"of many readers each has its own", "63w 0r 62r 63w 0r 62r 62r", "hmmummh"},
};

static const char letters[] = {[LINE_HIT] = 'h', [LINE_MISS] = 'm', [LINE_UPGRADE] = 'u'};

TEST(who_has_a_line)
{
    const __typeof__(*histories) *row = *state;
    struct lines lines;
    char got[16] = "";
    unsigned cpu, n = 0;
    char how;
    int length;
    assert_true(lines_init(&lines, 0x1000, 0x1000));
    for (const char *at = row->accesses; sscanf(at, "%u%c%n", &cpu, &how, &length) == 2;
         at += length)
        got[n++] = letters[lines_access(&lines, 0x1044, cpu, how == 'w')];
    assert_string_equal(got, row->expected);
}

TEST(lines_are_told_apart_and_end_with_the_memory)
{
    struct lines lines;
    assert_true(lines_init(&lines, 0x1000, 0x1000));
    lines_access(&lines, 0x1fc0, 0, true);
    assert_int_equal(lines_access(&lines, 0x1fbf, 1, false), LINE_HIT);
    assert_int_equal(lines_access(&lines, 0x1fff, 1, false), LINE_MISS);
    static const uint64_t outside[] = {0, 0xfff, 0x2000, UINT64_MAX};
    for (unsigned i = 0; i < COUNT(outside); i++) {
        assert_int_equal(lines_access(&lines, outside[i], 0, true), LINE_HIT);
        assert_int_equal(lines_access(&lines, outside[i], 1, true), LINE_HIT);
    }
}

/* ---- instructions ---- */

/* As assembled by GNU as */
static const struct {
    const char *name;
    uint32_t code;
    bool is_atomic;
} instructions[] = {
    {"ldadd w0, w1, [x2]", 0xb8200041, true},
    {"stadd x0, [x2]", 0xf820005f, true},
    {"ldset x0, x1, [x2]", 0xf8203041, true},
    {"ldumaxb w0, w1, [x2]", 0x38206041, true},
    {"swpal w0, w1, [x2]", 0xb8e08041, true},
    {"casal x0, x1, [x2]", 0xc8e0fc41, true},
    {"caspal x0, x1, x2, x3, [x4]", 0x4860fc82, true},
    {"ldxr w0, [x1]", 0x885f7c20, true},
    {"ldaxr x0, [x1]", 0xc85ffc20, true},
    {"ldaxp x0, x1, [x2]", 0xc87f8440, true},
    {"ldar x0, [x1]", 0xc8dffc20, false},
    {"ldapr x0, [x1]", 0xf8bfc020, false},
    {"stxr w0, w1, [x2]", 0x88007c41, false},
    {"stlr x0, [x1]", 0xc89ffc20, false},
    {"ldr x0, [x1, x2]", 0xf8626820, false},
    {"ldr x0, [x1, #8]", 0xf9400420, false},
    {"ldp x0, x1, [x2]", 0xa9400440, false},
    {"str w0, [x1], #4", 0xb8004420, false},
    {"ldur x0, [x1, #-8]", 0xf85f8020, false},
    {"ldr q0, [x1, x2]", 0x3ce26820, false},
    {"nop", 0xd503201f, false},
};

TEST(atomic_instructions)
{
    const __typeof__(*instructions) *row = *state;
    assert_int_equal(arm64_is_atomic(row->code), row->is_atomic);
}

TEST(hints_have_numbers)
{
    assert_int_equal(arm64_hint(0xd5032e1f), MARK_TRIAL);
    assert_int_equal(arm64_hint(0xd5032e5f), MARK_WINDOW_ENDED);
    assert_int_equal(arm64_hint(0xd503201f), 0);
    assert_int_equal(arm64_hint(0xd503205f), 2);  /* wfe */
    assert_int_equal(arm64_hint(0xd503309f), -1); /* dsb */
    assert_int_equal(arm64_hint(0xb8200041), -1);
}

/* ---- where time goes ---- */

static struct profile profile;

TEST(programs_are_one_block_each_of_the_kernels_has_its_own)
{
    profile_init(&profile);
    assert_int_equal(profile_block(&profile, 0x400000), 0);
    assert_int_equal(profile_block(&profile, 0xffff00000000), 0);
    unsigned first = profile_block(&profile, 0xffff800080000000);
    unsigned second = profile_block(&profile, 0xffff800080000004);
    assert_true(first > PROFILE_OTHERS && second > PROFILE_OTHERS && first != second);
    assert_int_equal(profile_block(&profile, 0xffff800080000000), first);
    assert_int_equal(profile.address[first], 0xffff800080000000);
}

TEST(blocks_without_room_are_counted_together)
{
    profile_init(&profile);
    for (unsigned i = 0; i < 2 * PROFILE_BLOCKS; i++) {
        unsigned block = profile_block(&profile, 0xffff800080000000 + 4 * i);
        if (i < PROFILE_BLOCKS - 2)
            assert_int_equal(profile.address[block], 0xffff800080000000 + 4 * i);
        else
            assert_int_equal(block, PROFILE_OTHERS);
    }
    assert_int_equal(profile_block(&profile, 0xffff800080000000), PROFILE_OTHERS + 1);
}

/* ---- the scheduler ---- */

enum { QUANTUM = 20, END = 1000000, LOG = 4096 };

static struct sched sched;
static struct {
    unsigned task;
    uint64_t from, to;
} slices[LOG];
static unsigned sliced;
static int at_work; /* how many are in a time slice */

/* What a task does in its time slices: `block` at a time, until its clock is at `until`; then it sleeps. */
struct life {
    unsigned task;
    uint64_t block, until;
};

static void work(const struct life *life, uint64_t *clock)
{
    const struct sched_task *task = &sched.task[life->task];
    assert_int_equal(__atomic_add_fetch(&at_work, 1, __ATOMIC_SEQ_CST), 1);
    *clock = task->clock > *clock ? task->clock : *clock;
    uint64_t from = *clock;
    while (*clock < task->end && *clock < life->until)
        *clock += life->block;
    if (sliced < LOG) {
        slices[sliced].task = life->task;
        slices[sliced].from = from;
        slices[sliced++].to = *clock;
    }
    __atomic_sub_fetch(&at_work, 1, __ATOMIC_SEQ_CST);
}

static void *live(void *arg)
{
    const struct life *life = arg;
    uint64_t clock = 0;
    sched_await(&sched, life->task);
    work(life, &clock);
    while (clock < life->until) {
        sched_yield_at(&sched, life->task, clock);
        work(life, &clock);
    }
    sched_sleep(&sched, life->task, clock);
    return NULL;
}

/* Begins them all at 0, and none before all are there, as a kernel's CPUs are. */
static void begin(const struct life *lives, unsigned n, pthread_t *threads)
{
    sched_init(&sched, n, QUANTUM);
    sliced = 0;
    for (unsigned i = 0; i < n; i++)
        assert_true(sched_wake(&sched, lives[i].task, 0));
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, live, (void *)&lives[i]), 0);
}

static void end(unsigned n, pthread_t *threads)
{
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    assert_false(sched_any_awake(&sched));
}

static void assert_slices(const char *expected)
{
    char got[LOG] = "";
    size_t at = 0;
    for (unsigned i = 0; i < sliced && at < sizeof got; i++)
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%u:%lu-%lu", i ? " " : "",
                               slices[i].task, slices[i].from, slices[i].to);
    assert_string_equal(got, expected);
}

TEST(smallest_clock_runs_until_a_quantum_beyond_the_next)
{
    static const struct life lives[] = {{1, 1, 50}, {2, 5, 50}, {3, 30, 50}};
    pthread_t threads[3];
    begin(lives, 3, threads);
    sched_yield_at(&sched, SCHED_TIMERS, END);
    end(3, threads);
    /* The order of those with the same clock is their number; a block is not divided. */
    assert_slices("1:0-20 2:0-20 3:0-60 1:20-40 2:20-50 1:40-50");
}

TEST(timer_ends_a_slice_and_has_its_turn)
{
    static const struct life lives[] = {{1, 1, 50}};
    pthread_t threads[1];
    begin(lives, 1, threads);
    for (uint64_t deadline = 10; deadline <= 30; deadline += 10) {
        sched_yield_at(&sched, SCHED_TIMERS, deadline);
        assert_int_equal(sched.task[SCHED_TIMERS].clock, deadline);
        assert_int_equal(slices[sliced - 1].to, deadline);
    }
    sched_yield_at(&sched, SCHED_TIMERS, END);
    end(1, threads);
    assert_slices("1:0-10 1:10-20 1:20-30 1:30-50");
}

/* A CPU that notifies the main loop yields to it at once, whatever its next timer is. */
static void *notifies(void *arg)
{
    sched_await(&sched, 1);
    sched_yield_at(&sched, 1, 5);
    sched_notify(&sched, 7);
    sched_yield_at(&sched, 1, 8);
    sched_sleep(&sched, 1, 9);
    return arg;
}

TEST(notified_main_loop_is_next)
{
    pthread_t thread;
    sched_init(&sched, 1, QUANTUM);
    sched_wake(&sched, 1, 0);
    pthread_create(&thread, NULL, notifies, NULL);
    sched_yield_at(&sched, SCHED_TIMERS, SCHED_NEVER);
    assert_int_equal(sched.task[SCHED_TIMERS].clock, 7);
    assert_int_equal(sched.task[1].clock, 8);
    sched_notify(&sched, 8); /* while it does not wait */
    sched_yield_at(&sched, SCHED_TIMERS, SCHED_NEVER);
    sched_yield_at(&sched, SCHED_TIMERS, 1000);
    pthread_join(thread, NULL);
}

TEST(woken_at_the_wakers_time_but_never_earlier)
{
    sched_init(&sched, 2, QUANTUM);
    sched.task[1].clock = 100;
    assert_true(sched_wake(&sched, 1, 40));
    assert_int_equal(sched.task[1].clock, 100);
    assert_true(sched_wake(&sched, 2, 40));
    assert_int_equal(sched.task[2].clock, 40);
    assert_false(sched_wake(&sched, 2, 50)); /* it is awake */
    assert_int_equal(sched.task[2].clock, 40);
}

/* A CPU waits for what another does (as for those that have to leave their blocks): it is next, when that is done. */
static int cause;

static void *waits(void *arg)
{
    uint64_t *waited_until = arg;
    sched_await(&sched, 1);
    sched_block(&sched, 1, &cause);
    sched_await(&sched, 1);
    *waited_until = slices[sliced - 1].to;
    sched_sleep(&sched, 1, 5);
    return NULL;
}

static void *unblocks(void *arg)
{
    (void)arg;
    const struct life life = {2, 1, 40};
    uint64_t clock = 5;
    sched_await(&sched, 2);
    work(&life, &clock);
    sched_unblock_all(&sched, &life); /* not what it waits for */
    sched_yield_at(&sched, 2, clock);
    work(&life, &clock);
    sched_unblock_all(&sched, &cause);
    sched_sleep(&sched, 2, clock);
    return NULL;
}

TEST(blocked_wait_for_others_and_timers_do_not_overtake_them)
{
    pthread_t threads[2];
    uint64_t waited_until = 0;
    sched_init(&sched, 2, QUANTUM);
    sliced = 0;
    sched_wake(&sched, 1, 5);
    sched_wake(&sched, 2, 5);
    pthread_create(&threads[0], NULL, waits, &waited_until);
    pthread_create(&threads[1], NULL, unblocks, NULL);
    sched_yield_at(&sched, SCHED_TIMERS, 10);
    assert_int_equal(waited_until, 11); /* a slice up to the timer, and one of a block beyond it */
    sched_yield_at(&sched, SCHED_TIMERS, END);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_slices("2:5-10 2:10-11");
    assert_int_equal(sched.counts.blocks, 1);
}

/* The main loop as well: it goes on at once, and not when its next timer is. */
static void *unblocks_the_main_loop(void *arg)
{
    sched_await(&sched, 1);
    sched_unblock_all(&sched, &cause);
    sched_yield_at(&sched, 1, 100);
    sched_sleep(&sched, 1, 101);
    return arg;
}

TEST(blocked_main_loop_goes_on_at_once)
{
    pthread_t thread;
    sched_init(&sched, 1, QUANTUM);
    sched_wake(&sched, 1, 0);
    pthread_create(&thread, NULL, unblocks_the_main_loop, NULL);
    sched_block(&sched, SCHED_TIMERS, &cause);
    sched_await(&sched, SCHED_TIMERS);
    assert_int_equal(sched.task[1].clock, 100);
    sched_yield_at(&sched, SCHED_TIMERS, END);
    pthread_join(thread, NULL);
}

/* ---- many of them, that sleep and wake each other ---- */

enum { MANY = 32, TICK = 50, LAST = 10000 };

static uint64_t furthest_apart;
static bool is_over;

static void look_how_far_apart(void)
{
    uint64_t first = SCHED_NEVER, last = 0;
    for (unsigned i = 1; i <= MANY; i++) {
        if (sched.task[i].state != SCHED_READY)
            continue;
        first = sched.task[i].clock < first ? sched.task[i].clock : first;
        last = sched.task[i].clock > last ? sched.task[i].clock : last;
    }
    if (last > first && last - first > furthest_apart)
        furthest_apart = last - first;
}

/* One time slice of a task, of what it does at random */
static uint64_t act(unsigned me, uint64_t clock, unsigned *random)
{
    assert_int_equal(__atomic_add_fetch(&at_work, 1, __ATOMIC_SEQ_CST), 1);
    assert_true(sched.task[me].clock >= clock);
    clock = sched.task[me].clock;
    look_how_far_apart();
    *random = *random * 1103515245 + 12345;
    slices[sliced % LOG].task = me;
    slices[sliced++ % LOG].from = clock;
    clock += *random / 65536 % 10;
    unsigned other = 1 + *random / 4096 % MANY;
    if (other != me && *random / 1024 % 4 == 0)
        sched_wake(&sched, other, clock);
    __atomic_sub_fetch(&at_work, 1, __ATOMIC_SEQ_CST);
    return clock;
}

static void *acts(void *arg)
{
    unsigned me = *(unsigned *)arg, random = me;
    sched_await(&sched, me);
    for (uint64_t clock = 0;;) {
        sched_yield_at(&sched, me, clock);
        if (is_over)
            break;
        clock = act(me, clock, &random);
        if (random / 2048 % 4 != 0)
            continue;
        sched_sleep(&sched, me, clock);
        sched_await(&sched, me);
    }
    sched_sleep(&sched, me, 0);
    return NULL;
}

static void tick(void)
{
    for (unsigned i = 1; i <= MANY; i++)
        if (sched_is_asleep(&sched, i))
            sched_wake(&sched, i, sched.task[SCHED_TIMERS].clock);
}

static unsigned long run_many(void)
{
    pthread_t threads[MANY];
    unsigned numbers[MANY];
    sched_init(&sched, MANY, QUANTUM);
    sliced = 0;
    is_over = false;
    for (unsigned i = 0; i < MANY; i++)
        sched_wake(&sched, numbers[i] = i + 1, 0);
    for (unsigned i = 0; i < MANY; i++)
        pthread_create(&threads[i], NULL, acts, &numbers[i]);
    for (uint64_t at = TICK; at <= LAST; at += TICK) {
        sched_yield_at(&sched, SCHED_TIMERS, at);
        is_over = at == LAST;
        tick();
    }
    sched_yield_at(&sched, SCHED_TIMERS, END);
    for (unsigned i = 0; i < MANY; i++)
        pthread_join(threads[i], NULL);
    unsigned long hash = sliced;
    for (unsigned i = 0; i < LOG; i++)
        hash = hash * 33 + slices[i].task + slices[i].from;
    return hash;
}

TEST(one_at_a_time_close_together_and_the_same_again)
{
    furthest_apart = 0;
    unsigned long first = run_many();
    assert_true(sliced > LOG);
    assert_true(furthest_apart > 0 &&
                furthest_apart <= QUANTUM + 10); /* and what one block takes */
    for (int i = 0; i < 5; i++)
        assert_int_equal(run_many(), first);
}

int main(void)
{
    ADD(clock_counts_instructions);
    ADD(clock_loses_nothing_to_rounding);
    ADD(clock_tells_stalls_from_instructions);
    ADD(clock_does_not_go_back);
    ADD_ROWS(who_has_a_line, histories);
    ADD(lines_are_told_apart_and_end_with_the_memory);
    ADD_ROWS(atomic_instructions, instructions);
    ADD(hints_have_numbers);
    ADD(programs_are_one_block_each_of_the_kernels_has_its_own);
    ADD(blocks_without_room_are_counted_together);
    ADD(smallest_clock_runs_until_a_quantum_beyond_the_next);
    ADD(timer_ends_a_slice_and_has_its_turn);
    ADD(notified_main_loop_is_next);
    ADD(woken_at_the_wakers_time_but_never_earlier);
    ADD(blocked_wait_for_others_and_timers_do_not_overtake_them);
    ADD(blocked_main_loop_goes_on_at_once);
    ADD(one_at_a_time_close_together_and_the_same_again);
    alarm(120); /* a scheduler that deadlocks */
    return run_added(NULL, NULL);
}
