/* SPDX-License-Identifier: BSD-2-Clause */
/* The knee of made slices. */

#include "harness/load/ramp.h"

#include "support.h"

#include <stdlib.h>

enum { ANSWERS = 200 };

struct slices {
    const char *name;
    struct {
        unsigned from;   /* slices from this one on ... */
        unsigned missed; /* ... have so many arrivals of 200 without an answer, ... */
        uint64_t us;     /* ... and latencies of so much */
        unsigned late;   /* ... of which so much percent is dispatch delay */
    } parts[3];          /* rising; us = 0 = no more */
    int knee;
    bool bends, client_was_late;
};

static const struct slices cases[] = {
    {"all answered", {{0, 0, 100}}, 19, false},
    {"5 % missed", {{0, 10, 100}}, 19, false},
    {"more than 5 % missed", {{0, 11, 100}}, -1, true},
    {"more than 5 % missed from the eighth on", {{0, 0, 100}, {7, 11, 100}}, 6, true},
    {"in the last only", {{0, 0, 100}, {19, 11, 100}}, 18, true},
    {"in the middle only", {{0, 0, 100}, {7, 11, 100}, {8, 0, 100}}, 19, false},
    {"ten times as slow", {{0, 0, 100}, {12, 0, 999}}, 19, false},
    {"more than ten times as slow", {{0, 0, 100}, {12, 0, 1010}}, 11, true},
    {"slow at first", {{0, 0, 5000}, {1, 0, 100}}, 19, false},
    {"the client was late", {{0, 0, 100}, {12, 0, 2000, 60}}, 11, true, true},
    {"the client was a little late", {{0, 0, 100}, {12, 0, 2000, 40}}, 11, true, false},
};

static void fill(struct ramp *ramp, const struct slices *row)
{
    for (unsigned i = 0; i < RAMP_SLICES; i++) {
        unsigned part = 0;
        struct ramp_slice *slice = &ramp->slices[i];
        while (part + 1 < COUNT(row->parts) && row->parts[part + 1].us &&
               i >= row->parts[part + 1].from)
            part++;
        slice->due = ANSWERS;
        for (unsigned n = row->parts[part].missed; n < ANSWERS; n++) {
            histogram_record(&slice->latency, row->parts[part].us * 1000);
            histogram_record(&slice->send_lag, row->parts[part].us * 10 * row->parts[part].late);
        }
    }
}

static struct ramp *opened(uint64_t window_ns)
{
    struct ramp *ramp = ramp_open(window_ns);
    assert_non_null(ramp);
    return ramp;
}

TEST(knee_is_the_last_slice_that_holds)
{
    const struct slices *row = *state;
    struct ramp *ramp = opened(2000000000);
    fill(ramp, row);
    struct ramp_knee knee = ramp_find_knee(ramp);
    assert_int_equal(knee.slice, row->knee);
    assert_int_equal(knee.bends, row->bends);
    assert_int_equal(knee.client_was_late, row->client_was_late);
    free(ramp);
}

/* Of a run that ended early the slices behind its end are ignored; with few answers only the rate counts. */
TEST(slices_without_arrivals_are_left_out)
{
    struct ramp *ramp = opened(2000000000);
    for (unsigned i = 0; i < 5; i++) {
        ramp->slices[i].due = 1;
        histogram_record(&ramp->slices[i].latency, UINT64_C(100000) << 4 * i);
    }
    struct ramp_knee knee = ramp_find_knee(ramp);
    assert_int_equal(knee.slice, 4);
    assert_false(knee.bends);
    free(ramp);
}

TEST(rates_are_of_the_slice)
{
    struct ramp *ramp = opened(2000000000);
    fill(ramp, &cases[1]);
    assert_near(ramp_offered(ramp, 3), 2000);
    assert_near(ramp_reached(ramp, 3), 1900);
    free(ramp);
}

TEST(times_have_their_slice)
{
    struct ramp *ramp = opened(1000000001); /* not a multiple of 20 */
    assert_ptr_equal(ramp_slice_at(ramp, 0), &ramp->slices[0]);
    assert_ptr_equal(ramp_slice_at(ramp, 50000000), &ramp->slices[0]);
    assert_ptr_equal(ramp_slice_at(ramp, 50000001), &ramp->slices[1]);
    assert_ptr_equal(ramp_slice_at(ramp, 1000000000), &ramp->slices[19]);
    assert_ptr_equal(ramp_slice_at(ramp, UINT64_MAX), &ramp->slices[19]);
    free(ramp);
}

TEST(merged_slices_are_added_up)
{
    struct ramp *one = opened(2000000000), *both = opened(2000000000);
    fill(one, &cases[1]);
    one->slices[19].errors = 3;
    ramp_merge(both, one);
    ramp_merge(both, one);
    for (unsigned i = 0; i < RAMP_SLICES; i++) {
        assert_int_equal(both->slices[i].due, 2 * ANSWERS);
        assert_int_equal(both->slices[i].latency.count, 2 * 190);
        assert_int_equal(both->slices[i].send_lag.count, 2 * 190);
        assert_int_equal(both->slices[i].errors, i == 19 ? 6 : 0);
    }
    free(one);
    free(both);
}

int main(void)
{
    ADD_ROWS(knee_is_the_last_slice_that_holds, cases);
    ADD(slices_without_arrivals_are_left_out);
    ADD(rates_are_of_the_slice);
    ADD(times_have_their_slice);
    ADD(merged_slices_are_added_up);
    return run_added(NULL, NULL);
}
