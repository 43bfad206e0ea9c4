#include "report.h"

#include "harness/lib/record.h"
#include "harness/lib/terminal.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

/* ---- rows: the processes there are, and one for all children that have ended ---- */

struct row {
    const char *name;
    pid_t pid; /* 0 = several */
    unsigned processes;
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
        .processes = 1,
        .ended = worker->threads == 0,
        .sums = worker->sums,
    };
}

static struct row ended_children(const struct workers *workers)
{
    struct row row = {.name = "ended", .ended = true};
    for (unsigned i = 0; i < workers->count; i++)
        if (is_one_of_many(&workers->all[i])) {
            row.processes++;
            sums_add(&row.sums, &workers->all[i].sums);
        }
    return row;
}

static struct row everybody(const struct workers *workers)
{
    struct row row = {.name = "all"};
    for (unsigned i = 0; i < workers->count; i++) {
        row.processes++;
        sums_add(&row.sums, &workers->all[i].sums);
    }
    return row;
}

static void each_row(const struct workers *workers, void (*print)(const struct row *, void *),
                     void *context)
{
    for (unsigned i = 0; i < workers->count; i++)
        if (!is_one_of_many(&workers->all[i])) {
            struct row row = row_of(&workers->all[i]);
            print(&row, context);
        }
    struct row ended = ended_children(workers);
    if (ended.processes > 0)
        print(&ended, context);
    struct row all = everybody(workers);
    print(&all, context);
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

static double per(uint64_t count, uint64_t of)
{
    return of && of != NOT_COUNTED ? (double)count / (double)of : NAN;
}

enum { ROW_FIELDS = 20 };

static void fill_row(struct field fields[ROW_FIELDS], const struct row *row,
                     const struct rows *rows)
{
    const uint64_t *counts = row->sums.counts;
    bool known = rows->report->by_counter;
    const struct field values[ROW_FIELDS] = {
        field_count("pid", row->pid ? (uint64_t)row->pid : NOT_COUNTED),
        field_text("name", row->name),
        field_count("processes", row->processes),
        field_count("wakeups", counts[COUNT_WAKEUPS]),
        field_count("useful", known ? counts[COUNT_USEFUL] : NOT_COUNTED),
        field_count("spurious", known ? counts[COUNT_SPURIOUS] : NOT_COUNTED),
        field_count("absorbed", known ? counts[COUNT_ABSORBED] : NOT_COUNTED),
        field_count("timeouts", known ? counts[COUNT_TIMEOUTS] : NOT_COUNTED),
        field_real("wakeups_per_conn", per(counts[COUNT_WAKEUPS], rows->report->connections), 3),
        field_count("accepts", known ? counts[COUNT_ACCEPTS] : NOT_COUNTED),
        field_real("share", known ? per(counts[COUNT_ACCEPTS], rows->accepts) : NAN, 4),
        field_count("eagain", known ? counts[COUNT_EAGAIN] : NOT_COUNTED),
        field_count("for_connection", known ? row->sums.for_connection : NOT_COUNTED),
        field_count("woken_first", known ? row->sums.first : NOT_COUNTED),
        field_count("preemptions", counts[COUNT_PREEMPTIONS]),
        field_count("migrations", known ? counts[COUNT_MIGRATIONS] : NOT_COUNTED),
        field_count("cross_cpu_wakeups", known ? counts[COUNT_CROSS_CPU] : NOT_COUNTED),
        field_real("runq_p50_us", known ? sums_delay_us(&row->sums, 50) : NAN, 1),
        field_real("runq_p99_us", known ? sums_delay_us(&row->sums, 99) : NAN, 1),
        field_real("asleep_s", known ? (double)row->sums.asleep_ns / 1e9 : NAN, 3),
    };
    memcpy(fields, values, sizeof values);
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
    each_row(report->workers, print_csv_row, &rows);
}

static void print_json_row(const struct row *row, void *context)
{
    struct rows *rows = context;
    struct field fields[ROW_FIELDS];
    fill_row(fields, row, rows);
    fputs(rows->printed++ ? ",\n" : "", rows->file);
    record_write_json(rows->file, fields, ROW_FIELDS);
}

void report_json(const struct report *report, FILE *file)
{
    char sentence[1024];
    struct rows rows = rows_of(report, file);
    struct row all = everybody(report->workers);
    report_sentence(report, sentence, sizeof sentence);
    const struct field fields[] = {
        field_text("instrument", report->by_counter ? "bpf" : "ctxsw"),
        field_real("seconds", report->seconds, 3),
        field_count("connections", report->connections),
        field_real("wakeups_per_conn", per(all.sums.counts[COUNT_WAKEUPS], report->connections), 3),
        field_count("lost_tasks", report->losses.tasks),
        field_count("lost_events", report->losses.events),
        field_count("lost_runs", report->losses.runs),
        field_count("missed_wakeups",
                    report->by_counter ? all.sums.counts[COUNT_MISSED] : NOT_COUNTED),
        field_text("sentence", sentence),
    };
    fputs("{\n\"summary\": ", file);
    record_write_json(file, fields, sizeof fields / sizeof *fields);
    fputs(",\n\"workers\": [\n", file);
    each_row(report->workers, print_json_row, &rows);
    fputs("]\n}\n", file);
}

/* ---- tables ---- */

/* Where a terminal has no room for all columns, those of the greatest rank are left out; of rank 0 none. */
struct column {
    const char *name;
    unsigned width; /* with the space before it */
    unsigned rank;
    bool is_text; /* begins at the left, and is cut */
};

enum { RANKS = 16 };

/* A line that is written column by column */
struct line {
    FILE *file;
    const struct column *columns; /* up to one without a name */
    unsigned highest;             /* rank that there is room for */
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
    if (row->pid)
        snprintf(who, sizeof who, "%d%c", (int)row->pid, ended);
    else
        snprintf(who, sizeof who, "(%u)%c", row->processes, ended);
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
    each_row(report->workers, print_table_row, &table);
    struct row all = everybody(report->workers);
    fprintf(file, "\n%.1f s, run queue in us (12.5 %% wide); %llu preemptions", report->seconds,
            (unsigned long long)all.sums.counts[COUNT_PREEMPTIONS]);
    if (report->by_counter)
        fprintf(file, ", %llu migrations, %llu wakeups by another CPU",
                (unsigned long long)all.sums.counts[COUNT_MIGRATIONS],
                (unsigned long long)all.sums.counts[COUNT_CROSS_CPU]);
    fputs("\n", file);
}

/* Of the last interval. */
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

/* A line that wraps would move the table the next time. */
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
    const struct workers *workers = report->workers;
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
    snprintf(text, sizeof text, "%.0f s by %s; Ctrl-C ends with a report; run queue in us",
             report->seconds, report->by_counter ? "bpf" : "context switches");
    print_cut(file, text);
}

