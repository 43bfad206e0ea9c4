/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_ROW_H
#define WAKEONE_ROW_H

/* Computes a row of trials.csv and the rows of workers.csv from two snapshots and a load's result. */

#include "harness/load/result.h"
#include "harness/wire/wire.h"
#include "hiccups.h"
#include "snapshot.h"
#include "throttling.h"

#include <stdio.h>

/* The columns that describe the configuration. */
struct trial {
    unsigned long number, round, position;
    const char *machine; /* metal, vm, kvm, tcg */
    const char *strategy, *backend;
    unsigned long workers;
    unsigned cpus; /* CPUs that server and client may use */
    const char *server_cpus, *client_cpus;
    const char *load;                 /* closed, open-constant, ... */
    uint64_t connections;             /* closed loop; NOT_COUNTED in an open loop */
    double rate_offered;              /* open loop; NAN in a closed loop */
    uint64_t requests_per_connection; /* NOT_COUNTED with a mix */
};

struct measurement {
    const struct load_result *load;
    const struct snapshot *before, *after;
    unsigned processes;
    bool server_died;
    bool client_lost;       /* remote load: a client did not reach the end */
    double window_error_us; /* upper bound of the difference between the clients' windows */
    bool foreign;      /* third-party server: connections and requests are counted by the client */
    bool warm_up;      /* warm-up trial */
    bool counts_only;  /* the clock does not match the CPUs' speed: no times are reported */
    bool virtual_time; /* no host can take its CPUs: delays are its own work */
    bool client_waits; /* closed loop, and idle threads sleep */
    const struct hiccups_result *hiccups; /* NULL = not measured */
    const struct throttled *throttled;    /* by CPU quotas; NULL = unknown */
    const struct wire_result *wire;       /* packet capture; NULL = none */
};

/* Totals of all server processes in the window. */
struct totals {
    uint64_t accepts, requests; /* of the workers, including connections from an acceptor */
    uint64_t wakeups;
    uint64_t useful, spurious;
    uint64_t absorbed;     /* NOT_COUNTED without the wakeup counter */
    uint64_t sleeps;       /* voluntary context switches: each ends in a wakeup */
    uint64_t ctx_switches; /* voluntary and involuntary */
    uint64_t eagain, cpu_ns, listen_overflows;
    unsigned processes;
    unsigned workers;
    uint64_t
        idle_workers; /* NOT_COUNTED for third-party servers, like eagain, useful and spurious */
    double sum_of_squares; /* of the workers' accepts; NAN for third-party servers */
    uint64_t max_accepts;
    double steal_pct;                  /* of all CPUs' time; NAN if the window was too short */
    double hiccup_pct, hiccup_max_us;  /* NAN if not measured, or too few samples */
    double suspended_ms, clock_set_ms; /* differences between the clocks */
    uint64_t nr_throttled; /* NOT_COUNTED if no group reports it; throttled_us is NAN then */
    double throttled_us;
};

void totals_take(struct totals *totals, const struct measurement *m);

/* (sum x)^2 / (n sum x^2): 1 = equal numbers of connections, 1/n = one worker took all (R. Jain
 * et al., DEC-TR-301, 1984). NAN without connections. */
double jain_index(const struct totals *totals);

/* Difference between wakeup counter and context switches, in % of the latter. NAN if only one of them was available, or
 * both are 0. */
double instrument_difference(const struct totals *totals);

/* The limits that verdicts use, one per line: name, value, unit, verdict; tab-separated. */
void limits_write(FILE *file);

/* "ok", or the first reason why the sample is invalid. */
const char *verdict(const struct measurement *m, const struct totals *totals);

/* With packet capture a row has the additional columns of wire.csv. */
void row_write_header(FILE *file, bool with_wire);
void row_write_csv(FILE *file, const struct trial *t, const struct measurement *m);
void row_write_json(FILE *file, const struct trial *t, const struct measurement *m);

void worker_rows_write_header(FILE *file);
void worker_rows_write(FILE *file, const struct trial *t, const struct measurement *m);

/* True if `verdict` would be "ok". */
bool row_is_ok(const struct measurement *m);

#endif
