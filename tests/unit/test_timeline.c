/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/timeline.h"

#include "support.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HEADER                                                                \
    "t_s,throughput_rps,latency_p50_us,latency_p99_us,latency_max_us,errors," \
    "not_started,in_flight\n"
#define STEP TIMELINE_STEP_NS

enum { ADDED_MAX = 8, LATENCIES_MAX = 4 };

/* What a thread hands in, in the order in which it comes: the thread does not matter. */
struct added {
    unsigned long step;
    uint64_t length_ns; /* 0 = no more of them */
    uint64_t requests, errors, not_started, in_flight;
    uint64_t latencies[LATENCIES_MAX]; /* 0 = no more of them */
};

struct row {
    const char *name;
    unsigned threads;
    struct added added[ADDED_MAX];
    const char *lines;
};

/* 1000 ns is in the bucket that ends with 1001; no percentile is above the largest there was. */
static const struct row rows[] = {
    {"nothing", 1, {{0}}, ""},
    {"a step",
     1,
     {{0, STEP, 3, 1, 2, 4, {1000, 1000, 3000}}},
     "0.0,30.0,1.001,3.000,3.000,1,2,4\n"},
    {"an empty step", 1, {{0, STEP}}, "0.0,0.0,,,,0,0,0\n"},
    {"a step in which all failed", 1, {{0, STEP, 0, 7, 0, 5}}, "0.0,0.0,,,,7,0,5\n"},
    {"empty steps among others",
     1,
     {{0, STEP}, {1, STEP, 1, 0, 0, 0, {500}}, {2, STEP, 0, 0, 0, 9}, {3, STEP, 1, 0, 0, 0, {7}}},
     "0.0,0.0,,,,0,0,0\n"
     "0.1,10.0,0.500,0.500,0.500,0,0,0\n"
     "0.2,0.0,,,,0,0,9\n"
     "0.3,10.0,0.007,0.007,0.007,0,0,0\n"},
    {"a step of its own, not what came before",
     1,
     {{0, STEP, 1, 1, 1, 1, {3000000}}, {1, STEP, 1, 2, 3, 4, {1000}}},
     "0.0,10.0,3000.000,3000.000,3000.000,1,1,1\n"
     "0.1,10.0,1.000,1.000,1.000,2,3,4\n"},
    {"the last one shorter",
     1,
     {{0, STEP, 1, 0, 0, 0, {10}}, {1, STEP / 4, 1, 0, 0, 0, {10}}},
     "0.0,10.0,0.010,0.010,0.010,0,0,0\n"
     "0.1,40.0,0.010,0.010,0.010,0,0,0\n"},
    {"two threads, in turn",
     2,
     {{0, STEP, 2, 1, 2, 3, {1000, 1000}},
      {0, STEP, 2, 10, 20, 30, {1000, 3000}},
      {1, STEP, 1, 1, 0, 0, {40}},
      {1, STEP, 0, 0, 0, 1}},
     "0.0,40.0,1.001,3.000,3.000,11,22,33\n"
     "0.1,10.0,0.040,0.040,0.040,1,0,1\n"},
    {"two threads, one far ahead of the other",
     2,
     {{0, STEP, 1, 0, 0, 1, {10}},
      {1, STEP, 1, 0, 0, 2, {20}},
      {2, STEP / 2, 1, 0, 0, 3, {30}},
      {0, STEP, 1, 0, 0, 10, {40}},
      {1, STEP, 0, 0, 0, 20},
      {2, STEP / 2, 1, 0, 0, 30, {60}}},
     "0.0,20.0,0.010,0.040,0.040,0,0,11\n"
     "0.1,10.0,0.020,0.020,0.020,0,0,22\n"
     "0.2,40.0,0.030,0.060,0.060,0,0,33\n"},
    {"three threads, overtaking each other",
     3,
     {{0, STEP, 0, 1},
      {0, STEP, 0, 10},
      {1, STEP, 0, 1},
      {1, STEP, 0, 10},
      {2, STEP, 0, 1},
      {0, STEP, 0, 100},
      {1, STEP, 0, 100},
      {2, STEP, 0, 110}},
     "0.0,0.0,,,,111,0,0\n"
     "0.1,0.0,,,,111,0,0\n"
     "0.2,0.0,,,,111,0,0\n"},
    {"the last one not of all threads", /* an interrupted run: it counts all the same */
     2,
     {{0, STEP, 1, 0, 0, 0, {10}}, {0, STEP}, {1, STEP, 1, 0, 0, 7, {10}}},
     "0.0,10.0,0.010,0.010,0.010,0,0,0\n"
     "0.1,10.0,0.010,0.010,0.010,0,0,7\n"},
};

