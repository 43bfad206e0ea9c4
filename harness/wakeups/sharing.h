#ifndef WAKEONE_SHARING_H
#define WAKEONE_SHARING_H

/* How processes wait for connections and accept them, as far as /proc shows it. */

#include <stdbool.h>
#include <sys/types.h>

/* What leaves one worker to be woken by a connection. */
enum sharing {
    SHARES_EXCLUSIVELY = 1, /* EPOLLEXCLUSIVE, wherever a listener is watched with epoll */
    SHARES_NOTHING = 2,     /* several sockets listen at one address (SO_REUSEPORT) */
};

/* Of all of them, or-ed. What may not be read, another user's processes, is left out. */
unsigned sharing_of(const pid_t *pids, unsigned count);

/* Any of them has an io_uring, which accepts without a system call. */
bool any_uring(const pid_t *pids, unsigned count);

#endif
