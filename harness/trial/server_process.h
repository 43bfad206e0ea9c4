/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SERVER_PROCESS_H
#define WAKEONE_SERVER_PROCESS_H

/* One of the suite's servers as a child process: starts it, waits until its workers sleep, and stops it. */

#include "harness/lib/stats_page.h"

#include <stdbool.h>
#include <sys/types.h>

struct server_process {
    pid_t pid;
    unsigned port;
    int exit_status;          /* after it has ended; -1 if a signal ended it */
    struct stats_page *stats; /* the server's counters, mapped read-only */
    size_t stats_size;
};

/* Starts `arguments` (a NULL-terminated argv of a server, to which --ready-fd and --stats are added) in a session of its
 * own, so that Ctrl-C does not reach it, and returns after its ready line. False if it ended before, having printed the
 * reason: EXIT_USAGE if a setting is unsupported. */
bool server_process_start(struct server_process *server, const char *const *arguments);

/* True while the server runs and none of its processes has died. */
bool server_process_is_whole(const struct server_process *server);

/* Sends SIGTERM, then SIGKILL. True if it exited with status 0 after SIGTERM. */
bool server_process_stop(struct server_process *server);

#endif
