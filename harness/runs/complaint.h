/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COMPLAINT_H
#define WAKEONE_COMPLAINT_H

#include <stdbool.h>

/* Why something could not be read or drawn, as one line without control characters: file, line, reason. */
struct complaint {
    char text[512];
};

/* Sets the text. Always returns false, for `return complain(...)`. */
bool complain(struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
