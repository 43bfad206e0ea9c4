/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include "harness/lib/record.h"
#include "harness/lib/terminal.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

/* ---- rows: one per process or thread, and one for all that were created and have ended ---- */

struct row {
    const char *name;
    pid_t pid;       /* 0 = several */
    pid_t tid;       /* 0 = all threads of the process */
    unsigned number; /* of processes or threads in it */
    unsigned threads;
    bool ended;
    struct sums sums;
};

static bool is_one_of_many(const struct worker *worker)
{
    return worker->began && worker->threads == 0;
}

static struct row row_of(const struct worker *worker)
{
    return (struct row){
        .name = worker->name,
        .pid = worker->pid,
        .tid = worker->tid,
        .number = 1,
        .threads = worker->threads,
        .ended = worker->threads == 0,
        .sums = worker->sums,
    };
}

static void row_add(struct row *row, const struct worker *worker)
{
    row->number++;
    row->threads += worker->threads;
    sums_add(&row->sums, &worker->sums);
}

static struct row ended_children(const struct workers *workers)
{
    struct row row = {.name = "ended", .ended = true};
    for (unsigned i = 0; i < workers->count; i++)
        if (is_one_of_many(&workers->all[i]))
            row_add(&row, &workers->all[i]);
    return row;
}

static struct row everybody(const struct workers *workers)
{
    struct row row = {.name = "all"};
    for (unsigned i = 0; i < workers->count; i++)
        row_add(&row, &workers->all[i]);
    return row;
}

static const struct workers *listed(const struct report *report)
{
    return report->apart ? report->apart : report->workers;
}

static void each_row(const struct report *report, void (*print)(const struct row *, void *),
                     void *context)
{
    const struct workers *workers = listed(report);
    for (unsigned i = 0; i < workers->count; i++)
        if (!is_one_of_many(&workers->all[i])) {
            struct row row = row_of(&workers->all[i]);
            print(&row, context);
        }
    struct row ended = ended_children(workers);
    if (ended.number > 0)
        print(&ended, context);
}

static void each_row_and_total(const struct report *report,
                               void (*print)(const struct row *, void *), void *context)
{
    struct row all = everybody(listed(report));
    each_row(report, print, context);
    print(&all, context);
}

/* ---- derived values ---- */

static double per(uint64_t count, uint64_t of)
{
    return of && of != NOT_COUNTED ? (double)count / (double)of : NAN;
}

/* Threads that share the connections: those of processes that are not only supervisors. */
struct working {
    unsigned threads, processes;
};

static struct working working(const struct workers *workers)
{
    struct working working = {0};
    for (unsigned i = 0; i < workers->count; i++) {
        const struct worker *worker = &workers->all[i];
        if (worker->lived == 0 || worker_supervises(workers, worker))
            continue;
        working.threads += worker->lived;
        working.processes++;
    }
    return working;
}

static uint64_t found_nothing(const struct sums *sums)
{
    return sums->counts[COUNT_ABSORBED] + sums->counts[COUNT_SPURIOUS] -
           sums->counts[COUNT_TIMEOUTS];
}

/* Wakeups caused by new connections, per connection; NAN if the causes are unknown. One is the minimum needed, and less is
 * usual under load, when workers are awake. For untracked listeners none is counted, and if other processes share the
 * listener more are counted than accepted. */
static double woken_per_connection(const struct report *report, const struct sums *sums)
{
    uint64_t accepted = report->connections, seen = report->connections_seen;
    return per(sums->for_connection, seen < accepted ? seen : accepted);
}

/* ---- CSV and JSON ---- */

struct rows {
    const struct report *report;
    uint64_t accepts;
    FILE *file;
    unsigned printed;
};

static struct rows rows_of(const struct report *report, FILE *file)
{
    return (struct rows){
        .report = report,
        .accepts = everybody(report->workers).sums.counts[COUNT_ACCEPTS],
        .file = file,
    };
}

enum { COUNT_FIELDS = 17, ROW_FIELDS = COUNT_FIELDS + 5 };

