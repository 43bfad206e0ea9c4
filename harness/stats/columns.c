/* SPDX-License-Identifier: BSD-2-Clause */
#include "columns.h"

#include "sample.h"

#include <stdio.h>
#include <string.h>

static double smallest(const double *sorted, size_t n)
{
    (void)n;
    return sorted[0];
}

static double largest(const double *sorted, size_t n)
{
    return sorted[n - 1];
}

static const struct {
    const char *name;
    double (*of)(const double *sorted, size_t n);
} statistics[] = {{"min", smallest}, {"median", sample_median}, {"max", largest}};

static bool parse(struct column_statistic *to, const char *text)
{
    char name[8], end;
    *to = (struct column_statistic){.name = text};
    if (sscanf(text, "%7[a-z]:%2u%c", name, &to->column, &end) != 2)
        return false;
    for (unsigned i = 0; i < sizeof statistics / sizeof *statistics; i++)
        if (strcmp(statistics[i].name, name) == 0)
            to->of = statistics[i].of;
    return to->of && to->column >= 1 && to->column <= COLUMNS_MAX;
}

bool column_list_parse(struct column_list *list, char *text)
{
    char *item;
    *list = (struct column_list){.count = 0};
    while ((item = strsep(&text, ","))) {
        struct column_statistic statistic;
        if (list->count == COLUMNS_MAX || !parse(&statistic, item))
            return false;
        list->all[list->count++] = statistic;
        list->is[statistic.column - 1] = true;
        list->last = statistic.column > list->last ? statistic.column : list->last;
    }
    return true;
}
