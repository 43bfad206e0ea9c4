/* SPDX-License-Identifier: BSD-2-Clause */
#include "urls.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char space[] = " \t";

/* Splits off the next space-separated token; empty at the end. */
static char *next_token(char **rest)
{
    char *token = *rest + strspn(*rest, space);
    char *end = token + strcspn(token, space);
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return token;
}

static bool read_weight(const char *text, unsigned long *weight)
{
    size_t digits = strspn(text, "0123456789");
    *weight = strtoul(text, NULL, 10);
    return digits > 0 && digits < 8 && text[digits] == '\0' && *weight >= 1 &&
           *weight <= URLS_WEIGHT_MAX;
}

/* Other characters are written %XX (RFC 3986, 2). */
static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool has_control_characters(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
            return true;
    return false;
}

static const char *read_line(struct urls *urls, char *text, unsigned line)
{
    unsigned long before = urls->count ? urls->all[urls->count - 1].until : 0;
    struct url url = {.line = line};
    const char *weight = next_token(&text);
    char *what = next_token(&text);
    if (*weight == '\0' || *weight == '#')
        return NULL;
    if (!read_weight(weight, &url.weight))
        return "expected a weight, an integer from 1 to 1000000, at the beginning of the line";
    if (*what != '/' && strncasecmp(what, "http", 4) != 0)
        return "expected a path, such as /index.html, or a URL after the weight";
    if (!is_ascii(what))
        return "non-ASCII path: write other bytes as %XX";
    if (*next_token(&text))
        return "unexpected text after WEIGHT PATH or WEIGHT URL";
    if (urls->count == URLS_MAX)
        return "more than 256 URLs";
    if (*what == '/') {
        what[strcspn(what, "#")] = '\0'; /* a fragment is not sent */
        url.path = what;
    }
    url.text = what;
    url.until = before + url.weight;
    urls->all[urls->count++] = url;
    return NULL;
}

const char *urls_parse(struct urls *urls, char *text, size_t length, unsigned *line)
{
    char *end = text + length;
    memset(urls, 0, sizeof *urls);
    for (*line = 1; text < end; (*line)++) {
        char *newline = memchr(text, '\n', (size_t)(end - text)),
             *line_end = newline ? newline : end;
        char *next = newline ? newline + 1 : end;
        if (line_end - text > URLS_LINE_MAX)
            return "line longer than 1536 bytes";
        if (memchr(text, '\0', (size_t)(line_end - text)))
            return "control characters in the line";
        if (line_end > text && line_end[-1] == '\r')
            line_end--;
        *line_end = '\0';
        if (has_control_characters(text))
            return "control characters in the line";
        const char *wrong = read_line(urls, text, *line);
        if (wrong)
            return wrong;
        text = next;
    }
    return urls->count ? NULL : "no URL in the file";
}

static uint64_t hash(uint64_t seed, uint64_t n)
{
    uint64_t z = seed + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

unsigned urls_choose(const struct urls *urls, unsigned long seed, uint64_t n)
{
    unsigned low = 0, high = urls->count - 1;
    unsigned long drawn = hash(hash(seed, 0), n) % urls->all[high].until;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (drawn < urls->all[middle].until)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct url_result *url_results_open(unsigned count)
{
    return calloc(count, sizeof(struct url_result));
}

void url_results_merge(struct url_result *into, const struct url_result *from, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        into[i].errors += from[i].errors;
        histogram_merge(&into[i].latency, &from[i].latency);
    }
}
