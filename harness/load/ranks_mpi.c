/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes joined by MPI. Each process uses its own clock; clocks are not compared across hosts. The warm-up begins at an
 * MPI_Iallreduce, each end of the window at a rendezvous (below), and results are merged by MPI_Reduce with the function
 * that merges those of threads, so that counts and histograms are those of all processes.
 */

#include "clients.h"
#include "ranks.h"
#include "result.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/output.h"

#include <errno.h>
#include <fcntl.h>
#include <mpi.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TAG_CLIENT, TAG_ARRIVED, TAG_RELEASE, TAG_RELEASED };

/* Timeout of the first process for one that has stopped or whose host is unreachable. The others wait for the first. */
static const uint64_t ARRIVAL_TIMEOUT_NS = 5 * NS_PER_S, READY_TIMEOUT_NS = 60 * NS_PER_S;

/* A process polls for this long, so that all go on at the same time; then it sleeps between polls. */
static const uint64_t POLL_NS = 100 * NS_PER_MS, POLL_INTERVAL_NS = NS_PER_MS;

/* Until a known time a process sleeps, up to shortly before. */
static const uint64_t AWAKE_BEFORE_NS = 5 * NS_PER_MS;

/* By then the first process has printed what is wrong for all. */
static const uint64_t FIRST_REPORTS_NS = NS_PER_S;

static const char *clients_path, *observer_name;
static int observer = -1; /* socket to the trial; in the first process */
static int rank, ranks;
static char (*hosts)[CLIENT_HOST];
static struct client *clients; /* all of them in the first process; only its own elsewhere */
static unsigned url_count;
static int muted_stderr = -1;
static bool has_begun, ended;
static uint64_t ready_ns; /* when the warm-up began */

const struct option_spec ranks_options[] = {
    {OPTION_OUTPUT, "clients-csv", "FILE",
     "write a CSV row per process, to FILE or standard output", &clients_path, 0, 0, NULL},
    {OPTION_TEXT, "observer", "SOCKET",
     "the first process makes no load and reports to a trial; used by trial --clients",
     &observer_name, 0, 0, NULL},
    OPTIONS_END,
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        fail("out of memory");
    return memory;
}

/* ---- messages ---- */

/* True if the launcher's environment gives a rank other than 0: Open MPI, others by PMI, Slurm. */
static bool is_another(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                        "SLURM_PROCID"};
    const char *value;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if ((value = getenv(names[i])))
            return strcmp(value, "0") != 0;
    return false;
}

/*
 * A launcher ends all processes when one has failed. What is wrong before ranks_begin() is wrong in all, so the others wait for
 * that, or the first one may not come to its message.
 */
static void let_first_report(int status, void *nothing)
{
    (void)nothing;
    if (status && !has_begun)
        sleep_ns(FIRST_REPORTS_NS);
}

void ranks_mute_others(void)
{
    int nowhere = is_another() ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (nowhere < 0)
        return;
    on_exit(let_first_report, NULL);
    muted_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

/* From here on errors may concern one host, so messages name it. */
static void prefix_messages_with_host(void)
{
    static char name[CLIENT_HOST + 16];
    if (muted_stderr >= 0) {
        dup2(muted_stderr, STDERR_FILENO);
        close(muted_stderr);
    }
    snprintf(name, sizeof name, "load-mpi: %s", hosts[rank]);
    if (rank > 0)
        message_name(name);
}

bool ranks_is_first(void)
{
    return rank == 0;
}

void ranks_refuse(const char *option)
{
    if (ranks < 2)
        return;
    if (rank == 0)
        message("%s is supported for a single process only; this load has %d", option, ranks);
    exit(ranks_end(EXIT_USAGE));
}

/* ---- waiting for the others ---- */

static void end_all(int status, void *nothing)
{
    (void)nothing;
    if (!ended)
        MPI_Abort(MPI_COMM_WORLD, status);
}

static void rest(uint64_t waiting_since_ns)
{
    if (clock_ns() - waiting_since_ns < POLL_NS)
        sched_yield();
    else
        sleep_ns(POLL_INTERVAL_NS);
}

/* A limit of 0 = no timeout */
static bool wait_for_all(MPI_Request *requests, int count, uint64_t within_ns)
{
    uint64_t begin_ns = clock_ns();
    int done = 0;
    while (MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE) == MPI_SUCCESS && !done &&
           (within_ns == 0 || clock_ns() - begin_ns < within_ns))
        rest(begin_ns);
    return done;
}

