/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TARGETS_H
#define WAKEONE_TARGETS_H

/* Selection of the processes to count. IDs are those of /proc. */

#include <stdbool.h>
#include <sys/types.h>

struct targets {
    pid_t *all;
    unsigned count, room;
};

/* Each function adds processes that are not targets yet. If there are none, ends the program with one line: EXIT_USAGE for
 * an invalid argument, otherwise EXIT_FAILED. */
void targets_by_pid(struct targets *targets, const char *list); /* "123,456" */
void targets_by_name(struct targets *targets, const char *name);
/* Processes that listen on the port in this network namespace; if there are none, in the only other one. */
void targets_by_port(struct targets *targets, unsigned port);

/* Processes in the control group or below it (a path of cgroups.h). */
void targets_add_group(struct targets *targets, const char *group);
/* Path of the control group of the systemd unit; the caller frees it. Ends the program as above. */
char *targets_unit(const char *unit);
/* All descendants of the process, without itself. */
void targets_by_parent(struct targets *targets, pid_t parent);

/* All descendants of the targets. */
void targets_add_children(struct targets *targets);

/* Removes processes that have ended: their IDs may be reused. */
void targets_forget_ended(struct targets *targets);

void targets_free(struct targets *targets);

#endif
