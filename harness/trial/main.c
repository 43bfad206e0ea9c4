/*
 * trial: one measured window.
 *
 *      start server -> all workers asleep -> warm-up -> snapshot -> window -> snapshot -> drain
 *      -> stop server -> one row
 */

#include "row.h"
#include "server_command.h"
#include "witness.h"

#include "harness/lab/virtual/mark.h"
#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
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

static struct load_options load;
static struct trial trial = {.backend = "epoll", .workers = 8};
static struct cpulist server_cpus;
static const char *run_directory;
static const char *as_name;
static unsigned long parent;
static bool as_json, with_wire, warm_up, print_limits, counts_only;
static unsigned instrument;
static const char *const instrument_names[] = {"auto", "ctxsw", NULL};
enum instrument { AUTO, CTXSW };
enum { NAME_LENGTH = 40 };
static volatile int interrupted;

static const struct option_spec options[] = {
    {OPTION_TEXT, "strategy", "NAME", "the server: one of build/<backend>/", &trial.strategy, 0, 0,
     NULL},
    {OPTION_TEXT, "as", "NAME", "its name in the row (the server's)", &as_name, 0, 0, NULL},
    {OPTION_TEXT, "backend", "NAME", "event queue it is built on (epoll)", &trial.backend, 0, 0,
     NULL},
    {OPTION_NUMBER, "workers", "N", "worker processes (8)", &trial.workers, 1, 4096, NULL},
    {OPTION_DURATION, "window", "D", "what is measured (1s)", &load.duration_ns, 10 * NS_PER_MS,
     86400 * NS_PER_S, NULL},
    {OPTION_DURATION, "warmup", "D", "load before the window (200ms)", &load.warmup_ns, 0,
     3600 * NS_PER_S, NULL},
    {OPTION_CPUS, "server-cpus", "LIST", "worker i runs on CPU i of the list (any)", &server_cpus,
     0, 0, NULL},
    {OPTION_CPUS, "client-cpus", "LIST", "thread i of the load runs on CPU i of the list (any)",
     &load.cpus, 0, 0, NULL},
    {OPTION_TEXT, "machine", "KIND", "metal, vm, kvm, tcg or virtual (metal or vm, as it looks)",
     &trial.machine, 0, 0, NULL},
    {OPTION_FLAG, "counts-only", NULL,
     "tell nothing that is timed: for a machine whose CPUs are not real ones", &counts_only, 0, 0,
     NULL},
    {OPTION_NUMBER, "trial", "N", "number of this trial in its run (0)", &trial.number, 0,
     100000000, NULL},
    {OPTION_NUMBER, "round", "N", "round it belongs to (0)", &trial.round, 0, 100000000, NULL},
    {OPTION_NUMBER, "position", "N", "place in the round (0)", &trial.position, 0, 100000000, NULL},
    {OPTION_CHOICE, "instrument", "WHICH",
     "auto: wakeups by the counter in the kernel if it can be had, context switches beside it; or "
     "ctxsw: these alone",
     &instrument, 0, 0, instrument_names},
    {OPTION_FLAG, "wire", NULL,
     "look at the packets on loopback, too: more columns, of wire.csv; takes root, and costs "
     "throughput",
     &with_wire, 0, 0, NULL},
    {OPTION_FLAG, "warm-up-trial", NULL, "the row is marked as one that does not count", &warm_up,
     0, 0, NULL},
    {OPTION_NUMBER, "parent", "PID", "end when this process, which started this one, has ended",
     &parent, 1, 1UL << 30, NULL},
    {OPTION_FLAG, "limits", NULL, "print the limits that verdicts go by, and exit", &print_limits,
     0, 0, NULL},
    {OPTION_TEXT, "out", "DIR", "append to the run in DIR instead of printing the row",
     &run_directory, 0, 0, NULL},
    {OPTION_FLAG, "json", NULL, "print the row as JSON, not as CSV", &as_json, 0, 0, NULL},
    OPTIONS_END,
};

