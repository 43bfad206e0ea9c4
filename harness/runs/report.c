/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include "command.h"
#include "csv.h"
#include "finding.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/stats/sample.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 60 };

/* ---- lines of tables ---- */

/* Calls `take` with the fields of each line of a text, in place; missing fields are "". */
static void each_line(char *text, void *to, void (*take)(void *to, char **fields))
{
    static char none[] = "";
    for (char *line = text, *end; line && *line; line = end) {
        char *fields[8] = {none, none, none, none, none, none, none, none};
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (*line == '\0' || *line == '#')
            continue;
        split(line, '\t', fields, 8);
        take(to, fields);
    }
}

static char *read_or_null(const struct run *run, const char *name)
{
    size_t size;
    char *path = run_file(run, name), *text = file_read(path, &size);
    free(path);
    return text;
}

static char *read_table(const char *name)
{
    size_t size;
    char *path = top_file(name), *text = file_read(path, &size);
    if (!text)
        fail("cannot read %s: %s", path, strerror(errno));
    free(path);
    return text;
}

/* ---- the machine ---- */

static void add_fact(struct report_facts *facts, const char *name, char *value, char *effect)
{
    facts->all = array_grow(facts->all, facts->count, &facts->room, sizeof *facts->all);
    facts->all[facts->count++] = (struct report_fact){copy_string(name), value, effect};
}

static void add_environment_fact(struct report *report, const char *name, const char *path)
{
    char *value = environment_text(report->run, path);
    if (value)
        add_fact(&report->facts, name, value, NULL);
}

/* "6.1.0 #1 SMP ..." */
static void add_kernel(struct report *report)
{
    char *kernel = environment_text(report->run, "kernel"),
         *build = environment_text(report->run, "kernel_build");
    if (kernel)
        add_fact(&report->facts, "kernel", format_string("%s %s", kernel, build ? build : ""),
                 NULL);
    free(kernel);
    free(build);
}

static void add_commit(struct report *report)
{
    char *commit = environment_text(report->run, "commit");
    json_t *modified = environment_value(report->run, "modified");
    if (commit)
        add_fact(
            &report->facts, "commit",
            format_string("%s%s", commit, modified && !json_is_false(modified) ? ", modified" : ""),
            NULL);
    free(commit);
}

static void add_members(struct report *report, const char *section)
{
    const char *name;
    json_t *value;
    json_object_foreach(environment_value(report->run, section), name, value)
    {
        struct text text = {NULL, 0, 0};
        if (json_is_null(value))
            continue;
        text_add_string(&text, "");
        json_add_text(&text, value);
        add_fact(&report->facts, name, text.text, NULL);
    }
}

static void read_facts(struct report *report)
{
    static const char *const before[][2] = {
        {"host", "host"}, {"machine", "machine"}, {"system", "system"}};
    static const char *const after[][2] = {{"CPU", "cpu.model"},
                                           {"CPUs online", "cpu.online"},
                                           {"boot line", "boot_line"},
                                           {"date (UTC)", "utc"},
                                           {"wakeone", "wakeone.version"}};
    static const char *const sections[] = {"facts", "sysctls", "versions"};
    if (!json_is_object(report->run->environment))
        return;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        add_environment_fact(report, before[i][0], before[i][1]);
    add_kernel(report);
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        add_environment_fact(report, after[i][0], after[i][1]);
    add_commit(report);
    report->facts.first = report->facts.count;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        add_members(report, sections[i]);
}

/* The effect of a flaw of the machine on results: the fourth field of its line in checks.tsv */
struct effect {
    const char *name;
    char *text;
};

static void take_effect(void *to, char **fields)
{
    struct effect *effect = to;
    if (strcmp(fields[0], effect->name) == 0) {
        free(effect->text);
        effect->text = copy_string(fields[3]);
    }
}

static char *effect_of(const char *name)
{
    struct effect effect = {name, NULL};
    char *table = read_table("harness/doctor/checks.tsv");
    each_line(table, &effect, take_effect);
    free(table);
    return effect.text ? effect.text : copy_string("unknown to this version");
}

