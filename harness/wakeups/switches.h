/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SWITCHES_H
#define WAKEONE_SWITCHES_H

/* Context switches of one thread, readable without privilege: a thread that went to sleep has been woken once before it
 * sleeps again. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct switches {
    uint64_t voluntary;   /* sleeps */
    uint64_t involuntary; /* preemptions */
};

/* Opens /proc/PID/task/TID/status; -1 if there is no such thread. */
int switches_open(pid_t pid, pid_t tid);

/* Takes about 4 us. False if the thread has ended; `switches` is then unchanged. */
bool switches_read(int fd, struct switches *switches);

#endif
