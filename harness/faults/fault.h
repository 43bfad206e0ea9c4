/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FAULT_H
#define WAKEONE_FAULT_H

/* Faults that are injected into the processes of a server. */

#include "harness/trial/server_process.h"

enum { FAULT_LASTS_MS = 400 };

struct fault {
    void (*before)(struct server_process *server); /* just before a connection is started */
    /* Just after connect(2) returned; false = too late, not injected. */
    bool (*after)(struct server_process *server);
    void (*recover)(struct server_process *server); /* FAULT_LASTS_MS later */
    /* Why it does not apply to this server; NULL = it applies. */
    const char *(*inapplicable)(const struct server_process *server);
    bool one_cpu; /* the server must run on the one CPU of server_command_add_one_cpu() */
};

extern const char *const fault_names[]; /* NULL-terminated */
extern const struct fault faults[];     /* in the same order */

/* Continues all stopped processes, also after an error. */
void fault_recover_all(struct server_process *server);

#endif