static void read_warnings(struct report *report)
{
    size_t i;
    json_t *warning;
    json_array_foreach(environment_value(report->run, "warnings"), i, warning)
    {
        struct text name = {NULL, 0, 0}, value = {NULL, 0, 0};
        text_add_string(&name, "");
        text_add_string(&value, "");
        json_add_text(&name, warning);
        json_t *fact = json_object_get(environment_value(report->run, "facts"), name.text);
        if (fact && !json_is_null(fact) && !json_is_false(fact))
            json_add_text(&value, fact);
        add_fact(&report->warnings, name.text, value.text, effect_of(name.text));
        text_free(&name);
    }
}

static const char *fact_of(const struct report *report, const char *name)
{
    for (unsigned i = 0; i < report->facts.count; i++)
        if (strcmp(report->facts.all[i].name, name) == 0)
            return report->facts.all[i].value;
    return NULL;
}

/* ---- rows, figures ---- */

static int by_verdict(const void *a, const void *b)
{
    return strcmp(((const struct verdict_count *)a)->name, ((const struct verdict_count *)b)->name);
}

static void count_verdicts(struct report *report)
{
    const struct rows *rows = &report->run->trials;
    for (unsigned i = 0; i < rows->count; i++) {
        unsigned k = 0;
        while (k < report->verdict_count &&
               strcmp(report->verdicts[k].name, rows->all[i].verdict) != 0)
            k++;
        if (k == report->verdict_count) {
            report->verdicts = realloc(report->verdicts, (k + 1) * sizeof *report->verdicts);
            if (!report->verdicts)
                fail("out of memory");
            report->verdicts[report->verdict_count++] = (struct verdict_count){rows->all[i].verdict,
                                                                               0};
        }
        report->verdicts[k].rows++;
        report->by_counter |= rows->all[i].instrument && strstr(rows->all[i].instrument, "bpf");
    }
    report->row_count = rows->count;
    if (report->verdict_count)
        qsort(report->verdicts, report->verdict_count, sizeof *report->verdicts, by_verdict);
}

static void take_skipped(void *to, char **fields)
{
    struct report *report = to;
    report->skipped = realloc(report->skipped,
                              (report->skipped_count + 1) * sizeof *report->skipped);
    if (!report->skipped)
        fail("out of memory");
    report->skipped[report->skipped_count++] = format_string("%s: %s", fields[0], fields[1]);
}

static void take_figure(void *to, char **fields)
{
    struct report *report = to;
    report->figures = realloc(report->figures,
                              (report->figure_count + 1) * sizeof *report->figures);
    if (!report->figures)
        fail("out of memory");
    report->figures[report->figure_count] = (struct report_figure){
        fields[0], fields[1], fields[2], fields[3], 0, report->figure_count};
    report->figure_count++;
}

/* The order of plots/figures.tsv */
struct order {
    struct report *report;
    unsigned place;
};

static void take_order(void *to, char **fields)
{
    struct order *order = to;
    order->place++;
    for (unsigned i = 0; i < order->report->figure_count; i++)
        if (strcmp(order->report->figures[i].name, fields[0]) == 0)
            order->report->figures[i].place = order->place;
}

static int by_place(const void *a, const void *b)
{
    const struct report_figure *x = a, *y = b;
    return x->place != y->place ? (x->place > y->place) - (x->place < y->place)
                                : (x->line > y->line) - (x->line < y->line);
}

static void read_figures(struct report *report)
{
    struct order order = {report, 0};
    char *table = read_table("plots/figures.tsv");
    report->index_text = read_or_null(report->run, "figures/index.tsv");
    each_line(report->index_text, report, take_figure);
    each_line(table, &order, take_order);
    if (report->figure_count)
        qsort(report->figures, report->figure_count, sizeof *report->figures, by_place);
    free(table);
}

/* Without a valid sample no figure was drawn: an existing index is not from this program. */
static bool has_sample(const struct summary *summary)
{
    for (unsigned i = 0; i < summary->count; i++)
        if (summary->lines[i].ok > 0)
            return true;
    return false;
}

void report_of(const struct run *run, struct report *report)
{
    *report = (struct report){
        .run = run, .name = file_name(run->directory), .summary = summary_of(run)};
    struct ratios cpu = ratios_of(run, COLUMN_server_cpu_us_per_req);
    report->finding = finding_of(&report->summary, &cpu);
    ratios_free(&cpu);
    read_facts(report);
    read_warnings(report);
    count_verdicts(report);
    if (has_sample(&report->summary))
        read_figures(report);
    char *skipped = read_or_null(run, "skipped.tsv");
    each_line(skipped, report, take_skipped);
    free(skipped);
}