static void fill_counts(struct field fields[COUNT_FIELDS], const struct sums *sums,
                        const struct rows *rows)
{
    const uint64_t *counts = sums->counts;
    bool known = rows->report->by_counter;
    const struct field values[COUNT_FIELDS] = {
        field_count("wakeups", counts[COUNT_WAKEUPS]),
        field_count("useful", known ? counts[COUNT_USEFUL] : NOT_COUNTED),
        field_count("spurious", known ? counts[COUNT_SPURIOUS] : NOT_COUNTED),
        field_count("absorbed", known ? counts[COUNT_ABSORBED] : NOT_COUNTED),
        field_count("timeouts", known ? counts[COUNT_TIMEOUTS] : NOT_COUNTED),
        field_real("wakeups_per_conn", per(counts[COUNT_WAKEUPS], rows->report->connections), 3),
        field_count("accepts", known ? counts[COUNT_ACCEPTS] : NOT_COUNTED),
        field_real("share", known ? per(counts[COUNT_ACCEPTS], rows->accepts) : NAN, 4),
        field_count("eagain", known ? counts[COUNT_EAGAIN] : NOT_COUNTED),
        field_count("for_connection", known ? sums->for_connection : NOT_COUNTED),
        field_count("woken_first", known ? sums->first : NOT_COUNTED),
        field_count("preemptions", counts[COUNT_PREEMPTIONS]),
        field_count("migrations", known ? counts[COUNT_MIGRATIONS] : NOT_COUNTED),
        field_count("cross_cpu_wakeups", known ? counts[COUNT_CROSS_CPU] : NOT_COUNTED),
        field_real("runq_p50_us", known ? sums_delay_us(sums, 50) : NAN, 1),
        field_real("runq_p99_us", known ? sums_delay_us(sums, 99) : NAN, 1),
        field_real("asleep_s", known ? (double)sums->asleep_ns / 1e9 : NAN, 3),
    };
    memcpy(fields, values, sizeof values);
}

static void fill_row(struct field fields[ROW_FIELDS], const struct row *row,
                     const struct rows *rows)
{
    bool apart = rows->report->apart != NULL;
    fields[0] = field_count("pid", row->pid ? (uint64_t)row->pid : NOT_COUNTED);
    fields[1] = field_text("name", row->name);
    fields[2] = field_count("processes", apart ? NOT_COUNTED : row->number);
    fill_counts(fields + 3, &row->sums, rows);
    fields[3 + COUNT_FIELDS] = field_count("threads", row->threads);
    fields[4 + COUNT_FIELDS] = field_count("tid", row->tid ? (uint64_t)row->tid : NOT_COUNTED);
}

static void print_csv_row(const struct row *row, void *context)
{
    struct rows *rows = context;
    struct field fields[ROW_FIELDS];
    fill_row(fields, row, rows);
    if (rows->printed++ == 0)
        record_write_csv_header(rows->file, fields, ROW_FIELDS);
    record_write_csv(rows->file, fields, ROW_FIELDS);
}

void report_csv(const struct report *report, FILE *file)
{
    struct rows rows = rows_of(report, file);
    each_row_and_total(report, print_csv_row, &rows);
}

static void print_json_row(const struct row *row, void *context)
{
    struct rows *rows = context;
    struct field fields[ROW_FIELDS];
    fill_row(fields, row, rows);
    fputs(rows->printed++ ? ",\n" : "", rows->file);
    record_write_json(rows->file, fields, ROW_FIELDS);
}

static struct sampled_ratio not_sampled(double ratio)
{
    return (struct sampled_ratio){ratio, NAN, NAN};
}

/* With the confidence interval of sampling. */
static struct sampled_ratio wakeups_per_connection(const struct report *report,
                                                   const struct sums *sums)
{
    return report->samples ? samples_wakeups(report->samples)
                           : not_sampled(per(sums->counts[COUNT_WAKEUPS], report->connections));
}

