/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make_run SEED DIR: writes a mock run into DIR, which must exist: the files of results/README.md, small, the same
 * bytes for the same seed on every machine. Nothing is measured.
 *
 * Four consecutive seeds are a group: they share axes and servers (so that `compare` finds common configurations) and
 * differ in noise, verdicts and what is missing. The last one of each group is damaged in one way, a line of
 * `damages`: seed 4 in the first, seed 8 in the second, and so on. Exit status 0, 1 if a file cannot be written, 2 for a
 * usage error.
 *
 * Values come from a generator of its own and from sums, products and quotients of doubles, which IEEE 754 defines to
 * the bit: no function of libm, whose last digit may differ.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ROWS_MAX = 200, NAMES_MAX = 6, AXIS_MAX = 8, COLUMNS_MAX = 64, FIELD = 48 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- random numbers ---- */

struct random {
    uint64_t state;
};

/* SplitMix64 (G. Steele et al., OOPSLA 2014) */
static uint64_t next(struct random *r)
{
    uint64_t n = r->state += 0x9e3779b97f4a7c15;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return n ^ (n >> 31);
}

/* A number from 0 to n - 1; the bias of the remainder does not matter here. */
static unsigned below(struct random *r, unsigned n)
{
    return (unsigned)((next(r) >> 16) % n);
}

static bool chance(struct random *r, unsigned percent)
{
    return below(r, 100) < percent;
}

/* From -1 to 1, in the middle more often than at the ends */
static double noise(struct random *r)
{
    return ((int)below(r, 1001) + (int)below(r, 1001) - 1000) / 1000.0;
}

/* ---- the run ---- */

struct axis {
    unsigned count;
    int value[AXIS_MAX];
};

enum values { VALUES_PLAIN, VALUES_TIES, VALUES_HUGE, VALUES_TINY, VALUES_ODD, VALUES_KINDS };

struct shape {
    unsigned names;
    const char *name[NAMES_MAX]; /* without the A/A control */
    const char *reference;       /* "" = none is marked in strategies.tsv */
    bool again;
    struct axis workers, cpus, loads, requests; /* requests: -1 = a mix */
    int per_cpus; /* workers and loads are asked for each so many CPUs; 0 = as they are */
    bool open;    /* loads are rates */
    const char *arrivals;
    unsigned rounds;
    const char *machine;
    bool counted_only; /* no times: only counts were taken */
    bool by_switches;  /* no absorbed wakeups */
    bool wire;
    bool compact;
    enum values values;
    unsigned empty_percent, invalid_percent, gap_percent;
    bool throttled_columns;
    const char *without; /* a column of measurements that the file does not have, or NULL */
    bool verdict_first;
};

/* One row of trials.csv or wire.csv, as far as the other files depend on it */
struct row {
    unsigned trial, round, position;
    const char *strategy;
    char control[FIELD]; /* the name, if it is that of the A/A control */
    int workers, cpus, load, requests_each;
    bool wire;
    const char *verdict;
    uint64_t requests;
};

struct run {
    unsigned seed, group, variant; /* variant: 0 to 3, the place in the group */
    const char *damage;            /* "" = none */
    const char *directory;
    struct shape shape;
    struct random random;
    struct row rows[ROWS_MAX];
    unsigned count;
};

static const char *const damages[] = {
    "trials-empty",    "trials-header",   "trials-none",     "no-strategy",      "no-workers",
    "no-verdict",      "no-round",        "no-cpus",         "field-less",       "field-more",
    "bad-throughput",  "bad-workers",     "bad-name",        "half-line",        "wire-bad",
    "wire-empty",      "workers-column",  "workers-number",  "hist-missing",     "hist-garbage",
    "hist-shrinks",    "hist-empty",      "where-columns",   "where-number",     "where-twice",
    "where-other",     "settings-none",   "plan-width",      "plan-empty",       "all-invalid",
    "env-broken",      "strategies-none", "carriage-return", "number-forms",     "control-bytes",
    "latency-missing", "latency-trials",  "latency-count",   "shares-missing",   "shares-sum",
    "rows-twice",      "settings-other",  "blank-line",      "quoted-field",     "column-twice",
    "no-workers-csv",  "no-hist",         "no-plan",         "half-line-number", "directory-bare"};

static bool is_damaged(const struct run *run, const char *damage)
{
    return strcmp(run->damage, damage) == 0;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* ---- files ---- */

static FILE *create(const struct run *run, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", run->directory, name);
    FILE *file = fopen(path, "w");
    if (!file) {
        fprintf(stderr, "make_run: cannot write %s: %s\n", path, strerror(errno));
        exit(1);
    }
    return file;
}

static void finish(FILE *file)
{
    if (ferror(file) | fclose(file)) {
        fprintf(stderr, "make_run: cannot write a file\n");
        exit(1);
    }
}

static void make_folder(const struct run *run, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", run->directory, name);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "make_run: cannot make %s: %s\n", path, strerror(errno));
        exit(1);
    }
}

/* ---- the shape of a group ---- */

/* Steps through all of a table as the group's number grows, so that none is left out by chance. */
#define PICK(table, number) ((table)[(number) % COUNT(table)])

static const char *const name_sets[][NAMES_MAX] = {
    {"racing", "wakeone"},
    {"racing", "wakeone", "fdpass", "mutex"},
    {"wakeone", "racing", "reuseport"},
    {"racing", "wakeone", "x9-y--z"},
    {"wakeone", "fdpass"},
    {"racing"},
    {"racing", "kqueue-racing", "nginx-off", "a"},
    {"mutex", "racing", "wakeone", "strategy-with-a-long-name-1", "poll"}};

static const struct axis worker_sets[] = {{3, {2, 8, 32}},   {1, {4}},     {2, {2, 8}},
                                          {4, {1, 2, 4, 8}}, {2, {64, 8}}, {1, {1}},
                                          {3, {10, 9, 100}}};
static const struct axis connection_sets[] = {
    {1, {16}}, {2, {4, 16}}, {1, {1}}, {6, {1, 2, 4, 8, 16, 128}}, {3, {900, 16, 64}}};
static const struct axis rate_sets[] = {{4, {2000, 4000, 8000, 16000}},
                                        {1, {1000}},
                                        {2, {100, 100000}},
                                        {6, {500, 1000, 2000, 3000, 9000, 4000000}}};
static const struct axis request_sets[] = {{1, {1}},  {1, {1}}, {1, {0}},       {2, {1, 100}},
                                           {1, {-1}}, {1, {1}}, {3, {0, 1, 10}}};
