/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * odd [--unix PATH | --ipv6] BEHAVIOUR [ARGUMENT]: a mock HTTP server that misbehaves on purpose. It
 * listens on a free port of 127.0.0.1 (or ::1, or on a UNIX socket), prints "ready port=P pid=PID",
 * and serves until SIGTERM. One process, one epoll queue; each behaviour is a line in `behaviours`.
 *
 * A request is read to the end of its body (Content-Length); pipelining is not supported. Delayed
 * actions have the same delay for all requests, so that a list in order of arrival is sufficient.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096, KEPT = 32 * 1024, PIECE = 1024 };
#define NS_PER_S UINT64_C(1000000000)

struct connection {
    TAILQ_ENTRY(connection) order;
    uint64_t due_ns; /* when `due` is called; 0 = it is not */
    int fd;
    bool ended;
    size_t sent;             /* bytes of `hello`, if it is sent in pieces */
    size_t received, length; /* bytes of the request; 0 = its head is not complete yet */
    char request[KEPT + 1];  /* what is kept of it, with a NUL */
};

struct behaviour {
    const char *name;
    const char *argument;                   /* its name; NULL = takes none */
    void (*requested)(struct connection *); /* a request has arrived */
    void (*due)(struct connection *);       /* the time has come that later() set */
    double later_ms;                        /* of later(); 0 = the argument */
    bool spins;                             /* it never sleeps, and is never late */
    bool refuses;                           /* it has its port, and does not listen */
    bool reads_head_only;                   /* a request is complete with its head */
};

static const char hello[] = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world\n";
static const struct behaviour *behaviour;
static double argument;
static uint64_t later_ns;
static int queue;
static TAILQ_HEAD(due_list, connection) due = TAILQ_HEAD_INITIALIZER(due);

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- what a behaviour is made of ---- */

static void later(struct connection *c)
{
    c->due_ns = now_ns() + later_ns;
    TAILQ_INSERT_TAIL(&due, c, order);
}

static void not_later(struct connection *c)
{
    if (c->due_ns)
        TAILQ_REMOVE(&due, c, order);
    c->due_ns = 0;
}

static void hang_up(struct connection *c)
{
    c->ended = true;
}

/* Closes the connection if the client does not read, or has closed it. */
static void send_text(struct connection *c, const char *text, size_t length)
{
    if (send(c->fd, text, length, MSG_DONTWAIT) != (ssize_t)length)
        hang_up(c);
}

static void send_until(struct connection *c, size_t end)
{
    send_text(c, hello + c->sent, end - c->sent);
    c->sent = end;
}

/* The connection stays open if the client requests it. */
static void answered(struct connection *c)
{
    if (strcasestr(c->request, "\nConnection: close\r"))
        hang_up(c);
}

static void answer(struct connection *c, unsigned status, const char *body, size_t length)
{
    static char text[KEPT + 128];
    bool has_body = status != 204 && status != 304;
    int n = snprintf(text, sizeof text, "HTTP/1.1 %u Odd\r\n", status);
    if (has_body)
        n += snprintf(text + n, sizeof text - (size_t)n, "Content-Length: %zu\r\n", length);
    n += snprintf(text + n, sizeof text - (size_t)n, "\r\n");
    if (!has_body || strncmp(c->request, "HEAD ", 5) == 0)
        length = 0;
    memcpy(text + n, body, length);
    send_text(c, text, (size_t)n + length);
    answered(c);
}

/* ---- behaviours ---- */

static void answer_hello(struct connection *c)
{
    answer(c, 200, "Hello, world\n", 13);
}

static void answer_and_stay(struct connection *c)
{
    send_text(c, hello, sizeof hello - 1);
}

static void answer_and_later(struct connection *c)
{
    answer_hello(c);
    later(c);
}

static void answer_request(struct connection *c)
{
    answer(c, 200, c->request, strlen(c->request));
}

static void answer_peer(struct connection *c)
{
    struct sockaddr_storage peer = {0};
    char text[INET6_ADDRSTRLEN] = "unix";
    socklen_t size = sizeof peer;
    getpeername(c->fd, (struct sockaddr *)&peer, &size);
    if (peer.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, text, sizeof text);
    else if (peer.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&peer)->sin6_addr, text, sizeof text);
    answer(c, 200, text, strlen(text));
}

static void answer_status(struct connection *c)
{
    answer(c, (unsigned)argument, "Odd\n", 4);
}

