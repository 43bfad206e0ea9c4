/* SPDX-License-Identifier: BSD-2-Clause */
#include "means.h"

#include "number.h"

#include "harness/lib/message.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 4 };

/* Lines to be merged */
struct mean {
    char *key;     /* all fields except the trial and figures */
    char **fields; /* of the first line */
    double *sums;  /* by column */
    unsigned lines;
    struct mean *next; /* in the order of their first lines */
};

struct means {
    const struct csv *table;
    bool *is_figure; /* by column */
    int trial;       /* its column, -1 = none */
    void *tree;      /* of struct mean, by key */
    struct mean *first, **end;
};

static void *room_for(size_t count, size_t size)
{
    void *room = calloc(count + 1, size);
    if (!room)
        fail("out of memory");
    return room;
}

static bool names_figure(const char *column)
{
    static const char *const figures[] = {"us_per_req", "stall_us_per_req", "instructions_per_req",
                                          "share"};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strcmp(figures[i], column) == 0)
            return true;
    return false;
}

static void begin(struct means *means, const struct csv *table)
{
    *means = (struct means){.table = table,
                            .is_figure = room_for(table->columns, sizeof(bool)),
                            .trial = csv_column(table, "trial")};
    means->end = &means->first;
    for (unsigned i = 0; i < table->columns; i++)
        means->is_figure[i] = names_figure(table->header[i]);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct mean *)a)->key, ((const struct mean *)b)->key);
}

/* No field contains a line break. */
static char *key_of(const struct means *means)
{
    struct text key = {NULL, 0, 0};
    text_add_string(&key, "");
    for (unsigned i = 0; i < means->table->columns; i++)
        if (!means->is_figure[i] && (int)i != means->trial)
            text_add(&key, "%s\n", means->table->fields[i]);
    return key.text;
}

static struct mean *add_mean(struct means *means, char *key)
{
    const struct csv *table = means->table;
    struct mean *mean = room_for(1, sizeof *mean);
    *mean = (struct mean){.key = key,
                          .fields = room_for(table->columns, sizeof *mean->fields),
                          .sums = room_for(table->columns, sizeof *mean->sums)};
    memcpy(mean->fields, table->fields, table->columns * sizeof *mean->fields);
    *means->end = mean;
    means->end = &mean->next;
    return mean;
}

static struct mean *mean_of_line(struct means *means)
{
    struct mean wanted = {.key = key_of(means)};
    struct mean *const *found = tfind(&wanted, &means->tree, by_key);
    if (found) {
        free(wanted.key);
        return *found;
    }
    struct mean *mean = add_mean(means, wanted.key);
    if (!tsearch(mean, &means->tree, by_key))
        fail("out of memory");
    return mean;
}

static bool add_line(struct means *means, struct complaint *complaint)
{
    const struct csv *table = means->table;
    struct mean *mean = mean_of_line(means);
    mean->lines++;
    for (unsigned i = 0; i < table->columns; i++) {
        double value = 0;
        if (means->is_figure[i] && !number_read(table->fields[i], &value))
            return complain(complaint, "%s: line %lu: '%s' is not a %s", table->name, table->line,
                            table->fields[i], table->header[i]);
        mean->sums[i] += value;
    }
    return true;
}

static void write_mean(const struct means *means, const struct mean *mean, struct text *file)
{
    for (unsigned i = 0; i < means->table->columns; i++) {
        text_add_string(file, i ? "," : "");
        if (means->is_figure[i])
            text_add(file, "%.*g", DIGITS, mean->sums[i] / mean->lines);
        else
            csv_add_field(file, mean->fields[i]);
    }
    text_add_string(file, "\n");
}

static void write_header(const struct csv *table, struct text *file)
{
    for (unsigned i = 0; i < table->columns; i++) {
        text_add_string(file, i ? "," : "");
        csv_add_field(file, table->header[i]);
    }
    text_add_string(file, table->columns ? "\n" : "");
}

static void leave(void *node)
{
    (void)node;
}

static void end(struct means *means)
{
    tdestroy(means->tree, leave);
    for (struct mean *mean = means->first, *next; mean; mean = next) {
        next = mean->next;
        free(mean->key);
        free(mean->fields);
        free(mean->sums);
        free(mean);
    }
    free(means->is_figure);
}

bool means_write(struct csv *table, struct text *file, struct complaint *complaint)
{
    struct means means;
    enum csv_line line;
    bool read = true;
    begin(&means, table);
    while (read && (line = csv_next(table, complaint)) != CSV_END)
        read = line == CSV_LINE && add_line(&means, complaint);
    if (read)
        write_header(table, file);
    for (const struct mean *mean = means.first; read && mean; mean = mean->next)
        write_mean(&means, mean, file);
    end(&means);
    return read;
}
