#ifndef WAKEONE_SERVER_PROCESS_H
#define WAKEONE_SERVER_PROCESS_H

/* One of the suite's servers as a child process: started, waited for until its workers sleep, and
 * ended for certain. */

#include "harness/lib/stats_page.h"

#include <stdbool.h>
#include <sys/types.h>

struct server_process {
    pid_t pid;
    unsigned port;
    int exit_status;          /* once it was stopped or has ended; -1 if a signal ended it */
    struct stats_page *stats; /* the server's counters, mapped read-only */
    size_t stats_size;
};

/* Starts `arguments` (a NULL-terminated argv of a server, to which --ready-fd and --stats are
 * added) in a session of its own, so that Ctrl-C reaches only us, and returns once its ready line
 * is in. False if it ended first, having said why: EXIT_USAGE if what was asked for cannot be had. */
bool server_process_start(struct server_process *server, const char *const *arguments);

/* True while the server runs and none of its processes has died. */
bool server_process_is_whole(const struct server_process *server);

/* Ends it: SIGTERM, then SIGKILL. True if it ended by itself with status 0. */
bool server_process_stop(struct server_process *server);

#endif
