/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs where FUNCTIONS TRIALS SYMBOLS PROFILE: breakdown of the CPU time of a guest's windows, as CSV without a header
 * (results/README.md: where.csv, functions.csv, callers.csv).
 *
 *   FUNCTIONS  lines of part TAB pattern, which matches a function's whole name (harness/lab/functions.tsv)
 *   TRIALS     trials.csv; its n-th row is the n-th window of the profile
 *   SYMBOLS    lines of "ADDRESS NAME" of the guest's kernel, in ascending order. All addresses are hexadecimal with the same
 * number
 *              of digits, so that they compare as text.
 *   PROFILE    lines of the plugin (harness/lab/virtual/plugin.c), tab-separated:
 *                "window", window, side, CPU time in ps
 *                "asleep", window, side, ps
 *                "sample", window, side, address, return address, count
 *                address, window, side, instructions, cache misses, upgrades
 */

#include "command.h"
#include "csv.h"
#include "text.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/stats/names.h"

#include <errno.h>
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum by { BY_PART, BY_FUNCTION, BY_CALLER };
enum { FIELDS = 6 };

/* Smaller shares of a side's CPU time, or of its samples in a lock function, are omitted. */
static const double least_share[] = {[BY_FUNCTION] = 0.01, [BY_CALLER] = 0.05};

static unsigned by;
static unsigned long price_ps, miss_ps, upgrade_ps;

/* ---- lines ---- */

static char *read_or_die(const char *path)
{
    size_t size;
    char *text = file_read(path, &size);
    if (!text)
        fail("cannot read %s: %s", path, strerror(errno));
    return text;
}

/* Calls `add` with the fields of each line except comments; missing fields are "". Returns the text that contains the fields.
 * */
static char *each_line(const char *path, char separator, void (*add)(char *const *fields))
{
    static char none[] = "";
    char *text = read_or_die(path), *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) {
        char *fields[FIELDS];
        if (*line == '\0' || *line == '#')
            continue;
        for (unsigned i = split(line, separator, fields, FIELDS); i < FIELDS; i++)
            fields[i] = none;
        add(fields);
    }
    return text;
}

/* ---- functions and their parts ---- */

struct part {
    const char *name;
    regex_t pattern;
};

struct function {
    struct named named;
    const char *part;
};

struct symbol {
    const char *address, *name;
};

static struct part *parts;
static struct symbol *symbols;
static unsigned part_count, part_room, symbol_count, symbol_room;
static struct names functions; /* struct function, in the order of their first lines */

static void add_part(char *const *fields)
{
    char *whole = format_string("^(%s)$", fields[1]);
    parts = array_grow(parts, part_count, &part_room, sizeof *parts);
    parts[part_count].name = fields[0];
    if (regcomp(&parts[part_count].pattern, whole, REG_EXTENDED | REG_NOSUB) != 0)
        fail("part '%s': invalid regular expression '%s'", fields[0], fields[1]);
    part_count++;
    free(whole);
}

static void add_symbol(char *const *fields)
{
    symbols = array_grow(symbols, symbol_count, &symbol_room, sizeof *symbols);
    symbols[symbol_count++] = (struct symbol){fields[0], fields[1]};
}

/* The first part whose pattern matches; "" = none */
static const char *part_of(const char *name)
{
    struct function *function = names_add(&functions, name, sizeof *function);
    for (unsigned i = 0; !function->part && i < part_count; i++)
        if (regexec(&parts[i].pattern, name, 0, NULL, 0) == 0)
            function->part = parts[i].name;
    return function->part ? function->part : "";
}

/* The kernel function of an address */
static const char *function_at(const char *address)
{
    unsigned low = 0, high = symbol_count;
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;
        if (strcmp(symbols[middle].address, address) <= 0)
            low = middle;
        else
            high = middle;
    }
    return symbol_count ? symbols[low].name : "";
}

/* ---- windows ---- */

struct window {
    char *row; /* the columns of its trial, with a trailing comma; NULL = excluded */
    double requests;
};

static struct window *windows;
static unsigned window_count, window_room;

static const char *field_of(const struct csv *csv, const char *column)
{
    int at = csv_column(csv, column);
    if (at < 0)
        fail("%s: missing column '%s'", csv->name, column);
    return csv->fields[at];
}

static void add_window(const struct csv *csv)
{
    struct window window = {NULL, strtod(field_of(csv, "requests"), NULL)};
    bool is_ok = strcmp(field_of(csv, "verdict"), "ok") == 0;
    if (is_ok && (window.requests > 0 || by == BY_CALLER))
        window.row = format_string("%s,%s,%s,%s,%s,", field_of(csv, "cpus"),
                                   field_of(csv, "strategy"), field_of(csv, "backend"),
                                   field_of(csv, "workers"), field_of(csv, "trial"));
    windows = array_grow(windows, window_count, &window_room, sizeof *windows);
    windows[window_count++] = window;
}

static void read_windows(const char *path)
{
    struct complaint why;
    struct csv csv;
    enum csv_line line = CSV_BROKEN;
    if (csv_open(&csv, path, path, ',', &why))
        while ((line = csv_next(&csv, &why)) == CSV_LINE)
            add_window(&csv);
    if (line == CSV_BROKEN)
        fail("%s", why.text);
    csv_close(&csv);
}

