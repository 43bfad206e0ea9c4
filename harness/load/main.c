/* SPDX-License-Identifier: BSD-2-Clause */
/* load: the load generator on the command line. */

#include "arguments.h"
#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/output.h"
#include "harness/lib/terminal.h"
#include "ranks.h"
#include "report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct load_options load;
static struct load_result result;
static struct load_report report = {.options = &load, .result = &result};
static const char *json_path, *histogram_path, *histograms_path, *timeline_path;
static const uint64_t CHOOSE_NS = NS_PER_S; /* per address, if the host has several */
static const char usual_percentiles[] = "50,90,99,99.9", *percentiles = usual_percentiles;
static bool no_retry;
static volatile int interrupted;
static char url[sizeof load.target.host + sizeof load.target.path + 9]; /* without its user */

static const struct option_spec options[] = {
    {OPTION_DURATION, "duration", "D", "length of the measured window (1s)", &load.duration_ns,
     NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_NUMBER, "count", "N", "measure N requests instead of a duration", &load.count, 1,
     1000000000000ULL, NULL},
    {OPTION_DURATION, "warmup", "D", "load before the window, not measured (0s)", &load.warmup_ns,
     0, 3600 * NS_PER_S, NULL},
    {OPTION_CPUS, "cpus", "LIST", "thread i runs on CPU i of the list, cyclically (any CPU)",
     &load.cpus, 0, 0, NULL},
    {OPTION_FLAG, "no-retry", NULL, "count a keep-alive connection closed during reuse as an error",
     &no_retry, 0, 0, NULL},
    {OPTION_TEXT, "percentiles", "LIST", "percentiles to print (50,90,99,99.9)", &percentiles, 0, 0,
     NULL},
    {OPTION_OUTPUT, "json", "FILE", "write the result as JSON, to FILE or standard output",
     &json_path, 0, 0, NULL},
    {OPTION_TEXT, "histogram", "FILE", "write the latencies as an .hgrm file", &histogram_path, 0,
     0, NULL},
    {OPTION_TEXT, "histograms", "DIR", "write each phase as DIR/<phase>.hgrm", &histograms_path, 0,
     0, NULL},
    {OPTION_TEXT, "timeline", "FILE", "write a CSV row per 100 ms", &timeline_path, 0, 0, NULL},
    OPTIONS_END,
};

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* ---- files ---- */

static void write_json(FILE *file)
{
    load_report_json(&report, file);
}

static void write_latency(FILE *file)
{
    histogram_write_hgrm(&result.latency, file);
}

static void write_timeline(FILE *file)
{
    timeline_write(load.timeline, file);
}

static void write_histograms(void)
{
    struct load_phase phases[LOAD_PHASES];
    load_report_phases(&result, phases);
    for (unsigned i = 0; i < LOAD_PHASES; i++)
        output_histogram(phases[i].h, histograms_path, phases[i].name);
}

static void write_files(void)
{
    const struct {
        const char *path;
        void (*write)(FILE *);
    } files[] = {
        {json_path, write_json}, {histogram_path, write_latency}, {timeline_path, write_timeline}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (!files[i].path)
            continue;
        FILE *file = output_open(files[i].path);
        files[i].write(file);
        output_close(file, files[i].path);
    }
    if (histograms_path)
        write_histograms();
}

/* ---- messages ---- */

/* What to check if no request succeeded. */
static const char *hint(enum load_error error)
{
    static const char *const hints[LOAD_ERRORS] = {
        [LOAD_CONNECT_REFUSED] = "; is a server running there?",
        [LOAD_CONNECT_RESET] = "; is it an HTTP server?",
        [LOAD_CONNECT_TIMEOUT] = "; is it running, and is --timeout long enough?",
        [LOAD_CONNECT_OTHER] = "; can this machine reach it?",
        [LOAD_READ_RESET] = "; is it an HTTP server?",
        [LOAD_READ_TIMEOUT] = "; is it an HTTP server, and is --timeout long enough?",
        [LOAD_READ_SHORT] = "; is it an HTTP server?",
        [LOAD_STATUS] = "; is the path right? See --expect-status",
        [LOAD_MALFORMED] = "; is it an HTTP server?",
        [LOAD_BODY] = "; the server responds: see --expect and --expect-length",
        [LOAD_PORTS] = "; see `ulimit -n`, --close rst and sysctl fs.epoll.max_user_watches",
        [LOAD_TLS] = "", /* the error includes it */
    };
    return result.requests ? "" : hints[error];
}

