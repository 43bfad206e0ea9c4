#ifndef WAKEONE_LOAD_RESULT_H
#define WAKEONE_LOAD_RESULT_H

/* What a load's result says: sums, percentiles, verdict, columns. */

#include "harness/lib/row.h"
#include "load.h"

/* The sum of all error counts. */
uint64_t load_errors(const struct load_result *result);

/* Errors of the connect, without those for want of ports; of reading; of either, for taking too long. */
uint64_t load_connect_errors(const struct load_result *result);
uint64_t load_read_errors(const struct load_result *result);
uint64_t load_timeouts(const struct load_result *result);

/* Answers in the window with a status of that class: see status_class(). */
uint64_t load_statuses_of_class(const struct load_result *result, unsigned class);

/* Requests were due that were not begun, or the server was falling behind. Of a rate that rises: the client was too slow
 * for what it was to find out. */
bool load_is_short_of_rate(const struct load_result *result);

/* "ok", or the first reason why the figures may not be believed: errors, short-of-rate, ports. */
const char *load_verdict(const struct load_result *result);

/* A percentile of the latencies in microseconds, NAN if there are too few of them. Those in flight at the
 * end count with what is known of theirs.
 * *is_lower_bound: the percentile is that or more, by more than 5 %, depending on what these would have
 * taken. */
double latency_us(const struct load_result *result, double percent, bool *is_lower_bound);

/* Sets the LOAD_COLUMNS of a row. */
void load_columns(const struct load_result *result, struct row *row);

/* The same as fields of a record. */
void load_fields(const struct load_result *result, struct field fields[LOAD_FIELDS]);

/* "closed", "open-constant", "open-poisson", "open-burst" */
const char *load_kind_name(const struct schedule_options *schedule);

#endif