/* ---- costs ---- */

/* A side of a window, "WINDOW,SIDE": its CPU time in ps, or its samples in lock functions */
struct side {
    struct named named;
    double sum;
};

/* A line of the output, "WINDOW,SIDE,KEY" */
struct item {
    struct named named;
    unsigned window; /* from 0 */
    const char *part;
    const struct side *side;
    double sum; /* ps, or samples */
    double instructions, stalled_ps;
};

static struct names sides, items; /* struct side, struct item */
static unsigned long last_window; /* of the profile, from 1 */

static struct side *side_of(char *const *fields)
{
    char *name = format_string("%s,%s", fields[1], fields[2]);
    struct side *side = names_add(&sides, name, sizeof *side);
    free(name);
    return side;
}

static struct item *item_of(char *const *fields, const char *key)
{
    char *name = format_string("%s,%s,%s", fields[1], fields[2], key);
    struct item *item = names_add(&items, name, sizeof *item);
    item->window = (unsigned)strtoul(fields[1], NULL, 10) - 1;
    item->side = side_of(fields);
    free(name);
    return item;
}

static void add_sample(char *const *fields)
{
    const char *function = function_at(fields[3]);
    double count = strtod(fields[5], NULL);
    if (strcmp(part_of(function), "lock") != 0)
        return;
    char *key = format_string("%s,%s", function, function_at(fields[4]));
    item_of(fields, key)->sum += count;
    side_of(fields)->sum += count;
    free(key);
}

static bool is_program(const char *address)
{
    return address[strspn(address, "0")] == '\0';
}

static void add_address(char *const *fields)
{
    const char *function = is_program(fields[0]) ? "(programs)" : function_at(fields[0]);
    const char *part = part_of(function);
    double instructions = strtod(fields[3], NULL);
    double stalled = strtod(fields[4], NULL) * (double)miss_ps +
                     strtod(fields[5], NULL) * (double)upgrade_ps;
    struct item *item = item_of(fields, by == BY_FUNCTION ? function : part);
    item->part = part;
    item->instructions += instructions;
    item->stalled_ps += stalled;
    item->sum += instructions * (double)price_ps + stalled;
}

static void add_profile_line(char *const *fields)
{
    bool sample = strcmp(fields[0], "sample") == 0;
    if (strcmp(fields[0], "window") == 0) {
        unsigned long number = strtoul(fields[1], NULL, 10);
        last_window = number > last_window ? number : last_window;
        if (by != BY_CALLER)
            side_of(fields)->sum = strtod(fields[3], NULL);
    } else if (strcmp(fields[0], "asleep") == 0) {
        if (by == BY_PART)
            item_of(fields, "idle")->sum += strtod(fields[3], NULL);
    } else if (sample == (by == BY_CALLER)) {
        (sample ? add_sample : add_address)(fields);
    }
}

/* ---- the table ---- */

static void print_item(const struct item *item)
{
    const struct window *window = &windows[item->window];
    const char *key = strchr(item->named.name, ',') + 1;
    if (by != BY_PART && item->sum < item->side->sum * least_share[by])
        return;
    printf("%s%s,", window->row, key);
    if (by == BY_CALLER) {
        printf("%.4f\n", item->sum / item->side->sum);
        return;
    }
    if (by == BY_FUNCTION)
        printf("%s,", item->part);
    printf("%.3f,%.3f,%.1f\n", item->sum / window->requests / 1e6,
           item->stalled_ps / window->requests / 1e6, item->instructions / window->requests);
}

/* By window, then in the order of their first lines */
static void print_items(void)
{
    for (unsigned w = 0; w < window_count; w++)
        for (unsigned i = 0; windows[w].row && i < items.count; i++) {
            const struct item *item = (const struct item *)items.all[i];
            if (item->window == w)
                print_item(item);
        }
}

int command_where(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "breakdown of the CPU time of a guest's windows, as CSV without a header",
        .operands = "FUNCTIONS TRIALS SYMBOLS PROFILE",
        .example = "runs where --by function --price 1000 functions.tsv trials.csv symbols profile",
        .mixed = true,
    };
    static const char *const ways[] = {"part", "function", "caller", NULL};
    static const struct option_spec options[] = {
        {OPTION_CHOICE, "by", "WHAT", "group by part, function or caller (part)", &by, 0, 0, ways},
        {OPTION_NUMBER, "price", "PS", "time of an instruction (0)", &price_ps, 0, UINT32_MAX},
        {OPTION_NUMBER, "miss", "PS", "time of a cache miss (0)", &miss_ps, 0, UINT32_MAX},
        {OPTION_NUMBER, "upgrade", "PS", "time of an upgrade of a cache line (0)", &upgrade_ps, 0,
         UINT32_MAX},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first != 4)
        fail_usage("expected 4 files: see --help");
    each_line(argv[first], '\t', add_part);
    read_windows(argv[first + 1]);
    each_line(argv[first + 2], ' ', add_symbol);
    free(each_line(argv[first + 3], '\t', add_profile_line));
    if (last_window != window_count)
        fail("%s has %lu windows, but %s has %u trials", argv[first + 3], last_window,
             argv[first + 1], window_count);
    print_items();
    return EXIT_DONE;
}
