#ifndef WAKEONE_PROCESSES_H
#define WAKEONE_PROCESSES_H

/* Which processes there are, what they are called, and which listen where: /proc, see proc(5). */

#include "events.h"

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

/* Inode number of the network namespace that the process is in; 0 if the kernel has none. False if the
 * process is gone, or another user's. */
bool network_of(pid_t pid, uint32_t *inode);

/* Calls `found` for each TCP or UNIX socket that the process listens on, with address and port of the
 * former, in its own network namespace; the sockets of a namespace are those of the first call. False
 * if its descriptors may not be read: they are another user's. */
bool each_listener(pid_t pid, void (*found)(const struct listener *, void *), void *context);

/* The next each_listener() reads them again. */
void listeners_forget(void);

/* Of the socket with this inode number: where it listens, and how many sockets listen at the same address. 0 if it does
 * not listen. Read once, as for each_listener(). */
unsigned listener_of(pid_t pid, unsigned long inode, struct listener *at);

#endif