static bool all_ready(bool ready)
{
    int own = ready, all = 0;
    MPI_Request request;
    MPI_Iallreduce(&own, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    if (!wait_for_all(&request, 1, READY_TIMEOUT_NS))
        /* NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): ends with all */
        fail("not all of the %d processes were ready within a minute", ranks);
    ready_ns = clock_ns(); /* NOLINT(clang-analyzer-optin.mpi.MPI-Checker): as below */
    return all; /* NOLINT(clang-analyzer-optin.mpi.MPI-Checker): completed by MPI_Testall() */
}

/* Names the first process whose request is incomplete. */
static void fail_naming_missing(MPI_Request *requests, int count, int first)
    __attribute__((noreturn));
static void fail_naming_missing(MPI_Request *requests, int count, int first)
{
    int who = 0, completed = 1;
    for (; who < count && completed; who += completed)
        MPI_Test(&requests[who], &completed, MPI_STATUS_IGNORE);
    fail("%s (process %d) did not reach the end of the window: it was killed, "
         "hangs, or its host is unreachable",
         hosts[(first + who) % ranks], first + who);
}

/* ---- rendezvous ----
 *
 *      other processes     first process
 *      ARRIVED   ------>   records the arrival time of each; all are stopped
 *                <------   releases them one after the other
 *      RELEASED  ------>   records the release time of each
 *
 * A process is released between the first's release and the receipt of its RELEASED: that bounds the error of a begin,
 * on one clock. The error of an end is the time from the first ARRIVED to the process's own plus the message's delay,
 * which is not longer than at the begin.
 */

struct rendezvous {
    uint64_t release_ns;
    uint64_t *arrived_ns, *released_ns; /* by process */
};

static void rendezvous_open(struct rendezvous *m)
{
    m->arrived_ns = allocate((size_t)ranks, sizeof *m->arrived_ns);
    m->released_ns = allocate((size_t)ranks, sizeof *m->released_ns);
}

static void rendezvous_close(struct rendezvous *m)
{
    free(m->arrived_ns);
    free(m->released_ns);
}

/* Receives a message from each process and records its time; they are expected at due_ns, or now if that is earlier. */
static void receive_all(int tag, uint64_t due_ns, uint64_t *times_ns)
{
    int count = ranks - 1, done = 0, completed, *which = allocate((size_t)ranks, sizeof *which);
    MPI_Request *requests = allocate((size_t)ranks, sizeof(MPI_Request));
    uint64_t begin_ns = clock_ns(),
             end_ns = (due_ns > begin_ns ? due_ns : begin_ns) + ARRIVAL_TIMEOUT_NS;
    for (int i = 0; i < count; i++)
        MPI_Irecv(NULL, 0, MPI_BYTE, i + 1, tag, MPI_COMM_WORLD, &requests[i]);
    while (done < count) {
        MPI_Testsome(count, requests, &completed, which, MPI_STATUSES_IGNORE);
        uint64_t now = clock_ns();
        for (int i = 0; i < completed; i++)
            times_ns[which[i] + 1] = now;
        done += completed > 0 ? completed : 0;
        if (now > end_ns)
            break;
        if (completed <= 0)
            rest(begin_ns);
    }
    if (done < count)
        fail_naming_missing(requests, count, 1);
    free(requests);
    free(which);
}

/* `snapshot` is called while all are stopped; may be NULL. */
static void rendezvous_as_first(struct rendezvous *m, uint64_t due_ns, void (*snapshot)(void))
{
    m->arrived_ns[0] = clock_ns();
    receive_all(TAG_ARRIVED, due_ns, m->arrived_ns);
    if (snapshot)
        snapshot();
    m->release_ns = m->released_ns[0] = clock_ns();
    for (int i = 1; i < ranks; i++)
        MPI_Send(NULL, 0, MPI_BYTE, i, TAG_RELEASE, MPI_COMM_WORLD);
    receive_all(TAG_RELEASED, 0, m->released_ns);
}

static void rendezvous_as_other(void)
{
    MPI_Request request;
    MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_ARRIVED, MPI_COMM_WORLD);
    MPI_Irecv(NULL, 0, MPI_BYTE, 0, TAG_RELEASE, MPI_COMM_WORLD, &request);
    wait_for_all(&request, 1, 0);
    MPI_Wait(&request, MPI_STATUS_IGNORE); /* completed by MPI_Testall() */
    MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_RELEASED, MPI_COMM_WORLD);
}

