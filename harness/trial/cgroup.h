#ifndef WAKEONE_CGROUP_H
#define WAKEONE_CGROUP_H

/* The control groups (cgroup v1 and v2) that limit a process's CPU time: its own and all above it, as far as they are
 * mounted. A container usually sees its own and those inside, not those that its host puts around it. */

#include <stdbool.h>
#include <sys/types.h>

/* Called with a group's directory, innermost first; false ends the walk. */
typedef bool cgroup_visitor(void *context, const char *directory);

/* `root` goes before all paths that are read ("" = those of this machine; tests have their own). Groups that cannot be
 * known are not visited. */
void cgroup_visit_cpu(const char *root, pid_t pid, cgroup_visitor *visit, void *context);

#endif
