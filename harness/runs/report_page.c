/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages of a report: one run, or two side by side, as HTML by harness/report/page.html and as Markdown. */

#include "command.h"
#include "compare.h"
#include "csv.h"
#include "picture.h"
#include "report.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the template ---- */

struct place {
    const char *name, *text;
};

static char *read_part(const char *name)
{
    size_t size;
    char *path = format_string("%s/harness/report/%s", top_directory(), name),
         *text = file_read(path, &size);
    if (!text)
        fail("cannot read %s: %s", path, strerror(errno));
    free(path);
    return text;
}

/* Adds the template with each @NAME@ replaced by its text. */
static void fill_in(struct text *page, const char *template, const struct place *places,
                    size_t count)
{
    for (const char *at = template; *at;) {
        size_t i = 0;
        while (i < count && strncmp(at, places[i].name, strlen(places[i].name)) != 0)
            i++;
        text_add_bytes(page, at, i < count ? 0 : 1);
        text_add_string(page, i < count ? places[i].text : "");
        at += i < count ? strlen(places[i].name) : 1;
    }
}

static void add_page(struct text *html, const char *title, const char *class, const char *body)
{
    char *template = read_part("page.html"), *style = read_part("style.css"),
         *script = read_part("sort.js");
    const struct place places[] = {{"@TITLE@", title},
                                   {"@CLASS@", class},
                                   {"@STYLE@", style},
                                   {"@SCRIPT@", script},
                                   {"@BODY@", body}};
    fill_in(html, template, places, sizeof places / sizeof *places);
    free(template);
    free(style);
    free(script);
}

/* ---- figures ---- */

static void add_missing(struct document *d, const char *title, const char *reason)
{
    char *line = document_inline(d, "%s: %s", title, reason),
         *paragraph = format_string("<p class=\"missing\">%s</p>\n", line);
    document_raw(d, paragraph);
    free(line);
    free(paragraph);
}

static void add_svg(struct document *d, const char *svg, const char *title, const char *prefix)
{
    char *part = svg_for_page(svg, title, prefix), *label = document_inline(d, "%s", title);
    char *begin = format_string(
        "<figure><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n", label);
    document_raw(d, begin);
    document_raw(d, part);
    document_raw(d, "</div></figure>\n");
    free(part);
    free(label);
    free(begin);
}

/* One figure, or the reason why it is missing */
static void add_figure(struct document *d, const struct report *report, const char *prefix,
                       const struct report_figure *f, const char *title)
{
    size_t size;
    if (strcmp(f->reason, "-") != 0) {
        add_missing(d, title, f->reason);
        return;
    }
    char *path = format_string("%s/figures/%s.svg", report->run->directory, f->file),
         *svg = file_read(path, &size);
    char *ids = format_string("%s%s-", prefix, f->file);
    if (svg)
        add_svg(d, svg, title, ids);
    else
        add_missing(d, title, "the file is missing");
    free(path);
    free(svg);
    free(ids);
}

static void add_figures(struct document *d, const struct report *report)
{
    document_raw(d, "<h2>Figures</h2>\n");
    for (unsigned i = 0; i < report->figure_count; i++)
        add_figure(d, report, "", &report->figures[i], report->figures[i].title);
}

static const struct report_figure *figure_of(const struct report *report, const char *file)
{
    for (unsigned i = 0; i < report->figure_count; i++)
        if (strcmp(report->figures[i].file, file) == 0)
            return &report->figures[i];
    return NULL;
}

/* The figures of A and B side by side */
static void add_figures_beside(struct document *d, const struct report *a, const struct report *b)
{
    document_raw(d, "<h2>Figures</h2>\n");
    for (unsigned i = 0; i < a->figure_count; i++) {
        const struct report_figure *f = &a->figures[i], *other = figure_of(b, f->file);
        const struct report_figure none = {f->name, f->file, f->title, "not measured in this run",
                                           0,       0};
        char *of_a = format_string("%s, A", f->title), *of_b = format_string("%s, B", f->title);
        document_heading(d, 3, "%s", f->title);
        document_raw(d, "<div class=\"beside\"><div>\n");
        add_figure(d, a, "A-", f, of_a);
        document_raw(d, "</div><div>\n");
        add_figure(d, b, "B-", other ? other : &none, of_b);
        document_raw(d, "</div></div>\n");
        free(of_a);
        free(of_b);
    }
}

/* ---- one run ---- */

static void add_finding(struct document *d, const struct report *report)
{
    char *finding = document_inline(d, "%v", report->finding);
    char *paragraph = format_string("<p class=\"finding\">%s</p>\n", finding);
    document_raw(d, paragraph);
    free(finding);
    free(paragraph);
}

static void add_html_heading(struct document *d, const char *format, const char *letter,
                             const char *title)
{
    struct text heading = {NULL, 0, 0};
    text_add(&heading, "%s%s%s", format, letter, title);
    document_raw(d, heading.text);
    text_free(&heading);
}

static void one_html(const struct report *report, struct text *html)
{
    struct document d;
    char *title = report_title(report, FORM_HTML), *heading = format_string("wakeone: %s", title);
    document_begin(&d, FORM_HTML);
    add_html_heading(&d, "<h1>", title, "</h1>\n");
    add_finding(&d, report);
    report_summary(report, &d, "");
    add_figures(&d, report);
    report_rest(report, &d, "");
    add_page(html, heading, "one", text_of(&d.out));
    document_free(&d);
    free(title);
    free(heading);
}