static void reset(struct connection *c)
{
    struct linger linger = {.l_onoff = 1};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    hang_up(c);
}

static void answer_garbage(struct connection *c)
{
    static const char garbage[] = "\x01\x02SSH-2.0\xff\r\n\r\n\x03";
    send_text(c, garbage, sizeof garbage - 1);
}

static void more_headers(struct connection *c)
{
    char line[PIECE + 16];
    int n = snprintf(line, sizeof line, "X-Odd: %0*d\r\n", PIECE, 0);
    send_text(c, line, (size_t)n);
    later(c);
}

static void begin_headers(struct connection *c)
{
    static const char begin[] = "HTTP/1.1 200 OK\r\n";
    send_text(c, begin, sizeof begin - 1);
    later(c);
}

static void more_body(struct connection *c)
{
    char chunk[PIECE + 16];
    int n = snprintf(chunk, sizeof chunk, "%x\r\n%0*d\r\n", PIECE, PIECE, 0);
    send_text(c, chunk, (size_t)n);
    later(c);
}

static void begin_body(struct connection *c)
{
    static const char begin[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    send_text(c, begin, sizeof begin - 1);
    later(c);
}

static void answer_too_little(struct connection *c)
{
    char text[128];
    int n = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n%050d", 0);
    send_text(c, text, (size_t)n);
    hang_up(c);
}

static void answer_too_much(struct connection *c)
{
    char text[128];
    int n = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n%050d", 0);
    send_text(c, text, (size_t)n);
}

static void answer_first_half(struct connection *c)
{
    c->sent = 0;
    send_until(c, sizeof hello - 1 - 6);
    later(c);
}

static void answer_second_half(struct connection *c)
{
    send_until(c, sizeof hello - 1);
    answered(c);
}

static void answer_next_byte(struct connection *c)
{
    send_until(c, c->sent + 1);
    if (c->sent < sizeof hello - 1)
        later(c);
}

/* In turn: 200, an error, no response. */
static void answer_by_turns(struct connection *c)
{
    static unsigned count;
    switch (count++ % 3) {
    case 0:
        answer_hello(c);
        break;
    case 1:
        answer(c, 500, "Odd\n", 4);
        break;
    default:
        hang_up(c);
    }
}

static void answer_the_first(struct connection *c)
{
    static double answered_so_far;
    if (answered_so_far++ < argument)
        answer_hello(c);
}

/* Fixed responses, independent of the request. */
static void answer_folded(struct connection *c)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nX-Odd: one,\r\n two,\r\n\tContent-Length: 99\r\n"
                               "Content-Length:\r\n 3\r\n\r\nodd";
    send_text(c, text, sizeof text - 1);
    answered(c);
}

static void answer_with_hints(struct connection *c)
{
    static const char text[] =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nodd";
    send_text(c, text, sizeof text - 1);
    answered(c);
}

