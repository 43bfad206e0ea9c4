/* SPDX-License-Identifier: BSD-2-Clause */
#include "lines.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const struct lines *lines, unsigned column, const char *wanted, const char *have)
    __attribute__((noreturn));

static void refuse(const struct lines *lines, unsigned column, const char *wanted, const char *have)
{
    fail("%s%sline %lu, column %u: %s expected, not %s", lines->name ? lines->name : "",
         lines->name ? ": " : "", lines->line, column, wanted, have);
}

void lines_refuse(const struct lines *lines, unsigned column, const char *wanted)
{
    char is_wanted[400], have[200];
    snprintf(is_wanted, sizeof is_wanted, "%s is", wanted);
    snprintf(have, sizeof have, "'%s'", lines->fields[column - 1]);
    refuse(lines, column, is_wanted, have);
}

/* Fields are split up to one more than allowed, which is already an error. */
static unsigned split(struct lines *lines)
{
    unsigned count = 0;
    bool tabs = strchr(lines->text, '\t') != NULL;
    char *rest = lines->text, *field;
    while (count <= lines->most && (field = strsep(&rest, tabs ? "\t" : " ")))
        if (tabs || *field != '\0')
            lines->fields[count++] = field;
    return count;
}

static void check_count(struct lines *lines, unsigned count)
{
    char wanted[64], have[32];
    unsigned least = lines->columns ? lines->columns : lines->least;
    unsigned most = lines->columns ? lines->columns : lines->most;
    if (count < least || count > most) {
        if (least == most)
            snprintf(wanted, sizeof wanted, "%u columns%s are", least,
                     lines->columns ? " as in the first line" : "");
        else
            snprintf(wanted, sizeof wanted, "%u to %u columns are", least, most);
        snprintf(have, sizeof have, "%u%s", count, count > most ? " or more" : "");
        refuse(lines, (count < least ? count : most) + 1, wanted, have);
    }
    lines->columns = count;
}

static void cut_end(char *text, size_t length)
{
    if (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    if (length > 0 && text[length - 1] == '\r')
        text[length - 1] = '\0';
}

bool lines_next(struct lines *lines)
{
    ssize_t length;
    while ((length = getline(&lines->text, &lines->size, lines->file)) >= 0) {
        lines->line++;
        bool cut = strlen(lines->text) < (size_t)length;
        cut_end(lines->text, strlen(lines->text));
        bool comment = lines->text[0] == '#';
        unsigned count = comment ? 0 : split(lines);
        if (cut && !comment)
            refuse(lines, count ? count : 1, "text is", "a byte of 0");
        if (count > 0) {
            check_count(lines, count);
            return true;
        }
    }
    if (ferror(lines->file))
        fail("cannot read %s: %s", lines->name ? lines->name : "standard input", strerror(errno));
    free(lines->text);
    lines->text = NULL;
    return false;
}

bool number_parse(const char *text, enum number kind, double *value)
{
    char *end;
    *value = strtod(text, &end);
    bool whole = end != text && end[strspn(end, " ")] == '\0' && isfinite(*value);
    return whole &&
           (kind == NUMBER_ANY || *value > 0 || (kind == NUMBER_NOT_NEGATIVE && *value == 0));
}

double lines_number(const struct lines *lines, unsigned column, enum number kind)
{
    static const char *const wanted[] = {
        [NUMBER_ANY] = "a number",
        [NUMBER_NOT_NEGATIVE] = "a number of 0 or more",
        [NUMBER_POSITIVE] = "a number above 0",
    };
    double value;
    if (!number_parse(lines->fields[column - 1], kind, &value))
        lines_refuse(lines, column, wanted[kind]);
    return value;
}
