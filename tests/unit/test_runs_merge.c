/* SPDX-License-Identifier: BSD-2-Clause */
/* Data of trials merged by configuration: histograms, shares of the workers, means; and read again as a compact copy has it. */

#include "harness/runs/latencies.h"
#include "harness/runs/means.h"
#include "harness/runs/shares.h"

#include "run_directory.h"

#include <math.h>

#define TRIALS                                                                                     \
    "trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,verdict\n" \
    "1,0,racing,2,2,16,,1,warm-up\n2,1,racing,2,2,16,,1,ok\n3,2,racing,2,2,16,,1,noisy\n"          \
    "4,3,racing,2,2,16,,1,ok\n"

#define HEADING "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"

static struct run read_run(void)
{
    struct run run;
    write_in_run("trials.csv", TRIALS);
    run_read(&run, run_directory);
    return run;
}

/* ---- histograms ---- */

static void write_two_histograms(void)
{
    make_folder_in_run("hist");
    write_in_run("hist/2.hgrm",
                 HEADING "10.000 0.5 1 2.00\n20.000 1.0 2 inf\n#[Max = 20.000, Total count = 2]\n");
    write_in_run("hist/3.hgrm", HEADING "99.000 1.0 9 inf\n#[Max = 99.000, Total count = 9]\n");
    write_in_run("hist/4.hgrm", HEADING
                 "20.000 0.75 3 4.00\n40.000 1.0 4 inf\n#[Max = 40.000, Total count = 4]\n");
}

static char *written_latencies(const struct latencies *latencies)
{
    struct text text = {NULL, 0, 0};
    latencies_write(latencies, &text);
    return text.text;
}

static const char merged[] = HEADING
    "10.000 0.166667 1 1.20\n20.000 0.833333 5 6.00\n40.000 1.000000 6 inf\n"
    "#[Max = 40.000, Total count = 6]\n#[Trials = 2]\n";

TEST(histograms_of_valid_trials_are_added_up)
{
    struct run run = read_run();
    struct latencies latencies;
    struct complaint why = {""};
    assert_false(has_latencies(&run));
    write_two_histograms();
    assert_true(has_latencies(&run));
    assert_true(latencies_read(&run, &run.trials.configurations[0], &latencies, &why));
    assert_int_equal(latencies.trials, 2);
    assert_int_equal(latencies.count, 3);
    char *text = written_latencies(&latencies);
    assert_string_equal(text, merged);
    free(text);
    latencies_free(&latencies);
    run_free(&run);
}

TEST(what_was_merged_is_read_as_it_was_written)
{
    struct run run = read_run();
    struct latencies latencies;
    struct complaint why = {""};
    make_folder_in_run("latency");
    char *name = latencies_name(&run.trials.configurations[0]),
         *path = format_string("latency/%s", name);
    assert_string_equal(name, "racing_2_2_16_-_1.hgrm");
    write_in_run(path, merged);
    assert_true(latencies_read(&run, &run.trials.configurations[0], &latencies, &why));
    char *text = written_latencies(&latencies);
    assert_string_equal(text, merged);
    free(text);
    free(name);
    free(path);
    latencies_free(&latencies);
    run_free(&run);
}

/* Buckets that no figure could show go; counts up to those that stay are exact. */
TEST(near_buckets_are_left_out)
{
    struct text text = {NULL, 0, 0};
    struct run run = read_run();
    struct latencies latencies;
    struct complaint why = {""};
    text_add_string(&text, HEADING);
    for (unsigned i = 1; i <= 10000; i++)
        text_add(&text, "%u.000 %.6f %u 0\n", 10000 + i, i / 10000.0, i);
    make_folder_in_run("hist");
    write_in_run("hist/2.hgrm", text_of(&text));
    write_in_run("hist/4.hgrm", text_of(&text));
    assert_true(latencies_read(&run, &run.trials.configurations[0], &latencies, &why));
    assert_true(latencies.count > 400 && latencies.count < 1200);
    for (unsigned i = 0; i < latencies.count; i++)
        assert_int_equal(latencies.buckets[i].count, 2 * (latencies.buckets[i].value - 10000));
    assert_int_equal(latencies.buckets[latencies.count - 1].count, 20000);
    text_free(&text);
    latencies_free(&latencies);
    run_free(&run);
}

