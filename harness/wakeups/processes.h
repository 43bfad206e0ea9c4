#ifndef WAKEONE_PROCESSES_H
#define WAKEONE_PROCESSES_H

/* Which processes there are, what they are called, and which listen where: /proc, see proc(5). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Calls `found` for each thread. False if there is no such process. */
bool each_thread(pid_t pid, void (*found)(pid_t tid, void *context), void *context);
bool each_process(void (*found)(pid_t pid, void *context), void *context);

bool process_exists(pid_t pid);
bool thread_exists(pid_t pid, pid_t tid);

/* Time on CPUs and time waiting for them in its life, in nanoseconds. False if it is gone, or the
 * kernel does not keep them (CONFIG_SCHED_INFO). */
bool thread_times(pid_t pid, pid_t tid, uint64_t *cpu_ns, uint64_t *queued_ns);

/* The first 15 bytes of its name, as ps shows it; an empty string if it is gone. */
void process_name(pid_t pid, char *name, size_t size);

/* 0 if it is gone. */
pid_t process_parent(pid_t pid);

/* Calls `found` for each TCP port that the process listens on, in its own network namespace; who
 * listens there is as it was at the first call. False if its descriptors may not be looked at: they
 * are another user's. */
bool each_listening_port(pid_t pid, void (*found)(unsigned port, void *context), void *context);

#endif
