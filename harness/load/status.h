/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_STATUS_H
#define WAKEONE_STATUS_H

/* HTTP statuses: classes and sets. */

#include <stdbool.h>
#include <stdint.h>

enum { STATUS_CLASSES = 6, STATUS_LEAST = 100, STATUS_MOST = 999 };

/* "1xx" to "5xx", "other" */
extern const char *const status_class_names[STATUS_CLASSES];

/* Index of the class of a status from STATUS_LEAST to STATUS_MOST. */
unsigned status_class(unsigned status);

struct status_set {
    uint64_t bits[(STATUS_MOST + 64) / 64];
};

/* Parses "2xx,404". NULL, or an error message. */
const char *status_set_parse(struct status_set *set, const char *text);

static inline bool status_set_has(const struct status_set *set, unsigned status)
{
    return set->bits[status / 64] >> status % 64 & 1;
}

#endif
