/*
 * Joined by MPI. Each process measures with its own clock: none is compared with another's. The warm-up begins at an
 * MPI_Iallreduce, each end of the window at a meeting (below), and results are merged by MPI_Reduce with the function
 * that merges those of threads, so that counts and histograms of all processes are those of one.
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

enum { TAG_CLIENT, TAG_HERE, TAG_GONE };

/* A process that has stopped, or whose host is gone, is waited for no longer by the first one. The others wait for that. */
static const uint64_t COMES_WITHIN_NS = 5 * NS_PER_S, IS_READY_WITHIN_NS = 60 * NS_PER_S;

/* Up to the first a process looks again and again, so that all go on at the same time; later it sleeps in between. */
static const uint64_t LOOKS_FOR_NS = 100 * NS_PER_MS, SLEEPS_NS = NS_PER_MS;

/* One that waits for a time that it knows sleeps until shortly before. */
static const uint64_t AWAKE_BEFORE_NS = 5 * NS_PER_MS;

static const char *clients_path, *observer_name;
static int observer = -1; /* the socket of the trial; of the first process */
static int rank, ranks;
static char (*hosts)[CLIENT_HOST];
static struct client *clients; /* of all, with the first; the others have their own at its place */
static unsigned url_count;
static int muted_stderr = -1;
static bool ended;
static uint64_t ready_ns; /* when the warm-up began */

const struct option_spec ranks_options[] = {
    {OPTION_OUTPUT, "clients-csv", "FILE",
     "a row for each process as CSV, to FILE or standard output", &clients_path, 0, 0, NULL},
    {OPTION_TEXT, "observer", "SOCKET",
     "the first process makes no load, and reports the window to a trial: see trial --clients",
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

/* ---- who speaks ---- */

/* In the environment of those that start processes for MPI: Open MPI, others by PMI, Slurm. */
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

static void rest(uint64_t waiting_since_ns)
{
    if (clock_ns() - waiting_since_ns < LOOKS_FOR_NS)
        sched_yield();
    else
        sleep_ns(SLEEPS_NS);
}

/* 0 = without a limit */
static bool all_come(MPI_Request *requests, int count, uint64_t within_ns)
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
    if (!all_come(&request, 1, IS_READY_WITHIN_NS))
        /* NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): ends with all */
        fail("not all of the %d processes were ready within a minute", ranks);
    ready_ns = clock_ns(); /* NOLINT(clang-analyzer-optin.mpi.MPI-Checker): as below */
    return all; /* NOLINT(clang-analyzer-optin.mpi.MPI-Checker): MPI_Testall() has waited for it */
}

/* Of those that the requests are of, the first that has not come. */
static void name_the_missing(MPI_Request *requests, int count, int first) __attribute__((noreturn));
static void name_the_missing(MPI_Request *requests, int count, int first)
{
    int who = 0, come = 1;
    for (; who < count && come; who += come)
        MPI_Test(&requests[who], &come, MPI_STATUS_IGNORE);
    fail("%s (process %d) did not come to the end of the window with the others: it was killed, "
         "hangs, or its host is cut off",
         hosts[(first + who) % ranks], first + who);
}

/* ---- meetings ----
 *
 *      the others          the first
 *      HERE      ------>   notes when each has come; all stand still
 *                <------   lets them go, by a broadcast
 *      GONE      ------>   notes when each had gone
 *
 * Each has gone between the moment at which the first lets go and its GONE: that is the error of a begin, by one clock. Of an
 * end it is the time from the first HERE to its own, and the trip, which is not longer than that of the begin.
 */

struct meeting {
    uint64_t let_go_ns;
    uint64_t *here_ns, *gone_ns; /* by process */
};

static void meeting_open(struct meeting *m)
{
    m->here_ns = allocate((size_t)ranks, sizeof *m->here_ns);
    m->gone_ns = allocate((size_t)ranks, sizeof *m->gone_ns);
}

static void meeting_close(struct meeting *m)
{
    free(m->here_ns);
    free(m->gone_ns);
}

/* A message from each, and the time at which it was here; they are due at due_ns, or now if that is earlier. */
static void hear_all(int tag, uint64_t due_ns, uint64_t *times_ns)
{
    int count = ranks - 1, done = 0, come, *which = allocate((size_t)ranks, sizeof *which);
    MPI_Request *requests = allocate((size_t)ranks, sizeof(MPI_Request));
    uint64_t begin_ns = clock_ns(),
             end_ns = (due_ns > begin_ns ? due_ns : begin_ns) + COMES_WITHIN_NS;
    for (int i = 0; i < count; i++)
        MPI_Irecv(NULL, 0, MPI_BYTE, i + 1, tag, MPI_COMM_WORLD, &requests[i]);
    while (done < count) {
        MPI_Testsome(count, requests, &come, which, MPI_STATUSES_IGNORE);
        uint64_t now = clock_ns();
        for (int i = 0; i < come; i++)
            times_ns[which[i] + 1] = now;
        done += come > 0 ? come : 0;
        if (now > end_ns)
            break;
        if (come <= 0)
            rest(begin_ns);
    }
    if (done < count)
        name_the_missing(requests, count, 1);
    free(requests);
    free(which);
}

/* `look` is called while all stand still; NULL = there is nothing to look at. */
static void meet_as_first(struct meeting *m, uint64_t due_ns, void (*look)(void))
{
    char go = 0;
    MPI_Request request;
    m->here_ns[0] = clock_ns();
    hear_all(TAG_HERE, due_ns, m->here_ns);
    if (look)
        look();
    m->let_go_ns = m->gone_ns[0] = clock_ns();
    MPI_Ibcast(&go, 1, MPI_CHAR, 0, MPI_COMM_WORLD, &request);
    hear_all(TAG_GONE, 0, m->gone_ns);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

static void meet_as_other(void)
{
    char go = 0;
    MPI_Request request;
    MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_HERE, MPI_COMM_WORLD);
    MPI_Ibcast(&go, 1, MPI_CHAR, 0, MPI_COMM_WORLD, &request);
    all_come(&request, 1, 0);
    MPI_Wait(&request, MPI_STATUS_IGNORE); /* it is over: MPI_Testall() has waited for it */
    MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_GONE, MPI_COMM_WORLD);
}