static void rendezvous(struct rendezvous *m, uint64_t due_ns, void (*snapshot)(void))
{
    if (rank == 0)
        rendezvous_as_first(m, due_ns, snapshot);
    else
        rendezvous_as_other();
}

static struct rendezvous begin, end;

static void begin_window(void *context)
{
    const struct load_options *load = context;
    rendezvous(&begin, ready_ns + load->warmup_ns, NULL);
}

static void end_window(void *context)
{
    const struct load_options *load = context;
    rendezvous(&end, load->count ? 0 : begin.release_ns + load->duration_ns, NULL);
}

static double microseconds(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e3 : 0;
}

/* In the first process; the observer has no window. */
static void record_window_errors(void)
{
    int first = observer_name ? 1 : 0;
    uint64_t earliest = UINT64_MAX;
    for (int i = first; i < ranks; i++)
        earliest = end.arrived_ns[i] < earliest ? end.arrived_ns[i] : earliest;
    for (int i = first; i < ranks; i++) {
        struct client *c = &clients[i - first];
        c->begin_error_us = microseconds(begin.release_ns, begin.released_ns[i]);
        c->end_error_us = c->begin_error_us + microseconds(earliest, end.arrived_ns[i]);
    }
}

/* ---- connection to the trial ---- */

static void send_to_trial(const void *data, size_t size)
{
    if (!clients_send(observer, data, size))
        fail("lost the connection to the trial (--observer): %s", strerror(errno));
}

/* Returns when the trial has taken its snapshot. */
static void wait_for_trial(enum clients_message what)
{
    char message = (char)what;
    send_to_trial(&message, 1);
    if (!clients_receive(observer, &message, 1))
        fail("the trial (--observer) has closed the connection");
}

static void snapshot_at_begin(void)
{
    wait_for_trial(CLIENTS_BEGIN);
}

static void snapshot_at_end(void)
{
    wait_for_trial(CLIENTS_END);
}

static void connect_to_trial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char build[CLIENTS_BUILD];
    size_t length = strlen(observer_name);
    if (length + 1 > sizeof address.sun_path)
        fail_usage("--observer: name too long");
    memcpy(address.sun_path + 1, observer_name, length);
    observer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (observer < 0 || connect(observer, (struct sockaddr *)&address,
                                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)))
        fail("--observer %s: no such trial on this host: %s", observer_name, strerror(errno));
    clients_build(build);
    send_to_trial(build, sizeof build);
}

static void sleep_until(uint64_t when_ns)
{
    uint64_t now = clock_ns();
    if (when_ns > now)
        sleep_ns(when_ns - now);
}

