#ifndef WAKEONE_OS_H
#define WAKEONE_OS_H

/* What the servers need of the operating system beyond POSIX. A port is one more os_*.c. */

#include <stdbool.h>
#include <sys/types.h>

/* Accepts one connection, non-blocking and closed on exec; -1 with errno as accept(2). */
int os_accept(int listener);

/* Binds the calling process to one CPU; -1 with errno set. */
int os_pin_to_cpu(unsigned cpu);

/* The calling process is killed when `parent` ends, at once if that has happened already. */
void os_die_with_parent(pid_t parent);

/* True if the process is asleep in the kernel, waiting for an event. */
bool os_is_asleep(pid_t pid);

#endif
