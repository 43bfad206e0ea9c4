/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COMMAND_H
#define WAKEONE_COMMAND_H

/* A server started to be counted: it and its descendants, including orphaned ones, end with this program. */

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Starts it, searching PATH, with its stdout redirected to stderr, since stdout is for the report. Ends the program with
 * one line if it cannot be started. */
void command_start(char *const argv[]);

/* Waits until one of its processes listens, so that its start is not counted; returns early when `interrupted` is set.
 * Ends the program if all of them end before; prints a message if none listens within 10 s. */
void command_wait_until_it_listens(const volatile sig_atomic_t *interrupted);

#endif
