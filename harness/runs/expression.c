/* SPDX-License-Identifier: BSD-2-Clause */
#include "expression.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* Values wrap, as in the shell; overflow is not an error. */
struct parser {
    const char *at;
    long n, r;
    int depth;
    bool failed;
};

enum { DEPTH_MAX = 50 };

static long choice(struct parser *p);

static void skip_blanks(struct parser *p)
{
    while (*p->at == ' ')
        p->at++;
}

static bool takes(struct parser *p, const char *symbol)
{
    size_t length = strlen(symbol);
    skip_blanks(p);
    if (strncmp(p->at, symbol, length) != 0)
        return false;
    p->at += length;
    return true;
}

static long literal(struct parser *p)
{
    unsigned long value = 0;
    while (isdigit((unsigned char)*p->at))
        value = 10 * value + (unsigned long)(*p->at++ - '0');
    return (long)value;
}

static long primary(struct parser *p)
{
    if (takes(p, "-"))
        return (long)(0 - (unsigned long)primary(p));
    if (takes(p, "+"))
        return primary(p);
    if (takes(p, "(")) {
        long value = choice(p);
        p->failed |= !takes(p, ")");
        return value;
    }
    if (takes(p, "n"))
        return p->n;
    if (takes(p, "r"))
        return p->r;
    if (isdigit((unsigned char)*p->at))
        return literal(p);
    p->failed = true;
    return 0;
}

static long product(struct parser *p)
{
    unsigned long value = (unsigned long)primary(p);
    while (!p->failed && takes(p, "*"))
        value *= (unsigned long)primary(p);
    return (long)value;
}

static long sum(struct parser *p)
{
    unsigned long value = (unsigned long)product(p);
    while (!p->failed)
        if (takes(p, "+"))
            value += (unsigned long)product(p);
        else if (takes(p, "-"))
            value -= (unsigned long)product(p);
        else
            break;
    return (long)value;
}

static long order(struct parser *p)
{
    long value = sum(p);
    while (!p->failed)
        if (takes(p, "<="))
            value = value <= sum(p);
        else if (takes(p, ">="))
            value = value >= sum(p);
        else if (takes(p, "<"))
            value = value < sum(p);
        else if (takes(p, ">"))
            value = value > sum(p);
        else
            break;
    return value;
}

static long equality(struct parser *p)
{
    long value = order(p);
    while (!p->failed && takes(p, "=="))
        value = value == order(p);
    return value;
}

static long choice(struct parser *p)
{
    if (++p->depth > DEPTH_MAX)
        p->failed = true;
    long value = p->failed ? 0 : equality(p);
    if (!p->failed && takes(p, "?")) {
        long yes = choice(p);
        p->failed |= !takes(p, ":");
        long no = p->failed ? 0 : choice(p);
        value = value ? yes : no;
    }
    p->depth--;
    return value;
}

bool expression_value(const char *text, long n, long r, long *value)
{
    struct parser p = {.at = text, .n = n, .r = r};
    if (strlen(text) > 200) /* limits the recursion: signs may nest as deep as the text is long */
        return false;
    *value = choice(&p);
    skip_blanks(&p);
    return !p.failed && *p.at == '\0';
}