static struct server_process server;
static struct counter *counter; /* NULL = cannot be had, or is not wanted */
static struct probe *probe;
static struct witness *witness;       /* NULL = nobody looks at the wire */
static struct hiccups *hiccups;       /* NULL = may not be looked for */
static struct throttling *throttling; /* NULL = no control group tells */
static struct snapshot *before, *after;
static struct load_result result;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static void window_begins(void *context)
{
    (void)context;
    if (throttling)
        throttling_begin(throttling);
    snapshot_take(probe, before);
    if (hiccups)
        hiccups_window_begins(hiccups);
    if (witness)
        witness_window_begins(witness);
    MARK(MARK_WINDOW);
}

static void window_ended(void *context)
{
    (void)context;
    MARK(MARK_WINDOW_ENDED);
    if (witness)
        witness_window_ended(witness);
    if (hiccups)
        hiccups_window_ended(hiccups);
    snapshot_take(probe, after);
}

/* ---- words ---- */

/* In a column of CSV, CPU lists are joined by '+' where the kernel has a comma. */
static const char *cpus_text(const struct cpulist *chosen)
{
    char text[1024];
    struct cpulist allowed;
    cpulist_allowed(&allowed);
    cpulist_format(chosen->count ? chosen : &allowed, text, sizeof text);
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = '+';
    return strdup(text);
}

/* Those that server and client may use between them */
static const struct cpulist *cpus_in_use(void)
{
    static struct cpulist used;
    struct cpulist allowed;
    cpulist_allowed(&allowed);
    used.count = 0;
    for (unsigned i = 0; i < allowed.count; i++)
        if (!server_cpus.count || !load.cpus.count ||
            cpulist_contains(&server_cpus, allowed.cpus[i]) ||
            cpulist_contains(&load.cpus, allowed.cpus[i]))
            used.cpus[used.count++] = allowed.cpus[i];
    return &used;
}

/* A hypervisor tells its guests (Linux, arch/x86: the "hypervisor" CPU flag); which one it is, only
 * whoever started the guest knows. */
static const char *machine_kind(void)
{
    static char text[16384];
    int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, " hypervisor") ? "vm" : "metal";
}

/* What a column of CSV, and a file's reader, takes for a name */
static bool is_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t length = strlen(text);
    return length <= NAME_LENGTH && *text >= 'a' && *text <= 'z' && strspn(text, allowed) == length;
}

static bool keeps_connections(void)
{
    for (unsigned i = 0; i < load.classes.count; i++)
        if (load.classes.all[i].requests != 1 || load.classes.all[i].hold_ns > 0)
            return true;
    return false;
}

static void make_command(struct server_command *command, char *const *words)
{
    static char cpus[1024];
    server_command_begin(command, trial.backend, trial.strategy, trial.workers);
    if (keeps_connections())
        server_command_add(command, "--keepalive");
    if (server_cpus.count) {
        cpulist_format(&server_cpus, cpus, sizeof cpus);
        server_command_add(command, "--cpus");
        server_command_add(command, cpus);
    }
    server_command_add_all(command, words);
}

/* The columns that say what the load was. */
static void describe_load(void)
{
    bool is_open = load.schedule.kind != SCHEDULE_NONE, is_mix = load.classes.count > 1;
    trial.load = load_kind_name(&load.schedule);
    trial.rate_offered = is_open ? schedule_rate(&load.schedule) : NAN;
    trial.connections = is_open ? NOT_COUNTED : load.connections;
    trial.requests_per_connection = is_mix ? NOT_COUNTED : load.classes.all[0].requests;
}

static void set_target(void)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    load_arguments_target(&load, url);
}

/* ---- results ---- */

/* 0, or the errno that ended it: only a second write says why the first one was short. */
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

/* Writes all of it or nothing: a row that is there is whole. Rows are added (O_APPEND); what is a trial's own
 * takes the place of what an earlier attempt at it left (O_TRUNC). */
