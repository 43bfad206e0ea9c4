/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_plan.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <stdlib.h>
#include <string.h>

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"
#define NAME    SMALL DIGITS "-"
#define COMMAND SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS " ./_:-"

/* ---- fields ---- */

static bool is_made_of(const char *text, const char *characters)
{
    return *text && text[strspn(text, characters)] == '\0';
}

/* The most digits of a number in a plan (number_list.c): sums of such numbers do not overflow. */
enum { DIGITS_MAX = 9 };

static bool is_number(const char *text)
{
    return is_made_of(text, DIGITS) && strlen(text) <= DIGITS_MAX;
}

static bool is_number_or_none(const char *text)
{
    return is_number(text) || strcmp(text, "-") == 0;
}

static bool is_cpus(const char *text)
{
    return is_made_of(text, DIGITS ",-");
}

static bool is_name(const char *text)
{
    return *text >= 'a' && *text <= 'z' && is_made_of(text, NAME);
}

static bool is_duration(const char *text)
{
    const char *unit = text + strspn(text, DIGITS ".");
    return unit > text &&
           (strcmp(unit, "ms") == 0 || strcmp(unit, "s") == 0 || strcmp(unit, "m") == 0);
}

/* A name and its options. */
static bool is_command(const char *text)
{
    size_t name = strcspn(text, " ");
    return *text >= 'a' && *text <= 'z' && strspn(text, NAME) == name && is_made_of(text, COMMAND);
}

static bool is_load(const char *text)
{
    return *text && !strpbrk(text, NOT_IN_LOAD);
}

static bool is_instrument(const char *text)
{
    return strcmp(text, "auto") == 0 || strcmp(text, "ctxsw") == 0;
}

static bool is_kind(const char *text)
{
    return strcmp(text, "warm-up") == 0 || strcmp(text, "measured") == 0 ||
           strcmp(text, "wire") == 0;
}

static bool (*const is_right[PLAN_COLUMN_COUNT])(const char *text) = {
    [PLAN_TRIAL] = is_number,        [PLAN_ROUND] = is_number,
    [PLAN_POSITION] = is_number,     [PLAN_STRATEGY] = is_name,
    [PLAN_SERVER] = is_command,      [PLAN_BACKEND] = is_name,
    [PLAN_WORKERS] = is_number,      [PLAN_CPUS] = is_number,
    [PLAN_SERVER_CPUS] = is_cpus,    [PLAN_CLIENT_CPUS] = is_cpus,
    [PLAN_THREADS] = is_number,      [PLAN_CONNECTIONS] = is_number_or_none,
    [PLAN_RATE] = is_number_or_none, [PLAN_REQUESTS] = is_number,
    [PLAN_WINDOW] = is_duration,     [PLAN_WARMUP] = is_duration,
    [PLAN_SEED] = is_number,         [PLAN_INSTRUMENT] = is_instrument,
    [PLAN_LOAD_WORDS] = is_load,     [PLAN_KIND] = is_kind,
};

/* ---- options allowed in a plan from elsewhere ---- */

static const char *const of_server[] = {"--policy",    "--lock",   "--edge",    "--steer",
                                        "--backlog",   "--accept", "--reverse", "--service-us",
                                        "--keepalive", "--level",  "--oneshot", "--single",
                                        "--multishot", "--readd",  NULL};
static const char *const of_load[] = {"--arrivals", "--think", "--close",    "--timeout",
                                      "--spin",     "--mix",   "--max-open", NULL};

static bool is_among(const char *const *known, const char *word)
{
    for (; *known; known++)
        if (strcmp(*known, word) == 0)
            return true;
    return false;
}

static void check_options(const struct csv *csv, enum plan_column column, const char *const *known)
{
    char *copy = copy_string(csv->fields[column]), *rest = NULL;
    for (char *word = strtok_r(copy, " =", &rest); word; word = strtok_r(NULL, " =", &rest))
        if (word[0] == '-' && word[1] != '\0' && !is_among(known, word))
            fail_usage("%s: line %lu: column %s: %s is not allowed in a plan from elsewhere",
                       csv->name, csv->line, plan_column_name(column), word);
    free(copy);
}