/* Totals are not among the workers, so that sums over these are correct. */
static void print_json_summary(const struct rows *rows)
{
    const struct report *report = rows->report;
    const struct row all = everybody(report->workers);
    char sentence[1024];
    report_sentence(report, sentence, sizeof sentence);
    struct sampled_ratio wakeups = wakeups_per_connection(report, &all.sums);
    struct sampled_ratio woken = report->samples ? samples_woken(report->samples)
                                                 : not_sampled(NAN);
    const struct field about[] = {
        field_text("instrument", report->by_counter ? "bpf" : "ctxsw"),
        field_real("seconds", report->seconds, 3),
        field_count("connections", report->connections),
        field_count("processes", all.number),
        field_count("threads", all.threads),
        field_count("workers", working(report->workers).threads),
        field_real("woken_per_conn",
                   report->by_counter ? woken_per_connection(report, &all.sums) : NAN, 3),
        field_count("lost_tasks", report->losses.tasks),
        field_count("lost_events", report->losses.events),
        field_count("lost_runs", report->losses.runs),
        field_count("missed_wakeups",
                    report->by_counter ? all.sums.counts[COUNT_MISSED] : NOT_COUNTED),
        field_text("sentence", sentence),
        field_count("samples", report->samples ? report->samples->count : NOT_COUNTED),
        field_real("wakeups_per_conn_low", wakeups.low, 3),
        field_real("wakeups_per_conn_high", wakeups.high, 3),
        field_real("woken_per_conn_low", woken.low, 3),
        field_real("woken_per_conn_high", woken.high, 3),
    };
    enum { ABOUT = sizeof about / sizeof *about };
    struct field fields[ABOUT + COUNT_FIELDS];
    memcpy(fields, about, sizeof about);
    fill_counts(fields + ABOUT, &all.sums, rows);
    record_write_json(rows->file, fields, ABOUT + COUNT_FIELDS);
}

void report_json(const struct report *report, FILE *file)
{
    struct rows rows = rows_of(report, file);
    fputs("{\n\"summary\": ", file);
    print_json_summary(&rows);
    fputs(",\n\"workers\": [\n", file);
    each_row(report, print_json_row, &rows);
    fputs("]\n}\n", file);
}

/* ---- tables ---- */

/* If columns do not fit the terminal, those of the highest rank are left out; never those of rank 0. */
struct column {
    const char *name;
    unsigned width; /* including the space before it */
    unsigned rank;
    bool is_text; /* left-aligned, and truncated */
};

enum { RANKS = 16 };

/* A line that is written column by column */
struct line {
    FILE *file;
    const struct column *columns; /* ends with one without a name */
    unsigned highest;             /* highest rank that fits */
    unsigned at;
};

static unsigned width_up_to(const struct column *columns, unsigned rank)
{
    unsigned width = 0;
    for (; columns->name; columns++)
        if (columns->rank <= rank)
            width += columns->width;
    return width;
}

static struct line line_in(FILE *file, const struct column *columns)
{
    unsigned room = terminal_room(file);
    struct line line = {.file = file, .columns = columns, .highest = RANKS};
    while (room && line.highest > 0 && width_up_to(columns, line.highest) > room)
        line.highest--;
    return line;
}

static void end_line(struct line *line)
{
    putc('\n', line->file);
    line->at = 0;
}

static void print_text(struct line *line, const char *text)
{
    const struct column *column = &line->columns[line->at++];
    if (column->rank > line->highest)
        return;
    int width = (int)column->width;
    if (column->is_text)
        fprintf(line->file, " %-*.*s", width - 1, width - 1, text);
    else
        fprintf(line->file, "%*s", width, text);
}

static void print_count(struct line *line, uint64_t count, bool known)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)count);
    print_text(line, known ? text : "-");
}

static void print_real(struct line *line, int decimals, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    print_text(line, isfinite(value) ? text : "-");
}

static void print_header(struct line *line)
{
    for (const struct column *column = line->columns; column->name; column++)
        print_text(line, column->name);
    end_line(line);
}

static void print_who(struct line *line, const struct row *row)
{
    char who[24];
    char ended = row->ended ? '*' : ' ';
    pid_t id = row->tid ? row->tid : row->pid;
    if (id)
        snprintf(who, sizeof who, "%d%c", (int)id, ended);
    else
        snprintf(who, sizeof who, "(%u)%c", row->number, ended);
    print_text(line, who);
    print_text(line, row->name);
}

