/* SPDX-License-Identifier: BSD-2-Clause */
#include "row.h"

#include "harness/wakeups/workers.h"

#include <math.h>
#include <string.h>

enum limit {
    CLIENT_BUSY,
    APART,
    STEAL,
    STEAL_TICKS,
    HICCUPS,
    HICCUP_LOOKS,
    SUSPENDED,
    CLOCK_SET,
    WINDOW_ERROR,
    THROTTLED,
    LIMITS
};

/* Rationale: docs/metrics.md. The limits of short-of-rate are in harness/load/result.c. */
static const struct {
    const char *name;
    double value;
    const char *unit, *verdict;
} limits[LIMITS] = {
    [CLIENT_BUSY] = {"client threads on a CPU", 95, "% of the window", "client-bound"},
    [APART] = {"instruments apart", 0.5, "%", "instruments"},
    [STEAL] = {"time taken by the host", 5, "% of all CPUs' time", "noisy"},
    [STEAL_TICKS] = {"least ticks for a share of them", 50, "clock ticks of all CPUs", "noisy"},
    [HICCUPS] = {"looks more than 1 ms late", 5, "%", "noisy"},
    [HICCUP_LOOKS] = {"least looks for a share of them", 40, "looks on all CPUs", "noisy"},
    [SUSPENDED] = {"machine suspended", 1, "ms", "noisy"},
    [CLOCK_SET] = {"clock set (rows with --wire)", 1, "ms", "noisy"},
    [WINDOW_ERROR] = {"ends of the window of clients on other hosts apart", 1, "% of the window",
                      "noisy"},
    [THROTTLED] = {"throttled by a CPU quota", 0, "periods", "throttled"},
};

void limits_write(FILE *file)
{
    for (int i = 0; i < LIMITS; i++)
        fprintf(file, "%s\t%g\t%s\t%s\n", limits[i].name, limits[i].value, limits[i].unit,
                limits[i].verdict);
}

static bool beyond(enum limit limit, double value)
{
    return value > limits[limit].value;
}

/* Wakeups as counted in the kernel; without the counter, as inferred from other counts: each sleep ends in a wakeup, and
 * the server counts useful and spurious ones. */
static void add_wakeups(struct totals *t, bool by_counter, const struct process_counters *a,
                        const struct process_counters *b)
{
    uint64_t sleeps = b->voluntary - a->voluntary;
    t->sleeps += sleeps;
    if (!by_counter) {
        t->wakeups += sleeps;
        t->useful += b->stats.useful - a->stats.useful;
        t->spurious += b->stats.spurious - a->stats.spurious;
        return;
    }
    t->wakeups += b->counts[COUNT_WAKEUPS] - a->counts[COUNT_WAKEUPS];
    t->useful += b->counts[COUNT_USEFUL] - a->counts[COUNT_USEFUL];
    t->spurious += b->counts[COUNT_SPURIOUS] - a->counts[COUNT_SPURIOUS];
    t->absorbed += b->counts[COUNT_ABSORBED] - a->counts[COUNT_ABSORBED];
}

static void add_connections(struct totals *t, const struct process_counters *a,
                            const struct process_counters *b)
{
    uint64_t accepts = b->stats.accepts - a->stats.accepts;
    t->workers++;
    t->idle_workers += accepts == 0;
    t->accepts += accepts;
    t->requests += b->stats.requests - a->stats.requests;
    t->sum_of_squares += (double)accepts * (double)accepts;
    if (accepts > t->max_accepts)
        t->max_accepts = accepts;
}

static void take_clocks(struct totals *t, const struct machine_counters *a,
                        const struct machine_counters *b)
{
    t->suspended_ms = (double)(b->suspended_ns - a->suspended_ns) / 1e6;
    t->clock_set_ms = fabs((double)(b->real_offset_ns - a->real_offset_ns)) / 1e6;
}

