/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_REMOTE_LOAD_H
#define WAKEONE_REMOTE_LOAD_H

/*
 * Load of a trial, made by clients on other hosts: `mpirun load-mpi` as a child, whose first process runs on this host, makes no
 * load, and reports both ends of the window, at which all clients are stopped (harness/load/clients.h).
 */

#include "harness/load/clients.h"

enum { REMOTE_LOAD_ARGUMENTS = 64 };

struct remote_load {
    const char *hosts;   /* see mpirun.h */
    const char *address; /* of the server */
    const char *const
        *arguments; /* options for load-mpi, NULL-terminated, at most REMOTE_LOAD_ARGUMENTS */

    /* After remote_load_run(): */
    struct client *clients; /* one per process; free() */
    unsigned client_count;
    double window_error_us; /* NAN if it was lost */
    bool lost;              /* a client or its host did not reach the end */
};

/* As load_run(); `url` is the server's. A lost client is reported by a message and is not an error: load->window_begins and
 * window_ended have been called, and the result is empty. All processes started here have ended. */
const char *remote_load_run(struct remote_load *remote, const struct load_options *load,
                            const char *url, struct load_result *result);

#endif
