/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments that wakeups refuses, by its own main(): each row is one call. */

int wakeups_main(int argc, char **argv);
#define main wakeups_main
#include "harness/wakeups/main.c"
#undef main

#include "support.h" /* cmocka has a macro fail() */

static const struct usage_error usage_errors[] = {
    {"", "--pid, --comm, --port, --unit, --cgroup or a COMMAND"},
    {"-p", "--pid"},
    {"-p x", "'x'"},
    {"-p 0", "'0'"},
    {"-p 1,", "'1,'"},
    {"--port 0", "--port"},
    {"--port 70000", "'70000'"},
    {"--interval 1ms", "--interval"},
    {"--duration 1ms", "--duration"},
    {"--instrument nosuch", "auto|bpf|ctxsw"},
    {"--nonsense", "--nonsense"},
    {"--pid 1 -- server", "unexpected argument 'server'"},
    {"--unit a --cgroup b", "--unit and --cgroup"},
    {"--openmetrics= --port 1", "--openmetrics takes FILE"},
    {"--openmetrics --port 1 --json=-", "standard output"},
    {"--json=- --port 1 --connections -", "standard output"},
    {"--json=x --port 1 --connections x", "can be x"},
    {"--json= --port 1", "--json takes FILE"},
    {"--json=x --port 1 --trace x", "--json and --trace can be x"},
    {"--port 1 --connections - --trace -", "--connections and --trace can be standard output"},
    {"--port 1 --trace x --trace-seconds 0", "--trace-seconds"},
};

TEST(usage_error)
{
    assert_usage_error(wakeups_main, "wakeups", *state);
}

int main(void)
{
    ADD_ROWS(usage_error, usage_errors);
    return run_added(NULL, NULL);
}
