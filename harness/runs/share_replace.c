/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that identify a machine are replaced in a text. */

#include "share.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *placeholder;
} kinds[SHARE_KINDS] = {
    {"host name", "HOST"},
    {"user name", "USER"},
    {"path", "PATH"},
    {"UUID", "UUID"},
};

const char *share_kind_name(enum share_kind kind)
{
    return kinds[kind].name;
}

const char *share_placeholder(enum share_kind kind)
{
    return kinds[kind].placeholder;
}

void share_add_name(struct share_names *names, const char *text, enum share_kind kind)
{
    if (!text || strlen(text) < 2 || strspn(text, "0123456789.") == strlen(text) ||
        names->name_count == SHARE_NAMES_MOST)
        return;
    names->names[names->name_count].text = copy_string(text);
    names->names[names->name_count++].kind = kind;
}

void share_names_free(struct share_names *names)
{
    for (unsigned i = 0; i < names->name_count; i++)
        free(names->names[i].text);
    names->name_count = 0;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Length of a path that begins here, 0 if none does: "/home/me", "~/run", not "2/cpu" nor "https://". */
static size_t path_length(const char *text, const char *at)
{
    static const char *const kept[] = {"/proc/", "/sys/"};
    const char *slash = at + (*at == '~');
    if (at > text && !strchr(" \t\r\n\"'=,:;(<[", at[-1]))
        return 0;
    if (*slash != '/' || (!in_word(slash[1]) && slash[1] != '.'))
        return 0;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strncmp(at, kept[i], strlen(kept[i])) == 0)
            return 0;
    return strcspn(at, " \t\r\n\"',:;)>]");
}

/* 8-4-4-4-12 hexadecimal digits */
static size_t uuid_length(const char *text, const char *at)
{
    static const size_t digits[] = {8, 4, 4, 4, 12};
    const char *end = at;
    if (at > text && in_word(at[-1]))
        return 0;
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        if (strspn(end, "0123456789abcdefABCDEF") != digits[i])
            return 0;
        end += digits[i];
        if (i + 1 < sizeof digits / sizeof *digits && *end++ != '-')
            return 0;
    }
    return in_word(*end) ? 0 : (size_t)(end - at);
}

/* The longest name that is a word here */
static size_t name_length(const struct share_names *names, const char *text, const char *at,
                          enum share_kind *kind)
{
    size_t longest = 0;
    if (at > text && in_word(at[-1]))
        return 0;
    for (unsigned i = 0; i < names->name_count; i++) {
        size_t length = strlen(names->names[i].text);
        if (length > longest && strncmp(at, names->names[i].text, length) == 0 &&
            !in_word(at[length])) {
            longest = length;
            *kind = names->names[i].kind;
        }
    }
    return longest;
}

void share_replace(struct share_names *names, const char *text, bool words, struct text *to)
{
    text_add_string(to, "");
    for (const char *at = text; *at;) {
        enum share_kind kind = SHARE_PATH;
        size_t length = path_length(text, at);
        if (length == 0 && (length = uuid_length(text, at)) > 0)
            kind = SHARE_IDENTIFIER;
        if (length == 0 && words)
            length = name_length(names, text, at, &kind);
        if (length == 0) {
            text_add_bytes(to, at++, 1);
            continue;
        }
        text_add_string(to, kinds[kind].placeholder);
        names->replaced[kind]++;
        at += length;
    }
}
