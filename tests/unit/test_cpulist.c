/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/cpulist.h"

#include "support.h"

#include <string.h>

struct good {
    const char *name, *folded; /* the text that is parsed, and as it is written again */
    unsigned count, first, last;
};

static const struct good good_lists[] = {
    {"0", "0", 1, 0, 0},
    {"7", "7", 1, 7, 7},
    {"0-3", "0-3", 4, 0, 3},
    {"5-5", "5", 1, 5, 5},
    {"0,1,2", "0-2", 3, 0, 2},
    {"0,2,4-7", "0,2,4-7", 6, 0, 7},
    {"4-7,0,2", "4-7,0,2", 6, 4, 2},
    {"3,2,1", "3,2,1", 3, 3, 1},
    {"8-9,10-11,1", "8-11,1", 5, 8, 1},
    {"010", "10", 1, 10, 10},
    {"0-1023", "0-1023", CPULIST_MAX, 0, 1023},
    {"512-1023,0-511", "512-1023,0-511", CPULIST_MAX, 512, 511},
};

TEST(good_list)
{
    const struct good *row = *state;
    struct cpulist list, again;
    char text[64];
    assert_true(cpulist_parse(&list, row->name));
    assert_int_equal(list.count, row->count);
    assert_int_equal(list.cpus[0], row->first);
    assert_int_equal(list.cpus[list.count - 1], row->last);
    cpulist_format(&list, text, sizeof text);
    assert_string_equal(text, row->folded);
    assert_true(cpulist_parse(&again, text));
    assert_int_equal(again.count, list.count);
    assert_memory_equal(again.cpus, list.cpus, list.count * sizeof list.cpus[0]);
}

static const char *const bad_lists[] = {
    "",
    ",",
    "0,",
    ",0",
    "0,,1",
    " 0",
    "0 ",
    "0, 1",
    "-",
    "-1",
    "0-",
    "0--1",
    "0-1-2",
    "3-1",
    "+1",
    "a",
    "0a",
    "0x1",
    "1.5",
    "0;1",
    "all",
    "0,0",
    "0-3,2",
    "1,0-1",
    "1024",
    "0-1024",
    "99999999999999999999",
    "0-99999999999999999999",
};

TEST(bad_list)
{
    const char *const *text = *state;
    struct cpulist list = {.count = 3};
    assert_false(cpulist_parse(&list, *text));
    assert_int_equal(list.count, 0);
}

TEST(contains)
{
    struct cpulist list;
    assert_true(cpulist_parse(&list, "1,4-5"));
    for (unsigned cpu = 0; cpu < 8; cpu++)
        assert_int_equal(cpulist_contains(&list, cpu), cpu == 1 || cpu == 4 || cpu == 5);
}

/* A truncated result is a prefix of the whole, and no byte after the buffer is written. */
TEST(format_into_a_small_buffer)
{
    static const char whole[] = "10-11,13,15-19";
    struct cpulist list;
    assert_true(cpulist_parse(&list, whole));
    for (size_t size = 1; size <= sizeof whole + 1; size++) {
        char text[32];
        memset(text, '#', sizeof text);
        cpulist_format(&list, text, size);
        const char *end = memchr(text, '\0', size);
        assert_non_null(end);
        assert_memory_equal(text, whole, (size_t)(end - text));
        for (size_t i = size; i < sizeof text; i++)
            assert_int_equal(text[i], '#');
        if (size >= sizeof whole)
            assert_string_equal(text, whole);
    }
}

TEST(format_of_an_empty_list)
{
    const struct cpulist list = {.count = 0};
    char text[] = "#";
    cpulist_format(&list, text, sizeof text);
    assert_string_equal(text, "");
}

TEST(allowed_can_be_parsed_again)
{
    struct cpulist allowed, again;
    char text[4096];
    cpulist_allowed(&allowed);
    assert_true(allowed.count > 0);
    cpulist_format(&allowed, text, sizeof text);
    assert_true(cpulist_parse(&again, text));
    assert_int_equal(again.count, allowed.count);
}

int main(void)
{
    ADD_ROWS(good_list, good_lists);
    ADD_ROWS(bad_list, bad_lists);
    ADD(contains);
    ADD(format_into_a_small_buffer);
    ADD(format_of_an_empty_list);
    ADD(allowed_can_be_parsed_again);
    return run_added(NULL, NULL);
}
