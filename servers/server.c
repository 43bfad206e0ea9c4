/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor: parses the options, opens the listener, forks the workers, reports when all of
 * them are asleep and waiting, detects when one dies, and stops them on SIGTERM.
 */

#include "server.h"

#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/os.h"
#include "harness/lib/proc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    WORKERS_MAX = 4096,
    READY_LIMIT_S = 30,
    STOP_LIMIT_S = 3, /* in addition to the drain limit of connections, 1 s */
    STOP_AGAIN_MS = 20,
    ASLEEP_CHECK_US = 200,
};

static unsigned long workers = 1, port = 0, backlog = 4096, service_us, ready_fd = STDOUT_FILENO;
static const char *address = "127.0.0.1", *stats_path;
static struct cpulist cpus;
static bool describe, reverse;

static const char *const accept_modes[] = {"one", "drain", NULL};

static const struct option_spec options[] = {
    {OPTION_NUMBER, "workers", "N", "worker processes (1)", &workers, 1, WORKERS_MAX, NULL},
    {OPTION_NUMBER, "port", "P", "port to listen on; 0 picks a free one (0)", &port, 0, 65535,
     NULL},
    {OPTION_TEXT, "address", "A", "address to listen on (127.0.0.1)", &address, 0, 0, NULL},
    {OPTION_CPUS, "cpus", "LIST", "worker i runs on CPU i of the list, cyclically (any CPU)", &cpus,
     0, 0, NULL},
    {OPTION_NUMBER, "backlog", "N", "length of the accept queue (4096)", &backlog, 1, 65535, NULL},
    {OPTION_CHOICE, "accept", "MODE",
     "one: a connection per wakeup; drain: all pending (one; drain if edge-triggered)",
     &server.accept, 0, 0, accept_modes},
    {OPTION_FLAG, "reverse", NULL, "start the workers in reverse order", &reverse, 0, 0, NULL},
    {OPTION_NUMBER, "service-us", "U", "CPU time consumed per request, microseconds (0)",
     &service_us, 0, 10000000, NULL},
    {OPTION_FLAG, "keepalive", NULL, "keep connections open if the client requests it",
     &server.keep_alive, 0, 0, NULL},
    {OPTION_TEXT, "stats", "FILE", "counters of each worker, mapped from this file (none)",
     &stats_path, 0, 0, NULL},
    {OPTION_NUMBER, "ready-fd", "N", "descriptor for the line \"ready port=P pid=PID\" (1)",
     &ready_fd, 0, 65535, NULL},
    {OPTION_FLAG, "describe", NULL, "print a description of the strategy and its cost, and exit",
     &describe, 0, 0, NULL},
    OPTIONS_END,
};

/* ---- set-up: any failure here ends the program with one line ---- */

/* The feature that is missing; NULL = none. */
static const char *unsupported_feature(void)
{
    const char *feature = evq_unsupported(strategy.needs);
    return feature || !strategy.unsupported ? feature : strategy.unsupported();
}

static void print_description(void)
{
    const char *unsupported = unsupported_feature();
    printf("name:    %s\nsummary: %s\nwakes:   %s\norder:   %s\nbackend: %s\n",
           server.variant->name, strategy.summary, server.variant->wakes, server.variant->order,
           evq_backend);
    if (strategy.workers_max)
        printf("workers: at most %u\n", strategy.workers_max);
    for (const struct variant *v = strategy.variants + 1; v->name; v++)
        if (!v->backend || strcmp(v->backend, evq_backend) == 0)
            printf("variant: %s = %s %s\n", v->name, strategy.variants->name, v->arguments);
    if (unsupported)
        printf("not available on this kernel: %s\n", unsupported);
    printf("\n%s", strategy_description);
}

