/* SPDX-License-Identifier: BSD-2-Clause */
#include "remote_load.h"
#include "mpirun.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 20 };

/* Timeout for mpirun to reach all hosts and start a process on each. */
static const uint64_t STARTS_WITHIN_NS = 60 * NS_PER_S;

/* load-mpi itself gives up on a client after five seconds. */
static const uint64_t ARRIVAL_TIMEOUT_NS = 10 * NS_PER_S;

struct session {
    const struct load_options *load;
    struct mpirun mpirun;
    int listener, connection;
    bool begun, over; /* window begun, window over */
    bool refused;     /* the load failed to start, and has printed the reason */
};

/* ---- socket ---- */

static const char *observer_name(void)
{
    static char name[48];
    snprintf(name, sizeof name, "wakeone-trial-%d", (int)getpid());
    return name;
}

static int listen_or_die(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(observer_name());
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path + 1, observer_name(), length);
    if (fd < 0 ||
        bind(fd, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) != 0 ||
        listen(fd, 1) != 0)
        fail("cannot listen for load-mpi: %s", strerror(errno));
    return fd;
}

/* False on a timeout, if mpirun has ended, or after a signal. */
static bool wait_for(struct session *s, int fd, uint64_t within_ns)
{
    uint64_t end_ns = clock_ns() + within_ns;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (clock_ns() < end_ns && !*s->load->interrupted) {
        bool ended = mpirun_has_ended(&s->mpirun); /* pending data is read first */
        if (poll(&ready, 1, LOOK_MS) > 0)
            return true;
        if (ended)
            return false;
    }
    return false;
}

static bool is_own_user(int fd)
{
    struct ucred user;
    socklen_t size = sizeof user;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size) == 0 && user.uid == geteuid();
}

static bool accept_load(struct session *s)
{
    char theirs[CLIENTS_BUILD], ours[CLIENTS_BUILD];
    clients_build(ours);
    while (wait_for(s, s->listener, STARTS_WITHIN_NS)) {
        s->connection = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (s->connection >= 0 && is_own_user(s->connection) &&
            clients_receive(s->connection, theirs, sizeof theirs))
            return memcmp(ours, theirs, sizeof ours) == 0;
        close(s->connection);
        s->connection = -1;
    }
    return false;
}

/* ---- the window ---- */

static void begin_window(struct session *s)
{
    if (!s->begun)
        s->load->window_begins(s->load->context);
    s->begun = true;
}

static void end_window(struct session *s)
{
    begin_window(s);
    if (!s->over)
        s->load->window_ended(s->load->context);
    s->over = true;
}

static bool observe(struct session *s, enum clients_message what, uint64_t after_ns,
                    void (*look)(struct session *))
{
    char message;
    if (!wait_for(s, s->connection, after_ns + ARRIVAL_TIMEOUT_NS) ||
        !clients_receive(s->connection, &message, 1))
        return false;
    s->refused = message == CLIENTS_FAILED;
    if (message != (char)what)
        return false;
    look(s);
    return clients_send(s->connection, &message, 1);
}

static bool receive_result(struct session *s, struct remote_load *remote,
                           struct load_result *result)
{
    char message;
    uint32_t count;
    int fd = s->connection;
    if (!wait_for(s, fd, ARRIVAL_TIMEOUT_NS) || !clients_receive(fd, &message, 1) ||
        message != CLIENTS_RESULT || !clients_receive(fd, result, sizeof *result) ||
        !clients_receive(fd, &count, sizeof count) || count > CLIENTS_MAX)
        return false;
    remote->clients = calloc(count, sizeof *remote->clients);
    if (!remote->clients)
        fail("out of memory");
    remote->client_count = count;
    result->ramp = NULL; /* the pointer is invalid in this process */
    return clients_receive(fd, remote->clients, count * sizeof *remote->clients);
}

static bool run_window(struct session *s, struct remote_load *remote, struct load_result *result)
{
    const struct load_options *load = s->load;
    return accept_load(s) &&
           observe(s, CLIENTS_BEGIN, STARTS_WITHIN_NS + load->warmup_ns, begin_window) &&
           observe(s, CLIENTS_END, load->duration_ns, end_window) &&
           receive_result(s, remote, result);
}

static bool was_usage_error(const struct session *s)
{
    return s->mpirun.pid == 0 && WIFEXITED(s->mpirun.status) &&
           WEXITSTATUS(s->mpirun.status) == EXIT_USAGE;
}

static const char **load_mpi_arguments(const struct remote_load *remote,
                                       const struct load_options *load, const char *url)
{
    static const char *arguments[MPIRUN_ARGUMENTS];
    static char duration[32], warmup[32];
    unsigned n = 0;
    snprintf(duration, sizeof duration, "%lluns", (unsigned long long)load->duration_ns);
    snprintf(warmup, sizeof warmup, "%lluns", (unsigned long long)load->warmup_ns);
    const char *const own[] = {"--allow-remote", "--observer", observer_name(), "--duration",
                               duration,         "--warmup",   warmup};
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
        arguments[n++] = own[i];
    for (const char *const *argument = remote->arguments; *argument; argument++)
        arguments[n++] = *argument;
    arguments[n++] = url;
    arguments[n] = NULL;
    return arguments;
}

const char *remote_load_run(struct remote_load *remote, const struct load_options *load,
                            const char *url, struct load_result *result)
{
    struct session s = {.load = load, .connection = -1};
    s.listener = listen_or_die();
    mpirun_start(&s.mpirun, remote->hosts, load_mpi_arguments(remote, load, url));
    remote->lost = !run_window(&s, remote, result);
    if (!remote->lost)
        wait_for(&s, s.listener, ARRIVAL_TIMEOUT_NS); /* until it has ended */
    mpirun_end(&s.mpirun);
    end_window(&s);
    if (remote->lost)
        memset(result, 0, sizeof *result);
    remote->window_error_us = remote->lost
                                  ? NAN
                                  : clients_window_error_us(remote->clients, remote->client_count);
    const char *error = mpirun_error(&s.mpirun);
    bool wrong = remote->lost && (s.refused || was_usage_error(&s));
    if (remote->lost && !wrong && !*load->interrupted)
        message("clients: %s", error);
    if (s.connection >= 0)
        close(s.connection);
    close(s.listener);
    close(s.mpirun.output);
    return wrong ? error : NULL;
}
