/* SPDX-License-Identifier: BSD-2-Clause */
/* A load's tables on terminals of several widths. */

#include "harness/load/report.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct load_options options;
static struct load_result result;
static struct urls urls;
static struct url_result url_results[2];
static struct ramp ramp = {.slice_ns = 100000000};
static const struct load_report defaults = {
    .options = &options, .result = &result, .percentile_count = 2, .percentiles = {50, 99}};

static int clear(void **state)
{
    (void)state;
    memset(&options, 0, sizeof options);
    memset(&result, 0, sizeof result);
    assert_null(classes_parse(&options.classes, "short:9,long:1:10"));
    result.thread_count = 2;
    urls = (struct urls){
        .count = 2,
        .all = {{1, 1, "/"}, {1, 2, "/a/path/that/is/longer/than/most/terminals/are/wide"}}};
    options.urls = &urls;
    options.url_results = url_results;
    result.ramp = &ramp;
    return 0;
}

/* Answered: 1000 after `us` each. In flight at the end: 500, younger than those. */
static const struct {
    const char *name;
    uint64_t us;
    unsigned in_flight;
} results[] = {
    {"short latencies", 20, 0},
    {"latencies of minutes", 100000000, 0},
    {"some were in flight", 20, 500},
    {"some were in flight for minutes", 100000000, 500},
};

static char *table_of(unsigned room)
{
    char *text;
    size_t size;
    struct load_report report = defaults;
    report.room = room;
    FILE *file = open_memstream(&text, &size);
    load_report_table(&report, file);
    fclose(file);
    return text;
}

/* The part between a line that holds `head` and the next one that is empty, or the end */
static char *part_of(char *text, const char *head)
{
    char *from = strstr(text, head);
    assert_non_null(from);
    char *end = strstr(from, "\n\n");
    if (end)
        *end = '\0';
    return from;
}

static void assert_fits(const char *head, unsigned room)
{
    unsigned lines = 0;
    char *text = table_of(room);
    for (char *line = strtok(part_of(text, head), "\n"); line; line = strtok(NULL, "\n"), lines++)
        if (strlen(line) > room)
            fail_msg("%u columns are not enough for: %s", room, line);
    assert_true(lines >= 3);
    free(text);
}

TEST(tables_fit)
{
    static const unsigned rooms[] = {200, 80, 40, 31};
    const __typeof__(*results) *row = *state;
    for (unsigned i = 0; i < 1000; i++)
        histogram_record(&result.latency, row->us * 1000);
    for (unsigned i = 0; i < row->in_flight; i++)
        histogram_record(&result.censored_age, 1000);
    for (unsigned i = 0; i < COUNT(rooms); i++) {
        assert_fits("latency us", rooms[i]);
        assert_fits("class ", rooms[i]);
        assert_fits("thread ", rooms[i]);
        assert_fits("URL ", rooms[i]);
        assert_fits("from s ", rooms[i]);
    }
}

/* The mark is explained wherever it stands, as long as there is room for it. */
TEST(bounds_are_explained)
{
    static const struct {
        unsigned room;
        const char *words;
    } notes[] = {
        {0, ">= lower bound: requests"},
        {80, ">= lower bound: requests"},
        {40, ">= lower bound\n"},
    };
    for (unsigned i = 0; i < 100; i++) {
        histogram_record(&result.latency, 20000);
        histogram_record(&result.censored_age, 1000);
    }
    for (unsigned i = 0; i < COUNT(notes); i++) {
        char *text = table_of(notes[i].room);
        assert_non_null(strstr(text, notes[i].words));
        free(text);
    }
}

/* A server can answer with any of 900: the table has the first 16. */
TEST(many_status_codes_are_cut)
{
    for (unsigned status = STATUS_LEAST; status <= STATUS_MOST; status++)
        result.statuses[status] = status;
    char *text = table_of(0);
    assert_non_null(strstr(text, "\nstatus codes: 100 100, 101 101, "));
    assert_non_null(strstr(text, " 115 115, and 884 more\n"));
    free(text);
    memset(result.statuses, 0, sizeof result.statuses);
    result.statuses[204] = 3;
    text = table_of(0);
    assert_non_null(strstr(text, "\nanswers: 2xx 3\nstatus codes: 204 3\n"));
    free(text);
}

TEST(knee_is_reported)
{
    static const struct {
        unsigned answered; /* slices whose arrivals were answered, from the first on */
        const char *words;
    } rows[] = {
        {RAMP_SLICES, "\nno knee up to 20000/s\n"},
        {7, "\nknee: 50/s, of which 50/s were reached\n"},
        {0, "\nknee: below 50/s, the first slice\n"},
    };
    options.schedule.rate_end = 20000;
    for (unsigned i = 0; i < COUNT(rows); i++) {
        memset(ramp.slices, 0, sizeof ramp.slices);
        for (unsigned n = 0; n < 5 * RAMP_SLICES; n++) {
            ramp.slices[n / 5].due++;
            if (n / 5 < rows[i].answered)
                histogram_record(&ramp.slices[n / 5].latency, 20000);
        }
        char *text = table_of(0);
        assert_non_null(strstr(text, rows[i].words));
        free(text);
    }
}

int main(void)
{
    ADD_ROWS(tables_fit, results);
    ADD(bounds_are_explained);
    ADD(knee_is_reported);
    ADD(many_status_codes_are_cut);
    return run_added(clear, NULL);
}