/* The address in use, which may not have accepted either. */
static void format_tried(char *text, size_t size)
{
    char all[1024];
    bool several = load.target.count > 1 && result.connections == 0;
    load_target_format_all(&load.target, all, sizeof all);
    snprintf(text, size, "%s%s%s", several ? " (tried " : "", several ? all : "",
             several ? ")" : "");
}

/* The server runs and speaks HTTP. */
static void format_answers(char *text, size_t size)
{
    char statuses[REPORT_STATUSES];
    load_report_statuses(&result, statuses, sizeof statuses);
    snprintf(text, size, "; the server responds (%s)%s", statuses,
             load_statuses_of_class(&result, status_class(300)) ? "; redirects are not followed"
                                                                : "");
}

static void report_error(enum load_error error)
{
    char answers[REPORT_STATUSES + 64] = "";
    char count[48] = " before the window", tried[1024 + 16];
    if (result.errors[error])
        snprintf(count, sizeof count, ": %llu", (unsigned long long)result.errors[error]);
    format_tried(tried, sizeof tried);
    if (error == LOAD_STATUS && result.requests == 0 && result.errors[error])
        format_answers(answers, sizeof answers);
    message("%s: %s errors%s, the first: %s%s%s%s", url, load_error_names[error], count,
            result.first_error[error], tried, answers, hint(error));
}

/* The kind with the most errors; if none was counted, one from before the window. */
static enum load_error most_frequent_error(void)
{
    enum load_error most = LOAD_ERRORS;
    for (enum load_error i = 0; i < LOAD_ERRORS; i++)
        if (result.first_error[i][0] &&
            (most == LOAD_ERRORS || result.errors[i] > result.errors[most]))
            most = i;
    return most;
}

/* One line per kind, or a single line if no request succeeded. Returns the number of kinds. */
static unsigned report_errors(void)
{
    unsigned reported = 0;
    enum load_error only = result.requests ? LOAD_ERRORS : most_frequent_error();
    for (enum load_error i = 0; i < LOAD_ERRORS; i++)
        if (i == only || (result.requests && result.errors[i])) {
            report_error(i);
            reported++;
        }
    return reported;
}

static void report_late_client(void)
{
    message("%s: the client dispatched late (send_lag): the knee may be the client's limit; "
            "see --threads and --cpus",
            url);
}

static void report_not_started(void)
{
    message(
        "%s: of %llu requests that were due, %llu were not started because %lu connections were "
        "open (--max-open), %llu because the client is too slow for the rate (--threads)",
        url, (unsigned long long)result.intended,
        (unsigned long long)(result.not_started - result.too_late), result.max_open,
        (unsigned long long)result.too_late);
}

static void report_problems(void)
{
    unsigned reported = report_errors();
    if (result.requests == 0 && reported == 0)
        message("%s: no response before the end of the window, %llu requests in flight: is it "
                "an HTTP server, and is --duration long enough?",
                url, (unsigned long long)result.censored);
    if (result.requests == 0)
        return;
    if (!result.complete)
        message("%s: interrupted: the results cover the time until then", url);
    if (result.ramp && load_is_short_of_rate(&result))
        report_late_client();
    if (result.ramp)
        return;
    if (result.not_started)
        report_not_started();
    else if (load_is_short_of_rate(&result))
        message("%s: the server falls behind: %llu requests of %llu were in flight when the window "
                "ended, %llu when it began",
                url, (unsigned long long)result.censored, (unsigned long long)result.intended,
                (unsigned long long)result.in_flight_before);
}

static int exit_status(void)
{
    if (result.requests == 0)
        return EXIT_FAILED;
    return strcmp(load_verdict(&result), "ok") == 0 ? EXIT_DONE : EXIT_NOT_OK;
}

/* ---- options ---- */

