/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/record.h"
#include "harness/load/load.h"

#include "support.h"

#include <string.h>

enum { MERGED = 64, SAMPLES = 20 };

#define MEMBER(name)                              \
    {                                             \
#name, offsetof(struct load_result, name) \
    }

struct member {
    const char *name;
    size_t offset;
};

static const struct member counters[] = {
    MEMBER(connections),
    MEMBER(requests),
    MEMBER(bytes),
    MEMBER(intended),
    MEMBER(not_started),
    MEMBER(too_late),
    MEMBER(retried),
    MEMBER(resumed),
    MEMBER(in_flight_before),
    MEMBER(censored),
    MEMBER(cpu_ns),
    MEMBER(errors[LOAD_CONNECT_REFUSED]),
    MEMBER(errors[LOAD_CONNECT_RESET]),
    MEMBER(errors[LOAD_CONNECT_TIMEOUT]),
    MEMBER(errors[LOAD_CONNECT_OTHER]),
    MEMBER(errors[LOAD_READ_RESET]),
    MEMBER(errors[LOAD_READ_TIMEOUT]),
    MEMBER(errors[LOAD_READ_SHORT]),
    MEMBER(errors[LOAD_STATUS]),
    MEMBER(errors[LOAD_MALFORMED]),
    MEMBER(errors[LOAD_BODY]),
    MEMBER(errors[LOAD_TLS]),
    MEMBER(errors[LOAD_PORTS]),
    MEMBER(statuses[STATUS_LEAST]),
    MEMBER(statuses[200]),
    MEMBER(statuses[STATUS_MOST]),
    MEMBER(classes[0].connections),
    MEMBER(classes[0].requests),
    MEMBER(classes[1].connections),
    MEMBER(classes[1].requests),
    MEMBER(classes[CLASSES_MAX - 1].connections),
    MEMBER(classes[CLASSES_MAX - 1].requests),
};

static const struct member histograms[] = {
    MEMBER(latency),
    MEMBER(censored_age),
    MEMBER(from_send),
    MEMBER(send_lag),
    MEMBER(connect),
    MEMBER(handshake),
    MEMBER(first_byte),
    MEMBER(classes[0].latency),
    MEMBER(classes[1].latency),
    MEMBER(classes[CLASSES_MAX - 1].latency),
};

static uint64_t *counter(struct load_result *result, const struct member *member)
{
    return (uint64_t *)((char *)result + member->offset);
}

static struct histogram *histogram(struct load_result *result, const struct member *member)
{
    return (struct histogram *)((char *)result + member->offset);
}

static struct load_result merged, one; /* too large for the stack */
static struct load_result expected;    /* what should be in `merged`, without merging */

static void begin(void)
{
    memset(&merged, 0, sizeof merged);
    memset(&expected, 0, sizeof expected);
    merged.complete = true;
}

/* One thread's, all members different; what should come of it is added to `expected`. The fourth had no
 * window. */
static void make_one(unsigned number)
{
    memset(&one, 0, sizeof one);
    one.complete = true;
    for (size_t i = 0; i < COUNT(counters); i++) {
        *counter(&one, &counters[i]) = random_number() >> 14;
        *counter(&expected, &counters[i]) += *counter(&one, &counters[i]);
    }
    for (size_t i = 0; i < COUNT(histograms); i++)
        for (uint64_t left = random_number() % SAMPLES; left > 0; left--) {
            uint64_t value = random_number() >> (random_number() % 64);
            histogram_record(histogram(&one, &histograms[i]), value);
            histogram_record(histogram(&expected, &histograms[i]), value);
        }
    one.window_ns = number == 3 ? 0 : 900000000 + random_number() % 200000000;
    if (one.window_ns)
        expected.throughput_rps += (double)one.requests / ((double)one.window_ns / 1e9);
    expected.threads[number] = (struct load_thread){one.window_ns, one.requests, one.connections,
                                                    one.cpu_ns};
}

TEST(no_count_is_lost)
{
    begin();
    for (unsigned n = 0; n < MERGED; n++) {
        make_one(n);
        load_result_merge(&merged, &one);
    }
    for (size_t i = 0; i < COUNT(counters); i++)
        assert_int_equal(*counter(&merged, &counters[i]), *counter(&expected, &counters[i]));
    for (size_t i = 0; i < COUNT(histograms); i++) {
        const struct histogram *got = histogram(&merged, &histograms[i]);
        const struct histogram *wanted = histogram(&expected, &histograms[i]);
        assert_int_equal(got->count, wanted->count);
        assert_int_equal(got->max, wanted->max);
        assert_near(got->sum, wanted->sum);
        assert_memory_equal(got->buckets, wanted->buckets, sizeof got->buckets);
    }
    assert_near(merged.throughput_rps, expected.throughput_rps);
    assert_int_equal(merged.window_ns, expected.threads[0].window_ns);
    assert_int_equal(merged.thread_count, MERGED);
    assert_memory_equal(merged.threads, expected.threads, sizeof merged.threads);
    assert_true(merged.complete);
}

