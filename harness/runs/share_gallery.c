/* SPDX-License-Identifier: BSD-2-Clause */
/* runs gallery LIST OUT: the figure of results/gallery.tsv. The list is made of lines that others have sent: one that is not whole is
 * refused. */

#include "command.h"
#include "csv.h"
#include "number.h"
#include "picture.h"
#include "share_line.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MOST = 40, SHA256_LETTERS = 64 };

/* The columns of share_add_header(), in their order */
enum {
    DATE,
    MACHINE,
    MODEL,
    CPUS,
    KERNEL,
    VERSION,
    WORKERS,
    CONNECTIONS,
    RATIO,
    LOW,
    HIGH,
    MARK,
    SHA256,
    SOURCE,
    COLUMNS
};

static const char *const marks[] = {"cores", "virtual time"};
enum { MARKS = sizeof marks / sizeof *marks };

struct point {
    double cpus;
    char *text;  /* CPUs, ratio, low, high */
    char *run;   /* what lines of the same run have in common */
    char *label; /* CPU model and machine */
    int mark;
};

struct points {
    struct point *all;
    unsigned count, room;
};

/* ---- lines ---- */

static int mark_of(const char *text)
{
    for (int i = 0; i < MARKS; i++)
        if (strcmp(marks[i], text) == 0)
            return i;
    return -1;
}

