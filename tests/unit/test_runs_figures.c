/* SPDX-License-Identifier: BSD-2-Clause */
/* Where names stand, what the law makes of points, and the data of figures of runs that are made here. */

#include "harness/runs/figure.h"
#include "harness/runs/scale.h"
#include "harness/runs/spread.h"
#include "harness/runs/usl.h"

#include "run_directory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names at the ends of lines ---- */

enum { NAMES_MAX = 10 };

TEST(names_keep_their_order_and_distance_within_the_axis)
{
    static const double cases[][9] = {
        {0.5, -1},
        {0.5, 0.5, 0.5, -1},
        {0.98, 0.99, 1, 0.2, -1},
        {0, 0, 0.01, 0.99, 1, -1},
        {0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.9, -1},
    };
    const double gap = 0.06;
    for (size_t c = 0; c < COUNT(cases); c++) {
        struct placed_name names[9];
        unsigned count = 0;
        for (; cases[c][count] >= 0; count++)
            names[count] = (struct placed_name){count, cases[c][count], 0};
        spread_names(names, count, gap);
        for (unsigned i = 0; i < count; i++) {
            assert_true(names[i].at > -1e-9 && names[i].at < 1 + 1e-9);
            for (unsigned k = 0; k < i; k++) {
                assert_false(names[k].wanted < names[i].wanted && names[k].at > names[i].at);
                assert_true(fabs(names[i].at - names[k].at) > gap - 1e-9);
            }
        }
        assert_true(count > 1 || names[0].at == names[0].wanted);
    }
}

TEST(more_names_than_room_are_evenly_spread)
{
    struct placed_name names[NAMES_MAX];
    for (unsigned i = 0; i < NAMES_MAX; i++)
        names[i] = (struct placed_name){i + 1, 0.5, 0};
    spread_names(names, NAMES_MAX, 0.2);
    for (unsigned i = 0; i < NAMES_MAX; i++)
        assert_true(fabs(names[i].at - i / (NAMES_MAX - 1.0)) < 1e-9);
}

/* ---- numbers in proportion to the CPUs ---- */

struct asked {
    const char *text;
    double cpus, count;
    const char *words;
};

static const struct asked asked[] = {
    {"8", 2, 8, "8 connections"},
    {"4/cpu", 2, 8, "4 connections per CPU"},
    {"1/cpu", 4, 4, "1 connection per CPU"},
    {"1/2cpu", 8, 4, "1 connection per 2 CPUs"},
    {"1/2cpu", 3, 1, "1 connection per 2 CPUs"},
    {"1/2cpu", 1, 1, "1 connection per 2 CPUs"},
    {"3/2cpu", 3, 4, "3 connections per 2 CPUs"},
    {"0.5", 16, 0.5, "0.5 connections"},
    {"500/cpu", 4, 2000, "500 connections per CPU"},
};

TEST(per_cpu_counts)
{
    const struct asked *a = *state;
    assert_near(per_cpu(a->text, a->cpus), a->count);
    char *words = per_cpu_words(a->text, "connection", "connections");
    assert_string_equal(words, a->words);
    free(words);
}

/* ---- the law ---- */

TEST(the_law_at_known_parameters)
{
    /* 64 * 10000 / (1 + 0.05 * 63 + 0.002 * 64 * 63) */
    const struct usl usl = {.lambda = 10000, .sigma = 0.05, .kappa = 0.002};
    assert_near(usl_at(&usl, 1), 10000);
    assert_near(usl_at(&usl, 64), 640000 / 12.214);
}

TEST(the_band_is_wider_with_fewer_degrees_of_freedom)
{
    /* Only lambda is uncertain, so that the error at 1 CPU is that of lambda: t * 10. */
    struct usl usl = {.lambda = 1000, .error = {10, 0, 0}, .freedom = 2};
    assert_true(fabs(usl_half(&usl, 1) - 43.03) < 0.01);
    usl.freedom = 10;
    assert_true(fabs(usl_half(&usl, 1) - 22.28) < 0.01);
    usl.freedom = 1000;
    assert_true(fabs(usl_half(&usl, 1) - 20) < 0.01);
}

TEST(few_points_are_not_fitted)
{
    static const struct usl_point points[] = {{1, 10, 1}, {2, 20, 1}, {4, 40, 1}, {8, 80, 1}};
    struct usl usl;
    struct complaint why;
    assert_false(usl_fit(points, 4, &usl, &why));
    assert_string_equal(why.text, "measured with 4 numbers of CPUs, a fit needs 5");
    assert_false(usl_fit(points, 1, &usl, &why));
    assert_string_equal(why.text, "measured with 1 number of CPUs, a fit needs 5");
}

/* ---- runs that are made here ---- */

#define HEADER                                                                                    \
    "trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,verdict," \
    "machine,throughput_rps,latency_p99_us\n"

static char *figure_text(const char *name, enum figure_outcome outcome, struct complaint *why)
{
    struct run run;
    struct text data = {NULL, 0, 0};
    run_read(&run, run_directory);
    assert_int_equal(figure_of_run(&run, name, &data, why), outcome);
    run_free(&run);
    char *text = copy_string(text_of(&data));
    text_free(&data);
    return text;
}

