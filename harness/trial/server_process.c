/* SPDX-License-Identifier: BSD-2-Clause */
#include "server_process.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ARGUMENTS_MAX = 64,
    READY_LIMIT_MS = 40000, /* slightly longer than the server's own timeout */
    STOP_LIMIT_MS = 6000,   /* likewise */
};

/* Descriptors are inherited: the counters are in anonymous memory, so no file remains. */
static void __attribute__((noreturn))
run_server(const char *const *arguments, int ready_fd, int stats_fd, pid_t parent)
{
    const char *argv[ARGUMENTS_MAX + 1];
    char ready[16], stats[32];
    unsigned n = 0;
    for (; n < ARGUMENTS_MAX - 4 && arguments[n]; n++)
        argv[n] = arguments[n];
    snprintf(ready, sizeof ready, "%d", ready_fd);
    snprintf(stats, sizeof stats, "/proc/self/fd/%d", stats_fd);
    argv[n++] = "--ready-fd";
    argv[n++] = ready;
    argv[n++] = "--stats";
    argv[n++] = stats;
    argv[n] = NULL;

    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_FAILED);
    execv(argv[0], (char *const *)argv);
    message("cannot run %s: %s; has it been built?", argv[0], strerror(errno));
    _exit(EXIT_FAILED);
}

/* The ready line, or an empty one on a timeout, or if the server has ended. */
static void read_ready_line(int fd, char *line, size_t size)
{
    uint64_t end = clock_ns() + READY_LIMIT_MS * NS_PER_MS;
    size_t used = 0;
    while (used < size - 1 && !memchr(line, '\n', used)) {
        uint64_t now = clock_ns();
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (now >= end || poll(&ready, 1, (int)((end - now) / NS_PER_MS) + 1) < 0)
            break; /* also after a signal, which asks to end */
        ssize_t n = ready.revents ? read(fd, line + used, size - 1 - used) : 0;
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    line[used] = '\0';
}

/* "ready port=P pid=PID"; 0 if the line is malformed. */
static unsigned port_in(const char *line)
{
    static const char label[] = "ready port=";
    if (strncmp(line, label, sizeof label - 1) != 0)
        return 0;
    return (unsigned)strtoul(line + sizeof label - 1, NULL, 10);
}

static bool map_stats(struct server_process *server, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || (size_t)status.st_size < sizeof(struct stats_page))
        return false;
    server->stats_size = (size_t)status.st_size;
    server->stats = mmap(NULL, server->stats_size, PROT_READ, MAP_SHARED, fd, 0);
    return server->stats != MAP_FAILED && server->stats->magic == STATS_MAGIC;
}

bool server_process_start(struct server_process *server, const char *const *arguments)
{
    char line[128] = "";
    int ready_pipe[2];
    int stats_fd = memfd_create("wakeone-stats", 0);
    if (proc_flaw())
        fail("%s", proc_flaw());
    memset(server, 0, sizeof *server);
    if (stats_fd < 0 || pipe(ready_pipe) != 0)
        fail("cannot start a server: %s", strerror(errno));

    pid_t self = getpid();
    server->pid = fork();
    if (server->pid < 0)
        fail("cannot start a server: %s; see `ulimit -u`", strerror(errno));
    if (server->pid == 0) {
        close(ready_pipe[0]);
        run_server(arguments, ready_pipe[1], stats_fd, self);
    }
    close(ready_pipe[1]);
    read_ready_line(ready_pipe[0], line, sizeof line);
    close(ready_pipe[0]);
    server->port = port_in(line);
    bool ready = server->port != 0 && map_stats(server, stats_fd);
    close(stats_fd);
    if (!ready)
        server_process_stop(server);
    return ready;
}

bool server_process_is_whole(const struct server_process *server)
{
    siginfo_t ended = {0};
    waitid(P_PID, (id_t)server->pid, &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_pid == 0 && stat_read(&server->stats->dead) == 0;
}

bool server_process_stop(struct server_process *server)
{
    int status = 0;
    uint64_t end = clock_ns() + STOP_LIMIT_MS * NS_PER_MS;
    kill(server->pid, SIGTERM);
    while (waitpid(server->pid, &status, WNOHANG) == 0) {
        if (clock_ns() > end)
            kill(server->pid, SIGKILL); /* its workers end with it (PR_SET_PDEATHSIG) */
        sleep_ns(NS_PER_MS / 2);
    }
    if (server->stats && server->stats != MAP_FAILED)
        munmap(server->stats, server->stats_size);
    server->stats = NULL;
    server->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return server->exit_status == 0;
}
