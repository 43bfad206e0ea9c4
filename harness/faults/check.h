/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CHECK_H
#define WAKEONE_CHECK_H

#include <stdbool.h>

/*
 * Reads the output of `faults` from standard input, and prints a table with a verdict per line: whether it matches the
 * expected counts in the file `expected` (known.tsv). With `wrong_only` it prints only strategy and fault of lines that do
 * not match. False if there are any. An invalid file or line ends the program with EXIT_FAILED.
 */
bool check_results(const char *expected, bool wrong_only);

#endif
