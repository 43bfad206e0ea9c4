/* SPDX-License-Identifier: BSD-2-Clause */
/* wire: network latency from a packet capture, on the command line. */

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/output.h"
#include "report.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct wire_options wire = {
    .capture.ring_mib = 16,
    .most = 1000000,
    .idle_ns = 60 * NS_PER_S,
};
static const char *json_path, *histograms_path, *connections_path;
static FILE *connections;
static unsigned long port;
static uint64_t duration_ns;
static volatile int interrupted;

static const struct option_spec options[] = {
    {OPTION_TEXT, "interface", "NAME", "capture on this interface: lo, eth0, any; or use --read",
     &wire.capture.interface, 0, 0, NULL, 'i'},
    {OPTION_TEXT, "read", "FILE", "read a .pcap or .pcapng file; - is standard input",
     &wire.capture.file, 0, 0, NULL, 'r'},
    {OPTION_NUMBER, "port", "P", "port of the server", &port, 1, 65535, NULL},
    {OPTION_SECONDS, "duration", "D", "how long to capture (until Ctrl-C)", &duration_ns, NS_PER_MS,
     86400 * NS_PER_S, NULL},
    {OPTION_TEXT, "write", "FILE", "write the packets' headers to FILE", &wire.capture.write, 0, 0,
     NULL, 'w'},
    {OPTION_NUMBER, "ring", "MIB", "size of the kernel's ring buffer (16)", &wire.capture.ring_mib,
     1, 2000, NULL},
    {OPTION_NUMBER, "max-connections", "N",
     "limit; the longest idle connection is dropped (1000000)", &wire.most, 1, 100000000, NULL},
    {OPTION_DURATION, "idle", "D", "stop tracking connections idle for this long (60s)",
     &wire.idle_ns, NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_OUTPUT, "json", "FILE", "write the result as JSON, to FILE or standard output",
     &json_path, 0, 0, NULL},
    {OPTION_TEXT, "histograms", "DIR", "write each interval as DIR/<interval>.hgrm",
     &histograms_path, 0, 0, NULL},
    {OPTION_TEXT, "connections", "FILE", "write a CSV row per connection", &connections_path, 0, 0,
     NULL},
    OPTIONS_END,
};

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* ---- options ---- */

/* The table is omitted if another result goes to standard output. */
static int documents_on_stdout(void)
{
    const char *const paths[] = {json_path, connections_path, wire.capture.write};
    int count = 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        count += paths[i] && strcmp(paths[i], "-") == 0;
    return count;
}

