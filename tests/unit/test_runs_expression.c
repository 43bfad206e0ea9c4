/* SPDX-License-Identifier: BSD-2-Clause */
/* Expected wakeups per idle connection, as a server under test declares them: expressions in n and r. */

#include "harness/runs/expression.h"
#include "harness/runs/text.h"

#include "support.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct expression {
    const char *text;
    long n, r, value;
    bool is;
} expressions_of_servers[] = {
    {"n", 8, 0, 8, true},
    {"2*n+1", 8, 0, 17, true},
    {"n > 1 ? 2 : 1", 8, 0, 2, true},
    {"n > 1 ? 2 : 1", 1, 0, 1, true},
    {"1+r", 8, 1, 2, true},
    {"(n+1)*(n-1)", 3, 0, 8, true},
    {"-n", 3, 0, -3, true},
    {"n==3 ? 1 : n>=2 ? 2 : 3", 2, 0, 2, true},
    {"1 < 2 == 1", 0, 0, 1, true},
    {"", 1, 0, 0, false},
    {"n n", 1, 0, 0, false},
    {"n ? 1", 1, 0, 0, false},
    {"(n", 1, 0, 0, false},
    {"n/2", 1, 0, 0, false},
    {"$(reboot)", 1, 0, 0, false},
    {"x", 1, 0, 0, false},
    {"n > 1 ? 2+2*r : 1", 8, 1, 4, true},
    {"1 ? 2 : 0 ? 3 : 4", 0, 0, 2, true},
    {"2 - 3 - 4", 0, 0, -5, true},
    {"2 + 3 * 4", 0, 0, 14, true},
    {"n >= 2", 1, 0, 0, true},
    {"n <= 2", 1, 0, 1, true},
    {"+n", 4, 0, 4, true},
    {"  n  ", 4, 0, 4, true},
    {"n)", 1, 0, 0, false},
    {"nn", 1, 0, 0, false},
    {"n = 1", 1, 0, 0, false},
    {"1 +", 1, 0, 0, false},
    {"n\t", 1, 0, 0, false},
};

TEST(expressions)
{
    const struct expression *row = *state;
    long value = 0;
    assert_int_equal(expression_value(row->text, row->n, row->r, &value), row->is);
    if (row->is)
        assert_int_equal(value, row->value);
}

/* One character, so many times, with a text behind them */
static bool is_known(char c, unsigned count, const char *rest)
{
    long value;
    struct text text = {NULL, 0, 0};
    for (unsigned i = 0; i < count; i++)
        text_add_bytes(&text, &c, 1);
    text_add_string(&text, rest);
    bool known = expression_value(text_of(&text), 1, 0, &value);
    text_free(&text);
    return known;
}

/* They come from elsewhere: none may take the stack, or time without end. */
TEST(depth_and_length_are_limited)
{
    assert_true(is_known('-', 100, "n"));
    assert_false(is_known('-', 100000, "n"));
    assert_false(is_known('(', 150, ""));
    assert_false(is_known('(', 100000, ""));
    assert_false(is_known('1', 100000, ""));
    assert_false(expression_value("((((((((((((((((((((((((((((((((((((((((((((((((((((((((((n"
                                  "))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
                                  1, 0, &(long){0}));
}

/* As the shell's do; no value is an error of this program. */
TEST(values_wrap)
{
    long value;
    assert_true(expression_value("9223372036854775807 + n", 1, 0, &value));
    assert_true(value == LONG_MIN);
    assert_true(expression_value("n * n", LONG_MAX, 0, &value));
    assert_int_equal(value, 1);
    assert_true(expression_value("-n", LONG_MIN, 0, &value));
    assert_true(value == LONG_MIN);
}

int main(void)
{
    ADD_ROWS(expressions, expressions_of_servers);
    ADD(depth_and_length_are_limited);
    ADD(values_wrap);
    return run_added(NULL, NULL);
}