/* The ones with several are those of scale.csv; from five numbers on a curve is fitted. */
static const struct axis cpu_sets[] = {{1, {2}},
                                       {1, {8}},
                                       {3, {1, 2, 4}},
                                       {1, {2}},
                                       {6, {1, 2, 4, 8, 16, 32}},
                                       {1, {4}},
                                       {2, {2, 4}},
                                       {7, {2, 4, 8, 16, 32, 64, 128}}};
static const unsigned round_sets[] = {2, 6, 5, 1, 20, 7, 3, 12};
static const char *const machines[] = {"vm", "metal", "kvm", "tcg", "vm", "virtual", "vm"};
static const char *const missing_columns[] = {NULL,
                                              "hiccup_pct",
                                              NULL,
                                              "server_cpu_us_per_req",
                                              "absorbed",
                                              NULL,
                                              "jain",
                                              "throughput_rps",
                                              "latency_p99_us",
                                              NULL,
                                              "conns"};

static void choose_servers(struct shape *shape, unsigned group, struct random *r)
{
    const char *const *set = PICK(name_sets, group);
    while (shape->names < NAMES_MAX && set[shape->names]) {
        shape->name[shape->names] = set[shape->names];
        shape->names++;
    }
    shape->reference = "racing";
    if (strcmp(set[0], "racing") != 0 || group % 5 == 4)
        shape->reference = set[shape->names - 1];
    if (group % 11 == 7)
        shape->reference = "";
    shape->again = !chance(r, 20);
}

static void choose_axes(struct shape *shape, unsigned group)
{
    shape->workers = PICK(worker_sets, group);
    shape->cpus = PICK(cpu_sets, group);
    shape->open = group % 3 == 1;
    shape->loads = shape->open ? PICK(rate_sets, group / 3) : PICK(connection_sets, group / 2);
    shape->requests = PICK(request_sets, group / 2);
    shape->arrivals = group % 2 ? "constant" : group % 4 ? "poisson" : "burst";
    shape->per_cpus = shape->cpus.count == 1 || group % 4 == 3 ? 0 : group % 16 > 7 ? 2 : 1;
    if (shape->cpus.count > 3) {
        shape->workers = (struct axis){group % 3 == 0 ? 2 : 1, {1, 4}};
        shape->loads.count = shape->requests.count = 1;
        shape->loads.value[0] = shape->open ? 2000 : 8;
        shape->names = shape->names > 3 ? 3 : shape->names;
    } else if (shape->cpus.count > 1) {
        shape->loads.count = 1;
    }
}

static unsigned configurations(const struct shape *shape)
{
    return (shape->names + shape->again) * shape->workers.count * shape->cpus.count *
           shape->loads.count * shape->requests.count;
}

/* shorten: fewer values of the axes until four rounds, or as many as are wanted, have room, and then fewer rounds */
static void shorten(struct shape *shape)
{
    struct axis *axes[] = {&shape->requests, &shape->loads, &shape->workers, &shape->cpus};
    unsigned wire = shape->wire ? 2 : 0, least = shape->rounds < 4 ? shape->rounds : 4;
    for (unsigned i = 0; configurations(shape) * (least + wire) > ROWS_MAX - 20;
         i = (i + 1) % COUNT(axes))
        if (axes[i]->count > 1)
            axes[i]->count--;
    while (shape->rounds > 1 && configurations(shape) * (shape->rounds + wire) > ROWS_MAX - 20)
        shape->rounds--;
}

static void choose_shape(struct run *run)
{
    struct shape *shape = &run->shape;
    struct random r = {1000003 * (uint64_t)(run->group + 1)};
    unsigned group = run->group;
    choose_servers(shape, group, &r);
    choose_axes(shape, group);
    shape->rounds = PICK(round_sets, group + group / 8);
    shape->machine = PICK(machines, group);
    shape->counted_only = strcmp(shape->machine, "tcg") == 0;
    shape->by_switches = group % 2 || shape->counted_only;
    shape->wire = group % 4 == 2 && !shape->counted_only;
    shape->compact = group % 6 == 5;
    shape->values = group % 3 == 2 ? (enum values)(group / 3 % VALUES_KINDS) : VALUES_PLAIN;
    shape->throttled_columns = chance(&r, 50);
}

/* What differs within a group */
static void choose_variant(struct run *run)
{
    static const unsigned empty[] = {0, 0, 5, 40}, invalid[] = {0, 15, 0, 60},
                          gap[] = {0, 0, 10, 45};
    struct shape *shape = &run->shape;
    struct random *r = &run->random;
    unsigned n = run->seed;
    if (run->damage[0]) {
        /* Clean otherwise, and with the files that the damage is about. */
        shape->without = NULL;
        shape->compact = begins(run->damage, "latency-") || begins(run->damage, "shares-");
        if (begins(run->damage, "where-"))
            shape->machine = "virtual";
        if (begins(run->damage, "wire-"))
            shape->wire = true;
        if (begins(run->damage, "where-") || begins(run->damage, "settings-")) {
            shape->cpus = (struct axis){3, {1, 2, 4}};
            shape->per_cpus = 1;
        }
        shape->counted_only = false;
    } else {
        shape->empty_percent = PICK(empty, n + n / 4);
        shape->invalid_percent = PICK(invalid, n / 2);
        shape->gap_percent = PICK(gap, n / 3);
        shape->without = n % 3 ? NULL : PICK(missing_columns, n / 3);
        shape->verdict_first = n % 9 == 2;
        if (run->variant == 2 && shape->names > 1 && chance(r, 50))
            shape->names--;
        if (run->variant == 1 && chance(r, 30))
            shape->again = !shape->again;
    }
    shorten(shape);
}

/* ---- the rows ---- */

static const char *const invalid_verdicts[] = {"noisy",     "errors",       "server-died",
                                               "throttled", "client-bound", "short-of-rate",
                                               "ports",     "drops",        "instruments"};

static const char *choose_verdict(struct run *run)
{
    if (is_damaged(run, "all-invalid"))
        return "noisy";
    if (!chance(&run->random, run->shape.invalid_percent))
        return "ok";
    /* One unknown verdict at most: the order of several is undefined in the report. */
    if (run->seed % 7 == 3 && chance(&run->random, 20))
        return "odd-1";
    return PICK(invalid_verdicts, below(&run->random, 1000) / (run->seed % 3 ? 1 : 500));
}

static int for_cpus(const struct shape *shape, int asked, int cpus)
{
    if (!shape->per_cpus)
        return asked;
    int number = asked * cpus / shape->per_cpus;
    return number > 0 ? number : 1;
}

