/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trial: one measured window.
 *
 *      start server -> all workers asleep -> warm-up -> snapshot -> window -> snapshot -> drain
 *      -> stop server -> one row
 */

#include "mpirun.h"
#include "packet_capture.h"
#include "remote_load.h"
#include "row.h"
#include "server_command.h"
#include "tracing.h"

#include "harness/lab/virtual/mark.h"
#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/output.h"
#include "harness/load/arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_LENGTH = 40, CPUS_TEXT = 1024 };
enum instrument { AUTO, CTXSW };

/* Settings from the command line, and values derived from them. */
struct settings {
    struct load_options load;
    struct tracing tracing;
    struct remote_load remote; /* hosts = NULL: this host makes the load */
    struct trial trial;        /* the columns that describe the configuration */
    struct cpulist server_cpus;
    struct cpulist used_cpus; /* CPUs that server and client may use */
    char server_cpus_text[CPUS_TEXT], client_cpus_text[CPUS_TEXT];
    const char *run_directory; /* NULL = the row is printed */
    const char *as_name;       /* NULL = the strategy's */
    unsigned long parent;      /* 0 = not given */
    unsigned instrument;       /* enum instrument */
    bool as_json, with_wire, warm_up, print_limits, counts_only;
};

/* Instruments of the window; NULL = unavailable, or not enabled. */
struct instruments {
    struct counter *counter;
    struct probe *probe;
    struct snapshot *before, *after;
    struct packet_capture *packet_capture;
    struct hiccups *hiccups;
    struct throttling *throttling;
};

/* A trial from the start of its server to its row. */
struct session {
    struct settings *settings;
    struct server_process server;
    struct instruments instruments;
    struct load_result result;
    struct hiccups_result hiccups;
    struct throttled throttled;
};

static volatile int interrupted; /* set by a signal */

/* ---- settings ---- */

static struct settings given = {.trial = {.backend = "epoll", .workers = 8},
                                .tracing.last_ns = 10 * NS_PER_S};
static const char *const instrument_names[] = {"auto", "ctxsw", NULL};

static const struct option_spec options[] = {
    {OPTION_TEXT, "strategy", "NAME", "the server: one of build/<backend>/", &given.trial.strategy,
     0, 0, NULL},
    {OPTION_TEXT, "as", "NAME", "name of the server in the row (its strategy)", &given.as_name, 0,
     0, NULL},
    {OPTION_TEXT, "backend", "NAME", "event queue backend of the server (epoll)",
     &given.trial.backend, 0, 0, NULL},
    {OPTION_NUMBER, "workers", "N", "worker processes (8)", &given.trial.workers, 1, 4096, NULL},
    {OPTION_DURATION, "window", "D", "length of the measured window (1s)", &given.load.duration_ns,
     10 * NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_DURATION, "warmup", "D", "load before the window (200ms)", &given.load.warmup_ns, 0,
     3600 * NS_PER_S, NULL},
    {OPTION_CPUS, "server-cpus", "LIST", "worker i runs on CPU i of the list (any)",
     &given.server_cpus, 0, 0, NULL},
    {OPTION_CPUS, "client-cpus", "LIST", "thread i of the load runs on CPU i of the list (any)",
     &given.load.cpus, 0, 0, NULL},
    {OPTION_TEXT, "machine", "KIND", "metal, vm, kvm, tcg or virtual (metal or vm, detected)",
     &given.trial.machine, 0, 0, NULL},
    {OPTION_FLAG, "counts-only", NULL, "report no times: for machines with emulated CPUs",
     &given.counts_only, 0, 0, NULL},
    {OPTION_NUMBER, "trial", "N", "number of this trial in its run (0)", &given.trial.number, 0,
     100000000, NULL},
    {OPTION_NUMBER, "round", "N", "number of its round (0)", &given.trial.round, 0, 100000000,
     NULL},
    {OPTION_NUMBER, "position", "N", "position in the round (0)", &given.trial.position, 0,
     100000000, NULL},
    {OPTION_CHOICE, "instrument", "WHICH",
     "auto: count wakeups in the kernel if available, and context switches; "
     "ctxsw: context switches only",
     &given.instrument, 0, 0, instrument_names},
    {OPTION_FLAG, "wire", NULL,
     "also capture packets on loopback: adds the columns of wire.csv; needs root, and reduces "
     "throughput",
     &given.with_wire, 0, 0, NULL},
    {OPTION_TEXT, "trace", "FILE",
     "trace what each server process did and what woke it, for Perfetto and chrome://tracing; "
     "needs root",
     &given.tracing.path, 0, 0, NULL},
    {OPTION_DURATION, "trace-seconds", "D", "length of the trace, up to the end of the load (10s)",
     &given.tracing.last_ns, NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_FLAG, "warm-up-trial", NULL, "mark the row as a warm-up", &given.warm_up, 0, 0, NULL},
    {OPTION_NUMBER, "parent", "PID", "exit when the parent process PID exits", &given.parent, 1,
     1UL << 30, NULL},
    {OPTION_FLAG, "limits", NULL, "print the limits that verdicts use, and exit",
     &given.print_limits, 0, 0, NULL},
    {OPTION_TEXT, "clients", "HOSTS",
     "make the load on these hosts: a,b:2, @FILE, or job; needs mpirun", &given.remote.hosts, 0, 0,
     NULL},
    {OPTION_TEXT, "server-address", "A", "address that the server listens on (127.0.0.1)",
     &given.remote.address, 0, 0, NULL},
    {OPTION_TEXT, "out", "DIR", "append to the run in DIR instead of printing the row",
     &given.run_directory, 0, 0, NULL},
    {OPTION_FLAG, "json", NULL, "print the row as JSON, not as CSV", &given.as_json, 0, 0, NULL},
    OPTIONS_END,
};

