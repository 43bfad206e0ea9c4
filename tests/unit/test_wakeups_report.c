/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/wakeups/report.h"

#include "harness/lib/record.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { SUPERVISOR, FIRST, SECOND, CHILD, OTHER_CHILD, WORKERS };

/* Of three seconds: a supervisor, two workers of which one has ended, and two children that began and ended meanwhile. */
static const struct worker served[WORKERS] = {
    [SUPERVISOR] = {.pid = 100,
                    .parent = 1,
                    .name = "racing",
                    .threads = 1,
                    .lived = 1,
                    .sums = {.counts = {[COUNT_WAKEUPS] = 4, [COUNT_USEFUL] = 4}}},
    [FIRST] = {.pid = 101,
               .parent = 100,
               .name = "racing",
               .threads = 1,
               .lived = 1,
               .sums = {.counts = {[COUNT_WAKEUPS] = 60,
                                   [COUNT_USEFUL] = 33,
                                   [COUNT_SPURIOUS] = 5,
                                   [COUNT_ABSORBED] = 22,
                                   [COUNT_TIMEOUTS] = 2,
                                   [COUNT_ACCEPTS] = 30,
                                   [COUNT_EAGAIN] = 3,
                                   [COUNT_PREEMPTIONS] = 7,
                                   [COUNT_MIGRATIONS] = 1,
                                   [COUNT_CROSS_CPU] = 50,
                                   [COUNT_MISSED] = 1},
                        .for_connection = 55,
                        .first = 40,
                        .asleep_ns = 2500000000}},
    [SECOND] = {.pid = 102,
                .parent = 100,
                .name = "a,b",
                .sums = {.counts = {[COUNT_WAKEUPS] = 30,
                                    [COUNT_USEFUL] = 8,
                                    [COUNT_ABSORBED] = 22,
                                    [COUNT_ACCEPTS] = 8,
                                    [COUNT_PREEMPTIONS] = 2},
                         .for_connection = 30,
                         .first = 2,
                         .asleep_ns = 500000000}},
    [CHILD] = {.pid = 103,
               .parent = 100,
               .name = "racing",
               .began = true,
               .sums = {.counts = {[COUNT_WAKEUPS] = 2, [COUNT_USEFUL] = 2, [COUNT_ACCEPTS] = 1}}},
    [OTHER_CHILD] = {.pid = 104,
                     .parent = 100,
                     .name = "racing",
                     .began = true,
                     .sums = {.counts = {[COUNT_WAKEUPS] = 4,
                                         [COUNT_USEFUL] = 3,
                                         [COUNT_ABSORBED] = 1,
                                         [COUNT_ACCEPTS] = 1},
                              .first = 1}},
};

static struct worker all[WORKERS];
static struct workers workers;
static struct report report;

/* FIRST waited up to 1023 ns for its CPU 99 times, and once up to 8191 ns. */
static int count_wakeups(void **state)
{
    (void)state;
    memcpy(all, served, sizeof all);
    all[FIRST].sums.delays[loglinear_index(1000, DELAY_BITS)] = 99;
    all[FIRST].sums.delays[loglinear_index(8000, DELAY_BITS)] = 1;
    workers = (struct workers){.all = all, .count = WORKERS, .room = WORKERS};
    report = (struct report){.workers = &workers,
                             .by_counter = true,
                             .seconds = 3,
                             .since_before = 1,
                             .connections = 40,
                             .connections_seen = 40,
                             .losses = {.tasks = 11, .events = 12, .runs = 13}};
    return 0;
}

typedef void writer(const struct report *, FILE *);

static void write_live(const struct report *r, FILE *file)
{
    report_live(r, file, 24);
}

static void write_sentence(const struct report *r, FILE *file)
{
    char text[1024];
    report_sentence(r, text, sizeof text);
    fputs(text, file);
}

static char *text_of(writer *write)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    write(&report, file);
    fclose(file);
    return text;
}