/* add_configurations: all of a round, in the order of the axes; returns where they begin */
static unsigned add_configurations(struct run *run, unsigned round, bool wire)
{
    const struct shape *shape = &run->shape;
    unsigned first = run->count;
    for (unsigned i = 0; i < configurations(shape) && run->count < ROWS_MAX; i++) {
        struct row *row = &run->rows[run->count++];
        unsigned rest = i, names = shape->names + shape->again;
        unsigned name = rest % names;
        *row = (struct row){.round = round, .wire = wire};
        row->strategy = name < shape->names ? shape->name[name] : NULL;
        if (!row->strategy)
            snprintf(row->control, sizeof row->control, "%s-again",
                     shape->reference[0] ? shape->reference : "racing");
        rest /= names;
        row->cpus = shape->cpus.value[rest % shape->cpus.count];
        rest /= shape->cpus.count;
        row->workers = for_cpus(shape, shape->workers.value[rest % shape->workers.count],
                                row->cpus);
        rest /= shape->workers.count;
        row->load = shape->loads.value[rest % shape->loads.count];
        if (!shape->open)
            row->load = for_cpus(shape, row->load, row->cpus);
        row->requests_each = shape->requests.value[rest / shape->loads.count];
    }
    return first;
}

static void shuffle(struct run *run, unsigned first)
{
    for (unsigned i = run->count; i > first + 1; i--) {
        unsigned j = first + below(&run->random, i - first);
        struct row row = run->rows[i - 1];
        run->rows[i - 1] = run->rows[j];
        run->rows[j] = row;
    }
}

static void make_rows(struct run *run)
{
    unsigned rounds = run->shape.rounds + (run->shape.wire ? 2 : 0);
    run->count = 0;
    add_configurations(run, 0, false);
    run->count = 1; /* the warm-up */
    for (unsigned round = 1; round <= rounds; round++)
        shuffle(run, add_configurations(run, round, round > run->shape.rounds));
    for (unsigned i = 0; i < run->count; i++) {
        struct row *row = &run->rows[i];
        row->trial = i + 1;
        row->position = i && run->rows[i - 1].round == row->round ? run->rows[i - 1].position + 1
                                                                  : 1;
        row->verdict = i ? choose_verdict(run) : "warm-up";
        row->requests = 1 + below(&run->random, 3000);
    }
}

static const char *name_of(const struct row *row)
{
    return row->strategy ? row->strategy : row->control;
}

/* ---- trials.csv and wire.csv ---- */

struct table {
    unsigned columns;
    const char *name[COLUMNS_MAX];
    char field[COLUMNS_MAX][FIELD];
};

