#ifndef WAKEONE_CHECK_H
#define WAKEONE_CHECK_H

#include <stdbool.h>

/*
 * Reads the lines that `faults` prints from standard input, and prints a table in which each has a verdict: is it as the
 * file `known` (known.tsv) has it? With `wrong_only` only strategy and fault of those that are not, a line each. False if
 * there are any. A file or a line that is wrong ends the program with EXIT_FAILED.
 */
bool check_results(const char *known, bool wrong_only);

#endif
