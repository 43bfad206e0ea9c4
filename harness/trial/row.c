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
    THROTTLED,
    LIMITS
};

/* docs/metrics.md says why; short-of-rate has its own in harness/load/result.c. */
static const struct {
    const char *name;
    double value;
    const char *unit, *verdict;
} limits[LIMITS] = {
    [CLIENT_BUSY] = {"client threads on a CPU", 95, "% of the window", "client-bound"},
    [APART] = {"instruments apart", 0.5, "%", "instruments"},
    [STEAL] = {"time taken by the host", 5, "% of all CPUs' time", "noisy"},
    [STEAL_TICKS] = {"ticks it takes to tell", 50, "clock ticks of all CPUs", "noisy"},
    [HICCUPS] = {"looks more than 1 ms late", 5, "%", "noisy"},
    [HICCUP_LOOKS] = {"looks it takes to tell", 40, "looks on all CPUs", "noisy"},
    [SUSPENDED] = {"machine suspended", 1, "ms", "noisy"},
    [CLOCK_SET] = {"clock set (rows with --wire)", 1, "ms", "noisy"},
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

/* What the wakeup counter saw; without it, what is known of wakeups from the outside: each sleep ends in
 * one, and the server counts what it found. */
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

/* Others do not count for us: what they took is what the client got, and who took it is not known. */
static void take_from_client(struct totals *t, const struct measurement *m)
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
        take_from_client(t, m);
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

static bool has_errors(const struct measurement *m, const struct totals *t)
{
    (void)t;
    return load_errors(m->load) > m->load->errors[LOAD_PORTS] || !m->load->complete ||
           m->load->requests == 0;
}

/* Before all that may come of it: a client or a server that is short of CPU time. */
static bool throttled(const struct measurement *m, const struct totals *t)
{
    (void)m;
    return (t->nr_throttled != NOT_COUNTED && beyond(THROTTLED, (double)t->nr_throttled)) ||
           t->throttled_us > 0;
}

/* A client that is never idle is what the rate is limited by. */
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

/* A process may be asleep at one end of the window and not at the other, and then has slept once more
 * or less than it was woken. */
static bool instruments_disagree(const struct measurement *m, const struct totals *t)
{
    (void)m;
    return beyond(APART, instrument_difference(t)) &&
           fabs((double)t->wakeups - (double)t->sleeps) > t->processes;
}

static bool noisy(const struct measurement *m, const struct totals *t)
{
    if (m->virtual_time)
        return false;
    return beyond(STEAL, t->steal_pct) || beyond(HICCUPS, t->hiccup_pct) ||
           beyond(SUSPENDED, t->suspended_ms) || (m->wire && beyond(CLOCK_SET, t->clock_set_ms));
}

const char *verdict(const struct measurement *m, const struct totals *t)
{
    static const struct {
        const char *name;
        bool (*applies)(const struct measurement *, const struct totals *);
        bool timed; /* says nothing where only counts are told */
    } verdicts[] = {
        {"warm-up", is_warm_up, false},
        {"server-died", server_died, false},
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

enum {
    TRIAL_FIELDS = 14,
    SERVER_FIELDS = 21,
    ROW_FIELDS = TRIAL_FIELDS + LOAD_FIELDS + SERVER_FIELDS,
    WIRE_FIELDS = 15,
    ROW_FIELDS_MAX = ROW_FIELDS + WIRE_FIELDS,
};

/* Both witnesses of the same request; the load's own first byte stands beside the wire's. */
static void fill_wire(struct field fields[WIRE_FIELDS], const struct measurement *m)
{
    const struct histogram *own = &m->load->first_byte;
    const struct histogram *synack = &m->wire->intervals[FLOW_SYNACK];
    const struct histogram *wait = &m->wire->intervals[FLOW_WAIT];
    const struct histogram *first = &m->wire->intervals[FLOW_FIRST_BYTE];
    const uint64_t *counts = m->wire->totals.counts;
    const struct field table[WIRE_FIELDS] = {
        field_real("first_byte_p50_us", histogram_percentile_us(own, 50), 3),
        field_real("first_byte_p99_us", histogram_percentile_us(own, 99), 3),
        field_real("wire_synack_p50_us", histogram_percentile_us(synack, 50), 3),
        field_real("wire_synack_p99_us", histogram_percentile_us(synack, 99), 3),
        field_real("wire_wait_p50_us", histogram_percentile_us(wait, 50), 3),
        field_real("wire_wait_p99_us", histogram_percentile_us(wait, 99), 3),
        field_real("wire_first_byte_p50_us", histogram_percentile_us(first, 50), 3),
        field_real("wire_first_byte_p99_us", histogram_percentile_us(first, 99), 3),
        field_count("wire_exchanges", wait->count),
        field_count("wire_packets", m->wire->packets[PACKET_TCP]),
        field_count("wire_dropped", m->wire->capture.dropped + m->wire->capture.interface_dropped),
        field_count("wire_syn_retransmitted", counts[FLOW_SYN_RETRANSMITTED]),
        field_count("wire_retransmitted", counts[FLOW_RETRANSMITTED]),
        field_count("wire_out_of_order", counts[FLOW_OUT_OF_ORDER]),
        field_count("wire_resets", counts[FLOW_RESETS]),
    };
    memcpy(fields, table, sizeof table);
}

/* What is a matter of time. An emulated machine, or one with more CPUs than its host has, has no time of its own
 * to measure these by. */
static bool is_timed(const char *name)
{
    static const char *const timed[] = {
        "throughput_rps",        "connect_p50_us",        "connect_p99_us",  "latency_p50_us",
        "latency_p90_us",        "latency_p99_us",        "latency_p999_us", "latency_max_us",
        "send_lag_p99_us",       "server_cpu_us_per_req", "steal_pct",       "hiccup_pct",
        "client_cpu_us_per_req", "hiccup_max_us",         "throttled_us",
    };
    for (size_t i = 0; i < sizeof timed / sizeof *timed; i++)
        if (strcmp(name, timed[i]) == 0)
            return true;
    return false;
}

static void leave_out_timed(struct field row[ROW_FIELDS])
{
    for (unsigned i = 0; i < ROW_FIELDS; i++)
        if (is_timed(row[i].name))
            row[i].real = NAN;
}

/* Returns how many fields it has. */
static unsigned fill_row(struct field row[ROW_FIELDS_MAX], const struct trial *t,
                         const struct measurement *m)
{
    struct totals s;
    totals_take(&s, m);
    const struct field trial[TRIAL_FIELDS] = {
        field_count("trial", t->number),
        field_count("round", t->round),
        field_count("position", t->position),
        field_text("machine", t->machine),
        field_text("strategy", t->strategy),
        field_text("backend", t->backend),
        field_count("workers", t->workers),
        field_count("cpus", t->cpus),
        field_text("server_cpus", t->server_cpus),
        field_text("client_cpus", t->client_cpus),
        field_text("load", t->load),
        field_count("connections", t->connections),
        field_real("rate_offered", t->rate_offered, 1),
        field_count("requests_per_connection", t->requests_per_connection),
    };
    const struct field server[SERVER_FIELDS] = {
        field_count("wakeups", s.wakeups),
        field_count("useful", s.useful),
        field_count("spurious", s.spurious),
        field_count("absorbed", s.absorbed),
        field_real("wakeups_per_conn", ratio((double)s.wakeups, (double)s.accepts), 3),
        field_count("eagain", s.eagain),
        field_count("ctx_switches", s.ctx_switches),
        field_real("server_cpu_us_per_req", ratio((double)s.cpu_ns / 1e3, (double)s.requests), 3),
        field_real("client_cpu_us_per_req",
                   ratio((double)m->load->cpu_ns / 1e3, (double)m->load->requests), 3),
        field_real("jain", jain_index(&s), 4),
        field_real("max_share", m->foreign ? NAN : ratio((double)s.max_accepts, (double)s.accepts),
                   4),
        field_count("idle_workers", s.idle_workers),
        field_count("listen_overflows", s.listen_overflows),
        field_real("steal_pct", s.steal_pct, 2),
        field_real("hiccup_pct", s.hiccup_pct, 2),
        field_real("hiccup_max_us", s.hiccup_max_us, 1),
        field_count("nr_throttled", s.nr_throttled),
        field_real("throttled_us", s.throttled_us, 0),
        field_real("instrument_diff_pct", instrument_difference(&s), 4),
        field_text("instrument", m->after->by_counter ? "bpf" : "ctxsw"),
        field_text("verdict", verdict(m, &s)),
    };
    memcpy(row, trial, sizeof trial);
    load_fields(m->load, row + TRIAL_FIELDS);
    memcpy(row + TRIAL_FIELDS + LOAD_FIELDS, server, sizeof server);
    if (m->counts_only)
        leave_out_timed(row);
    if (!m->wire)
        return ROW_FIELDS;
    fill_wire(row + ROW_FIELDS, m);
    return ROW_FIELDS_MAX;
}

/* The header needs no measurement: the names are the same for any. */
static unsigned fill_empty_row(struct field row[ROW_FIELDS_MAX], bool with_wire)
{
    static const struct wire_result no_wire;
    static const struct load_result no_load;
    static const struct snapshot nothing;
    const struct trial no_trial = {0};
    const struct measurement none = {.load = &no_load,
                                     .before = &nothing,
                                     .after = &nothing,
                                     .wire = with_wire ? &no_wire : NULL};
    return fill_row(row, &no_trial, &none);
}

void row_write_header(FILE *file, bool with_wire)
{
    struct field row[ROW_FIELDS_MAX];
    record_write_csv_header(file, row, fill_empty_row(row, with_wire));
}

void row_write_csv(FILE *file, const struct trial *t, const struct measurement *m)
{
    struct field row[ROW_FIELDS_MAX];
    record_write_csv(file, row, fill_row(row, t, m));
}

void row_write_json(FILE *file, const struct trial *t, const struct measurement *m)
{
    struct field row[ROW_FIELDS_MAX];
    record_write_json(file, row, fill_row(row, t, m));
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

/* Which of the two is true of a row of workers.csv */
struct known {
    bool by_counter; /* what the wakeup counter saw */
    bool by_server;  /* what the server counts itself */
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
