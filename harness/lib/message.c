/* SPDX-License-Identifier: BSD-2-Clause */
#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *program_name;

void message_name(const char *name)
{
    program_name = name;
}

/* One write per line, so that lines of several processes never mix. */
__attribute__((format(printf, 1, 0))) static void print_line(const char *format, va_list arguments)
{
    char line[1024];
    const char *name = program_name ? program_name : program_invocation_short_name;
    int used = snprintf(line, sizeof line, "%s: ", name);
    int more = vsnprintf(line + used, sizeof line - (size_t)used - 1, format, arguments);
    size_t length = (size_t)used + (more > 0 ? (size_t)more : 0);
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '?'; /* from an argument: would start a second line or control the terminal */
    line[length++] = '\n';
    if (write(STDERR_FILENO, line, length) < 0)
        return; /* stderr is closed: the message cannot be reported */
}

void message(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
    exit(EXIT_FAILED);
}

void fail_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
    exit(EXIT_USAGE);
}
