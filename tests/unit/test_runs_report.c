/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports of simulated runs: as data, as JSON and in parts of the page. */

#include "harness/runs/report.h"

#include "run_directory.h"

#include <jansson.h>

#define HEADER                                                                                    \
    "trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,verdict," \
    "instrument,throughput_rps\n"
#define ROWS                                 \
    "1,0,racing,2,2,16,,1,warm-up,ctxt,1\n"  \
    "2,1,racing,2,2,16,,1,ok,ctxt,100\n"     \
    "3,1,wakeone,2,2,16,,1,ok,ctxt,200\n"    \
    "4,2,wakeone,2,2,16,,1,noisy,ctxt,400\n" \
    "5,2,racing,2,2,16,,1,ok,ctxt,100\n"
#define NOISY                              \
    "1,1,racing,2,2,16,,1,noisy,bpf,100\n" \
    "2,1,wakeone,2,2,16,,1,errors,ctxt,200\n"

struct reported {
    struct run run;
    struct report report;
};

/* The report points into the run. */
static struct reported *report_on(const char *rows)
{
    struct reported *r = calloc(1, sizeof *r);
    assert_non_null(r);
    write_in_run("trials.csv", rows);
    run_read(&r->run, run_directory);
    report_of(&r->run, &r->report);
    return r;
}

static void reported_free(struct reported *r)
{
    report_free(&r->report);
    run_free(&r->run);
    free(r);
}

static const struct report_fact *fact_named(const struct report_facts *facts, const char *name)
{
    for (unsigned i = 0; i < facts->count; i++)
        if (strcmp(facts->all[i].name, name) == 0)
            return &facts->all[i];
    return NULL;
}

/* ---- the machine ---- */

/* A fact as JSON and as it is printed; NULL: it is left out. */
static const struct printed {
    const char *json, *text;
} values[] = {
    {"\"plain\"", "plain"},
    {"\"\"", ""},
    {"\"a\\u0000b\"", "a?b"},
    {"true", "true"},
    {"false", "false"},
    {"null", NULL},
    {"7", "7"},
    {"123456789012", "123456789012"},
    {"2.0", "2"},
    {"-0.0", "-0"},
    {"0.1", "0.1"},
    {"1e17", "1e+17"},
    {"100000000000000000000", "1e+20"}, /* more than 64 bits */
    {"[]", "[]"},
    {"[2.0, {\"k\": \"a\\\"b\", \"l\": [null, 1e17]}]",
     "[2,{\"k\":\"a\\\"b\",\"l\":[null,1e+17]}]"},
};

TEST(facts_of_any_type_are_printed)
{
    const struct printed *row = *state;
    char *environment = format_string("{\"facts\": {\"fact\": %s}}", row->json);
    write_in_run("env.json", environment);
    struct reported *r = report_on(HEADER ROWS);
    const struct report_fact *fact = fact_named(&r->report.facts, "fact");
    if (row->text) {
        assert_non_null(fact);
        assert_string_equal(fact->value, row->text);
    } else {
        assert_null(fact);
    }
    reported_free(r);
    free(environment);
}

static const char *const no_environments[] = {"", "nonsense", "[]", "7", "{}", "{\"facts\": [1]}"};

TEST(without_an_environment_nothing_is_known_of_the_machine)
{
    write_in_run("env.json", *(const char *const *)*state);
    struct reported *r = report_on(HEADER ROWS);
    assert_int_equal(r->report.facts.count, 0);
    assert_int_equal(r->report.warnings.count, 0);
    char *title = report_title(&r->report, FORM_TEXT);
    assert_non_null(strstr(title, " workers, Linux unknown, machine unknown, date unknown ("));
    free(title);
    reported_free(r);
}

