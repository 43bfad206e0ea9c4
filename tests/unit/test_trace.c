/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traces of simulated events. A story has an event a microsecond, from 1 on, of CPU 0 unless a digit is in front:
 *
 *      +N S  connection N arrives with socket S     wT N  it (0 = something else) wakes thread T
 *      bT    thread T begins                        iT    it runs without a wakeup; IT: with one
 *      pT    it is preempted                        lT    it sleeps, blocked
 *      uT    it sleeps: what woke it was useful; sT: spurious; aT: absorbed; eT: it ends, useful
 *      cT S  it accepts the connection with socket S
 */

#include "harness/wakeups/task.h"
#include "harness/wakeups/trace.h"

#include "support.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { US = 1000, BEGAN = 5000000, CPUS = 2, RING = 64, FIRST_TRACK = 1 << 22 };

static struct trace_event ring[CPUS][RING];
static uint64_t written[CPUS];

static void add(unsigned cpu, struct trace_event event)
{
    event.cpu = (uint16_t)cpu;
    ring[cpu][written[cpu]++ % RING] = event;
}

static const struct {
    char letter;
    enum trace_kind kind;
    enum task_count count;
} letters[] = {
    {'+', TRACE_ARRIVED, TASK_COUNTS},   {'w', TRACE_WOKEN, TASK_COUNTS},
    {'b', TRACE_BEGAN, TASK_COUNTS},     {'i', TRACE_ON, TASK_COUNTS},
    {'I', TRACE_ON, COUNT_WAKEUPS},      {'p', TRACE_PREEMPTED, TASK_COUNTS},
    {'l', TRACE_BLOCKED, TASK_COUNTS},   {'u', TRACE_ASLEEP, COUNT_USEFUL},
    {'s', TRACE_ASLEEP, COUNT_SPURIOUS}, {'a', TRACE_ASLEEP, COUNT_ABSORBED},
    {'e', TRACE_ENDED, COUNT_USEFUL},    {'c', TRACE_ACCEPTED, TASK_COUNTS},
};

static void add_told(const char *what, uint64_t at)
{
    unsigned cpu = *what >= '0' && *what <= '9' ? (unsigned)(*what++ - '0') : 0;
    unsigned long first = 0, second = 0;
    size_t i = 0;
    while (i < COUNT(letters) && letters[i].letter != *what)
        i++;
    assert_true(i < COUNT(letters));
    sscanf(what + 1, "%lu %lu", &first, &second);
    enum trace_kind kind = letters[i].kind;
    bool arrives = kind == TRACE_ARRIVED;
    add(cpu, (struct trace_event){
                 .at = at,
                 .subject = arrives || kind == TRACE_ACCEPTED ? second : 99,
                 .tid = arrives ? 0 : (uint32_t)first,
                 .connection = (uint32_t)(arrives               ? first
                                          : kind == TRACE_WOKEN ? second
                                                                : 0),
                 .kind = (uint8_t)kind,
                 .count = (uint8_t)letters[i].count,
             });
}

/* Returns when it ends: a microsecond after the last event. */
static uint64_t tell(const char *story)
{
    char events[1024], *rest = events;
    uint64_t at = BEGAN;
    memset(written, 0, sizeof written);
    snprintf(events, sizeof events, "%s", story);
    for (const char *what; (what = strsep(&rest, ";"));)
        add_told(what, at += US);
    return at + US;
}

static void take(struct trace *trace, uint64_t capacity)
{
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        trace_take(trace, ring[cpu], capacity, written[cpu]);
    trace_end(trace);
}

/* The file, parsed; to be freed. */
static json_t *written_file(const struct trace *trace)
{
    char *text;
    size_t size;
    json_error_t error;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    trace_write(trace, NULL, 0, file);
    fclose(file);
    json_t *json = json_loads(text, 0, &error);
    if (!json)
        fail_msg("line %d: %s\n%s", error.line, error.text, text);
    free(text);
    return json;
}

static long long number(const json_t *object, const char *name)
{
    return (long long)(json_number_value(json_object_get(object, name)) + 0.5);
}

