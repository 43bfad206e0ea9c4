/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments that trial refuses, by its own main(): each row is one call. */

int trial_main(int argc, char **argv);
#define main trial_main
#include "harness/trial/main.c"
#undef main

#include "support.h" /* cmocka has a macro fail() */

static const struct usage_error usage_errors[] = {
    {"", "--strategy"},
    {"--strategy nosuch", "'nosuch'"},
    {"--strategy ../racing", "not paths"},
    {"--strategy racing --backend ../epoll", "not paths"},
    {"--strategy racing --backend kqueue9", "kqueue9"},
    {"--strategy racing --workers 0", "--workers"},
    {"--strategy racing --window 1", "--window"},
    {"--strategy racing --rate 5 --burst 5 --every 1s", "--rate and --burst"},
    {"--strategy racing word", "'word'"},
    {"--strategy racing --trace x --instrument ctxsw", "with --instrument ctxsw"},
    {"--strategy racing --trace x --trace-seconds 1", "--trace-seconds"},
    {"--strategy racing --as ''", "--as"},
    {"--strategy racing --as 'a b'", "'a b'"},
    {"--strategy racing --as A", "'A'"},
    {"--strategy racing --as 1a", "'1a'"},
    {"--strategy racing --as -a", "'-a'"},
    {"--strategy racing --as a,b", "'a,b'"},
    {"--strategy racing --as ../a", "'../a'"},
    {"--strategy racing --as aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "at most 40"},
};

TEST(usage_error)
{
    assert_usage_error(trial_main, "trial", *state);
}

int main(void)
{
    ADD_ROWS(usage_error, usage_errors);
    return run_added(NULL, NULL);
}
