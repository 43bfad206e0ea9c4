#ifndef WAKEONE_SESSION_H
#define WAKEONE_SESSION_H

/* The processes of a session (setsid(2)), found in /proc: whatever a server has started, unless it has moved out. */

#include <stdbool.h>
#include <sys/types.h>

enum { SESSION_THREADS_MAX = 4096 };

struct session {
    pid_t id;
    unsigned threads; /* that live: zombies do not; the first of a process is the process itself */
    unsigned asleep;  /* of these */
    pid_t tids[SESSION_THREADS_MAX];
};

/* Looks at all processes that there are. */
void session_look(struct session *session, pid_t id);

/* SIGKILL to all, again and again until none is left or the time is over. */
void session_kill(pid_t id, unsigned limit_ms);

#endif
