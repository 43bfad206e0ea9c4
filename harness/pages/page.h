/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PAGE_H
#define WAKEONE_PAGE_H

#include "description.h"

/* Adds the manual page, section 1, of a program or command. `title` is its name with "wakeone-" before that of a command. */
void page_write(const struct description *d, const char *title, struct text *to);

#endif
