/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_EXPRESSION_H
#define WAKEONE_EXPRESSION_H

#include <stdbool.h>

/*
 * The number of workers that a strategy wakes for an idle connection, as an expression in n (workers) and r (1 if the kernel is
 * PREEMPT_RT): numbers, + - * ( ) < > <= >= == ?:, as in C. It may come from a run from elsewhere, so nothing else is allowed.
 * False if it is invalid. "LEAST .. MOST" is two expressions: this reads one.
 */
bool expression_value(const char *text, long n, long r, long *value);

#endif
