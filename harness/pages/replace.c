/* SPDX-License-Identifier: BSD-2-Clause */
#include "replace.h"

#include <string.h>

static const struct replacement *replacement_at(const char *at, const struct replacement *table)
{
    while (table->from && strncmp(at, table->from, strlen(table->from)) != 0)
        table++;
    return table;
}

void add_replaced(struct text *to, const char *text, const struct replacement *table)
{
    while (*text) {
        const struct replacement *replacement = replacement_at(text, table);
        if (replacement->from)
            text_add_string(to, replacement->to);
        else
            text_add_bytes(to, text, 1);
        text += replacement->from ? strlen(replacement->from) : 1;
    }
}
