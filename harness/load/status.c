/* SPDX-License-Identifier: BSD-2-Clause */
#include "status.h"

#include <string.h>

enum { ONE_CLASS = 100 };

const char *const status_class_names[STATUS_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx", "other"};

unsigned status_class(unsigned status)
{
    unsigned class = status / ONE_CLASS - 1;
    return class < STATUS_CLASSES ? class : STATUS_CLASSES - 1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Three characters: "2xx" is a class, "404" one status. Returns the number of statuses, the first in *first; 0 =
 * invalid. */
static unsigned read_item(const char *text, unsigned *first)
{
    bool is_class = (text[1] | 0x20) == 'x' && (text[2] | 0x20) == 'x';
    if (text[0] < '1' || !is_digit(text[0]) ||
        (!is_class && (!is_digit(text[1]) || !is_digit(text[2]))))
        return 0;
    *first = (unsigned)(text[0] - '0') * ONE_CLASS;
    if (is_class)
        return ONE_CLASS;
    *first += (unsigned)(text[1] - '0') * 10 + (unsigned)(text[2] - '0');
    return 1;
}

const char *status_set_parse(struct status_set *set, const char *text)
{
    memset(set, 0, sizeof *set);
    for (;; text += 4) {
        unsigned first = 0, count = strlen(text) >= 3 ? read_item(text, &first) : 0;
        if (count == 0 || (text[3] != '\0' && text[3] != ','))
            return "expected comma-separated statuses of three digits or classes such as 2xx";
        for (unsigned status = first; status < first + count; status++)
            set->bits[status / 64] |= UINT64_C(1) << status % 64;
        if (text[3] == '\0')
            return NULL;
    }
}