static const struct option_spec *const tables[] = {options, load_arguments, NULL};

static int read_options(struct settings *s, int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "measures one server under one load in one window, and prints a row",
        .operands = "[-- options of the server]",
        .example = "trial --strategy wakeone --workers 8 --window 1s",
    };
    load_arguments_begin(&s->load);
    s->load.warmup_ns = 200 * NS_PER_MS;
    s->load.duration_ns = NS_PER_S;
    return options_parse(&program, tables, argc, argv);
}

/* A name that is valid in CSV columns and file names */
static bool is_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t length = strlen(text);
    return length <= NAME_LENGTH && *text >= 'a' && *text <= 'z' && strspn(text, allowed) == length;
}

static void check_remote_load_or_die(struct settings *s, char **argv)
{
    static const char *arguments[REMOTE_LOAD_ARGUMENTS];
    const struct {
        bool given;
        const char *option, *why;
    } refused[] = {
        {s->load.cpus.count > 0, "client-cpus", "it applies to this host only"},
        {s->with_wire, "wire", "it captures on this host's loopback"},
    };
    if (!s->remote.hosts)
        return;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (refused[i].given)
            fail_usage("--%s is not supported with --clients: %s", refused[i].option,
                       refused[i].why);
    if (!s->remote.address)
        fail_usage("--clients needs --server-address, where the clients reach the server");
    mpirun_check(s->remote.hosts);
    if (!options_pick(tables, load_arguments, argv, arguments, REMOTE_LOAD_ARGUMENTS))
        fail_usage("too many options of the load with --clients");
    s->remote.arguments = arguments;
}

/* The server's options begin at argv[first]. */
static void check_options_or_die(const struct settings *s, int first, int argc, char **argv)
{
    if (s->as_name && !is_name(s->as_name))
        fail_usage("--as takes a name of at most %d lower-case letters, digits and '-', not '%s'",
                   NAME_LENGTH, s->as_name);
    if (s->tracing.path && s->instrument == CTXSW)
        fail_usage("--trace is not supported with --instrument ctxsw");
    if (first < argc && strcmp(argv[first - 1], "--") != 0)
        fail_usage("unexpected argument '%s': options of the server follow --", argv[first]);
}