void server_must_drain(const char *option)
{
    if (server.accept == ACCEPT_ONE)
        fail_usage("%s and --accept one exclude each other: a connection that is left in the "
                   "backlog wakes no worker",
                   option);
    server.accept = ACCEPT_DRAIN;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static struct addrinfo *listen_address;

static void find_address_or_die(void)
{
    char service[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    snprintf(service, sizeof service, "%lu", port);
    int error = getaddrinfo(address, service, &hints, &listen_address);
    if (error)
        fail_usage("--address takes an IP address, not '%s': %s", address, gai_strerror(error));
}

/* A bound socket, or -1 with errno set. */
static int open_socket(void)
{
    int on = 1;
    int fd = socket(listen_address->ai_family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (strategy.listener_of_each)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    /* Inherited by every connection: a response must not wait for the ACK of the previous one. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, listen_address->ai_addr, listen_address->ai_addrlen) == 0)
        return fd;
    close(fd);
    return -1;
}

int server_listen(void)
{
    int fd = open_socket();
    if (fd < 0 || listen(fd, (int)backlog) == 0)
        return fd;
    close(fd);
    return -1;
}

void server_let_accept_sleep(unsigned count)
{
    (void)count;
    fcntl(server.listener, F_SETFL, 0);
}

static bool is_loopback(const struct sockaddr *a)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;
    return a->sa_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
                                   : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* Not under the harness (--ready-fd), which starts many servers and reports it once. */
static void report_reach(void)
{
    if (ready_fd <= STDERR_FILENO && !is_loopback(listen_address->ai_addr))
        message("listens on %s, which other hosts may reach", address);
}

/* If each worker has a listener, the supervisor's socket only reserves the port: a socket that does
 * not listen gets no connections. */
static void open_listener_or_die(void)
{
    socklen_t length;
    find_address_or_die();
    server.listener = strategy.listener_of_each ? open_socket() : server_listen();
    if (server.listener < 0)
        fail("cannot listen on %s port %lu: %s; choose another with --port, or 0 for a free one",
             address, port, strerror(errno));
    length = listen_address->ai_addrlen; /* with the port that was picked */
    getsockname(server.listener, listen_address->ai_addr, &length);
    report_reach();
}

static unsigned listener_port(void)
{
    char service[8] = "0";
    getnameinfo(listen_address->ai_addr, listen_address->ai_addrlen, NULL, 0, service,
                sizeof service, NI_NUMERICSERV);
    return (unsigned)strtoul(service, NULL, 10);
}

static struct stats_page *map_stats_or_die(unsigned slots)
{
    size_t size = sizeof(struct stats_page) + slots * sizeof(struct worker_stats);
    int fd = -1;
    if (stats_path) {
        fd = open(stats_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        /* Allocated, not only extended: on a full disk a hole would be a SIGBUS later. */
        int error = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)size);
        if (error)
            fail("cannot write the counters to %s: %s", stats_path, strerror(error));
    }
    struct stats_page *page = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                   fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        fail("cannot map the counters: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    page->slots = slots;
    page->workers = workers;
    page->magic = STATS_MAGIC;
    return page;
}

/* ---- processes ---- */

static pid_t supervisor;
static pid_t retired; /* a worker that was replaced and has not ended yet; 0 = none */
static unsigned running;
static bool stop_requested;
static sigset_t handled, inherited;

static void __attribute__((noreturn)) run_process(unsigned id)
{
    /* The supervisor stops the workers: a terminal's Ctrl-C is ignored. So is SIGTERM until
     * worker_main() handles it; the supervisor sends it repeatedly. */
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    sigprocmask(SIG_SETMASK, &inherited, NULL);
    os_die_with_parent(supervisor);
    if (ready_fd > STDERR_FILENO)
        close((int)ready_fd);
    if (cpus.count && os_pin_to_cpu(cpus.cpus[id % cpus.count]) != 0)
        worker_fail("worker %u cannot run on CPU %u: %s", id, cpus.cpus[id % cpus.count],
                    strerror(errno));
    worker_main(id, id < workers ? strategy.worker : strategy.acceptor);
}

static void signal_all(int number)
{
    for (unsigned i = 0; i < server.stats->slots; i++)
        if (server.stats->slot[i].pid)
            kill((pid_t)server.stats->slot[i].pid, number);
    if (retired)
        kill(retired, number);
}

/* False, with errno set, if fork(2) failed. */
static bool start_process(unsigned id)
{
    struct worker_stats *slot = &server.stats->slot[id];
    slot->role = id < workers ? ROLE_WORKER : ROLE_ACCEPTOR;
    slot->waits = 0;
    pid_t pid = fork();
    if (pid == 0)
        run_process(id);
    if (pid < 0)
        return false;
    slot->pid = (uint64_t)pid;
    running++;
    return true;
}

/* The slot of the process; the number of slots if it has none. */
static unsigned slot_of(pid_t pid)
{
    unsigned i = 0;
    while (i < server.stats->slots && server.stats->slot[i].pid != (uint64_t)pid)
        i++;
    return i;
}

static void report_death(unsigned id, pid_t pid, int status)
{
    const char *role = id < workers ? "worker" : "acceptor";
    if (WIFSIGNALED(status))
        message("%s %u (pid %d) was killed by signal %d (%s)", role, id, (int)pid, WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else if (!server.stats->reported) /* worker_fail() has reported the reason */
        message("%s %u (pid %d) ended with status %d", role, id, (int)pid, WEXITSTATUS(status));
}

/* Reaps ended processes. During shutdown (`stopping`), exit status 0 is expected. */
static void reap(bool stopping)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        unsigned id = slot_of(pid);
        bool expected = stopping || pid == retired;
        running--;
        if (pid == retired)
            retired = 0;
        else
            server.stats->slot[id].pid = server.stats->slot[id].holds_lock = 0;
        if (expected && WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        stat_add(&server.stats->dead, 1);
        report_death(id, pid, status);
        if (!stopping && strategy.process_died)
            strategy.process_died();
    }
}

/* Waits for a signal of `set`: the signal, or 0 after `timeout_ns`. */
static int next_signal(const sigset_t *set, uint64_t timeout_ns)
{
    struct timespec limit = {.tv_sec = (time_t)(timeout_ns / NS_PER_S),
                             .tv_nsec = (long)(timeout_ns % NS_PER_S)};
    int number = sigtimedwait(set, NULL, &limit);
    return number > 0 ? number : 0;
}

static bool is_asleep(const struct worker_stats *slot)
{
    return stat_read(&slot->waits) > 0 && os_is_asleep((pid_t)slot->pid);
}

/* True once the process was observed asleep in its wait for events; false if a process died, a stop
 * was requested, or after READY_LIMIT_S. */
static bool wait_until_asleep(unsigned id)
{
    uint64_t end = clock_ns() + READY_LIMIT_S * NS_PER_S;
    while (!is_asleep(&server.stats->slot[id])) {
        int number = next_signal(&handled, ASLEEP_CHECK_US * NS_PER_US);
        if (number == SIGCHLD)
            reap(false);
        else if (number && number != SIGUSR1) /* no replacement while a worker starts */
            stop_requested = true;
        if (stop_requested || server.stats->dead)
            return false;
        if (clock_ns() > end) {
            stat_add(&server.stats->dead, 1);
            message("worker %u does not wait for events after %d s: is the machine overloaded?", id,
                    READY_LIMIT_S);
            return false;
        }
    }
    return true;
}

/* Starts one worker after the other, each asleep before the next is started: the order in which
 * workers register the listener decides which of them the kernel wakes, so it must be
 * deterministic. False if a stop was requested, or a process died, before all were started. */
static bool start_all_or_die(void)
{
    for (unsigned i = 0; i < server.stats->slots; i++) {
        unsigned id = reverse && i < workers ? (unsigned)workers - 1 - i : i;
        if (!start_process(id)) {
            int error = errno;
            signal_all(SIGKILL);
            fail("cannot start worker %u of %lu: %s; see `ulimit -u`", id, workers,
                 strerror(error));
        }
        if (!wait_until_asleep(id))
            return false;
    }
    return true;
}

static bool wait_until_all_asleep(void)
{
    for (unsigned i = 0; i < server.stats->slots; i++)
        if (!wait_until_asleep(i))
            return false;
    return true;
}

static void write_ready_line_or_die(void)
{
    if (dprintf((int)ready_fd, "ready port=%u pid=%d\n", listener_port(), (int)supervisor) < 0)
        fail("cannot write the ready line to descriptor %lu: %s", ready_fd, strerror(errno));
    if (ready_fd > STDERR_FILENO)
        close((int)ready_fd);
}

/* Starts a new worker 0 and stops the old one, as a server does with each worker on a reload. Until
 * the old one has ended both count in one slot. */
static void replace_worker(void)
{
    pid_t old = (pid_t)server.stats->slot[0].pid;
    if (retired || !old)
        return;
    if (strategy.acceptor) {
        message("cannot replace a worker of this strategy: the acceptor has no channel to it");
        return;
    }
    if (!start_process(0)) {
        message("cannot start a new worker: %s", strerror(errno));
        return;
    }
    retired = old;
    if (wait_until_asleep(0))
        kill(retired, SIGTERM);
}

/* Until a stop is requested, or no process is left. */
static void supervise(void)
{
    while (running > 0 && !stop_requested) {
        int number = next_signal(&handled, retired ? STOP_AGAIN_MS * NS_PER_MS : 3600 * NS_PER_S);
        if (number == SIGCHLD)
            reap(false);
        else if (number == SIGUSR1)
            replace_worker();
        else if (number)
            stop_requested = true;
        if (retired)
            kill(retired, SIGTERM);
    }
    if (!stop_requested)
        message("no worker is left: the server exits");
}

static void stop_all(void)
{
    uint64_t end = clock_ns() + (1 + STOP_LIMIT_S) * NS_PER_S;
    close(server.listener);
    while (running > 0 && clock_ns() < end) {
        signal_all(SIGTERM); /* repeatedly, see worker_main() */
        next_signal(&handled, STOP_AGAIN_MS * NS_PER_MS);
        reap(true);
    }
    if (running == 0)
        return;
    message("%u processes did not stop within %d s and were killed", running, 1 + STOP_LIMIT_S);
    stat_add(&server.stats->dead, running);
    signal_all(SIGKILL);
    while (wait(NULL) > 0)
        continue;
}

/* ---- the variant, by argv[0] ---- */

static const struct variant *find_variant(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (const struct variant *v = strategy.variants; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v;
    return strategy.variants;
}

/* The command line with the variant's options in front. Never freed: option values point into it. */
static char **arguments_of(const struct variant *variant, int *argc, char **argv)
{
    static char presets[64], **all;
    char *rest = presets;
    int n = 0;
    all = calloc((size_t)*argc + sizeof presets, sizeof *all);
    if (!all)
        fail("out of memory");
    all[n++] = argv[0];
    snprintf(presets, sizeof presets, "%s", variant->arguments);
    for (char *argument; (argument = strsep(&rest, " ")) != NULL;)
        if (*argument)
            all[n++] = argument;
    for (int i = 1; i < *argc; i++)
        all[n++] = argv[i];
    *argc = n;
    return all;
}

static void check_options(void)
{
    if (strategy.takes_one && server.accept != ACCEPT_UNSET)
        fail_usage("--accept does not apply: this strategy accepts one connection at a time");
    if (strategy.workers_max && workers > strategy.workers_max)
        fail_usage("--workers %lu: this strategy supports %u at most", workers,
                   strategy.workers_max);
    const char *unsupported = unsupported_feature();
    if (unsupported)
        fail_usage("not available on this kernel: %s", unsupported);
}

static void block_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1};
    sigemptyset(&handled);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&handled, numbers[i]);
    sigprocmask(SIG_BLOCK, &handled, &inherited);
    signal(SIGPIPE, SIG_IGN); /* writes fail with EPIPE instead */
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis =
            "HTTP server with one strategy of sharing a listener; SIGUSR1 replaces worker 0",
        .example = "build/epoll/racing --workers 8 --port 8080",
    };
    const struct option_spec *tables[] = {options, strategy.options, NULL};

    server.variant = find_variant(argv[0]);
    server.accept = ACCEPT_UNSET;
    message_name(server.variant->name);
    argv = arguments_of(server.variant, &argc, argv);
    options_parse(&program, tables, argc, argv);
    if (describe) {
        print_description();
        return EXIT_DONE;
    }
    check_options();
    if (proc_flaw())
        fail("%s", proc_flaw());
    raise_descriptor_limit();
    supervisor = getpid();
    server.service_ns = service_us * NS_PER_US;
    open_listener_or_die();
    server.stats = map_stats_or_die((unsigned)workers + (strategy.acceptor ? 1 : 0));
    if (strategy.set_up)
        strategy.set_up((unsigned)workers);
    if (server.accept == ACCEPT_UNSET)
        server.accept = ACCEPT_ONE;

    block_signals();
    bool started = start_all_or_die();
    if (strategy.forked)
        strategy.forked(); /* also after a failed start: processes may need it in order to end */
    if (started && wait_until_all_asleep()) {
        write_ready_line_or_die();
        supervise();
    }
    stop_all();
    return server.stats->dead ? EXIT_FAILED : EXIT_DONE;
}
