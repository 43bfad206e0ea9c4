/* SPDX-License-Identifier: BSD-2-Clause */
#include "shares.h"

#include "csv.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char header[] = "strategy,workers,cpus,connections,rate_offered,requests_per_"
                             "connection,trials,idle_workers,shares";

static bool has_file(const struct run *run, const char *name)
{
    char *path = run_file(run, name);
    struct stat about;
    bool there = stat(path, &about) == 0 && about.st_size > 0;
    free(path);
    return there;
}

bool has_shares(const struct run *run)
{
    return has_file(run, "workers.csv") || has_file(run, "shares.csv");
}

/* ---- workers.csv: one line per process and trial ---- */

struct numbered {
    double trial;
    unsigned configuration;
};

struct reading {
    struct shares *shares;
    struct numbered *trials; /* the valid ones, by number */
    unsigned trial_count;
    unsigned *taken; /* by configuration: trials with accepted connections */

    double trial; /* of these workers */
    double *accepts;
    unsigned count, room;
};

static int by_trial(const void *a, const void *b)
{
    double x = ((const struct numbered *)a)->trial, y = ((const struct numbered *)b)->trial;
    return (x > y) - (x < y);
}

static int downwards(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static void begin(struct reading *r, const struct run *run, struct shares *shares)
{
    const struct rows *rows = &run->trials;
    *r = (struct reading){.shares = shares,
                          .trials = calloc(rows->count + 1, sizeof *r->trials),
                          .taken = calloc(rows->configuration_count + 1, sizeof *r->taken),
                          .trial = NAN};
    if (!r->trials || !r->taken)
        fail("out of memory");
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]))
            r->trials[r->trial_count++] = (struct numbered){rows->all[i].trial,
                                                            rows->configuration_of[i]};
    qsort(r->trials, r->trial_count, sizeof *r->trials, by_trial);
}

static void add_to(struct share *share, const double *accepts, unsigned count, double total)
{
    if (count > share->count) {
        share->percent = realloc(share->percent, count * sizeof *share->percent);
        if (!share->percent)
            fail("out of memory");
        for (; share->count < count; share->count++)
            share->percent[share->count] = 0;
    }
    for (unsigned i = 0; i < count; i++) {
        share->percent[i] += accepts[i] / total;
        share->idle += accepts[i] == 0;
    }
}

/* Keeps the first reason why the lines of a configuration cannot be read. */
static void damage(struct share *share, const struct complaint *complaint)
{
    if (!share->damage)
        share->damage = copy_string(complaint->text);
}

/* NULL if the trial is not valid. */
static struct share *share_of_trial(const struct reading *r, double number)
{
    struct numbered wanted = {number, 0};
    const struct numbered *trial = bsearch(&wanted, r->trials, r->trial_count, sizeof wanted,
                                           by_trial);
    return trial ? &r->shares->all[trial->configuration] : NULL;
}

/* The lines of a trial are adjacent: the next trial ends this one. */
static void end_trial(struct reading *r)
{
    struct share *share = share_of_trial(r, r->trial);
    double total = 0;
    for (unsigned i = 0; i < r->count; i++)
        total += r->accepts[i];
    if (share && r->accepts && total > 0) {
        qsort(r->accepts, r->count, sizeof *r->accepts, downwards);
        r->taken[share - r->shares->all]++;
        add_to(share, r->accepts, r->count, total);
    }
    r->count = 0;
}

/* False: the trial of the line is invalid, so that no trial is known to be complete. */
static bool take_trial(struct reading *r, const struct csv *csv, int at,
                       struct complaint *complaint)
{
    double trial;
    if (!number_read(csv->fields[at], &trial))
        return complain(complaint, "workers.csv: line %lu: '%s' is not a trial", csv->line,
                        csv->fields[at]);
    if (trial != r->trial)
        end_trial(r);
    r->trial = trial;
    return true;
}

static bool read_accepts(const struct csv *csv, const char *text, double *accepts,
                         struct complaint *complaint)
{
    return (text[strspn(text, "0123456789")] == '\0' && number_read(text, accepts)) ||
           complain(complaint, "workers.csv: line %lu: '%s' is not a number of accepts", csv->line,
                    text);
}

/* An error in a line affects only the configuration of its trial. */
static bool take_worker(struct reading *r, const struct csv *csv, const int at[3],
                        struct complaint *complaint)
{
    double accepts = 0;
    if (!take_trial(r, csv, at[0], complaint))
        return false;
    if (strcmp(csv->fields[at[1]], "worker") != 0)
        return true;
    if (read_accepts(csv, csv->fields[at[2]], &accepts, complaint)) {
        r->accepts = array_grow(r->accepts, r->count, &r->room, sizeof *r->accepts);
        r->accepts[r->count++] = accepts;
    } else if (share_of_trial(r, r->trial)) {
        damage(share_of_trial(r, r->trial), complaint);
    }
    return true;
}

