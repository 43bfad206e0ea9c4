/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * faults: outcomes of connections when a fault is injected into a worker.
 *
 *      server -> a connection with one request every 56 ms, so that nearly all workers sleep
 *                    |              |
 *                    fault          recovery, if the fault is temporary
 *             -> one line: outcomes of the connections
 *
 * The load is open-loop: a stranded connection does not delay the next one, which may be the event
 * that gets it accepted. After the last connection there is a timeout of one second; connections
 * without a response by then are lost.
 */

#include "check.h"
#include "fault.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/trial/server_command.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The times are chosen so that no count depends on a few milliseconds. Connection k after the fault
 * starts at 56 k ms. One that is delayed until the recovery at 400 ms takes 400 - 56 k ms: 120 for
 * k = 5, 64 for k = 6, so six are late. One that is delayed until the next connection after that, at
 * 448 ms, takes 112 ms for k = 6 and 56 for k = 7: seven are late.
 */
enum {
    CONNECTIONS = 36,
    FAULT_AT = 8, /* the connection before or at which the fault is injected */
    SPACING_MS = 56,
    TIMEOUT_MS = 1000, /* after the last connection */
    LATE_MS = 100,
    FREED_MS = 5, /* answered so soon after the next connection: it was accepted because of that */
    LAST = 15,    /* the last connections, which show whether the server has recovered */
};

enum outcome { PENDING, SERVED, RESET, REFUSED };

struct request {
    int fd;
    enum outcome outcome;
    bool sent;
    uint64_t begin_ns, end_ns;
};

static struct request requests[CONNECTIONS];
static struct server_process server;
static const char *strategy, *backend = "epoll";
static unsigned long workers = 4;
static unsigned fault_index;
static const char *expected;
static bool wrong_only;

static const struct option_spec options[] = {
    {OPTION_TEXT, "strategy", "NAME", "server: one of build/<backend>/", &strategy, 0, 0, NULL},
    {OPTION_TEXT, "backend", "NAME", "event queue it is built on (epoll)", &backend, 0, 0, NULL},
    {OPTION_CHOICE, "fault", "NAME",
     "stop, kill-asleep, kill-woken, kill-stopped, kill-holder, kill-acceptor, restart or none "
     "(none)",
     &fault_index, 0, 0, fault_names},
    {OPTION_NUMBER, "workers", "N", "worker processes (4)", &workers, 1, 512, NULL},
    {OPTION_TEXT, "check", "FILE",
     "measure nothing: read the output of faults, print a table of verdicts by FILE (known.tsv); "
     "exit 3 if one is wrong",
     &expected},
    {OPTION_FLAG, "wrong-only", NULL,
     "with --check: print strategy and fault of wrong results only", &wrong_only},
    OPTIONS_END,
};

/* ---- one connection ---- */

static void end_request(struct request *r, enum outcome outcome)
{
    close(r->fd);
    r->fd = -1;
    r->outcome = outcome;
    r->end_ns = clock_ns();
}

