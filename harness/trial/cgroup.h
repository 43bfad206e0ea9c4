/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CGROUP_H
#define WAKEONE_CGROUP_H

/* The control groups (cgroup v1 and v2) that limit a process's CPU time: its own and its ancestors, as far as they are
 * mounted. A container usually sees its own and those inside, not those of its host. */

#include <stdbool.h>
#include <sys/types.h>

/* Called with a group's directory, innermost first; returning false ends the walk. */
typedef bool cgroup_visitor(void *context, const char *directory);

/* `root` is prepended to all paths ("" = those of this machine; tests set another). Groups whose path cannot be determined
 * are skipped. */
void cgroup_visit_cpu(const char *root, pid_t pid, cgroup_visitor *visit, void *context);

#endif