static const struct damaged {
    const char *name, *file, *text; /* NULL: there is no file */
    const char *complaint;
} damaged[] = {
    {"missing", "hist/4.hgrm", NULL,
     "hist/4.hgrm is missing: restore it, or remove the row of trial 4"},
    {"empty", "hist/4.hgrm", "",
     "hist/4.hgrm is missing: restore it, or remove the row of trial 4"},
    {"no histogram", "hist/4.hgrm", "<html>\n",
     "hist/4.hgrm is not a histogram: line 1 is not a value, a percentile and an increasing count"},
    {"a count that falls", "hist/4.hgrm", HEADING "1.0 0 5 1\n2.0 0 4 1\n",
     "hist/4.hgrm is not a histogram: line 4 is not a value, a percentile and an increasing count"},
    {"half a line", "hist/4.hgrm", HEADING "1.0 0",
     "hist/4.hgrm is not a histogram: line 3 is not a value, a percentile and an increasing count"},
    {"merged: missing", "latency/racing_2_2_16_-_1.hgrm", NULL,
     "latency/racing_2_2_16_-_1.hgrm is missing (latencies of 2 trials)"},
    {"merged: of other trials", "latency/racing_2_2_16_-_1.hgrm",
     HEADING "1.0 1 5 inf\n#[Max = 1.0, Total count = 5]\n#[Trials = 3]\n",
     "latency/racing_2_2_16_-_1.hgrm: line 5: merged from 3 trials, but trials.csv has 2 valid "
     "samples"},
    {"merged: counts that do not end where they should", "latency/racing_2_2_16_-_1.hgrm",
     HEADING "1.0 1 5 inf\n#[Max = 1.0, Total count = 6]\n#[Trials = 2]\n",
     "latency/racing_2_2_16_-_1.hgrm: line 4: the counts end at 5, not at 6"},
    {"merged: cut", "latency/racing_2_2_16_-_1.hgrm", HEADING "1.0 1 5 inf\n",
     "latency/racing_2_2_16_-_1.hgrm: line 3: the file ends without its number of samples and of "
     "trials"},
    {"merged: not in order", "latency/racing_2_2_16_-_1.hgrm", HEADING "2.0 0 5 2\n1.0 1 6 inf\n",
     "latency/racing_2_2_16_-_1.hgrm: line 4: not value, percentile and count, in ascending order"},
    {"merged: lines behind the end", "latency/racing_2_2_16_-_1.hgrm",
     HEADING "1.0 0 5 2\n#[Max = 1.0, Total count = 5]\n#[Trials = 2]\n2.0 1 6 inf\n",
     "latency/racing_2_2_16_-_1.hgrm: line 6: a line after the number of samples"},
};

TEST(damaged_histograms_are_refused)
{
    const struct damaged *row = *state;
    struct run run = read_run();
    struct latencies latencies;
    struct complaint why = {""};
    char *folder = copy_bytes(row->file, strcspn(row->file, "/"));
    make_folder_in_run(folder);
    if (strcmp(folder, "hist") == 0)
        write_in_run("hist/2.hgrm", HEADING "1.0 1.0 1 inf\n");
    if (row->text)
        write_in_run(row->file, row->text);
    assert_false(latencies_read(&run, &run.trials.configurations[0], &latencies, &why));
    assert_string_equal(why.text, row->complaint);
    free(folder);
    run_free(&run);
}

/* ---- shares ---- */

#define WORKERS "trial,role,accepts\n"

static char *written_shares(const struct run *run)
{
    struct shares shares;
    struct complaint why = {""};
    struct text text = {NULL, 0, 0};
    if (!shares_read(run, &shares, &why))
        return copy_string(why.text);
    if (shares.all[0].damage)
        text_add_string(&text, shares.all[0].damage);
    else
        shares_write(run, &shares, &text);
    shares_free(&shares);
    return text.text;
}

#define SHARES_HEADER                                                                             \
    "strategy,workers,cpus,connections,rate_offered,requests_per_connection,trials,idle_workers," \
    "shares\n"