static void free_facts(struct report_facts *facts)
{
    for (unsigned i = 0; i < facts->count; i++) {
        free(facts->all[i].name);
        free(facts->all[i].value);
        free(facts->all[i].effect);
    }
    free(facts->all);
}

void report_free(struct report *report)
{
    summary_free(&report->summary);
    free(report->finding);
    free_facts(&report->facts);
    free_facts(&report->warnings);
    free(report->verdicts);
    free(report->figures);
    for (unsigned i = 0; i < report->skipped_count; i++)
        free(report->skipped[i]);
    free(report->skipped);
    free(report->index_text);
}

/* ---- parts ---- */

/* The servers without the A/A control, in the order of strategies.tsv or, without it, of the rows: "racing, wakeone"; at most
 * SERVERS of them; "no samples" for none */
static char *title_servers(const struct rows *rows, const struct run *run)
{
    enum { SERVERS = 8 };
    struct text text = {NULL, 0, 0};
    unsigned count = 0;
    for (unsigned i = 0; i < run->server_count; i++)
        if (run->servers[i].role != ROLE_CONTROL && ++count <= SERVERS)
            text_add(&text, "%s%s", count > 1 ? ", " : "", run->servers[i].name);
    for (unsigned i = 0; run->server_count == 0 && i < rows->configuration_count; i++) {
        const char *server = rows->configurations[i].server;
        bool is_new = role_of(run, server) != ROLE_CONTROL;
        for (unsigned k = 0; is_new && k < i; k++)
            is_new = strcmp(rows->configurations[k].server, server) != 0;
        if (is_new && ++count <= SERVERS)
            text_add(&text, "%s%s", count > 1 ? ", " : "", server);
    }
    if (count > SERVERS)
        text_add(&text, " and %u more", count - SERVERS);
    return count ? text.text : copy_string("no samples");
}

/* "2, 8 workers, "; "" without samples */
static char *title_workers(const struct rows *rows)
{
    struct text text = {NULL, 0, 0};
    double *workers = sample_room(rows->configuration_count), last = NAN;
    for (unsigned i = 0; i < rows->configuration_count; i++)
        workers[i] = rows->configurations[i].workers;
    sample_sort(workers, rows->configuration_count);
    for (unsigned i = 0; i < rows->configuration_count; i++)
        if (workers[i] != last) {
            last = workers[i];
            text_add(&text, "%s%s", text.length ? ", " : "", number_short(last).text);
        }
    if (text.length)
        text_add(&text, last == 1 ? " worker, " : " workers, ");
    free(workers);
    return text.length ? text.text : copy_string("");
}

char *report_title(const struct report *report, enum form form)
{
    struct document d;
    document_begin(&d, form);
    const char *machine = fact_of(report, "machine"), *kernel = fact_of(report, "kernel"),
               *date = fact_of(report, "date (UTC)");
    char *name = plain_string(report->name, NAME_MOST),
         *servers = title_servers(&report->run->trials, report->run),
         *workers = title_workers(&report->run->trials);
    char *release = kernel ? copy_bytes(kernel, strcspn(kernel, " ")) : copy_string("unknown");
    char *day = date ? copy_bytes(date, strnlen(date, 10)) : copy_string("date unknown");
    char *title = document_inline(&d, "%s: %sLinux %s, %s, %s (%s)", servers, workers, release,
                                  machine ? machine : "machine unknown", day, name);
    free(name);
    free(servers);
    free(workers);
    free(release);
    free(day);
    return title;
}

static bool same_load(const struct configuration *a, const struct configuration *b)
{
    struct configuration as_if = *b;
    as_if.workers = a->workers;
    return same_block(a, &as_if);
}

static void add_number(struct document *d, double value, int decimals)
{
    char *text = isnan(value) ? copy_string("-") : format_string("%.*f", decimals, value);
    document_cell(d, "%v", text);
    free(text);
}

static void add_summary_line(const struct report *report, struct document *d,
                             const struct summary_line *l)
{
    char *ratio = summary_ratio_text(report->run, l), *remarks = summary_remarks(report->run, l);
    document_cell(d, "%v", l->configuration->server);
    document_cell(d, "%v", key_value(l->configuration->workers).text);
    add_number(d, l->throughput_rps, 0);
    add_number(d, l->wakeups_per_conn, 2);
    add_number(d, l->latency_p50_us, 0);
    add_number(d, l->latency_p99_us, 0);
    add_number(d, l->server_cpu_us_per_req, 1);
    add_number(d, l->client_cpu_us_per_req, 1);
    add_number(d, l->jain, 2);
    document_cell(d, "%v", ratio);
    document_cell(d, "%v", remarks);
    free(ratio);
    free(remarks);
}