/* In CSV, the CPUs of a list are joined by '+' instead of a comma. */
static void format_cpus(const struct cpulist *chosen, char *text, size_t size)
{
    struct cpulist allowed;
    cpulist_allowed(&allowed);
    cpulist_format(chosen->count ? chosen : &allowed, text, size);
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = '+';
}

static void set_used_cpus(struct settings *s)
{
    struct cpulist allowed;
    cpulist_allowed(&allowed);
    s->used_cpus.count = 0;
    for (unsigned i = 0; i < allowed.count; i++)
        if (!s->server_cpus.count || !s->load.cpus.count ||
            cpulist_contains(&s->server_cpus, allowed.cpus[i]) ||
            cpulist_contains(&s->load.cpus, allowed.cpus[i]))
            s->used_cpus.cpus[s->used_cpus.count++] = allowed.cpus[i];
}

/* A hypervisor is visible to its guests (Linux, arch/x86: the "hypervisor" CPU flag); its kind is known only to the program
 * that started the guest. */
static const char *machine_kind(void)
{
    char text[16384];
    int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, " hypervisor") ? "vm" : "metal";
}

/* The columns that describe the load. */
static void describe_load(struct trial *trial, const struct load_options *load)
{
    bool is_open = load->schedule.kind != SCHEDULE_NONE, is_mix = load->classes.count > 1;
    trial->load = load_kind_name(&load->schedule);
    trial->rate_offered = is_open ? schedule_rate(&load->schedule) : NAN;
    trial->connections = is_open ? NOT_COUNTED : load->connections;
    trial->requests_per_connection = is_mix ? NOT_COUNTED : load->classes.all[0].requests;
}

/* The other columns of the configuration. */
static void describe_trial(struct settings *s)
{
    struct trial *trial = &s->trial;
    describe_load(trial, &s->load);
    set_used_cpus(s);
    format_cpus(&s->server_cpus, s->server_cpus_text, sizeof s->server_cpus_text);
    if (s->remote.hosts)
        snprintf(s->client_cpus_text, sizeof s->client_cpus_text, "remote");
    else
        format_cpus(&s->load.cpus, s->client_cpus_text, sizeof s->client_cpus_text);
    trial->cpus = s->used_cpus.count;
    trial->server_cpus = s->server_cpus_text;
    trial->client_cpus = s->client_cpus_text;
    if (s->as_name)
        trial->strategy = s->as_name;
    if (!trial->machine)
        trial->machine = machine_kind();
}

/* ---- the server ---- */

static bool keeps_connections(const struct load_options *load)
{
    for (unsigned i = 0; i < load->classes.count; i++)
        if (load->classes.all[i].requests != 1 || load->classes.all[i].hold_ns > 0)
            return true;
    return false;
}

/* `cpus` is a buffer of CPUS_TEXT bytes, which must stay valid while the command is used. */
static void make_command(struct server_command *command, const struct settings *s, char *cpus,
                         char *const *server_options)
{
    server_command_begin(command, s->trial.backend, s->trial.strategy, s->trial.workers);
    if (keeps_connections(&s->load))
        server_command_add(command, "--keepalive");
    if (s->server_cpus.count) {
        cpulist_format(&s->server_cpus, cpus, CPUS_TEXT);
        server_command_add(command, "--cpus");
        server_command_add(command, cpus);
    }
    if (s->remote.address) {
        server_command_add(command, "--address");
        server_command_add(command, s->remote.address);
    }
    server_command_add_all(command, server_options);
}

static const char *server_url(const struct settings *s, unsigned port)
{
    static char url[300];
    const char *address = s->remote.address ? s->remote.address : "127.0.0.1";
    bool is_ipv6 = strchr(address, ':');
    snprintf(url, sizeof url, "http://%s%s%s:%u/", is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "",
             port);
    return url;
}

/* ---- instruments ---- */