static const struct column table_columns[] = {
    {"worker ", 9, 0, false},    {"name", 16, 3, true},       {"wakeups", 11, 0, false},
    {"useful", 11, 4, false},    {"spurious", 11, 5, false},  {"absorbed", 11, 6, false},
    {"per conn", 9, 1, false},   {"accepts", 10, 2, false},   {"share %", 8, 7, false},
    {"woken 1st", 10, 9, false}, {"runq p50", 10, 10, false}, {"runq p99", 10, 8, false},
    {NULL, 0, 0, false},
};

static const struct column live_columns[] = {
    {"worker ", 9, 0, false},   {"name", 16, 2, true},        {"wakeups/s", 11, 0, false},
    {"useful/s", 11, 3, false}, {"spurious/s", 11, 4, false}, {"absorbed/s", 11, 5, false},
    {"per conn", 9, 1, false},  {"runq p50", 10, 7, false},   {"runq p99", 10, 6, false},
    {NULL, 0, 0, false},
};

struct table {
    struct rows rows;
    struct line line;
};

static void print_table_row(const struct row *row, void *context)
{
    struct table *table = context;
    struct line *line = &table->line;
    const uint64_t *counts = row->sums.counts;
    const struct report *report = table->rows.report;
    bool known = report->by_counter;
    print_who(line, row);
    print_count(line, counts[COUNT_WAKEUPS], true);
    print_count(line, counts[COUNT_USEFUL], known);
    print_count(line, counts[COUNT_SPURIOUS], known);
    print_count(line, counts[COUNT_ABSORBED], known);
    print_real(line, 3, per(counts[COUNT_WAKEUPS], report->connections));
    print_count(line, counts[COUNT_ACCEPTS], known);
    print_real(line, 1, known ? 100 * per(counts[COUNT_ACCEPTS], table->rows.accepts) : NAN);
    print_count(line, row->sums.first, known);
    print_real(line, 1, known ? sums_delay_us(&row->sums, 50) : NAN);
    print_real(line, 1, known ? sums_delay_us(&row->sums, 99) : NAN);
    end_line(line);
}

void report_table(const struct report *report, FILE *file)
{
    struct table table = {rows_of(report, file), line_in(file, table_columns)};
    print_header(&table.line);
    each_row_and_total(report, print_table_row, &table);
    struct row all = everybody(report->workers);
    fprintf(file, "\n%.1f s", report->seconds);
    if (report->samples)
        fprintf(file, " in %u samples", report->samples->count);
    fprintf(file, ", run queue in us (12.5 %% wide); %llu preemptions",
            (unsigned long long)all.sums.counts[COUNT_PREEMPTIONS]);
    if (report->by_counter)
        fprintf(file, ", %llu migrations, %llu wakeups by another CPU",
                (unsigned long long)all.sums.counts[COUNT_MIGRATIONS],
                (unsigned long long)all.sums.counts[COUNT_CROSS_CPU]);
    fputs("\n", file);
}

/* Counts of the last interval. */
static void print_live_row(struct line *line, const struct report *report, const struct row *now,
                           const struct sums *before)
{
    struct sums passed = now->sums;
    bool known = report->by_counter;
    for (unsigned i = 0; i < TASK_COUNTS; i++)
        passed.counts[i] -= before->counts[i];
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        passed.delays[i] -= before->delays[i];
    print_who(line, now);
    print_real(line, 0, (double)passed.counts[COUNT_WAKEUPS] / report->since_before);
    print_real(line, 0, known ? (double)passed.counts[COUNT_USEFUL] / report->since_before : NAN);
    print_real(line, 0, known ? (double)passed.counts[COUNT_SPURIOUS] / report->since_before : NAN);
    print_real(line, 0, known ? (double)passed.counts[COUNT_ABSORBED] / report->since_before : NAN);
    print_real(line, 2, per(now->sums.counts[COUNT_WAKEUPS], report->connections));
    print_real(line, 1, known ? sums_delay_us(&passed, 50) : NAN);
    print_real(line, 1, known ? sums_delay_us(&passed, 99) : NAN);
    end_line(line);
}

