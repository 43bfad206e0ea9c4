/* SPDX-License-Identifier: BSD-2-Clause */
#include "openmetrics.h"

#include "harness/lib/message.h"
#include "harness/lib/record.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_family(FILE *file, const char *type, const char *name, const char *help)
{
    fprintf(file, "# TYPE wakeone_%s %s\n# HELP wakeone_%s %s\n", name, type, name, help);
}

/* ---- sums ---- */

struct family {
    const char *name, *help;
    enum task_count count;
    bool by_context_switches; /* that instrument counts it, too */
};

static const struct family families[] = {
    {"wakeups", "Wakeups of threads from a sleep.", COUNT_WAKEUPS, true},
    {"wakeups_useful", "Wakeups that found something to do.", COUNT_USEFUL, false},
    {"wakeups_spurious", "Wakeups that returned to the program and found nothing.", COUNT_SPURIOUS,
     false},
    {"wakeups_absorbed",
     "Wakeups that found nothing and slept again without returning to user space.", COUNT_ABSORBED,
     false},
    {"wakeups_timeout", "Spurious wakeups by the timeout of a wait.", COUNT_TIMEOUTS, false},
    {"wakeups_cross_cpu", "Wakeups by another CPU than the one the thread ran on.", COUNT_CROSS_CPU,
     false},
    {"accepts", "Connections that accept returned.", COUNT_ACCEPTS, false},
    {"accepts_eagain", "Calls of accept that returned no connection.", COUNT_EAGAIN, false},
    {"preemptions", "Switches away from a runnable thread.", COUNT_PREEMPTIONS, true},
    {"migrations", "Threads that ran on another CPU than before.", COUNT_MIGRATIONS, false},
    {"missed_wakeups", "Sleeps that ended without an observed wakeup.", COUNT_MISSED, false},
};

static void print_counter(FILE *file, const char *name, const char *help, uint64_t count)
{
    print_family(file, "counter", name, help);
    fprintf(file, "wakeone_%s_total %llu\n", name, (unsigned long long)count);
}

static void print_sums(const struct report *report, const struct sums *sums, FILE *file)
{
    for (unsigned i = 0; i < sizeof families / sizeof *families; i++)
        if (report->by_counter || families[i].by_context_switches)
            print_counter(file, families[i].name, families[i].help,
                          sums->counts[families[i].count]);
    if (report->connections != NOT_COUNTED)
        print_counter(file, "connections", "Connections accepted.", report->connections);
    if (!report->by_counter)
        return;
    print_counter(file, "connection_wakeups", "Wakeups caused by a new connection.",
                  sums->for_connection);
    print_counter(file, "waking_connections", "New connections that woke at least one thread.",
                  sums->first);
    print_counter(file, "lost_threads", "Threads not counted because the table was full.",
                  report->losses.tasks);
    print_counter(file, "lost_events", "Events skipped by the kernel.", report->losses.runs);
}

/* ---- the time from wakeup to running ---- */

enum { LEAST_POWER = 10, MOST_POWER = 30, POWERS_STEP = 2 }; /* of nanoseconds: 1 us to 1 s */

/* Buckets are those of harness/lib/loglinear.h: an upper limit that is a power of two is the edge of one. */
static uint64_t delays_below(const struct sums *sums, uint64_t ns)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < loglinear_index(ns, DELAY_BITS); i++)
        count += sums->delays[i];
    return count;
}

static void print_delays(const struct sums *sums, FILE *file)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        all += sums->delays[i];
    print_family(file, "histogram", "run_queue_seconds",
                 "From wakeup to running, of a sample of the wakeups.");
    for (unsigned power = LEAST_POWER; power <= MOST_POWER; power += POWERS_STEP)
        fprintf(file, "wakeone_run_queue_seconds_bucket{le=\"%.9f\"} %llu\n",
                (double)(1ULL << power) / 1e9,
                (unsigned long long)delays_below(sums, 1ULL << power));
    fprintf(file, "wakeone_run_queue_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)all);
    fprintf(file, "wakeone_run_queue_seconds_count %llu\n", (unsigned long long)all);
}

/* ---- each process that lives; whose series ends with it, and is in the sums all the same ---- */

/* Names are bytes of anybody's choice; labels are UTF-8 with three escapes. */
static void print_label(const char *text, FILE *file)
{
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            fprintf(file, "\\%c", *text);
        else
            putc(*text >= ' ' && *text <= '~' ? *text : '?', file);
}

static void print_each(const struct report *report, const char *name, const char *help,
                       enum task_count count, FILE *file)
{
    print_family(file, "counter", name, help);
    for (unsigned i = 0; i < report->workers->count; i++) {
        const struct worker *worker = &report->workers->all[i];
        if (worker->threads == 0)
            continue;
        fprintf(file, "wakeone_%s_total{pid=\"%d\",name=\"", name, (int)worker->pid);
        print_label(worker->name, file);
        fprintf(file, "\"} %llu\n", (unsigned long long)worker->sums.counts[count]);
    }
}

void openmetrics_print(const struct report *report, FILE *file)
{
    struct sums sums = {0};
    for (unsigned i = 0; i < report->workers->count; i++)
        sums_add(&sums, &report->workers->all[i].sums);
    print_sums(report, &sums, file);
    if (report->by_counter)
        print_delays(&sums, file);
    print_each(report, "process_wakeups", "Wakeups of the process's threads.", COUNT_WAKEUPS, file);
    if (report->by_counter)
        print_each(report, "process_accepts", "Connections that accept returned to the process.",
                   COUNT_ACCEPTS, file);
    print_family(file, "gauge", "counting_seconds", "Duration of counting.");
    fprintf(file, "wakeone_counting_seconds %.3f\n# EOF\n", report->seconds);
}

/* ---- the file ---- */

static bool written(const struct report *report, FILE *file)
{
    openmetrics_print(report, file);
    bool whole = !ferror(file);
    return fclose(file) == 0 && whole;
}

/* Beside it, and of another suffix than .prom, so that no collector takes it for one of its own. It is another user who
 * reads it. */
static bool replaced(const struct report *report, const char *path)
{
    char *beside = NULL;
    if (asprintf(&beside, "%s.XXXXXX", path) < 0)
        fail("out of memory");
    int fd = mkstemp(beside);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool done = file && fchmod(fd, 0644) == 0 && written(report, file) && rename(beside, path) == 0;
    int error = errno;
    if (!done && fd >= 0)
        unlink(beside);
    free(beside);
    errno = error;
    return done;
}

bool openmetrics_write(const struct report *report, const char *path)
{
    struct stat status;
    if (strcmp(path, "-") == 0) {
        openmetrics_print(report, stdout);
        return true;
    }
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) { /* a pipe, a device */
        FILE *file = fopen(path, "we");
        return file && written(report, file);
    }
    return replaced(report, path);
}