void page_of_one(const struct report *report, struct text *html, struct text *markdown)
{
    struct document d;
    char *title = report_title(report, FORM_MARKDOWN);
    one_html(report, html);
    document_begin(&d, FORM_MARKDOWN);
    d.begun = true;
    text_add(&d.out, "# %s\n\n%s\n", title, report->finding);
    report_summary(report, &d, "");
    report_rest(report, &d, "");
    text_add_string(markdown, text_of(&d.out));
    document_free(&d);
    free(title);
}

/* ---- two runs ---- */

static void begin_comparison(struct comparison *c)
{
    static const enum column metrics[] = {COLUMN_throughput_rps, COLUMN_wakeups_per_conn,
                                          COLUMN_server_cpu_us_per_req};
    *c = (struct comparison){.overlap = true, .metrics = sizeof metrics / sizeof *metrics};
    memcpy(c->metric, metrics, sizeof metrics);
}

/* The forest plot of throughput, drawn among the new files of the page: A may come from elsewhere, and its links are not
 * followed. Nothing if it cannot be drawn. */
static void add_forest(struct document *d, struct comparison *c, struct files *files)
{
    struct complaint why;
    size_t size;
    char *path = files_path(files, "forest.svg");
    char *svg = comparison_draw(c, 0, path, &why) ? file_read(path, &size) : NULL;
    if (svg)
        add_svg(d, svg, "Ratios of B to A", "forest-");
    else
        files_check_room(files);
    files_forget(files);
    free(svg);
    free(path);
}

static void add_no_comparison(struct document *html, struct document *markdown,
                              const struct complaint *why)
{
    static const char words[] = "The configurations of the runs could not be compared: compare: ";
    char *reason = document_inline(html, "%s", why->text),
         *in_markdown = document_inline(markdown, "%s", why->text);
    document_heading(html, 2, "Comparison");
    document_raw(html, "<p class=\"missing\">");
    document_raw(html, words);
    document_raw(html, reason);
    document_raw(html, "\n</p>\n");
    document_heading(markdown, 2, "Comparison");
    document_raw(markdown, words);
    document_raw(markdown, in_markdown);
    document_raw(markdown, "\n");
    free(reason);
    free(in_markdown);
}

/* The comparison is a section of the Markdown: its heading is one level lower. */
static void add_markdown_comparison(struct document *to, struct comparison *c)
{
    static const char heading[] = "# Runs compared";
    struct document d;
    document_begin(&d, FORM_MARKDOWN);
    comparison_document(c, &d);
    const char *text = text_of(&d.out);
    document_raw(to, "## Runs compared");
    document_raw(to, text + strlen(heading));
    document_free(&d);
}

static void add_comparison(const struct report *a, const struct report *b, struct files *files,
                           struct document *html, struct document *markdown)
{
    struct comparison *c = calloc(1, sizeof *c);
    const char *const paths[] = {a->run->path, b->run->path};
    struct complaint why;
    if (!c)
        fail("out of memory");
    begin_comparison(c);
    document_raw(markdown, "\n");
    if (compare_runs(c, paths, 2, &why) == EXIT_DONE) {
        comparison_document(c, html);
        add_markdown_comparison(markdown, c);
        add_forest(html, c, files);
    } else {
        add_no_comparison(html, markdown, &why);
    }
    comparison_free(c);
    free(c);
}

static void add_run_beside(struct document *html, struct document *markdown,
                           const struct report *report, const char *letter)
{
    char *title = report_title(report, FORM_HTML),
         *in_markdown = report_title(report, FORM_MARKDOWN);
    document_raw(html, "<div><h2>");
    document_raw(html, letter);
    add_html_heading(html, ": ", title, "</h2>\n");
    add_finding(html, report);
    document_raw(html, "</div>\n");
    text_add(&markdown->out, "\n**%s**, %s\n\n%s\n", letter, in_markdown, report->finding);
    free(title);
    free(in_markdown);
}

void page_of_two(const struct report *a, const struct report *b, struct files *files,
                 struct text *html, struct text *markdown)
{
    const struct report *const reports[] = {a, b};
    static const char *const letters[] = {"A", "B"}, *const whose[] = {" of A", " of B"};
    struct document page, text;
    char *name_a = plain_string(a->name, 60), *name_b = plain_string(b->name, 60);
    document_begin(&page, FORM_HTML);
    document_begin(&text, FORM_MARKDOWN);
    char *title = document_inline(&page, "Comparison of %s and %s", name_a, name_b),
         *in_markdown = document_inline(&text, "Comparison of %s and %s", name_a, name_b),
         *heading = format_string("wakeone: %s", title);
    text.begun = true;
    add_html_heading(&page, "<h1>", title, "</h1>\n<div class=\"beside\">\n");
    text_add(&text.out, "# %s\n", in_markdown);
    for (int i = 0; i < 2; i++)
        add_run_beside(&page, &text, reports[i], letters[i]);
    document_raw(&page, "</div>\n");
    add_comparison(a, b, files, &page, &text);
    add_figures_beside(&page, a, b);
    for (int i = 0; i < 2; i++) {
        report_summary(reports[i], &page, whose[i]);
        report_rest(reports[i], &page, whose[i]);
        report_summary(reports[i], &text, whose[i]);
        report_rest(reports[i], &text, whose[i]);
    }
    add_page(html, heading, "wide", text_of(&page.out));
    text_add_string(markdown, text_of(&text.out));
    free(name_a);
    free(name_b);
    free(title);
    free(in_markdown);
    free(heading);
    document_free(&page);
    document_free(&text);
}