static const struct sharing {
    const char *name, *file, *text, *written; /* or why not */
} sharing[] = {
    {"means over the trials, the busiest first", "workers.csv",
     WORKERS "2,worker,10\n2,worker,30\n3,worker,99\n4,worker,40\n4,worker,0\n",
     SHARES_HEADER "racing,2,2,16,,1,2,0.5,87.500000 12.500000\n"},
    {"acceptors and threads are no workers", "workers.csv",
     WORKERS "2,acceptor,40\n2,worker,1\n2,thread,7\n4,worker,1\n",
     SHARES_HEADER "racing,2,2,16,,1,2,0,100.000000\n"},
    {"a trial in which nobody took a connection does not count", "workers.csv",
     WORKERS "2,worker,0\n2,worker,0\n4,worker,3\n4,worker,1\n",
     SHARES_HEADER "racing,2,2,16,,1,2,0,75.000000 25.000000\n"},
    {"nobody took one", "workers.csv", WORKERS "2,worker,0\n4,worker,0\n",
     SHARES_HEADER "racing,2,2,16,,1,2,,\n"},
    {"merged already", "shares.csv", SHARES_HEADER "racing,2,2,16,,1,2,0.5,87.500000 12.500000\n",
     SHARES_HEADER "racing,2,2,16,,1,2,0.5,87.500000 12.500000\n"},
    {"no number", "workers.csv", WORKERS "2,worker,-1\n",
     "workers.csv: line 2: '-1' is not a number of accepts"},
    {"a column is missing", "workers.csv", "trial,role\n2,worker\n",
     "workers.csv: missing column trial, role or accepts"},
    {"half a line", "workers.csv", WORKERS "2,worker,1\n2,wor",
     "workers.csv: line 3: 2 fields, the header has 3"},
    {"less than a trial", "workers.csv", WORKERS "2,worker,1\n2",
     "workers.csv: line 3: 1 fields, the header has 3"},
    {"not a trial", "workers.csv", WORKERS "x,worker,1\n",
     "workers.csv: line 2: 'x' is not a trial"},
    {"merged: other columns", "shares.csv", "a,b\n1,2\n",
     "shares.csv: line 1: expected the columns strategy,workers,cpus,connections,rate_offered,"
     "requests_per_connection,trials,idle_workers,shares"},
    {"merged: no line", "shares.csv", SHARES_HEADER, "shares.csv: no line for racing|2|2|16|-|1"},
    {"merged: two lines", "shares.csv",
     SHARES_HEADER "racing,2,2,16,,1,2,0,100\nracing,2,2,16,,1,2,0,100\n",
     "shares.csv: line 3: duplicate line of a configuration"},
    {"merged: of other trials", "shares.csv", SHARES_HEADER "racing,2,2,16,,1,3,0,100\n",
     "shares.csv: line 2: merged from 3 trials, but trials.csv has 2 valid samples"},
    {"merged: not all", "shares.csv", SHARES_HEADER "racing,2,2,16,,1,2,0,60 30\n",
     "shares.csv: line 2: the shares add up to 90 %, not to 100"},
    {"merged: the busiest is not first", "shares.csv", SHARES_HEADER "racing,2,2,16,,1,2,0,40 60\n",
     "shares.csv: line 2: '60' is not a share, or larger than the previous one"},
};

TEST(shares_of_workers)
{
    const struct sharing *row = *state;
    struct run run = read_run();
    assert_false(has_shares(&run));
    write_in_run(row->file, row->text);
    assert_true(has_shares(&run));
    char *text = written_shares(&run);
    assert_string_equal(text, row->written);
    free(text);
    run_free(&run);
}

/* ---- damaged lines ---- */

#define TWO_TRIALS                                                                                 \
    "trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,verdict\n" \
    "2,1,racing,2,2,16,,1,ok\n3,1,racing,8,2,16,,1,ok\n4,1,mutex,8,2,16,,1,noisy\n"

