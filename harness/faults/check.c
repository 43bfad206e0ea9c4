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
    KNOWN_FAULT,
    KNOWN_STRATEGIES,
    KNOWN_FIRST_OUTCOME,
    KNOWN_WHY = KNOWN_FIRST_OUTCOME + OUTCOMES,
    KNOWN_COLUMNS
};

static const char *const outcomes[OUTCOMES] = {"late",    "stranded", "reset",
                                               "refused", "lost",     "recovers"};

/* A line of known.tsv */
struct known {
    char *fields[KNOWN_COLUMNS];
};

struct table {
    struct known *all;
    unsigned count, room;
};

static struct table read_known(const char *path)
{
    struct table table = {NULL, 0, 0};
    struct lines lines = {
        .file = fopen(path, "re"), .name = path, .least = KNOWN_COLUMNS, .most = KNOWN_COLUMNS};
    if (!lines.file)
        fail("cannot read %s: %s", path, strerror(errno));
    while (lines_next(&lines)) {
        table.all = array_grow(table.all, table.count, &table.room, sizeof *table.all);
        struct known *known = &table.all[table.count++];
        for (unsigned i = 0; i < KNOWN_COLUMNS; i++)
            if (!(known->fields[i] = strdup(lines.fields[i])))
                fail("out of memory");
    }
    fclose(lines.file);
    return table;
}

static void free_known(struct table *table)
{
    for (unsigned i = 0; i < table->count; i++)
        for (unsigned k = 0; k < KNOWN_COLUMNS; k++)
            free(table->all[i].fields[k]);
    free(table->all);
}

/* Is it "*" or one of the words? */
static bool is_among(const char *word, const char *words)
{
    size_t length = strlen(word);
    if (strcmp(words, "*") == 0)
        return true;
    for (const char *at = words; *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == length && strncmp(at, word, length) == 0)
            return true;
    }
    return false;
}

/* The first line that fits; NULL = none */
static const struct known *find_known(const struct table *table, const char *strategy,
                                      const char *fault)
{
    for (unsigned i = 0; i < table->count; i++)
        if (strcmp(table->all[i].fields[KNOWN_FAULT], fault) == 0 &&
            is_among(strategy, table->all[i].fields[KNOWN_STRATEGIES]))
            return &table->all[i];
    return NULL;
}

/* Is a value the expected one, or within "2..4"? */
static bool fits(const char *value, const char *expected)
{
    long low, high, number = strtol(value, NULL, 10);
    if (sscanf(expected, "%ld..%ld", &low, &high) != 2)
        return strcmp(value, expected) == 0;
    return number >= low && number <= high;
}

/* The last outcome that is not as known, as a place in `outcomes`; OUTCOMES = none */
static unsigned wrong_outcome(const struct lines *lines, const struct known *known)
{
    for (unsigned i = OUTCOMES; i-- > 0;)
        if (!fits(lines->fields[FIRST_OUTCOME + i], known->fields[KNOWN_FIRST_OUTCOME + i]))
            return i;
    return OUTCOMES;
}

static void print_verdict(const struct known *known, unsigned wrong)
{
    if (!known)
        puts("WRONG: nothing is known of this");
    else if (wrong < OUTCOMES)
        printf("WRONG: %s should be %s: %s\n", outcomes[wrong],
               known->fields[KNOWN_FIRST_OUTCOME + wrong], known->fields[KNOWN_WHY]);
    else
        printf("ok: %s\n", known->fields[KNOWN_WHY]);
}

#define ROW "%-24s %-14s %6s %6s %8s %6s %7s %5s %9s  "

static void print_row(char *const *fields)
{
    char *const *o = fields + FIRST_OUTCOME;
    printf(ROW, fields[STRATEGY], fields[FAULT], fields[SERVED], o[0], o[1], o[2], o[3], o[4],
           o[5]);
}

bool check_results(const char *known_path, bool wrong_only)
{
    struct lines lines = {.file = stdin, .least = COLUMNS, .most = COLUMNS};
    struct table table = read_known(known_path);
    unsigned rows = 0, wrong_rows = 0;
    while (lines_next(&lines)) {
        const struct known *known = find_known(&table, lines.fields[STRATEGY], lines.fields[FAULT]);
        unsigned wrong = known ? wrong_outcome(&lines, known) : OUTCOMES;
        bool is_wrong = !known || wrong < OUTCOMES;
        wrong_rows += is_wrong;
        if (wrong_only && is_wrong)
            printf("%s %s\n", lines.fields[STRATEGY], lines.fields[FAULT]);
        if (wrong_only)
            continue;
        if (rows++ == 0)
            printf(ROW "verdict\n", "strategy", "fault", "served", "late", "stranded", "reset",
                   "refused", "lost", "recovers");
        print_row(lines.fields);
        print_verdict(known, wrong);
    }
    free_known(&table);
    return wrong_rows == 0;
}