/* Those of processes are merged again: the same as if their threads had been of one. */
TEST(merged_ones_are_merged)
{
    static struct load_result half;
    begin();
    memset(&half, 0, sizeof half);
    half.complete = true;
    for (unsigned n = 0; n < MERGED; n++) {
        make_one(n);
        load_result_merge(n < MERGED / 2 ? &merged : &half, &one);
    }
    load_result_merge(&merged, &half);
    for (size_t i = 0; i < COUNT(counters); i++)
        assert_int_equal(*counter(&merged, &counters[i]), *counter(&expected, &counters[i]));
    assert_int_equal(merged.latency.count, expected.latency.count);
    assert_near(merged.throughput_rps, expected.throughput_rps);
    assert_int_equal(merged.window_ns, expected.threads[0].window_ns);
    assert_int_equal(merged.thread_count, MERGED);
    assert_memory_equal(merged.threads, expected.threads, sizeof merged.threads);
}

/* The sockets in TIME_WAIT are the machine's, the limit was that of all threads. */
TEST(what_is_not_of_a_thread_stays)
{
    begin();
    merged.time_wait_before = 3;
    merged.time_wait_after = NOT_COUNTED;
    merged.max_open = 5;
    make_one(0);
    load_result_merge(&merged, &one);
    assert_int_equal(merged.time_wait_before, 3);
    assert_int_equal(merged.time_wait_after, NOT_COUNTED);
    assert_int_equal(merged.max_open, 5);
}

/* Of each kind of error another thread is the first to have an example; the last kind has none, and the
 * examples are as long as can be. */
TEST(first_example_of_each_error_stays)
{
    begin();
    for (int n = 0; n < MERGED; n++) {
        make_one(0);
        for (int i = 0; i < LOAD_ERRORS - 1 && i <= n; i++)
            snprintf(one.first_error[i], LOAD_EXAMPLE, "%0*d", LOAD_EXAMPLE - 1, n);
        load_result_merge(&merged, &one);
    }
    for (int i = 0; i < LOAD_ERRORS; i++) {
        char example[LOAD_EXAMPLE] = "";
        if (i < LOAD_ERRORS - 1)
            snprintf(example, sizeof example, "%0*d", LOAD_EXAMPLE - 1, i);
        assert_string_equal(merged.first_error[i], example);
    }
}

struct completeness {
    const char *name;
    bool of[3], of_all;
};

static const struct completeness completenesses[] = {
    {"all", {true, true, true}, true},
    {"not the first", {false, true, true}, false},
    {"not the second", {true, false, true}, false},
    {"not the last", {true, true, false}, false},
    {"none", {false, false, false}, false},
};

TEST(complete_if_all_are)
{
    const struct completeness *row = *state;
    begin();
    for (size_t i = 0; i < COUNT(row->of); i++) {
        make_one(0);
        one.complete = row->of[i];
        load_result_merge(&merged, &one);
    }
    assert_int_equal(merged.complete, row->of_all);
}

/* There is room for as many as there may be; one more would be counted, but not kept. */
TEST(as_many_threads_as_there_is_room_for)
{
    begin();
    make_one(0);
    for (int i = 0; i < LOAD_THREADS + 1; i++) {
        one.requests = 1;
        one.connections = (uint64_t)i;
        load_result_merge(&merged, &one);
    }
    assert_int_equal(merged.requests, LOAD_THREADS + 1);
    assert_int_equal(merged.thread_count, LOAD_THREADS);
    for (int i = 0; i < LOAD_THREADS; i++)
        assert_int_equal(merged.threads[i].connections, i);
}

TEST(errors_have_names_of_their_own)
{
    for (int i = 0; i < LOAD_ERRORS; i++) {
        assert_non_null(load_error_names[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(load_error_names[i], load_error_names[j]);
    }
}

int main(void)
{
    ADD(no_count_is_lost);
    ADD(merged_ones_are_merged);
    ADD(what_is_not_of_a_thread_stays);
    ADD(first_example_of_each_error_stays);
    ADD_ROWS(complete_if_all_are, completenesses);
    ADD(as_many_threads_as_there_is_room_for);
    ADD(errors_have_names_of_their_own);
    return run_added(NULL, NULL);
}
