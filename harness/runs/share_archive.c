/* SPDX-License-Identifier: BSD-2-Clause */
/* What a packed run may hold, and the reader of its archive. */

#include "share.h"

#include <string.h>

/* ---- files ---- */

static const struct {
    const char *name;
    enum share_form form;
} files[] = {
    {"trials.csv", SHARE_TABLE},       {"plan.tsv", SHARE_TABLE},
    {"settings.tsv", SHARE_WORDS},     {"strategies.tsv", SHARE_WORDS},
    {"skipped.tsv", SHARE_WORDS},      {"env.json", SHARE_JSON},
    {"summary.csv", SHARE_TABLE},      {"wire.csv", SHARE_TABLE},
    {"wire_summary.csv", SHARE_TABLE}, {"scale.csv", SHARE_TABLE},
    {"workers.csv", SHARE_TABLE},      {"shares.csv", SHARE_TABLE},
    {"clients.csv", SHARE_TABLE},      {"selftest.csv", SHARE_TABLE},
    {"boots.tsv", SHARE_WORDS},        {"where.csv", SHARE_TABLE},
    {"functions.csv", SHARE_TABLE},    {"callers.csv", SHARE_TABLE},
    {"report.md", SHARE_REPORT},       {"report.json", SHARE_REPORT},
    {"REMOVED", SHARE_REPORT},
};

/* Of each trial or configuration: BEFORE, letters of a name without '/', AFTER */
static const struct {
    const char *before, *after;
} patterns[] = {{"hist/", ".hgrm"}, {"latency/", ".hgrm"}, {"virtual-", ".tsv"}};

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";

static bool matches(const char *name, const char *before, const char *after)
{
    size_t length = strlen(name), from = strlen(before), to = strlen(after);
    return length > from + to && strncmp(name, before, from) == 0 && name[from] != '.' &&
           strspn(name + from, letters) == length - from && strcmp(name + length - to, after) == 0;
}

enum share_form share_form_of(const char *name)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strcmp(files[i].name, name) == 0)
            return files[i].form;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (matches(name, patterns[i].before, patterns[i].after))
            return SHARE_TABLE;
    return SHARE_OTHER;
}

/* ---- the archive ---- */

enum { BLOCK = 512, NAME_MOST = 256 };

/* POSIX ustar; offsets and sizes of the fields */
enum {
    AT_NAME = 0,
    NAME = 100,
    AT_SIZE = 124,
    SIZE = 12,
    AT_SUM = 148,
    SUM = 8,
    AT_TYPE = 156,
    AT_MAGIC = 257,
    AT_PREFIX = 345,
    PREFIX = 155
};

/* An octal number that ends with a space, a NUL or the field; false: it is none */
static bool octal(const char *field, size_t size, size_t *value)
{
    size_t i = 0;
    *value = 0;
    while (i < size && field[i] == ' ')
        i++;
    size_t digits = i;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
        *value = *value * 8 + (size_t)(field[i] - '0');
    return i > digits && (i == size || field[i] == ' ' || field[i] == '\0');
}

/* The sum of all bytes, those of the sum itself as spaces */
static bool sum_is_right(const char *header)
{
    size_t sum = 0, expected;
    for (int i = 0; i < BLOCK; i++)
        sum += i >= AT_SUM && i < AT_SUM + SUM ? ' ' : (unsigned char)header[i];
    return octal(header + AT_SUM, SUM, &expected) && sum == expected;
}

static bool is_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != '\0')
            return false;
    return true;
}

/* "PREFIX/NAME", of which both may fill their fields without a NUL */
static void read_name(const char *header, char name[NAME_MOST + 2])
{
    size_t prefix = strnlen(header + AT_PREFIX, PREFIX), length = strnlen(header + AT_NAME, NAME);
    memcpy(name, header + AT_PREFIX, prefix);
    if (prefix > 0)
        name[prefix++] = '/';
    memcpy(name + prefix, header + AT_NAME, length);
    name[prefix + length] = '\0';
}

/* A name within a directory, not the directory itself nor the one above */
static bool is_part(const char *part, size_t length)
{
    bool is_dots = length <= 2 && strspn(part, ".") >= length;
    return length > 0 && strspn(part, letters) >= length && !is_dots;
}

/* Whether a name stays below the directory that it is unpacked into; that of a directory may end with a slash. */
static bool is_inside(const char *name)
{
    const char *part = name;
    for (;;) {
        size_t length = strcspn(part, "/");
        if (!is_part(part, length))
            return false;
        part += length;
        if (*part == '\0' || part[1] == '\0')
            return true;
        part++;
    }
}

struct member {
    char name[NAME_MOST + 2]; /* with the directory that all are in */
    char type;
    size_t length;
};

/* Reads a header; `left` bytes of the archive are there, the header included. */
static bool read_member(const char *header, size_t left, struct member *member,
                        struct complaint *why)
{
    if (left < BLOCK)
        return complain(why, "the archive is cut off");
    if (!sum_is_right(header) || memcmp(header + AT_MAGIC, "ustar", 5) != 0 ||
        !octal(header + AT_SIZE, SIZE, &member->length))
        return complain(why, "the archive is damaged: a header is not one of tar");
    read_name(header, member->name);
    member->type = header[AT_TYPE];
    if (member->type != '0' && member->type != '\0' && member->type != '5')
        return complain(why, "it holds what is neither a file nor a directory: %s", member->name);
    if (!is_inside(member->name))
        return complain(why, "it holds a name that leads elsewhere: %s", member->name);
    if (member->type == '5')
        member->length = 0;
    if (member->length > left - BLOCK)
        return complain(why, "the archive is cut off in %s", member->name);
    return true;
}

bool share_each(const char *bytes, size_t size,
                bool (*take)(void *to, const char *name, const char *data, size_t length,
                             struct complaint *why),
                void *to, struct complaint *why)
{
    size_t at = 0;
    for (unsigned count = 0; at + BLOCK > size || !is_zero(bytes + at, BLOCK); count++) {
        struct member member = {.type = '\0'};
        if (count >= SHARE_FILES_MOST)
            return complain(why, "it holds more than %d files", SHARE_FILES_MOST);
        if (!read_member(bytes + at, size > at ? size - at : 0, &member, why))
            return false;
        const char *below = strchr(member.name, '/');
        bool is_file = member.type != '5' && below && share_form_of(below + 1) != SHARE_OTHER;
        if (is_file && !take(to, below + 1, bytes + at + BLOCK, member.length, why))
            return false;
        at += BLOCK + (member.length + BLOCK - 1) / BLOCK * BLOCK;
    }
    return true;
}
