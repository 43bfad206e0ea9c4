#ifndef WAKEONE_TERMINAL_H
#define WAKEONE_TERMINAL_H

/* What a terminal has room for. */

#include <stdio.h>

/* How many columns lines may have that are written to the file: COLUMNS, or the width of the terminal now, without the
 * last column, behind which some terminals begin a new line. 0 = any number: it is not a terminal. */
unsigned terminal_room(FILE *file);

#endif
