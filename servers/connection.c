/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/clock.h"
#include "http.h"
#include "server.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_LIMIT = 4096,   /* a longer request head is answered with 400 */
    OUTPUT_LIMIT = 2048, /* responses to pipelined requests that are sent together */
    DRAIN_LIMIT_MS = 1000,
    IDLE_LIMIT_MS = 1000, /* of a client that occupies a worker */
    LINGER_LIMIT_MS = 1000,
};

enum ending {
    ENDING_NONE,
    ENDING_CLOSE,  /* close when the output is sent */
    ENDING_LINGER, /* the client may still be sending: closing now would reset the connection and
                      discard the response, so read until the client closes */
};

struct connection {
    struct watch watch; /* first: a connection is found by its watch */
    unsigned watched;   /* evq flags; 0 = not in the queue yet */
    enum ending ending;
    bool lingering;
    bool answered;        /* at least one response was sent */
    bool head_done;       /* `request` is complete, its body is not */
    uint64_t deadline_ns; /* 0 = none */
    struct http_request request;
    struct connection *next, *previous;
    size_t in_used, out_used, out_sent;
    char in[HEAD_LIMIT];
    char out[OUTPUT_LIMIT];
};

struct text {
    const char *start;
    size_t length;
};

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }
#define HEAD(status, length, connection)                                         \
    "HTTP/1.1 " status                                                           \
    "\r\nServer: wakeone\r\nContent-Type: text/plain\r\nContent-Length: " length \
    "\r\nConnection: " connection "\r\n\r\n"

static const struct text ok_body = TEXT("Hello, world\n");
static const struct text ok_head[] = {
    TEXT(HEAD("200 OK", "13", "close")),
    TEXT(HEAD("200 OK", "13", "keep-alive")),
};
static const struct text bad_request = TEXT(HEAD("400 Bad Request", "12", "close") "Bad request\n");

enum { RESPONSE_LIMIT = 192 };
_Static_assert(sizeof(HEAD("400 Bad Request", "12", "keep-alive")) + 13 <= RESPONSE_LIMIT,
               "every response fits");

static void set_deadline(struct worker *w, struct connection *c, uint64_t ms)
{
    if (c->deadline_ns == 0)
        w->timed++;
    c->deadline_ns = clock_ns() + ms * NS_PER_MS;
}

static struct connection *connection_open(struct worker *w, int fd)
{
    struct connection *c = w->free;
    if (c)
        w->free = c->next;
    else if (!(c = malloc(sizeof *c)))
        worker_fail("worker %u is out of memory", w->id);
    memset(c, 0, offsetof(struct connection, in));
    c->watch.fd = fd;
    c->next = w->open;
    if (c->next)
        c->next->previous = c;
    w->open = c;
    return c;
}

static void connection_close(struct worker *w, struct connection *c)
{
    /* epoll removes a socket when its last descriptor is closed, and the acceptor may not have
     * closed its own yet. */
    if ((strategy.acceptor || !evq_drops_closed) && c->watched)
        evq_del(w->queue, c->watch.fd);
    close(c->watch.fd);
    stat_add(&w->stats->closed, 1);
    if (c->deadline_ns)
        w->timed--;
    if (c->next)
        c->next->previous = c->previous;
    *(c->previous ? &c->previous->next : &w->open) = c->next;
    c->next = w->free;
    w->free = c;
}

static void watch_for(struct worker *w, struct connection *c, unsigned flags)
{
    if (c->watched == flags)
        return;
    int failed = c->watched ? evq_mod(w->queue, c->watch.fd, flags, &c->watch)
                            : evq_add(w->queue, c->watch.fd, flags, &c->watch);
    if (failed)
        worker_fail("worker %u cannot watch a connection: %s", w->id, strerror(errno));
    c->watched = flags;
}

/* CPU time of this process, not wall-clock time: preemption must not shorten the work. */
static void burn(uint64_t ns)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    uint64_t end = timespec_ns(now) + ns;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while (timespec_ns(now) < end);
}

static void append(struct connection *c, struct text text)
{
    memcpy(c->out + c->out_used, text.start, text.length);
    c->out_used += text.length;
}

static void respond(struct worker *w, struct connection *c)
{
    bool keep = c->request.keep_alive && server.keep_alive && !w->stopping;
    if (server.service_ns)
        burn(server.service_ns);
    append(c, ok_head[keep]);
    if (!c->request.is_head)
        append(c, ok_body);
    stat_add(&w->stats->requests, 1);
    memset(&c->request, 0, sizeof c->request);
    c->head_done = false;
    if (strategy.serves_to_the_end)
        set_deadline(w, c, IDLE_LIMIT_MS);
    if (!keep)
        c->ending = ENDING_CLOSE;
}

static void respond_bad(struct worker *w, struct connection *c)
{
    append(c, bad_request);
    stat_add(&w->stats->bad_requests, 1);
    c->ending = ENDING_LINGER;
}

/* Parses one request from the `length` bytes at `data` and responds to it if it is complete.
 * Returns the number of bytes consumed; 0 = more are needed. */
static size_t take_request(struct worker *w, struct connection *c, const char *data, size_t length)
{
    size_t used = 0;
    if (!c->head_done) {
        enum http_verdict verdict = http_read_head(&c->request, data, length);
        if (verdict == HTTP_BAD || (verdict == HTTP_MORE && length == HEAD_LIMIT)) {
            respond_bad(w, c);
            return length;
        }
        if (verdict == HTTP_MORE)
            return 0;
        c->head_done = true;
        used = c->request.head_length;
    }
    uint64_t body = length - used;
    if (body > c->request.body_length)
        body = c->request.body_length;
    c->request.body_length -= body;
    if (c->request.body_length == 0)
        respond(w, c);
    return used + (size_t)body;
}