/* The row names the instrument in use: a missing counter is no error, except with --trace. */
static struct counter *open_counter_or_die(struct session *session)
{
    struct settings *s = session->settings;
    const char *why;
    if (s->instrument == CTXSW)
        return NULL;
    struct counter *counter = tracing_open(&s->tracing, &session->server, &why);
    if (counter || !s->tracing.path)
        return counter;
    server_process_stop(&session->server);
    fail("cannot trace: %s", why);
}

static struct packet_capture *open_packet_capture_or_die(struct session *session)
{
    const char *why;
    if (!session->settings->with_wire)
        return NULL;
    struct packet_capture *packet_capture = packet_capture_open((uint16_t)session->server.port,
                                                                &why);
    if (packet_capture)
        return packet_capture;
    server_process_stop(&session->server);
    fail("%s", why);
}

/* Server and client may be in different groups: the groups of each process are looked up. */
static struct throttling *open_throttling(const struct server_process *server)
{
    unsigned count = (unsigned)server->stats->slots + 2;
    pid_t *pids = malloc(count * sizeof *pids);
    if (!pids)
        fail("out of memory");
    for (unsigned i = 0; i + 2 < count; i++)
        pids[i] = (pid_t)server->stats->slot[i].pid;
    pids[count - 2] = server->pid;
    pids[count - 1] = getpid();
    struct throttling *opened = throttling_open("", pids, count);
    free(pids);
    return opened;
}

static void open_instruments_or_die(struct session *session)
{
    struct instruments *i = &session->instruments;
    i->packet_capture = open_packet_capture_or_die(session);
    i->counter = open_counter_or_die(session);
    i->probe = probe_open(&session->server, i->counter);
    i->before = snapshot_new(i->probe);
    i->after = snapshot_new(i->probe);
    i->throttling = open_throttling(&session->server);
    i->hiccups = hiccups_start(&session->settings->used_cpus);
}

static void window_begins(void *context)
{
    const struct instruments *i = context;
    if (i->throttling)
        throttling_begin(i->throttling);
    snapshot_take(i->probe, i->before);
    if (i->hiccups)
        hiccups_window_begins(i->hiccups);
    if (i->packet_capture)
        packet_capture_window_begins(i->packet_capture);
    if (i->counter)
        counter_mark(i->counter, "window begins");
    MARK(MARK_WINDOW);
}

static void window_ended(void *context)
{
    const struct instruments *i = context;
    MARK(MARK_WINDOW_ENDED);
    if (i->counter)
        counter_mark(i->counter, "window ends");
    if (i->packet_capture)
        packet_capture_window_ended(i->packet_capture);
    if (i->hiccups)
        hiccups_window_ended(i->hiccups);
    snapshot_take(i->probe, i->after);
}

/* After the load has ended: the kernel counts a throttled period only when it is over, which may be after the end of the
 * window. */
static void read_instruments(struct session *session, struct measurement *m)
{
    const struct instruments *i = &session->instruments;
    if (i->hiccups)
        session->hiccups = hiccups_stop(i->hiccups);
    if (i->throttling)
        session->throttled = throttling_end(i->throttling);
    m->before = i->before;
    m->after = i->after;
    m->hiccups = &session->hiccups;
    m->throttled = i->throttling ? &session->throttled : NULL;
    m->wire = i->packet_capture ? packet_capture_stop(i->packet_capture) : NULL;
}

/* The snapshots and the captured intervals are kept for the row: see free_measured(). */
static void close_counters(const struct instruments *i)
{
    probe_close(i->probe);
    counter_close(i->counter);
}

static void free_measured(const struct instruments *i)
{
    if (i->packet_capture)
        packet_capture_close(i->packet_capture);
    free(i->before);
    free(i->after);
}

/* ---- the window ---- */

static void describe_conditions(const struct session *session, struct measurement *m)
{
    const struct settings *s = session->settings;
    m->load = &session->result;
    m->processes = (unsigned)session->server.stats->slots;
    m->server_died = !server_process_is_whole(&session->server);
    m->client_lost = s->remote.lost;
    m->window_error_us = s->remote.window_error_us;
    m->foreign = session->server.stats->foreign != 0;
    m->warm_up = s->warm_up;
    m->counts_only = s->counts_only;
    m->virtual_time = strcmp(s->trial.machine, "virtual") == 0;
    m->client_waits = s->load.schedule.kind == SCHEDULE_NONE && !s->load.spin;
}