static int by_workers(const void *a, const void *b)
{
    const struct summary_line *x = *(const struct summary_line *const *)a,
                              *y = *(const struct summary_line *const *)b;
    double p = x->configuration->workers, q = y->configuration->workers;
    return p != q ? (p > q) - (p < q) : (x > y) - (x < y);
}

static void add_summary_load(const struct report *report, struct document *d,
                             const struct configuration *load)
{
    static const char *const names[] = {"strategy",       "workers",        "requests/s",
                                        "wakeups/conn.",  "p50 us",         "p99 us",
                                        "server us/req.", "client us/req.", "Jain"};
    const struct summary *s = &report->summary;
    const struct summary_line **lines = calloc(s->count + 1, sizeof(struct summary_line *));
    unsigned count = 0;
    char *words = load_words(load);
    if (!lines)
        fail("out of memory");
    document_heading(d, 3, "%v, %v CPUs", words, key_value(load->cpus).text);
    document_begin_table(d, "lrrrrrrrrll");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        document_cell(d, "%v", names[i]);
    document_cell(d, "throughput, ratio to %v", report->run->baseline);
    document_cell(d, " ");
    for (unsigned i = 0; i < s->count; i++)
        if (same_load(s->lines[i].configuration, load))
            lines[count++] = &s->lines[i];
    qsort(lines, count, sizeof(struct summary_line *), by_workers);
    for (unsigned i = 0; i < count; i++)
        add_summary_line(report, d, lines[i]);
    document_end_table(d);
    free(words);
    free(lines);
}

void report_summary(const struct report *report, struct document *d, const char *whose)
{
    const struct summary *s = &report->summary;
    document_heading(d, 2, "Summary%v", whose);
    for (unsigned i = 0; i < s->count; i++) {
        bool first = true;
        for (unsigned k = 0; first && k < i; k++)
            first = !same_load(s->lines[k].configuration, s->lines[i].configuration);
        if (first)
            add_summary_load(report, d, s->lines[i].configuration);
    }
    if (s->count == 0)
        document_paragraph(d, "The run has no samples.");
    else
        document_note(
            d, "Medians of the valid samples; ratios are paired by round, with 95 %% intervals. "
               "Absolute values depend on the machine and its state: compare ratios.");
}

static void add_facts(const struct report_facts *facts, struct document *d)
{
    document_raw(d, "<<details><summary>All facts</summary>\n");
    document_begin_table(d, "ll");
    document_cell(d, "what");
    document_cell(d, "value");
    for (unsigned i = 0; i < facts->count; i++) {
        document_cell(d, "%s", facts->all[i].name);
        document_cell(d, "%s", facts->all[i].value);
    }
    document_end_table(d);
    document_raw(d, "</details>\n");
}

/* A list, since the boot line is too long for a table. */
static void add_first_facts(const struct report_facts *facts, struct document *d)
{
    document_begin_list(d);
    for (unsigned i = 0; i < facts->first; i++)
        document_item(d, "%s: %s", facts->all[i].name, facts->all[i].value);
    document_end_list(d);
}

static void add_warnings(const struct report_facts *warnings, struct document *d)
{
    char *count = format_string("%u warnings.", warnings->count);
    document_paragraph(
        d, "**%v** Their effects on results:", warnings->count == 1 ? "1 warning." : count);
    free(count);
    document_begin_table(d, "lll");
    document_cell(d, "what");
    document_cell(d, "value");
    document_cell(d, "effect on results");
    for (unsigned i = 0; i < warnings->count; i++) {
        document_cell(d, "%s", warnings->all[i].name);
        document_cell(d, "%s", warnings->all[i].value);
        document_cell(d, "%s", warnings->all[i].effect);
    }
    document_end_table(d);
}

static void add_environment(const struct report *report, struct document *d)
{
    if (report->facts.count == 0) {
        document_paragraph(d, "The machine is unknown: the run has no readable env.json.");
        return;
    }
    if (report->warnings.count)
        add_warnings(&report->warnings, d);
    else
        document_paragraph(d, "No warnings: doctor found no flaw of the machine.");
    (d->form == FORM_HTML ? add_facts : add_first_facts)(&report->facts, d);
}

