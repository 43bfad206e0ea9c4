/* SPDX-License-Identifier: BSD-2-Clause */
#include "result.h"

#include <math.h>
#include <string.h>

/* The server does not keep up if the queue has grown by more than this share of the requests due in the window, and by
 * more than random fluctuation (three standard deviations of a Poisson count). */
static const double FALLING_BEHIND = 0.01, FLUCTUATION = 3;

const char *const load_error_names[LOAD_ERRORS] = {
    [LOAD_CONNECT_REFUSED] = "connect_refused",
    [LOAD_CONNECT_RESET] = "connect_reset",
    [LOAD_CONNECT_TIMEOUT] = "connect_timeout",
    [LOAD_CONNECT_OTHER] = "connect_other",
    [LOAD_READ_RESET] = "read_reset",
    [LOAD_READ_TIMEOUT] = "read_timeout",
    [LOAD_READ_SHORT] = "read_short",
    [LOAD_STATUS] = "status",
    [LOAD_MALFORMED] = "malformed",
    [LOAD_BODY] = "body",
    [LOAD_TLS] = "tls",
    [LOAD_PORTS] = "ports",
};

/* ---- merging ---- */

static void merge_errors(struct load_result *into, const struct load_result *from)
{
    for (int i = 0; i < LOAD_ERRORS; i++) {
        into->errors[i] += from->errors[i];
        if (into->first_error[i][0] == '\0')
            memcpy(into->first_error[i], from->first_error[i], LOAD_EXAMPLE);
    }
}

static void merge_histograms(struct load_result *into, const struct load_result *from)
{
    histogram_merge(&into->latency, &from->latency);
    histogram_merge(&into->censored_age, &from->censored_age);
    histogram_merge(&into->from_send, &from->from_send);
    histogram_merge(&into->send_lag, &from->send_lag);
    histogram_merge(&into->connect, &from->connect);
    histogram_merge(&into->handshake, &from->handshake);
    histogram_merge(&into->first_byte, &from->first_byte);
}

static void merge_classes(struct load_result *into, const struct load_result *from)
{
    for (int i = 0; i < CLASSES_MAX; i++) {
        into->classes[i].connections += from->classes[i].connections;
        into->classes[i].requests += from->classes[i].requests;
        histogram_merge(&into->classes[i].latency, &from->classes[i].latency);
    }
}

static void add_thread(struct load_result *into, struct load_thread thread)
{
    if (into->thread_count == 0)
        into->window_ns = thread.window_ns;
    if (into->thread_count < LOAD_THREADS)
        into->threads[into->thread_count++] = thread;
}

static void merge_threads(struct load_result *into, const struct load_result *from)
{
    const struct load_thread one = {
        .window_ns = from->window_ns,
        .requests = from->requests,
        .connections = from->connections,
        .cpu_ns = from->cpu_ns,
    };
    const struct load_thread *threads = from->thread_count ? from->threads : &one;
    for (unsigned long i = 0; i < (from->thread_count ? from->thread_count : 1); i++)
        add_thread(into, threads[i]);
    if (from->thread_count)
        into->throughput_rps += from->throughput_rps;
    else if (from->window_ns > 0)
        into->throughput_rps += (double)from->requests * 1e9 / (double)from->window_ns;
}

void load_result_merge(struct load_result *into, const struct load_result *from)
{
    merge_threads(into, from);
    into->connections += from->connections;
    into->requests += from->requests;
    into->bytes += from->bytes;
    into->intended += from->intended;
    into->not_started += from->not_started;
    into->too_late += from->too_late;
    into->retried += from->retried;
    into->resumed += from->resumed;
    if (into->tls.version[0] == '\0')
        into->tls = from->tls;
    into->in_flight_before += from->in_flight_before;
    into->censored += from->censored;
    into->cpu_ns += from->cpu_ns;
    into->complete &= from->complete;
    for (int i = 0; i <= STATUS_MOST; i++)
        into->statuses[i] += from->statuses[i];
    merge_errors(into, from);
    merge_histograms(into, from);
    merge_classes(into, from);
}

/* ---- sums and verdict ---- */

uint64_t load_errors(const struct load_result *r)
{
    uint64_t sum = 0;
    for (int i = 0; i < LOAD_ERRORS; i++)
        sum += r->errors[i];
    return sum;
}

