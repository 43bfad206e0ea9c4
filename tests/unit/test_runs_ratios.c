/* SPDX-License-Identifier: BSD-2-Clause */
/* Ratios to the baseline of runs that are made here: pairs, roles, and the noise threshold of the A/A control. */

#include "harness/runs/ratios.h"

#include "run_directory.h"

#include <math.h>

#define HEADER                                                                                    \
    "trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,verdict," \
    "throughput_rps\n"

/* ---- the threshold ---- */

static const struct threshold {
    const char *name;
    double ratio, low, high, threshold;
} thresholds[] = {
    {"the interval holds 1: the ratio's distance", 1.02, 0.97, 1.05, 0.02},
    {"below 1", 0.96, 0.9, 1.1, 1 / 0.96 - 1},
    {"the interval is above 1: its far end", 1.05, 1.02, 1.08, 0.08},
    {"the interval is below 1: its far end", 0.95, 0.92, 0.98, 1 / 0.92 - 1},
    {"one pair: the ratio's distance", 1.02, NAN, NAN, 0.02},
    {"nothing differs", 1, 1, 1, 0},
};

TEST(noise_thresholds)
{
    const struct threshold *row = *state;
    assert_true(fabs(noise_threshold(row->ratio, row->low, row->high) - row->threshold) < 1e-9);
}

/* ---- runs ---- */

static struct run read_run(const char *trials, const char *servers)
{
    struct run run;
    write_in_run("trials.csv", trials);
    if (servers)
        write_in_run("strategies.tsv", servers);
    run_read(&run, run_directory);
    return run;
}

static const struct ratio *ratio_named(const struct run *run, const struct ratios *ratios,
                                       const char *server)
{
    for (unsigned i = 0; i < ratios->count; i++)
        if (strcmp(run->trials.configurations[ratios->all[i].configuration].server, server) == 0)
            return &ratios->all[i];
    return NULL;
}

TEST(pairs_are_of_the_same_round_and_valid)
{
    struct run run = read_run(HEADER "1,0,racing,2,2,16,,1,warm-up,1\n"
                                     "2,1,racing,2,2,16,,1,ok,100\n"
                                     "3,1,wakeone,2,2,16,,1,ok,200\n"
                                     "4,2,wakeone,2,2,16,,1,ok,900\n" /* its partner is noisy */
                                     "5,2,racing,2,2,16,,1,noisy,100\n"
                                     "6,3,wakeone,2,2,16,,1,noisy,900\n"
                                     "7,3,racing,2,2,16,,1,ok,100\n"
                                     "8,4,wakeone,2,2,16,,1,ok,400\n"
                                     "9,4,racing,2,2,16,,1,ok,200\n"
                                     "10,5,wakeone,2,2,16,,1,ok,\n" /* not measured */
                                     "11,5,racing,2,2,16,,1,ok,200\n"
                                     "12,6,wakeone,2,2,16,,1,ok,0\n" /* no logarithm */
                                     "13,6,racing,2,2,16,,1,ok,200\n"
                                     "14,7,wakeone,8,2,16,,1,ok,900\n" /* another block */
                                     "15,7,racing,2,2,16,,1,ok,200\n",
                              NULL);
    struct ratios ratios = ratios_of(&run, COLUMN_throughput_rps);
    assert_int_equal(ratios.count, 1);
    assert_int_equal(ratios.all[0].paired.n, 2);
    assert_int_equal(ratios.all[0].first, 2);
    assert_near(ratios.all[0].ratio, 2);
    assert_near(ratios.all[0].low, 2);
    assert_near(ratios.all[0].high, 2);
    assert_true(isnan(ratios.all[0].threshold)); /* there is no control */
    assert_int_equal(ratios.all[0].outcome, OUTCOME_MORE);
    assert_ptr_equal(ratio_of(&ratios, ratios.all[0].configuration), &ratios.all[0]);
    assert_null(ratio_of(&ratios, 99));
    ratios_free(&ratios);
    run_free(&run);
}