static void put(struct table *table, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put(struct table *table, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    table->name[table->columns] = name;
    vsnprintf(table->field[table->columns++], FIELD, format, arguments);
    va_end(arguments);
}

static char *field_of(struct table *table, const char *name)
{
    for (unsigned i = 0; i < table->columns; i++)
        if (strcmp(table->name[i], name) == 0)
            return table->field[i];
    return NULL;
}

/* measured: a value as `trial` writes it, or in one of the unusual forms that readers take as well */
static void put_measured(struct run *run, struct table *table, const char *name, double value,
                         int digits)
{
    struct random *r = &run->random;
    const struct shape *shape = &run->shape;
    if (chance(r, shape->empty_percent)) {
        put(table, name, "%s", "");
        return;
    }
    switch (shape->values) {
    case VALUES_HUGE:
        /* Whole numbers from 2^31 on are not the same text in every awk. */
        put(table, name, "%.*f", digits, value * 400);
        return;
    case VALUES_TINY:
        put(table, name, "%.4e", value * 1e-7);
        return;
    case VALUES_ODD:
        switch (below(r, 12)) {
        case 0:
            put(table, name, "0");
            return;
        case 1:
            put(table, name, "-%.*f", digits, value);
            return;
        case 2:
            put(table, name, "-0");
            return;
        case 3:
            put(table, name, "%.0f.", value + 1);
            return;
        case 4:
            put(table, name, "00%.*f", digits, value);
            return;
        }
        break;
    case VALUES_PLAIN:
    case VALUES_TIES:
    default:
        break;
    }
    put(table, name, "%.*f", digits, value);
}

static unsigned place_of(const struct run *run, const struct row *row)
{
    for (unsigned i = 0; row->strategy && i < run->shape.names; i++)
        if (strcmp(run->shape.name[i], row->strategy) == 0)
            return i;
    return 0;
}

/* Requests a second: more for later servers, less for many workers, and with CPUs by Amdahl's law */
static double throughput_of(struct run *run, const struct row *row, double spread)
{
    double n = row->cpus,
           scaling = n / (1 + 0.03 * (place_of(run, row) + 1) * (n - 1) + 0.0004 * n * (n - 1));
    double value = 9000 * scaling * (1 + 0.08 * place_of(run, row)) / (1 + 0.01 * row->workers);
    if (run->shape.open && row->load < value)
        value = row->load;
    value *= 1 - 0.02 * row->round * (run->seed % 5 == 1); /* a drift */
    value *= run->variant == 1 ? 1.2 : run->variant == 2 ? 0.97 : 1;
    if (run->seed % 6 == 4 && chance(&run->random, 4))
        value *= 3; /* an outlier */
    return value * (1 + spread * noise(&run->random));
}

static void put_key(struct run *run, struct table *table, const struct row *row)
{
    const struct shape *shape = &run->shape;
    put(table, "trial", "%u", row->trial);
    put(table, "round", "%u", row->round);
    put(table, "position", "%u", row->position);
    put(table, "machine", "%s", shape->machine);
    put(table, "strategy", "%s", name_of(row));
    put(table, "backend", "%s",
        begins(name_of(row), "kqueue-") ? "kqueue"
        : begins(name_of(row), "nginx") ? "peer"
                                        : "epoll");
    put(table, "workers", "%d", row->workers);
    put(table, "cpus", "%d", row->cpus);
    put(table, "server_cpus", "%s", row->cpus > 2 ? "0+2-3" : "0-1");
    put(table, "client_cpus", "%s", run->seed % 2 ? "0-1" : "");
    put(table, "load", "%s%s", shape->open ? "open-" : "closed",
        shape->open ? shape->arrivals : "");
    put(table, "connections", "%.*d", shape->open ? 0 : 1, shape->open ? 0 : row->load);
    put(table, "rate_offered", "%.*d", shape->open ? 1 : 0, shape->open ? row->load : 0);
    put(table, "requests_per_connection", "%.*d", row->requests_each >= 0,
        row->requests_each >= 0 ? row->requests_each : 0);
}

/* What takes time; nothing of it where only counts were taken */
static void put_times(struct run *run, struct table *table, const struct row *row, double rate,
                      double spread)
{
    static const struct {
        const char *name;
        double us;
        int digits;
    } times[] = {{"connect_p50_us", 25, 3},   {"connect_p99_us", 90, 3},
                 {"latency_p50_us", 400, 3},  {"latency_p90_us", 700, 3},
                 {"latency_p99_us", 1200, 3}, {"latency_p999_us", 1600, 3},
                 {"latency_max_us", 2100, 3}};
    if (run->shape.counted_only) {
        put(table, "throughput_rps", "%s", "");
        for (unsigned i = 0; i < COUNT(times); i++)
            put(table, times[i].name, "%s", "");
        return;
    }
    put_measured(run, table, "throughput_rps", rate, 1);
    double factor = run->shape.open ? 1 + row->load / 4000.0 : 1 + row->workers / 20.0;
    for (unsigned i = 0; i < COUNT(times); i++)
        put_measured(run, table, times[i].name,
                     times[i].us * factor * (1 + spread * noise(&run->random)), times[i].digits);
}

static void put_counts(struct run *run, struct table *table, const struct row *row, double spread)
{
    double each = 1 + (place_of(run, row) == 0 ? (row->workers - 1) * 0.7 : 0.1) *
                          (1 + spread * noise(&run->random));
    double conns = (double)row->requests, wakeups = conns * each;
    put(table, "censored", "%d", 16);
    put(table, "send_lag_p99_us", "%s", run->shape.open ? "12.3" : "");
    put_measured(run, table, "wakeups", wakeups, 0);
    put_measured(run, table, "useful", conns, 0);
    put_measured(run, table, "spurious", wakeups * 0.1, 0);
    if (run->shape.by_switches)
        put(table, "absorbed", "%s", "");
    else
        put_measured(run, table, "absorbed", wakeups > conns * 1.1 ? wakeups * 0.9 - conns : 0, 0);
    put_measured(run, table, "wakeups_per_conn", each, 3);
    put(table, "eagain", "%u", below(&run->random, 400));
    put(table, "ctx_switches", "%.0f", wakeups * 1.1);
    if (run->shape.counted_only) {
        put(table, "server_cpu_us_per_req", "%s", "");
        put(table, "client_cpu_us_per_req", "%s", "");
    } else {
        put_measured(run, table, "server_cpu_us_per_req",
                     (20 + each * 3) * (1 + spread * noise(&run->random)), 3);
        put_measured(run, table, "client_cpu_us_per_req", 40 * (1 + spread * noise(&run->random)),
                     3);
    }
    put_measured(run, table, "jain", 1 / (1 + 0.1 * (double)below(&run->random, 30)), 4);
    put(table, "max_share", "%.4f", 0.25 + 0.001 * below(&run->random, 500));
    put(table, "idle_workers", "%u", below(&run->random, 4));
}

static void put_machine(struct run *run, struct table *table, const struct row *row)
{
    double latest_us = below(&run->random, 3000) / 10.0;
    put(table, "listen_overflows", "0");
    put(table, "steal_pct", "%s", row->trial % 3 ? "" : "0.00");
    put(table, "hiccup_pct", "%s", "0.00");
    put(table, "hiccup_max_us", "%.1f", latest_us);
    if (run->shape.throttled_columns) {
        put(table, "nr_throttled", "0");
        put(table, "throttled_us", "%s", "");
    }
    put(table, "instrument_diff_pct", "%s", run->shape.by_switches ? "" : "0.0000");
    put(table, "instrument", "%s", run->shape.by_switches ? "ctxsw" : "bpf");
    put(table, "verdict", "%s", row->verdict);
}

static void put_wire(struct run *run, struct table *table, double spread)
{
    static const struct {
        const char *name;
        double us;
    } columns[] = {{"first_byte_p50_us", 410},     {"first_byte_p99_us", 1300},
                   {"wire_synack_p50_us", 3},      {"wire_synack_p99_us", 8},
                   {"wire_wait_p50_us", 15},       {"wire_wait_p99_us", 120},
                   {"wire_first_byte_p50_us", 60}, {"wire_first_byte_p99_us", 300}};
    for (unsigned i = 0; i < COUNT(columns); i++)
        put_measured(run, table, columns[i].name,
                     columns[i].us * (1 + spread * noise(&run->random)), 3);
    put(table, "wire_exchanges", "%u", below(&run->random, 3000));
    put(table, "wire_packets", "%u", below(&run->random, 30000));
    put(table, "wire_dropped", "0");
}

static void fill(struct run *run, struct table *table, const struct row *row)
{
    double spread = run->shape.values == VALUES_TIES ? 0 : run->seed % 3 ? 0.02 : 0.3;
    double rate = throughput_of(run, row, spread);
    table->columns = 0;
    put_key(run, table, row);
    put(table, "window_s", "0.05%04u", below(&run->random, 600));
    put(table, "conns", "%llu", (unsigned long long)row->requests);
    put(table, "requests", "%llu", (unsigned long long)row->requests);
    put(table, "errors_connect", "0");
    put(table, "errors_read", "0");
    put(table, "errors_timeout", "%d", strcmp(row->verdict, "errors") == 0);
    put(table, "errors_status", "0");
    put_times(run, table, row, rate, spread);
    put_counts(run, table, row, spread);
    put_machine(run, table, row);
    if (row->wire)
        put_wire(run, table, spread);
}

/* ---- damage to trials.csv: of a field of the row in the middle, of a column, of the whole file ---- */

static const struct {
    const char *damage, *column, *text;
} bad_fields[] = {{"bad-throughput", "throughput_rps", "fast"},
                  {"bad-workers", "workers", "eight"},
                  {"bad-name", "strategy", "Racing One"},
                  {"number-forms", "latency_p99_us", "0x10"},
                  {"control-bytes", "latency_p50_us", "1\033[2J\a"},
                  {"quoted-field", "strategy", "\"racing\""},
                  {"column-twice", "jain", "0.5"}};

static const struct {
    const char *damage, *column;
} lost_columns[] = {{"no-strategy", "strategy"},
                    {"no-workers", "workers"},
                    {"no-verdict", "verdict"},
                    {"no-round", "round"},
                    {"no-cpus", "cpus"}};

static bool is_left_out(const struct run *run, const char *column)
{
    for (unsigned i = 0; i < COUNT(lost_columns); i++)
        if (is_damaged(run, lost_columns[i].damage) && strcmp(column, lost_columns[i].column) == 0)
            return true;
    return run->shape.without && strcmp(column, run->shape.without) == 0;
}

static const char *shown_name(const struct run *run, const char *name)
{
    return is_damaged(run, "column-twice") && strcmp(name, "idle_workers") == 0 ? "throughput_rps"
                                                                                : name;
}

static void write_line(const struct run *run, FILE *file, const struct table *table, bool header)
{
    const char *comma = "";
    unsigned last = table->columns;
    for (unsigned k = 0; k < last; k++) {
        /* The last column moves to the front. */
        unsigned i = run->shape.verdict_first ? (k + last - 1) % last : k;
        if (is_left_out(run, table->name[i]))
            continue;
        fprintf(file, "%s%s", comma, header ? shown_name(run, table->name[i]) : table->field[i]);
        comma = ",";
    }
}

static bool is_gap(struct run *run, const struct row *row)
{
    return row->trial > 1 && chance(&run->random, run->shape.gap_percent);
}

static void write_row(struct run *run, FILE *file, struct table *table, const struct row *row,
                      bool middle)
{
    fill(run, table, row);
    for (unsigned i = 0; middle && i < COUNT(bad_fields); i++)
        if (is_damaged(run, bad_fields[i].damage))
            snprintf(field_of(table, bad_fields[i].column), FIELD, "%s", bad_fields[i].text);
    if (is_damaged(run, "wire-bad") && row->wire && row->position == 2)
        snprintf(field_of(table, "wire_wait_p50_us"), FIELD, "late");
    if (middle && is_damaged(run, "field-less"))
        table->columns--;
    if (middle && is_damaged(run, "field-more"))
        put(table, "more", "1");
    if (middle && is_damaged(run, "blank-line"))
        fputs("\n", file);
    write_line(run, file, table, false);
    fputs(is_damaged(run, "carriage-return") ? "\r\n" : "\n", file);
    if (middle && is_damaged(run, "rows-twice")) {
        write_line(run, file, table, false);
        fputs("\n", file);
    }
}

/* A row that was cut off: in the middle, or so that its last number is one still */
static void write_half_line(const struct run *run, FILE *file)
{
    if (is_damaged(run, "half-line"))
        fputs("999,3,1,vm,racing,epo", file);
    if (is_damaged(run, "half-line-number"))
        fputs("999,3,1,vm,racing,epoll,2,2", file);
}

static void write_rows(struct run *run, const char *name, bool wire)
{
    struct table table;
    FILE *file = create(run, name);
    unsigned first = wire ? run->count : 0, written = 0;
    for (unsigned i = 0; wire && i < run->count && first == run->count; i++)
        if (run->rows[i].wire)
            first = i;
    if ((!wire && is_damaged(run, "trials-empty")) || (wire && is_damaged(run, "wire-empty"))) {
        finish(file);
        return;
    }
    fill(run, &table, &run->rows[first < run->count ? first : 0]);
    write_line(run, file, &table, true);
    fputs(is_damaged(run, "carriage-return") ? "\r\n" : "\n", file);
    for (unsigned i = first; i < run->count && !is_damaged(run, "trials-header"); i++) {
        if (run->rows[i].wire != wire || is_gap(run, &run->rows[i])) {
            run->rows[i].verdict = run->rows[i].wire == wire ? "gone" : run->rows[i].verdict;
            continue;
        }
        write_row(run, file, &table, &run->rows[i], ++written == 4 && !wire);
    }
    if (!wire)
        write_half_line(run, file);
    finish(file);
}

/* ---- histograms and workers ---- */

static void write_histogram(struct run *run, const char *name, uint64_t total, unsigned trials,
                            bool compact)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s.hgrm", compact ? "latency" : "hist", name);
    FILE *file = create(run, path);
    unsigned lines = 6 + below(&run->random, 8);
    double value = 100 + below(&run->random, 200);
    uint64_t seen = 0;
    fputs("       Value     Percentile TotalCount 1/(1-Percentile)\n\n", file);
    for (unsigned i = 1; i <= lines && total; i++) {
        uint64_t count = i == lines ? total : total * i * i / ((uint64_t)lines * lines);
        if (count <= seen)
            continue;
        seen = count;
        value += value * (1 + below(&run->random, 30)) / 50;
        double share = (double)seen / (double)total;
        if (seen < total)
            fprintf(file, "%.3f %.6f %llu %.2f\n", value, share, (unsigned long long)seen,
                    1 / (1 - share));
        else
            fprintf(file, "%.3f 1.000000 %llu inf\n", value, (unsigned long long)seen);
    }
    if (is_damaged(run, "hist-shrinks") && total)
        fprintf(file, "%.3f 1.000000 0 inf\n", value * 2);
    if (compact)
        fprintf(file, "#[Max = %.3f, Total count = %llu]\n#[Trials = %u]\n", value,
                (unsigned long long)seen, trials);
    else
        fprintf(file,
                "#[Mean    =      500.855, StdDeviation   =      168.026]\n#[Max     =  %.3f, "
                "Total count    =  %llu]\n"
                "#[Buckets =           57, SubBuckets     =          256]\n",
                value, (unsigned long long)seen);
    finish(file);
}

