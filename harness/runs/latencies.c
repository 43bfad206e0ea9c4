/* SPDX-License-Identifier: BSD-2-Clause */
#include "latencies.h"

#include "csv.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool has_directory(const struct run *run, const char *name)
{
    char *path = run_file(run, name);
    struct stat about;
    bool there = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    free(path);
    return there;
}

bool has_latencies(const struct run *run)
{
    return has_directory(run, "hist") || has_directory(run, "latency");
}

char *latencies_name(const struct configuration *c)
{
    char *name = format_string("%s.hgrm", configuration_key(c).text);
    for (char *at = name; (at = strchr(at, '|'));)
        *at = '_';
    return name;
}

/* ---- lines of a file ---- */

struct hgrm {
    const char *name; /* for messages, with its directory */
    char *text, *at;
    unsigned long line;
    struct bucket last;
    unsigned long long total, trials; /* from the footers */
    unsigned footers;
};

enum { TOTAL_FOOTER = 1, TRIALS_FOOTER = 2 };

static char *next_line(struct hgrm *h)
{
    char *line = h->at;
    if (!line || *line == '\0')
        return NULL;
    char *end = strchr(line, '\n');
    h->at = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    h->line++;
    return line;
}

static bool read_footer(const char *line, const char *label, unsigned long long *value)
{
    const char *at = *line == '#' ? strstr(line, label) : NULL;
    if (!at)
        return false;
    *value = strtoull(at + strlen(label), NULL, 10);
    return true;
}

/* Limits of valid files: a trial is shorter than a day, and the counts of a million trials fit into 64 bits. */
static const double VALUE_MAX = 1e12, COUNT_MAX = 1e12, MERGED_COUNT_MAX = 1e18;

/* "1234.5 0.500000 17 2.00": value, percentile, count. Splits the line into its fields. The value is rounded as when written,
 * so that values that differ by less share a bucket. */
static bool read_bucket(char *line, struct bucket *bucket)
{
    char *fields[3], *rest = NULL;
    unsigned count = 0;
    double number;
    for (char *field = strtok_r(line, " \t", &rest); field && count < 3;
         field = strtok_r(NULL, " \t", &rest))
        fields[count++] = field;
    bool is = count == 3 && number_read(fields[0], &bucket->value) && *fields[0] != '-' &&
              bucket->value <= VALUE_MAX && number_read(fields[2], &number) &&
              number <= MERGED_COUNT_MAX && fields[2][strspn(fields[2], "0123456789")] == '\0';
    if (is) {
        bucket->value = round(bucket->value * 1000) / 1000;
        bucket->count = strtoull(fields[2], NULL, 10);
    }
    return is;
}

static bool is_blank_or_heading(const char *line)
{
    line += strspn(line, " \t");
    return *line == '\0' || strncmp(line, "Value", 5) == 0;
}

enum hgrm_line { HGRM_END, HGRM_BUCKET, HGRM_FOOTER };

/* The next bucket or footer; buckets go to *bucket. Any other line is a bucket with the value NAN. */
static enum hgrm_line next_bucket(struct hgrm *h, struct bucket *bucket)
{
    char *line;
    while ((line = next_line(h))) {
        if (read_footer(line, "Total count = ", &h->total)) {
            h->footers |= TOTAL_FOOTER;
            return HGRM_FOOTER;
        }
        if (read_footer(line, "Trials = ", &h->trials)) {
            h->footers |= TRIALS_FOOTER;
            return HGRM_FOOTER;
        }
        if (*line == '#' || is_blank_or_heading(line))
            continue;
        if (!read_bucket(line, bucket))
            bucket->value = NAN;
        return HGRM_BUCKET;
    }
    return HGRM_END;
}

static bool open_hgrm(const struct run *run, struct hgrm *h, char *name)
{
    size_t size;
    char *path = run_file(run, name);
    *h = (struct hgrm){.name = name, .text = file_read(path, &size)};
    h->at = h->text;
    free(path);
    return h->text && *h->text;
}

