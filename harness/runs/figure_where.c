/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Breakdown of the time of all CPUs, for runs in virtual time: for each server a block with a line per number of CPUs: the
 * upper end of each part, from below, in percent of the time of all CPUs; and the CPU time per request, in us, as text. Server
 * and client together; means over the trials. Missing values are NaN.
 */

#include "command.h"
#include "csv.h"
#include "figure.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const columns[] = {
    "cpus", "strategy", "backend",    "workers",          "trial",
    "side", "part",     "us_per_req", "stall_us_per_req", "instructions_per_req"};
static const char *const parts[] = {"programs", "network",  "kernel", "waiting", "walk",
                                    "wakeups",  "switches", "lock",   "idle"};
enum {
    COLUMNS = sizeof columns / sizeof *columns,
    PARTS = sizeof parts / sizeof *parts,
    IDLE = PARTS - 1
};
enum { CPUS, STRATEGY, BACKEND, WORKERS, TRIAL, SIDE, PART, US };

/* Of a trial: us per request by part, of both sides; which lines exist */
struct trial {
    const struct row *row;
    double us[PARTS];
    bool seen[2][PARTS];
};

struct trials {
    struct trial *all; /* by number */
    unsigned count;
};

static int by_number(const void *a, const void *b)
{
    double x = ((const struct trial *)a)->row->trial, y = ((const struct trial *)b)->row->trial;
    return (x > y) - (x < y);
}

static struct trials trials_of(const struct view *view)
{
    const struct rows *rows = &view->run->trials;
    struct trials trials = {calloc(rows->count + 1, sizeof *trials.all), 0};
    if (!trials.all)
        fail("out of memory");
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]) &&
            view_has(view, &rows->configurations[rows->configuration_of[i]]))
            trials.all[trials.count++].row = &rows->all[i];
    qsort(trials.all, trials.count, sizeof *trials.all, by_number);
    return trials;
}

static struct trial *trial_numbered(const struct trials *trials, const char *text)
{
    struct row row = {.trial = 0};
    struct trial wanted = {.row = &row};
    if (!number_read(text, &row.trial))
        return NULL;
    return bsearch(&wanted, trials->all, trials->count, sizeof wanted, by_number);
}

