/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LIB_ROW_H
#define WAKEONE_LIB_ROW_H

/*
 * A row of trials.csv: the only definition of its columns. `trial` writes it, `runs` reads it. A new column is one line in
 * this table, and an assignment to the member of the same name where it is computed. results/README.md documents the
 * columns.
 */

#include "record.h"

#include <stdbool.h>

/* COUNT: an integer below 2^53. REAL: with the given number of decimals. TIMED: a REAL that depends on time, and is
 * omitted on a machine whose clock does not reflect its work. TEXT. */
#define TRIAL_COLUMNS(COUNT, REAL, TIMED, TEXT) \
    COUNT(trial)                                \
    COUNT(round)                                \
    COUNT(position)                             \
    TEXT(machine)                               \
    TEXT(strategy)                              \
    TEXT(backend)                               \
    COUNT(workers)                              \
    COUNT(cpus)                                 \
    TEXT(server_cpus)                           \
    TEXT(client_cpus)                           \
    TEXT(load)                                  \
    COUNT(connections)                          \
    REAL(rate_offered, 1)                       \
    COUNT(requests_per_connection)

/* Also the columns of `load`. */
#define LOAD_COLUMNS(COUNT, REAL, TIMED, TEXT) \
    REAL(window_s, 6)                          \
    COUNT(conns)                               \
    COUNT(requests)                            \
    COUNT(errors_connect)                      \
    COUNT(errors_read)                         \
    COUNT(errors_timeout)                      \
    COUNT(errors_status)                       \
    TIMED(throughput_rps, 1)                   \
    TIMED(connect_p50_us, 3)                   \
    TIMED(connect_p99_us, 3)                   \
    TIMED(latency_p50_us, 3)                   \
    TIMED(latency_p90_us, 3)                   \
    TIMED(latency_p99_us, 3)                   \
    TIMED(latency_p999_us, 3)                  \
    TIMED(latency_max_us, 3)                   \
    COUNT(censored)                            \
    TIMED(send_lag_p99_us, 3)

#define SERVER_COLUMNS(COUNT, REAL, TIMED, TEXT) \
    COUNT(wakeups)                               \
    COUNT(useful)                                \
    COUNT(spurious)                              \
    COUNT(absorbed)                              \
    REAL(wakeups_per_conn, 3)                    \
    COUNT(eagain)                                \
    COUNT(ctx_switches)                          \
    TIMED(server_cpu_us_per_req, 3)              \
    TIMED(client_cpu_us_per_req, 3)              \
    REAL(jain, 4)                                \
    REAL(max_share, 4)                           \
    COUNT(idle_workers)                          \
    COUNT(listen_overflows)                      \
    TIMED(steal_pct, 2)                          \
    TIMED(hiccup_pct, 2)                         \
    TIMED(hiccup_max_us, 1)                      \
    COUNT(nr_throttled)                          \
    TIMED(throttled_us, 0)                       \
    REAL(instrument_diff_pct, 4)                 \
    TEXT(instrument)                             \
    TEXT(verdict)

/* Additional columns of wire.csv. */
#define WIRE_COLUMNS(COUNT, REAL, TIMED, TEXT) \
    REAL(first_byte_p50_us, 3)                 \
    REAL(first_byte_p99_us, 3)                 \
    REAL(wire_synack_p50_us, 3)                \
    REAL(wire_synack_p99_us, 3)                \
    REAL(wire_wait_p50_us, 3)                  \
    REAL(wire_wait_p99_us, 3)                  \
    REAL(wire_first_byte_p50_us, 3)            \
    REAL(wire_first_byte_p99_us, 3)            \
    COUNT(wire_exchanges)                      \
    COUNT(wire_packets)                        \
    COUNT(wire_dropped)                        \
    COUNT(wire_syn_retransmitted)              \
    COUNT(wire_retransmitted)                  \
    COUNT(wire_out_of_order)                   \
    COUNT(wire_resets)

#define ROW_COLUMNS(COUNT, REAL, TIMED, TEXT) \
    TRIAL_COLUMNS(COUNT, REAL, TIMED, TEXT)   \
    LOAD_COLUMNS(COUNT, REAL, TIMED, TEXT)    \
    SERVER_COLUMNS(COUNT, REAL, TIMED, TEXT)  \
    WIRE_COLUMNS(COUNT, REAL, TIMED, TEXT)

/* Missing values: NAN for numbers, NULL for texts. */
struct row {
#define ROW_NUMBER(name)         double name;
#define ROW_REAL(name, decimals) double name;
#define ROW_TEXT(name)           const char *name;
    ROW_COLUMNS(ROW_NUMBER, ROW_REAL, ROW_REAL, ROW_TEXT)
#undef ROW_NUMBER
#undef ROW_REAL
#undef ROW_TEXT
};

enum column {
#define COLUMN_NUMBER(name)         COLUMN_##name,
#define COLUMN_REAL(name, decimals) COLUMN_##name,
    ROW_COLUMNS(COLUMN_NUMBER, COLUMN_REAL, COLUMN_REAL, COLUMN_NUMBER) ROW_COLUMN_COUNT,

    /* The first column of each part. */
    COLUMNS_OF_LOAD = COLUMN_window_s,
    COLUMNS_OF_SERVER = COLUMN_wakeups,
    COLUMNS_OF_WIRE = COLUMN_first_byte_p50_us,
#undef COLUMN_NUMBER
#undef COLUMN_REAL
};

enum { LOAD_FIELDS = COLUMNS_OF_SERVER - COLUMNS_OF_LOAD };

/* Sets all columns to missing. */
void row_clear(struct row *row);

const char *column_name(enum column column);

/* ROW_COLUMN_COUNT if there is no such column. */
enum column column_find(const char *name);

bool column_is_text(enum column column);

/* The value of a numeric column. */
double row_number(const struct row *row, enum column column);
void row_set_number(struct row *row, enum column column, double value);

/* The value of a text column. */
const char *row_text(const struct row *row, enum column column);
void row_set_text(struct row *row, enum column column, const char *text);

/* Sets the columns that depend on time to missing. */
void row_clear_timed(struct row *row);

/* The columns [from, to) as fields of a record. */
void row_fields(const struct row *row, enum column from, enum column to, struct field *fields);

#endif
