/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection: socket, connect, send, receive, close. */

#include "generator.h"

#include "harness/lib/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static ssize_t send_plain(const struct connection *c, const void *data, size_t length)
{
    return send(c->fd, data, length, MSG_NOSIGNAL);
}

static ssize_t receive_plain(const struct connection *c, void *data, size_t size)
{
    return recv(c->fd, data, size, 0);
}

static ssize_t send_tls(const struct connection *c, const void *data, size_t length)
{
    return tls_send(c->tls, data, length);
}

static ssize_t receive_tls(const struct connection *c, void *data, size_t size)
{
    return tls_receive(c->tls, data, size);
}

const struct transport connection_plain = {send_plain, receive_plain};
const struct transport connection_tls = {send_tls, receive_tls};

/* False if epoll refuses the socket: the request has failed, and the connection is closed. ENOSPC (epoll(7),
 * max_user_watches) and ENOMEM are limits of the client, as is EMFILE. */
static bool watch(struct generator *e, struct connection *c, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    char example[LOAD_EXAMPLE];
    int change = c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (c->watched != events && epoll_ctl(e->queue, change, c->fd, &event) != 0) {
        snprintf(example, sizeof example, "epoll_ctl: %s", strerror(errno));
        generator_failed(e, c, LOAD_PORTS, example);
        return false;
    }
    c->watched = events;
    return true;
}

void connection_close(const struct generator *e, struct connection *c)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (c->fd < 0)
        return;
    if (c->tls)
        tls_end(c->tls, e->options->close == LOAD_CLOSE_FIN);
    c->tls = NULL;
    if (e->options->close == LOAD_CLOSE_RST)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(c->fd);
    c->fd = -1;
    c->watched = 0;
}

/* The server has ended the connection. */
static void lose(struct generator *e, struct connection *c, enum load_error error,
                 const char *example)
{
    bool was_idle = c->reused && response_is_untouched(&c->response);
    if (e->run->retries && was_idle && !c->retried)
        generator_retry(e, c);
    else
        generator_failed(e, c, error, example);
}