static int index_of(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static bool take_line(const struct trials *trials, const struct csv *csv, struct complaint *why)
{
    static const char *const sides[] = {"server", "client"};
    char *const *f = csv->fields;
    double us;
    int part = index_of(parts, PARTS, f[PART]), side = index_of(sides, 2, f[SIDE]);
    if (part < 0)
        return complain(why, "where.csv: line %lu: unknown part '%s'", csv->line, f[PART]);
    if (side < 0)
        return complain(why, "where.csv: line %lu: '%s' is neither server nor client", csv->line,
                        f[SIDE]);
    if (!number_read(f[US], &us) || f[US][strspn(f[US], "0123456789.")] || strlen(f[US]) > 20)
        return complain(why, "where.csv: line %lu: '%s' is not a number of microseconds", csv->line,
                        f[US]);
    struct trial *trial = trial_numbered(trials, f[TRIAL]);
    if (!trial)
        return true;
    if (trial->seen[side][part])
        return complain(why, "where.csv: line %lu: duplicate line of this part for trial %s",
                        csv->line, f[TRIAL]);
    trial->seen[side][part] = true;
    if (strcmp(f[CPUS], key_value(trial->row->cpus).text) != 0 ||
        strcmp(f[STRATEGY], trial->row->strategy) != 0 ||
        strcmp(f[WORKERS], key_value(trial->row->workers).text) != 0)
        return complain(
            why,
            "where.csv: line %lu: CPUs, strategy or workers of trial %s differ from trials.csv",
            csv->line, f[TRIAL]);
    trial->us[part] += us;
    return true;
}

static bool has_columns(const struct csv *csv)
{
    bool same = csv->columns == COLUMNS;
    for (unsigned i = 0; same && i < COLUMNS; i++)
        same = strcmp(csv->header[i], columns[i]) == 0;
    return same;
}

static bool read_where(const struct view *view, struct trials *trials, struct complaint *why)
{
    struct csv csv;
    char *path = run_file(view->run, "where.csv");
    bool read = csv_open(&csv, path, "where.csv", ',', why);
    free(path);
    if (!read)
        return false;
    enum csv_line line = CSV_END;
    read =
        has_columns(&csv) ||
        complain(
            why,
            "where.csv: line 1: expected the columns cpus,strategy,backend,workers,trial,side,part,"
            "us_per_req,stall_us_per_req,instructions_per_req");
    while (read && (line = csv_next(&csv, why)) == CSV_LINE)
        read = take_line(trials, &csv, why);
    csv_close(&csv);
    return read && line != CSV_BROKEN;
}

/* 3, 42, 950, 1.1k, 21k: at most four characters up to a second */
static char *short_us(double us)
{
    if (us < 9.95)
        return format_string("%.1f", us);
    if (us < 999.5)
        return format_string("%.0f", us);
    return format_string(us < 9950 ? "%.1fk" : "%.0fk", us / 1000);
}

/* One bar: the means over the trials of a server with a number of CPUs */
static bool add_bar(struct text *data, const struct trials *trials, const char *server, double cpus)
{
    double share[PARTS] = {0}, busy = 0, end = 0;
    unsigned measured = 0;
    for (unsigned i = 0; i < trials->count; i++) {
        const struct trial *t = &trials->all[i];
        double all = 0;
        if (t->row->cpus != cpus || strcmp(t->row->strategy, server) != 0)
            continue;
        for (int part = 0; part < PARTS; part++)
            all += t->us[part];
        if (!(all > 0))
            continue;
        measured++;
        busy += all - t->us[IDLE];
        for (int part = 0; part < PARTS; part++)
            share[part] += t->us[part] / all;
    }
    for (int part = 0; part < PARTS; part++) {
        end += measured ? 100 * share[part] / measured : 0;
        if (measured)
            text_add(data, "%.4f ", end);
        else
            text_add_string(data, "NaN ");
    }
    char *words = measured ? short_us(busy / measured) : copy_string("-");
    text_add(data, "%s\n", words);
    free(words);
    return measured > 0;
}

/* The text after a number of space-separated words */
static const char *skip_words(const char *at, int count)
{
    for (; count > 0; count--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return at;
}

/* A panel per server except the A/A control */
static void drop_control(struct view *view)
{
    enum { WORDS_EACH = 3 };
    unsigned kept = 0;
    struct text looks = {NULL, 0, 0};
    const char *at = view->looks;
    for (unsigned i = 0; i < view->name_count; i++) {
        const char *next = skip_words(at, WORDS_EACH);
        if (role_of(view->run, view->names[i]) != ROLE_CONTROL) {
            view->names[kept++] = view->names[i];
            text_add_bytes(&looks, at, (size_t)(next - at));
        }
        at = next;
    }
    view->name_count = kept;
    while (looks.length > 0 && looks.text[looks.length - 1] == ' ') /* of a dropped last one */
        looks.text[--looks.length] = '\0';
    free(view->looks);
    view->looks = copy_string(text_of(&looks));
    text_free(&looks);
}

/* A block per server, a bar per number of CPUs in the view's ticks; false if all are empty. */
static bool add_bars(struct text *data, const struct view *view, const struct trials *trials)
{
    bool any = false;
    for (unsigned i = 0; i < view->name_count; i++) {
        for (const char *at = view->ticks; *at; at = skip_words(at, 1))
            any |= add_bar(data, trials, view->names[i], strtod(at, NULL));
        text_add_string(data, "\n\n");
    }
    return any;
}

enum figure_outcome data_where(struct view *view, struct text *data, struct complaint *why)
{
    char *path = run_file(view->run, "where.csv");
    struct stat about;
    bool there = stat(path, &about) == 0 && about.st_size > 0;
    free(path);
    if (!there) {
        complain(why, "only runs in virtual time have this breakdown (%s kernels --virtual)",
                 suite_command());
        return FIGURE_LEFT_OUT;
    }
    struct trials trials = trials_of(view);
    drop_control(view);
    if (!read_where(view, &trials, why)) {
        free(trials.all);
        return FIGURE_BROKEN;
    }
    bool any = add_bars(data, view, &trials);
    free(trials.all);
    if (any)
        return FIGURE_DRAWN;
    complain(why, "where.csv has no line for the drawn trials");
    return FIGURE_LEFT_OUT;
}