static const struct lines {
    const char *name, *file, *text, *few, *many; /* why 2 and 8 workers' shares are not known */
} lines[] = {
    {"nothing", "workers.csv", WORKERS "2,worker,1\n3,worker,1\n", NULL, NULL},
    {"no number", "workers.csv", WORKERS "2,worker,1\n2,worker,x\n2,worker,y\n3,worker,1\n",
     "workers.csv: line 3: 'x' is not a number of accepts", NULL},
    {"half a line", "workers.csv", WORKERS "2,worker,1\n3,wor", NULL,
     "workers.csv: line 3: 2 fields, the header has 3"},
    {"one field too many", "workers.csv", WORKERS "2,worker,1,1\n3,worker,1\n",
     "workers.csv: line 2: 4 fields, the header has 3", NULL},
    {"of a trial that is not valid", "workers.csv", WORKERS "2,worker,1\n4,worker,x\n4,wor\n", NULL,
     NULL},
    {"merged: not a shares", "shares.csv",
     SHARES_HEADER "racing,2,2,16,,1,1,0,x\nracing,8,2,16,,1,1,0,100\n",
     "shares.csv: line 2: 'x' is not a share, or larger than the previous one", NULL},
    {"merged: half a line", "shares.csv",
     SHARES_HEADER "racing,2,2,16,,1,1,0,100\nracing,8,2,16,,1,1\n", NULL,
     "shares.csv: line 3: 7 fields, the header has 9"},
    {"merged: less than that", "shares.csv",
     SHARES_HEADER "racing,2,2,16,,1,1,0,100\nracing,8,2,1\n", NULL,
     "shares.csv: line 3: 4 fields, the header has 9"},
    {"merged: no line", "shares.csv", SHARES_HEADER "racing,8,2,16,,1,1,0,100\n",
     "shares.csv: no line for racing|2|2|16|-|1", NULL},
    {"merged: of a configuration without valid samples", "shares.csv",
     SHARES_HEADER "mutex,8,2,16,,1,x\nracing,2,2,16,,1,1,0,100\nracing,8,2,16,,1,1,0,100\n", NULL,
     NULL},
};

static void assert_damage(const struct run *run, const struct shares *shares, double workers,
                          const char *damage)
{
    for (unsigned i = 0; i < shares->count; i++) {
        const struct configuration *c = &run->trials.configurations[i];
        const char *found = shares->all[i].damage;
        if (strcmp(c->server, "racing") == 0 && c->workers == workers && damage)
            assert_string_equal(found ? found : "nothing", damage);
        else if (strcmp(c->server, "racing") != 0 || c->workers == workers)
            assert_null(found);
    }
}

TEST(damaged_lines_concern_their_configuration)
{
    const struct lines *row = *state;
    struct run run;
    struct shares shares;
    struct complaint why = {""};
    write_in_run("trials.csv", TWO_TRIALS);
    write_in_run(row->file, row->text);
    run_read(&run, run_directory);
    assert_true(shares_read(&run, &shares, &why));
    assert_damage(&run, &shares, 2, row->few);
    assert_damage(&run, &shares, 8, row->many);
    shares_free(&shares);
    run_free(&run);
}

/* ---- means ---- */

static const struct averaged {
    const char *name, *text, *written; /* or why not */
} averaged[] = {
    {"lines that differ by trial and figures",
     "cpus,trial,function,us_per_req\n2,3,f,1\n4,3,f,5\n2,7,f,2\n2,7,g,0.123456\n",
     "cpus,trial,function,us_per_req\n2,3,f,1.5\n4,3,f,5\n2,7,g,0.1235\n"},
    {"a field that has a comma",
     "function,trial,share\n\"f(int, long)\",1,1\n\"f(int, long)\",2,2\n",
     "function,trial,share\n\"f(int, long)\",1,1.5\n"},
    {"only a header", "function,trial,share\n", "function,trial,share\n"},
    {"nothing", "", ""},
    {"no number", "function,share\nf,x\n", "x: line 2: 'x' is not a share"},
    {"half a line", "function,trial,share\nf,1,1\nf,2", "x: line 3: 2 fields, the header has 3"},
};

TEST(means_of_lines)
{
    const struct averaged *row = *state;
    struct csv csv;
    struct text text = {NULL, 0, 0};
    struct complaint why = {""};
    csv_open_text(&csv, "x", copy_string(row->text), ',');
    bool written = means_write(&csv, &text, &why);
    assert_string_equal(written ? text_of(&text) : why.text, row->written);
    csv_close(&csv);
    text_free(&text);
}

int main(void)
{
    ADD(histograms_of_valid_trials_are_added_up);
    ADD(what_was_merged_is_read_as_it_was_written);
    ADD(near_buckets_are_left_out);
    ADD_ROWS(damaged_histograms_are_refused, damaged);
    ADD_ROWS(shares_of_workers, sharing);
    ADD_ROWS(damaged_lines_concern_their_configuration, lines);
    ADD_ROWS(means_of_lines, averaged);
    return run_added(make_run_directory, remove_run_directory);
}