static void write_or_die(const char *name, int how, const char *text, size_t length)
{
    char path[4096];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", run_directory, name);
    int fd = open(path, O_WRONLY | how | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || fstat(fd, &status) != 0)
        fail("cannot write %s: %s", path, strerror(errno));
    int error = write_all(fd, text, length);
    if (error && ftruncate(fd, status.st_size) != 0)
        message("%s ends in half a row: %s", path, strerror(errno));
    if (close(fd) != 0 && !error)
        error = errno;
    if (error)
        fail("cannot write %s: %s; what was measured before is kept", path, strerror(error));
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

static void document_write_or_die(struct document *d, const char *name, int how)
{
    fclose(d->file);
    write_or_die(name, how, d->text, d->length);
    free(d->text);
}

static bool is_empty(const char *name)
{
    char path[4096];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", run_directory, name);
    return stat(path, &status) != 0 || status.st_size == 0;
}

static void write_histogram(const struct histogram *h, const char *what)
{
    struct document d;
    char name[64];
    snprintf(name, sizeof name, "hist/%lu%s.hgrm", trial.number, what);
    document_open(&d);
    histogram_write_hgrm(h, d.file);
    document_write_or_die(&d, name, O_TRUNC);
}

/* Rows of two versions in one file would be read by the names of the first. */
static void check_columns_or_die(const char *name, bool wire)
{
    char path[4096], first[4096] = "";
    struct document d;
    snprintf(path, sizeof path, "%s/%s", run_directory, name);
    FILE *file = fopen(path, "re");
    if (!file || !fgets(first, sizeof first, file))
        fail("cannot read %s: %s", path, strerror(errno));
    fclose(file);
    document_open(&d);
    row_write_header(d.file, wire);
    fclose(d.file);
    if (strcmp(d.text, first) != 0)
        fail("%s has other columns than this trial: go on with the version that began it, or begin "
             "anew",
             path);
    free(d.text);
}

static void append_row(const struct measurement *m, const char *name)
{
    struct document d;
    document_open(&d);
    if (is_empty(name))
        row_write_header(d.file, m->wire != NULL);
    else
        check_columns_or_die(name, m->wire != NULL);
    row_write_csv(d.file, &trial, m);
    document_write_or_die(&d, name, O_APPEND);
}

static void append_workers(const struct measurement *m)
{
    struct document d;
    document_open(&d);
    if (is_empty("workers.csv"))
        worker_rows_write_header(d.file);
    worker_rows_write(d.file, &trial, m);
    document_write_or_die(&d, "workers.csv", O_APPEND);
}

/* The row comes last: where it is, all the rest of the trial is too. */
static void append_to_run(const struct measurement *m)
{
    if (!m->counts_only)
        write_histogram(&m->load->latency, "");
    if (m->wire) {
        write_histogram(&m->load->first_byte, "-first_byte");
        write_histogram(&m->wire->intervals[FLOW_FIRST_BYTE], "-wire_first_byte");
        write_histogram(&m->wire->intervals[FLOW_WAIT], "-wire_wait");
        append_row(m, "wire.csv");
    } else {
        append_workers(m);
        append_row(m, "trials.csv");
    }
}

static void print_row(const struct measurement *m)
{
    if (as_json) {
        row_write_json(stdout, &trial, m);
        return;
    }
    row_write_header(stdout, m->wire != NULL);
    row_write_csv(stdout, &trial, m);
}

static void tell_errors(void)
{
    for (int i = 0; i < LOAD_ERRORS; i++)
        if (result.first_error[i][0])
            message("%s with %lu workers: %s errors, the first: %s", trial.strategy, trial.workers,
                    load_error_names[i], result.first_error[i]);
}

/* The row says which instrument it was: not having the other is no error. */
static void open_counter(void)
{
    const char *why;
    const struct counter_options wanted = {.tasks = (unsigned)server.stats->slots + 16};
    if (instrument != CTXSW)
        counter = counter_open(&wanted, &why);
}

static void open_witness_or_die(void)
{
    const char *why;
    if (!with_wire)
        return;
    witness = witness_open((uint16_t)server.port, &why);
    if (witness)
        return;
    server_process_stop(&server);
    fail("%s", why);
}

/* Server and client may be in different groups, or be moved: each process is asked. */
static struct throttling *open_throttling(void)
{
    unsigned count = (unsigned)server.stats->slots + 2;
    pid_t *pids = malloc(count * sizeof *pids);
    if (!pids)
        fail("out of memory");
    for (unsigned i = 0; i + 2 < count; i++)
        pids[i] = (pid_t)server.stats->slot[i].pid;
    pids[count - 2] = server.pid;
    pids[count - 1] = getpid();
    struct throttling *opened = throttling_open("", pids, count);
    free(pids);
    return opened;
}

/* Read when the load is over: the kernel counts a period when it ends, and one may be going on when the window
 * ends. */
static const struct throttled *close_throttling(void)
{
    static struct throttled throttled;
    if (!throttling)
        return NULL;
    throttled = throttling_end(throttling);
    return &throttled;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "one server, one load, one measured window: one row",
        .operands = "[-- options of the server]",
        .example = "trial --strategy wakeone --workers 8 --window 1s",
    };
    static const struct option_spec *const tables[] = {options, load_arguments, NULL};
    struct server_command command;
    load_arguments_begin(&load);
    load.warmup_ns = 200 * NS_PER_MS;
    load.duration_ns = NS_PER_S;
    int first = options_parse(&program, tables, argc, argv);
    MARK(MARK_TRIAL);

    if (print_limits) {
        limits_write(stdout);
        return EXIT_DONE;
    }
    if (as_name && !is_name(as_name))
        fail_usage("--as takes a name of small letters, digits and '-', %d at most, not '%s'",
                   NAME_LENGTH, as_name);
    if (first < argc && strcmp(argv[first - 1], "--") != 0)
        fail_usage("'%s' means nothing here: options of the server come after --", argv[first]);
    load_arguments_end(&load);
    make_command(&command, argv + first);
    describe_load();
    trial.cpus = cpus_in_use()->count;
    if (as_name)
        trial.strategy = as_name;
    trial.server_cpus = cpus_text(&server_cpus);
    trial.client_cpus = cpus_text(&load.cpus);
    if (!trial.machine)
        trial.machine = machine_kind();

    struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART: waits are to end */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file that may grow no more is an error like a full disk */
    /* Whoever is killed in the middle of a bench leaves nothing. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (parent && (unsigned long)getppid() != parent)
        fail("process %lu, which is to have started this trial, has ended", parent);

    if (!server_process_start(&server, command.words))
        return server.exit_status == EXIT_USAGE ? EXIT_USAGE : EXIT_FAILED;
    set_target();
    open_witness_or_die();
    open_counter();
    probe = probe_open(&server, counter);
    before = snapshot_new(probe);
    after = snapshot_new(probe);
    load.window_begins = window_begins;
    load.window_ended = window_ended;
    load.interrupted = &interrupted;
    throttling = open_throttling();
    hiccups = hiccups_start(cpus_in_use());
    const char *lacks = load_run(&load, &result);
    struct hiccups_result seen = {0};
    if (hiccups)
        seen = hiccups_stop(hiccups);
    struct measurement m = {
        .load = &result,
        .before = before,
        .after = after,
        .processes = (unsigned)server.stats->slots,
        .server_died = !server_process_is_whole(&server),
        .foreign = server.stats->foreign != 0,
        .warm_up = warm_up,
        .counts_only = counts_only,
        .virtual_time = trial.machine && strcmp(trial.machine, "virtual") == 0,
        .client_waits = load.schedule.kind == SCHEDULE_NONE && !load.spin,
        .hiccups = &seen,
        .throttled = close_throttling(),
        .wire = witness ? witness_stop(witness) : NULL,
    };
    probe_close(probe);
    counter_close(counter);
    if (!server_process_stop(&server))
        m.server_died = true;
    if (lacks)
        fail("%s", lacks);
    if (interrupted)
        return EXIT_FAILED;

    tell_errors();
    if (run_directory)
        append_to_run(&m);
    else
        print_row(&m);
    bool ok = warm_up || row_is_ok(&m);
    if (witness)
        witness_close(witness);
    free(before);
    free(after);
    return ok ? EXIT_DONE : EXIT_NOT_OK;
}
