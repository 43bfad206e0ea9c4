/* SPDX-License-Identifier: BSD-2-Clause */
/* What is derived from a load's result: percentiles and their bounds, verdicts, columns. */

#include "harness/load/result.h"

#include "support.h"

#include <math.h>
#include <string.h>

static struct load_result result;

static int clear(void **state)
{
    (void)state;
    memset(&result, 0, sizeof result);
    result.complete = true;
    result.requests = 1;
    return 0;
}

static void record(struct histogram *h, unsigned count, uint64_t us)
{
    while (count-- > 0)
        histogram_record(h, us * 1000);
}

/* A percentile takes as many samples as let one lie above it. */
static const struct {
    const char *name;
    unsigned samples;
    double percent;
    bool is_known;
} sample_counts[] = {
    {"nothing at all", 0, 50, false},
    {"maximum of none", 0, 100, false},
    {"maximum of one", 1, 100, true},
    {"p50 of one", 1, 50, false},
    {"p50 of two", 2, 50, true},
    {"p90 of 9", 9, 90, false},
    {"p90 of 10", 10, 90, true},
    {"p99 of 99", 99, 99, false},
    {"p99 of 100", 100, 99, true},
    {"p99.9 of 999", 999, 99.9, false},
    {"p99.9 of 1000", 1000, 99.9, true},
    {"p99.99 of 9999", 9999, 99.99, false},
    {"p99.99 of 10000", 10000, 99.99, true},
};

TEST(samples_a_percentile_takes)
{
    const __typeof__(*sample_counts) *row = *state;
    record(&result.connect, row->samples, 10);
    assert_near(histogram_percentile_us(&result.connect, row->percent), row->is_known ? 10 : NAN);
}

/* Answered: 900 after 100 us and 100 after 200 us; in flight: so many of that age. */
static const struct {
    const char *name;
    unsigned in_flight;
    uint64_t age_us;
    double percent, us;
    bool is_lower_bound;
} bounds[] = {
    {"none in flight", 0, 0, 90, 100, false},
    {"few in flight change nothing in the middle", 10, 1, 50, 100, false},
    {"young ones may become slow", 100, 1, 90, 100, true},
    {"old ones are slow already", 200, 5000, 90, 5000, true},
    {"the middle is known, many as there are", 950, 5000, 50, 200, false},
    {"the middle, if they become slow", 950, 1, 50, 100, true},
    {"the middle, beyond what was answered", 2000, 5000, 50, 5000, true},
    {"of the slowest nothing is known but the least", 1, 300, 100, 300, true},
};

TEST(those_in_flight_are_lower_bounds)
{
    const __typeof__(*bounds) *row = *state;
    bool is_lower_bound;
    record(&result.latency, 900, 100);
    record(&result.latency, 100, 200);
    record(&result.censored_age, row->in_flight, row->age_us);
    double us = latency_us(&result, row->percent, &is_lower_bound);
    assert_true(us >= row->us && us <= row->us * 257 / 256);
    assert_int_equal(is_lower_bound, row->is_lower_bound);
}

static const struct {
    const char *name;
    uint64_t intended, not_started, before, censored;
    bool is_short;
} rates[] = {
    {"a closed loop has no rate", 0, 0, 0, 1000, false},
    {"all is well", 1000, 0, 10, 12, false},
    {"one was not started", 1000, 1, 10, 12, true},
    {"a queue grew by its fluctuation", 1000, 0, 8, 8 + 19, false},
    {"a queue grew by more", 1000, 0, 8, 8 + 20, true},
    {"a queue shrank", 1000, 0, 100, 0, false},
    {"a window without warm-up begins with none", 1000, 0, 0, 13, false},
    {"and a slow server is behind then", 1000, 0, 0, 14, true},
};

TEST(short_of_rate)
{
    const __typeof__(*rates) *row = *state;
    result.intended = row->intended;
    result.not_started = row->not_started;
    result.in_flight_before = row->before;
    result.censored = row->censored;
    assert_int_equal(load_is_short_of_rate(&result), row->is_short);
    assert_string_equal(load_verdict(&result), row->is_short ? "short-of-rate" : "ok");
}

/* A rate that rises is to overload the server; it is short only of what the client could not begin. */
TEST(rising_rate_may_fall_behind)
{
    static struct ramp ramp = {.slice_ns = 1000000000};
    result.ramp = &ramp;
    result.intended = 1000;
    result.not_started = 500;
    result.censored = 100;
    assert_string_equal(load_verdict(&result), "ok");
    result.too_late = 1;
    assert_string_equal(load_verdict(&result), "short-of-rate");
}

static const struct {
    const char *name;
    enum load_error error;
    const char *column, *verdict;
} kinds[] = {
    {"connect_refused", LOAD_CONNECT_REFUSED, "errors_connect", "errors"},
    {"connect_reset", LOAD_CONNECT_RESET, "errors_connect", "errors"},
    {"connect_other", LOAD_CONNECT_OTHER, "errors_connect", "errors"},
    {"connect_timeout", LOAD_CONNECT_TIMEOUT, "errors_timeout", "errors"},
    {"read_timeout", LOAD_READ_TIMEOUT, "errors_timeout", "errors"},
    {"read_reset", LOAD_READ_RESET, "errors_read", "errors"},
    {"read_short", LOAD_READ_SHORT, "errors_read", "errors"},
    {"malformed", LOAD_MALFORMED, "errors_read", "errors"},
    {"body", LOAD_BODY, "errors_read", "errors"},
    {"status", LOAD_STATUS, "errors_status", "errors"},
    {"tls", LOAD_TLS, "errors_connect", "errors"},
    {"ports", LOAD_PORTS, "errors_connect", "ports"},
};

/* Each kind is in one column, and in one only. */
TEST(column_and_verdict_of_an_error)
{
    const __typeof__(*kinds) *row = *state;
    struct field fields[LOAD_FIELDS];
    assert_int_equal(COUNT(kinds), LOAD_ERRORS);
    assert_string_equal(load_error_names[row->error], row->name);
    result.errors[row->error] = 7;
    load_fields(&result, fields);
    for (int i = 0; i < LOAD_FIELDS; i++)
        if (strncmp(fields[i].name, "errors_", 7) == 0)
            assert_int_equal(fields[i].count, strcmp(fields[i].name, row->column) == 0 ? 7 : 0);
    assert_int_equal(load_errors(&result), 7);
    assert_string_equal(load_verdict(&result), row->verdict);
}

TEST(what_was_not_measured_is_empty)
{
    struct field fields[LOAD_FIELDS];
    load_fields(&result, fields);
    for (int i = 0; i < LOAD_FIELDS; i++)
        if (strstr(fields[i].name, "_us") || strcmp(fields[i].name, "throughput_rps") == 0)
            assert_true(isnan(fields[i].real));
}

int main(void)
{
    ADD_ROWS(samples_a_percentile_takes, sample_counts);
    ADD_ROWS(those_in_flight_are_lower_bounds, bounds);
    ADD_ROWS(short_of_rate, rates);
    ADD(rising_rate_may_fall_behind);
    ADD_ROWS(column_and_verdict_of_an_error, kinds);
    ADD(what_was_not_measured_is_empty);
    return run_added(clear, NULL);
}