/* Baseline and control are known by their roles in strategies.tsv, not by their names. */
TEST(roles_are_those_of_the_run)
{
    struct run run = read_run(
        HEADER "1,1,fdpass,2,2,16,,1,ok,100\n"
               "2,1,twin,2,2,16,,1,ok,110\n"
               "3,1,racing,2,2,16,,1,ok,105\n"
               "4,1,racing-again,2,2,16,,1,ok,200\n",
        "fdpass\tn\tsummary\tfdpass\treference\ntwin\tn\tsummary\tfdpass\tagain\n"
        "racing\tn\tsummary\tracing\t-\nracing-again\tn\tsummary\tracing\t-\n");
    assert_int_equal(role_of(&run, "fdpass"), ROLE_BASELINE);
    assert_int_equal(role_of(&run, "twin"), ROLE_CONTROL);
    assert_int_equal(role_of(&run, "racing"), ROLE_TESTED);
    assert_int_equal(role_of(&run, "racing-again"), ROLE_TESTED);
    struct ratios ratios = ratios_of(&run, COLUMN_throughput_rps);
    assert_int_equal(ratios.count, 3);
    const struct ratio *racing = ratio_named(&run, &ratios, "racing"),
                       *twin = ratio_named(&run, &ratios, "twin");
    assert_non_null(racing);
    assert_non_null(twin);
    assert_near(racing->ratio, 1.05);
    assert_near(racing->threshold, 0.1);
    assert_true(isnan(twin->threshold));
    assert_null(ratio_named(&run, &ratios, "fdpass"));
    ratios_free(&ratios);
    run_free(&run);
}

/* Older runs have no roles: the baseline is known by its control, which bench always measures. */
static const struct roles {
    const char *name, *servers[4], *table, *baseline, *control;
} roles[] = {
    {"the standard", {"racing", "racing-again"}, NULL, "racing", "racing-again"},
    {"another", {"own", "shared-again", "shared"}, NULL, "shared", "shared-again"},
    {"another beside racing", {"racing", "one", "one-again"}, NULL, "one", "one-again"},
    {"the control of nothing", {"one-again", "own"}, NULL, "racing", "racing-again"},
    {"an old table",
     {"one", "one-again"},
     "one\tn\t\tone\none-again\tn\t\tone\n",
     "one",
     "one-again"},
    {"an old table, another command",
     {"one", "one-again"},
     "one\tn\t\tone\none-again\tn\t\ttwo\n",
     "one",
     ""},
    {"another program under the control's role",
     {"one", "one-again"},
     "one\tn\t\tone\treference\none-again\tn\t\tone --edge\tagain\n",
     "one",
     ""},
    {"and without the role",
     {"one", "one-again"},
     "one\tn\t\tone\treference\none-again\tn\t\tone --edge\t-\n",
     "one",
     ""},
    {"a control without a line",
     {"one", "one-again"},
     "one\tn\t\tone\treference\n",
     "one",
     "one-again"},
};

TEST(roles_are_found_by_name_and_command)
{
    const struct roles *row = *state;
    struct text trials = {NULL, 0, 0};
    text_add_string(&trials, HEADER);
    for (unsigned i = 0; i < 4 && row->servers[i]; i++)
        text_add(&trials, "%u,1,%s,2,2,16,,1,ok,100\n", i + 1, row->servers[i]);
    struct run run = read_run(trials.text, row->table);
    assert_string_equal(run.baseline, row->baseline);
    assert_string_equal(run.control, row->control);
    assert_int_equal(role_of(&run, row->baseline), ROLE_BASELINE);
    assert_int_equal(role_of(&run, "one-again"),
                     strcmp(row->control, "one-again") == 0 ? ROLE_CONTROL : ROLE_TESTED);
    run_free(&run);
    text_free(&trials);
}