/* ---- hist/: a file for each trial ---- */

struct merge {
    struct bucket *all; /* with separate counts */
    unsigned count, room;
};

static bool add_trial(const struct run *run, const struct row *row, struct merge *merge,
                      struct complaint *complaint)
{
    struct hgrm h;
    struct bucket bucket = {0, 0};
    enum hgrm_line line;
    char *name = format_string("hist/%s.hgrm", number_short(row->trial).text);
    bool read = open_hgrm(run, &h, name) ||
                complain(complaint, "%s is missing: restore it, or remove the row of trial %s",
                         name, number_short(row->trial).text);
    unsigned long long before = 0;
    while (read && (line = next_bucket(&h, &bucket)) != HGRM_END) {
        if (line != HGRM_BUCKET)
            continue;
        read = (!isnan(bucket.value) && bucket.count >= before &&
                (double)bucket.count <= COUNT_MAX) ||
               complain(complaint,
                        "%s is not a histogram: line %lu is not a value, a percentile and an "
                        "increasing count",
                        name, h.line);
        merge->all = array_grow(merge->all, merge->count, &merge->room, sizeof *merge->all);
        merge->all[merge->count++] = (struct bucket){bucket.value, bucket.count - before};
        before = bucket.count;
    }
    free(h.text);
    free(name);
    return read;
}

static int by_value(const void *a, const void *b)
{
    double x = ((const struct bucket *)a)->value, y = ((const struct bucket *)b)->value;
    return (x > y) - (x < y);
}

/* Merges buckets of equal value. */
static void collapse(struct merge *merge)
{
    unsigned kept = 0;
    if (merge->count > 0)
        qsort(merge->all, merge->count, sizeof *merge->all, by_value);
    for (unsigned i = 0; i < merge->count; i++)
        if (kept > 0 && merge->all[kept - 1].value == merge->all[i].value)
            merge->all[kept - 1].count += merge->all[i].count;
        else
            merge->all[kept++] = merge->all[i];
    merge->count = kept;
}

/* From separate to cumulative counts */
static void accumulate(struct merge *merge, struct latencies *latencies)
{
    unsigned long long seen = 0;
    collapse(merge);
    for (unsigned i = 0; i < merge->count; i++) {
        seen += merge->all[i].count;
        merge->all[i].count = seen;
    }
    latencies->buckets = merge->all;
    latencies->count = merge->count;
}

static double inverse(const struct latencies *l, unsigned i)
{
    unsigned long long total = l->buckets[l->count - 1].count;
    return l->buckets[i].count < total ? (double)total / (double)(total - l->buckets[i].count)
                                       : (double)total;
}

/* Drops buckets less than 1 % above the last one kept, in value and in 1/(1-percentile): that halves the data without a visible
 * change of figures. */
static void thin_out(struct latencies *l)
{
    static const double STEP = 1.01;
    unsigned kept = 0;
    double last_value = 0, last_inverse = 0;
    for (unsigned i = 0; i < l->count; i++) {
        double x = inverse(l, i), value = l->buckets[i].value;
        if (i + 1 < l->count && x <= last_inverse * STEP && value <= last_value * STEP)
            continue;
        /* Later steps need only the last bucket's count, which keeps its position. */
        if (i + 1 == l->count)
            l->count = kept + 1;
        l->buckets[kept++] = l->buckets[i];
        last_inverse = x;
        last_value = value;
    }
}

static bool merge_trials(const struct run *run, const struct configuration *c,
                         struct latencies *latencies, struct complaint *complaint)
{
    enum { LIMIT_LEAST = 1 << 14 };
    struct merge merge = {NULL, 0, 0};
    /* Merges equal values beyond this number: there are few different ones, for any number of trials. */
    unsigned limit = LIMIT_LEAST;
    bool read = true;
    for (unsigned i = 0; read && i < c->valid; i++) {
        read = add_trial(run, &run->trials.all[c->samples[i]], &merge, complaint);
        if (merge.count < limit)
            continue;
        collapse(&merge);
        limit = 2 * merge.count > LIMIT_LEAST ? 2 * merge.count : LIMIT_LEAST;
    }
    if (!read) {
        free(merge.all);
        return false;
    }
    accumulate(&merge, latencies);
    latencies->trials = c->valid;
    if (latencies->count > 0)
        thin_out(latencies);
    return true;
}

