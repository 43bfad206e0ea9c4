/*
 * Joined by MPI. Each process measures with its own clock: none is compared with another's. All begin at an
 * MPI_Iallreduce, and results are merged by MPI_Reduce with the function that merges those of threads, so that counts and
 * histograms of all processes are those of one.
 */

#include "ranks.h"
#include "result.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/output.h"
#include "harness/lib/record.h"
#include "harness/lib/version.h"

#include <fcntl.h>
#include <math.h>
#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOST = 64, TRIPS = 100 };

/* A process that has stopped, or whose host is gone, is not waited for any longer. */
static const uint64_t COMES_WITHIN_NS = 5 * NS_PER_S, IS_READY_WITHIN_NS = 60 * NS_PER_S;

/* What one process says of itself: a row of clients.csv. */
struct client {
    char host[HOST];
    unsigned long threads;
    uint64_t window_ns, intended, not_started, requests, errors, ports, cpu_ns;
    double reached_rps, send_lag_p99_us, begin_error_us;
};

static const char *clients_path;
static int rank, ranks;
static double begin_error_us;
static char (*hosts)[HOST];
static unsigned url_count;
static int muted_stderr = -1;
static bool ended;

const struct option_spec ranks_options[] = {
    {OPTION_OUTPUT, "clients", "FILE", "a row for each process as CSV, to FILE or standard output",
     &clients_path, 0, 0, NULL},
    OPTIONS_END,
};

/* ---- who speaks ---- */

/* As those who start processes for MPI tell them: Open MPI, others by PMI, Slurm. */
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

void ranks_mute_others(void)
{
    int nowhere = is_another() ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (nowhere < 0)
        return;
    muted_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

/* From here on what goes wrong may be of one host; the first process speaks for all. */
static void speak_as_host(void)
{
    static char name[HOST + 16];
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
        message("%s is of one process, and here are %d", option, ranks);
    exit(ranks_end(EXIT_USAGE));
}

/* ---- waiting for the others ---- */

static void end_all(int status, void *nothing)
{
    (void)nothing;
    if (!ended)
        MPI_Abort(MPI_COMM_WORLD, status);
}

/* Sleeps in between, or not where it is about beginning at the same time. */
static bool all_come(MPI_Request *requests, int count, uint64_t within_ns, bool sleeps)
{
    uint64_t end_ns = clock_ns() + within_ns;
    int done = 0;
    while (MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE) == MPI_SUCCESS && !done &&
           clock_ns() < end_ns) {
        if (sleeps)
            sleep_ns(NS_PER_MS);
        else
            sched_yield();
    }
    return done;
}

