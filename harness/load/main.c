/* load: the load generator on the command line. */

#include "load.h"

#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct load_options load = {
    .connections = 16,
    .requests_per_connection = 1,
    .duration_ns = 1 * NS_PER_S,
    .timeout_ns = 5 * NS_PER_S,
};
static struct load_result result;
static struct cpulist cpus;
static const char *json_path, *histogram_path;
static bool allow_remote;
static volatile int interrupted;

static const struct option_spec options[] = {
    {OPTION_NUMBER, "connections", "C", "connections open at a time (16)", &load.connections, 1,
     1000000, NULL},
    {OPTION_NUMBER, "requests-per-connection", "K",
     "requests before a connection is closed; 0 = as many as the server allows (1)",
     &load.requests_per_connection, 0, 1000000000, NULL},
    {OPTION_DURATION, "duration", "D", "length of the measured window (1s)", &load.duration_ns,
     NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_NUMBER, "count", "N", "measure N requests instead of a duration", &load.count, 1,
     1000000000000ULL, NULL},
    {OPTION_DURATION, "warmup", "D", "load before the window, not measured (0s)", &load.warmup_ns,
     0, 3600 * NS_PER_S, NULL},
    {OPTION_DURATION, "timeout", "D", "of one request, connect included (5s)", &load.timeout_ns,
     NS_PER_MS, 3600 * NS_PER_S, NULL},
    {OPTION_CPUS, "cpus", "LIST", "CPUs to run on (any)", &cpus, 0, 0, NULL},
    {OPTION_TEXT, "json", "FILE", "the result as JSON; - is standard output", &json_path, 0, 0,
     NULL},
    {OPTION_TEXT, "histogram", "FILE", "the latencies as an .hgrm file", &histogram_path, 0, 0,
     NULL},
    {OPTION_FLAG, "allow-remote", NULL, "load a machine other than this one: ask its owner first",
     &allow_remote, 0, 0, NULL},
    OPTIONS_END,
};

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static FILE *open_or_die(const char *path)
{
    if (strcmp(path, "-") == 0)
        return stdout;
    FILE *file = fopen(path, "we");
    if (!file)
        fail("cannot write %s: %s", path, strerror(errno));
    return file;
}

static void close_or_die(FILE *file, const char *path)
{
    bool failed = ferror(file) != 0;
    if (file == stdout)
        failed |= fflush(file) != 0;
    else
        failed |= fclose(file) != 0;
    if (failed)
        fail("cannot write %s: %s", path, strerror(errno));
}

static void print_table(void)
{
    static const double percents[] = {50, 90, 99, 99.9, 100};
    static const char *const labels[] = {"p50", "p90", "p99", "p99.9", "max"};
    double seconds = (double)result.window_ns / 1e9;

    printf("%llu requests on %llu connections in %.3f s: %.1f a second\n",
           (unsigned long long)result.requests, (unsigned long long)result.connections, seconds,
           (double)result.requests / seconds);
    printf("client CPU per request: %.1f us\n\n",
           result.requests ? (double)result.cpu_ns / 1e3 / (double)result.requests : 0.0);
    printf("%-8s %14s %14s\n", "", "latency us", "connect us");
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        printf("%-8s %14.1f %14.1f\n", labels[i],
               (double)histogram_percentile(&result.latency, percents[i]) / 1e3,
               (double)histogram_percentile(&result.connect, percents[i]) / 1e3);
    printf("\nerrors:");
    for (int i = 0; i < LOAD_ERRORS; i++)
        printf(" %s %llu", load_error_names[i], (unsigned long long)result.errors[i]);
    printf("; in flight at the end: %llu\n", (unsigned long long)result.censored);
}

static void write_json(void)
{
    struct field fields[LOAD_FIELDS + 1];
    load_fields(&result, fields);
    fields[LOAD_FIELDS] = field_real(
        "client_cpu_us_per_req",
        result.requests ? (double)result.cpu_ns / 1e3 / (double)result.requests : NAN, 3);
    FILE *file = open_or_die(json_path);
    record_write_json(file, fields, LOAD_FIELDS + 1);
    close_or_die(file, json_path);
}

static void write_histogram(void)
{
    FILE *file = open_or_die(histogram_path);
    histogram_write_hgrm(&result.latency, file);
    close_or_die(file, histogram_path);
}

static void pin_or_die(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < cpus.count; i++)
        CPU_SET(cpus.cpus[i], &set);
    if (cpus.count && sched_setaffinity(0, sizeof set, &set) != 0)
        fail("cannot run on the CPUs of --cpus: %s", strerror(errno));
}

/* One line per kind of error, with the first example. */
static int report_errors(const char *url)
{
    bool any = false;
    for (int i = 0; i < LOAD_ERRORS; i++) {
        if (result.first_error[i][0] == '\0')
            continue;
        any = true;
        message("%s: %s error: %s%s", url, load_error_names[i], result.first_error[i],
                result.requests ? "" : "; is it an HTTP server, and running?");
        if (result.requests == 0)
            break;
    }
    if (result.requests == 0)
        return EXIT_FAILED;
    return any ? EXIT_NOT_OK : EXIT_DONE;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "closed-loop HTTP load with true latencies; exit 3 = some requests failed",
        .operands = "URL",
        .example = "load --connections 16 --duration 1s http://127.0.0.1:8080/",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv);
    if (first != argc - 1)
        fail_usage("takes one URL, such as http://127.0.0.1:8080/: see --help");
    const char *url = argv[first];
    const char *wrong = load_target_parse(&load.target, url);
    if (wrong)
        fail_usage("cannot use the URL '%s': %s", url, wrong);
    if (!allow_remote && !load_target_is_loopback(&load.target))
        fail_usage("%s is not this machine: if it is yours to load, add --allow-remote", url);

    /* A file that cannot be written is to be known before the time is spent. */
    if (json_path)
        close_or_die(open_or_die(json_path), json_path);
    if (histogram_path)
        close_or_die(open_or_die(histogram_path), histogram_path);
    pin_or_die();
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    load.interrupted = &interrupted;
    load.show_progress = isatty(STDERR_FILENO);

    if (load_run(&load, &result) != 0)
        fail("cannot open %lu connections: %s; see `ulimit -n`", load.connections, strerror(errno));
    if (result.requests && (!json_path || strcmp(json_path, "-") != 0))
        print_table();
    if (json_path)
        write_json();
    if (histogram_path)
        write_histogram();
    return report_errors(url);
}