/* ---- latency/: a file for each configuration ---- */

static bool check_line(struct hgrm *h, enum hgrm_line line, const struct configuration *c,
                       const struct bucket *bucket, bool first, struct complaint *complaint)
{
    if (line == HGRM_BUCKET && h->footers != 0)
        return complain(complaint, "%s: line %lu: a line after the number of samples", h->name,
                        h->line);
    if (line == HGRM_BUCKET)
        return (!isnan(bucket->value) && bucket->count >= h->last.count &&
                (first || bucket->value > h->last.value)) ||
               complain(complaint,
                        "%s: line %lu: not value, percentile and count, in ascending order",
                        h->name, h->line);
    if ((h->footers & TRIALS_FOOTER) && h->trials != c->valid)
        return complain(
            complaint, "%s: line %lu: merged from %llu trials, but trials.csv has %u valid samples",
            h->name, h->line, h->trials, c->valid);
    return h->total == h->last.count ||
           complain(complaint, "%s: line %lu: the counts end at %llu, not at %llu", h->name,
                    h->line, h->last.count, h->total);
}

static bool read_merged(const struct run *run, const struct configuration *c,
                        struct latencies *latencies, struct complaint *complaint)
{
    struct hgrm h;
    struct bucket bucket = {0, 0};
    enum hgrm_line line;
    unsigned room = 0;
    char *file = latencies_name(c), *name = format_string("latency/%s", file);
    free(file);
    bool read = open_hgrm(run, &h, name) ||
                complain(complaint, "%s is missing (latencies of %u trials)", name, c->valid);
    while (read && (line = next_bucket(&h, &bucket)) != HGRM_END) {
        read = check_line(&h, line, c, &bucket, latencies->count == 0, complaint);
        if (line != HGRM_BUCKET)
            continue;
        latencies->buckets = array_grow(latencies->buckets, latencies->count, &room, sizeof bucket);
        latencies->buckets[latencies->count++] = h.last = bucket;
    }
    if (read && h.footers != (TOTAL_FOOTER | TRIALS_FOOTER))
        read = complain(complaint,
                        "%s: line %lu: the file ends without its number of samples and of trials",
                        name, h.line);
    latencies->trials = (unsigned)h.trials;
    free(h.text);
    free(name);
    return read;
}

bool latencies_read(const struct run *run, const struct configuration *c,
                    struct latencies *latencies, struct complaint *complaint)
{
    *latencies = (struct latencies){NULL, 0, 0};
    bool read = (has_directory(run, "hist") ? merge_trials : read_merged)(run, c, latencies,
                                                                          complaint);
    if (!read)
        latencies_free(latencies);
    return read;
}

void latencies_free(struct latencies *latencies)
{
    free(latencies->buckets);
    *latencies = (struct latencies){NULL, 0, 0};
}

void latencies_write(const struct latencies *l, struct text *file)
{
    unsigned long long total = l->count ? l->buckets[l->count - 1].count : 0;
    text_add_string(file, "       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    for (unsigned i = 0; i < l->count; i++) {
        const struct bucket *b = &l->buckets[i];
        text_add(file, "%s %.6f %llu ", number_fixed(b->value, 3).text,
                 total ? (double)b->count / (double)total : 1, b->count);
        if (b->count < total)
            text_add(file, "%.2f\n", inverse(l, i));
        else
            text_add_string(file, "inf\n");
    }
    text_add(file, "#[Max = %s, Total count = %llu]\n#[Trials = %u]\n",
             l->count ? number_fixed(l->buckets[l->count - 1].value, 3).text : "0", total,
             l->trials);
}
