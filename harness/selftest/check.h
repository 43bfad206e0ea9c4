/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CHECK_H
#define WAKEONE_CHECK_H

#include <stdbool.h>

/* The number of workers from which on a connection is closed after the next one was opened */
enum { OVERLAP_FROM = 3 };

/*
 * Reads results of `selftest` from standard input, each preceded by its expected counts, tab-separated:
 *
 *      order, minimum and maximum wakeups per connection, "reversed" or "-", and the columns of print_result() in main.c
 *
 * and prints a table with a verdict per line. False if one is not "ok". An invalid line ends the program with EXIT_FAILED.
 */
bool check_results(void);

#endif
