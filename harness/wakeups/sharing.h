/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SHARING_H
#define WAKEONE_SHARING_H

/* How processes wait for and accept connections, as far as visible in /proc. */

#include <stdbool.h>
#include <sys/types.h>

/* Methods by which a connection wakes a single worker. */
enum sharing {
    SHARES_EXCLUSIVELY = 1, /* EPOLLEXCLUSIVE, for all listeners in epoll instances */
    SHARES_NOTHING = 2,     /* several sockets listen at one address (SO_REUSEPORT) */
};

/* Flags of all processes, or-ed. Processes that are not readable, another user's, are skipped. */
unsigned sharing_of(const pid_t *pids, unsigned count);

/* True if any of them has an io_uring, which accepts without a system call. */
bool any_uring(const pid_t *pids, unsigned count);

#endif
