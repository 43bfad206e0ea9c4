/* SPDX-License-Identifier: BSD-2-Clause */
/* runs report RUN, runs report A B: figures, and a report of a run, or of two, as HTML, Markdown and JSON. */

#include "command.h"
#include "figure.h"
#include "files.h"
#include "report.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Draws the figures first: a run without a valid sample has no figures, but a report (EXIT_NOT_OK). The report has the reason
 * why a figure could not be drawn (EXIT_FAILED). */
static int draw(const struct run *run)
{
    const struct plot_options options = {.quiet = true};
    if (access(run->directory, W_OK) != 0)
        fail_usage("cannot write to %s", run->path);
    return plot_run(run, &options);
}

static char *out_of_two(void)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    char *name = format_string("report-%s", stamp), *path = results_file(name);
    free(name);
    return path;
}

static void put(struct files *files, struct text *html, struct text *markdown, char *json)
{
    files_add(files, "report.html", html->text, html->length);
    files_add(files, "report.md", markdown->text, markdown->length);
    if (json) {
        char *line = format_string("%s\n", json);
        files_add(files, "report.json", line, strlen(line));
        free(line);
    }
    files_put(files);
    text_free(html);
    text_free(markdown);
    free(json);
}

static int report_one(const char *path, const char *given)
{
    struct run run;
    struct report report;
    struct text html = {NULL, 0, 0}, markdown = {NULL, 0, 0};
    run_read(&run, path);
    char *out = copy_string(given ? given : run.directory);
    make_directory(out);
    int status = draw(&run);
    report_of(&run, &report);
    page_of_one(&report, &html, &markdown);
    struct files files = {.directory = out};
    put(&files, &html, &markdown, report_as_json(&report));
    fprintf(stderr, "report: %s/report.html\n", out);
    report_free(&report);
    run_free(&run);
    free(out);
    return status;
}

static int report_two(const char *const *paths, const char *given)
{
    struct run runs[2];
    struct report reports[2];
    struct text html = {NULL, 0, 0}, markdown = {NULL, 0, 0};
    int status = EXIT_DONE;
    for (int i = 0; i < 2; i++)
        run_read(&runs[i], paths[i]);
    if (strcmp(runs[0].directory, runs[1].directory) == 0)
        fail_usage("both are the same run: expected two");
    char *out = given ? copy_string(given) : out_of_two();
    make_directory(out);
    for (int i = 0; i < 2; i++) {
        int drawn = draw(&runs[i]);
        status = drawn > status ? drawn : status;
        report_of(&runs[i], &reports[i]);
    }
    struct files files = {.directory = out};
    page_of_two(&reports[0], &reports[1], &files, &html, &markdown);
    put(&files, &html, &markdown, NULL);
    fprintf(stderr, "report: %s/report.html\n", out);
    for (int i = 0; i < 2; i++) {
        report_free(&reports[i]);
        run_free(&runs[i]);
    }
    free(out);
    return status;
}

int command_report(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "writes a report of a run (report.html, report.md, report.json), or of two "
                    "side by side",
        .operands = "RUN [B]",
        .example = "runs report results/mine",
        .mixed = true,
    };
    static const char *out;
    static const struct option_spec options[] = {
        {OPTION_TEXT, "out", "DIR",
         "output directory; default RUN, of two runs results/report-<utc>", &out},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first != 1 && argc - first != 2)
        fail_usage("expected one run, or two: see --help");
    if (argc - first == 1)
        return report_one(argv[first], out);
    return report_two((const char *const *)argv + first, out);
}