/* EADDRNOTAVAIL has two causes: no local port is left, or this machine has no address that can reach the target. */
static bool has_no_address(const struct generator *e)
{
    struct sockaddr_storage any = {
        .ss_family = load_target_address(&e->options->target)->address.ss_family};
    int fd = socket(any.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has_port = fd >= 0 && bind(fd, (const struct sockaddr *)&any, sizeof any) == 0;
    if (fd >= 0)
        close(fd);
    return has_port && !__atomic_load_n(&e->run->connected, __ATOMIC_RELAXED);
}

static void fail_with(struct generator *e, struct connection *c, enum load_error otherwise,
                      int error)
{
    static const struct {
        int error;
        enum load_error kind;
    } connect_errors[] = {
        {ECONNREFUSED, LOAD_CONNECT_REFUSED},
        {EAGAIN, LOAD_CONNECT_REFUSED}, /* UNIX: backlog full */
        {ECONNRESET, LOAD_CONNECT_RESET},
        {EPIPE, LOAD_CONNECT_RESET},
        {ETIMEDOUT, LOAD_CONNECT_TIMEOUT},
        {EADDRNOTAVAIL, LOAD_PORTS},
        {EADDRINUSE, LOAD_PORTS},
        {EMFILE, LOAD_PORTS},
        {ENFILE, LOAD_PORTS},
    };
    enum load_error kind = otherwise;
    if (otherwise == LOAD_CONNECT_OTHER)
        for (size_t i = 0; i < sizeof connect_errors / sizeof *connect_errors; i++)
            if (connect_errors[i].error == error)
                kind = connect_errors[i].kind;
    if (error == EADDRNOTAVAIL && kind == LOAD_PORTS && has_no_address(e))
        kind = LOAD_CONNECT_OTHER;
    if (otherwise == LOAD_READ_RESET && error == ETIMEDOUT)
        kind = LOAD_READ_TIMEOUT;
    (kind == LOAD_READ_RESET ? lose : generator_failed)(e, c, kind, strerror(error));
}

static bool is_last_request(const struct generator *e, const struct connection *c)
{
    const struct class *class = &e->options->classes.all[c->class];
    return c->sent + 1 == class->requests && class->hold_ns == 0;
}

/* Sends the rest of the request. Returns 0, or the errno of the failed send. */
static int send_rest(struct generator *e, struct connection *c)
{
    const struct request_pair *pair = &e->run->requests[c->url];
    const struct request_bytes *request = is_last_request(e, c) ? &pair->last : &pair->kept;
    while (c->request_sent < request->length) {
        ssize_t n = e->run->transport->send(c, request->text + c->request_sent,
                                            request->length - c->request_sent);
        if (n < 0)
            return errno;
        c->request_sent += (size_t)n;
    }
    c->sent++;
    c->state = CONNECTION_RECEIVING;
    return 0;
}

static void receive(struct generator *e, struct connection *c);

/* A server that rejects a request early (413) may have responded before it closed: read the response if there is one. The
 * connection is not reused. */
static void send_failed(struct generator *e, struct connection *c, int error)
{
    char first;
    c->state = CONNECTION_SENDING;
    ssize_t n = recv(c->fd, &first, 1, MSG_PEEK);
    if (n < 0 || (n == 0 && response_is_untouched(&c->response))) {
        fail_with(e, c, LOAD_READ_RESET, error);
        return;
    }
    if (watch(e, c, EPOLLOUT | EPOLLIN))
        receive(e, c);
}

/* After send_rest() returned `error`. */
static void await_answer(struct generator *e, struct connection *c, int error)
{
    if (error == 0) {
        watch(e, c, EPOLLIN);
    } else if (error == EAGAIN) {
        c->state = CONNECTION_SENDING;
        watch(e, c, EPOLLOUT | EPOLLIN);
    } else {
        send_failed(e, c, error);
    }
}

static void begin_request(struct generator *e, struct connection *c)
{
    c->request_sent = 0;
    response_begin(&c->response, e->run->expect, e->run->is_head);
}

void connection_send(struct generator *e, struct connection *c)
{
    c->reused = true;
    begin_request(e, c);
    await_answer(e, c, send_rest(e, c));
}

static void connect_ended(struct generator *e, struct connection *c);

static bool bind_source(struct generator *e, struct connection *c)
{
    static const int on = 1;
    struct sockaddr_storage address;
    if (e->options->sources.count == 0)
        return true;
    socklen_t length = sources_address(&e->options->sources, e->next_source, &address);
    e->next_source += load_all_threads(e->options);
    /* connect(2) chooses the port, which has to be free for this target only */
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return bind(c->fd, (const struct sockaddr *)&address, length) == 0;
}

static bool begin_connect(struct generator *e, struct connection *c)
{
    const struct load_address *to = load_target_address(&e->options->target);
    c->fd = socket(to->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || !bind_source(e, c))
        return false;
    return connect(c->fd, (const struct sockaddr *)&to->address, to->length) == 0 ||
           errno == EINPROGRESS;
}

static bool can_be_written(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    return poll(&one, 1, 0) == 1;
}

/* The TLS handshake's last flight is sent separately: without TCP_NODELAY the request would wait for its acknowledgement
 * (Nagle), which the server may delay by 40 ms. */
static void begin_tls(struct generator *e, struct connection *c)
{
    static const int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (can_be_written(c->fd))
        connect_ended(e, c);
    else
        watch(e, c, EPOLLOUT);
}

void connection_open(struct generator *e, struct connection *c)
{
    c->sent = 0;
    c->reused = false;
    c->state = CONNECTION_CONNECTING;
    begin_request(e, c);
    if (!begin_connect(e, c)) {
        fail_with(e, c, LOAD_CONNECT_OTHER, errno);
        return;
    }
    if (e->run->tls) {
        begin_tls(e, c);
        return;
    }
    /* On loopback the connection is established although connect(2) returns EINPROGRESS: sending at once saves a wait
     * and two epoll_ctl(2). If it is not established, send(2) fails with EAGAIN. */
    uint64_t now = clock_ns();
    int error = send_rest(e, c);
    if (error == EAGAIN && c->request_sent == 0) {
        watch(e, c, EPOLLOUT);
        return;
    }
    if (error && c->request_sent == 0) {
        fail_with(e, c, LOAD_CONNECT_OTHER, error);
        return;
    }
    generator_connected(e, c, now);
    await_answer(e, c, error);
}

static void continue_handshake(struct generator *e, struct connection *c)
{
    switch (tls_handshake(c->tls)) {
    case TLS_WANTS_READ:
        watch(e, c, EPOLLIN);
        return;
    case TLS_WANTS_WRITE:
        watch(e, c, EPOLLOUT);
        return;
    case TLS_FAILED:
        generator_failed(e, c, LOAD_TLS, tls_error());
        return;
    case TLS_DONE:
        generator_handshake_done(e, c, clock_ns());
        await_answer(e, c, send_rest(e, c));
    }
}

static void begin_handshake(struct generator *e, struct connection *c, uint64_t now)
{
    c->state = CONNECTION_HANDSHAKING;
    c->connected_ns = now;
    c->tls = tls_begin(e->run->tls, c->fd, &e->session);
    if (c->tls)
        continue_handshake(e, c);
    else
        generator_failed(e, c, LOAD_TLS, "no memory for TLS");
}

static void connect_ended(struct generator *e, struct connection *c)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        fail_with(e, c, LOAD_CONNECT_OTHER, error);
        return;
    }
    uint64_t now = clock_ns();
    generator_connected(e, c, now);
    if (e->run->tls)
        begin_handshake(e, c, now);
    else
        await_answer(e, c, send_rest(e, c));
}

