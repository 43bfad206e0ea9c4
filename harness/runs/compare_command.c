/* SPDX-License-Identifier: BSD-2-Clause */
/* runs compare A B [C...]: compares runs. */

#include "command.h"
#include "compare.h"
#include "files.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *metrics, *out;
    bool overlap, json, markdown, html;
} settings = {.metrics = "throughput_rps"};

/* ---- options ---- */

static void add_metric(struct comparison *c, const char *name)
{
    enum column column = column_find(name);
    const char *direction = metric_direction(c, name);
    if (strcmp(direction, "-") == 0)
        fail_usage("%s is not a metric: choose another --metric", name);
    if (column == ROW_COLUMN_COUNT || column_is_text(column))
        fail_usage("unknown column %s: choose another --metric", name);
    for (unsigned i = 0; i < c->metrics; i++)
        if (c->metric[i] == column)
            fail_usage("--metric has %s more than once", name);
    if (c->metrics == METRICS_MAX)
        fail_usage("--metric takes %d columns at most", METRICS_MAX);
    c->metric[c->metrics++] = column;
}

static void read_metrics(struct comparison *c)
{
    const char *list = settings.metrics;
    if (list[strspn(list, "abcdefghijklmnopqrstuvwxyz0123456789_,")] != '\0' || *list == ',' ||
        list[strlen(list) - 1] == ',' || strstr(list, ",,"))
        fail_usage("--metric takes comma-separated columns of trials.csv, not '%s'", list);
    char *copy = copy_string(list), *rest = NULL;
    for (char *name = strtok_r(copy, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        add_metric(c, name);
    free(copy);
}

static int parse(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "compares runs: differences of their environments, the ratios of the others to "
                    "A, and the ratios to the baseline within each run",
        .operands = "A B [C...]",
        .example =
            "runs compare results/monday results/tuesday --metric throughput_rps,latency_p99_us",
        .mixed = true,
    };
    static const struct option_spec options[] = {
        {OPTION_TEXT, "metric", "LIST", "columns of trials.csv; default throughput_rps",
         &settings.metrics},
        {OPTION_FLAG, "overlap", NULL, "compare only what the runs have in common",
         &settings.overlap},
        {OPTION_FLAG, "json", NULL, "print it as JSON", &settings.json},
        {OPTION_FLAG, "markdown", NULL, "print it as Markdown", &settings.markdown},
        {OPTION_FLAG, "html", NULL, "print it as HTML, as a fragment of a page", &settings.html},
        {OPTION_TEXT, "out", "DIR", "output directory; default results/compare-<utc>",
         &settings.out},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first < 2)
        fail_usage("expected at least two runs: see --help");
    if (argc - first > RUNS_MAX)
        fail_usage("at most %d runs can be compared, not %d", RUNS_MAX, argc - first);
    return first;
}

/* ---- the output directory ---- */

static char *directory; /* of the output */

/* A failure leaves no empty directory. */
static void remove_if_empty(void)
{
    rmdir(directory);
}

/* Two comparisons in the same second get different names. */
static char *make_out(void)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    if (settings.out) {
        make_directory(settings.out);
        return copy_string(settings.out);
    }
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    char *results = results_file(""), *base = format_string("compare-%s", stamp),
         *name = results_file(base), *out = copy_string(name);
    make_directory(results);
    free(results);
    free(base);
    for (unsigned number = 2; mkdir(out, 0777) != 0; number++) {
        if (errno != EEXIST || number > 100)
            fail_usage("cannot make the directory %s: choose another --out", out);
        free(out);
        out = format_string("%s-%u", name, number);
    }
    free(name);
    return out;
}

static void add_document(struct comparison *c, enum form form, struct text *text)
{
    struct document d;
    document_begin(&d, form);
    comparison_document(c, &d);
    text_add_string(text, text_of(&d.out));
    document_free(&d);
}

static void draw(struct comparison *c, struct files *files)
{
    struct complaint why;
    for (unsigned m = 0; m < c->metrics; m++) {
        char *name = m == 0 ? copy_string("forest.svg")
                            : format_string("forest-%s.svg", column_name(c->metric[m]));
        char *path = files_path(files, name);
        if (!comparison_draw(c, m, path, &why)) {
            files_check_room(files);
            files_drop(files);
            fail("%s", why.text);
        }
        free(path);
        free(name);
    }
}

static void put_files(struct comparison *c, const char *out, const char *json)
{
    struct files files = {.directory = out};
    struct text csv = {NULL, 0, 0}, markdown = {NULL, 0, 0};
    comparison_csv(c, &csv);
    add_document(c, FORM_MARKDOWN, &markdown);
    files_add(&files, "compare.csv", csv.text, csv.length);
    files_add(&files, "compare.json", json, strlen(json));
    files_add(&files, "compare.md", markdown.text, markdown.length);
    draw(c, &files);
    files_put(&files);
    text_free(&csv);
    text_free(&markdown);
}

static void print(struct comparison *c, const char *json)
{
    struct text text = {NULL, 0, 0};
    if (settings.json)
        text_add_string(&text, json);
    else
        add_document(c,
                     settings.markdown ? FORM_MARKDOWN
                     : settings.html   ? FORM_HTML
                                       : FORM_TEXT,
                     &text);
    fputs(text.text, stdout);
    text_free(&text);
}

int command_compare(int argc, char **argv)
{
    static struct comparison c;
    struct complaint why;
    struct stat about;
    int first = parse(argc, argv);
    c.overlap = settings.overlap;
    read_metrics(&c);
    if (settings.out && lstat(settings.out, &about) == 0)
        fail_usage("%s exists: choose another --out", settings.out);
    int status = compare_runs(&c, (const char *const *)argv + first, (unsigned)(argc - first),
                              &why);
    if (status == EXIT_USAGE)
        fail_usage("%s", why.text);
    if (status != EXIT_DONE)
        fail("%s", why.text);
    char *dump = comparison_json(&c), *json = format_string("%s\n", dump);
    directory = make_out();
    atexit(remove_if_empty);
    free(dump);
    put_files(&c, directory, json);
    print(&c, json);
    fprintf(stderr, "comparison: %s\n", directory);
    free(json);
    comparison_free(&c);
    return EXIT_DONE;
}
