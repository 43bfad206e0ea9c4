/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CPULIST_H
#define WAKEONE_CPULIST_H

#include <stdbool.h>
#include <stddef.h>

enum { CPULIST_MAX = 1024 };

/* CPU numbers in the order in which they were given; empty = no restriction. */
struct cpulist {
    unsigned count;
    unsigned short cpus[CPULIST_MAX];
};

/* Parses "0,2,4-7" (the kernel's list format). False if `text` is not such a list, contains a CPU
 * more than once, or one above CPULIST_MAX - 1; the list is then empty. */
bool cpulist_parse(struct cpulist *list, const char *text);

/* The CPUs this process may run on. */
void cpulist_allowed(struct cpulist *list);

/* The first of them. */
unsigned cpulist_first_allowed(void);

bool cpulist_contains(const struct cpulist *list, unsigned cpu);

/* Writes the list in the kernel's format, with ranges. The result is always terminated. */
void cpulist_format(const struct cpulist *list, char *text, size_t size);

#endif