TEST(facts_have_an_order_and_the_title_names_the_machine_that_was_measured)
{
    static const char *const order[] = {"host",       "machine",   "kernel", "CPU",
                                        "date (UTC)", "wakeone",   "commit", "machine",
                                        "smt",        "somaxconn", "gcc"};
    write_in_run(
        "env.json",
        "{\"versions\": {\"gcc\": \"14\"}, \"sysctls\": {\"somaxconn\": 4096},"
        " \"facts\": {\"machine\": \"vm\", \"smt\": true}, \"modified\": true,"
        " \"wakeone\": {\"version\": \"9.1\"},"
        " \"commit\": \"abc\", \"utc\": \"2026-11-25T10:00:00Z\", \"cpu\": {\"model\": \"M\"},"
        " \"kernel_build\": \"#1\", \"kernel\": \"6.1\", \"machine\": \"tcg\", \"host\": \"h\"}");
    struct reported *r = report_on(HEADER ROWS);
    assert_int_equal(r->report.facts.count, COUNT(order));
    for (unsigned i = 0; i < COUNT(order); i++)
        assert_string_equal(r->report.facts.all[i].name, order[i]);
    assert_string_equal(fact_named(&r->report.facts, "kernel")->value, "6.1 #1");
    assert_string_equal(fact_named(&r->report.facts, "commit")->value, "abc, modified");
    assert_string_equal(fact_named(&r->report.facts, "wakeone")->value, "9.1");
    assert_int_equal(r->report.facts.first, 7); /* up to the commit */
    char *title = report_title(&r->report, FORM_TEXT);
    assert_non_null(strstr(title, " workers, Linux 6.1, tcg, 2026-11-25 ("));
    free(title);
    reported_free(r);
}

TEST(warnings_have_the_effect_that_doctor_knows)
{
    write_in_run("env.json", "{\"facts\": {\"smt\": true}, \"warnings\": [\"smt\", \"odd\", 7]}");
    struct reported *r = report_on(HEADER ROWS);
    const struct report_facts *warnings = &r->report.warnings;
    assert_int_equal(warnings->count, 3);
    assert_string_equal(warnings->all[0].value, "true");
    assert_non_null(strstr(warnings->all[0].effect, "share its units"));
    assert_string_equal(warnings->all[1].value, "");
    assert_string_equal(warnings->all[1].effect, "unknown to this version");
    assert_string_equal(warnings->all[2].name, "7");
    reported_free(r);
}

/* ---- rows ---- */

TEST(verdicts_are_counted_by_name)
{
    struct reported *r = report_on(HEADER ROWS);
    static const struct verdict_count counts[] = {{"noisy", 1}, {"ok", 3}, {"warm-up", 1}};
    assert_int_equal(r->report.row_count, 5);
    assert_int_equal(r->report.verdict_count, COUNT(counts));
    for (unsigned i = 0; i < COUNT(counts); i++) {
        assert_string_equal(r->report.verdicts[i].name, counts[i].name);
        assert_int_equal(r->report.verdicts[i].rows, counts[i].rows);
    }
    assert_false(r->report.by_counter);
    reported_free(r);
}

/* ---- figures ---- */

TEST(figures_are_in_the_order_of_the_table_and_of_the_index)
{
    static const char *const files[] = {"unknown", "wakeups", "throughput-2", "throughput-1",
                                        "latency"};
    make_folder_in_run("figures");
    write_in_run("figures/index.tsv", "latency\tlatency\tL\t-\n"
                                      "throughput\tthroughput-2\tT2\t-\n"
                                      "throughput\tthroughput-1\tT1\tno\n"
                                      "unknown\tunknown\tU\t-\n"
                                      "wakeups\twakeups\tW\t-\n");
    struct reported *r = report_on(HEADER ROWS);
    assert_int_equal(r->report.figure_count, COUNT(files));
    for (unsigned i = 0; i < COUNT(files); i++)
        assert_string_equal(r->report.figures[i].file, files[i]);
    assert_string_equal(r->report.figures[3].reason, "no");
    reported_free(r);
}

TEST(without_a_valid_sample_there_is_no_finding_and_no_figure)
{
    make_folder_in_run("figures");
    write_in_run("figures/index.tsv", "wakeups\twakeups\tW\t-\n");
    struct reported *r = report_on(HEADER NOISY);
    assert_string_equal(r->report.finding, "No valid sample: there is no finding.");
    assert_int_equal(r->report.figure_count, 0);
    assert_true(r->report.by_counter);
    reported_free(r);
}

/* ---- forms ---- */

static json_t *json_of(const struct reported *r)
{
    char *dump = report_as_json(&r->report);
    assert_non_null(dump);
    json_t *json = json_loads(dump, 0, NULL);
    assert_non_null(json);
    free(dump);
    return json;
}

static json_t *line_named(json_t *json, const char *server)
{
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(json, "summary"), i, line)
    {
        if (strcmp(json_string_value(json_object_get(line, "strategy")), server) == 0)
            return line;
    }
    return NULL;
}