static void write_histograms(struct run *run)
{
    if (is_damaged(run, "no-hist") || run->seed % 23 == 5)
        return;
    make_folder(run, "hist");
    for (unsigned i = 0; i < run->count; i++) {
        char name[32];
        bool chosen = i == 4;
        snprintf(name, sizeof name, "%u", run->rows[i].trial);
        if (run->rows[i].wire || (chosen && is_damaged(run, "hist-missing")))
            continue;
        if (chosen && is_damaged(run, "hist-garbage")) {
            FILE *file = create(run, "hist/5.hgrm");
            fputs("<html>not a histogram</html>\n", file);
            finish(file);
            continue;
        }
        if (chosen && is_damaged(run, "hist-empty")) {
            finish(create(run, "hist/5.hgrm"));
            continue;
        }
        write_histogram(run, name, run->seed % 29 == 7 ? 0 : run->rows[i].requests, 1, false);
    }
}

static void write_workers_of(struct run *run, FILE *file, const struct row *row)
{
    bool peer = begins(name_of(row), "nginx");
    int workers = row->workers < 70 ? row->workers : 70;
    for (int i = 0; i < workers; i++) {
        unsigned accepts = chance(&run->random, 20) || run->seed % 19 == 9
                               ? 0
                               : below(&run->random, 400);
        const char *role = peer                                            ? "thread"
                           : strcmp(name_of(row), "fdpass") == 0 && i == 0 ? "acceptor"
                                                                           : "worker";
        fprintf(file, "%u,%s,%d,%d,%s,", row->trial, name_of(row), row->workers, i, role);
        if (peer)
            fprintf(file, ",,%u,,,,,1,0,3,0.0,41.0,15168.1\n", accepts);
        else
            fprintf(file, "%s%u,%u,%u,1,0,1,2,1,0,3,0.0,41.0,15168.1\n",
                    is_damaged(run, "workers-number") && i == 1 ? "-" : "", accepts, accepts,
                    accepts);
    }
}

