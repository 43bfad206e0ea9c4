/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CGROUPS_H
#define WAKEONE_CGROUPS_H

/* Control groups of processes as in /proc/PID/cgroup (cgroups(7)): one path in version 2, one per hierarchy in version 1.
 * Paths begin at the root of the reader's cgroup namespace. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* True if the process is in the group or below it. `group` is a path as returned by cgroup_path(). */
bool process_in_cgroup(pid_t pid, const char *group);

/* Path of the group named `name` that contains the process, or is an ancestor of its group, in at most `size` bytes. False
 * if there is none, or the process has ended. */
bool cgroup_called(pid_t pid, const char *name, char *path, size_t size);

/* Normalizes a path to the form in /proc/PID/cgroup: without the mount point of version 2 and trailing slashes, with a
 * leading one. The caller frees it. */
char *cgroup_path(const char *given);

/* Appends ".service" to a unit's name without a suffix known to systemd (systemd.unit(5)). The caller frees it. */
char *cgroup_of_unit(const char *unit);

#endif