static const char *setting_text(const struct run *run, const char *name)
{
    const char *value = run_setting(run, name);
    return value ? value : "unknown";
}

/* The servers under test, the baseline among them: "`racing`, `wakeone`" */
static char *server_names(const struct run *run, const struct document *d)
{
    struct text text = {NULL, 0, 0};
    for (unsigned i = 0; i < run->server_count; i++) {
        if (run->servers[i].role == ROLE_CONTROL)
            continue;
        char *name = document_inline(d, "`%s`", run->servers[i].name);
        text_add(&text, "%s%s", text.length ? ", " : "", name);
        free(name);
    }
    char *names = copy_string(text.length ? text.text : "unknown");
    text_free(&text);
    return names;
}

static const struct server_under_test *control_of(const struct run *run)
{
    for (unsigned i = 0; i < run->server_count; i++)
        if (run->servers[i].role == ROLE_CONTROL)
            return &run->servers[i];
    return NULL;
}

static void add_load_item(const struct run *run, struct document *d)
{
    if (run_setting(run, "rate"))
        document_item(
            d, "Load: open loop, %s requests per second, arrivals %s, requests per connection %s.",
            setting_text(run, "rate"), setting_text(run, "arrivals"),
            setting_text(run, "requests_per_connection"));
    else
        document_item(d, "Load: closed loop, %s connections, requests per connection %s.",
                      setting_text(run, "connections"),
                      setting_text(run, "requests_per_connection"));
}

static void add_method(const struct report *report, struct document *d)
{
    const struct run *run = report->run;
    const struct server_under_test *control = control_of(run);
    char *names = server_names(run, d);
    document_begin_list(d);
    document_item(d,
                  "Strategies: %r; minimal servers in C that differ only in the strategy, one "
                  "process per worker, on loopback.",
                  names);
    free(names);
    add_load_item(run, d);
    document_item(d,
                  "Each configuration (strategy, workers, CPUs, load) is measured once per round, "
                  "in seeded random order, with the compared ones adjacent: rounds %s, seed %s.",
                  setting_text(run, "rounds"), setting_text(run, "seed"));
    document_item(d,
                  "Each trial starts the server, waits until all workers sleep, then runs a "
                  "warm-up of %s and a window of %s. Rates use the measured window length.",
                  setting_text(run, "warmup"), setting_text(run, "window"));
    if (control)
        document_item(d,
                      "`%s` is measured twice; `%s` is the A/A control. Differences within its "
                      "noise threshold are reported as noise.",
                      run->baseline, control->name);
    else
        document_item(d, "There is no A/A control: the noise threshold is unknown.");
    document_item(d, "Ratios are paired: one per round, geometric mean, 95 %% interval by "
                     "Student's t on the logarithms.");
    document_item(d, "Points in figures are medians; their intervals are order statistics (95 %%), "
                     "with fewer than 6 rounds minimum and maximum.");
    document_item(d, "Wakeups: %v; more than one per accepted connection is a thundering herd.",
                  report->by_counter
                      ? "counted in the scheduler by a BPF program"
                      : "counted as voluntary context switches of the workers, one per wakeup");
    document_item(d, "Latency is measured from the time when a request was due (open loop) or "
                     "started (closed loop), including connect(). Requests in flight at the end "
                     "are counted as censored. Percentiles are upper edges of buckets of 0.4 %%.");
    document_item(d, "Every sample has a verdict. Invalid samples are kept and listed below, but "
                     "excluded from figures, medians and ratios.");
    document_end_list(d);
}

/* ---- verdicts ---- */

struct verdict_lines {
    const struct report *report;
    struct document *d;
    bool *known;
};

static void add_verdict(struct document *d, const struct report *report,
                        const struct verdict_count *v, const char *meaning)
{
    document_cell(d, "`%s`", v->name);
    document_cell(d, "%u", v->rows);
    document_cell(d, "%.1f %%", 100.0 * v->rows / report->row_count);
    document_cell(d, "%v", meaning);
}

static void take_verdict(void *to, char **fields)
{
    struct verdict_lines *lines = to;
    for (unsigned i = 0; i < lines->report->verdict_count; i++)
        if (strcmp(lines->report->verdicts[i].name, fields[0]) == 0) {
            add_verdict(lines->d, lines->report, &lines->report->verdicts[i], fields[1]);
            lines->known[i] = true;
        }
}