static void answer_with_trailers(struct connection *c)
{
    static const char text[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Odd\r\n\r\n"
        "2;a=b\r\nod\r\n1\r\nd\r\n0\r\nX-Odd: a,\r\n b\r\n\r\n";
    send_text(c, text, sizeof text - 1);
    answered(c);
}

static void answer_until_end(struct connection *c)
{
    static const char text[] = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nodd";
    send_text(c, text, sizeof text - 1);
    hang_up(c);
}

static void switch_protocols(struct connection *c)
{
    static const char text[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\n\r\n\x01odd\r\n";
    send_text(c, text, sizeof text - 1);
}

/* The first request of a connection is answered; at the second one it is closed. */
static void answer_once(struct connection *c)
{
    if (c->sent++ == 0)
        answer_hello(c);
    else
        later(c);
}

static void answer_once_and_reset(struct connection *c)
{
    if (c->sent++ == 0)
        answer_hello(c);
    else
        reset(c);
}

static void answer_the_first_and_close(struct connection *c)
{
    static double answered_so_far;
    if (answered_so_far++ < argument)
        answer_hello(c);
    else
        hang_up(c);
}

/* Once the head is there, and without the body. */
static void refuse_body(struct connection *c)
{
    answer(c, 413, "Odd\n", 4);
    hang_up(c);
}

static void refuse_body_until_end(struct connection *c)
{
    static const char text[] = "HTTP/1.0 413 Odd\r\n\r\nodd";
    send_text(c, text, sizeof text - 1);
    hang_up(c);
}

/* The body that HEAD must not have. */
static void answer_with_body(struct connection *c)
{
    send_text(c, hello, sizeof hello - 1);
    answered(c);
}

static void do_nothing(struct connection *c)
{
    (void)c;
}

static const struct behaviour behaviours[] = {
    {"ok", NULL, answer_hello, NULL, 0},
    {"stay", NULL, answer_and_stay, NULL, 0}, /* open even if the client requests close */
    {"delay", "MS", later, answer_hello, 0},
    {"exact", "MS", later, answer_hello, 0, true}, /* the same, with a CPU of its own to spin on */
    {"echo", NULL, answer_request, NULL, 0},
    {"peer", NULL, answer_peer, NULL, 0}, /* the client's address */
    {"status", "N", answer_status, NULL, 0},
    {"by-turns", NULL, answer_by_turns, NULL, 0}, /* 200, 500, closed */
    {"folded", NULL, answer_folded, NULL, 0},
    {"hints", NULL, answer_with_hints, NULL, 0}, /* 100 and 103 before 200 */
    {"trailers", NULL, answer_with_trailers, NULL, 0},
    {"until-end", NULL, answer_until_end, NULL, 0},
    {"switch", NULL, switch_protocols, NULL, 0}, /* 101, and bytes that are not HTTP */
    {"close", NULL, hang_up, NULL, 0},
    {"reset", NULL, reset, NULL, 0},
    {"garbage", NULL, answer_garbage, NULL, 0},
    {"endless-headers", NULL, begin_headers, more_headers, 1},
    {"endless-body", NULL, begin_body, more_body, 10},
    {"short", NULL, answer_too_little, NULL, 0},
    {"long", NULL, answer_too_much, NULL, 0},
    {"trickle", NULL, answer_next_byte, answer_next_byte, 1000},
    {"silent", NULL, do_nothing, NULL, 0},
    {"first", "N", answer_the_first, NULL, 0}, /* N requests, and no other */
    {"once", "MS", answer_once, hang_up, 0},   /* closed MS after the second request */
    {"once-reset", NULL, answer_once_and_reset, NULL, 0},
    {"first-close", "N", answer_the_first_and_close, NULL, 0}, /* the others are closed */
    {"refuse-body", NULL, refuse_body, NULL, 0, .reads_head_only = true},
    {"refuse-body-1.0", NULL, refuse_body_until_end, NULL, 0, .reads_head_only = true},
    {"body", NULL, answer_with_body, NULL, 0}, /* also to HEAD */
    {"full", NULL, NULL, NULL, 0},             /* no client can connect */
    {"refuse", NULL, NULL, NULL, 0, .refuses = true},
    {"split", NULL, answer_first_half, answer_second_half, 5},
    {"close-idle", "MS", answer_and_later, hang_up, 0},
};

/* ---- connections ---- */

static void end_if_over(struct connection *c)
{
    if (!c->ended)
        return;
    not_later(c);
    close(c->fd);
    free(c);
}

static void accept_one(int listener)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno != EAGAIN && errno != ECONNABORTED)
            die("odd: accept");
        return;
    }
    struct connection *c = calloc(1, sizeof *c);
    if (!c)
        die("odd");
    c->fd = fd;
    event.data.ptr = c;
    if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) != 0)
        die("odd: epoll_ctl");
}

/* Of head and body; 0 while the head is not complete. */
static size_t request_length(const char *request)
{
    static const char field[] = "\nContent-Length:";
    const char *end = strstr(request, "\r\n\r\n");
    const char *length = strcasestr(request, field);
    if (!end)
        return 0;
    size_t body = length && length < end && !behaviour->reads_head_only
                      ? strtoul(length + sizeof field - 1, NULL, 10)
                      : 0;
    return (size_t)(end - request) + 4 + body;
}

static void receive(struct connection *c)
{
    static char rest[KEPT]; /* of a body that is longer than what is kept */
    bool keep = c->received < KEPT;
    ssize_t n = recv(c->fd, keep ? c->request + c->received : rest,
                     keep ? KEPT - c->received : sizeof rest, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        hang_up(c);
        return;
    }
    not_later(c);
    c->received += (size_t)n;
    if (keep)
        c->request[c->received] = '\0';
    if (c->length == 0)
        c->length = request_length(c->request);
    if (c->length && c->received >= c->length) {
        c->received = c->length = 0;
        behaviour->requested(c);
    }
}

