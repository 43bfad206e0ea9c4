/* SPDX-License-Identifier: BSD-2-Clause */
#include "outcome.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const double LONG_FROM = 1e6;

const char *outcome_word(enum outcome outcome)
{
    static const char *const words[] = {
        [OUTCOME_NOTHING] = "nothing",       [OUTCOME_SINGLE] = "single", [OUTCOME_NONE] = "none",
        [OUTCOME_BELOW_THRESHOLD] = "floor", [OUTCOME_MORE] = "more",     [OUTCOME_LESS] = "less",
    };
    return words[outcome];
}

double outcome_distance(double ratio)
{
    return fmax(ratio, 1 / ratio) - 1;
}

void sentence_add(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(text);
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

struct figure figure_ratio(double ratio)
{
    struct figure f;
    bool plain = ratio >= 1e-3 && ratio < LONG_FROM;
    snprintf(f.text, sizeof f.text, plain ? "%.3f" : "%.3g", ratio);
    return f;
}

struct figure figure_percent(double share)
{
    struct figure f;
    snprintf(f.text, sizeof f.text, 100 * share < LONG_FROM ? "%.1f" : "%.3g", 100 * share);
    return f;
}