static void answered(struct generator *e, struct connection *c, uint64_t now)
{
    char example[LOAD_EXAMPLE];
    const struct urls *urls = e->options->urls;
    generator_answered(e, c);
    if (!status_set_has(&e->options->expect_status, c->response.status)) {
        snprintf(example, sizeof example, "status %u%s%s", c->response.status, urls ? " of " : "",
                 urls ? urls->all[c->url].text : "");
        generator_failed(e, c, LOAD_STATUS, example);
    } else if (!response_is_as_expected(&c->response)) {
        snprintf(example, sizeof example, "unexpected body of %llu bytes",
                 (unsigned long long)c->response.body.bytes);
        generator_failed(e, c, LOAD_BODY, example);
    } else {
        generator_succeeded(e, c, now);
    }
}

static const char *describe_end(const struct connection *c)
{
    return response_is_untouched(&c->response) ? "closed without a response"
                                               : "closed in the middle of a response";
}

static void receive_failed(struct generator *e, struct connection *c, int error)
{
    if (c->tls && error == ENODATA)
        lose(e, c, LOAD_READ_SHORT, "closed without a TLS close_notify");
    else if (c->tls && error == EPROTO)
        generator_failed(e, c, LOAD_TLS, tls_error());
    else
        fail_with(e, c, LOAD_READ_RESET, error);
}

static void receive(struct generator *e, struct connection *c)
{
    ssize_t n = e->run->transport->receive(c, e->received, sizeof e->received);
    if (n < 0 && errno != EAGAIN)
        receive_failed(e, c, errno);
    if (n < 0)
        return;
    uint64_t now = clock_ns();
    if (n > 0 && response_is_untouched(&c->response))
        generator_first_byte(e, c, now);
    if (e->phase == PHASE_WINDOW)
        e->result->bytes += (uint64_t)n;
    enum response_verdict verdict = n ? response_read(&c->response, e->received, (size_t)n)
                                      : response_end(&c->response);
    if (verdict == RESPONSE_COMPLETE)
        answered(e, c, now);
    else if (verdict == RESPONSE_BAD && n)
        generator_failed(e, c, LOAD_MALFORMED, "not an HTTP response");
    else if (verdict == RESPONSE_BAD)
        lose(e, c, LOAD_READ_SHORT, describe_end(c));
}

/* A response may arrive while the request is still being sent: 413, for example. */
static void send_more(struct generator *e, struct connection *c)
{
    int error = send_rest(e, c);
    if (error == EAGAIN)
        receive(e, c);
    else
        await_answer(e, c, error);
}

void connection_ready(struct generator *e, struct connection *c)
{
    static void (*const states[])(struct generator *, struct connection *) = {
        [CONNECTION_CONNECTING] = connect_ended,    [CONNECTION_HANDSHAKING] = continue_handshake,
        [CONNECTION_SENDING] = send_more,           [CONNECTION_RECEIVING] = receive,
        [CONNECTION_QUIET] = generator_quiet_ended,
    };
    if (c->state != CONNECTION_UNUSED)
        states[c->state](e, c);
}