TEST(json_has_what_the_page_says)
{
    write_in_run("settings.tsv", "seed\t7\nrounds\t\"2\"\n");
    write_in_run("strategies.tsv",
                 "racing\tn\tall\tracing\treference\nwakeone\t1\tone\twakeone -x\t\n");
    write_in_run("skipped.tsv", "uring\tno io_uring\n");
    struct reported *r = report_on(HEADER ROWS);
    json_t *json = json_of(r), *line = line_named(json, "wakeone"), *ratio;
    assert_string_equal(json_string_value(json_object_get(json, "finding")), r->report.finding);
    assert_string_equal(json_string_value(json_object_get(json, "baseline")), "racing");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(json, "settings"), "rounds")), "\"2\"");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(json, "verdicts"), "noisy")), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "not_measured"), 0)),
                        "uring: no io_uring");
    assert_near(json_number_value(json_object_get(line, "throughput_rps")), 200);
    assert_int_equal(json_integer_value(json_object_get(line, "trials")), 2);
    assert_int_equal(json_integer_value(json_object_get(line, "ok")), 1);
    assert_true(json_is_null(json_object_get(line, "rate_offered")));
    assert_true(json_is_null(json_object_get(line, "latency_p50_us")));
    ratio = json_object_get(line, "ratio");
    assert_near(json_number_value(json_object_get(ratio, "ratio")), 2);
    assert_true(json_is_null(json_object_get(ratio, "low"))); /* one pair */
    assert_true(json_is_null(json_object_get(line_named(json, "racing"), "ratio")));
    json_decref(json);
    reported_free(r);
}

/* A bidirectional control character (U+202E) */
static const char reversed[] = {'\xe2', '\x80', '\xae', '\0'};

#define BAD "<b>&\"|\xff"

TEST(text_from_elsewhere_is_valid_json_and_no_markup)
{
    write_in_run("env.json", "{\"host\": \"<b>|`\\u0007\\u202e\", \"warnings\": [\"<i>\"]}");
    write_in_run("settings.tsv", "seed\t" BAD "\n" BAD "\t1\n");
    write_in_run("strategies.tsv", BAD "\t1\t" BAD "\t" BAD "\t\n");
    write_in_run("skipped.tsv", BAD "\t" BAD "\n");
    struct reported *r = report_on(HEADER ROWS);
    json_decref(json_of(r));
    for (enum form form = FORM_TEXT; form <= FORM_HTML; form++) {
        struct document d;
        document_begin(&d, form);
        report_summary(&r->report, &d, " of A");
        report_rest(&r->report, &d, " of A");
        const char *text = text_of(&d.out);
        assert_non_null(strstr(text, "Summary of A"));
        assert_non_null(strstr(text, "How to reproduce of A"));
        assert_null(strchr(text, '\a'));
        assert_null(strstr(text, reversed));
        assert_true(form == FORM_TEXT || (!strstr(text, "<b>") && !strstr(text, "<i>")));
        document_free(&d);
    }
    reported_free(r);
}

TEST(a_page_has_all_places_of_the_template_filled)
{
    struct text html = {NULL, 0, 0}, markdown = {NULL, 0, 0};
    struct reported *r = report_on(HEADER NOISY);
    page_of_one(&r->report, &html, &markdown);
    assert_memory_equal(html.text, "<!DOCTYPE html>\n", 16);
    assert_string_equal(html.text + html.length - 8, "</html>\n");
    static const char *const places[] = {"@TITLE@", "@CLASS@", "@STYLE@", "@SCRIPT@", "@BODY@"};
    for (size_t i = 0; i < COUNT(places); i++)
        assert_null(strstr(html.text, places[i]));
    assert_memory_equal(markdown.text, "# racing, wakeone: ", 19);
    text_free(&html);
    text_free(&markdown);
    reported_free(r);
}

int main(void)
{
    ADD_ROWS(facts_of_any_type_are_printed, values);
    ADD_ROWS(without_an_environment_nothing_is_known_of_the_machine, no_environments);
    ADD(facts_have_an_order_and_the_title_names_the_machine_that_was_measured);
    ADD(warnings_have_the_effect_that_doctor_knows);
    ADD(verdicts_are_counted_by_name);
    ADD(figures_are_in_the_order_of_the_table_and_of_the_index);
    ADD(without_a_valid_sample_there_is_no_finding_and_no_figure);
    ADD(json_has_what_the_page_says);
    ADD(text_from_elsewhere_is_valid_json_and_no_markup);
    ADD(a_page_has_all_places_of_the_template_filled);
    return run_added(make_run_directory, remove_run_directory);
}
