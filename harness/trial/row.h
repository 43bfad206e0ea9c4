#ifndef WAKEONE_ROW_H
#define WAKEONE_ROW_H

/* From two snapshots and a load's result to a row of trials.csv and the rows of workers.csv. */

#include "harness/load/result.h"
#include "harness/wire/wire.h"
#include "hiccups.h"
#include "snapshot.h"
#include "throttling.h"

#include <stdio.h>

/* What was to be measured: the columns that say so. */
struct trial {
    unsigned long number, round, position;
    const char *machine; /* metal, vm, kvm, tcg */
    const char *strategy, *backend;
    unsigned long workers;
    unsigned cpus; /* that server and client may use between them */
    const char *server_cpus, *client_cpus;
    const char *load;                 /* closed, open-constant, ... */
    uint64_t connections;             /* of a closed load; NOT_COUNTED of an open one */
    double rate_offered;              /* of an open load; NAN of a closed one */
    uint64_t requests_per_connection; /* NOT_COUNTED of a mix */
};

struct measurement {
    const struct load_result *load;
    const struct snapshot *before, *after;
    unsigned processes;
    bool server_died;
    bool client_lost; /* the load is made on other hosts, and one of them did not come to its end */
    double window_error_us; /* by at most how much the ends of their windows differ */
    bool
        foreign; /* a server of others: connections and requests are those that the client counted */
    bool warm_up; /* a trial that is not to count */
    bool
        counts_only; /* the machine's clock is not that of its work: nothing that is timed is told */
    bool virtual_time; /* nobody outside can take its CPUs: what is late there is its own work */
    bool client_waits; /* closed loop, and threads that sleep when they have nothing to do */
    const struct hiccups_result *hiccups; /* NULL = nobody looked */
    const struct throttled *throttled;    /* by CPU quotas; NULL = not known */
    const struct wire_result *wire;       /* what was seen on the wire; NULL = nobody looked */
};

/* What happened to the server in the window, all processes together. */
struct totals {
    uint64_t accepts, requests; /* of the workers: an acceptor's connections are theirs */
    uint64_t wakeups;
    uint64_t useful, spurious;
    uint64_t absorbed;     /* NOT_COUNTED without the wakeup counter */
    uint64_t sleeps;       /* voluntary context switches: each ends in a wakeup */
    uint64_t ctx_switches; /* voluntary and involuntary */
    uint64_t eagain, cpu_ns, listen_overflows;
    unsigned processes;
    unsigned workers;
    uint64_t
        idle_workers; /* NOT_COUNTED of a server of others; so are its eagain, useful and spurious */
    double sum_of_squares; /* of the workers' accepts; NAN of a server of others */
    uint64_t max_accepts;
    double steal_pct; /* of all CPUs' time; NAN if the window was too short to tell */
    double hiccup_pct, hiccup_max_us;  /* NAN if nobody looked, or not often enough */
    double suspended_ms, clock_set_ms; /* how far the clocks moved against each other */
    uint64_t nr_throttled;             /* NOT_COUNTED if no group tells; so is throttled_us, NAN */
    double throttled_us;
};

void totals_take(struct totals *totals, const struct measurement *m);

/* (sum x)^2 / (n sum x^2): 1 = every worker took as many connections, 1/n = one took all (R. Jain
 * et al., DEC-TR-301, 1984). NAN without connections. */
double jain_index(const struct totals *totals);

/* How far the wakeup counter and the context switches are apart, in % of the latter. NAN if only one of
 * them was there, or nothing happened. */
double instrument_difference(const struct totals *totals);

/* The limits that verdicts go by, one a line: name, value, unit, verdict; tab-separated. */
void limits_write(FILE *file);

/* "ok", or the first reason why the row may not be believed. */
const char *verdict(const struct measurement *m, const struct totals *totals);

/* With a look at the wire a row has more columns, those of wire.csv. */
void row_write_header(FILE *file, bool with_wire);
void row_write_csv(FILE *file, const struct trial *t, const struct measurement *m);
void row_write_json(FILE *file, const struct trial *t, const struct measurement *m);

void worker_rows_write_header(FILE *file);
void worker_rows_write(FILE *file, const struct trial *t, const struct measurement *m);

/* True if `verdict` would say ok. */
bool row_is_ok(const struct measurement *m);

#endif
