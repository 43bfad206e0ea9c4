/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/classes.h"

#include "support.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

struct good {
    const char *name; /* as it is written */
    unsigned count;
    unsigned long weight;
    struct class all[CLASSES_MAX];
};

static const struct good good_texts[] = {
    {"short:1", 1, 1, {{"short", 1, 1, 0}}},
    {"long:1", 1, 1, {{"long", 1, 100, SECOND}}},
    {"short:90,long:10", 2, 100, {{"short", 90, 1, 0}, {"long", 10, 100, SECOND}}},
    {"long:10,short:90", 2, 100, {{"long", 10, 100, SECOND}, {"short", 90, 1, 0}}},
    {"short:3:5", 1, 3, {{"short", 3, 5, 0}}},
    {"short:3:5:2s", 1, 3, {{"short", 3, 5, 2 * SECOND}}},
    {"long:3:5", 1, 3, {{"long", 3, 5, 0}}},
    {"long:3:5:250ms", 1, 3, {{"long", 3, 5, SECOND / 4}}},
    {"long:3:100:0s", 1, 3, {{"long", 3, 100, 0}}},
    {"a:1:1", 1, 1, {{"a", 1, 1, 0}}},
    {"a:1:0", 1, 1, {{"a", 1, 0, 0}}},
    {"a:1:1:0s", 1, 1, {{"a", 1, 1, 0}}},
    {"a:1:1:1ns", 1, 1, {{"a", 1, 1, 1}}},
    {"a:1:1:1.5ms", 1, 1, {{"a", 1, 1, 1500000}}},
    {"a:1:1,A:2:2", 2, 3, {{"a", 1, 1, 0}, {"A", 2, 2, 0}}},
    {"short:1,shorter:2:7,shor:3:8",
     3,
     6,
     {{"short", 1, 1, 0}, {"shorter", 2, 7, 0}, {"shor", 3, 8, 0}}},
    {"0_-Z:1:1", 1, 1, {{"0_-Z", 1, 1, 0}}},
    {"abcdefghijklmno:1:1", 1, 1, {{"abcdefghijklmno", 1, 1, 0}}},
    {"a:1:1,b:2:1,c:3:1,d:4:1,e:5:1,f:6:1,g:7:1,h:8:1",
     8,
     36,
     {{"a", 1, 1},
      {"b", 2, 1},
      {"c", 3, 1},
      {"d", 4, 1},
      {"e", 5, 1},
      {"f", 6, 1},
      {"g", 7, 1},
      {"h", 8, 1}}},
};

TEST(good_text)
{
    const struct good *row = *state;
    struct classes classes;
    memset(&classes, 0xff, sizeof classes);
    assert_null(classes_parse(&classes, row->name));
    assert_int_equal(classes.count, row->count);
    assert_int_equal(classes.weight, row->weight);
    for (unsigned i = 0; i < row->count; i++) {
        const struct class *got = &classes.all[i], *wanted = &row->all[i];
        assert_string_equal(got->name, wanted->name);
        assert_int_equal(got->weight, wanted->weight);
        assert_int_equal(got->requests, wanted->requests);
        assert_int_equal(got->hold_ns, wanted->hold_ns);
    }
}

/* Each class exactly as often as it weighs, in order, whatever the number drawn. */
TEST(choice_by_weight)
{
    const struct good *row = *state;
    struct classes classes;
    unsigned long drawn = 0;
    assert_null(classes_parse(&classes, row->name));
    for (unsigned i = 0; i < row->count; i++)
        for (unsigned long n = 0; n < row->all[i].weight; n++)
            assert_int_equal(classes_choose(&classes, drawn++), i);
    assert_int_equal(drawn, classes.weight);
}

#define TEN(text) text text text text text text text text text text

