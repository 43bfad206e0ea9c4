/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SESSION_H
#define WAKEONE_SESSION_H

/* The processes of a session (setsid(2)), from /proc: all that a server has started, except those that left its session. */

#include <stdbool.h>
#include <sys/types.h>

enum { SESSION_THREADS_MAX = 4096 };

struct session {
    pid_t id;
    unsigned threads; /* without zombies; the first of a process is the process itself */
    unsigned asleep;  /* of these */
    pid_t tids[SESSION_THREADS_MAX];
};

/* Reads all processes of the machine. */
void session_read(struct session *session, pid_t id);

/* SIGKILL to all, repeated until none is left or the time is over. */
void session_kill(pid_t id, unsigned limit_ms);

#endif