/* Replaces the load in the observer: takes the same time as that of the others, and notifies the trial at both ends. */
static const char *observe(const struct load_options *load, struct load_result *result)
{
    memset(result, 0, sizeof *result);
    result->complete = true;
    if (!all_ready(true)) {
        char message = CLIENTS_FAILED;
        send_to_trial(&message, 1);
        return "";
    }
    uint64_t begin_ns = clock_ns() + load->warmup_ns;
    sleep_until(begin_ns - AWAKE_BEFORE_NS);
    rendezvous(&begin, begin_ns, snapshot_at_begin);
    uint64_t end_ns = begin.release_ns + load->duration_ns;
    sleep_until(end_ns - AWAKE_BEFORE_NS);
    rendezvous(&end, end_ns, snapshot_at_end);
    return NULL;
}

bool ranks_hand_over(const struct load_result *result)
{
    uint32_t count = (uint32_t)(ranks - 1);
    char message = CLIENTS_RESULT;
    if (observer < 0)
        return false;
    send_to_trial(&message, 1);
    send_to_trial(result, sizeof *result);
    send_to_trial(&count, sizeof count);
    send_to_trial(clients, count * sizeof *clients);
    return true;
}

/* ---- set-up ---- */

static void check_builds(void)
{
    char own[CLIENTS_BUILD], first[CLIENTS_BUILD];
    clients_build(own);
    memcpy(first, own, sizeof first);
    MPI_Bcast(first, CLIENTS_BUILD, MPI_CHAR, 0, MPI_COMM_WORLD);
    if (memcmp(own, first, sizeof own) != 0)
        fail("build mismatch: %s here, but %s runs %s", own, hosts[0], first);
}

static void gather_hosts(void)
{
    char own[CLIENT_HOST] = "";
    gethostname(own, sizeof own - 1);
    hosts = allocate((size_t)ranks, sizeof *hosts);
    MPI_Allgather(own, CLIENT_HOST, MPI_CHAR, hosts, CLIENT_HOST, MPI_CHAR, MPI_COMM_WORLD);
}

static void set_up_observer(struct load_options *load)
{
    if (!observer_name)
        return;
    if (ranks < 2 || load->count)
        fail_usage("--observer needs at least two processes and --duration");
    load->ranks--;
    if (rank == 0)
        connect_to_trial();
    else
        load->rank--;
}

void ranks_begin(struct load_options *load)
{
    int provided; /* only the main thread calls MPI */
    has_begun = true;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    on_exit(end_all, NULL);
    gather_hosts();
    prefix_messages_with_host();
    check_builds();
    load->rank = (unsigned)rank;
    load->ranks = (unsigned)ranks;
    load->all_ready = all_ready;
    load->window_begins = begin_window;
    load->window_ended = end_window;
    load->context = load;
    set_up_observer(load);
    rendezvous_open(&begin);
    rendezvous_open(&end);
    clients = allocate((size_t)ranks, sizeof *clients);
    rendezvous(&begin, 0, NULL); /* establishes the connections between hosts */
}

const char *ranks_run(struct load_options *load, struct load_result *result)
{
    return observer_name && rank == 0 ? observe(load, result) : load_run(load, result);
}

/* ---- results by process ---- */

static struct client own_client(const struct load_options *load, const struct load_result *r)
{
    struct client client = {
        .threads = load->threads,
        .open_loop = load->schedule.kind != SCHEDULE_NONE,
        .window_ns = r->window_ns,
        .intended = r->intended,
        .not_started = r->not_started,
        .requests = r->requests,
        .ports = r->errors[LOAD_PORTS],
        .errors = load_errors(r),
        .cpu_ns = r->cpu_ns,
        .reached_rps = r->throughput_rps,
        .send_lag_p99_us = histogram_percentile_us(&r->send_lag, 99),
    };
    memcpy(client.host, hosts[rank], sizeof client.host);
    return client;
}

static void write_clients(unsigned count)
{
    if (!clients_path)
        return;
    FILE *file = output_open(clients_path);
    clients_write_header(file, NULL);
    clients_write(file, NULL, clients, count);
    output_close(file, clients_path);
}