static const char *const bad_texts[] = {
    "",
    ",",
    ":",
    " ",
    "short",
    "short:",
    "short:0",
    "short:-1",
    "short:+1",
    "short: 1",
    "short:1 ",
    "short:1x",
    "short:1.5",
    "short:0x1",
    "short:1e3",
    "short:x",
    "short:18446744073709551617",
    "short:99999999999999999999999999",
    "short:18446744073709551615,long:1",
    "short:1,",
    ",short:1",
    "short:1,,long:1",
    "short:1, long:1",
    "short:1;long:1",
    "short:1,short:2",
    "a:1:1,b:1:1,a:2:2",
    "short=1",
    "short::1",
    ":1",
    ":1:1",
    "a:1",
    "Short:1",
    "a:0:1",
    "a:1:",
    "a:1:-1",
    "a:1:x",
    "a:1:1.5",
    "a:1:1s",
    "a:1:18446744073709551617",
    "a:1:99999999999999999999999999",
    "a:1:1:",
    "a:1:1:0",
    "a:1:1:1",
    "a:1:1:1.5",
    "a:1:1:s",
    "a:1:1:-1s",
    "a:1:1: 1s",
    "a:1:1:1s ",
    "a:1:1:1d",
    "a:1:1:1e3s",
    "a:1:1:1s:",
    "a:1:1:1s:1",
    "a:1:1:999999999999999h",
    "a b:1:1",
    "a.b:1:1",
    "a/b:1:1",
    "a\"b:1:1",
    "a\\b:1:1",
    "a\tb:1:1",
    "a\x7f:1:1",
    "\xc3\xa4:1:1",
    "abcdefghijklmnop:1:1",
    "a:1:1,b:1:1,c:1:1,d:1:1,e:1:1,f:1:1,g:1:1,h:1:1,i:1:1",
    TEN("abcdefghij") ":1:1",
    TEN("a:1:1,b:1:1,") "c:1:1",
    "a:" TEN(TEN("0000000000")) "1:1",
};

TEST(bad_text)
{
    const char *const *text = *state;
    struct classes classes;
    const char *wrong = classes_parse(&classes, *text);
    assert_non_null(wrong);
    assert_true(strlen(wrong) > 0);
}

/* The largest weights there are do not overflow their sum. */
TEST(huge_weights)
{
    struct classes classes;
    assert_null(classes_parse(&classes, "a:1000000000:1,b:1000000000:1,c:1000000000:1,d:1:1,"
                                        "e:1000000000:1,f:1000000000:1,g:1000000000:1"));
    assert_int_equal(classes.weight, 6000000001);
    assert_int_equal(classes_choose(&classes, 0), 0);
    assert_int_equal(classes_choose(&classes, 999999999), 0);
    assert_int_equal(classes_choose(&classes, 1000000000), 1);
    assert_int_equal(classes_choose(&classes, 2999999999), 2);
    assert_int_equal(classes_choose(&classes, 3000000000), 3);
    assert_int_equal(classes_choose(&classes, 3000000001), 4);
    assert_int_equal(classes_choose(&classes, 6000000000), 6);
}

TEST(plain)
{
    static const unsigned long requests[] = {0, 1, 100};
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct classes classes;
        memset(&classes, 0xff, sizeof classes);
        classes_set_plain(&classes, requests[i]);
        assert_int_equal(classes.count, 1);
        assert_true(classes.weight >= 1);
        assert_int_equal(classes.all[0].weight, classes.weight);
        assert_int_equal(classes.all[0].requests, requests[i]);
        assert_int_equal(classes.all[0].hold_ns, 0);
        assert_in_range(strnlen(classes.all[0].name, CLASS_NAME_MAX), 1, CLASS_NAME_MAX - 1);
        assert_int_equal(classes_choose(&classes, classes.weight - 1), 0);
    }
}

int main(void)
{
    ADD_ROWS(good_text, good_texts);
    ADD_ROWS(choice_by_weight, good_texts);
    ADD_ROWS(bad_text, bad_texts);
    ADD(huge_weights);
    ADD(plain);
    return run_added(NULL, NULL);
}
