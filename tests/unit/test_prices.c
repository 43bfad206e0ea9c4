/* SPDX-License-Identifier: BSD-2-Clause */
/* The arithmetic of harness/lab/prices, the order of the lines of pingpong, and arguments that it refuses. */

int pingpong_main(int argc, char **argv);
#define main pingpong_main
#include "harness/lab/prices/pingpong.c"
#undef main

#include "support.h" /* cmocka has a macro fail() */

struct known {
    const char *name;
    size_t n;
    double median, low, high;
};

/* Of the values 1, 2, ..., n */
static const struct known known_answers[] = {
    {"1 value", 1, 1, 1, 1},         {"2 values", 2, 1.5, 1, 2}, {"3 values", 3, 2, 1.5, 2.5},
    {"4 values", 4, 2.5, 1.5, 3.5},  {"5 values", 5, 3, 2, 4},   {"8 values", 8, 4.5, 2.5, 6.5},
    {"101 values", 101, 51, 26, 76},
};

TEST(quartiles_are_medians_of_halves)
{
    const struct known *k = *state;
    double values[101];
    for (size_t i = 0; i < k->n; i++)
        values[i] = (double)((i * 7919) % k->n) + 1;
    struct batches b = batches_of(values, k->n);
    assert_near(b.median, k->median);
    assert_near(b.low, k->low);
    assert_near(b.high, k->high);
}

TEST(a_few_disturbed_batches_move_nothing)
{
    double values[] = {20, 21, 1e9, 20, 19, 20, 1e6, 20, 20, 20};
    struct batches b = batches_of(values, COUNT(values));
    assert_near(b.median, 20);
    assert_near(b.low, 20);
    assert_near(b.high, 21);
}

/* Or some lines would never be read, and their price be that of fewer. */
TEST(the_order_goes_through_all_lines)
{
    bool seen[LINES] = {false};
    uint32_t at = 0;
    link_lines();
    for (unsigned i = 0; i < LINES; i++) {
        assert_in_range(at, 0, LINES - 1);
        assert_false(seen[at]);
        seen[at] = true;
        at = (uint32_t)lines[at].word;
    }
    assert_int_equal(at, 0);
}

TEST(additions_leave_the_order)
{
    link_lines();
    uint64_t first = lines[0].word;
    add_to_lines();
    read_lines();
    add_to_lines();
    for (unsigned i = 0; i < LINES; i++)
        assert_int_equal(lines[i].word >> 32, 2);
    assert_int_equal((uint32_t)lines[0].word, first);
}

TEST(places_are_told_apart)
{
    const struct cpu_place a = {0, 0, 0, 0}, sibling = {1, 0, 0, 1}, near = {2, 1, 0, 0},
                           far = {3, 2, 1, 0};
    assert_string_equal(place_of(&a, &sibling), "siblings");
    assert_string_equal(place_of(&a, &near), "node");
    assert_string_equal(place_of(&a, &far), "nodes");
}

static const struct usage_error usage_errors[] = {
    {"--cpus x", "'x'"},    {"--cpus", "--cpus"},     {"--batches 0", "--batches"},
    {"--batches x", "'x'"}, {"--nosuch", "--nosuch"}, {"word", "'word'"},
};

TEST(usage_error)
{
    assert_usage_error(pingpong_main, "pingpong", *state);
}

/* Of CPUs that this process may use, the first is always one. */
TEST(a_pair_takes_two)
{
    char arguments[32];
    const struct usage_error error = {arguments, "two CPUs"};
    snprintf(arguments, sizeof arguments, "--cpus %u", cpulist_first_allowed());
    assert_usage_error(pingpong_main, "pingpong", &error);
}

int main(void)
{
    ADD_ROWS(quartiles_are_medians_of_halves, known_answers);
    ADD(a_few_disturbed_batches_move_nothing);
    ADD(the_order_goes_through_all_lines);
    ADD(additions_leave_the_order);
    ADD(places_are_told_apart);
    ADD_ROWS(usage_error, usage_errors);
    ADD(a_pair_takes_two);
    return run_added(NULL, NULL);
}
