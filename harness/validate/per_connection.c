/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * per_connection PORT CONNECTIONS RATE SECONDS: the method of wrk2, for comparison with `load --rate`.
 *
 * Each connection is kept open and has a schedule of its own with RATE / CONNECTIONS requests a second. The next request waits
 * until the connection is idle; its latency counts from its scheduled time. A connection that is late catches up at twice its
 * rate, counted from when it became late. Requests are sent when a timer of 1 ms expires, or after a response. Requests in
 * flight at the end are not counted. (github.com/giltene/wrk2, README and usec_to_next_send() in src/wrk.c)
 *
 * One line: requests, share above 100 ms, p50, p99 and maximum in microseconds.
 */

#include "harness/lib/clock.h"
#include "harness/lib/histogram.h"
#include "harness/lib/output.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024 };

struct connection {
    int fd;
    bool busy, behind;
    uint64_t begin_ns, answered;
    uint64_t behind_since_ns, answered_then;
};

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n";
static struct connection connections[CONNECTIONS_MAX];
static uint64_t period_ns; /* of one connection */
static struct histogram latencies;
static uint64_t above_100ms;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t intended_ns(const struct connection *c)
{
    return c->begin_ns + c->answered * period_ns;
}

static bool is_time(struct connection *c, uint64_t now)
{
    if (intended_ns(c) > now) {
        c->behind = false;
        return false;
    }
    if (!c->behind) {
        c->behind = true;
        c->behind_since_ns = now;
        c->answered_then = c->answered;
    }
    return c->behind_since_ns + (c->answered - c->answered_then) * period_ns / 2 <= now;
}

static void send_if_time(struct connection *c, uint64_t now)
{
    if (c->busy || !is_time(c, now))
        return;
    c->busy = true;
    if (send(c->fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
        die("send");
}

/* Each recv() is one response: those of these servers are short. */
static void receive(struct connection *c)
{
    char received[4096];
    if (recv(c->fd, received, sizeof received, 0) <= 0)
        die("recv");
    uint64_t now = clock_ns(), latency = now - intended_ns(c);
    histogram_record(&latencies, latency);
    above_100ms += latency > 100 * NS_PER_MS;
    c->busy = false;
    c->answered++;
    send_if_time(c, now);
}

static int open_timer(void)
{
    const struct itimerspec each_ms = {.it_interval.tv_nsec = 1000000, .it_value.tv_nsec = 1000000};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (fd < 0 || timerfd_settime(fd, 0, &each_ms, NULL) != 0)
        die("timerfd");
    return fd;
}

static void watch(int queue, int fd, struct connection *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll_ctl");
}

int main(int argc, char **argv)
{
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event ready[CONNECTIONS_MAX + 1];
    uint64_t ticks;
    if (argc != 5 || atol(argv[2]) < 1 || atol(argv[2]) > CONNECTIONS_MAX || atol(argv[3]) < 1) {
        fputs("usage: per_connection PORT CONNECTIONS RATE SECONDS\n", stderr);
        return 2;
    }
    output_begin();
    target.sin_port = htons((uint16_t)atoi(argv[1]));
    uint64_t count = (uint64_t)atol(argv[2]);
    period_ns = count * NS_PER_S / (uint64_t)atol(argv[3]);
    int queue = epoll_create1(EPOLL_CLOEXEC), timer = open_timer();
    uint64_t begin = clock_ns(), end = begin + (uint64_t)atol(argv[4]) * NS_PER_S;
    watch(queue, timer, NULL);
    for (uint64_t i = 0; i < count; i++) {
        struct connection *c = &connections[i];
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        c->begin_ns = begin + i * period_ns / count;
        if (connect(c->fd, (struct sockaddr *)&target, sizeof target) != 0)
            die("connect");
        watch(queue, c->fd, c);
    }
    while (clock_ns() < end) {
        int n = epoll_wait(queue, ready, CONNECTIONS_MAX + 1, 1000);
        for (int i = 0; i < n; i++)
            if (ready[i].data.ptr)
                receive(ready[i].data.ptr);
            else if (read(timer, &ticks, sizeof ticks) > 0)
                for (uint64_t each = 0; each < count; each++)
                    send_if_time(&connections[each], clock_ns());
    }
    printf("%llu\t%.4f\t%.1f\t%.1f\t%.1f\n", (unsigned long long)latencies.count,
           (double)above_100ms / (double)latencies.count,
           (double)histogram_percentile(&latencies, 50) / 1e3,
           (double)histogram_percentile(&latencies, 99) / 1e3, (double)latencies.max / 1e3);
    return 0;
}
