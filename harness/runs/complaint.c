/* SPDX-License-Identifier: BSD-2-Clause */
#include "complaint.h"

#include "text.h"

#include <stdarg.h>
#include <stdio.h>

bool complain(struct complaint *complaint, const char *format, ...)
{
    char text[sizeof complaint->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_copy_plain(complaint->text, sizeof complaint->text, text);
    return false;
}
