/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include "harness/lib/message.h"
#include "harness/lib/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_add_bytes(struct text *to, const char *bytes, size_t count)
{
    if (to->length + count + 1 > to->room) {
        to->room = 2 * (to->length + count + 1);
        to->text = realloc(to->text, to->room);
        if (!to->text)
            fail("out of memory");
    }
    memcpy(to->text + to->length, bytes, count);
    to->length += count;
    to->text[to->length] = '\0';
}

void text_add_string(struct text *to, const char *string)
{
    text_add_bytes(to, string, strlen(string));
}

__attribute__((format(printf, 2, 0))) static void add_formatted(struct text *to, const char *format,
                                                                va_list arguments)
{
    char *formatted = NULL;
    int length = vasprintf(&formatted, format, arguments);
    if (length < 0)
        fail("out of memory");
    text_add_bytes(to, formatted, (size_t)length);
    free(formatted);
}

void text_add(struct text *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_formatted(to, format, arguments);
    va_end(arguments);
}

const char *text_of(const struct text *text)
{
    return text->text ? text->text : "";
}

void text_free(struct text *text)
{
    free(text->text);
    *text = (struct text){NULL, 0, 0};
}

char *copy_bytes(const char *bytes, size_t count)
{
    char *copy = malloc(count + 1);
    if (!copy)
        fail("out of memory");
    memcpy(copy, bytes, count);
    copy[count] = '\0';
    return copy;
}

char *copy_string(const char *string)
{
    return copy_bytes(string, strlen(string));
}

char *format_string(const char *format, ...)
{
    struct text text = {NULL, 0, 0};
    va_list arguments;
    va_start(arguments, format);
    add_formatted(&text, format, arguments);
    va_end(arguments);
    return text.text;
}

/* ---- text from elsewhere ---- */

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Control characters, bidirectional control characters, and code points that are not characters. */
static bool is_control(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{1, 31},          {127, 159},       {0x61c, 0x61c},   {0x200e, 0x200f},
                  {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xfffe, 0xffff}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

static const char *plain_character(const char *at, unsigned *bytes, size_t *length)
{
    uint32_t character = utf8_decode((const unsigned char *)at, bytes);
    const char *plain = character == 0 ? REPLACEMENT : is_control(character) ? "?" : at;
    *length = plain == at ? *bytes : strlen(plain);
    return plain;
}

char *plain_string(const char *string, size_t most)
{
    struct text text = {NULL, 0, 0};
    size_t characters = 0, cut = 0; /* start of the end that is replaced */
    text_add_string(&text, "");
    for (unsigned bytes; *string; string += bytes, characters++) {
        size_t length;
        const char *plain = plain_character(string, &bytes, &length);
        if (most > 3 && characters == most - 3)
            cut = text.length;
        text_add_bytes(&text, plain, length);
    }
    if (most > 3 && characters > most) {
        text.length = cut;
        text_add_string(&text, "...");
    }
    return text.text;
}

void text_copy_plain(char *to, size_t size, const char *string)
{
    size_t used = 0;
    for (unsigned bytes; *string; string += bytes) {
        size_t length;
        const char *plain = plain_character(string, &bytes, &length);
        if (used + length >= size)
            break;
        memcpy(to + used, plain, length);
        used += length;
    }
    to[used] = '\0';
}

unsigned split(char *string, char separator, char **parts, unsigned most)
{
    unsigned count = 0;
    while (string) {
        char *end = strchr(string, separator);
        if (end)
            *end++ = '\0';
        if (count < most)
            parts[count] = string;
        count++;
        string = end;
    }
    return count;
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