/* A threshold holds in its own block: the control was measured with 2 workers only. */
TEST(thresholds_are_by_block)
{
    struct text text = {NULL, 0, 0};
    text_add_string(&text, HEADER);
    for (unsigned round = 1; round <= 3; round++)
        for (unsigned workers = 2; workers <= 8; workers += 6) {
            text_add(&text, "1,%u,racing,%u,2,16,,1,ok,100\n1,%u,wakeone,%u,2,16,,1,ok,103\n",
                     round, workers, round, workers);
            if (workers == 2)
                text_add(&text, "1,%u,racing-again,2,2,16,,1,ok,104\n", round);
        }
    struct run run = read_run(text_of(&text), NULL);
    struct ratios ratios = ratios_of(&run, COLUMN_throughput_rps);
    assert_int_equal(ratios.count, 3);
    for (unsigned i = 0; i < ratios.count; i++) {
        const struct ratio *r = &ratios.all[i];
        const struct configuration *c = &run.trials.configurations[r->configuration];
        bool judged = strcmp(c->server, "wakeone") == 0 && c->workers == 2;
        assert_int_equal(!isnan(r->threshold), judged);
        assert_int_equal(r->outcome, judged ? OUTCOME_BELOW_THRESHOLD : OUTCOME_MORE);
        if (judged)
            assert_near(r->threshold, 0.04);
    }
    text_free(&text);
    ratios_free(&ratios);
    run_free(&run);
}

/* In a round that has two samples of the baseline the later one counts, in the order of the file, whatever is between. */
TEST(of_two_baselines_in_a_round_the_later_one_counts)
{
    struct run run = read_run(HEADER "1,1,racing,2,2,16,,1,ok,100\n2,1,wakeone,2,2,16,,1,ok,400\n"
                                     "3,2,racing,2,2,16,,1,ok,500\n4,1,racing,2,2,16,,1,ok,200\n",
                              NULL);
    struct ratios ratios = ratios_of(&run, COLUMN_throughput_rps);
    assert_int_equal(ratios.count, 1);
    assert_int_equal(ratios.all[0].paired.n, 1);
    assert_near(ratios.all[0].ratio, 2);
    assert_true(isnan(ratios.all[0].low));
    ratios_free(&ratios);
    run_free(&run);
}

TEST(ratios_are_in_the_order_of_their_first_pairs)
{
    struct run run = read_run(HEADER "1,1,zebra,2,2,16,,1,noisy,1\n2,1,racing,2,2,16,,1,ok,100\n"
                                     "3,1,mule,2,2,16,,1,ok,100\n4,2,zebra,2,2,16,,1,ok,100\n"
                                     "5,2,racing,2,2,16,,1,ok,100\n",
                              NULL);
    struct ratios ratios = ratios_of(&run, COLUMN_throughput_rps);
    assert_int_equal(ratios.count, 2);
    assert_int_equal(ratios.all[0].first, 2);
    assert_int_equal(ratios.all[1].first, 3);
    ratios_free(&ratios);
    run_free(&run);
}

TEST(a_run_without_a_baseline_has_no_ratios)
{
    struct run run = read_run(HEADER "1,1,wakeone,2,2,16,,1,ok,100\n", NULL);
    struct ratios ratios = ratios_of(&run, COLUMN_throughput_rps);
    assert_int_equal(ratios.count, 0);
    ratios_free(&ratios);
    run_free(&run);
}

int main(void)
{
    ADD_ROWS(noise_thresholds, thresholds);
    ADD(pairs_are_of_the_same_round_and_valid);
    ADD(roles_are_those_of_the_run);
    ADD_ROWS(roles_are_found_by_name_and_command, roles);
    ADD(thresholds_are_by_block);
    ADD(of_two_baselines_in_a_round_the_later_one_counts);
    ADD(ratios_are_in_the_order_of_their_first_pairs);
    ADD(a_run_without_a_baseline_has_no_ratios);
    return run_added(make_run_directory, remove_run_directory);
}
