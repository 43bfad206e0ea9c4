/*
 * per_connection PORT CONNECTIONS RATE SECONDS: the way of wrk2, for comparison with `load --rate`.
 * Each of the connections, which are kept open, has a schedule of its own with RATE / CONNECTIONS
 * requests a second; the next request waits until the connection is free, and its latency counts
 * from when it was meant to be sent. Sends are begun by a timer of 1 ms. What is in flight at the end
 * is not counted. Method as described in wrk2's README (github.com/giltene/wrk2).
 *
 * One line: requests, share above 100 ms, p50, p99 and maximum in microseconds.
 */

#include "harness/lib/clock.h"
#include "harness/lib/histogram.h"

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

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n";
static struct {
    int fd;
    bool busy;
    uint64_t intended_ns;
} connections[CONNECTIONS_MAX];
static struct histogram latencies;
static uint64_t above_100ms;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void send_those_due(long count, uint64_t now)
{
    for (long i = 0; i < count; i++)
        if (!connections[i].busy && connections[i].intended_ns <= now) {
            connections[i].busy = true;
            if (send(connections[i].fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
                die("send");
        }
}

/* Whatever comes in one piece is an answer: the servers here have short ones. */
static void receive(long i, uint64_t period_ns)
{
    char received[4096];
    if (recv(connections[i].fd, received, sizeof received, 0) <= 0)
        die("recv");
    uint64_t now = clock_ns(), latency = now - connections[i].intended_ns;
    histogram_record(&latencies, latency);
    above_100ms += latency > 100 * NS_PER_MS;
    connections[i].busy = false;
    connections[i].intended_ns += period_ns;
}

static int open_timer(void)
{
    const struct itimerspec each_ms = {.it_interval.tv_nsec = 1000000, .it_value.tv_nsec = 1000000};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (fd < 0 || timerfd_settime(fd, 0, &each_ms, NULL) != 0)
        die("timerfd");
    return fd;
}

static void watch(int queue, int fd, uint64_t number)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = number};
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
    target.sin_port = htons((uint16_t)atoi(argv[1]));
    long count = atol(argv[2]);
    uint64_t period_ns = (uint64_t)count * NS_PER_S / (uint64_t)atol(argv[3]);
    int queue = epoll_create1(EPOLL_CLOEXEC), timer = open_timer();
    uint64_t begin = clock_ns(), end = begin + (uint64_t)atol(argv[4]) * NS_PER_S;
    watch(queue, timer, CONNECTIONS_MAX);
    for (long i = 0; i < count; i++) {
        connections[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        connections[i].intended_ns = begin + (uint64_t)i * period_ns / (uint64_t)count;
        if (connect(connections[i].fd, (struct sockaddr *)&target, sizeof target) != 0)
            die("connect");
        watch(queue, connections[i].fd, (uint64_t)i);
    }
    while (clock_ns() < end) {
        int n = epoll_wait(queue, ready, CONNECTIONS_MAX + 1, 1000);
        for (int i = 0; i < n; i++)
            if (ready[i].data.u64 < CONNECTIONS_MAX)
                receive((long)ready[i].data.u64, period_ns);
            else if (read(timer, &ticks, sizeof ticks) > 0)
                send_those_due(count, clock_ns());
    }
    printf("%llu\t%.4f\t%.1f\t%.1f\t%.1f\n", (unsigned long long)latencies.count,
           (double)above_100ms / (double)latencies.count,
           (double)histogram_percentile(&latencies, 50) / 1e3,
           (double)histogram_percentile(&latencies, 99) / 1e3, (double)latencies.max / 1e3);
    return 0;
}