/* A line with a wrong number of fields: the trial is known if another field follows it. */
static bool take_broken(struct reading *r, const struct csv *csv, int at,
                        struct complaint *complaint)
{
    struct complaint ignored;
    if (csv->found < (unsigned)at + 2 || !take_trial(r, csv, at, &ignored))
        return false;
    if (share_of_trial(r, r->trial))
        damage(share_of_trial(r, r->trial), complaint);
    return true;
}

static bool read_worker_lines(struct reading *r, struct csv *csv, struct complaint *complaint)
{
    const int at[3] = {csv_column(csv, "trial"), csv_column(csv, "role"),
                       csv_column(csv, "accepts")};
    enum csv_line line;
    if (at[0] < 0 || at[1] < 0 || at[2] < 0)
        return complain(complaint, "workers.csv: missing column trial, role or accepts");
    while ((line = csv_next(csv, complaint)) != CSV_END)
        if (!(line == CSV_LINE ? take_worker(r, csv, at, complaint)
                               : take_broken(r, csv, at[0], complaint)))
            return false;
    end_trial(r);
    return true;
}

static void finish(struct reading *r)
{
    for (unsigned i = 0; i < r->shares->count; i++) {
        struct share *share = &r->shares->all[i];
        unsigned kept = 0;
        share->known = r->taken[i] > 0;
        if (share->known)
            share->idle /= r->taken[i];
        while (kept < share->count && share->percent[kept] > 0) {
            share->percent[kept] = 100 * share->percent[kept] / r->taken[i];
            kept++;
        }
        share->count = kept;
    }
}

static bool read_workers(const struct run *run, struct shares *shares, struct complaint *complaint)
{
    struct csv csv;
    struct reading r;
    char *path = run_file(run, "workers.csv");
    bool read = csv_open(&csv, path, "workers.csv", ',', complaint);
    free(path);
    if (!read)
        return false;
    begin(&r, run, shares);
    read = read_worker_lines(&r, &csv, complaint);
    if (read)
        finish(&r);
    csv_close(&csv);
    free(r.trials);
    free(r.taken);
    free(r.accepts);
    return read;
}

/* ---- shares.csv: one line per configuration ---- */

static bool refuse(struct complaint *complaint, const struct csv *csv, const char *why)
{
    return complain(complaint, "shares.csv: line %lu: %s", csv->line, why);
}

static bool read_number(const char *text, double *value)
{
    return *text != '-' && !strchr(text, 'e') && number_read(text, value);
}

static bool read_percent(struct share *share, char *text, const struct csv *csv,
                         struct complaint *complaint)
{
    double sum = 0;
    char *rest = NULL;
    unsigned room = 0;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        double value;
        if (!read_number(word, &value) ||
            (share->count && value > share->percent[share->count - 1]))
            return complain(
                complaint,
                "shares.csv: line %lu: '%s' is not a share, or larger than the previous one",
                csv->line, word);
        share->percent = array_grow(share->percent, share->count, &room, sizeof value);
        share->percent[share->count++] = value;
        sum += value;
    }
    return !share->known || (sum >= 99.99 && sum <= 100.01) ||
           complain(complaint, "shares.csv: line %lu: the shares add up to %s %%, not to 100",
                    csv->line, number_short(sum).text);
}

/* The configuration of a line, -1 if it has no valid samples */
static int configuration_of_line(const struct run *run, const struct csv *csv)
{
    struct configuration wanted = {.server = csv->fields[0]};
    double *const values[] = {&wanted.workers, &wanted.cpus, &wanted.connections, &wanted.rate,
                              &wanted.requests};
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        *values[i] = NAN;
        if (*csv->fields[i + 1] && !number_read(csv->fields[i + 1], values[i]))
            return -1;
    }
    int i = rows_find(&run->trials, &wanted);
    return i >= 0 && run->trials.configurations[i].valid > 0 ? i : -1;
}

static bool take_line(const struct configuration *c, struct share *share, bool seen,
                      const struct csv *csv, struct complaint *complaint)
{
    enum { TRIALS = 6, IDLE, SHARES };
    double trials = 0;
    if (seen)
        return refuse(complaint, csv, "duplicate line of a configuration");
    number_read(csv->fields[TRIALS], &trials);
    if (trials != c->valid)
        return complain(
            complaint,
            "shares.csv: line %lu: merged from %s trials, but trials.csv has %u valid samples",
            csv->line, csv->fields[TRIALS], c->valid);
    share->known = *csv->fields[IDLE] != '\0';
    if (share->known && !read_number(csv->fields[IDLE], &share->idle))
        return refuse(complaint, csv, "idle_workers is not a number");
    if (!share->known && *csv->fields[SHARES])
        return refuse(complaint, csv, "shares without idle_workers");
    return read_percent(share, csv->fields[SHARES], csv, complaint);
}

