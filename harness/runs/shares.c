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

/* ---- workers.csv: a line for each process of each trial ---- */

struct numbered {
    double trial;
    unsigned configuration;
};

struct reading {
    struct shares *shares;
    struct numbered *trials; /* the valid ones, by number */
    unsigned trial_count;
    unsigned *taken; /* by configuration: trials in which connections were taken */

    double trial; /* whose workers these are */
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

/* The workers of a trial stand together: when another begins, these are all. */
static void end_trial(struct reading *r)
{
    struct numbered wanted = {r->trial, 0};
    const struct numbered *trial = bsearch(&wanted, r->trials, r->trial_count, sizeof wanted,
                                           by_trial);
    double total = 0;
    for (unsigned i = 0; i < r->count; i++)
        total += r->accepts[i];
    if (trial && r->accepts && total > 0) {
        qsort(r->accepts, r->count, sizeof *r->accepts, downwards);
        r->taken[trial->configuration]++;
        add_to(&r->shares->all[trial->configuration], r->accepts, r->count, total);
    }
    r->count = 0;
}

static bool take_worker(struct reading *r, const struct csv *csv, const int at[3],
                        struct complaint *complaint)
{
    double trial, accepts;
    const char *text = csv->fields[at[2]];
    if (!number_read(csv->fields[at[0]], &trial))
        return complain(complaint, "workers.csv: line %lu: '%s' is no trial", csv->line,
                        csv->fields[at[0]]);
    if (trial != r->trial)
        end_trial(r);
    r->trial = trial;
    if (strcmp(csv->fields[at[1]], "worker") != 0)
        return true;
    if (text[strspn(text, "0123456789")] != '\0' || !number_read(text, &accepts))
        return complain(complaint, "workers.csv: line %lu: '%s' is no number of accepts", csv->line,
                        text);
    r->accepts = array_grow(r->accepts, r->count, &r->room, sizeof *r->accepts);
    r->accepts[r->count++] = accepts;
    return true;
}

static bool read_worker_lines(struct reading *r, struct csv *csv, struct complaint *complaint)
{
    const int at[3] = {csv_column(csv, "trial"), csv_column(csv, "role"),
                       csv_column(csv, "accepts")};
    enum csv_line line = CSV_END;
    if (at[0] < 0 || at[1] < 0 || at[2] < 0)
        return complain(complaint, "workers.csv lacks one of the columns trial, role, accepts");
    while ((line = csv_next(csv, complaint)) == CSV_LINE)
        if (!take_worker(r, csv, at, complaint))
            return false;
    end_trial(r);
    return line == CSV_END;
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

/* ---- shares.csv: a line for each configuration ---- */

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
            return complain(complaint,
                            "shares.csv: line %lu: '%s' is no share, or larger than the one before",
                            csv->line, word);
        share->percent = array_grow(share->percent, share->count, &room, sizeof value);
        share->percent[share->count++] = value;
        sum += value;
    }
    return !share->known || (sum >= 99.99 && sum <= 100.01) ||
           complain(complaint, "shares.csv: line %lu: the shares add up to %s %%, not to 100",
                    csv->line, number_short(sum).text);
}

/* The configuration of a line, -1 if it is none that was measured */
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
    return rows_find(&run->trials, &wanted);
}

static bool take_line(const struct run *run, struct shares *shares, bool *seen,
                      const struct csv *csv, struct complaint *complaint)
{
    enum { TRIALS = 6, IDLE, SHARES };
    double trials = 0;
    int i = configuration_of_line(run, csv);
    if (i < 0)
        return true;
    struct share *share = &shares->all[i];
    if (seen[i])
        return refuse(complaint, csv, "this configuration has a line already");
    seen[i] = true;
    number_read(csv->fields[TRIALS], &trials);
    share->trials = run->trials.configurations[i].valid;
    if (trials != share->trials)
        return complain(
            complaint,
            "shares.csv: line %lu: merged from %s trials, but %u rows of trials.csv are ok",
            csv->line, csv->fields[TRIALS], share->trials);
    share->known = *csv->fields[IDLE] != '\0';
    if (share->known && !read_number(csv->fields[IDLE], &share->idle))
        return refuse(complaint, csv, "idle_workers is no number");
    if (!share->known && *csv->fields[SHARES])
        return refuse(complaint, csv, "there are shares, but no idle_workers");
    return read_percent(share, csv->fields[SHARES], csv, complaint);
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
    bool *seen = calloc(shares->count + 1, sizeof *seen), read = true;
    if (!seen)
        fail("out of memory");
    if (!has_header(csv))
        read = complain(complaint, "shares.csv: line 1: its columns are not %s", header);
    while (read && (line = csv_next(csv, complaint)) != CSV_END)
        read = line == CSV_LINE && take_line(run, shares, seen, csv, complaint);
    for (unsigned i = 0; read && i < shares->count; i++)
        if (run->trials.configurations[i].valid > 0 && !seen[i])
            read = complain(complaint, "shares.csv: no line for %s",
                            configuration_key(&run->trials.configurations[i]).text);
    free(seen);
    return read;
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

/* ---- either ---- */

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
    for (unsigned i = 0; i < shares->count; i++)
        free(shares->all[i].percent);
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

static const struct rows *sorted_rows; /* qsort() has no argument for it */

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