static void write_workers(struct run *run)
{
    if (is_damaged(run, "no-workers-csv") || run->seed % 31 == 6)
        return;
    FILE *file = create(run, "workers.csv");
    fprintf(file,
            "trial,strategy,workers,worker,role,%s,requests,wakeups,useful,spurious,absorbed,"
            "eagain,preemptions,"
            "migrations,cross_cpu_wakeups,runq_p50_us,runq_p99_us,cpu_us\n",
            is_damaged(run, "workers-column") ? "taken" : "accepts");
    for (unsigned i = 0; i < run->count; i++)
        write_workers_of(run, file, &run->rows[i]);
    finish(file);
}

/* ---- the compact form: merged by configuration over valid samples ---- */

static bool is_same_configuration(const struct row *a, const struct row *b)
{
    return strcmp(name_of(a), name_of(b)) == 0 && a->workers == b->workers && a->cpus == b->cpus &&
           a->load == b->load && a->requests_each == b->requests_each;
}

static bool is_merged(const struct row *row)
{
    return !row->wire && strcmp(row->verdict, "ok") == 0;
}

/* trials_of: how many rows are merged into this one's configuration; 0 where an earlier row is the first of them */
static unsigned trials_of(const struct run *run, unsigned k)
{
    unsigned trials = 0;
    for (unsigned i = 0; i < run->count; i++) {
        if (!is_merged(&run->rows[i]) || !is_same_configuration(&run->rows[i], &run->rows[k]))
            continue;
        if (i < k)
            return 0;
        trials++;
    }
    return trials;
}

/* key_of: the configuration's fields with a mark between them; what the load has not is `none` */
static void key_of(const struct run *run, const struct row *row, char mark, const char *none,
                   char key[256])
{
    char load[FIELD], each[FIELD];
    snprintf(load, sizeof load, "%d", row->load);
    snprintf(each, sizeof each, "%d", row->requests_each);
    snprintf(key, 256, "%s%c%d%c%d%c%s%c%s%c%s", name_of(row), mark, row->workers, mark, row->cpus,
             mark, run->shape.open ? none : load, mark, run->shape.open ? load : none, mark,
             row->requests_each < 0 ? none : each);
}

static void write_shares_line(struct run *run, FILE *file, const struct row *row, unsigned trials,
                              bool damaged)
{
    char key[256];
    key_of(run, row, ',', "", key);
    fprintf(file, "%s,%u,", key, trials);
    if (begins(name_of(row), "nginx")) {
        fprintf(file, ",\n");
        return;
    }
    int workers = row->workers < 6 ? row->workers : 6;
    double left = 100;
    fprintf(file, "%d,", row->workers - workers);
    for (int i = 1; i <= workers; i++) {
        double share = i == workers ? left : left / (workers - i + 1) * 1.0000;
        fprintf(file, "%s%.6f", i > 1 ? " " : "", damaged ? share / 2 : share);
        left -= share;
    }
    fputs("\n", file);
}

static void write_compact(struct run *run)
{
    bool first = true;
    FILE *file = create(run, "shares.csv");
    make_folder(run, "latency");
    fputs("strategy,workers,cpus,connections,rate_offered,requests_per_connection,trials,idle_"
          "workers,shares\n",
          file);
    for (unsigned i = 0; i < run->count; i++) {
        char key[256];
        unsigned trials = is_merged(&run->rows[i]) ? trials_of(run, i) : 0;
        if (!trials)
            continue;
        key_of(run, &run->rows[i], '_', "-", key);
        if (!first || !is_damaged(run, "latency-missing"))
            write_histogram(run, key, run->rows[i].requests * trials,
                            trials + (first && is_damaged(run, "latency-trials")), true);
        if (first && is_damaged(run, "latency-count")) {
            char path[300];
            snprintf(path, sizeof path, "latency/%s.hgrm", key);
            FILE *cut = create(run, path);
            fprintf(
                cut,
                "       Value     Percentile TotalCount 1/(1-Percentile)\n\n241.663 0.5 3 2.00\n"
                "#[Max = 241.663, Total count = 7]\n#[Trials = %u]\n",
                trials);
            finish(cut);
        }
        if (!first || !is_damaged(run, "shares-missing"))
            write_shares_line(run, file, &run->rows[i], trials,
                              first && is_damaged(run, "shares-sum"));
        first = false;
    }
    finish(file);
}

/* ---- plan, settings, strategies ---- */

static void write_plan(const struct run *run)
{
    if (is_damaged(run, "no-plan") || run->seed % 13 == 8)
        return;
    bool old = run->seed % 17 == 3; /* `wire` instead of `kind`, and no load_words */
    FILE *file = create(run, "plan.tsv");
    if (is_damaged(run, "plan-empty")) {
        finish(file);
        return;
    }
    fprintf(file,
            "trial\tround\tposition\tstrategy\tserver\tbackend\tworkers\tcpus\tserver_cpus\tclient_"
            "cpus\tthreads\t"
            "connections\trate\trequests_per_connection\twindow\twarmup\tseed\tinstrument\t%s\n",
            old ? "wire" : "load_words\tkind");
    for (unsigned i = 0; i < run->count; i++) {
        const struct row *row = &run->rows[i];
        const char *server = row->strategy             ? row->strategy
                             : run->shape.reference[0] ? run->shape.reference
                                                       : "racing";
        char load[FIELD], each[FIELD];
        snprintf(load, sizeof load, "%d", row->load);
        snprintf(each, sizeof each, "%d", row->requests_each < 0 ? 1 : row->requests_each);
        fprintf(file,
                "%u\t%u\t%u\t%s\t%s%s\tepoll\t%d\t%d\t-\t-\t2\t%s\t%s\t%s\t%s\t50ms\t%u\tauto\t",
                row->trial, row->round, row->position, name_of(row), server,
                run->seed % 12 == 7 && i % 2 ? " --service-us 10" : "", row->workers, row->cpus,
                run->shape.open ? "-" : load, run->shape.open ? load : "-", each,
                run->variant == 1                         ? "0.05s"
                : run->variant == 2 && run->seed % 3 == 0 ? "60ms"
                                                          : "50ms",
                run->seed);
        if (old)
            fprintf(file, "%s\n", row->wire ? "yes" : "no");
        else
            fprintf(file, "%s\t%s%s\n",
                    row->requests_each < 0 ? "--mix short"
                    : run->shape.open      ? "--arrivals poisson"
                                           : "-",
                    i == 0      ? "warm-up"
                    : row->wire ? "wire"
                                : "measured",
                    is_damaged(run, "plan-width") && i == 3 ? "\tmore" : "");
    }
    finish(file);
}