/* Percentiles of too few requests would all be the maximum. */
static void check_percentiles(void)
{
    const char *wrong = load_report_percentiles(&report, percentiles);
    if (wrong)
        fail_usage("--percentiles '%s': %s; expected a list such as 50,99,99.9", percentiles,
                   wrong);
    bool asked = strcmp(percentiles, usual_percentiles) != 0;
    for (unsigned i = 0; asked && load.count && i < report.percentile_count; i++) {
        double percent = report.percentiles[i], needed = 100 / (100 - percent);
        if ((double)load.count < needed - 1e-6)
            fail_usage("--percentiles %g needs at least %.0f requests, more than --count %lu",
                       percent, needed, load.count);
    }
}

static void read_options(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "HTTP load generator with a closed or an open loop; exit 3 = some "
                    "requests failed or could not be started in time",
        .operands = "URL",
        .mixed = true,
        .example = "load --rate 5000 --arrivals poisson --duration 10s http://127.0.0.1:8080/",
    };
    static const struct option_spec *const tables[] = {load_arguments, load_arguments_of_tool,
                                                       ranks_options, options, NULL};
    load_arguments_begin(&load);
    ranks_mute_others();
    int first = options_parse(&program, tables, argc, argv);
    if (first != argc - 1)
        fail_usage("expected one URL, such as http://127.0.0.1:8080/; see --help");

    if (load.count && load.duration_ns)
        fail_usage("--duration and --count exclude each other");
    load_arguments_end(&load);
    if (!load.count && !load.duration_ns)
        load.duration_ns = NS_PER_S;
    check_percentiles();
    ranks_begin(&load);
    load_arguments_target(&load, argv[first]);
    snprintf(url, sizeof url, "http%s://%s%s", load.target.is_tls ? "s" : "", load.target.host,
             load.target.path);
}

/* The terminal can overwrite a line. */
static bool terminal_can_rewrite(void)
{
    const char *kind = getenv("TERM");
    return terminal_room(stderr) > 0 && kind && strcmp(kind, "dumb") != 0;
}

/* A host such as localhost may resolve to an address that the server does not listen on. */
static void choose_address(void)
{
    char first[128], taken[128];
    int error = load_target_choose(&load.target,
                                   load.timeout_ns < CHOOSE_NS ? load.timeout_ns : CHOOSE_NS);
    load_target_format(&load.target, 0, first, sizeof first);
    load_target_format(&load.target, load.target.taken, taken, sizeof taken);
    if (error)
        message("%s: %s: %s; using %s", url, first, strerror(error), taken);
}

static void try_outputs(void)
{
    output_try(json_path);
    output_try(histogram_path);
    output_try(timeline_path);
    output_try_directory(histograms_path);
}

static void open_results(void)
{
    if (load.schedule.ramp_ns && !(load.ramp = ramp_open(load.duration_ns)))
        fail("out of memory");
    if (timeline_path && !(load.timeline = timeline_open((unsigned)load.threads)))
        fail("out of memory");
    if (load.urls && !(load.url_results = url_results_open(load.urls->count)))
        fail("out of memory");
}

static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART: interrupts waits */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    load.interrupted = &interrupted;
}

/* In the first process, for all. */
static int report_all(void)
{
    if (result.requests && (!json_path || strcmp(json_path, "-") != 0)) {
        report.room = terminal_room(stdout);
        load_report_table(&report, stdout);
        output_close(stdout, "standard output");
    }
    write_files();
    report_problems();
    return exit_status();
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    if (timeline_path)
        ranks_refuse("--timeline");
    if (ranks_is_first())
        try_outputs();
    open_results();
    catch_interrupts();
    load.retry = !no_retry;
    load.show_progress = terminal_can_rewrite() && load.ranks < 2;

    choose_address();
    const char *unavailable = ranks_run(&load, &result);
    int status = EXIT_FAILED;
    if (unavailable) {
        if (*unavailable)
            message("%s", unavailable);
    } else {
        ranks_merge(&load, &result);
        status = ranks_is_first() && !ranks_hand_over(&result) ? report_all() : EXIT_DONE;
    }
    status = ranks_end(status);
    timeline_close(load.timeline);
    free(load.url_results);
    free(load.ramp);
    return status;
}