TEST(a_rate_of_several_numbers_of_cpus_is_drawn_of_the_most)
{
    struct complaint why;
    write_in_run("trials.csv", HEADER "1,1,racing,2,1,,1000,1,ok,metal,990,5000\n"
                                      "2,1,racing,2,4,,2000,1,ok,metal,1990,1500\n"
                                      "3,1,racing,2,4,,1000,1,ok,metal,990,1000\n"
                                      "4,1,racing,2,1,,2000,1,ok,metal,1990,9000\n");
    char *text = figure_text("rate", FIGURE_DRAWN, &why);
    assert_non_null(strstr(text, "\n1000 1 1 1\n2000 1.5 1.5 1.5\n\n2000 1.5\n"));
    free(text);
}

TEST(throughput_of_zero_has_no_ideal)
{
    struct complaint why;
    write_in_run("trials.csv", HEADER "1,1,racing,2,4,16,,1,ok,metal,0,1000\n");
    char *text = figure_text("throughput", FIGURE_DRAWN, &why);
    assert_memory_equal(text, "0 1 NaN\n", 8);
    free(text);
}

TEST(speedups_pair_with_the_last_sample_of_a_round)
{
    struct run run;
    write_in_run("settings.tsv", "workers\t2\nconnections\t16\n");
    /* Round 1 with 1 CPU twice: the later 200 counts, wherever it stands. */
    write_in_run("trials.csv", HEADER "1,1,racing,2,1,16,,1,ok,metal,100,1\n"
                                      "2,2,racing,2,1,16,,1,ok,metal,300,1\n"
                                      "3,1,racing,2,4,16,,1,ok,metal,400,1\n"
                                      "4,1,racing,2,1,16,,1,ok,metal,200,1\n"
                                      "5,3,racing,2,4,16,,1,ok,metal,999,1\n");
    run_read(&run, run_directory);
    struct scale scale = scale_of(&run);
    assert_int_equal(scale.count, 2);
    assert_int_equal(scale.lines[1].pairs, 1);
    assert_near(scale.lines[1].speedup, 2);
    assert_near(scale.lines[1].ideal, 4);
    assert_near(scale.lines[1].efficiency, 0.5);
    scale_free(&scale);
    run_free(&run);
}

TEST(settings_that_no_row_goes_with)
{
    struct complaint why;
    write_in_run("settings.tsv", "workers\t77\nconnections\t16\n");
    write_in_run("trials.csv", HEADER "1,1,racing,2,1,16,,1,ok,metal,100,1\n"
                                      "2,1,racing,2,4,16,,1,ok,metal,200,1\n");
    free(figure_text("scale", FIGURE_LEFT_OUT, &why));
    assert_string_equal(why.text, "no row has the workers and load of settings.tsv");
}

/* The law has no curve from 0 CPUs, and what is drawn has an end. */
TEST(cpus_of_zero)
{
    struct complaint why;
    struct text rows = {NULL, 0, 0};
    static const int cpus[] = {0, 1, 2, 4, 8, 16, 32};
    text_add_string(&rows, HEADER);
    for (unsigned i = 0; i < COUNT(cpus); i++)
        text_add(&rows, "%u,1,racing,2,%d,16,,1,ok,metal,%d,1\n", i + 1, cpus[i],
                 cpus[i] ? 1000 * cpus[i] : 5);
    write_in_run("settings.tsv", "workers\t2\nconnections\t16\n");
    write_in_run("trials.csv", text_of(&rows));
    free(figure_text("scale", FIGURE_DRAWN, &why));
    text_free(&rows);
}

TEST(more_servers_and_cpus_than_anybody_measures)
{
    enum { MANY = 1200 };
    struct complaint why;
    struct text rows = {NULL, 0, 0}, where = {NULL, 0, 0};
    text_add_string(&rows, HEADER);
    text_add_string(&where, "cpus,strategy,backend,workers,trial,side,part,us_per_req,"
                            "stall_us_per_req,instructions_per_req\n");
    for (unsigned i = 1; i <= MANY; i++) {
        text_add(&rows, "%u,1,s%u,2,%u,16,,1,ok,virtual,1000,1\n", i, i % 300, i);
        text_add(&where, "%u,s%u,epoll,2,%u,server,idle,1.000,0.000,1.0\n", i, i % 300, i);
    }
    write_in_run("settings.tsv", "workers\t2\nconnections\t16\n");
    write_in_run("trials.csv", text_of(&rows));
    write_in_run("where.csv", text_of(&where));
    char *text = figure_text("where", FIGURE_DRAWN, &why);
    unsigned lines = 0;
    for (const char *at = text; (at = strstr(at, " 100.0000 0.0\n")); at++)
        lines++;
    assert_int_equal(lines, MANY);
    free(text);
    text_free(&rows);
    text_free(&where);
}

int main(void) /* from the checkout, as all unit tests */
{
    setenv("WAKEONE_TOP", ".", 0);
    ADD(names_keep_their_order_and_distance_within_the_axis);
    ADD(more_names_than_room_are_evenly_spread);
    ADD_ROWS(per_cpu_counts, asked);
    ADD(the_law_at_known_parameters);
    ADD(the_band_is_wider_with_fewer_degrees_of_freedom);
    ADD(few_points_are_not_fitted);
    ADD(a_rate_of_several_numbers_of_cpus_is_drawn_of_the_most);
    ADD(throughput_of_zero_has_no_ideal);
    ADD(speedups_pair_with_the_last_sample_of_a_round);
    ADD(settings_that_no_row_goes_with);
    ADD(cpus_of_zero);
    ADD(more_servers_and_cpus_than_anybody_measures);
    return run_added(make_run_directory, remove_run_directory);
}