static void write_axis(FILE *file, const char *name, const struct axis *axis, int per_cpus,
                       bool given)
{
    fprintf(file, "%s\t", name);
    char unit[16] = "";
    if (per_cpus)
        snprintf(unit, sizeof unit, "/%.*dcpu", per_cpus > 1, per_cpus > 1 ? per_cpus : 0);
    for (unsigned i = 0; given && i < axis->count; i++)
        fprintf(file, "%s%d%s", i ? "," : "", axis->value[i], unit);
    fputs(given ? "\n" : "-\n", file);
}

static void write_settings(const struct run *run)
{
    const struct shape *shape = &run->shape;
    if (is_damaged(run, "settings-none") || run->seed % 21 == 11)
        return;
    FILE *file = create(run, "settings.tsv");
    fputs("strategies\t", file);
    for (unsigned i = 0; i < shape->names; i++)
        fprintf(file, "%s%s", i ? "," : "", shape->name[i]);
    fprintf(file, "\npeers\t-\nalso\t-\nreference\t%s\n", shape->reference);
    if (is_damaged(run, "settings-other"))
        fputs("workers\t77\n", file);
    else
        write_axis(file, "workers", &shape->workers, shape->per_cpus, true);
    write_axis(file, "cpus", &shape->cpus, false, true);
    fputs("split\thalf\n", file);
    write_axis(file, "connections", &shape->loads, shape->per_cpus, !shape->open);
    write_axis(file, "rate", &shape->loads, false, shape->open);
    fprintf(file, "arrivals\t%s\n", shape->open ? shape->arrivals : "-");
    write_axis(file, "requests_per_connection", &shape->requests, false, true);
    fprintf(file,
            "threads\tauto\nload\t%s\nrounds\t%u\nprecision\t-\nmax_time\t-"
            "\nwindow\t50ms\nwarmup\t%s\n",
            run->seed % 14 == 2 ? "--mix \"a|b\" <x> & \033[1m" : "-", shape->rounds,
            run->seed % 8 == 1 ? "-" : "50ms");
    fprintf(file, "instrument\t%s\nwire_rounds\t%d\n", shape->by_switches ? "ctxsw" : "auto",
            shape->wire ? 2 : 0);
    if (run->seed % 10)
        fprintf(file, "seed\t%u\n", run->seed);
    finish(file);
}

static const char *const expressions[] = {"n",
                                          "1",
                                          "2*n",
                                          "1 .. n",
                                          "n>1 ? 2 : 1",
                                          "n>1 ? 2 : 1 .. n>1 ? 2+2*r : 1",
                                          "-",
                                          "n + * 2",
                                          "foo(n)",
                                          "",
                                          "(n + 1) * 2 .. n * 10",
                                          "n-1",
                                          "0",
                                          "n == 2",
                                          "2n",
                                          "n ..",
                                          "(n",
                                          "$(echo 7)",
                                          "n <= 4 ? n : 4"};

static const char *const summaries[] = {
    "all workers watch the listener, all are woken, one wins",
    "one is woken (EPOLLEXCLUSIVE, EV_WAKEONE)", "<b>odd</b> & \"quoted\" | piped",
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): readers must replace it */
    "caf\303\251 \342\200\256turned \033[31mred"};

static void write_strategies(const struct run *run)
{
    const struct shape *shape = &run->shape;
    if (is_damaged(run, "strategies-none") || run->seed % 18 == 13)
        return;
    FILE *file = create(run, "strategies.tsv");
    unsigned expression = run->seed * 3;
    for (unsigned i = 0; i < shape->names + shape->again; i++) {
        bool control = i == shape->names;
        const char *base = shape->reference[0] ? shape->reference : "racing";
        const char *role = control                                         ? "again"
                           : strcmp(shape->name[i], shape->reference) == 0 ? "reference"
                                                                           : "-";
        fprintf(file, "%s%s\t%s\t%s", control ? base : shape->name[i], control ? "-again" : "",
                PICK(expressions, expression + i), PICK(summaries, run->seed / 3 + i));
        if (run->seed % 27 == 20)
            fputs("\n", file); /* as earlier versions wrote it */
        else
            fprintf(file, "\t%s\t%s\n", control ? base : shape->name[i], role);
    }
    finish(file);
}

static void write_skipped(const struct run *run)
{
    if (run->seed % 5 != 2)
        return;
    FILE *file = create(run, "skipped.tsv");
    fputs("uring\tnot available on this kernel: io_uring_setup: Operation not permitted\n"
          "h2o\tthere is no h2o: apt-get install h2o & <co> *now*\033[0m\n",
          file);
    finish(file);
}

/* ---- env.json ---- */