static void take_hiccups(struct totals *t, const struct hiccups_result *seen)
{
    bool looked = seen && seen->looks > 0;
    bool enough = looked && (double)seen->looks >= limits[HICCUP_LOOKS].value;
    t->hiccup_pct = enough ? 100 * (double)seen->late / (double)seen->looks : NAN;
    t->hiccup_max_us = looked ? (double)seen->max_ns / 1e3 : NAN;
}

static void take_throttled(struct totals *t, const struct throttled *seen)
{
    t->nr_throttled = seen ? seen->periods : NOT_COUNTED;
    t->throttled_us = seen ? (double)seen->us : NAN;
}

/* For third-party servers, which have no stats page, connections and requests are those that the client counted; their
 * distribution to processes is unknown. */
static void use_client_counts(struct totals *t, const struct measurement *m)
{
    t->accepts = m->load->connections;
    t->requests = m->load->requests;
    t->sum_of_squares = NAN;
    t->eagain = t->idle_workers = NOT_COUNTED;
    if (!m->after->by_counter)
        t->useful = t->spurious = NOT_COUNTED;
}

void totals_take(struct totals *t, const struct measurement *m)
{
    memset(t, 0, sizeof *t);
    t->processes = m->processes;
    for (unsigned i = 0; i < m->processes; i++) {
        const struct process_counters *a = &m->before->process[i], *b = &m->after->process[i];
        add_wakeups(t, m->after->by_counter, a, b);
        t->ctx_switches += b->voluntary - a->voluntary + b->involuntary - a->involuntary;
        t->cpu_ns += b->cpu_ns - a->cpu_ns;
        t->eagain += b->stats.eagain - a->stats.eagain;
        if (b->stats.role == ROLE_WORKER)
            add_connections(t, a, b);
    }
    if (!m->after->by_counter)
        t->absorbed = NOT_COUNTED;
    if (m->foreign)
        use_client_counts(t, m);
    const struct machine_counters *a = &m->before->machine, *b = &m->after->machine;
    double ticks = (double)(b->total - a->total);
    t->listen_overflows = b->listen_overflows - a->listen_overflows;
    t->steal_pct = ticks >= limits[STEAL_TICKS].value ? 100 * (double)(b->steal - a->steal) / ticks
                                                      : NAN;
    take_clocks(t, a, b);
    take_hiccups(t, m->hiccups);
    take_throttled(t, m->throttled);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

double jain_index(const struct totals *t)
{
    double sum = (double)t->accepts;
    return ratio(sum * sum, t->workers * t->sum_of_squares);
}

double instrument_difference(const struct totals *t)
{
    if (t->absorbed == NOT_COUNTED)
        return NAN;
    return 100 * ratio(fabs((double)t->wakeups - (double)t->sleeps), (double)t->sleeps);
}

static bool is_warm_up(const struct measurement *m, const struct totals *t)
{
    (void)t;
    return m->warm_up;
}

static bool server_died(const struct measurement *m, const struct totals *t)
{
    (void)t;
    return m->server_died;
}

static bool client_lost(const struct measurement *m, const struct totals *t)
{
    (void)t;
    return m->client_lost;
}

static bool has_errors(const struct measurement *m, const struct totals *t)
{
    (void)t;
    return load_errors(m->load) > m->load->errors[LOAD_PORTS] || !m->load->complete ||
           m->load->requests == 0;
}

/* Checked before its consequences: a client or a server that is short of CPU time. */
static bool throttled(const struct measurement *m, const struct totals *t)
{
    (void)m;
    return (t->nr_throttled != NOT_COUNTED && beyond(THROTTLED, (double)t->nr_throttled)) ||
           t->throttled_us > 0;
}

/* A client that is never idle limits the rate itself. */
static bool client_is_the_limit(const struct measurement *m, const struct totals *t)
{
    uint64_t on_cpu = 0, window = 0;
    (void)t;
    for (unsigned i = 0; i < m->load->thread_count; i++) {
        on_cpu += m->load->threads[i].cpu_ns;
        window += m->load->threads[i].window_ns;
    }
    return m->client_waits && window > 0 &&
           beyond(CLIENT_BUSY, 100 * (double)on_cpu / (double)window);
}

static bool short_of_rate(const struct measurement *m, const struct totals *t)
{
    (void)t;
    return load_is_short_of_rate(m->load);
}

static bool out_of_ports(const struct measurement *m, const struct totals *t)
{
    (void)t;
    return m->load->errors[LOAD_PORTS] > 0;
}

static bool has_drops(const struct measurement *m, const struct totals *t)
{
    return t->listen_overflows > 0 || (m->wire && wire_has_drops(m->wire));
}

/* A process that is asleep at one end of the window and not at the other has one more sleep than wakeups, or one
 * less. */
static bool instruments_disagree(const struct measurement *m, const struct totals *t)
{
    (void)m;
    return beyond(APART, instrument_difference(t)) &&
           fabs((double)t->wakeups - (double)t->sleeps) > t->processes;
}

/* 0 if this host makes the load */
static double window_error_pct(const struct measurement *m)
{
    return m->load->window_ns > 0 ? 1e5 * m->window_error_us / (double)m->load->window_ns : 0;
}

static bool noisy(const struct measurement *m, const struct totals *t)
{
    if (m->virtual_time)
        return false;
    return beyond(WINDOW_ERROR, window_error_pct(m)) || beyond(STEAL, t->steal_pct) ||
           beyond(HICCUPS, t->hiccup_pct) || beyond(SUSPENDED, t->suspended_ms) ||
           (m->wire && beyond(CLOCK_SET, t->clock_set_ms));
}

const char *verdict(const struct measurement *m, const struct totals *t)
{
    static const struct {
        const char *name;
        bool (*applies)(const struct measurement *, const struct totals *);
        bool timed; /* ignored with --counts-only */
    } verdicts[] = {
        {"warm-up", is_warm_up, false},
        {"server-died", server_died, false},
        {"client-lost", client_lost, false},
        {"errors", has_errors, false},
        {"throttled", throttled, true},
        {"client-bound", client_is_the_limit, true},
        {"short-of-rate", short_of_rate, true},
        {"ports", out_of_ports, false},
        {"drops", has_drops, false},
        {"instruments", instruments_disagree, false},
        {"noisy", noisy, true},
    };
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (!(verdicts[i].timed && m->counts_only) && verdicts[i].applies(m, t))
            return verdicts[i].name;
    return "ok";
}

bool row_is_ok(const struct measurement *m)
{
    struct totals t;
    totals_take(&t, m);
    return strcmp(verdict(m, &t), "ok") == 0;
}

/* First byte by both instruments: packet capture and load. */
static void wire_columns(const struct measurement *m, struct row *row)
{
    const struct histogram *own = &m->load->first_byte;
    const struct histogram *synack = &m->wire->intervals[FLOW_SYNACK];
    const struct histogram *wait = &m->wire->intervals[FLOW_WAIT];
    const struct histogram *first = &m->wire->intervals[FLOW_FIRST_BYTE];
    const uint64_t *counts = m->wire->totals.counts;
    row->first_byte_p50_us = histogram_percentile_us(own, 50);
    row->first_byte_p99_us = histogram_percentile_us(own, 99);
    row->wire_synack_p50_us = histogram_percentile_us(synack, 50);
    row->wire_synack_p99_us = histogram_percentile_us(synack, 99);
    row->wire_wait_p50_us = histogram_percentile_us(wait, 50);
    row->wire_wait_p99_us = histogram_percentile_us(wait, 99);
    row->wire_first_byte_p50_us = histogram_percentile_us(first, 50);
    row->wire_first_byte_p99_us = histogram_percentile_us(first, 99);
    row->wire_exchanges = (double)wait->count;
    row->wire_packets = (double)m->wire->packets[PACKET_TCP];
    row->wire_dropped = (double)(m->wire->capture.dropped + m->wire->capture.interface_dropped);
    row->wire_syn_retransmitted = (double)counts[FLOW_SYN_RETRANSMITTED];
    row->wire_retransmitted = (double)counts[FLOW_RETRANSMITTED];
    row->wire_out_of_order = (double)counts[FLOW_OUT_OF_ORDER];
    row->wire_resets = (double)counts[FLOW_RESETS];
}

/* NAN if not counted. */
static double counted(uint64_t count)
{
    return count == NOT_COUNTED ? NAN : (double)count;
}

static void trial_columns(const struct trial *t, struct row *row)
{
    row->trial = (double)t->number;
    row->round = (double)t->round;
    row->position = (double)t->position;
    row->machine = t->machine;
    row->strategy = t->strategy;
    row->backend = t->backend;
    row->workers = (double)t->workers;
    row->cpus = t->cpus;
    row->server_cpus = t->server_cpus;
    row->client_cpus = t->client_cpus;
    row->load = t->load;
    row->connections = counted(t->connections);
    row->rate_offered = t->rate_offered;
    row->requests_per_connection = counted(t->requests_per_connection);
}

static void server_columns(const struct measurement *m, struct row *row)
{
    struct totals s;
    totals_take(&s, m);
    row->wakeups = (double)s.wakeups;
    row->useful = counted(s.useful);
    row->spurious = counted(s.spurious);
    row->absorbed = counted(s.absorbed);
    row->wakeups_per_conn = ratio((double)s.wakeups, (double)s.accepts);
    row->eagain = counted(s.eagain);
    row->ctx_switches = (double)s.ctx_switches;
    row->server_cpu_us_per_req = ratio((double)s.cpu_ns / 1e3, (double)s.requests);
    row->client_cpu_us_per_req = ratio((double)m->load->cpu_ns / 1e3, (double)m->load->requests);
    row->jain = jain_index(&s);
    row->max_share = m->foreign ? NAN : ratio((double)s.max_accepts, (double)s.accepts);
    row->idle_workers = counted(s.idle_workers);
    row->listen_overflows = (double)s.listen_overflows;
    row->steal_pct = s.steal_pct;
    row->hiccup_pct = s.hiccup_pct;
    row->hiccup_max_us = s.hiccup_max_us;
    row->nr_throttled = counted(s.nr_throttled);
    row->throttled_us = s.throttled_us;
    row->instrument_diff_pct = instrument_difference(&s);
    row->instrument = m->after->by_counter ? "bpf" : "ctxsw";
    row->verdict = verdict(m, &s);
}

/* Returns the number of fields. */
static unsigned fill_fields(struct field fields[ROW_COLUMN_COUNT], const struct trial *t,
                            const struct measurement *m)
{
    struct row row;
    row_clear(&row);
    trial_columns(t, &row);
    if (!m->client_lost)
        load_columns(m->load, &row);
    server_columns(m, &row);
    if (m->counts_only)
        row_clear_timed(&row);
    if (m->wire)
        wire_columns(m, &row);
    row_fields(&row, 0, ROW_COLUMN_COUNT, fields);
    return m->wire ? ROW_COLUMN_COUNT : COLUMNS_OF_WIRE;
}

/* Column names only. */
static unsigned empty_fields(struct field fields[ROW_COLUMN_COUNT], bool with_wire)
{
    struct row row;
    row_clear(&row);
    row_fields(&row, 0, ROW_COLUMN_COUNT, fields);
    return with_wire ? ROW_COLUMN_COUNT : COLUMNS_OF_WIRE;
}

void row_write_header(FILE *file, bool with_wire)
{
    struct field fields[ROW_COLUMN_COUNT];
    record_write_csv_header(file, fields, empty_fields(fields, with_wire));
}

void row_write_csv(FILE *file, const struct trial *t, const struct measurement *m)
{
    struct field fields[ROW_COLUMN_COUNT];
    record_write_csv(file, fields, fill_fields(fields, t, m));
}

void row_write_json(FILE *file, const struct trial *t, const struct measurement *m)
{
    struct field fields[ROW_COLUMN_COUNT];
    record_write_json(file, fields, fill_fields(fields, t, m));
}

static double delay_us(const struct process_counters *a, const struct process_counters *b,
                       double percent)
{
    uint64_t delays[DELAY_BUCKETS];
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        delays[i] = b->delays[i] - a->delays[i];
    return delay_percentile_us(delays, percent);
}

enum { WORKER_FIELDS = 18 };

/* Which counts of workers.csv are available */
struct known {
    bool by_counter; /* counts of the wakeup counter */
    bool by_server;  /* counts of the server's stats page */
};

static const char *role_of(const struct process_counters *process, bool is_known)
{
    return !is_known ? "thread" : process->stats.role == ROLE_WORKER ? "worker" : "acceptor";
}

static uint64_t if_known(bool is_known, uint64_t count)
{
    return is_known ? count : NOT_COUNTED;
}

static void fill_worker_row(struct field row[WORKER_FIELDS], const struct trial *t, unsigned id,
                            struct known known, const struct process_counters *a,
                            const struct process_counters *b)
{
    struct totals s = {0};
    bool by_counter = known.by_counter, classed = by_counter || known.by_server;
    add_wakeups(&s, by_counter, a, b);
    const uint64_t *from = a->counts, *to = b->counts;
    const struct field fields[WORKER_FIELDS] = {
        field_count("trial", t->number),
        field_text("strategy", t->strategy),
        field_count("workers", t->workers),
        field_count("worker", id),
        field_text("role", role_of(b, known.by_server)),
        field_count("accepts", if_known(known.by_server, b->stats.accepts - a->stats.accepts)),
        field_count("requests", if_known(known.by_server, b->stats.requests - a->stats.requests)),
        field_count("wakeups", s.wakeups),
        field_count("useful", if_known(classed, s.useful)),
        field_count("spurious", if_known(classed, s.spurious)),
        field_count("absorbed", if_known(by_counter, s.absorbed)),
        field_count("eagain", if_known(known.by_server, b->stats.eagain - a->stats.eagain)),
        field_count("preemptions", b->involuntary - a->involuntary),
        field_count("migrations",
                    if_known(by_counter, to[COUNT_MIGRATIONS] - from[COUNT_MIGRATIONS])),
        field_count("cross_cpu_wakeups",
                    if_known(by_counter, to[COUNT_CROSS_CPU] - from[COUNT_CROSS_CPU])),
        field_real("runq_p50_us", delay_us(a, b, 50), 1),
        field_real("runq_p99_us", delay_us(a, b, 99), 1),
        field_real("cpu_us", (double)(b->cpu_ns - a->cpu_ns) / 1e3, 1),
    };
    memcpy(row, fields, sizeof fields);
}

void worker_rows_write_header(FILE *file)
{
    static const struct process_counters none;
    const struct trial no_trial = {0};
    struct field row[WORKER_FIELDS];
    fill_worker_row(row, &no_trial, 0, (struct known){false, false}, &none, &none);
    record_write_csv_header(file, row, WORKER_FIELDS);
}

void worker_rows_write(FILE *file, const struct trial *t, const struct measurement *m)
{
    const struct known known = {.by_counter = m->after->by_counter, .by_server = !m->foreign};
    for (unsigned i = 0; i < m->processes; i++) {
        struct field row[WORKER_FIELDS];
        fill_worker_row(row, t, i, known, &m->before->process[i], &m->after->process[i]);
        record_write_csv(file, row, WORKER_FIELDS);
    }
}
