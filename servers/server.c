/*
 * The supervisor: reads the options, opens the listener, forks the workers, says when all of them
 * are asleep and waiting, notices when one dies, and ends them when it is told to.
 */

#include "server.h"

#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "os.h"

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
    STOP_LIMIT_S = 3, /* beyond the second that connections get to finish */
};

static unsigned long workers = 1, port = 0, backlog = 4096, service_us, ready_fd = STDOUT_FILENO;
static const char *address = "127.0.0.1", *stats_path;
static struct cpulist cpus;
static bool describe;

static const struct option_spec options[] = {
    {OPTION_NUMBER, "workers", "N", "worker processes (1)", &workers, 1, WORKERS_MAX, NULL},
    {OPTION_NUMBER, "port", "P", "port to listen on; 0 picks a free one (0)", &port, 0, 65535,
     NULL},
    {OPTION_TEXT, "address", "A", "address to listen on (127.0.0.1)", &address, 0, 0, NULL},
    {OPTION_CPUS, "cpus", "LIST", "worker i runs on CPU i of the list, cyclically (any CPU)", &cpus,
     0, 0, NULL},
    {OPTION_NUMBER, "backlog", "N", "connections the kernel may queue (4096)", &backlog, 1, 65535,
     NULL},
    {OPTION_NUMBER, "service-us", "U", "CPU time burnt per request, microseconds (0)", &service_us,
     0, 10000000, NULL},
    {OPTION_FLAG, "keepalive", NULL, "keep connections open if the client asks for it",
     &server.keep_alive, 0, 0, NULL},
    {OPTION_TEXT, "stats", "FILE", "counters of each worker, mapped from this file (none)",
     &stats_path, 0, 0, NULL},
    {OPTION_NUMBER, "ready-fd", "N", "where \"ready port=P pid=PID\" is written (1)", &ready_fd, 0,
     65535, NULL},
    {OPTION_FLAG, "describe", NULL, "say what this strategy is and what it costs, and exit",
     &describe, 0, 0, NULL},
    OPTIONS_END,
};

/* ---- set-up: whatever fails here ends the program with one line ---- */

static void print_description(void)
{
    const char *lacks = evq_lacks(strategy.needs);
    printf("name:    %s\nsummary: %s\nwakes:   %s\nbackend: %s\n\n%s", strategy.name,
           strategy.summary, strategy.wakes, evq_backend, strategy_description);
    if (lacks)
        printf("\nnot available on this kernel: %s\n", lacks);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int open_listener_or_die(void)
{
    char service[8];
    struct addrinfo *found;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    snprintf(service, sizeof service, "%lu", port);
    int error = getaddrinfo(address, service, &hints, &found);
    if (error)
        fail_usage("--address takes an IP address, not '%s': %s", address, gai_strerror(error));

    int on = 1;
    int fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (fd < 0)
        fail("cannot open a socket: %s", strerror(errno));
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* Inherited by every connection: a response must not wait for the ACK of the one before. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, (int)backlog) != 0)
        fail("cannot listen on %s port %lu: %s; choose another with --port, or 0 for a free one",
             address, port, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

static unsigned listener_port(void)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char service[8] = "0";
    getsockname(server.listener, (struct sockaddr *)&bound, &length);
    getnameinfo((struct sockaddr *)&bound, length, NULL, 0, service, sizeof service,
                NI_NUMERICSERV);
    return (unsigned)strtoul(service, NULL, 10);
}

static struct stats_page *map_stats_or_die(unsigned slots)
{
    size_t size = sizeof(struct stats_page) + slots * sizeof(struct worker_stats);
    int fd = -1;
    if (stats_path) {
        fd = open(stats_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        /* Written, not only made longer: on a full disk a hole would be a SIGBUS later. */
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
static int stop_write_fd;
static unsigned running;

static void __attribute__((noreturn)) run_process(unsigned id, const sigset_t *mask)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP}; /* the supervisor stops the workers */
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    sigprocmask(SIG_SETMASK, mask, NULL);
    os_die_with_parent(supervisor);
    close(stop_write_fd);
    if (ready_fd > STDERR_FILENO)
        close((int)ready_fd);
    if (cpus.count && os_pin_to_cpu(cpus.cpus[id % cpus.count]) != 0)
        worker_fail("worker %u cannot run on CPU %u: %s", id, cpus.cpus[id % cpus.count],
                    strerror(errno));
    worker_main(id, id < workers ? strategy.worker : strategy.acceptor);
}

static void kill_all(void)
{
    for (unsigned i = 0; i < server.stats->slots; i++)
        if (server.stats->slot[i].pid)
            kill((pid_t)server.stats->slot[i].pid, SIGKILL);
}

static void fork_all_or_die(const sigset_t *mask)
{
    for (unsigned id = 0; id < server.stats->slots; id++) {
        struct worker_stats *slot = &server.stats->slot[id];
        slot->role = id < workers ? ROLE_WORKER : ROLE_ACCEPTOR;
        pid_t pid = fork();
        if (pid == 0)
            run_process(id, mask);
        if (pid < 0) {
            int error = errno;
            kill_all();
            fail("cannot start worker %u of %lu: %s; see `ulimit -u`", id, workers,
                 strerror(error));
        }
        slot->pid = (uint64_t)pid;
        running++;
    }
}

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
    else if (!server.stats->spoken) /* it has said itself why it ends */
        message("%s %u (pid %d) ended with status %d", role, id, (int)pid, WEXITSTATUS(status));
}