static void write_full_environment(const struct run *run, FILE *file)
{
    static const char *const hosts[] = {"vm",
                                        "db-7",
                                        "a \\\"host\\\" <x> & y",
                                        "h\\u00f6st \\u202eabc",
                                        "tab\\there",
                                        "star*under_score|pipe"};
    static const char *const kernels[] = {"6.18.44-fc-v595", "6.1.0-56-rt-amd64", "5.10.0 <b>",
                                          "6.12.1"};
    fprintf(file, "{\n  \"utc\": \"2026-11-%02uT04:29:24Z\",\n", 1 + run->seed % 28);
    fprintf(file, "  \"commit\": \"%s\",\n",
            run->variant == 2 ? "not known"
            : run->variant    ? "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
                              : "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    fprintf(file,
            "  \"modified\": %s,\n  \"host\": \"%s\",\n  \"machine\": \"%s\",\n  \"system\": "
            "\"Debian GNU/Linux 12\",\n",
            run->seed % 2 ? "true" : "false", PICK(hosts, run->seed / 4), run->shape.machine);
    fprintf(file,
            "  \"kernel\": \"%s\",\n  \"kernel_build\": \"#1 SMP PREEMPT_DYNAMIC @0\",\n  "
            "\"arch\": \"x86_64\",\n",
            PICK(kernels, run->seed / 2));
    fprintf(file,
            "  \"boot_line\": \"mitigations=auto console=ttyS0 quiet seed=%u a b c d e f g h i j "
            "k\",\n",
            run->seed % 3);
    fprintf(file,
            "  \"cpu\": {\"model\": \"Intel(R) Xeon(R) @ 2.50GHz\", \"online\": \"0-%u\", "
            "\"governor\": null, \"topology\": {}},\n",
            run->seed % 4);
    fprintf(file,
            "  \"memory_kib\": %u,\n  \"load_average_before\": \"0.72 3.72 2.54\",\n  \"list\": "
            "[1, \"two\", null, [3]],\n",
            24684096 + run->seed % 3);
    fprintf(file,
            "  \"sysctls\": {\"net.core.somaxconn\": \"%u\", \"kernel.sched_autogroup_enabled\": "
            "\"1\"},\n",
            run->seed % 3 ? 4096U : 128U);
    fputs("  \"versions\": {\"gcc\": \"gcc (Debian 12.2.0-14) 12.2.0\", \"bash\": null, \"awk\": "
          "0.5},\n",
          file);
    if (run->seed % 4 != 1)
        fputs("  \"facts\": {\"smt\": \"on\", \"cpus\": \"1\", \"open_files\": 65536, \"odd\": "
              "\"`x` [y] #z ~\"},\n  \"warnings\": [\"smt\", \"cpus\", \"unknown-warning\"],\n",
              file);
    if (strcmp(run->shape.machine, "virtual") == 0)
        fprintf(file,
                "  \"lab\": {\"kernel\": \"cloud\", \"virtual\": {\"model\": \"%s\", \"prices\": "
                "\"graviton2\", \"price_ns\": 0.44, "
                "\"miss_ns\": 47.2, \"upgrade_ns\": 47.2, \"quantum_us\": 2}},\n",
                run->seed % 2 ? "coherent" : "flat");
    fprintf(file, "  \"schema\": %u\n}\n", run->seed % 9 == 4 ? 2U : 1U);
}

static void write_environment(const struct run *run)
{
    static const char *const broken[] = {"{\"utc\": \"2026-11-28T04", "[]\n",       "",
                                         "no JSON at all\n",          "\"text\"\n", "{} {}\n"};
    if (run->seed % 15 == 14)
        return;
    FILE *file = create(run, "env.json");
    if (is_damaged(run, "env-broken") || run->seed % 32 == 14)
        fputs(PICK(broken, run->seed / 32), file);
    else if (run->seed % 11 == 6)
        fputs("{\"kernel\": \"6.1\", \"utc\": null, \"odd\\u0007name\": \"\\u0000\\ufeff\"}\n",
              file);
    else
        write_full_environment(run, file);
    finish(file);
}

/* ---- what only guests have ---- */

static void write_where_lines(struct run *run, FILE *file, const struct row *row)
{
    static const char *const parts[] = {"programs", "network",  "kernel", "waiting", "walk",
                                        "wakeups",  "switches", "lock",   "idle"};
    for (unsigned i = 0; i < 2 * COUNT(parts); i++) {
        bool chosen = row->trial == 5 && i == 3;
        const char *part = parts[i / 2],
                   *backend = begins(name_of(row), "kqueue-") ? "kqueue" : "epoll";
        if (chosen && is_damaged(run, "where-twice"))
            part = parts[0];
        fprintf(file, "%d,%s,%s,%d,%u,%s,%s,", row->cpus, name_of(row), backend,
                row->workers + (chosen && is_damaged(run, "where-other")), row->trial,
                i % 2 ? "client" : "server", part);
        if (chosen && is_damaged(run, "where-number"))
            fputs("-1.5,0.000,1.0\n", file);
        else {
            unsigned us = below(&run->random, i < 2 ? 3 : 200), part_us = below(&run->random, 1000);
            fprintf(file, "%u.%03u,0.000,%u.0\n", us, part_us, below(&run->random, 9999));
        }
    }
}

static void write_where(struct run *run)
{
    if (strcmp(run->shape.machine, "virtual") != 0 || run->seed % 10 == 1)
        return;
    FILE *file = create(run, "where.csv");
    fprintf(file,
            "cpus,strategy,backend,workers,trial,side,%s,us_per_req,stall_us_per_req,instructions_"
            "per_req\n",
            is_damaged(run, "where-columns") ? "piece" : "part");
    for (unsigned i = 0; i < run->count; i++)
        if (!run->rows[i].wire)
            write_where_lines(run, file, &run->rows[i]);
    finish(file);
}

static void write_selftest(struct run *run)
{
    if (strcmp(run->shape.machine, "vm") == 0 || strcmp(run->shape.machine, "metal") == 0)
        return;
    FILE *file = create(run, "selftest.csv");
    fputs("cpus,strategy,workers,expected,counted,useful,order,verdict\n", file);
    for (unsigned i = 0; i < run->shape.names; i++)
        for (unsigned w = 0; w < run->shape.workers.count; w++)
            fprintf(file, "%d,%s,%d,1.00,%s,1.00,any,ok\n", run->shape.cpus.value[0],
                    run->shape.name[i], run->shape.workers.value[w],
                    chance(&run->random, 20)   ? "2.00"
                    : chance(&run->random, 20) ? "in-range"
                                               : "1.00");
    finish(file);
}

/* ---- */

static void write_run(struct run *run)
{
    if (!is_damaged(run, "trials-none"))
        write_rows(run, "trials.csv", false);
    if (is_damaged(run, "directory-bare"))
        return;
    if (run->shape.wire)
        write_rows(run, "wire.csv", true);
    if (run->shape.compact) {
        write_compact(run);
    } else {
        write_histograms(run);
        write_workers(run);
    }
    write_plan(run);
    write_settings(run);
    write_strategies(run);
    write_skipped(run);
    write_environment(run);
    write_where(run);
    write_selftest(run);
}

int main(int argc, char **argv)
{
    static struct run run;
    char *end = NULL;
    unsigned long seed = argc == 3 ? strtoul(argv[1], &end, 10) : 0;
    if (argc != 3 || *end || seed < 1 || seed > 1000000) {
        fprintf(stderr, "usage: make_run SEED DIR (SEED from 1 to 1000000)\n");
        return 2;
    }
    run.seed = (unsigned)seed;
    run.group = (run.seed - 1) / 4;
    run.variant = (run.seed - 1) % 4;
    run.damage = run.variant == 3 ? PICK(damages, run.group) : "";
    run.directory = argv[2];
    run.random.state = seed;
    choose_shape(&run);
    choose_variant(&run);
    make_rows(&run);
    write_run(&run);
    return 0;
}