static const char *run_load(struct session *session)
{
    struct settings *s = session->settings;
    const char *url = server_url(s, session->server.port);
    if (s->remote.hosts)
        return remote_load_run(&s->remote, &s->load, url, &session->result);
    load_arguments_target(&s->load, url);
    return load_run(&s->load, &session->result);
}

/* Loads the running server, and stops it. The measurement points into the session. */
static struct measurement measure_or_die(struct session *session)
{
    struct measurement m = {0};
    struct load_options *load = &session->settings->load;
    open_instruments_or_die(session);
    load->window_begins = window_begins;
    load->window_ended = window_ended;
    load->context = &session->instruments;
    load->interrupted = &interrupted;
    const char *error = run_load(session);
    describe_conditions(session, &m);
    read_instruments(session, &m);
    tracing_write(&session->settings->tracing, session->instruments.counter);
    close_counters(&session->instruments);
    if (!server_process_stop(&session->server))
        m.server_died = true;
    if (error)
        fail("%s", error);
    return m;
}

/* ---- results ---- */

/* Returns 0, or errno: the cause of a short write is known only from a second write. */
static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);
        if (n < 0)
            return errno;
        text += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Writes all of the text or nothing, so that there are no partial rows. Rows are appended (O_APPEND); files of a single
 * trial replace those of an earlier attempt (O_TRUNC). */
static void write_or_die(const char *directory, const char *name, int how, const char *text,
                         size_t length)
{
    char path[4096];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | how | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0 || fstat(fd, &status) != 0)
        fail("cannot write %s: %s", path, strerror(errno));
    int error = write_all(fd, text, length);
    if (error && ftruncate(fd, status.st_size) != 0)
        message("%s ends with an incomplete row: %s", path, strerror(errno));
    if (close(fd) != 0 && !error)
        error = errno;
    if (error)
        fail("cannot write %s: %s; earlier rows are kept", path, strerror(error));
}

struct document {
    char *text;
    size_t length;
    FILE *file;
};

static void document_open(struct document *d)
{
    d->file = open_memstream(&d->text, &d->length);
    if (!d->file)
        fail("out of memory");
}

static void document_write_or_die(struct document *d, const char *directory, const char *name,
                                  int how)
{
    fclose(d->file);
    write_or_die(directory, name, how, d->text, d->length);
    free(d->text);
}

static bool is_empty(const char *directory, const char *name)
{
    char path[4096];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &status) != 0 || status.st_size == 0;
}

static void write_histogram(const struct settings *s, const struct histogram *h, const char *what)
{
    struct document d;
    char name[64];
    snprintf(name, sizeof name, "hist/%lu%s.hgrm", s->trial.number, what);
    document_open(&d);
    histogram_write_hgrm(h, d.file);
    document_write_or_die(&d, s->run_directory, name, O_TRUNC);
}

/* Rows of different versions cannot be mixed in one file: they have the columns of the first header. */
static void check_columns_or_die(const char *directory, const char *name, bool wire)
{
    char path[4096], first[4096] = "";
    struct document d;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    if (!file || !fgets(first, sizeof first, file))
        fail("cannot read %s: %s", path, strerror(errno));
    fclose(file);
    document_open(&d);
    row_write_header(d.file, wire);
    fclose(d.file);
    if (strcmp(d.text, first) != 0)
        fail("%s has other columns than this trial: continue with the version that began it, or "
             "start a new run",
             path);
    free(d.text);
}

static void append_row(const struct settings *s, const struct measurement *m, const char *name)
{
    struct document d;
    document_open(&d);
    if (is_empty(s->run_directory, name))
        row_write_header(d.file, m->wire != NULL);
    else
        check_columns_or_die(s->run_directory, name, m->wire != NULL);
    row_write_csv(d.file, &s->trial, m);
    document_write_or_die(&d, s->run_directory, name, O_APPEND);
}

