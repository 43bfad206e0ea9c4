#ifndef WAKEONE_FAULT_H
#define WAKEONE_FAULT_H

/* Things that happen to the processes of a server. */

#include "harness/trial/server_process.h"

enum { FAULT_LASTS_MS = 400 };

struct fault {
    void (*before)(struct server_process *server); /* just before a connection is begun */
    /* Just after connect(2) returned; false = too late, it could not be done. */
    bool (*after)(struct server_process *server);
    void (*mend)(struct server_process *server); /* FAULT_LASTS_MS later */
    /* Why it cannot be done to this server; NULL = it can. */
    const char *(*misfit)(const struct server_process *server);
    bool one_cpu; /* the server must run on the one CPU of server_command_add_one_cpu() */
};

extern const char *const fault_names[]; /* closed by NULL */
extern const struct fault faults[];     /* in the same order */

/* Nothing stays stopped, whatever happened. */
void fault_mend_all(struct server_process *server);

#endif
