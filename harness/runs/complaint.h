#ifndef WAKEONE_COMPLAINT_H
#define WAKEONE_COMPLAINT_H

#include <stdbool.h>

/* Why something could not be read or drawn, in one line without control characters: file, line, reason. */
struct complaint {
    char text[512];
};

/* Sets the text. Always false, so that `return complain(...)` ends what failed. */
bool complain(struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