static void append_workers(const struct settings *s, const struct measurement *m)
{
    struct document d;
    document_open(&d);
    if (is_empty(s->run_directory, "workers.csv"))
        worker_rows_write_header(d.file);
    worker_rows_write(d.file, &s->trial, m);
    document_write_or_die(&d, s->run_directory, "workers.csv", O_APPEND);
}

static void append_clients(const struct settings *s)
{
    struct document d;
    document_open(&d);
    if (is_empty(s->run_directory, "clients.csv"))
        clients_write_header(d.file, &s->trial.number);
    clients_write(d.file, &s->trial.number, s->remote.clients, s->remote.client_count);
    document_write_or_die(&d, s->run_directory, "clients.csv", O_APPEND);
}

/* The row is written last: if it exists, the trial is complete. */
static void append_to_run(const struct settings *s, const struct measurement *m)
{
    if (s->remote.client_count)
        append_clients(s);
    if (!m->counts_only && !m->client_lost)
        write_histogram(s, &m->load->latency, "");
    if (m->wire) {
        write_histogram(s, &m->load->first_byte, "-first_byte");
        write_histogram(s, &m->wire->intervals[FLOW_FIRST_BYTE], "-wire_first_byte");
        write_histogram(s, &m->wire->intervals[FLOW_WAIT], "-wire_wait");
        append_row(s, m, "wire.csv");
    } else {
        append_workers(s, m);
        append_row(s, m, "trials.csv");
    }
}

static void print_row(const struct settings *s, const struct measurement *m)
{
    if (s->as_json) {
        row_write_json(stdout, &s->trial, m);
        return;
    }
    row_write_header(stdout, m->wire != NULL);
    row_write_csv(stdout, &s->trial, m);
}

static void report_errors(const struct trial *trial, const struct load_result *result)
{
    for (int i = 0; i < LOAD_ERRORS; i++)
        if (result->first_error[i][0])
            message("%s with %lu workers: %s errors, the first: %s", trial->strategy,
                    trial->workers, load_error_names[i], result->first_error[i]);
}

static enum exit_status report(const struct settings *s, const struct measurement *m)
{
    report_errors(&s->trial, m->load);
    if (s->run_directory)
        append_to_run(s, m);
    else
        print_row(s, m);
    return s->warm_up || row_is_ok(m) ? EXIT_DONE : EXIT_NOT_OK;
}

/* ---- signals ---- */

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static void handle_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART: interrupts waits */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* exceeding RLIMIT_FSIZE is an error like a full disk */
}

/* Ends the trial with its parent, also if that is killed. `parent` 0: any. */
static void end_with_parent_or_die(unsigned long parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (parent && (unsigned long)getppid() != parent)
        fail("parent process %lu has ended", parent);
}

int main(int argc, char **argv)
{
    static struct session session = {
        .settings = &given}; /* static: the result is too large for the stack */
    struct server_command command;
    char command_cpus[CPUS_TEXT];
    int first = read_options(&given, argc, argv);
    MARK(MARK_TRIAL);
    if (given.print_limits) {
        limits_write(stdout);
        return EXIT_DONE;
    }
    check_options_or_die(&given, first, argc, argv);
    load_arguments_end(&given.load);
    check_remote_load_or_die(&given, argv);
    make_command(&command, &given, command_cpus, argv + first);
    describe_trial(&given);
    output_try(given.tracing.path);

    handle_signals();
    end_with_parent_or_die(given.parent);
    if (!server_process_start(&session.server, command.arguments))
        return session.server.exit_status == EXIT_USAGE ? EXIT_USAGE : EXIT_FAILED;
    struct measurement m = measure_or_die(&session);
    if (interrupted)
        return EXIT_FAILED;
    enum exit_status status = report(&given, &m);
    free_measured(&session.instruments);
    free(given.remote.clients);
    return status;
}
