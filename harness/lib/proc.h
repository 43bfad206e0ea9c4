#ifndef WAKEONE_PROC_H
#define WAKEONE_PROC_H

/* Whose process numbers /proc has: those of the PID namespace that it was mounted in, which need not be
 * the caller's. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What getpid(2) and /proc say of a process is the same number. */
bool proc_is_own(void);

/* NULL, or why process numbers cannot be read in /proc, and what to do: it is not there, or not our own. */
const char *proc_flaw(void);

bool proc_is_mounted(void);

/* The caller's number in /proc; 0 = it is not there. */
pid_t proc_self(void);

/* Inode number of the PID namespace that /proc shows, as in readlink /proc/1/ns/pid; 0 if the kernel
 * has no such namespaces. False if it cannot be known. */
bool proc_namespace(uint32_t *inode);

#endif
