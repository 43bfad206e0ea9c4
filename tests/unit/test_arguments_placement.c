/* SPDX-License-Identifier: BSD-2-Clause */
/* Usage errors of placement, by its own main(): each row is one call. */

int placement_main(int argc, char **argv);
#define main placement_main
#include "harness/placement/main.c"
#undef main

#include "support.h" /* cmocka has a macro fail() */

static const struct usage_error usage_errors[] = {
    {"--cpus 0", "--cpus"},
    {"--cpus -1", "'-1'"},
    {"--cpus x", "'x'"},
    {"--cpus 1.5", "'1.5'"},
    {"--cpus", "--cpus"},
    {"--split", "--split"},
    {"--split ''", "--split"},
    {"--split third", "'third'"},
    {"--split 0", "'0'"},
    {"--split 0:", "'0:'"},
    {"--split :0", "':0'"},
    {"--split :", "':'"},
    {"--split 0:1:2", "'0:1:2'"},
    {"--split 0,0:1", "'0,0:1'"},
    {"--split 3-1:0", "'3-1:0'"},
    {"--split half:half", "'half:half'"},
    {"--split Half", "'Half'"},
    {"--describe=yes", "--describe"},
    {"--nosuch", "--nosuch"},
    {"word", "'word'"},
    {"--cpus 1 --split half", "--split shared"},
    {"--cpus 9", "only 8 are available"},
    {"--cpus 100000", "only 8 are available"},
    {"--split 0:8", "CPU 8, but only 0-7 are available"},
    {"--split 8:0", "CPU 8, but only 0-7 are available"},
    {"--split 0-3:4-7 --cpus 4", "have 8 CPUs"},
    {"--split 0-3:2-5 --cpus 8", "have 6 CPUs"},
};

TEST(usage_error)
{
    assert_usage_error(placement_main, "placement", *state);
}

int main(void)
{
    /* A simulated machine of 4 cores with two SMT siblings each. */
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_THISSYSTEM");
    setenv("HWLOC_SYNTHETIC", "node:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)", 1);
    ADD_ROWS(usage_error, usage_errors);
    return run_added(NULL, NULL);
}
