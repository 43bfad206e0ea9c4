#ifndef WAKEONE_COMMAND_H
#define WAKEONE_COMMAND_H

/* A server that is started to be counted: it and its descendants, those it leaves to themselves included, end with this
 * program. */

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Starts it, looked for in PATH, with standard error in the place of standard output, which is the report's. Ends the program with one line if it
 * cannot be started. */
void command_start(char *const argv[]);

/* Waits until one of its processes listens, so that its start is not counted; returns early when `interrupted` is set.
 * Ends the program if all of them end before; says so if none listens within 10 s. */
void command_wait_until_it_listens(const volatile sig_atomic_t *interrupted);

#endif
