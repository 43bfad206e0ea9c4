#ifndef WAKEONE_TARGETS_H
#define WAKEONE_TARGETS_H

/* Which processes somebody means. Numbers are those of /proc. */

#include <stdbool.h>
#include <sys/types.h>

struct targets {
    pid_t *all;
    unsigned count, room;
};

/* Each adds to the targets those that are not among them yet. What cannot be found ends the program
 * with one line: EXIT_USAGE for words that are none, else EXIT_FAILED. */
void targets_by_pid(struct targets *targets, const char *list); /* "123,456" */
void targets_by_name(struct targets *targets, const char *name);
/* Who listens on it, in our network namespace; where nobody does there, in the only other one. */
void targets_by_port(struct targets *targets, unsigned port);

/* Those that are in the control group now, or in one below it (a path of cgroups.h). */
void targets_add_group(struct targets *targets, const char *group);
/* Path of the control group of the systemd unit; the caller frees it. Ends the program as above. */
char *targets_unit(const char *unit);
/* All descendants of the process, without itself. */
void targets_by_parent(struct targets *targets, pid_t parent);

/* All descendants of the targets. */
void targets_add_children(struct targets *targets);

/* Their numbers may be of others one day. */
void targets_forget_ended(struct targets *targets);

void targets_free(struct targets *targets);

#endif