/* A wrapped line would shift the next table. */
static void print_cut(FILE *file, const char *text)
{
    unsigned room = terminal_room(file);
    fprintf(file, "%.*s\n", room ? (int)room : INT_MAX, text);
}

void report_live(const struct report *report, FILE *file, unsigned lines)
{
    enum { AROUND = 6 };
    char text[96];
    struct line line = line_in(file, live_columns);
    const struct workers *workers = listed(report);
    struct row all = everybody(workers);
    struct sums all_before = {0};
    unsigned room = lines > AROUND ? lines - AROUND : 1, shown = 0, hidden = 0;

    print_header(&line);
    for (unsigned i = 0; i < workers->count; i++) {
        const struct worker *worker = &workers->all[i];
        struct row row = row_of(worker);
        sums_add(&all_before, &worker->before);
        if (row.ended)
            continue;
        if (shown++ < room)
            print_live_row(&line, report, &row, &worker->before);
        else
            hidden++;
    }
    print_live_row(&line, report, &all, &all_before);
    if (hidden)
        fprintf(file, "and %u more\n", hidden);
    snprintf(text, sizeof text, "%.0f s by %s; press Ctrl-C for the report; run queue in us",
             report->seconds, report->by_counter ? "bpf" : "context switches");
    print_cut(file, text);
}

/* ---- summary sentence ---- */

enum { FEW_CONNECTIONS = 20 };
static const double A_HERD = 2, SOME_HERD = 1.5; /* wakeups caused per connection */

static void __attribute__((format(printf, 3, 4)))
append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void append_workers(const struct working *working, char *text, size_t size)
{
    append(text, size, "%u worker%s", working->threads, working->threads == 1 ? "" : "s");
    if (working->threads > working->processes)
        append(text, size, " (threads of %u process%s)", working->processes,
               working->processes == 1 ? "" : "es");
}

static void append_what_was_wasted(const struct sums *sums, char *text, size_t size)
{
    double absorbed = 100 * per(sums->counts[COUNT_ABSORBED], sums->counts[COUNT_WAKEUPS]);
    double spurious = 100 * per(sums->counts[COUNT_SPURIOUS] - sums->counts[COUNT_TIMEOUTS],
                                sums->counts[COUNT_WAKEUPS]);
    if (sums->counts[COUNT_ABSORBED] * 2 >= found_nothing(sums))
        append(
            text, size,
            " %.0f %% of all were absorbed: they found nothing and did not return to user space.",
            absorbed);
    else
        append(text, size,
               " %.0f %% of all were spurious: they returned to user space and found nothing.",
               spurious);
}

/* Methods that wake one worker per connection, and that the server does not use yet. */
static void append_what_to_do(unsigned done, char *text, size_t size)
{
    static const struct {
        unsigned means; /* enum sharing; 0 = not visible in /proc */
        const char *text;
    } ways[] = {
        {SHARES_EXCLUSIVELY, "EPOLLEXCLUSIVE (wakeone)"},
        {0, "blocking accept"},
        {SHARES_NOTHING, "a listener for each worker (reuseport)"},
    };
    enum { WAYS = sizeof ways / sizeof *ways };
    unsigned left = 0, listed = 0;
    for (unsigned i = 0; i < WAYS; i++)
        left += !(done & ways[i].means);
    append(text, size, " One is enough: ");
    for (unsigned i = 0; i < WAYS; i++)
        if (!(done & ways[i].means))
            append(text, size, "%s%s",
                   listed++ == 0   ? ""
                   : listed < left ? ", "
                   : left > 2      ? ", or "
                                   : " or ",
                   ways[i].text);
    append(text, size, ": docs/strategies.md compares their costs.");
}

/* Per connection, without the wakeups that connections caused in vain: a worker that passes on an epoll descriptor or a
 * lock wakes the next one, which may find nothing. */
static double in_vain_by_others(const struct report *report, const struct sums *sums)
{
    uint64_t in_vain = found_nothing(sums), by_connections = sums->for_connection - sums->first;
    return in_vain > by_connections ? per(in_vain - by_connections, report->connections) : 0;
}

