/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_NUMBER_LIST_H
#define WAKEONE_NUMBER_LIST_H

/*
 * Lists of numbers as arguments of options: "2,8", the ranges "2..5", "2..10+4", "2..64x2" (2,4,8,16,32,64), and, for axes
 * that may be proportional to the number of CPUs, "4/cpu" and "1/2cpu" (one per two CPUs).
 */

#include <stdbool.h>

enum { NUMBER_LIST_MAX = 1000 };

struct number_item {
    unsigned long number;
    unsigned per; /* 0 = absolute, 1 = per CPU, n = per n CPUs */
};

struct number_list {
    unsigned count;
    struct number_item items[NUMBER_LIST_MAX];
};

/* False if `text` is not such a list, has more than NUMBER_LIST_MAX numbers, or a number of more than 9 digits. */
bool number_list_parse(struct number_list *list, const char *text);

/* Parses the argument of an option: distinct numbers within [least, most]; anything else is a usage error. `name`: of
 * the option, without the dashes. `per_cpu`: whether "4/cpu" is accepted. */
void number_list_read(struct number_list *list, const char *name, const char *text,
                      unsigned long least, unsigned long most, bool per_cpu);

/* The value of an item on a machine with `cpus` CPUs; at least 1 if it is proportional to them. */
unsigned long number_item_of(const struct number_item *item, unsigned long cpus);

#endif
