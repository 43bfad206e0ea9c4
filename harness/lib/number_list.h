#ifndef WAKEONE_NUMBER_LIST_H
#define WAKEONE_NUMBER_LIST_H

/*
 * Lists of numbers as options take them: "2,8", the ranges "2..5", "2..10+4", "2..64x2" (2,4,8,16,32,64), and, where an axis
 * may be in proportion to the CPUs, "4/cpu" and "1/2cpu" (one for each two CPUs).
 */

#include <stdbool.h>

enum { NUMBER_LIST_MAX = 1000 };

struct number_item {
    unsigned long number;
    unsigned per; /* 0 = as it is, 1 = for each CPU, n = for each n CPUs */
};

struct number_list {
    unsigned count;
    struct number_item items[NUMBER_LIST_MAX];
};

/* False if `text` is not such a list, or has more than NUMBER_LIST_MAX numbers; no number has more than 9 digits. */
bool number_list_parse(struct number_list *list, const char *text);

/* The argument of an option, numbers within [least, most] and none of them twice; anything else is a usage error.
 * `name`: of the option, without the dashes. `per_cpu`: whether "4/cpu" is understood. */
void number_list_read(struct number_list *list, const char *name, const char *text,
                      unsigned long least, unsigned long most, bool per_cpu);

/* What an item is with so many CPUs: at least one where it is in proportion to them. */
unsigned long number_item_of(const struct number_item *item, unsigned long cpus);

#endif
