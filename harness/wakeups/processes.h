/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PROCESSES_H
#define WAKEONE_PROCESSES_H

/* Processes, their names and listening sockets, from /proc: see proc(5). */

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

/* Lifetime total of time on CPUs and of time waiting for them, in nanoseconds. False if it has ended, or the kernel does
 * not record them (CONFIG_SCHED_INFO). */
bool thread_times(pid_t pid, pid_t tid, uint64_t *cpu_ns, uint64_t *queued_ns);

/* The first 15 bytes of its name, as in ps; an empty string if it has ended. */
void process_name(pid_t pid, char *name, size_t size);

/* The parent; 0 if the process has ended. */
pid_t process_parent(pid_t pid);

/* Inode number of the process's network namespace; 0 if unsupported by the kernel. False if the process has ended, or is
 * another user's. */
bool network_of(pid_t pid, uint32_t *inode);

/* Calls `found` for each TCP or UNIX socket that the process listens on, with address and port of the former, in its own
 * network namespace; the sockets of a namespace are read on the first call only. False if its descriptors are not readable
 * (another user's). */
bool each_listener(pid_t pid, void (*found)(const struct listener *, void *), void *context);

/* Makes the next each_listener() read them again. */
void listeners_forget(void);

/* For the socket with this inode number: its listening address, and the number of sockets that listen there. 0 if it does
 * not listen. Read once, as for each_listener(). */
unsigned listener_of(pid_t pid, unsigned long inode, struct listener *at);

#endif
