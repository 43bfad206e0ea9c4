#ifndef WAKEONE_PROC_H
#define WAKEONE_PROC_H

/* Whose process numbers /proc has: those of the PID namespace that it was mounted in, which need not be
 * the caller's. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What getpid(2) and /proc say of a process is the same number. */
bool proc_is_own(void);

/* What to report, and do, where it is not. */
#define PROC_IS_NOT_OWN                                                                           \
    "/proc shows another PID namespace than ours, so that process numbers mean other processes: " \
    "mount -t proc proc /proc, or unshare --mount-proc"

/* The caller's number in /proc; 0 = it is not there. */
pid_t proc_self(void);

/* Inode number of the PID namespace that /proc shows, as in readlink /proc/1/ns/pid; 0 if the kernel
 * has no such namespaces. False if it cannot be known. */
bool proc_namespace(uint32_t *inode);

#endif