static const char *string(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* "7 running 3+2 useful" of a slice, "2>7 4" of the arrow from connection track 2 to thread 7 at 4, "7 accept 3 5" */
static void format(const json_t *e, char *text, size_t size)
{
    static long long from;
    const char *phase = string(e, "ph"), *name = string(e, "name");
    const json_t *args = json_object_get(e, "args");
    long long tid = number(e, "tid"), at = number(e, "ts");
    text[0] = '\0';
    if (strcmp(phase, "s") == 0) {
        from = number(e, "id");
    } else if (strcmp(phase, "f") == 0) {
        assert_int_equal(number(e, "id"), from);
        snprintf(text, size, ">%lld %lld;", tid, at);
    } else if (strcmp(phase, "i") == 0) {
        snprintf(text, size, "%lld %s %lld %lld;", tid, name, number(args, "connection"), at);
    } else if (strcmp(phase, "X") == 0 && number(e, "pid") < FIRST_TRACK) {
        const char *wakeup = string(args, "wakeup");
        snprintf(text, size, "%lld %s %lld+%lld%s%s;", tid, name, at, number(e, "dur"),
                 wakeup ? " " : "", wakeup ? wakeup : "");
    } else if (strcmp(phase, "X") == 0 && strncmp(name, "connection", 10) == 0) {
        snprintf(text, size, "%s %lld+%lld woke %lld;", name, at, number(e, "dur"),
                 number(args, "woken"));
    }
}

static const struct story {
    const char *name, *events, *expected;
} stories[] = {
    {"useful", "+1 7;w20 1;I20;c20 7;u20",
     "connection 1 1+1 woke 1;>20 2;20 sleeping 0+2;20 runnable 2+1;20 accept 1 4;20 running 3+2 "
     "useful;20 sleeping 5+1;"},
    {"herd_of_two", "+1 7;w20 1;w21 1;1I21;a21;I20;u20",
     "connection 1 1+2 woke 2;>20 2;>21 3;21 sleeping 0+3;21 runnable 3+1;21 running 4+1 absorbed;"
     "20 sleeping 0+2;20 runnable 2+4;20 running 6+1 useful;20 sleeping 7+1;21 sleeping 5+3;"},
    {"preempted_within_a_turn", "w20 0;I20;p20;i20;s20",
     "20 sleeping 0+1;20 runnable 1+1;20 running 2+1 spurious;20 runnable 3+1;20 running 4+1;20 "
     "sleeping 5+1;"},
    {"blocked_within_a_turn", "I20;l20;w20 0;I20;u20",
     "20 sleeping 0+1;20 running 1+1 useful;20 blocked 2+1;20 runnable 3+1;20 running 4+1 "
     "useful;20 "
     "sleeping 5+1;"},
    {"undecided_at_the_end", "w20 0;I20",
     "20 sleeping 0+1;20 runnable 1+1;20 running 2+1 undecided;"},
    {"woken_at_the_end", "u20;w20 0", "20 running 0+1;20 sleeping 1+1;20 runnable 2+1;"},
    {"woken_while_falling_asleep", "i20;1w20 0;u20;I20;u20",
     "20 runnable 0+1;20 running 1+2;20 runnable 3+1;20 running 4+1 useful;20 sleeping 5+1;"},
    {"woken_before_it_slept_at_all", "i20;w20 0;+1 7;u20;w20 1;I20;u20",
     "connection 1 3+2 woke 1;20 runnable 0+1;20 running 1+3;>20 5;20 sleeping 4+1;20 runnable 5+1;"
     "20 running 6+1 useful;20 sleeping 7+1;"},
    {"begins_and_ends", "b20;i20;e20", "20 runnable 1+1;20 running 2+1;"},
    {"socket_used_again", "+1 7;c20 7;+2 7;c20 7",
     "connection 1 1+0 woke 0;connection 2 3+0 woke 0;20 accept 1 2;20 accept 2 4;"},
    {"accepted_by_another", "+1 7;w20 1;c0 7;I20;s20",
     "connection 1 1+1 woke 1;>20 2;20 sleeping 0+2;20 runnable 2+2;20 running 4+1 spurious;20 "
     "sleeping 5+1;"},
    {"arrived_before_it_began", "w20 5;I20;u20",
     "20 sleeping 0+1;20 runnable 1+1;20 running 2+1 useful;20 sleeping 3+1;"},
};

TEST(tracks_are_those_of_the_story)
{
    const struct story *story = *state;
    char all[2048] = "", one[128];
    size_t i;
    json_t *event;
    struct trace trace = {.began_at = BEGAN, .ended_at = tell(story->events)};
    take(&trace, RING);
    json_t *json = written_file(&trace);
    json_array_foreach(json_object_get(json, "traceEvents"), i, event)
    {
        format(event, one, sizeof one);
        assert_true(strlen(all) + strlen(one) < sizeof all);
        strcat(all, one);
    }
    assert_string_equal(all, story->expected);
    json_decref(json);
    trace_free(&trace);
}

TEST(what_does_not_fit_is_dropped_the_oldest_first_and_reported)
{
    enum { ROOM = 4, EVENTS = 10 };
    struct trace trace = {.began_at = BEGAN, .ended_at = BEGAN + 20 * US};
    memset(written, 0, sizeof written);
    for (unsigned i = 1; i <= EVENTS;
         i++) { /* CPU 0 has the odd microseconds, CPU 1 two of the even ones */
        ring[0][written[0]++ % ROOM] = (struct trace_event){
            .at = BEGAN + (2 * i - 1) * US, .tid = 20, .kind = TRACE_WOKEN, .count = TASK_COUNTS};
        if (i == 2 || i == 9)
            ring[1][written[1]++] = (struct trace_event){
                .at = BEGAN + 2 * i * US, .tid = 21, .kind = TRACE_WOKEN, .count = TASK_COUNTS};
    }
    take(&trace, ROOM);
    assert_int_equal(trace.count, ROOM + 1);
    assert_int_equal(trace.dropped,
                     EVENTS - ROOM + 1); /* and that of CPU 1 which nothing stands beside */
    assert_int_equal(trace.began_at, BEGAN + 13 * US);
    json_t *json = written_file(&trace), *about = json_object_get(json, "otherData");
    assert_int_equal(number(about, "events"), ROOM + 1);
    assert_int_equal(number(about, "events_dropped"), EVENTS - ROOM + 1);
    json_decref(json);
    trace_free(&trace);
}

TEST(the_last_seconds_are_kept)
{
    struct trace trace = {.began_at = BEGAN,
                          .ended_at = tell("i20;u20;w20 0;I20;s20;w20 0;I20;u20"),
                          .last_ns = 5 * US};
    take(&trace, RING);
    assert_int_equal(trace.began_at, BEGAN + 4 * US);
    assert_int_equal(trace.older, 3);
    assert_int_equal(trace.dropped, 0);
    assert_int_equal(trace_wakeups(&trace, COUNT_SPURIOUS), 1);
    assert_int_equal(trace_wakeups(&trace, COUNT_USEFUL), 1);
    trace_free(&trace);
}

TEST(nothing_happened)
{
    struct trace trace = {.began_at = BEGAN, .ended_at = BEGAN + US};
    trace_name(&trace, 20, 20, "asleep", true);
    trace_name(&trace, 21, 21, "ended", false);
    memset(written, 0, sizeof written);
    take(&trace, RING);
    json_t *json = written_file(&trace), *event;
    size_t i;
    unsigned slices = 0;
    json_array_foreach(json_object_get(json, "traceEvents"), i, event)
    {
        slices += string(event, "ph")[0] == 'X';
        if (string(event, "ph")[0] == 'X')
            assert_int_equal(number(event, "tid"), 20);
    }
    assert_int_equal(slices, 1);
    json_decref(json);
    trace_free(&trace);
}

static const struct naming {
    const char *name, *process, *expected;
} namings[] = {
    {"plain", "nginx", "nginx 20"},
    {"quotes", "a\"b\\c", "a\"b\\c 20"},
    {"control", "a\nb\x01\x7f", "a\nb\x01\x7f 20"},
    {"utf8", "\xc3\xa4", "\xc3\xa4 20"},
    {"cut_off_in_a_character", "abc\xc3", "abc\xef\xbf\xbd 20"},
    {"no_utf8", "\xff\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd 20"},
    {"empty", "", " 20"},
};

TEST(names_are_escaped)
{
    const struct naming *naming = *state;
    struct trace trace = {.began_at = BEGAN, .ended_at = tell("i20;u20")};
    trace_name(&trace, 20, 20, "before exec", true);
    trace_name(&trace, 20, 20, naming->process, true);
    take(&trace, RING);
    json_t *json = written_file(&trace);
    const json_t *first = json_array_get(json_object_get(json, "traceEvents"), 0);
    assert_string_equal(string(json_object_get(first, "args"), "name"), naming->expected);
    json_decref(json);
    trace_free(&trace);
}

TEST(of_too_many_names_the_last_are_kept)
{
    struct trace trace = {.began_at = BEGAN, .ended_at = BEGAN + US};
    for (unsigned i = 1; i <= TRACE_NAMES_MAX + 5; i++)
        trace_name(&trace, i, i, i == 7 ? "seven" : "x", false);
    trace_end(&trace);
    assert_int_equal(trace.thread_count, TRACE_NAMES_MAX);
    json_t *json = written_file(&trace);
    json_decref(json);
    trace_free(&trace);
}

/* ---- a random life, counted by task.h and traced as wakeups.bpf.c does ---- */

enum { LIFE_EVENTS = 4096 };
static struct trace_event life[LIFE_EVENTS];
static unsigned lived;

static void trace_life(enum trace_kind kind, enum task_count count)
{
    if (lived < LIFE_EVENTS)
        life[lived] = (struct trace_event){.at = BEGAN + (lived + 1) * US,
                                           .tid = 20,
                                           .kind = (uint8_t)kind,
                                           .count = (uint8_t)count};
    lived++;
}

static void come_on(struct task *t)
{
    uint64_t wakeups = t->counts[COUNT_WAKEUPS];
    task_was_switched_in(t, 0);
    trace_life(TRACE_ON, t->counts[COUNT_WAKEUPS] != wakeups ? COUNT_WAKEUPS : TASK_COUNTS);
}

static void leave(struct task *t)
{
    unsigned how = (unsigned)random_between(0, 3.999);
    if (how == 0) {
        task_was_preempted(t);
        trace_life(TRACE_PREEMPTED, TASK_COUNTS);
    } else if (how == 1) {
        trace_life(TRACE_BLOCKED, TASK_COUNTS);
        task_fell_asleep(t, false);
    } else {
        trace_life(TRACE_ASLEEP, task_counts_as(t));
        task_fell_asleep(t, true);
    }
}

static void live(struct task *t)
{
    while (lived < LIFE_EVENTS - 4) {
        if (t->state != TASK_AWAKE) {
            trace_life(TRACE_WOKEN, TASK_COUNTS);
            task_is_woken(&t->wakings, 0, 0);
        }
        come_on(t);
        if (random_between(0, 1) < 0.6)
            task_returned_from(t, CALL_ACCEPT, random_between(0, 1) < 0.5 ? 5 : -CALL_EAGAIN);
        leave(t);
    }
}

TEST(wakeups_by_class_are_those_counted_and_slices_leave_no_gap)
{
    struct task t = {.tid = 20};
    struct trace trace = {.began_at = BEGAN, .ended_at = BEGAN + (LIFE_EVENTS + 1) * US};
    lived = 0;
    live(&t);
    trace_take(&trace, life, LIFE_EVENTS, lived);
    trace_end(&trace);
    json_t *json = written_file(&trace), *event;
    size_t i;
    long long until = 0, shown = 0;
    json_array_foreach(json_object_get(json, "traceEvents"), i, event)
    {
        if (string(event, "ph")[0] != 'X' || number(event, "pid") >= FIRST_TRACK)
            continue;
        assert_int_equal(number(event, "ts"), until);
        until += number(event, "dur");
        shown += json_object_get(json_object_get(event, "args"), "wakeup") != NULL;
    }
    assert_int_equal(until, LIFE_EVENTS + 1);
    assert_int_equal(shown, t.counts[COUNT_WAKEUPS]);
    assert_true(t.counts[COUNT_USEFUL] > 0);
    for (unsigned count = COUNT_USEFUL; count <= COUNT_SPURIOUS; count++)
        assert_int_equal(trace_wakeups(&trace, count), t.counts[count]);
    assert_int_equal(trace_wakeups(&trace, COUNT_ABSORBED), t.counts[COUNT_ABSORBED]);
    assert_int_equal(trace_wakeups(&trace, COUNT_WAKEUPS), t.undecided);
    json_decref(json);
    trace_free(&trace);
}

int main(void)
{
    ADD_ROWS(tracks_are_those_of_the_story, stories);
    ADD(what_does_not_fit_is_dropped_the_oldest_first_and_reported);
    ADD(the_last_seconds_are_kept);
    ADD(nothing_happened);
    ADD_ROWS(names_are_escaped, namings);
    ADD(of_too_many_names_the_last_are_kept);
    ADD(wakeups_by_class_are_those_counted_and_slices_leave_no_gap);
    return run_added(NULL, NULL);
}