/* Answers requests in `in` with responses in `out` until one of the buffers is exhausted. True if
 * requests may be left because `out` is full. */
static bool compose(struct worker *w, struct connection *c)
{
    size_t at = 0;
    bool full = false;
    while (at < c->in_used && c->ending == ENDING_NONE) {
        full = OUTPUT_LIMIT - c->out_used < RESPONSE_LIMIT;
        if (full)
            break;
        size_t used = take_request(w, c, c->in + at, c->in_used - at);
        if (used == 0)
            break;
        at += used;
    }
    if (at < c->in_used && c->ending == ENDING_CLOSE)
        c->ending = ENDING_LINGER;
    c->in_used -= at;
    memmove(c->in, c->in + at, c->in_used);
    return full;
}

static void linger(struct worker *w, struct connection *c)
{
    /* One buffer per event-loop iteration: a client that keeps sending must not block the worker. */
    ssize_t n = recv(c->watch.fd, c->in, sizeof c->in, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        connection_close(w, c);
        return;
    }
    if (n > 0)
        w->progress = true;
    watch_for(w, c, EVQ_READ);
}

static void end(struct worker *w, struct connection *c)
{
    if (c->ending == ENDING_CLOSE) {
        connection_close(w, c);
        return;
    }
    shutdown(c->watch.fd, SHUT_WR);
    c->lingering = true;
    set_deadline(w, c, LINGER_LIMIT_MS);
    linger(w, c);
}

/* Sends the content of `out`. False if the connection has to wait, or was closed. */
static bool flush(struct worker *w, struct connection *c)
{
    /* MSG_MORE: the last response is held until the close that follows, and both are sent in one
     * segment. */
    int flags = c->ending == ENDING_CLOSE ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
    while (c->out_sent < c->out_used) {
        ssize_t n = send(c->watch.fd, c->out + c->out_sent, c->out_used - c->out_sent, flags);
        if (n < 0 && errno == EAGAIN) {
            watch_for(w, c, EVQ_WRITE);
            return false;
        }
        if (n < 0) {
            connection_close(w, c);
            return false;
        }
        c->out_sent += (size_t)n;
        c->answered = true;
    }
    c->out_sent = c->out_used = 0;
    if (c->ending == ENDING_NONE)
        return true;
    end(w, c);
    return false;
}

/* False if the connection has to wait for the client to read, or was closed. */
static bool answer(struct worker *w, struct connection *c)
{
    for (;;) {
        bool more = compose(w, c);
        if (!flush(w, c))
            return false;
        if (!more)
            return true;
    }
}

static void read_and_answer(struct worker *w, struct connection *c)
{
    for (;;) {
        size_t room = sizeof c->in - c->in_used;
        ssize_t n = recv(c->watch.fd, c->in + c->in_used, room, 0);
        if (n < 0 && errno == EAGAIN)
            break;
        w->progress = true;
        if (n <= 0) {
            connection_close(w, c);
            return;
        }
        c->in_used += (size_t)n;
        if (!answer(w, c))
            return;
        /* A short read: nothing is left, so no second recv that returns EAGAIN. */
        if ((size_t)n < room)
            break;
    }
    watch_for(w, c, EVQ_READ);
}

static void connection_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    struct connection *c = (struct connection *)watch;
    (void)flags;
    if (c->lingering) {
        linger(w, c);
        return;
    }
    if (c->out_used > 0) {
        w->progress = true;
        if (!flush(w, c) || !answer(w, c))
            return;
    }
    read_and_answer(w, c);
}

void worker_serve(struct worker *w, int fd)
{
    struct connection *c = connection_open(w, fd);
    c->watch.ready = connection_ready;
    if (w->stopping)
        set_deadline(w, c, DRAIN_LIMIT_MS);
    else if (strategy.serves_to_the_end)
        set_deadline(w, c, IDLE_LIMIT_MS);
    /* The request has often arrived: reading first avoids adding the socket to the queue. */
    read_and_answer(w, c);
}

static bool is_between_requests(const struct connection *c)
{
    return c->answered && c->in_used == 0 && c->out_used == 0 && !c->head_done;
}

void connections_drain(struct worker *w)
{
    for (struct connection *c = w->open, *next; c; c = next) {
        next = c->next;
        if (is_between_requests(c))
            connection_close(w, c);
        else if (c->deadline_ns == 0)
            set_deadline(w, c, DRAIN_LIMIT_MS);
    }
}

int connections_timeout_ms(const struct worker *w)
{
    uint64_t soonest = UINT64_MAX, now;
    if (w->timed == 0)
        return -1;
    for (const struct connection *c = w->open; c; c = c->next)
        if (c->deadline_ns && c->deadline_ns < soonest)
            soonest = c->deadline_ns;
    now = clock_ns();
    return soonest <= now ? 0 : (int)((soonest - now) / NS_PER_MS) + 1;
}

void connections_close_overdue(struct worker *w)
{
    uint64_t now = clock_ns();
    for (struct connection *c = w->open, *next; c; c = next) {
        next = c->next;
        if (c->deadline_ns && c->deadline_ns <= now)
            connection_close(w, c);
    }
}

void connections_free(struct worker *w)
{
    while (w->open)
        connection_close(w, w->open);
    for (struct connection *c; (c = w->free) != NULL; free(c))
        w->free = c->next;
}
