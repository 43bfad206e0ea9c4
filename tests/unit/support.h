/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TESTS_SUPPORT_H
#define WAKEONE_TESTS_SUPPORT_H

/* What several unit tests share: tests from tables, children that exit, numbers from a seed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A string literal that may contain NUL, as two values: the text and its length. */
#define BYTES(literal) (literal), sizeof(literal) - 1

#define TEST(name) static void name(void **state __attribute__((unused)))

/* One test, or one test per row of a table: it is named after the row's first member, which is a
 * const char * (or after the row, if it is one), and finds the row in *state. */
#define ADD(test)             add_rows(#test, test, NULL, 1, 0)
#define ADD_ROWS(test, table) add_rows(#test, test, table, COUNT(table), sizeof *(table))
void add_rows(const char *name, CMUnitTestFunction test, const void *table, size_t rows,
              size_t row_size);

/* Runs what was added, each test between `set_up` and `clean_up` (NULL = nothing to do); the
 * program's exit status. */
int run_added(CMFixtureFunction set_up, CMFixtureFunction clean_up);

/* Equal, or both NAN, or apart by no more than a millionth of the expected value. */
#define assert_near(actual, expected) check_near(actual, expected, __FILE__, __LINE__)
void check_near(double actual, double expected, const char *file, int line);

/* A copy of the exact size, so that the sanitizer detects a read beyond it. */
char *exact_copy(const char *data, size_t length);

/* The same numbers in every run. */
uint64_t random_number(void);
double random_between(double low, double high);

struct ended {
    int status; /* exit status, or CHILD_RETURNED, or -1 after a signal */
    char out[4096], err[4096];
};

enum { CHILD_RETURNED = 99 };

/* Runs code that may exit in a child. `body` must not assert: the test goes on in the parent. */
struct ended run_in_child(void (*body)(const void *context), const void *context);

/* It exited with `status`, printed one line on stderr and nothing on stdout. */
void assert_exit_with_one_line(const struct ended *ended, int status);

/* Invalid arguments of a program, and a part of the error message. Arguments are space-separated; '...' quotes spaces
 * or an empty argument, \r and \n are these bytes. */
struct usage_error {
    const char *arguments, *message;
};

typedef int main_function(int argc, char **argv);

/* The program (a main.c that the test includes under another name, or its parser) ends with status 2 and one line with
 * the message in it. */
void assert_usage_error(main_function *program, const char *name, const struct usage_error *row);

#endif
