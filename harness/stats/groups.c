/* SPDX-License-Identifier: BSD-2-Clause */
#include "groups.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add(struct values *values, double value)
{
    values->all = array_grow(values->all, values->count, &values->room, sizeof *values->all);
    values->all[values->count++] = value;
}

/* Lines of a number of columns, with or without a key before them */
static struct lines standard_input(unsigned columns)
{
    return (struct lines){.file = stdin, .least = columns, .most = columns + 1};
}

static bool has_key(const struct lines *lines)
{
    return lines->columns == lines->most;
}

/* Lines of one key mostly come together. */
static struct group *group_of(struct names *groups, const struct lines *lines, bool is_keyed,
                              struct group *last)
{
    const char *key = is_keyed ? lines->fields[0] : "-";
    if (*key == '\0')
        lines_refuse(lines, 1, "a key");
    if (last && strcmp(last->named.name, key) == 0)
        return last;
    return names_add(groups, key, sizeof *last);
}

void groups_read_pairs(struct names *groups)
{
    struct lines lines = standard_input(2);
    struct group *group = NULL;
    while (lines_next(&lines)) {
        double a = lines_number(&lines, lines.columns - 1, NUMBER_POSITIVE);
        double b = lines_number(&lines, lines.columns, NUMBER_POSITIVE);
        group = group_of(groups, &lines, has_key(&lines), group);
        add(&group->a, a);
        add(&group->b, b);
    }
}

void groups_read_singles(struct names *groups)
{
    struct lines lines = standard_input(1);
    struct group *group = NULL;
    while (lines_next(&lines)) {
        double value = lines_number(&lines, lines.columns, NUMBER_ANY);
        group = group_of(groups, &lines, has_key(&lines), group);
        add(&group->a, value);
    }
}

void groups_read_columns(struct names *groups, const struct column_list *list)
{
    struct lines lines = {.file = stdin, .least = list->last, .most = COLUMNS_MAX};
    struct group *group = NULL;
    while (lines_next(&lines)) {
        group = group_of(groups, &lines, !list->is[0], group);
        for (unsigned i = 0; i < list->last; i++)
            if (list->is[i])
                add(&group->columns[i], lines_number(&lines, i + 1, NUMBER_ANY));
    }
}

static char *copy_or_die(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        fail("out of memory");
    return copy;
}

/* The destination of the values of this line's group. */
static struct values *side_of(struct group *group, const struct lines *lines, const char *base)
{
    unsigned column = lines->columns - 1;
    const char *name = lines->fields[column - 1];
    char wanted[200];
    if (strcmp(name, base) == 0)
        return &group->b;
    if (!group->other)
        group->other = copy_or_die(name);
    if (strcmp(name, group->other) != 0) {
        snprintf(wanted, sizeof wanted, "one group besides '%s', here '%s',", base, group->other);
        lines_refuse(lines, column, wanted);
    }
    return &group->a;
}

void groups_read_values(struct names *groups, const char *base)
{
    struct lines lines = standard_input(2);
    struct group *group = NULL;
    char *baseline = base ? copy_or_die(base) : NULL;
    bool seen = false;
    while (lines_next(&lines)) {
        double value = lines_number(&lines, lines.columns, NUMBER_ANY);
        if (*lines.fields[lines.columns - 2] == '\0')
            lines_refuse(&lines, lines.columns - 1, "the name of a group");
        if (!baseline)
            baseline = copy_or_die(lines.fields[lines.columns - 2]);
        group = group_of(groups, &lines, has_key(&lines), group);
        struct values *side = side_of(group, &lines, baseline);
        seen |= side == &group->b;
        add(side, value);
    }
    if (group && !seen)
        fail("no line of the group '%s'", baseline);
    free(baseline);
}

static void clean_group(void *thing)
{
    struct group *group = thing;
    free(group->a.all);
    free(group->b.all);
    for (unsigned i = 0; i < COLUMNS_MAX; i++)
        free(group->columns[i].all);
    free(group->other);
}

void groups_free(struct names *groups)
{
    names_free(groups, clean_group);
}

void thresholds_read(struct names *thresholds, const char *path)
{
    struct lines lines = {.file = fopen(path, "re"), .name = path, .least = 2, .most = 2};
    if (!lines.file)
        fail("cannot read %s: %s", path, strerror(errno));
    while (lines_next(&lines)) {
        double share = lines_number(&lines, 2, NUMBER_NOT_NEGATIVE);
        if (names_find(thresholds, lines.fields[0]))
            lines_refuse(&lines, 1, "a key that is not there already");
        struct threshold *threshold = names_add(thresholds, lines.fields[0], sizeof *threshold);
        threshold->share = share;
    }
    fclose(lines.file);
}