/* Under load few workers sleep. The wakeups of connections that woke any show the behaviour at a lower rate. */
static void append_no_herd(const struct report *report, const struct sums *sums, char *text,
                           size_t size)
{
    double by_others = in_vain_by_others(report, sums);
    double of_those_asleep = per(sums->for_connection, sums->first);
    append(text, size, ": no herd. %.0f %% found something to do.",
           100 * per(sums->counts[COUNT_USEFUL], sums->counts[COUNT_WAKEUPS]));
    if (sums->first >= FEW_CONNECTIONS && of_those_asleep >= SOME_HERD)
        append(text, size,
               " Connections that found workers asleep woke %.1f of them, a herd at lower "
               "rates.",
               of_those_asleep);
    if (by_others >= SOME_HERD - 1)
        append(text, size,
               " %.1f per connection found nothing; these were not caused by new connections.",
               by_others);
}

/* Wakeups in vain are at most those that found nothing: if these are few, there is no herd. */
static void append_without_cause(const struct report *report, const struct sums *sums, char *text,
                                 size_t size)
{
    double in_vain = per(found_nothing(sums), report->connections);
    if (in_vain < SOME_HERD - 1) {
        append_no_herd(report, sums, text, size);
        return;
    }
    append(
        text, size,
        ", %.1f of them found nothing. Wakeups caused by new connections are known for TCP only.",
        in_vain);
    append_what_was_wasted(sums, text, size);
}

/* More than the number of workers: other processes accept connections for which these were woken. */
static void append_how_many_woke(double woken, unsigned workers, char *text, size_t size)
{
    if (woken <= workers)
        append(text, size, " A new connection woke %.1f of them.", woken);
    else
        append(
            text, size,
            " New connections woke %s %.1f times per accepted connection: other processes accept "
            "from the same listener.",
            workers == 1 ? "it" : "them", woken);
}

static void append_herd(const struct report *report, const struct sums *sums, unsigned workers,
                        char *text, size_t size)
{
    double woken = woken_per_connection(report, sums);
    if (sums->counts[COUNT_WAKEUPS] == 0) {
        append(text, size, ": no herd, no worker had to be woken.");
    } else if (isnan(woken)) {
        append_without_cause(report, sums, text, size);
    } else if (woken < SOME_HERD) {
        append_no_herd(report, sums, text, size);
    } else {
        append(text, size, ": a %sherd.", woken < A_HERD ? "small " : "");
        append_how_many_woke(woken, workers, text, size);
        append_what_was_wasted(sums, text, size);
        append_what_to_do(report->sharing, text, size);
    }
}

static void append_wakeups(const struct report *report, const struct sums *sums, char *text,
                           size_t size)
{
    struct sampled_ratio wakeups = wakeups_per_connection(report, sums);
    append(text, size, "%.1f ", wakeups.ratio);
    if (report->samples && isfinite(wakeups.low))
        append(text, size, "[%.1f, %.1f] ", wakeups.low, wakeups.high);
    append(text, size, "wakeups per %s connection over ",
           report->connections_of ? report->connections_of : "accepted");
}

void report_sentence(const struct report *report, char *text, size_t size)
{
    struct row all = everybody(report->workers);
    uint64_t wakeups = all.sums.counts[COUNT_WAKEUPS];
    struct working who = working(report->workers);
    text[0] = '\0';
    if (report->connections == NOT_COUNTED || report->connections == 0) {
        append(text, size, "%llu wakeups of ", (unsigned long long)wakeups);
        append_workers(&who, text, size);
        append(text, size, ", and %s.",
               report->connections == 0 ? "no connection was accepted: no statement about a herd"
                                        : "the number of connections is unknown");
        return;
    }
    if (report->connections < FEW_CONNECTIONS)
        append(text, size, "Only %llu connection%s: ", (unsigned long long)report->connections,
               report->connections == 1 ? "" : "s");
    append_wakeups(report, &all.sums, text, size);
    append_workers(&who, text, size);
    if (report->by_counter)
        append_herd(report, &all.sums, who.threads, text, size);
    else
        append(text, size,
               ", by context switches: this instrument cannot detect spurious wakeups.");
}