static bool is_date(const char *text)
{
    static const char form[] = "0000-00-00";
    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

static bool is_count(const char *text)
{
    size_t length = strlen(text);
    return strspn(text, "0123456789") == length && length <= 6 && strtod(text, NULL) >= 1;
}

/* The value of decimal digits; NAN: it is no ratio */
static double ratio_of_text(const char *text)
{
    double value;
    bool is = strspn(text, "0123456789.") == strlen(text) && strlen(text) <= 12 &&
              number_read(text, &value) && value > 0;
    return is ? value : NAN;
}

static bool is_checksum(const char *text)
{
    size_t length = strlen(text);
    return strcmp(text, "-") == 0 ||
           (length == SHA256_LETTERS && strspn(text, "0123456789abcdef") == length);
}

/* Why a line is refused; NULL: it is not */
static const char *refused(char *const *fields)
{
    double ratio = ratio_of_text(fields[RATIO]);
    for (int i = 0; i < COLUMNS; i++)
        if (*fields[i] == '\0')
            return "a field is empty";
    if (!is_date(fields[DATE]))
        return "the date is not of the form 2026-11-25";
    if (!is_count(fields[CPUS]) || !is_count(fields[WORKERS]) || !is_count(fields[CONNECTIONS]))
        return "cpus, workers and connections are whole numbers from 1";
    if (!(ratio_of_text(fields[LOW]) <= ratio) || !(ratio <= ratio_of_text(fields[HIGH])))
        return "low, ratio and high are numbers above 0 in this order";
    if (mark_of(fields[MARK]) < 0)
        return "the mark is neither 'cores' nor 'virtual time'";
    if (!is_checksum(fields[SHA256]))
        return "the checksum is 64 hexadecimal digits, or '-' for a run in results/reference";
    return NULL;
}

/* A text in double quotes, as data of gnuplot */
static char *label_of(char *const *fields)
{
    char *both = format_string("%s, %s", fields[MODEL], fields[MACHINE]),
         *plain = plain_string(both, LABEL_MOST);
    for (char *c = plain; *c; c++)
        if (*c == '"' || *c == '\\')
            *c = '?';
    free(both);
    return plain;
}

static void add_point(struct points *points, char *const *f)
{
    points->all = array_grow(points->all, points->count, &points->room, sizeof *points->all);
    points->all[points->count++] = (struct point){
        .cpus = strtod(f[CPUS], NULL),
        .text = format_string("%s %s %s %s", f[CPUS], f[RATIO], f[LOW], f[HIGH]),
        .run = format_string("%s\t%s\t%s\t%s\t%s", f[DATE], f[MACHINE], f[MODEL], f[KERNEL],
                             f[SOURCE]),
        .label = label_of(f),
        .mark = mark_of(f[MARK]),
    };
}

static bool has_columns(const struct csv *csv)
{
    struct text header = {NULL, 0, 0}, expected = {NULL, 0, 0};
    share_add_header(&expected);
    for (unsigned i = 0; i < csv->columns; i++)
        text_add(&header, "%s%s", csv->header[i], i + 1 < csv->columns ? "\t" : "\n");
    bool same = strcmp(text_of(&header), text_of(&expected)) == 0;
    text_free(&header);
    text_free(&expected);
    return same;
}

/* Ends the program where the list is not whole. */
static void read_list(struct points *points, const char *path)
{
    struct csv csv;
    struct complaint why;
    enum csv_line line;
    if (!csv_open(&csv, path, path, '\t', &why))
        fail("%s", why.text);
    if (!has_columns(&csv))
        fail("%s: line 1: the columns are not those of results/README.md", path);
    while ((line = csv_next(&csv, &why)) == CSV_LINE) {
        const char *reason = refused(csv.fields);
        if (reason)
            fail("%s: line %lu: %s", path, csv.line, reason);
        add_point(points, csv.fields);
    }
    if (line == CSV_BROKEN)
        fail("%s", why.text);
    if (points->count == 0)
        fail("%s has no run", path);
    csv_close(&csv);
}

/* ---- the figure ---- */

/* Whether it is the one of its run that has the label: the last of those with the most CPUs */
static bool is_labelled(const struct points *points, unsigned number)
{
    const struct point *point = &points->all[number];
    for (unsigned i = 0; i < points->count; i++)
        if (strcmp(points->all[i].run, point->run) == 0 &&
            (points->all[i].cpus > point->cpus ||
             (points->all[i].cpus == point->cpus && i > number)))
            return false;
    return true;
}

/* A block for each mark: CPUs, ratio, low, high, label. Each begins with a line that is not drawn: without a line it would be no
 * block. */
static void add_data(const struct points *points, struct text *to, unsigned *runs)
{
    *runs = 0;
    for (int mark = 0; mark < MARKS; mark++) {
        text_add_string(to, "NaN NaN NaN NaN \"\"\n");
        for (unsigned i = 0; i < points->count; i++) {
            const struct point *point = &points->all[i];
            if (point->mark != mark)
                continue;
            bool labelled = is_labelled(points, i);
            *runs += labelled;
            text_add(to, "%s \"%s\"\n", point->text, labelled ? point->label : "");
        }
        text_add_string(to, "\n\n");
    }
}

static int by_cpus(const void *a, const void *b)
{
    const struct point *left = a, *right = b;
    return (left->cpus > right->cpus) - (left->cpus < right->cpus);
}

/* "2 4 8": the numbers of CPUs, upwards. Sorts the points. */
static void add_ticks(struct points *points, struct text *to)
{
    qsort(points->all, points->count, sizeof *points->all, by_cpus);
    for (unsigned i = 0; i < points->count; i++)
        if (i == 0 || points->all[i].cpus != points->all[i - 1].cpus)
            text_add(to, "%s%.0f", i ? " " : "", points->all[i].cpus);
}

static void draw(struct points *points, const char *list, const char *out)
{
    struct text data = {NULL, 0, 0}, ticks = {NULL, 0, 0};
    struct complaint why;
    unsigned runs;
    add_data(points, &data, &runs);
    add_ticks(points, &ticks);
    char *name = plain_string(file_name(list), LABEL_MOST),
         *footer = format_string(
             "%u lines of %u runs, closed load, workers per CPU as near to 4 as "
             "was measured; %s",
             points->count, runs, name);
    struct picture picture = {
        .figure = "gallery",
        .data = text_of(&data),
        .data_length = data.length,
        .title = "Throughput of wakeone to racing, by number of CPUs",
        .subtitle = "ratio with its 95 % interval; 1 = no difference (dashed)",
        .footer = footer,
        .looks = "cores #0072B2 7 virtual #D55E00 6",
        .ticks = text_of(&ticks),
        .cpus = "0"};
    picture_check_room();
    if (!picture_draw(&picture, out, &why))
        fail("%s", why.text);
    text_free(&data);
    text_free(&ticks);
    free(footer);
    free(name);
}

int command_gallery(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "the figure of a list of published runs",
        .operands = "LIST OUT",
        .example = "runs gallery results/gallery.tsv gallery.svg",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct points points = {NULL, 0, 0};
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first != 2)
        fail_usage("takes a list and a file for the figure: see --help");
    read_list(&points, argv[first]);
    draw(&points, argv[first], argv[first + 1]);
    for (unsigned i = 0; i < points.count; i++) {
        free(points.all[i].text);
        free(points.all[i].run);
        free(points.all[i].label);
    }
    free(points.all);
    return EXIT_DONE;
}
