/* SPDX-License-Identifier: BSD-2-Clause */
#include "points.h"

#include "harness/stats/median.h"

#include <math.h>
#include <stdlib.h>

static const double CONFIDENCE = 95;

/* As published, by number_value() */
static double published(double value)
{
    return isnan(value) ? NAN : strtod(number_value(value).text, NULL);
}

struct point point_of_values(double *values, size_t count)
{
    struct median m = median_interval(values, count, CONFIDENCE);
    return (struct point){m.n, published(m.median), published(isnan(m.low) ? m.min : m.low),
                          published(isnan(m.low) ? m.max : m.high), false};
}

struct point point_of(const struct rows *rows, const struct configuration *c, enum column column)
{
    size_t count;
    double *values = configuration_values(rows, c, column, &count);
    struct point point = point_of_values(values, count);
    free(values);
    return point;
}

void point_add(struct text *data, const struct point *point)
{
    if (point->n == 0)
        text_add_string(data, "NaN NaN NaN");
    else if (point->exact)
        text_add(data, "%s %s %s", number_long(point->median).text, number_long(point->low).text,
                 number_long(point->high).text);
    else
        text_add(data, "%s %s %s", number_value(point->median).text, number_value(point->low).text,
                 number_value(point->high).text);
}