/* ---- the file ---- */

void plan_open(struct csv *csv, const char *run)
{
    struct complaint complaint;
    char *path = format_string("%s/plan.tsv", run);
    if (!csv_open(csv, path, path, '\t', &complaint))
        fail("%s", complaint.text);
}

bool plan_next(struct csv *csv)
{
    struct complaint complaint;
    enum csv_line line = csv_next(csv, &complaint);
    if (line == CSV_BROKEN)
        fail_usage("%s", complaint.text);
    return line == CSV_LINE;
}

void plan_close(struct csv *csv)
{
    const char *path = csv->name;
    csv_close(csv);
    free((char *)path);
}

static void check_header(const struct csv *csv)
{
    if (csv->columns != PLAN_COLUMN_COUNT)
        fail_usage("%s: line 1: %u columns, a plan has %d", csv->name, csv->columns,
                   PLAN_COLUMN_COUNT);
    for (unsigned i = 0; i < PLAN_COLUMN_COUNT; i++)
        if (strcmp(csv->header[i], plan_column_name(i)) != 0)
            fail_usage("%s: line 1: column %u is '%s', not '%s'", csv->name, i + 1, csv->header[i],
                       plan_column_name(i));
}

static void check_reserved(const struct csv *csv, enum plan_column column)
{
    const char *option = reserved_option(csv->fields[column]);
    if (option)
        fail_usage("%s: line %lu: column %s: %s is reserved for bench", csv->name, csv->line,
                   plan_column_name(column), option);
}

static void check_line(const struct csv *csv, enum plan_origin origin)
{
    for (unsigned i = 0; i < PLAN_COLUMN_COUNT; i++)
        if (!is_right[i](csv->fields[i]))
            fail_usage("%s: line %lu: column %u: '%s' is not a valid %s", csv->name, csv->line,
                       i + 1, csv->fields[i], plan_column_name(i));
    if (origin == PLAN_OWN) {
        check_reserved(csv, PLAN_SERVER);
        check_reserved(csv, PLAN_LOAD_WORDS);
        return;
    }
    check_options(csv, PLAN_SERVER, of_server);
    check_options(csv, PLAN_LOAD_WORDS, of_load);
}

struct seen {
    unsigned long trial, line;
};

static int order_of_seen(const void *a, const void *b)
{
    const struct seen *left = a, *right = b;
    if (left->trial != right->trial)
        return left->trial < right->trial ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

static void check_doubles(const char *name, struct seen *seen, unsigned count)
{
    const struct seen *first = NULL;
    qsort(seen, count, sizeof *seen, order_of_seen);
    for (unsigned i = 1; i < count; i++)
        if (seen[i].trial == seen[i - 1].trial && (!first || seen[i].line < first->line))
            first = &seen[i];
    if (first)
        fail_usage("%s: line %lu: column 1: duplicate trial %lu", name, first->line, first->trial);
}

/* Before the lines are read, which would take seconds for so many. */
static void check_length(const struct csv *csv)
{
    unsigned long lines = 0;
    for (const char *at = csv->at; (at = strchr(at, '\n')); at++)
        lines++;
    if (lines > PLAN_LINES_MAX)
        fail_usage("%s: %lu lines: a plan has at most %d", csv->name, lines, PLAN_LINES_MAX);
}

void check_plan(const char *run, enum plan_origin origin)
{
    struct csv csv;
    struct seen *seen = NULL;
    unsigned count = 0, room = 0;
    plan_open(&csv, run);
    check_header(&csv);
    check_length(&csv);
    while (plan_next(&csv)) {
        check_line(&csv, origin);
        seen = array_grow(seen, count, &room, sizeof *seen);
        seen[count++] = (struct seen){strtoul(csv.fields[PLAN_TRIAL], NULL, 10), csv.line};
    }
    if (count == 0)
        fail_usage("%s: line 1: the plan has no trials", csv.name);
    check_doubles(csv.name, seen, count);
    free(seen);
    plan_close(&csv);
}
