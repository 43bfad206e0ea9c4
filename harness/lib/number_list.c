/* SPDX-License-Identifier: BSD-2-Clause */
#include "number_list.h"

#include "message.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 9 };

/* Parses digits only; advances *text past them. */
static bool take_number(const char **text, unsigned long *number)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > DIGITS_MAX)
        return false;
    *number = strtoul(*text, NULL, 10);
    *text += digits;
    return true;
}

static bool add(struct number_list *list, unsigned long number, unsigned per)
{
    if (list->count == NUMBER_LIST_MAX)
        return false;
    list->items[list->count++] = (struct number_item){number, per};
    return true;
}

/* LAST, LAST+STEP or LASTxFACTOR, of a range that begins with `first`. */
static bool take_range(struct number_list *list, const char **text, unsigned long first)
{
    unsigned long last, step = 1;
    bool times = false;
    if (!take_number(text, &last))
        return false;
    if (**text == 'x' || **text == '+') {
        times = *(*text)++ == 'x';
        if (!take_number(text, &step))
            return false;
    }
    if (last < first || step < 1 || (times && (step < 2 || first < 1)))
        return false;
    for (unsigned long number = first; number <= last;
         number = times ? number * step : number + step)
        if (!add(list, number, 0))
            return false;
    return true;
}

/* "cpu" or "2cpu", after the slash. */
static bool take_cpus(struct number_list *list, const char **text, unsigned long number)
{
    unsigned per = 1;
    if (**text >= '2' && **text <= '9')
        per = (unsigned)(*(*text)++ - '0');
    if (strncmp(*text, "cpu", 3) != 0 || number < 1)
        return false;
    *text += 3;
    return add(list, number, per);
}

static bool take_item(struct number_list *list, const char **text)
{
    unsigned long number;
    if (!take_number(text, &number))
        return false;
    if (strncmp(*text, "..", 2) == 0) {
        *text += 2;
        return take_range(list, text, number);
    }
    if (**text == '/') {
        ++*text;
        return take_cpus(list, text, number);
    }
    return add(list, number, 0);
}

bool number_list_parse(struct number_list *list, const char *text)
{
    list->count = 0;
    while (take_item(list, &text)) {
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            break;
    }
    list->count = 0;
    return false;
}

static bool is_duplicate(const struct number_list *list, unsigned index)
{
    for (unsigned i = 0; i < index; i++)
        if (list->items[i].number == list->items[index].number &&
            list->items[i].per == list->items[index].per)
            return true;
    return false;
}

void number_list_read(struct number_list *list, const char *name, const char *text,
                      unsigned long least, unsigned long most, bool per_cpu)
{
    if (!number_list_parse(list, text))
        fail_usage("--%s takes a list such as 2,8 or 2..64x2, not '%s'", name, text);
    for (unsigned i = 0; i < list->count; i++) {
        const struct number_item *item = &list->items[i];
        if (is_duplicate(list, i))
            fail_usage("--%s lists a number more than once: '%s'", name, text);
        if (item->number < least || item->number > most || (item->per && !per_cpu))
            fail_usage("--%s takes a whole number from %lu to %lu, not '%lu%s'", name, least, most,
                       item->number, item->per ? "/cpu" : "");
    }
}

unsigned long number_item_of(const struct number_item *item, unsigned long cpus)
{
    if (item->per == 0)
        return item->number;
    unsigned long number = item->number * cpus / item->per;
    return number > 0 ? number : 1;
}
