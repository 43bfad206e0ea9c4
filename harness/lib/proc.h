/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PROC_H
#define WAKEONE_PROC_H

/* Process numbers in /proc belong to the PID namespace that it was mounted in, which may differ from the
 * caller's. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether /proc shows the caller's PID namespace, so that its numbers are those of getpid(2). */
bool proc_is_own(void);

/* NULL, or why process numbers in /proc are unusable (not mounted, or another namespace), and how to fix it. */
const char *proc_flaw(void);

bool proc_is_mounted(void);

/* The caller's number in /proc; 0 = not present. */
pid_t proc_self(void);

/* Inode number of the PID namespace that /proc shows, as in readlink /proc/1/ns/pid; 0 if the kernel
 * does not support PID namespaces. False if it cannot be determined. */
bool proc_namespace(uint32_t *inode);

#endif