static void begin_request(struct request *r)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    r->begin_ns = clock_ns();
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (r->fd < 0)
        fail("cannot open a socket: %s", strerror(errno));
    if (connect(r->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
        end_request(r, REFUSED);
}

static void send_request(struct request *r)
{
    static const char text[] = "GET / HTTP/1.0\r\n\r\n";
    ssize_t n = send(r->fd, text, sizeof text - 1, MSG_NOSIGNAL);
    if (n > 0)
        r->sent = true;
    else if (errno != EAGAIN)
        end_request(r, errno == ECONNREFUSED ? REFUSED : RESET);
}

static void receive(struct request *r)
{
    char text[512];
    ssize_t n = recv(r->fd, text, sizeof text, 0);
    if (n > 0)
        end_request(r, SERVED);
    else if (n == 0 || errno != EAGAIN)
        end_request(r, n < 0 && errno == ECONNREFUSED ? REFUSED : RESET);
}

/* Handles events until `until_ns`; with `idle_ends`, returns early when no request is pending. */
static void handle_until(uint64_t until_ns, bool idle_ends)
{
    for (;;) {
        struct pollfd set[CONNECTIONS];
        struct request *of[CONNECTIONS];
        unsigned n = 0;
        for (unsigned i = 0; i < CONNECTIONS; i++) {
            struct request *r = &requests[i];
            if (r->fd < 0)
                continue;
            of[n] = r;
            set[n++] = (struct pollfd){.fd = r->fd, .events = r->sent ? POLLIN : POLLOUT};
        }
        uint64_t now = clock_ns();
        if (now >= until_ns || (n == 0 && idle_ends))
            return;
        struct timespec limit = {0, (long)((until_ns - now) % NS_PER_S)};
        limit.tv_sec = (time_t)((until_ns - now) / NS_PER_S);
        if (ppoll(set, n, &limit, NULL) <= 0)
            continue;
        for (unsigned i = 0; i < n; i++)
            if (set[i].revents)
                (of[i]->sent ? receive : send_request)(of[i]);
    }
}

/* ---- outcomes ---- */

struct tally {
    unsigned served, late, stranded, reset, refused, lost;
    bool recovered; /* the last connections were served in time */
};

/* Not answered until the next connection arrived, and then at once: that connection was the cause. */
static bool was_stranded(unsigned i)
{
    const struct request *r = &requests[i], *next = r + 1;
    return i + 1 < CONNECTIONS && next->begin_ns < r->end_ns &&
           r->end_ns - next->begin_ns < FREED_MS * NS_PER_MS;
}

static struct tally count(void)
{
    struct tally t = {.recovered = true};
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        const struct request *r = &requests[i];
        bool late = r->outcome == SERVED && r->end_ns - r->begin_ns > LATE_MS * NS_PER_MS;
        t.served += r->outcome == SERVED;
        t.reset += r->outcome == RESET;
        t.refused += r->outcome == REFUSED;
        t.lost += r->outcome == PENDING;
        t.late += late;
        t.stranded += r->outcome == SERVED && !late && was_stranded(i);
        if (i >= CONNECTIONS - LAST && (r->outcome != SERVED || late))
            t.recovered = false;
    }
    return t;
}

/* False = the fault could not be injected. */
static bool run(const struct fault *fault)
{
    uint64_t start = clock_ns(), recover_ns = UINT64_MAX;
    for (unsigned i = 0; i < CONNECTIONS; i++)
        requests[i].fd = -1;
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        uint64_t begin_ns = start + (uint64_t)i * SPACING_MS * NS_PER_MS;
        if (begin_ns > recover_ns) {
            handle_until(recover_ns, false);
            fault->recover(&server);
            recover_ns = UINT64_MAX;
        }
        handle_until(begin_ns, false);
        if (i == FAULT_AT && fault->before)
            fault->before(&server);
        begin_request(&requests[i]);
        if (i == FAULT_AT && fault->after && !fault->after(&server))
            return false;
        if (i == FAULT_AT && fault->recover)
            recover_ns = requests[i].begin_ns + FAULT_LASTS_MS * NS_PER_MS;
    }
    handle_until(clock_ns() + TIMEOUT_MS * NS_PER_MS, true);
    return true;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "outcomes of connections when a worker is stopped, killed or replaced",
        .operands = "[-- options of the server]",
        .example = "faults --strategy wakeone --fault kill-woken",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    struct server_command command;
    int first = options_parse(&program, tables, argc, argv);
    if (first < argc && strcmp(argv[first - 1], "--") != 0)
        fail_usage("unexpected argument '%s': options of the server come after --", argv[first]);
    if (expected)
        return check_results(expected, wrong_only) ? EXIT_DONE : EXIT_NOT_OK;
    if (wrong_only)
        fail_usage("--wrong-only requires --check");
    const struct fault *fault = &faults[fault_index];
    server_command_begin(&command, backend, strategy, workers);
    if (fault->one_cpu)
        server_command_add_one_cpu(&command);
    server_command_add_all(&command, argv + first);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (!server_process_start(&server, command.arguments))
        return EXIT_FAILED;
    const char *inapplicable = fault->inapplicable ? fault->inapplicable(&server) : NULL;
    bool injected = inapplicable || run(fault);
    fault_recover_all(&server);
    server_process_stop(&server);
    if (inapplicable)
        fail_usage("%s does not apply to %s: %s", fault_names[fault_index], strategy, inapplicable);
    if (!injected) {
        message("%s was injected too late for %s: the machine is busy, measure again",
                fault_names[fault_index], strategy);
        return EXIT_NOT_OK;
    }
    struct tally t = count();
    printf("%s\t%s\t%lu\t%d\t%u\t%u\t%u\t%u\t%u\t%u\t%s\n", strategy, fault_names[fault_index],
           workers, CONNECTIONS, t.served, t.late, t.stranded, t.reset, t.refused, t.lost,
           t.recovered ? "yes" : "no");
    return EXIT_DONE;
}