static void meet(struct meeting *m, uint64_t due_ns, void (*look)(void))
{
    if (rank == 0)
        meet_as_first(m, due_ns, look);
    else
        meet_as_other();
}

static struct meeting begin, end;

static void begin_window(void *context)
{
    const struct load_options *load = context;
    meet(&begin, ready_ns + load->warmup_ns, NULL);
}

static void end_window(void *context)
{
    const struct load_options *load = context;
    meet(&end, load->count ? 0 : begin.let_go_ns + load->duration_ns, NULL);
}

static double microseconds(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e3 : 0;
}

/* Of the first process; the one that observes has no window. */
static void note_errors(void)
{
    int first = observer_name ? 1 : 0;
    uint64_t earliest = UINT64_MAX;
    for (int i = first; i < ranks; i++)
        earliest = end.here_ns[i] < earliest ? end.here_ns[i] : earliest;
    for (int i = first; i < ranks; i++) {
        struct client *c = &clients[i - first];
        c->begin_error_us = microseconds(begin.let_go_ns, begin.gone_ns[i]);
        c->end_error_us = c->begin_error_us + microseconds(earliest, end.here_ns[i]);
    }
}

/* ---- the trial that the first process observes for ---- */

static void tell_trial(const void *data, size_t size)
{
    if (!clients_send(observer, data, size))
        fail("the trial that observes this load has ended: %s", strerror(errno));
}

/* Returns once it has looked at the server. */
static void ask_trial(enum clients_message what)
{
    char message = (char)what;
    tell_trial(&message, 1);
    if (!clients_receive(observer, &message, 1))
        fail("the trial that observes this load has ended");
}

static void look_at_begin(void)
{
    ask_trial(CLIENTS_BEGIN);
}

static void look_at_end(void)
{
    ask_trial(CLIENTS_END);
}

static void connect_to_trial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char build[CLIENTS_BUILD];
    size_t length = strlen(observer_name);
    if (length + 1 > sizeof address.sun_path)
        fail_usage("--observer takes a shorter name");
    memcpy(address.sun_path + 1, observer_name, length);
    observer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (observer < 0 || connect(observer, (struct sockaddr *)&address,
                                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)))
        fail("--observer %s: there is no such trial on this host: %s", observer_name,
             strerror(errno));
    clients_build(build);
    tell_trial(build, sizeof build);
}

static void sleep_until(uint64_t when_ns)
{
    uint64_t now = clock_ns();
    if (when_ns > now)
        sleep_ns(when_ns - now);
}

