/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/stats/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTCOMES = 6, STRATEGY = 0, FAULT = 1, SERVED = 4, FIRST_OUTCOME = 5, COLUMNS = 11 };
enum {
    EXPECTED_FAULT,
    EXPECTED_STRATEGIES,
    EXPECTED_FIRST_OUTCOME,
    EXPECTED_WHY = EXPECTED_FIRST_OUTCOME + OUTCOMES,
    EXPECTED_COLUMNS
};

static const char *const outcomes[OUTCOMES] = {"late",    "stranded", "reset",
                                               "refused", "lost",     "recovers"};

/* A line of known.tsv */
struct expected {
    char *fields[EXPECTED_COLUMNS];
};

struct table {
    struct expected *all;
    unsigned count, room;
};

static struct table read_expected(const char *path)
{
    struct table table = {NULL, 0, 0};
    struct lines lines = {.file = fopen(path, "re"),
                          .name = path,
                          .least = EXPECTED_COLUMNS,
                          .most = EXPECTED_COLUMNS};
    if (!lines.file)
        fail("cannot read %s: %s", path, strerror(errno));
    while (lines_next(&lines)) {
        table.all = array_grow(table.all, table.count, &table.room, sizeof *table.all);
        struct expected *expected = &table.all[table.count++];
        for (unsigned i = 0; i < EXPECTED_COLUMNS; i++)
            if (!(expected->fields[i] = strdup(lines.fields[i])))
                fail("out of memory");
    }
    fclose(lines.file);
    return table;
}

static void free_expected(struct table *table)
{
    for (unsigned i = 0; i < table->count; i++)
        for (unsigned k = 0; k < EXPECTED_COLUMNS; k++)
            free(table->all[i].fields[k]);
    free(table->all);
}

/* Whether the space-separated list contains the name, or is "*" */
static bool is_among(const char *name, const char *list)
{
    size_t length = strlen(name);
    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = list; *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == length && strncmp(at, name, length) == 0)
            return true;
    }
    return false;
}

/* The first line that matches; NULL = none */
static const struct expected *find_expected(const struct table *table, const char *strategy,
                                            const char *fault)
{
    for (unsigned i = 0; i < table->count; i++)
        if (strcmp(table->all[i].fields[EXPECTED_FAULT], fault) == 0 &&
            is_among(strategy, table->all[i].fields[EXPECTED_STRATEGIES]))
            return &table->all[i];
    return NULL;
}

/* Whether a value equals the expected one, or is within a range "2..4" */
static bool matches(const char *value, const char *expected)
{
    long low, high, number = strtol(value, NULL, 10);
    if (sscanf(expected, "%ld..%ld", &low, &high) != 2)
        return strcmp(value, expected) == 0;
    return number >= low && number <= high;
}

/* The last outcome that is not as expected, as an index of `outcomes`; OUTCOMES = none */
static unsigned wrong_outcome(const struct lines *lines, const struct expected *expected)
{
    for (unsigned i = OUTCOMES; i-- > 0;)
        if (!matches(lines->fields[FIRST_OUTCOME + i],
                     expected->fields[EXPECTED_FIRST_OUTCOME + i]))
            return i;
    return OUTCOMES;
}

static void print_verdict(const struct expected *expected, unsigned wrong)
{
    if (!expected)
        puts("WRONG: no expected counts for this strategy and fault");
    else if (wrong < OUTCOMES)
        printf("WRONG: %s should be %s: %s\n", outcomes[wrong],
               expected->fields[EXPECTED_FIRST_OUTCOME + wrong], expected->fields[EXPECTED_WHY]);
    else
        printf("ok: %s\n", expected->fields[EXPECTED_WHY]);
}

#define ROW "%-24s %-14s %6s %6s %8s %6s %7s %5s %9s  "

static void print_row(char *const *fields)
{
    char *const *o = fields + FIRST_OUTCOME;
    printf(ROW, fields[STRATEGY], fields[FAULT], fields[SERVED], o[0], o[1], o[2], o[3], o[4],
           o[5]);
}

bool check_results(const char *expected_path, bool wrong_only)
{
    struct lines lines = {.file = stdin, .least = COLUMNS, .most = COLUMNS};
    struct table table = read_expected(expected_path);
    unsigned rows = 0, wrong_rows = 0;
    while (lines_next(&lines)) {
        const struct expected *expected = find_expected(&table, lines.fields[STRATEGY],
                                                        lines.fields[FAULT]);
        unsigned wrong = expected ? wrong_outcome(&lines, expected) : OUTCOMES;
        bool is_wrong = !expected || wrong < OUTCOMES;
        wrong_rows += is_wrong;
        if (wrong_only && is_wrong)
            printf("%s %s\n", lines.fields[STRATEGY], lines.fields[FAULT]);
        if (wrong_only)
            continue;
        if (rows++ == 0)
            printf(ROW "verdict\n", "strategy", "fault", "served", "late", "stranded", "reset",
                   "refused", "lost", "recovers");
        print_row(lines.fields);
        print_verdict(expected, wrong);
    }
    free_expected(&table);
    return wrong_rows == 0;
}