/* An error in the line of a measured configuration is kept with its share. A line of no configuration is skipped; `strayed` has
 * the reason if it is damaged. */
static void take_any_line(const struct run *run, struct shares *shares, bool *seen,
                          const struct csv *csv, enum csv_line line, struct complaint *complaint,
                          struct complaint *strayed)
{
    enum { KEYS = 6 };
    int i = csv->found > KEYS ? configuration_of_line(run, csv) : -1;
    if (i < 0 && line == CSV_BROKEN && !*strayed->text)
        *strayed = *complaint;
    if (i < 0)
        return;
    if (line == CSV_BROKEN ||
        !take_line(&run->trials.configurations[i], &shares->all[i], seen[i], csv, complaint))
        damage(&shares->all[i], complaint);
    seen[i] = true;
}

static bool has_header(const struct csv *csv)
{
    char *copy = copy_string(header), *names[9];
    bool same = csv->columns == split(copy, ',', names, 9);
    for (unsigned i = 0; same && i < 9; i++)
        same = strcmp(csv->header[i], names[i]) == 0;
    free(copy);
    return same;
}

static bool read_lines(const struct run *run, struct shares *shares, struct csv *csv,
                       struct complaint *complaint)
{
    enum csv_line line;
    struct complaint why, strayed = {""};
    bool *seen = calloc(shares->count + 1, sizeof *seen);
    if (!seen)
        fail("out of memory");
    if (!has_header(csv)) {
        free(seen);
        return complain(complaint, "shares.csv: line 1: expected the columns %s", header);
    }
    while ((line = csv_next(csv, &why)) != CSV_END)
        take_any_line(run, shares, seen, csv, line, &why, &strayed);
    for (unsigned i = 0; i < shares->count; i++) {
        if (run->trials.configurations[i].valid == 0 || seen[i])
            continue;
        complain(&why, "shares.csv: no line for %s",
                 configuration_key(&run->trials.configurations[i]).text);
        damage(&shares->all[i], *strayed.text ? &strayed : &why);
    }
    free(seen);
    return true;
}

static bool read_merged(const struct run *run, struct shares *shares, struct complaint *complaint)
{
    struct csv csv;
    char *path = run_file(run, "shares.csv");
    bool read = csv_open(&csv, path, "shares.csv", ',', complaint);
    free(path);
    if (!read)
        return false;
    read = read_lines(run, shares, &csv, complaint);
    csv_close(&csv);
    return read;
}

/* ---- either form ---- */

bool shares_read(const struct run *run, struct shares *shares, struct complaint *complaint)
{
    shares->count = run->trials.configuration_count;
    shares->all = calloc(shares->count + 1, sizeof *shares->all);
    if (!shares->all)
        fail("out of memory");
    for (unsigned i = 0; i < shares->count; i++)
        shares->all[i].trials = run->trials.configurations[i].valid;
    bool read = (has_file(run, "workers.csv") ? read_workers : read_merged)(run, shares, complaint);
    if (!read)
        shares_free(shares);
    return read;
}

void shares_free(struct shares *shares)
{
    for (unsigned i = 0; i < shares->count; i++) {
        free(shares->all[i].percent);
        free(shares->all[i].damage);
    }
    free(shares->all);
    *shares = (struct shares){NULL, 0};
}

static void write_line(const struct configuration *c, const struct share *share, struct text *file)
{
    const double key[] = {c->workers, c->cpus, c->connections, c->rate, c->requests};
    text_add_string(file, c->server);
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        text_add(file, ",%s", isnan(key[i]) ? "" : number_short(key[i]).text);
    text_add(file, ",%u,%s,", share->trials, share->known ? number_short(share->idle).text : "");
    for (unsigned i = 0; i < share->count; i++)
        text_add(file, "%s%.6f", i ? " " : "", share->percent[i]);
    text_add_string(file, "\n");
}

static const struct rows *sorted_rows; /* qsort() takes no argument */

static int by_first_sample(const void *a, const void *b)
{
    unsigned x = sorted_rows->configurations[*(const unsigned *)a].samples[0],
             y = sorted_rows->configurations[*(const unsigned *)b].samples[0];
    return (x > y) - (x < y);
}

void shares_write(const struct run *run, const struct shares *shares, struct text *file)
{
    unsigned *order = calloc(shares->count + 1, sizeof *order), count = 0;
    if (!order)
        fail("out of memory");
    for (unsigned i = 0; i < shares->count; i++)
        if (run->trials.configurations[i].valid > 0)
            order[count++] = i;
    sorted_rows = &run->trials;
    qsort(order, count, sizeof *order, by_first_sample);
    text_add(file, "%s\n", header);
    for (unsigned i = 0; i < count; i++)
        write_line(&run->trials.configurations[order[i]], &shares->all[order[i]], file);
    free(order);
}
