/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PLACEMENTS_H
#define WAKEONE_PLACEMENTS_H

/* The CPUs of server and client, for each measured number of CPUs. */

#include "settings.h"

struct placement {
    unsigned long cpus;
    char *server, *client;     /* lists of CPUs; "-" = not pinned */
    unsigned long client_cpus; /* number of CPUs of the client */
    bool shared;               /* server and client have the same CPUs */
};

struct placements {
    struct placement *all;
    unsigned count;
};

/* GUEST: for a guest (commands/kernels.sh) with that many CPUs, without pinning unless --split half: servers on the first CPUs,
 * the load on the others. */
enum placed { PLACED_HERE, PLACED_IN_GUEST };

/* If the tool `placement` fails, it prints the reason, and the program ends with its status. */
void placements_read(struct placements *placements, const struct settings *settings,
                     enum placed where);
void placements_free(struct placements *placements);

/* "on 8 CPUs: server on 0-3, client on 4-7", a line each on stderr; nothing without pinning. */
void placements_report(const struct placements *placements, const struct settings *settings);

/* The CPUs that this process may use. */
unsigned long cpus_here(void);

#endif
