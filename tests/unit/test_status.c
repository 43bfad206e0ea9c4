/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/status.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned status, class;
} classes[] = {
    {"1xx", 100, 0},   {"1xx", 199, 0},   {"2xx", 200, 1},   {"2xx", 299, 1},
    {"3xx", 300, 2},   {"4xx", 404, 3},   {"5xx", 500, 4},   {"5xx", 599, 4},
    {"other", 600, 5}, {"other", 700, 5}, {"other", 999, 5},
};

TEST(class_of_a_status)
{
    const __typeof__(*classes) *row = *state;
    assert_int_equal(status_class(row->status), row->class);
    assert_string_equal(status_class_names[row->class], row->name);
}

/* The statuses in it, as ranges of first and last, closed by 0. */
static const struct {
    const char *name;
    unsigned ranges[9];
} good_sets[] = {
    {"2xx", {200, 299}},
    {"1xx", {100, 199}},
    {"9xx", {900, 999}},
    {"5XX", {500, 599}},
    {"404", {404, 404}},
    {"100", {100, 100}},
    {"999", {999, 999}},
    {"2xx,404", {200, 299, 404, 404}},
    {"404,2xx,301", {404, 404, 200, 299, 301, 301}},
    {"204,2xx,204", {200, 299}},
};

static bool is_in_ranges(const unsigned *ranges, unsigned status)
{
    for (; ranges[0]; ranges += 2)
        if (status >= ranges[0] && status <= ranges[1])
            return true;
    return false;
}

TEST(set_has_what_is_listed)
{
    const __typeof__(*good_sets) *row = *state;
    struct status_set set;
    memset(&set, 0xff, sizeof set);
    assert_null(status_set_parse(&set, row->name));
    for (unsigned status = 0; status <= STATUS_MOST; status++)
        assert_int_equal(status_set_has(&set, status), is_in_ranges(row->ranges, status));
}

static const char *const bad_sets[] = {
    "",        "2",        "20",   "2x",  "xxx",  "0xx",   "099",
    "1000",    "2xxx",     "2x0",  "20x", "2xx,", ",2xx",  "2xx,,3xx",
    "2xx 404", "2xx, 404", "-200", "all", "+20",  "2xx,4", "2xx;404",
};

/* In a buffer that holds no byte more. */
TEST(set_is_refused)
{
    const char *const *text = *state;
    struct status_set set;
    char *copy = exact_copy(*text, strlen(*text) + 1);
    assert_non_null(status_set_parse(&set, copy));
    free(copy);
}

int main(void)
{
    ADD_ROWS(class_of_a_status, classes);
    ADD_ROWS(set_has_what_is_listed, good_sets);
    ADD_ROWS(set_is_refused, bad_sets);
    return run_added(NULL, NULL);
}
