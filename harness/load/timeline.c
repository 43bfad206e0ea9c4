/* SPDX-License-Identifier: BSD-2-Clause */
#include "timeline.h"

#include "harness/lib/array.h"
#include "harness/lib/clock.h"
#include "harness/lib/record.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct row {
    uint64_t requests, errors, not_started, in_flight;
    double seconds; /* mean over the threads */
    double p50_us, p99_us, max_us;
};

/* A step that some threads, not all, have submitted. */
struct open_step {
    struct open_step *next;
    unsigned threads; /* that have submitted it */
    double seconds;   /* sum over these threads */
    struct timeline_part sum;
};

struct timeline {
    pthread_mutex_t lock;
    unsigned threads;
    unsigned long first_open; /* number of the first step in `open` */
    struct open_step *open;   /* in order, without gaps */
    struct row *rows;         /* of the completed steps */
    unsigned count, room;
};

struct timeline *timeline_open(unsigned threads)
{
    struct timeline *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    pthread_mutex_init(&t->lock, NULL);
    t->threads = threads;
    return t;
}

static void drop_first(struct timeline *t)
{
    struct open_step *first = t->open;
    t->open = first->next;
    t->first_open++;
    free(first);
}

void timeline_close(struct timeline *t)
{
    if (!t)
        return;
    while (t->open)
        drop_first(t);
    pthread_mutex_destroy(&t->lock);
    free(t->rows);
    free(t);
}

/* NULL if memory is out. */
static struct open_step *find_step(struct timeline *t, unsigned long step)
{
    struct open_step **at = &t->open;
    for (unsigned long i = t->first_open;; i++, at = &(*at)->next) {
        if (!*at)
            *at = calloc(1, sizeof **at);
        if (!*at || i == step)
            return *at;
    }
}

static double us(const struct histogram *h, double percent)
{
    return h->count ? (double)histogram_percentile(h, percent) / 1e3 : NAN;
}

static void finish_first(struct timeline *t)
{
    const struct open_step *step = t->open;
    const struct timeline_part *sum = &step->sum;
    t->rows = array_grow(t->rows, t->count, &t->room, sizeof *t->rows);
    t->rows[t->count++] = (struct row){
        .requests = sum->requests,
        .errors = sum->errors,
        .not_started = sum->not_started,
        .in_flight = sum->in_flight,
        .seconds = step->seconds / step->threads,
        .p50_us = us(&sum->latency, 50),
        .p99_us = us(&sum->latency, 99),
        .max_us = us(&sum->latency, 100),
    };
    drop_first(t);
}

void timeline_add(struct timeline *t, unsigned long step, uint64_t length_ns,
                  struct timeline_part *part)
{
    pthread_mutex_lock(&t->lock);
    struct open_step *open = find_step(t, step);
    if (open) {
        open->threads++;
        open->seconds += (double)length_ns / 1e9;
        open->sum.requests += part->requests;
        open->sum.errors += part->errors;
        open->sum.not_started += part->not_started;
        open->sum.in_flight += part->in_flight;
        histogram_merge(&open->sum.latency, &part->latency);
    }
    while (t->open && t->open->threads == t->threads)
        finish_first(t);
    pthread_mutex_unlock(&t->lock);
    *part = (struct timeline_part){0};
}

enum { ROW_FIELDS = 8 };

static void fill_row(struct field fields[ROW_FIELDS], double begin, const struct row *row)
{
    const struct field values[ROW_FIELDS] = {
        field_real("t_s", begin, 1),
        field_real("throughput_rps", row->seconds > 0 ? (double)row->requests / row->seconds : NAN,
                   1),
        field_real("latency_p50_us", row->p50_us, 3),
        field_real("latency_p99_us", row->p99_us, 3),
        field_real("latency_max_us", row->max_us, 3),
        field_count("errors", row->errors),
        field_count("not_started", row->not_started),
        field_count("in_flight", row->in_flight),
    };
    for (unsigned i = 0; i < ROW_FIELDS; i++)
        fields[i] = values[i];
}

void timeline_write(struct timeline *t, FILE *file)
{
    static const struct row none;
    struct field fields[ROW_FIELDS];
    while (t->open) /* interrupted: steps submitted by only some threads are included */
        finish_first(t);
    fill_row(fields, 0, &none);
    record_write_csv_header(file, fields, ROW_FIELDS);
    for (unsigned i = 0; i < t->count; i++) {
        fill_row(fields, (double)i * (double)TIMELINE_STEP_NS / 1e9, &t->rows[i]);
        record_write_csv(file, fields, ROW_FIELDS);
    }
}
