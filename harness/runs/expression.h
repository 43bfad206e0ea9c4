#ifndef WAKEONE_EXPRESSION_H
#define WAKEONE_EXPRESSION_H

#include <stdbool.h>

/*
 * How many workers a strategy wakes for an idle connection is an expression in n (workers) and r (1 where the kernel is
 * PREEMPT_RT): numbers, + - * ( ) < > <= >= == ?:, as in C. It may come from a run from elsewhere, so there is nothing
 * else in it. False if it is none. "LEAST .. MOST" is two of them: this reads one.
 */
bool expression_value(const char *text, long n, long r, long *value);

#endif
