/*
 * stats: paired ratios as a filter.
 *
 * Reads lines "key TAB a TAB b", one pair a line, and writes one line per key, in the order in
 * which the keys first came: key, pairs, ratio a/b, low and high end of its 95 % interval, the
 * smallest difference that could have been seen, and a sentence.
 */

#include "paired.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct group {
    char *key;
    double *a, *b;
    size_t used, room;
};

static struct group *groups;
static size_t group_count;

static void *grow_or_die(void *memory, size_t size)
{
    void *grown = realloc(memory, size);
    if (!grown)
        fail("out of memory");
    return grown;
}

/* Pairs of one key mostly come together: look from the end. */
static struct group *group_of(const char *key)
{
    for (size_t i = group_count; i > 0; i--)
        if (strcmp(groups[i - 1].key, key) == 0)
            return &groups[i - 1];
    groups = grow_or_die(groups, (group_count + 1) * sizeof *groups);
    groups[group_count] = (struct group){.key = strdup(key)};
    return &groups[group_count++];
}

static void add_pair(const char *key, double a, double b)
{
    struct group *g = group_of(key);
    if (g->used == g->room) {
        g->room = g->room ? 2 * g->room : 16;
        g->a = grow_or_die(g->a, g->room * sizeof *g->a);
        g->b = grow_or_die(g->b, g->room * sizeof *g->b);
    }
    g->a[g->used] = a;
    g->b[g->used++] = b;
}

static double number_or_die(const char *text, unsigned long line, int column)
{
    char *end;
    double value = text ? strtod(text, &end) : NAN;
    if (!text || end == text || *end != '\0' || !isfinite(value) || value <= 0)
        fail("line %lu, column %d: a number above 0 is wanted, not '%s'", line, column,
             text ? text : "");
    return value;
}

static void read_pairs(void)
{
    char *text = NULL;
    size_t size = 0;
    for (unsigned long line = 1; getline(&text, &size, stdin) >= 0; line++) {
        char *rest = text;
        text[strcspn(text, "\r\n")] = '\0';
        const char *key = strsep(&rest, "\t");
        double a = number_or_die(strsep(&rest, "\t"), line, 2);
        double b = number_or_die(strsep(&rest, "\t"), line, 3);
        add_pair(key, a, b);
    }
    free(text);
}

static void print_number(double value)
{
    if (isnan(value))
        printf("\t");
    else
        printf("\t%.4f", value);
}

static void print_group(const struct group *g)
{
    char sentence[160];
    struct paired p = paired_ratio(g->a, g->b, g->used);
    paired_sentence(&p, sentence, sizeof sentence);
    printf("%s\t%zu", g->key, p.n);
    print_number(p.ratio);
    print_number(p.low);
    print_number(p.high);
    print_number(p.smallest);
    printf("\t%s\n", sentence);
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "paired ratios: reads lines of key, a, b; writes key, pairs, ratio a/b, low, "
                    "high, smallest difference, sentence",
        .example = "printf 'x\\t2\\t1\\nx\\t3\\t2\\n' | stats",
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    options_parse(&program, tables, argc, argv);
    read_pairs();
    for (size_t i = 0; i < group_count; i++) {
        print_group(&groups[i]);
        free(groups[i].key);
        free(groups[i].a);
        free(groups[i].b);
    }
    free(groups);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
