/* SPDX-License-Identifier: BSD-2-Clause */
/* How a process waits for connections, as read from /proc: this one. */

#include "harness/wakeups/sharing.h"

#include "support.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the process has: a listener for each letter, watched by an epoll of its own. */
struct shown {
    const char *name;
    const char *
        listeners; /* e: EPOLLEXCLUSIVE, w: without, n: not watched, r: a second socket of the one before */
    unsigned sharing;
};

static const struct shown shown[] = {
    {"no listener", "", 0},
    {"a listener that nobody watches", "n", 0},
    {"watched", "w", 0},
    {"watched exclusively", "e", SHARES_EXCLUSIVELY},
    {"two, watched exclusively", "ee", SHARES_EXCLUSIVELY},
    {"two, one of them not", "ew", 0},
    {"two sockets of one address", "wr", SHARES_NOTHING},
    {"two sockets, both exclusively", "eR", SHARES_NOTHING | SHARES_EXCLUSIVELY},
    {"two addresses, two sockets of one", "wwr", SHARES_NOTHING},
};

static int listening_socket(struct sockaddr_in *at)
{
    socklen_t size = sizeof *at;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)at, sizeof *at) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)at, &size) != 0)
        _exit(1);
    return fd;
}

static void watch(int listener, uint32_t events)
{
    struct epoll_event event = {.events = events};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0)
        _exit(1);
}

/* A pipe is watched exclusively too, which does not concern listeners. */
static void share(const void *context)
{
    const struct shown *row = context;
    struct sockaddr_in at;
    int ends[2];
    pid_t self = getpid();
    if (pipe(ends) != 0)
        _exit(1);
    watch(ends[0], EPOLLIN | EPOLLEXCLUSIVE);
    for (const char *c = row->listeners; *c; c++) {
        bool again = *c == 'r' || *c == 'R';
        if (!again)
            at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        int fd = listening_socket(&at);
        if (*c != 'n')
            watch(fd, EPOLLIN | (*c == 'e' || *c == 'R' ? EPOLLEXCLUSIVE : 0u));
    }
    printf("%u", sharing_of(&self, 1));
}

TEST(sharing_is_seen)
{
    const struct shown *row = *state;
    char expected[16];
    struct ended ended = run_in_child(share, row);
    snprintf(expected, sizeof expected, "%u", row->sharing);
    assert_int_equal(ended.status, CHILD_RETURNED);
    assert_string_equal(ended.out, expected);
}

TEST(processes_that_are_gone_show_nothing)
{
    const pid_t gone[] = {4194305, 4194306}; /* beyond the largest number that there is */
    assert_int_equal(sharing_of(gone, COUNT(gone)), 0);
}

int main(void)
{
    ADD_ROWS(sharing_is_seen, shown);
    ADD(processes_that_are_gone_show_nothing);
    return run_added(NULL, NULL);
}
