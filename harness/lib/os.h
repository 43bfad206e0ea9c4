/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_OS_H
#define WAKEONE_OS_H

/* Non-POSIX functions that the servers and the harness require. A port adds one os_*.c, named in the Makefile. */

#include <stdbool.h>
#include <sys/types.h>

/* Accepts one connection, non-blocking and closed on exec; -1 with errno as accept(2). */
int os_accept(int listener);

/* Binds the calling process to one CPU; -1 with errno set. */
int os_pin_to_cpu(unsigned cpu);

/* The calling process is killed when `parent` ends; at once if it has already ended. */
void os_die_with_parent(pid_t parent);

/* An anonymous file to lock; every os_reopen() of it is a separate open file description. Both
 * return -1 with errno set on failure. */
int os_lock_file(void);
int os_reopen(int fd);

/* The state of a process. A stopped process is not asleep: only SIGCONT wakes it. */
enum os_state { OS_GONE, OS_RUNNING, OS_ASLEEP, OS_STOPPED };
enum os_state os_state(pid_t pid);

static inline bool os_is_asleep(pid_t pid)
{
    return os_state(pid) == OS_ASLEEP;
}

#endif
