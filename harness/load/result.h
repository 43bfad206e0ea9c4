/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOAD_RESULT_H
#define WAKEONE_LOAD_RESULT_H

/* Evaluation of a load's result: sums, percentiles, verdict, columns. */

#include "harness/lib/row.h"
#include "load.h"

/* The sum of all error counts. */
uint64_t load_errors(const struct load_result *result);

/* Connect errors, except for lack of ports; read errors; timeouts of either kind. */
uint64_t load_connect_errors(const struct load_result *result);
uint64_t load_read_errors(const struct load_result *result);
uint64_t load_timeouts(const struct load_result *result);

/* Responses in the window with a status of that class: see status_class(). */
uint64_t load_statuses_of_class(const struct load_result *result, unsigned class);

/* True if requests that were due were not started, or the server was falling behind. With a rising rate: if the client was
 * too slow to find the knee. */
bool load_is_short_of_rate(const struct load_result *result);

/* "ok", or the first reason why the result is invalid: errors, short-of-rate, ports. */
const char *load_verdict(const struct load_result *result);

/* A percentile of the latencies in microseconds, NAN if there are too few of them. Requests in flight at the end count
 * with their age.
 * *is_lower_bound: the true percentile may be more than 5 % higher, depending on the latencies of these. */
double latency_us(const struct load_result *result, double percent, bool *is_lower_bound);

/* Sets the LOAD_COLUMNS of a row. */
void load_columns(const struct load_result *result, struct row *row);

/* The same as fields of a record. */
void load_fields(const struct load_result *result, struct field fields[LOAD_FIELDS]);

/* "closed", "open-constant", "open-poisson", "open-burst" */
const char *load_kind_name(const struct schedule_options *schedule);

#endif