/* Collects what has ended. Once they were told to stop (`stopping`), ending with 0 is no death. */
static void reap(bool stopping)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        unsigned id = slot_of(pid);
        running--;
        server.stats->slot[id].pid = 0;
        if (stopping && WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        stat_add(&server.stats->dead, 1);
        report_death(id, pid, status);
        if (!stopping && strategy.process_died)
            strategy.process_died();
    }
}

/* Waits for a signal of `set` until `timeout_ns` is over: the signal, or 0. */
static int next_signal(const sigset_t *set, uint64_t timeout_ns)
{
    struct timespec limit = {.tv_sec = (time_t)(timeout_ns / NS_PER_S),
                             .tv_nsec = (long)(timeout_ns % NS_PER_S)};
    int number = sigtimedwait(set, NULL, &limit);
    return number > 0 ? number : 0;
}

static bool all_asleep(void)
{
    for (unsigned i = 0; i < server.stats->slots; i++) {
        struct worker_stats *slot = &server.stats->slot[i];
        if (stat_read(&slot->waits) == 0 || !os_is_asleep((pid_t)slot->pid))
            return false;
    }
    return true;
}

/* True once every process has been seen asleep where it waits for events; false if one died
 * first, a signal said stop, or READY_LIMIT_S went by. */
static bool wait_until_asleep(const sigset_t *set)
{
    uint64_t end = clock_ns() + READY_LIMIT_S * NS_PER_S;
    while (!all_asleep()) {
        int number = next_signal(set, NS_PER_MS);
        if (number == SIGCHLD)
            reap(false);
        else if (number)
            return false;
        if (server.stats->dead)
            return false;
        if (clock_ns() > end) {
            stat_add(&server.stats->dead, 1);
            message("the workers are not all waiting after %d s: is the machine overloaded?",
                    READY_LIMIT_S);
            return false;
        }
    }
    return true;
}

static void say_ready_or_die(void)
{
    if (dprintf((int)ready_fd, "ready port=%u pid=%d\n", listener_port(), (int)supervisor) < 0)
        fail("cannot write the ready line to descriptor %lu: %s", ready_fd, strerror(errno));
    if (ready_fd > STDERR_FILENO)
        close((int)ready_fd);
}

/* Until told to stop, or nobody is left to serve. */
static void supervise(const sigset_t *set)
{
    while (running > 0) {
        int number = next_signal(set, 3600 * NS_PER_S);
        if (number == SIGCHLD)
            reap(false);
        else if (number)
            return;
    }
    message("no worker is left: the server ends");
}

static void stop_all(const sigset_t *set)
{
    uint64_t end = clock_ns() + (1 + STOP_LIMIT_S) * NS_PER_S;
    close(stop_write_fd);
    close(server.listener);
    while (running > 0) {
        uint64_t now = clock_ns();
        if (now >= end)
            break;
        next_signal(set, end - now);
        reap(true);
    }
    if (running == 0)
        return;
    message("%u processes did not stop within %d s and were killed", running, 1 + STOP_LIMIT_S);
    stat_add(&server.stats->dead, running);
    kill_all();
    while (wait(NULL) > 0)
        continue;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "one strategy of sharing a listener, as an HTTP server",
        .example = "build/epoll/racing --workers 8 --port 8080",
    };
    const struct option_spec *tables[] = {options, strategy.options, NULL};
    sigset_t handled, inherited;
    int stop_pipe[2];

    message_name(strategy.name);
    options_parse(&program, tables, argc, argv);
    if (describe) {
        print_description();
        return EXIT_DONE;
    }
    const char *lacks = evq_lacks(strategy.needs);
    if (lacks)
        fail_usage("not available on this kernel: %s", lacks);

    raise_descriptor_limit();
    supervisor = getpid();
    server.service_ns = service_us * NS_PER_US;
    server.listener = open_listener_or_die();
    server.stats = map_stats_or_die((unsigned)workers + (strategy.acceptor ? 1 : 0));
    if (pipe(stop_pipe) != 0)
        fail("cannot open a pipe: %s", strerror(errno));
    server.stop_fd = stop_pipe[0];
    stop_write_fd = stop_pipe[1];
    signal(SIGPIPE, SIG_IGN); /* a peer or reader that went away is an error to be reported */
    if (strategy.set_up)
        strategy.set_up((unsigned)workers);

    sigemptyset(&handled);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGHUP);
    sigaddset(&handled, SIGCHLD);
    sigprocmask(SIG_BLOCK, &handled, &inherited);
    fork_all_or_die(&inherited);
    if (strategy.forked)
        strategy.forked();

    if (wait_until_asleep(&handled)) {
        say_ready_or_die();
        supervise(&handled);
    }
    stop_all(&handled);
    return server.stats->dead ? EXIT_FAILED : EXIT_DONE;
}