uint64_t load_connect_errors(const struct load_result *r)
{
    return r->errors[LOAD_CONNECT_REFUSED] + r->errors[LOAD_CONNECT_RESET] +
           r->errors[LOAD_CONNECT_OTHER] + r->errors[LOAD_TLS];
}

uint64_t load_read_errors(const struct load_result *r)
{
    return r->errors[LOAD_READ_RESET] + r->errors[LOAD_READ_SHORT] + r->errors[LOAD_MALFORMED] +
           r->errors[LOAD_BODY];
}

uint64_t load_timeouts(const struct load_result *r)
{
    return r->errors[LOAD_CONNECT_TIMEOUT] + r->errors[LOAD_READ_TIMEOUT];
}

uint64_t load_statuses_of_class(const struct load_result *r, unsigned class)
{
    uint64_t sum = 0;
    for (unsigned status = STATUS_LEAST; status <= STATUS_MOST; status++)
        sum += status_class(status) == class ? r->statuses[status] : 0;
    return sum;
}

bool load_is_short_of_rate(const struct load_result *r)
{
    /* a rising rate is meant to overload the server */
    if (r->ramp)
        return r->too_late > 0 || ramp_find_knee(r->ramp).client_was_late;
    double grown = (double)r->censored - (double)r->in_flight_before;
    double allowed = FALLING_BEHIND * (double)r->intended +
                     FLUCTUATION * sqrt((double)r->in_flight_before + 1);
    return r->intended > 0 && (r->not_started > 0 || grown > allowed);
}

const char *load_verdict(const struct load_result *r)
{
    if (load_errors(r) > r->errors[LOAD_PORTS] || !r->complete || r->requests == 0)
        return "errors";
    if (load_is_short_of_rate(r))
        return "short-of-rate";
    return r->errors[LOAD_PORTS] ? "ports" : "ok";
}

/* ---- percentiles ---- */

static const double NEARLY = 1.05; /* a bound within 5 % of the value is reported as the value */

double latency_us(const struct load_result *r, double percent, bool *is_lower_bound)
{
    struct histogram all = r->latency;
    histogram_merge(&all, &r->censored_age);
    *is_lower_bound = false;
    if (!histogram_is_enough(all.count, percent))
        return NAN;
    /* An upper bound: the percentile if all requests in flight had taken for ever. */
    double rank = percent / 100 * (double)all.count, others = (double)r->latency.count;
    double least = (double)histogram_percentile(&all, percent);
    *is_lower_bound = rank > others || (double)histogram_percentile(
                                           &r->latency, 100 * rank / others) > least * NEARLY;
    return least / 1e3;
}

static double latency_column(const struct load_result *r, double percent)
{
    bool is_lower_bound;
    return latency_us(r, percent, &is_lower_bound);
}

/* ---- columns ---- */

void load_columns(const struct load_result *r, struct row *row)
{
    row->window_s = (double)r->window_ns / 1e9;
    row->conns = (double)r->connections;
    row->requests = (double)r->requests;
    row->errors_connect = (double)(load_connect_errors(r) + r->errors[LOAD_PORTS]);
    row->errors_read = (double)load_read_errors(r);
    row->errors_timeout = (double)load_timeouts(r);
    row->errors_status = (double)r->errors[LOAD_STATUS];
    row->throughput_rps = r->window_ns > 0 ? r->throughput_rps : NAN;
    row->connect_p50_us = histogram_percentile_us(&r->connect, 50);
    row->connect_p99_us = histogram_percentile_us(&r->connect, 99);
    row->latency_p50_us = latency_column(r, 50);
    row->latency_p90_us = latency_column(r, 90);
    row->latency_p99_us = latency_column(r, 99);
    row->latency_p999_us = latency_column(r, 99.9);
    row->latency_max_us = latency_column(r, 100);
    row->censored = (double)r->censored;
    row->send_lag_p99_us = histogram_percentile_us(&r->send_lag, 99);
}

void load_fields(const struct load_result *r, struct field fields[LOAD_FIELDS])
{
    struct row row;
    row_clear(&row);
    load_columns(r, &row);
    row_fields(&row, COLUMNS_OF_LOAD, COLUMNS_OF_SERVER, fields);
}

const char *load_kind_name(const struct schedule_options *schedule)
{
    static const char *const names[] = {
        [SCHEDULE_NONE] = "closed",
        [SCHEDULE_CONSTANT] = "open-constant",
        [SCHEDULE_POISSON] = "open-poisson",
        [SCHEDULE_BURST] = "open-burst",
    };
    return names[schedule->kind];
}
