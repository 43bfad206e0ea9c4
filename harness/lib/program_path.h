/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PROGRAM_PATH_H
#define WAKEONE_PROGRAM_PATH_H

#include <stdbool.h>

/* The directory of the running program, such as build/bin; valid until the next call, and may be changed. Ends the program
 * with a line if /proc is not mounted. */
char *program_directory_or_die(void);

/* Whether PATH has a program of that name; an empty element of PATH is the working directory. */
bool program_is_in_path(const char *name);

#endif
