#ifndef WAKEONE_SWITCHES_H
#define WAKEONE_SWITCHES_H

/* Context switches of one thread, as the kernel counts them for everybody to see: without privilege,
 * a thread that went to sleep is known to be woken once before it sleeps again. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct switches {
    uint64_t voluntary;   /* it went to sleep */
    uint64_t involuntary; /* it was preempted */
};

/* /proc/PID/task/TID/status, to be kept open; -1 if there is no such thread. */
int switches_open(pid_t pid, pid_t tid);

/* About 4 us. False if the thread has ended; `switches` then stays as it was. */
bool switches_read(int fd, struct switches *switches);

#endif