/* In the place of a load: as long as those of the others, at both ends of whose window the trial looks at its server. */
static const char *observe(const struct load_options *load, struct load_result *result)
{
    memset(result, 0, sizeof *result);
    result->complete = true;
    if (!all_ready(true)) {
        char message = CLIENTS_CANNOT;
        tell_trial(&message, 1);
        return "";
    }
    uint64_t begin_ns = clock_ns() + load->warmup_ns;
    sleep_until(begin_ns - AWAKE_BEFORE_NS);
    meet(&begin, begin_ns, look_at_begin);
    uint64_t end_ns = begin.let_go_ns + load->duration_ns;
    sleep_until(end_ns - AWAKE_BEFORE_NS);
    meet(&end, end_ns, look_at_end);
    return NULL;
}

bool ranks_hand_over(const struct load_result *result)
{
    uint32_t count = (uint32_t)(ranks - 1);
    char message = CLIENTS_RESULT;
    if (observer < 0)
        return false;
    tell_trial(&message, 1);
    tell_trial(result, sizeof *result);
    tell_trial(&count, sizeof count);
    tell_trial(clients, count * sizeof *clients);
    return true;
}

/* ---- beginning ---- */

static void check_builds(void)
{
    char own[CLIENTS_BUILD], first[CLIENTS_BUILD];
    clients_build(own);
    memcpy(first, own, sizeof first);
    MPI_Bcast(first, CLIENTS_BUILD, MPI_CHAR, 0, MPI_COMM_WORLD);
    if (memcmp(own, first, sizeof own) != 0)
        fail("is another build (%s) than that of %s (%s)", own, hosts[0], first);
}

static void learn_hosts(void)
{
    char own[CLIENT_HOST] = "";
    gethostname(own, sizeof own - 1);
    hosts = allocate((size_t)ranks, sizeof *hosts);
    MPI_Allgather(own, CLIENT_HOST, MPI_CHAR, hosts, CLIENT_HOST, MPI_CHAR, MPI_COMM_WORLD);
}

static void observe_or_not(struct load_options *load)
{
    if (!observer_name)
        return;
    if (ranks < 2 || load->count)
        fail_usage("--observer takes at least two processes, and --duration");
    load->ranks--;
    if (rank == 0)
        connect_to_trial();
    else
        load->rank--;
}

void ranks_begin(struct load_options *load)
{
    int provided; /* only the first thread of a load calls MPI */
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    on_exit(end_all, NULL);
    learn_hosts();
    speak_as_host();
    check_builds();
    load->rank = (unsigned)rank;
    load->ranks = (unsigned)ranks;
    load->all_ready = all_ready;
    load->window_begins = begin_window;
    load->window_ended = end_window;
    load->context = load;
    observe_or_not(load);
    meeting_open(&begin);
    meeting_open(&end);
    clients = allocate((size_t)ranks, sizeof *clients);
    meet(&begin, 0, NULL); /* connections between hosts are made when they are first used */
}

const char *ranks_run(struct load_options *load, struct load_result *result)
{
    return observer_name && rank == 0 ? observe(load, result) : load_run(load, result);
}

/* ---- what each has done ---- */

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

/* To the first one, which knows then that all have come to the end. The one that observes is no client. */
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
    if (!all_come(requests, count, COMES_WITHIN_NS) && rank == 0)
        name_the_missing(requests, receiving, first);
    MPI_Waitall(count, requests, MPI_STATUSES_IGNORE);
    free(requests);
}

/* ---- one result of all ---- */

static void merge_results(void *from, void *into, int *count, MPI_Datatype *type)
{
    struct load_result *results = into, *merged = allocate(1, sizeof *merged);
    const struct load_result *others = from;
    (void)type;
    for (int i = 0; i < *count; i++) {   /* of two, `from` is the earlier one */
        if (others[i].thread_count == 0) /* of the one that observes */
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
    struct client own = own_client(load, result);
    gather_clients(&own);
    reduce(result, sizeof *result, merge_results);
    url_count = load->urls ? load->urls->count : 0;
    if (load->ramp)
        reduce(load->ramp, sizeof *load->ramp, merge_ramps);
    if (load->urls)
        reduce(load->url_results, url_count * sizeof *load->url_results, merge_urls);
    result->ramp = load->ramp; /* of this process, not of the one that it came from */
    if (ranks > 1)             /* of hosts, of which several processes may have the same */
        result->time_wait_before = result->time_wait_after = NOT_COUNTED;
    if (rank > 0)
        return;
    note_errors();
    write_clients((unsigned)ranks - (observer_name ? 1 : 0));
}

int ranks_end(int status)
{
    MPI_Bcast(&status, 1, MPI_INT, 0, MPI_COMM_WORLD);
    ended = true;
    MPI_Finalize();
    meeting_close(&begin);
    meeting_close(&end);
    free(clients);
    free(hosts);
    return status;
}