/* ---- the sentence ---- */

enum { FEW_CONNECTIONS = 20 };
static const double A_HERD = 1, SOME_HERD = 0.1; /* wakeups per connection that found nothing */

/* A process whose children are counted, and that accepts nothing itself, only supervises. */
static bool supervises(const struct workers *workers, const struct worker *worker)
{
    if (worker->sums.counts[COUNT_ACCEPTS] > 0)
        return false;
    for (unsigned i = 0; i < workers->count; i++)
        if (&workers->all[i] != worker && workers->all[i].parent == worker->pid &&
            !is_one_of_many(&workers->all[i]))
            return true;
    return false;
}

static unsigned working(const struct workers *workers)
{
    unsigned count = 0;
    for (unsigned i = 0; i < workers->count; i++)
        count += !supervises(workers, &workers->all[i]) && !is_one_of_many(&workers->all[i]);
    return count;
}

static void __attribute__((format(printf, 3, 4)))
append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void say_what_was_wasted(const struct sums *sums, uint64_t wasted, char *text, size_t size)
{
    double absorbed = 100 * per(sums->counts[COUNT_ABSORBED], sums->counts[COUNT_WAKEUPS]);
    double spurious = 100 * per(sums->counts[COUNT_SPURIOUS] - sums->counts[COUNT_TIMEOUTS],
                                sums->counts[COUNT_WAKEUPS]);
    if (sums->counts[COUNT_ABSORBED] * 2 >= wasted)
        append(text, size, " %.0f %% were absorbed in the kernel: the program cannot see them.",
               absorbed);
    else
        append(text, size, " %.0f %% returned to the program and found nothing.", spurious);
    append(
        text, size,
        " One is enough: EPOLLEXCLUSIVE (wakeone), blocking accept, or a listener for each worker "
        "(reuseport): docs/strategies.md says what each costs.");
}

static void say_herd(const struct report *report, const struct sums *sums, char *text, size_t size)
{
    uint64_t wasted = sums->counts[COUNT_ABSORBED] + sums->counts[COUNT_SPURIOUS] -
                      sums->counts[COUNT_TIMEOUTS];
    double per_connection = per(wasted, report->connections);
    if (sums->counts[COUNT_WAKEUPS] == 0) {
        append(text, size, ": no herd, nobody had to be woken.");
        return;
    }
    if (per_connection < SOME_HERD) {
        append(text, size, ": no herd. %.0f %% found something to do.",
               100 * per(sums->counts[COUNT_USEFUL], sums->counts[COUNT_WAKEUPS]));
        return;
    }
    append(text, size, per_connection < A_HERD ? ": a small herd." : ": a herd.");
    say_what_was_wasted(sums, wasted, text, size);
}

void report_sentence(const struct report *report, char *text, size_t size)
{
    struct row all = everybody(report->workers);
    uint64_t wakeups = all.sums.counts[COUNT_WAKEUPS];
    unsigned workers = working(report->workers);
    text[0] = '\0';
    if (report->connections == NOT_COUNTED || report->connections == 0) {
        append(
            text, size, "%llu wakeups of %u workers, and %s.", (unsigned long long)wakeups, workers,
            report->connections == 0 ? "no connection was accepted: nothing can be said of a herd"
                                     : "how many connections there were is not known");
        return;
    }
    if (report->connections < FEW_CONNECTIONS)
        append(text, size, "Only %llu connection%s: ", (unsigned long long)report->connections,
               report->connections == 1 ? "" : "s");
    append(text, size, "%.1f wakeups per %s connection over %u worker%s",
           per(wakeups, report->connections),
           report->connections_of ? report->connections_of : "accepted", workers,
           workers == 1 ? "" : "s");
    if (report->by_counter)
        say_herd(report, &all.sums, text, size);
    else
        append(
            text, size,
            ", by context switches: which of them were for nothing, this instrument cannot tell.");
}
