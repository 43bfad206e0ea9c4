/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * path: CPU time of a request, from socket(2) to the last close(2), in nanoseconds.
 *
 * One thread on one CPU is client and server in turn, over loopback:
 *
 *      client                            server
 *      socket, connect, send, watch
 *                                        wait, accept4, recv, send, close
 *      wait, recv, close
 *
 * The server part is code of the servers (servers/worker.c, connection.c, http.c, epoll); the client makes the calls of
 * harness/load. Each wait finds its event pending, so there are no sleeps and no context switches: the result
 * depends on instructions, and on this CPU's time for them. In a virtual-time guest with a cost of 1 ns per
 * instruction the same program counts instructions. The ratio of the two numbers is the cost of an instruction.
 */

#include "batches.h"

#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/os.h"
#include "harness/lib/output.h"
#include "harness/load/request.h"
#include "harness/load/response.h"
#include "harness/stats/sample.h"
#include "servers/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16, RECEIVED = 4096 };

static unsigned long batches = 40, requests = 250;

static const struct option_spec options[] = {
    {OPTION_NUMBER, "batches", "N", "batches, of which the median is printed (40)", &batches, 1,
     100000, NULL},
    {OPTION_NUMBER, "requests", "N", "requests in a batch (250)", &requests, 1, 1000000, NULL},
    OPTIONS_END,
};

static struct sockaddr_in address = {.sin_family = AF_INET};

/* ---- the server: a worker that runs single event-loop iterations ---- */

const struct strategy strategy = {.summary = "one worker, in the process of its client"};

int server_listen(void)
{
    static const int on = 1;
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, BACKLOG) != 0)
        fail("cannot listen on loopback: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* as that of the servers */
    getsockname(fd, (struct sockaddr *)&address, &length);
    return fd;
}

static void listener_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)watch, (void)flags;
    worker_take_connections(w);
}

static void open_server(struct worker *w)
{
    static struct stats_page page; /* a worker records failures there */
    static struct worker_stats stats;
    server.stats = &page;
    *w = (struct worker){
        .queue = evq_open(),
        .listener.ready = listener_ready,
        .take = worker_serve,
        .stats = &stats,
        .spare_fd = -1,
    };
    if (w->queue < 0)
        fail("cannot open an event queue: %s", strerror(errno));
    worker_listen(w);
    worker_watch_listener(w, EVQ_READ);
}

/* ---- the client ---- */

struct client {
    int queue;
    char *request;
    size_t length;
};

static void open_client(struct client *client)
{
    static const struct request get = {.method = NULL};
    client->queue = evq_open();
    client->request = request_text(&get, "127.0.0.1", "/", true, &client->length);
    if (client->queue < 0 || !client->request)
        fail("cannot make a client: %s", strerror(errno));
}

/* On loopback the handshake is complete when connect(2) returns, although it returns EINPROGRESS. */
static int ask(const struct client *client)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool begun = fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ||
                             errno == EINPROGRESS);
    if (!begun || send(fd, client->request, client->length, MSG_NOSIGNAL) < 0 ||
        evq_add(client->queue, fd, EVQ_READ, NULL) != 0)
        fail("cannot send a request over loopback: %s", strerror(errno));
    return fd;
}

static void take_response(const struct client *client, int fd)
{
    static char received[RECEIVED];
    struct response response;
    struct evq_event event;
    response_begin(&response, NULL, false);
    ssize_t n = evq_wait(client->queue, &event, 1, 0) == 1 ? recv(fd, received, sizeof received, 0)
                                                           : 0;
    if (n <= 0 || response_read(&response, received, (size_t)n) != RESPONSE_COMPLETE ||
        response.status != 200)
        fail("a request over loopback was not answered immediately: check traffic shaping of "
             "loopback (tc qdisc)");
    close(fd);
}

/* ---- */

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return timespec_ns(t);
}

/* Nanoseconds per request */
static double run_batch(struct worker *server_side, const struct client *client)
{
    uint64_t begin = cpu_ns();
    for (unsigned long i = 0; i < requests; i++) {
        int fd = ask(client);
        worker_iterate(server_side);
        take_response(client, fd);
    }
    return (double)(cpu_ns() - begin) / (double)requests;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "CPU time of a request in nanoseconds, server and client in one thread",
        .example = "path --batches 40 --requests 250",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    struct worker server_side;
    struct client client;

    options_parse(&program, tables, argc, argv);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (os_pin_to_cpu(cpulist_first_allowed()) != 0)
        fail("cannot stay on CPU %u: %s", cpulist_first_allowed(), strerror(errno));
    double *ns = sample_room(batches);
    open_server(&server_side);
    open_client(&client);
    run_batch(&server_side, &client); /* warms caches and kernel memory */
    for (unsigned long i = 0; i < batches; i++)
        ns[i] = run_batch(&server_side, &client);
    batches_print_header("what");
    batches_print("request", batches_of(ns, batches));
    free(client.request);
    free(ns);
    output_close(stdout, "standard output");
    return EXIT_DONE;
}