static bool all_ready(bool ready)
{
    int own = ready, all = 0;
    MPI_Request request;
    MPI_Iallreduce(&own, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    if (!all_come(&request, 1, IS_READY_WITHIN_NS, false))
        /* NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): ends with all */
        fail("not all of the %d processes were ready within a minute", ranks);
    return all; /* NOLINT(clang-analyzer-optin.mpi.MPI-Checker): MPI_Testall() has waited for it */
}

/* No process leaves a barrier before the last one has come, nor later than a trip after that. */
static double shortest_barrier_us(void)
{
    uint64_t shortest = UINT64_MAX;
    for (unsigned i = 0; i < TRIPS; i++) {
        uint64_t begin = clock_ns();
        MPI_Barrier(MPI_COMM_WORLD);
        uint64_t taken = clock_ns() - begin;
        shortest = taken < shortest ? taken : shortest;
    }
    return (double)shortest / 1e3;
}

/* ---- beginning ---- */

/* Results are sent as they are in memory. */
static void check_builds(void)
{
    char own[HOST] = "", first[HOST];
    snprintf(own, sizeof own, "%s, %zu bytes, %d", WAKEONE_VERSION, sizeof(struct load_result),
             (int)*(const char *)&(int){1});
    memcpy(first, own, sizeof first);
    MPI_Bcast(first, HOST, MPI_CHAR, 0, MPI_COMM_WORLD);
    if (memcmp(own, first, sizeof own) != 0)
        fail("is another build (%s) than that of %s (%s)", own, hosts[0], first);
}

static void learn_hosts(void)
{
    char own[HOST] = "";
    gethostname(own, sizeof own - 1);
    hosts = calloc((size_t)ranks, sizeof *hosts);
    if (!hosts)
        fail("out of memory");
    MPI_Allgather(own, HOST, MPI_CHAR, hosts, HOST, MPI_CHAR, MPI_COMM_WORLD);
}

void ranks_begin(struct load_options *load)
{
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    on_exit(end_all, NULL);
    learn_hosts();
    speak_as_host();
    check_builds();
    begin_error_us = shortest_barrier_us();
    load->rank = (unsigned)rank;
    load->ranks = (unsigned)ranks;
    load->all_ready = all_ready;
}

/* ---- what each has done ---- */

static struct client own_client(const struct load_options *load, const struct load_result *r)
{
    struct client client = {
        .threads = load->threads,
        .window_ns = r->window_ns,
        .intended = r->intended,
        .not_started = r->not_started,
        .requests = r->requests,
        .ports = r->errors[LOAD_PORTS],
        .errors = load_errors(r),
        .cpu_ns = r->cpu_ns,
        .reached_rps = r->throughput_rps,
        .send_lag_p99_us = histogram_percentile_us(&r->send_lag, 99),
        .begin_error_us = begin_error_us,
    };
    memcpy(client.host, hosts[rank], sizeof client.host);
    return client;
}

static void write_client(FILE *file, const struct client *c, int number, bool open_loop)
{
    double seconds = (double)c->window_ns / 1e9;
    const struct field fields[] = {
        field_count("client", (uint64_t)number),
        field_text("host", c->host),
        field_count("threads", c->threads),
        field_real("window_s", seconds, 6),
        field_real("due_rps", open_loop && seconds > 0 ? (double)c->intended / seconds : NAN, 1),
        field_real("reached_rps", c->reached_rps, 1),
        field_count("requests", c->requests),
        field_count("errors", c->errors),
        field_count("errors_ports", c->ports),
        field_count("not_started", open_loop ? c->not_started : NOT_COUNTED),
        field_real("send_lag_p99_us", c->send_lag_p99_us, 1),
        field_real("cpu_us_per_req",
                   c->requests ? (double)c->cpu_ns / 1e3 / (double)c->requests : NAN, 3),
        field_real("begin_error_us", c->begin_error_us, 1),
    };
    enum { FIELDS = sizeof fields / sizeof *fields };
    if (number == 0)
        record_write_csv_header(file, fields, FIELDS);
    record_write_csv(file, fields, FIELDS);
}

static void write_clients(const struct client *clients, bool open_loop)
{
    if (!clients_path)
        return;
    FILE *file = output_open(clients_path);
    for (int i = 0; i < ranks; i++)
        write_client(file, &clients[i], i, open_loop);
    output_close(file, clients_path);
}

/* Of those that have not come, the first. */
static void say_who_is_missing(MPI_Request *requests)
{
    for (int i = 0; i < ranks; i++) {
        int come = 0;
        MPI_Test(&requests[i], &come, MPI_STATUS_IGNORE);
        if (!come)
            fail("%s (process %d) did not end with the others: it was killed, hangs, or its host "
                 "is cut off",
                 hosts[i], i);
    }
}

/* To the first one, which knows then that all have come to the end. */
static void gather_clients(const struct client *own, struct client *clients)
{
    int receiving = rank == 0 ? ranks : 0;
    MPI_Request *requests = calloc((size_t)receiving + 1, sizeof(MPI_Request));
    if (!requests)
        fail("out of memory");
    for (int i = 0; i < receiving; i++)
        MPI_Irecv(&clients[i], sizeof clients[i], MPI_BYTE, i, 0, MPI_COMM_WORLD, &requests[i]);
    MPI_Isend(own, sizeof *own, MPI_BYTE, 0, 0, MPI_COMM_WORLD, &requests[receiving]);
    if (!all_come(requests, receiving + 1, COMES_WITHIN_NS, true) && rank == 0)
        say_who_is_missing(requests);
    MPI_Waitall(receiving + 1, requests, MPI_STATUSES_IGNORE);
    free(requests);
}

/* ---- one result of all ---- */

static void merge_results(void *from, void *into, int *count, MPI_Datatype *type)
{
    struct load_result *results = into, *merged = calloc(1, sizeof *merged);
    const struct load_result *others = from;
    (void)type;
    if (!merged)
        fail("out of memory");
    for (int i = 0; i < *count; i++) { /* of two, `from` is the earlier one */
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

/* In the order of the processes, so that the first threads are those of the first. */
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
    struct client own = own_client(load, result), *clients = calloc((size_t)ranks, sizeof *clients);
    if (!clients)
        fail("out of memory");
    gather_clients(&own, clients);
    reduce(result, sizeof *result, merge_results);
    url_count = load->urls ? load->urls->count : 0;
    if (load->ramp)
        reduce(load->ramp, sizeof *load->ramp, merge_ramps);
    if (load->urls)
        reduce(load->url_results, url_count * sizeof *load->url_results, merge_urls);
    result->ramp = load->ramp; /* of this process, not of the one that it came from */
    if (ranks > 1)             /* of hosts, of which several processes may have the same */
        result->time_wait_before = result->time_wait_after = NOT_COUNTED;
    if (rank == 0)
        write_clients(clients, load->schedule.kind != SCHEDULE_NONE);
    free(clients);
}

int ranks_end(int status)
{
    MPI_Bcast(&status, 1, MPI_INT, 0, MPI_COMM_WORLD);
    ended = true;
    MPI_Finalize();
    free(hosts);
    return status;
}
