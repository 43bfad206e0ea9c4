/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpulist.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

bool cpulist_contains(const struct cpulist *list, unsigned cpu)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->cpus[i] == cpu)
            return true;
    return false;
}

static bool parse_cpu(const char **text, unsigned *cpu)
{
    char *end;
    if (!isdigit((unsigned char)**text))
        return false;
    unsigned long value = strtoul(*text, &end, 10);
    if (value >= CPULIST_MAX)
        return false;
    *cpu = (unsigned)value;
    *text = end;
    return true;
}

static bool parse_range(struct cpulist *list, const char **text)
{
    unsigned first, last;
    if (!parse_cpu(text, &first))
        return false;
    last = first;
    if (**text == '-') {
        ++*text;
        if (!parse_cpu(text, &last) || last < first)
            return false;
    }
    for (unsigned cpu = first; cpu <= last; cpu++) {
        if (cpulist_contains(list, cpu))
            return false;
        list->cpus[list->count++] = (unsigned short)cpu;
    }
    return true;
}

bool cpulist_parse(struct cpulist *list, const char *text)
{
    list->count = 0;
    while (parse_range(list, &text)) {
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            break;
    }
    list->count = 0;
    return false;
}

void cpulist_allowed(struct cpulist *list)
{
    cpu_set_t set;
    list->count = 0;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    for (unsigned cpu = 0; cpu < CPULIST_MAX && cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set))
            list->cpus[list->count++] = (unsigned short)cpu;
}

unsigned cpulist_first_allowed(void)
{
    struct cpulist allowed;
    cpulist_allowed(&allowed);
    return allowed.count ? allowed.cpus[0] : 0;
}

void cpulist_format(const struct cpulist *list, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < list->count;) {
        unsigned j = i;
        while (j + 1 < list->count && list->cpus[j + 1] == list->cpus[j] + 1)
            j++;
        int n = snprintf(text + used, size - used, j > i ? "%s%u-%u" : "%s%u", i ? "," : "",
                         list->cpus[i], list->cpus[j]);
        if (n < 0 || (size_t)n >= size - used)
            return;
        used += (size_t)n;
        i = j + 1;
    }
}