/* ---- the server ---- */

static socklen_t own_address(struct sockaddr_storage *address, const char *path, bool ipv6)
{
    memset(address, 0, sizeof *address);
    if (path) {
        struct sockaddr_un *local = (struct sockaddr_un *)address;
        local->sun_family = AF_UNIX;
        snprintf(local->sun_path, sizeof local->sun_path, "%s", path);
        return sizeof *local;
    }
    if (ipv6) {
        struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)address;
        inet6->sin6_family = AF_INET6;
        inet6->sin6_addr = in6addr_loopback;
        return sizeof *inet6;
    }
    struct sockaddr_in *inet = (struct sockaddr_in *)address;
    inet->sin_family = AF_INET;
    inet->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof *inet;
}

static bool is_full(void)
{
    return !behaviour->requested && !behaviour->refuses;
}

static int open_listener(const char *path, bool ipv6)
{
    struct sockaddr_storage address;
    socklen_t length = own_address(&address, path, ipv6);
    int on = 1, fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (path)
        unlink(path);
    else
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 ||
        (!behaviour->refuses && listen(fd, is_full() ? 0 : BACKLOG) != 0) ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        die("odd");
    /* A backlog of 0 accepts one. */
    if (is_full() && connect(socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0),
                             (struct sockaddr *)&address, length) != 0)
        die("odd: connect");
    /* IPv4 and IPv6 have the port in the same place. */
    printf("ready port=%u pid=%d\n", path ? 0U : ntohs(((struct sockaddr_in *)&address)->sin_port),
           (int)getpid());
    if (fflush(stdout) != 0)
        die("odd");
    return fd;
}

/* Performs due actions, and returns the time until the next; NULL = wait for an event. */
static const struct timespec *do_due(void)
{
    static struct timespec wait;
    struct connection *c;
    uint64_t now = 0;
    while ((c = TAILQ_FIRST(&due))) {
        now = now_ns();
        if (c->due_ns > now) {
            wait = (struct timespec){.tv_sec = (time_t)((c->due_ns - now) / NS_PER_S),
                                     .tv_nsec = (long)((c->due_ns - now) % NS_PER_S)};
            return &wait;
        }
        not_later(c);
        behaviour->due(c);
        end_if_over(c);
    }
    return NULL;
}

/* One event at a time: no event refers to a connection that an earlier one has closed. */
static void serve(int listener)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    queue = epoll_create1(EPOLL_CLOEXEC);
    if (queue < 0 ||
        (behaviour->requested && epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event) != 0))
        die("odd: epoll");
    for (;;) {
        static const struct timespec at_once;
        const struct timespec *wait = do_due();
        int n = epoll_pwait2(queue, &event, 1, behaviour->spins ? &at_once : wait, NULL);
        if (n == 1 && !event.data.ptr) {
            accept_one(listener);
        } else if (n == 1) {
            receive(event.data.ptr);
            end_if_over(event.data.ptr);
        }
    }
}

static void end(int number)
{
    (void)number;
    _exit(0);
}

static void usage(void)
{
    fputs("usage: odd [--unix PATH | --ipv6] BEHAVIOUR [ARGUMENT]\n", stderr);
    for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++)
        fprintf(stderr, "    %s %s\n", behaviours[i].name,
                behaviours[i].argument ? behaviours[i].argument : "");
    exit(2);
}

static void choose(int count, char **arguments)
{
    char nothing[] = "", *rest = nothing;
    for (size_t i = 0; count && i < sizeof behaviours / sizeof *behaviours; i++)
        if (strcmp(arguments[0], behaviours[i].name) == 0)
            behaviour = &behaviours[i];
    if (!behaviour || count != (behaviour->argument ? 2 : 1))
        usage();
    if (behaviour->argument)
        argument = strtod(arguments[1], &rest);
    if (*rest || !(argument >= 0 && argument <= 1e9))
        usage();
    later_ns = (uint64_t)((behaviour->later_ms > 0 ? behaviour->later_ms : argument) * 1e6);
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    bool ipv6 = false;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--unix") == 0) {
        path = argv[2];
        first = 3;
    } else if (argc > 1 && strcmp(argv[1], "--ipv6") == 0) {
        ipv6 = true;
        first = 2;
    }
    choose(argc - first, argv + first);

    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    prctl(PR_SET_TIMERSLACK, 1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, end);
    serve(open_listener(path, ipv6));
}