/* Sent to the first process, which then knows that all have ended. The observer is not a client. */
static void gather_clients(const struct client *own)
{
    int first = observer_name ? 1 : 0, receiving = rank == 0 ? ranks - first : 0;
    bool sending = rank >= first;
    MPI_Request *requests = allocate((size_t)receiving + 1, sizeof(MPI_Request));
    for (int i = 0; i < receiving; i++)
        MPI_Irecv(&clients[i], sizeof clients[i], MPI_BYTE, i + first, TAG_CLIENT, MPI_COMM_WORLD,
                  &requests[i]);
    if (sending)
        MPI_Isend(own, sizeof *own, MPI_BYTE, 0, TAG_CLIENT, MPI_COMM_WORLD, &requests[receiving]);
    int count = receiving + sending;
    if (!wait_for_all(requests, count, ARRIVAL_TIMEOUT_NS) && rank == 0)
        fail_naming_missing(requests, receiving, first);
    MPI_Waitall(count, requests, MPI_STATUSES_IGNORE);
    free(requests);
}

/* ---- merged result ---- */

static void merge_results(void *from, void *into, int *count, MPI_Datatype *type)
{
    struct load_result *results = into, *merged = allocate(1, sizeof *merged);
    const struct load_result *others = from;
    (void)type;
    for (int i = 0; i < *count; i++) {   /* `from` is of the lower rank */
        if (others[i].thread_count == 0) /* the observer */
            continue;
        *merged = others[i];
        merged->max_open = results[i].max_open;
        load_result_merge(merged, &results[i]);
        results[i] = *merged;
    }
    free(merged);
}

static void merge_ramps(void *from, void *into, int *count, MPI_Datatype *type)
{
    (void)type;
    for (int i = 0; i < *count; i++)
        ramp_merge((struct ramp *)into + i, (const struct ramp *)from + i);
}

static void merge_urls(void *from, void *into, int *count, MPI_Datatype *type)
{
    (void)type;
    for (int i = 0; i < *count; i++)
        url_results_merge((struct url_result *)into + (size_t)i * url_count,
                          (const struct url_result *)from + (size_t)i * url_count, url_count);
}

/* In rank order, so that the first threads are those of the first process. */
static void reduce(void *own, size_t size, MPI_User_function *merge)
{
    MPI_Op op;
    MPI_Datatype type;
    MPI_Type_contiguous((int)size, MPI_BYTE, &type);
    MPI_Type_commit(&type);
    MPI_Op_create(merge, 0, &op);
    MPI_Reduce(rank == 0 ? MPI_IN_PLACE : own, rank == 0 ? own : NULL, 1, type, op, 0,
               MPI_COMM_WORLD);
    MPI_Op_free(&op);
    MPI_Type_free(&type);
}

void ranks_merge(const struct load_options *load, struct load_result *result)
{
    struct client own = own_client(load, result);
    gather_clients(&own);
    reduce(result, sizeof *result, merge_results);
    url_count = load->urls ? load->urls->count : 0;
    if (load->ramp)
        reduce(load->ramp, sizeof *load->ramp, merge_ramps);
    if (load->urls)
        reduce(load->url_results, url_count * sizeof *load->url_results, merge_urls);
    result->ramp = load->ramp; /* the received pointer is another process's */
    if (ranks > 1)             /* per host, which may run several processes */
        result->time_wait_before = result->time_wait_after = NOT_COUNTED;
    if (rank > 0)
        return;
    record_window_errors();
    write_clients((unsigned)ranks - (observer_name ? 1 : 0));
}

int ranks_end(int status)
{
    MPI_Bcast(&status, 1, MPI_INT, 0, MPI_COMM_WORLD);
    ended = true;
    MPI_Finalize();
    rendezvous_close(&begin);
    rendezvous_close(&end);
    free(clients);
    free(hosts);
    return status;
}
