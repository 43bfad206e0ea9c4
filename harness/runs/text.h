/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TEXT_H
#define WAKEONE_TEXT_H

/* Growing text, and text from elsewhere. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Begins as {NULL}. `text` is NULL until something is added. Ends the program when out of memory. */
struct text {
    char *text;
    size_t length, room;
};

void text_add(struct text *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_string(struct text *to, const char *string);
void text_add_bytes(struct text *to, const char *bytes, size_t count);

/* The text, "" if nothing was added; valid until the next change. */
const char *text_of(const struct text *text);
void text_free(struct text *text);

/* A copy; ends the program when out of memory. */
char *copy_string(const char *string);
char *copy_bytes(const char *bytes, size_t count); /* with a NUL */
char *format_string(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Text from a run may contain anything: control characters and bidirectional control characters become '?', bytes that are
 * not UTF-8 become U+FFFD. `most`: characters (not bytes) at most, the end replaced by "..."; 0 = any number.
 */
char *plain_string(const char *string, size_t most);

/* The same into a buffer, truncated at the end of a character. */
void text_copy_plain(char *to, size_t size, const char *string);

/* Splits in place at a separator; returns the number of parts, at most `most` of them in `parts`. An empty string is one empty
 * part. */
unsigned split(char *string, char separator, char **parts, unsigned most);

/* The part of a path after the last '/'. */
const char *file_name(const char *path);

#endif
