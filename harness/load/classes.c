/* SPDX-License-Identifier: BSD-2-Clause */
#include "classes.h"

#include "harness/lib/clock.h"
#include "harness/lib/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned long NUMBER_MAX = 1000000000;
static const uint64_t HOLD_MAX = 3600 * NS_PER_S;

static const struct class known[] = {
    {.name = "short", .requests = 1},
    {.name = "long", .requests = 100, .hold_ns = NS_PER_S},
};

void classes_set_plain(struct classes *classes, unsigned long requests)
{
    memset(classes, 0, sizeof *classes);
    classes->count = 1;
    classes->weight = 1;
    classes->all[0] = (struct class){.name = "all", .weight = 1, .requests = requests};
}

static bool read_number(const char *text, unsigned long least, unsigned long *number)
{
    char *end;
    errno = 0;
    *number = strtoul(text, &end, 10);
    return isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0 && *number >= least &&
           *number <= NUMBER_MAX;
}

static bool read_hold(const char *text, uint64_t *hold_ns)
{
    unsigned long long ns;
    if (!duration_parse(text, &ns) || ns > HOLD_MAX)
        return false;
    *hold_ns = ns;
    return true;
}

static bool is_name(const char *text)
{
    size_t length = strspn(text,
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return length > 0 && length < CLASS_NAME_MAX && text[length] == '\0';
}

/* Splits off the text before the next `separator`; NULL if nothing is left. */
static char *next_token(char **rest, char separator)
{
    char *token = *rest;
    if (!token)
        return NULL;
    char *end = strchr(token, separator);
    if (end)
        *end = '\0';
    *rest = end ? end + 1 : NULL;
    return token;
}

static bool is_known(struct class *class, const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0) {
            *class = known[i];
            return true;
        }
    return false;
}

static const char *read_class(struct class *class, char *text)
{
    char *name = next_token(&text, ':'), *weight = next_token(&text, ':');
    char *requests = next_token(&text, ':'), *hold = next_token(&text, ':');
    memset(class, 0, sizeof *class);
    if (!is_name(name))
        return "NAME must be 1 to 15 letters, digits, - or _";
    if (!weight || !read_number(weight, 1, &class->weight))
        return "NAME must be followed by :WEIGHT, a number from 1";
    unsigned long parsed = class->weight;
    if (!is_known(class, name) && !requests)
        return "classes other than short and long need :REQUESTS";
    class->weight = parsed;
    memcpy(class->name, name, strlen(name) + 1);
    if (requests && !read_number(requests, 0, &class->requests))
        return "REQUESTS must be a number, 0 for as many as the server allows";
    if (requests)
        class->hold_ns = 0;
    if (hold && !read_hold(hold, &class->hold_ns))
        return "HOLD must be a duration with its unit, at most an hour";
    return text ? "unexpected text after NAME:WEIGHT:REQUESTS:HOLD" : NULL;
}

static bool is_named(const struct classes *classes, const char *name)
{
    for (unsigned i = 0; i < classes->count; i++)
        if (strcmp(classes->all[i].name, name) == 0)
            return true;
    return false;
}

const char *classes_parse(struct classes *classes, const char *text)
{
    char copy[512], *rest = copy, *token;
    memset(classes, 0, sizeof *classes);
    if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
        return "too long";
    while ((token = next_token(&rest, ','))) {
        struct class class;
        const char *wrong = read_class(&class, token);
        if (wrong)
            return wrong;
        if (is_named(classes, class.name))
            return "a NAME is given twice";
        if (classes->count == CLASSES_MAX)
            return "more than 8 classes";
        classes->all[classes->count++] = class;
        classes->weight += class.weight;
    }
    return NULL;
}

unsigned classes_choose(const struct classes *classes, unsigned long drawn)
{
    unsigned i = 0;
    while (i + 1 < classes->count && drawn >= classes->all[i].weight)
        drawn -= classes->all[i++].weight;
    return i;
}
