#ifndef WAKEONE_CGROUPS_H
#define WAKEONE_CGROUPS_H

/* Control groups of processes as /proc/PID/cgroup has them (cgroups(7)): of version 2 one path, of version 1 one for each
 * hierarchy. Paths begin at the root of the reader's cgroup namespace. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whether the process is in the group, or in one below it. `group` is a path as cgroup_path() makes it. */
bool process_in_cgroup(pid_t pid, const char *group);

/* Path of the group called `name` that the process is in, or that is above its own, in at most `size` bytes. False if there
 * is none, or the process is gone. */
bool cgroup_called(pid_t pid, const char *name, char *path, size_t size);

/* As /proc/PID/cgroup has it: without where version 2 is mounted, without slashes at the end, with one before. The caller
 * frees it. */
char *cgroup_path(const char *given);

/* ".service" is meant where a unit's name has no suffix that systemd knows (systemd.unit(5)). The caller frees it. */
char *cgroup_of_unit(const char *unit);

#endif
