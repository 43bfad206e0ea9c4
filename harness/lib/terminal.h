/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TERMINAL_H
#define WAKEONE_TERMINAL_H

/* The width of a terminal. */

#include <stdio.h>

/* The maximum width of lines written to `file`: COLUMNS, or the current width of the terminal, without the last column,
 * after which some terminals wrap. 0 = no limit: not a terminal. */
unsigned terminal_room(FILE *file);

#endif
