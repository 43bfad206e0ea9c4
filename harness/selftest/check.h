#ifndef WAKEONE_CHECK_H
#define WAKEONE_CHECK_H

#include <stdbool.h>

/* Workers from which on a connection is closed after the next one was opened */
enum { OVERLAP_FROM = 3 };

/*
 * Reads results of `selftest` from standard input, each behind what is expected of it, tab-separated:
 *
 *      order, least and most wakeups of a connection, "reversed" or "-", and the columns of print_result() in main.c
 *
 * and prints a table with a verdict of each. False if one is not "ok". A line that is no such line ends the program with
 * EXIT_FAILED.
 */
bool check_results(void);

#endif