/* Same path, or same device and inode; standard output may be a file as well. */
static bool is_same_file(const char *one, const char *other, int one_fd, int other_fd)
{
    struct stat a, b;
    if (strcmp(one, other) == 0 && strcmp(one, "-") != 0)
        return true;
    if ((strcmp(one, "-") == 0 ? fstat(one_fd, &a) : stat(one, &a)) != 0 ||
        (strcmp(other, "-") == 0 ? fstat(other_fd, &b) : stat(other, &b)) != 0)
        return false;
    return S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Output files are truncated: none may be the input or another output. */
static void check_files(void)
{
    const struct {
        const char *option, *path;
        int fd; /* for "-" */
    } files[] = {
        {"--read", wire.capture.file, STDIN_FILENO},
        {"--write", wire.capture.write, STDOUT_FILENO},
        {"--json", json_path, STDOUT_FILENO},
        {"--connections", connections_path, STDOUT_FILENO},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        for (size_t k = i + 1; k < sizeof files / sizeof *files; k++)
            if (files[i].path && files[k].path &&
                is_same_file(files[i].path, files[k].path, files[i].fd, files[k].fd))
                fail_usage("%s and %s are the same file, '%s': choose another one", files[i].option,
                           files[k].option, files[k].path);
}

static void read_options(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "network latency of one TCP port from a packet capture; exit 3 = "
                    "packets were lost, truncated or malformed",
        .example = "wire -i lo --port 8080 --duration 10s",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    options_parse(&program, tables, argc, argv);
    if (port == 0)
        fail_usage("missing --port, the port of the server");
    if ((wire.capture.interface != NULL) == (wire.capture.file != NULL))
        fail_usage("expected one of -i INTERFACE and -r FILE");
    if (documents_on_stdout() > 1)
        fail_usage("only one of --json, --connections and --write can be standard output");
    check_files();
    if (wire.capture.file && duration_ns)
        fail_usage("--duration is for -i only: a file is read to its end");
    wire.capture.port = (uint16_t)port;
}

/* ---- the run ---- */

static void write_connection(void *context, const struct flow_summary *summary)
{
    struct wire *const *w = context;
    wire_report_connection(summary, wire_result(*w)->first_ns, connections);
}

/* Until the end of the file, the end of --duration, or Ctrl-C. Returns NULL, or an error message. */
static const char *read_all(struct wire *w)
{
    uint64_t end = duration_ns ? clock_ns() + duration_ns : UINT64_MAX;
    int more = 1;
    while (more > 0 && !interrupted && clock_ns() < end)
        more = wire_read(w);
    if (more > 0 && wire.capture.interface && !wire_drain(w))
        more = -1;
    return more < 0 && !interrupted ? wire_error(w) : NULL;
}

static void write_results(const struct wire_result *result)
{
    if (documents_on_stdout() == 0) {
        wire_report_table(result, stdout);
        output_close(stdout, "standard output");
    }
    if (json_path) {
        FILE *file = output_open(json_path);
        wire_report_json(result, file);
        output_close(file, json_path);
    }
    for (int i = 0; histograms_path && i < FLOW_INTERVALS; i++)
        output_histogram(&result->intervals[i], histograms_path, flow_interval_names[i]);
}

/* "; 12 packets in ESP were not decoded", or an empty string. */
static char *covered_text(const struct wire_result *r)
{
    char *text = NULL;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    if (!file)
        fail("out of memory");
    if (r->packets[PACKET_COVERED]) {
        fputs("; ", file);
        wire_report_covered(r, file);
        fputs(" were not decoded", file);
    }
    if (fclose(file) != 0)
        fail("out of memory");
    return text;
}

static void report_no_packets(const char *where, const struct wire_result *r)
{
    unsigned long long cut = r->packets[PACKET_TRUNCATED], bad = r->packets[PACKET_BAD];
    char *covered = covered_text(r);
    if (cut)
        message("%s: no complete packet of port %lu: the headers of %llu were truncated by the "
                "snap length%s",
                where, port, cut, covered);
    else if (bad)
        message("%s: no packets of port %lu: %llu packets are malformed (invalid "
                "lengths)%s",
                where, port, bad, covered);
    else
        message("%s: no packets of port %lu%s", where, port, covered);
    free(covered);
}

static void report_missing(const char *where, const struct wire_result *r)
{
    unsigned long long cut = r->packets[PACKET_TRUNCATED], bad = r->packets[PACKET_BAD];
    char *covered = covered_text(r);
    if (wire_has_drops(r))
        message("%s: PACKETS WERE LOST: %llu by the kernel (--ring), %llu by the interface: the "
                "results are incomplete%s",
                where, (unsigned long long)r->capture.dropped,
                (unsigned long long)r->capture.interface_dropped, covered);
    else if (bad)
        message("%s: %llu packets are malformed (invalid lengths), and the headers of %llu "
                "were truncated: "
                "the results are incomplete%s",
                where, bad, cut, covered);
    else if (cut)
        message("%s: the headers of %llu packets were truncated by the snap length: the "
                "results "
                "are incomplete%s",
                where, cut, covered);
    else if (*covered)
        message("%s: %s", where, covered + strlen("; "));
    free(covered);
}

/* At most one line. */
static enum exit_status report_problems(const struct wire_result *r, const char *read_error)
{
    const char *where = wire.capture.file ? wire.capture.file : wire.capture.interface;
    bool saw_any = r->packets[PACKET_TCP] > r->totals.others;
    if (read_error) {
        message("%s: read error: %s; the results cover the packets before it%s", where, read_error,
                saw_any ? "" : ", of which there are none");
        return EXIT_FAILED;
    }
    if (!saw_any && !wire_has_drops(r)) {
        report_no_packets(where, r);
        return EXIT_FAILED;
    }
    report_missing(where, r);
    return strcmp(wire_verdict(r), "ok") == 0 ? EXIT_DONE : EXIT_NOT_OK;
}

int main(int argc, char **argv)
{
    static struct wire *w;
    const char *why;
    bool is_usage;
    read_options(argc, argv);
    output_try(json_path);
    output_try_directory(histograms_path);
    if (connections_path) {
        connections = output_open(connections_path);
        wire_report_connection(NULL, 0, connections);
        wire.over = write_connection;
        wire.context = &w;
    }
    struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART: interrupts waits */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    w = wire_open(&wire, &why, &is_usage);
    if (!w && is_usage)
        fail_usage("%s", why);
    if (!w)
        fail("%s", why);
    if (wire.capture.interface && isatty(STDERR_FILENO))
        message("capturing on %s, port %lu; press Ctrl-C for the report", wire.capture.interface,
                port);
    const char *read_error = read_all(w);
    wire_end(w);
    const struct wire_result *result = wire_result(w);
    write_results(result);
    if (connections)
        output_close(connections, connections_path);
    enum exit_status status = report_problems(result, read_error);
    const char *write_error = wire_close(w);
    if (write_error)
        fail("cannot write %s: %s",
             strcmp(wire.capture.write, "-") == 0 ? "standard output" : wire.capture.write,
             write_error);
    return status;
}