static void assert_written(writer *write, const char *expected)
{
    char *text = text_of(write);
    assert_string_equal(text, expected);
    free(text);
}

static unsigned lines_of(const char *text)
{
    unsigned lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* ---- CSV ---- */

#define CSV_HEADER                                                                   \
    "pid,name,processes,wakeups,useful,spurious,absorbed,timeouts,wakeups_per_conn," \
    "accepts,share,eagain,for_connection,woken_first,preemptions,migrations,"        \
    "cross_cpu_wakeups,runq_p50_us,runq_p99_us,asleep_s,threads,tid\n"

/* The first columns: no more than the delays, which are 0.0 or empty where there are none, is left
 * out. */
static void assert_csv_row(const char *csv, unsigned number, const char *begins)
{
    for (; number > 0; number--)
        csv = strchr(csv, '\n') + 1;
    if (strncmp(csv, begins, strlen(begins)) != 0)
        fail_msg("'%.*s' does not begin with '%s'", (int)strcspn(csv, "\n"), csv, begins);
}

/* Shares are of 40 accepts; 2.500 wakeups per connection are 100 of 40. */
TEST(csv_has_a_row_per_process_and_one_for_all)
{
    char *csv = text_of(report_csv);
    assert_csv_row(csv, 0, CSV_HEADER);
    assert_csv_row(csv, 1, "100,racing,1,4,4,0,0,0,0.100,0,0.0000,0,0,0,0,0,0,");
    assert_csv_row(csv, 2,
                   "101,racing,1,60,33,5,22,2,1.500,30,0.7500,3,55,40,7,1,50,1.0,1.0,2.500,1,\n");
    assert_csv_row(csv, 3, "102,\"a,b\",1,30,8,0,22,0,0.750,8,0.2000,0,30,2,2,0,0,");
    assert_csv_row(csv, 4, ",ended,2,6,5,0,1,0,0.150,2,0.0500,0,0,1,0,0,0,");
    assert_csv_row(csv, 5,
                   ",all,5,100,50,5,45,2,2.500,40,1.0000,3,85,43,9,1,50,1.0,1.0,3.000,2,\n");
    assert_int_equal(lines_of(csv), 6);
    free(csv);
}

TEST(csv_by_context_switches_leaves_empty_what_is_not_known)
{
    report.by_counter = false;
    assert_written(report_csv, CSV_HEADER "100,racing,1,4,,,,,0.100,,,,,,0,,,,,,1,\n"
                                          "101,racing,1,60,,,,,1.500,,,,,,7,,,,,,1,\n"
                                          "102,\"a,b\",1,30,,,,,0.750,,,,,,2,,,,,,0,\n"
                                          ",ended,2,6,,,,,0.150,,,,,,0,,,,,,0,\n"
                                          ",all,5,100,,,,,2.500,,,,,,9,,,,,,2,\n");
}

TEST(csv_without_ended_children_has_no_row_for_them)
{
    workers.count = CHILD;
    char *csv = text_of(report_csv);
    assert_null(strstr(csv, ",ended,"));
    assert_csv_row(csv, 4, ",all,3,94,45,5,44,2,2.350,38,1.0000,");
    assert_int_equal(lines_of(csv), 5);
    free(csv);
}

TEST(csv_of_a_child_that_lives_is_its_own_row)
{
    all[CHILD].threads = 1;
    char *csv = text_of(report_csv);
    assert_csv_row(csv, 4, "103,racing,1,2,2,");
    assert_csv_row(csv, 5, ",ended,1,4,3,");
    assert_int_equal(lines_of(csv), 7);
    free(csv);
}

TEST(csv_without_connections_has_no_wakeups_per_connection)
{
    report.connections = NOT_COUNTED;
    char *csv = text_of(report_csv);
    assert_csv_row(csv, 2, "101,racing,1,60,33,5,22,2,,30,");
    free(csv);
    report.connections = 0;
    csv = text_of(report_csv);
    assert_csv_row(csv, 2, "101,racing,1,60,33,5,22,2,,30,");
    free(csv);
}

TEST(csv_without_accepts_has_no_shares)
{
    for (unsigned i = 0; i < WORKERS; i++)
        all[i].sums.counts[COUNT_ACCEPTS] = 0;
    char *csv = text_of(report_csv);
    assert_csv_row(csv, 2, "101,racing,1,60,33,5,22,2,1.500,0,,3,");
    free(csv);
}

/* SECOND was never seen to wait for a CPU: that is not measured, which is not 0. */
TEST(csv_without_delays_has_no_percentiles)
{
    char *csv = text_of(report_csv);
    assert_csv_row(csv, 3, "102,\"a,b\",1,30,8,0,22,0,0.750,8,0.2000,0,30,2,2,0,0,,,0.500,0,\n");
    free(csv);
}

static struct worker threads[] = {
    {.pid = 101,
     .tid = 101,
     .name = "main",
     .threads = 1,
     .sums = {.counts = {[COUNT_WAKEUPS] = 90, [COUNT_ACCEPTS] = 10}}},
    {.pid = 101,
     .tid = 105,
     .name = "helper",
     .threads = 1,
     .sums = {.counts = {[COUNT_WAKEUPS] = 6, [COUNT_ACCEPTS] = 30}}},
    {.pid = 101,
     .tid = 106,
     .name = "helper",
     .began = true,
     .sums = {.counts = {[COUNT_WAKEUPS] = 4}}},
};
static const struct workers apart = {.all = threads, .count = COUNT(threads)};

TEST(csv_with_a_row_per_thread)
{
    report.apart = &apart;
    char *csv = text_of(report_csv);
    assert_csv_row(csv, 1, "101,main,,90,0,0,0,0,2.250,10,0.2500,");
    assert_csv_row(csv, 2, "101,helper,,6,0,0,0,0,0.150,30,0.7500,");
    assert_csv_row(csv, 3, ",ended,,4,");
    assert_csv_row(csv, 4, ",all,,100,");
    assert_int_equal(lines_of(csv), 5);
    assert_non_null(strstr(csv, ",1,105\n"));
    free(csv);
}

/* ---- JSON ---- */

/* The result of a jq expression about the report. */
static bool holds(const char *expression)
{
    char command[256];
    char *json = text_of(report_json);
    snprintf(command, sizeof command, "jq -e '%s' >/dev/null 2>&1", expression);
    FILE *jq = popen(command, "w");
    assert_non_null(jq);
    fputs(json, jq);
    free(json);
    return pclose(jq) == 0;
}

static const char *const known[] = {
    "keys == [\"summary\", \"workers\"]",
    ".summary.instrument == \"bpf\"",
    ".summary.seconds == 3",
    ".summary.connections == 40",
    ".summary.wakeups_per_conn == 2.5",
    ".summary | .lost_tasks == 11 and .lost_events == 12 and .lost_runs == 13",
    ".summary.missed_wakeups == 1",
    ".summary.sentence | startswith(\"2.5 wakeups per accepted connection\")",
    ".summary | .processes == 5 and .threads == 2 and .workers == 1",
    ".summary | .wakeups == 100 and .useful == 50 and .spurious == 5 and .absorbed == 45",
    ".summary | .timeouts == 2 and .accepts == 40 and .eagain == 3 and .for_connection == 85",
    ".summary | .preemptions == 9 and .runq_p50_us == 1.0 and .asleep_s == 3",
    ".summary.woken_per_conn == 2.125",
    ".workers | length == 4",
    ".workers | map(.name) == [\"racing\", \"racing\", \"a,b\", \"ended\"]",
    ".workers | map(.pid) == [100, 101, 102, null]",
    ".workers[1] | .wakeups == 60 and .useful == 33 and .timeouts == 2 and .share == 0.75",
    ".workers[1] | .runq_p50_us == 1.0 and .runq_p99_us == 1.0 and .asleep_s == 2.5",
    ".workers[3] | .processes == 2 and .wakeups == 6 and .absorbed == 1",
    ".summary.wakeups == (.workers | map(.wakeups) | add)",
    ".summary.woken_first == 43 and (.workers | map(.woken_first) | add) == 43",
    ".summary.processes == (.workers | map(.processes) | add)",
    ".summary.threads == (.workers | map(.threads) | add)",
    ".workers | map(.share) | add | . > 0.999 and . < 1.001",
};

TEST(json_by_counter)
{
    const char *const *expression = *state;
    assert_true(holds(*expression));
}

static const char *const not_known[] = {
    ".summary.instrument == \"ctxsw\"",
    ".summary.missed_wakeups == null",
    ".summary | .wakeups == 100 and .preemptions == 9",
    ".summary | .useful == null and .for_connection == null and .woken_per_conn == null",
    ".workers | map(.wakeups) == [4, 60, 30, 6]",
    ".workers | map(.preemptions) == [0, 7, 2, 0]",
    "[.workers[] | .useful, .spurious, .absorbed, .timeouts] | unique == [null]",
    "[.workers[] | .accepts, .share, .eagain, .for_connection, .woken_first] | unique == [null]",
    "[.workers[] | .migrations, .cross_cpu_wakeups, .asleep_s] | unique == [null]",
    "[.workers[] | .runq_p50_us, .runq_p99_us] | unique == [null]",
};

TEST(json_by_context_switches)
{
    const char *const *expression = *state;
    report.by_counter = false;
    assert_true(holds(*expression));
}

TEST(json_without_connections)
{
    report.connections = NOT_COUNTED;
    assert_true(holds(".summary | .connections == null and .wakeups_per_conn == null"));
}

TEST(json_with_a_row_per_thread)
{
    report.apart = &apart;
    assert_true(
        holds(".workers | map(.tid) == [101, 105, null] and map(.pid) == [101, 101, null]"));
    assert_true(
        holds(".summary.wakeups == (.workers | map(.wakeups) | add) and .summary.processes == 5"));
}

TEST(json_of_an_odd_name)
{
    strcpy(all[FIRST].name, "a\"b\\c\n\x1b");
    assert_true(holds(".workers[1].name == \"a\\\"b\\\\c\\n\\u001b\""));
}

/* A row of CSV and an object of JSON have the same columns. */
TEST(json_has_the_columns_of_csv)
{
    char name[64];
    char *header = exact_copy(CSV_HEADER, sizeof CSV_HEADER), *next = header;
    char *text = text_of(report_json), *at = text;
    for (const char *column; (column = strsep(&next, ",\n")) && next;) {
        snprintf(name, sizeof name, "\n  \"%s\": ", column);
        at = strstr(at, name);
        assert_non_null(at);
    }
    free(header);
    free(text);
}

/* ---- the tables ---- */

static void assert_said(writer *write, const char *part)
{
    char *text = text_of(write);
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
    free(text);
}

static const char *const table_parts[] = {
    "  worker  name               wakeups     useful   spurious   absorbed per conn   accepts",
    " share % woken 1st  runq p50  runq p99",
    "     100  racing                   4          4          0          0    0.100         0",
    "     101  racing                  60         33          5         22    1.500        30"
    "    75.0        40       1.0       1.0",
    "     102* a,b                     30          8          0         22    0.750         8",
    "     (2)* ended                    6          5          0          1    0.150         2",
    "     (5)  all                    100         50          5         45    2.500        40"
    "   100.0        43       1.0       1.0",
    "3.0 s, ",
    "; 9 preemptions, 1 migrations, 50 wakeups by another CPU\n",
};

TEST(table_by_counter)
{
    const char *const *part = *state;
    assert_said(report_table, *part);
}

TEST(table_by_context_switches)
{
    report.by_counter = false;
    assert_said(report_table,
                "     101  racing                  60          -          -          -    1.500"
                "         -       -         -         -         -\n");
    assert_said(report_table, "; 9 preemptions\n");
}

TEST(tables_of_threads_have_their_numbers)
{
    report.apart = &apart;
    assert_said(report_table, "     105  helper                   6 ");
    assert_said(write_live, "     105  helper ");
}

TEST(live_table_shows_rates_of_the_last_interval)
{
    report.since_before = 0.5;
    all[FIRST].before = all[FIRST].sums;
    all[FIRST].before.counts[COUNT_WAKEUPS] -= 20;
    all[FIRST].before.counts[COUNT_USEFUL] -= 5;
    assert_said(write_live,
                "     101  racing                  40         10          0          0");
    assert_said(write_live, "3 s by bpf;");
}

TEST(live_table_leaves_out_who_has_ended)
{
    char *text = text_of(write_live);
    assert_null(strstr(text, "102"));
    assert_null(strstr(text, "ended "));
    assert_int_equal(lines_of(text), 5);
    free(text);
}

/* The header, one process, the sum, and the rest as a number. */
static void write_small(const struct report *r, FILE *file)
{
    report_live(r, file, 7);
}

TEST(live_table_fits_the_terminal)
{
    char *text = text_of(write_small);
    assert_non_null(strstr(text, "\nand 1 more\n"));
    assert_null(strstr(text, " 101 "));
    assert_int_equal(lines_of(text), 5);
    free(text);
}

/* ---- the sentence ---- */

#define ADVICE " One is enough: "

/* What all together did, over two workers and their supervisor. */
struct said {
    const char *name;
    uint64_t connections, wakeups, useful, absorbed, spurious, timeouts, for_connection, seen,
        first;
    const char *begins;
};

#define OVER_2  " wakeups per accepted connection over 2 workers"
#define NO_HERD ": no herd. "

static const struct said sentences[] = {
    {"a herd, absorbed", 100, 200, 100, 100, 0, 0, 200, 100, 0,
     "2.0" OVER_2 ": a herd. A new connection woke 2.0 of them. 50 % of all were absorbed: they "
     "found nothing "
     "and did not return to user space." ADVICE},
    {"a herd, spurious", 100, 200, 100, 0, 100, 0, 200, 100, 0,
     "2.0" OVER_2 ": a herd. A new connection woke 2.0 of them. 50 % of all were spurious: they "
     "returned to user "
     "space and found nothing." ADVICE},
    {"less is a small one", 100, 199, 100, 99, 0, 0, 199, 100, 0,
     "2.0" OVER_2 ": a small herd. A new connection woke 2.0"},
    {"one and a half is a small one", 100, 150, 100, 50, 0, 0, 150, 100, 0,
     "1.5" OVER_2 ": a small herd."},
    {"less is none", 100, 149, 100, 49, 0, 0, 149, 100, 0,
     "1.5" OVER_2 NO_HERD "67 % found something to do."},
    {"what connections did not cause is none", 100, 400, 100, 150, 150, 0, 100, 100, 100,
     "4.0" OVER_2 NO_HERD
     "25 % found something to do. 3.0 per connection found nothing; these were "
     "not caused by new connections."},
    {"nor where one of two was in vain", 1000, 1800, 900, 880, 20, 0, 950, 1000, 0,
     "1.8" OVER_2 NO_HERD},
    {"nor where all workers were awake", 100, 30, 20, 10, 0, 0, 0, 100, 0, "0.3" OVER_2 NO_HERD},
    {"most workers were awake", 1000, 400, 250, 150, 0, 0, 300, 1000, 100,
     "0.4" OVER_2 NO_HERD "62 % found something to do. Connections that found workers asleep woke "
     "3.0 of them, a herd at "
     "lower rates."},
    {"requests on few connections are none", 20, 4000, 4000, 0, 0, 0, 20, 20, 0,
     "200.0" OVER_2 NO_HERD "100 %"},
    {"useful wakeups are a herd too", 100, 200, 200, 0, 0, 0, 200, 100, 0,
     "2.0" OVER_2 ": a herd."},
    {"half absorbed, half spurious", 100, 300, 100, 100, 100, 0, 200, 100, 0,
     "3.0" OVER_2 ": a herd. A new connection woke 2.0 of them. 33 % of all were absorbed"},
    {"time-outs are no herd", 100, 400, 100, 0, 300, 300, 100, 100, 0,
     "4.0" OVER_2 NO_HERD "25 % found something"},
    {"time-outs did not find nothing", 100, 400, 100, 0, 300, 150, 200, 100, 0,
     "4.0" OVER_2 ": a herd. A new connection woke 2.0 of them. 38 % of all were spurious"},
    {"others share the listener", 20, 160, 20, 140, 0, 0, 160, 160, 0,
     "8.0" OVER_2 ": a herd. New connections woke them 8.0 times per accepted connection: other "
     "processes accept "
     "from the same listener. 88 %"},
    {"others share it, and one is woken", 20, 20, 20, 0, 0, 0, 20, 160, 0, "1.0" OVER_2 NO_HERD},
    {"half of the listeners are watched", 200, 300, 200, 100, 0, 0, 200, 100, 0,
     "1.5" OVER_2 ": a herd. A new connection woke 2.0"},
    {"none is watched, much in vain", 100, 400, 100, 300, 0, 0, 0, 0, 0,
     "4.0" OVER_2
     ", 3.0 of them found nothing. Wakeups caused by new connections are known for TCP only. "
     "75 % of all were absorbed"},
    {"none is watched, little in vain", 100, 149, 100, 49, 0, 0, 0, 0, 0,
     "1.5" OVER_2 NO_HERD "67 %"},
    {"nobody slept", 100, 0, 0, 0, 0, 0, 0, 100, 0,
     "0.0" OVER_2 ": no herd, no worker had to be woken."},
    {"few connections", 19, 38, 19, 19, 0, 0, 38, 19, 0,
     "Only 19 connections: 2.0" OVER_2 ": a herd."},
    {"enough connections", 20, 40, 20, 20, 0, 0, 40, 20, 0, "2.0" OVER_2 ": a herd."},
    {"no connection", 0, 7, 0, 7, 0, 0, 0, 0, 0,
     "7 wakeups of 2 workers, and no connection was accepted: no statement about a herd."},
    {"connections are not known", NOT_COUNTED, 7, 0, 7, 0, 0, 0, 0, 0,
     "7 wakeups of 2 workers, and the number of connections is unknown."},
};

static void count_for(const struct said *row)
{
    workers.count = CHILD;
    report.connections = row->connections;
    report.connections_seen = row->seen;
    for (unsigned i = 0; i < WORKERS; i++)
        memset(&all[i].sums, 0, sizeof all[i].sums);
    all[SECOND].threads = all[SECOND].lived = 1;
    struct sums *sums = &all[FIRST].sums;
    sums->counts[COUNT_WAKEUPS] = row->wakeups;
    sums->counts[COUNT_USEFUL] = row->useful;
    sums->counts[COUNT_ABSORBED] = row->absorbed;
    sums->counts[COUNT_SPURIOUS] = row->spurious;
    sums->counts[COUNT_TIMEOUTS] = row->timeouts;
    sums->for_connection = row->for_connection;
    sums->first = row->first;
}

static void assert_begins(const char *begins)
{
    char *text = text_of(write_sentence);
    if (strncmp(text, begins, strlen(begins)) != 0)
        fail_msg("'%s' does not begin with '%s'", text, begins);
    free(text);
}

TEST(sentence)
{
    const struct said *row = *state;
    count_for(row);
    assert_begins(row->begins);
}

TEST(advice_is_given_to_a_herd_only)
{
    const struct said *row = *state;
    count_for(row);
    char *text = text_of(write_sentence);
    assert_int_equal(strstr(text, ADVICE) != NULL, strstr(text, ": a ") != NULL);
    free(text);
}

TEST(sentence_by_context_switches)
{
    report.by_counter = false;
    report.connections_of = "accepted (by any server here)";
    assert_written(write_sentence,
                   "2.5 wakeups per accepted (by any server here) connection over 1 worker, by "
                   "context switches: this instrument cannot detect spurious wakeups.");
}

TEST(sentence_of_one_worker)
{
    workers.count = SECOND;
    assert_begins("1.6 wakeups per accepted connection over 1 worker: ");
}

TEST(parent_that_accepts_is_a_worker)
{
    all[SUPERVISOR].sums.counts[COUNT_ACCEPTS] = 1;
    assert_begins("2.5 wakeups per accepted connection over 2 workers: ");
}

TEST(parent_of_nobody_is_a_worker)
{
    for (unsigned i = FIRST; i < WORKERS; i++)
        all[i].parent = 1;
    assert_begins("2.5 wakeups per accepted connection over 2 workers: ");
}

/* All ended between two readings: those of the first. */
TEST(workers_that_have_all_ended_are_those_of_before)
{
    all[FIRST].threads = all[SUPERVISOR].threads = 0;
    all[SECOND].lived = 1;
    assert_begins("2.5 wakeups per accepted connection over 2 workers: ");
}

TEST(what_connections_woke_in_vain_is_not_said_to_have_another_cause)
{
    count_for(&(struct said){"", 100, 200, 110, 90, 0, 0, 140, 100, 95, ""});
    assert_written(write_sentence, "2.0" OVER_2 NO_HERD "55 % found something to do.");
}

TEST(few_connections_that_found_workers_asleep_are_none)
{
    count_for(&(struct said){"", 1000, 400, 250, 150, 0, 0, 57, 1000, 19, ""});
    assert_written(write_sentence, "0.4" OVER_2 NO_HERD "62 % found something to do.");
}

TEST(threads_are_workers)
{
    all[FIRST].threads = all[FIRST].lived = 4;
    assert_begins("2.5 wakeups per accepted connection over 4 workers (threads of 1 process): ");
    all[SECOND].threads = all[SECOND].lived = 1;
    assert_begins("2.5 wakeups per accepted connection over 5 workers (threads of 2 processes): ");
}

TEST(threads_of_a_supervisor_are_none)
{
    all[SUPERVISOR].threads = all[SUPERVISOR].lived = 3;
    assert_begins("2.5 wakeups per accepted connection over 1 worker: ");
}

/* Not what the server does already. */
TEST(advice)
{
    static const struct {
        unsigned sharing;
        const char *says;
    } rows[] = {
        {0, "enough: EPOLLEXCLUSIVE (wakeone), blocking accept, or a listener for each worker "
            "(reuseport): docs/"},
        {SHARES_EXCLUSIVELY,
         "enough: blocking accept or a listener for each worker (reuseport): docs/"},
        {SHARES_NOTHING, "enough: EPOLLEXCLUSIVE (wakeone) or blocking accept: docs/"},
        {SHARES_NOTHING | SHARES_EXCLUSIVELY, "enough: blocking accept: docs/"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        count_for(&sentences[0]);
        report.sharing = rows[i].sharing;
        char *text = text_of(write_sentence);
        assert_non_null(strstr(text, rows[i].says));
        free(text);
    }
}

/* The parent of a thread that was begun is the process itself. */
TEST(parent_of_itself_is_a_worker)
{
    all[SECOND].lived = 1;
    for (unsigned i = FIRST; i < WORKERS; i++)
        all[i].sums.counts[COUNT_ACCEPTS] = 0;
    all[FIRST].parent = all[FIRST].pid;
    assert_begins("2.5 wakeups per accepted connection over 2 workers: ");
}

TEST(sentence_that_does_not_fit_is_cut_off)
{
    char text[2048];
    count_for(&sentences[0]);
    for (size_t size = 1; size <= 512; size++) {
        memset(text, 'x', sizeof text);
        report_sentence(&report, text, size);
        assert_true(strlen(text) < size);
        assert_int_equal(text[size], 'x');
    }
}

/* ---- nothing to divide by ---- */

struct little {
    const char *name;
    unsigned workers;
    uint64_t connections, wakeups;
    double seconds;
};

static const struct little littles[] = {
    {"nobody", 0, 0, 0, 3},
    {"nobody, connections not known", 0, NOT_COUNTED, 0, 3},
    {"nobody, but connections", 0, 5, 0, 3},
    {"no wakeup", 1, 0, 0, 3},
    {"no wakeup, but connections", 1, 40, 0, 3},
    {"no time", 1, 40, 40, 0},
    {"nothing", 1, 0, 0, 0},
};

static void make_little(const struct little *row)
{
    workers.count = row->workers;
    memset(all, 0, sizeof all);
    all[0] = (struct worker){.pid = 100, .name = "racing", .threads = 1};
    all[0].sums.counts[COUNT_WAKEUPS] = all[0].sums.counts[COUNT_USEFUL] = row->wakeups;
    report.connections = row->connections;
    report.seconds = report.since_before = row->seconds;
}

static void assert_only_numbers(const char *what, writer *write)
{
    char *text = text_of(write), *bad = strcasestr(text, "nan");
    if (!bad)
        bad = strcasestr(text, "inf");
    if (bad)
        fail_msg("%s says '%.20s'", what, bad);
    free(text);
}

static const struct {
    const char *name;
    writer *write;
} writers[] = {{"CSV", report_csv},
               {"JSON", report_json},
               {"the table", report_table},
               {"the live table", write_live},
               {"the sentence", write_sentence}};

TEST(no_number_is_nan)
{
    const struct little *row = *state;
    make_little(row);
    for (int by_counter = 0; by_counter <= 1; by_counter++)
        for (size_t i = 0; i < COUNT(writers); i++) {
            report.by_counter = by_counter;
            assert_only_numbers(writers[i].name, writers[i].write);
        }
}

TEST(json_of_little_is_json)
{
    const struct little *row = *state;
    make_little(row);
    assert_true(holds(".workers | type == \"array\""));
}

int main(void)
{
    ADD(csv_has_a_row_per_process_and_one_for_all);
    ADD(csv_by_context_switches_leaves_empty_what_is_not_known);
    ADD(csv_without_ended_children_has_no_row_for_them);
    ADD(csv_of_a_child_that_lives_is_its_own_row);
    ADD(csv_without_connections_has_no_wakeups_per_connection);
    ADD(csv_without_accepts_has_no_shares);
    ADD(csv_without_delays_has_no_percentiles);
    ADD(csv_with_a_row_per_thread);
    ADD_ROWS(json_by_counter, known);
    ADD(json_with_a_row_per_thread);
    ADD_ROWS(json_by_context_switches, not_known);
    ADD(json_without_connections);
    ADD(json_of_an_odd_name);
    ADD(json_has_the_columns_of_csv);
    ADD_ROWS(table_by_counter, table_parts);
    ADD(table_by_context_switches);
    ADD(tables_of_threads_have_their_numbers);
    ADD(live_table_shows_rates_of_the_last_interval);
    ADD(live_table_leaves_out_who_has_ended);
    ADD(live_table_fits_the_terminal);
    ADD_ROWS(sentence, sentences);
    ADD_ROWS(advice_is_given_to_a_herd_only, sentences);
    ADD(sentence_by_context_switches);
    ADD(sentence_of_one_worker);
    ADD(parent_that_accepts_is_a_worker);
    ADD(parent_of_nobody_is_a_worker);
    ADD(parent_of_itself_is_a_worker);
    ADD(workers_that_have_all_ended_are_those_of_before);
    ADD(what_connections_woke_in_vain_is_not_said_to_have_another_cause);
    ADD(few_connections_that_found_workers_asleep_are_none);
    ADD(threads_are_workers);
    ADD(threads_of_a_supervisor_are_none);
    ADD(advice);
    ADD(sentence_that_does_not_fit_is_cut_off);
    ADD_ROWS(no_number_is_nan, littles);
    ADD_ROWS(json_of_little_is_json, littles);
    return run_added(count_wakeups, NULL);
}