static void add_verdict_table(const struct report *report, struct document *d)
{
    static const char *const names[] = {"verdict", "samples", "share", "meaning"};
    struct verdict_lines lines = {report, d, calloc(report->verdict_count + 1, sizeof(bool))};
    char *table = read_table("harness/report/verdicts.tsv");
    if (!lines.known)
        fail("out of memory");
    document_begin_table(d, "lrrl");
    for (int i = 0; i < 4; i++)
        document_cell(d, "%v", names[i]);
    each_line(table, &lines, take_verdict);
    for (unsigned i = 0; i < report->verdict_count; i++)
        if (!lines.known[i])
            add_verdict(d, report, &report->verdicts[i], "unknown to this version");
    document_end_table(d);
    free(lines.known);
    free(table);
}

/* The figures in the order of index.tsv */
static const struct report_figure *figure_in_line(const struct report *report, unsigned line)
{
    for (unsigned i = 0; i < report->figure_count; i++)
        if (report->figures[i].line == line)
            return &report->figures[i];
    fail("internal error: unknown figure %u", line);
}

/* Whether it is the first of the figures that are missing for the same reason with the same title */
static bool is_first_missing(const struct report *report, unsigned line)
{
    const struct report_figure *f = figure_in_line(report, line);
    if (strcmp(f->reason, "-") == 0)
        return false;
    for (unsigned i = 0; i < line; i++) {
        const struct report_figure *before = figure_in_line(report, i);
        if (strcmp(before->title, f->title) == 0 && strcmp(before->reason, f->reason) == 0)
            return false;
    }
    return true;
}

static void add_missing_figures(const struct report *report, struct document *d)
{
    bool any = false;
    for (unsigned i = 0; i < report->figure_count; i++) {
        if (!is_first_missing(report, i))
            continue;
        if (!any) {
            document_paragraph(d, "Missing figures:");
            document_begin_list(d);
        }
        any = true;
        document_item(d, "%s: %s", figure_in_line(report, i)->title,
                      figure_in_line(report, i)->reason);
    }
    if (any)
        document_end_list(d);
}

static void add_verdicts(const struct report *report, struct document *d)
{
    add_verdict_table(report, d);
    if (report->skipped_count) {
        document_paragraph(d, "Configurations that could not be measured:");
        document_begin_list(d);
        for (unsigned i = 0; i < report->skipped_count; i++)
            document_item(d, "%s", report->skipped[i]);
        document_end_list(d);
    }
    add_missing_figures(report, d);
}

/* ---- how to reproduce the run ---- */

/* Quoted for a shell; the caller frees it */
static char *quoted(const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/.,:+-";
    struct text text = {NULL, 0, 0};
    if (*path && path[strspn(path, plain)] == '\0')
        return copy_string(path);
    text_add_string(&text, "'");
    for (; *path; path++)
        text_add(&text, *path == '\'' ? "'\\''" : "%c", *path);
    text_add_string(&text, "'");
    return text.text;
}

static void add_reproduce(const struct report *report, struct document *d)
{
    const char *stated = fact_of(report, "commit"), *fact = stated ? stated : "";
    char *commit = copy_bytes(fact, strcspn(fact, " ,")),
         *path = plain_string(report->run->path, 10000);
    bool known = *commit && commit[strspn(commit, "0123456789abcdef")] == '\0';
    char *directory = quoted(path);
    static const char rest[] =
        ", the first command measures the same plan again, in the same order, and compares the two "
        "runs; the second one makes this page again:";
    if (known)
        document_paragraph(d, "In a checkout of wakeone (measured at commit `%s`%v)%v", commit,
                           strstr(fact, "modified") ? ", with uncommitted changes" : "", rest);
    else
        document_paragraph(d, "In a checkout of wakeone%v", rest);
    document_listing(d, "%s reproduce %s\n%s report %s", suite_command(), directory,
                     suite_command(), directory);
    free(commit);
    free(path);
    free(directory);
}

void report_rest(const struct report *report, struct document *d, const char *whose)
{
    document_heading(d, 2, "Environment%v", whose);
    add_environment(report, d);
    document_heading(d, 2, "Method%v", whose);
    add_method(report, d);
    document_heading(d, 2, "Verdicts and missing data%v", whose);
    add_verdicts(report, d);
    document_heading(d, 2, "How to reproduce%v", whose);
    add_reproduce(report, d);
}