static void hand_in(struct timeline *timeline, const struct added *added)
{
    static struct timeline_part part;
    static const struct timeline_part empty;
    part.requests = added->requests;
    part.errors = added->errors;
    part.not_started = added->not_started;
    part.in_flight = added->in_flight;
    for (int i = 0; i < LATENCIES_MAX && added->latencies[i]; i++)
        histogram_record(&part.latency, added->latencies[i]);
    timeline_add(timeline, added->step, added->length_ns, &part);
    assert_memory_equal(&part, &empty, sizeof part);
}

static char *written(struct timeline *timeline)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    timeline_write(timeline, file);
    fclose(file);
    return text;
}

TEST(lines)
{
    const struct row *row = *state;
    char expected[1024];
    struct timeline *timeline = timeline_open(row->threads);
    assert_non_null(timeline);
    for (int i = 0; i < ADDED_MAX && row->added[i].length_ns; i++)
        hand_in(timeline, &row->added[i]);
    char *text = written(timeline);
    snprintf(expected, sizeof expected, HEADER "%s", row->lines);
    assert_string_equal(text, expected);
    free(text);
    timeline_close(timeline);
}

/* Steps that wait for a thread are not left when it never comes: the sanitizer would see it. */
TEST(closed_without_having_been_written)
{
    static const struct added added[] = {{0, STEP}, {1, STEP}, {2, STEP}};
    struct timeline *timeline = timeline_open(2);
    for (size_t i = 0; i < COUNT(added); i++)
        hand_in(timeline, &added[i]);
    hand_in(timeline, &added[0]);
    timeline_close(timeline);
    timeline_close(timeline_open(1));
}

enum { THREADS = 8, STEPS = 200 };

struct adder {
    struct timeline *timeline;
    unsigned long number;
    struct timeline_part part;
};

static void *add_steps(void *argument)
{
    struct adder *adder = argument;
    for (unsigned long step = 0; step < STEPS; step++) {
        adder->part.requests = adder->number;
        adder->part.errors = step;
        adder->part.not_started = adder->number * step;
        adder->part.in_flight = 1;
        histogram_record(&adder->part.latency, 1 + adder->number);
        timeline_add(adder->timeline, step, STEP, &adder->part);
    }
    return NULL;
}

/* All at once, so that steps are open in any number and any order. */
TEST(threads_at_once)
{
    static struct adder adders[THREADS];
    pthread_t threads[THREADS];
    struct timeline *timeline = timeline_open(THREADS);
    for (unsigned long i = 0; i < THREADS; i++) {
        adders[i].timeline = timeline;
        adders[i].number = i;
        assert_int_equal(pthread_create(&threads[i], NULL, add_steps, &adders[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    char expected[STEPS * 64] = HEADER, *at = expected + strlen(HEADER), *text = written(timeline);
    for (int step = 0; step < STEPS; step++)
        at += sprintf(at, "%.1f,280.0,0.004,0.008,0.008,%d,%d,%d\n", step / 10.0, step * THREADS,
                      step * 28, THREADS);
    assert_string_equal(text, expected);
    free(text);
    timeline_close(timeline);
}

int main(void)
{
    ADD_ROWS(lines, rows);
    ADD(closed_without_having_been_written);
    ADD(threads_at_once);
    return run_added(NULL, NULL);
}
