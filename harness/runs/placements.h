#ifndef WAKEONE_PLACEMENTS_H
#define WAKEONE_PLACEMENTS_H

/* Which CPUs server and client get, for each number of CPUs that is measured. */

#include "settings.h"

struct placement {
    unsigned long cpus;
    char *server, *client;     /* lists of CPUs; "-" = wherever the scheduler puts them */
    unsigned long client_cpus; /* how many the client has */
    bool shared;               /* server and client have the same */
};

struct placements {
    struct placement *all;
    unsigned count;
};

/* GUEST: of a guest (commands/kernels.sh), which has that many CPUs, and where everything runs wherever its scheduler puts
 * it, unless --split half: servers on the first CPUs, the load on the others. */
enum placed { PLACED_HERE, PLACED_IN_GUEST };

/* What the tool `placement` refuses, it reports; the program ends with its status. */
void placements_read(struct placements *placements, const struct settings *settings,
                     enum placed where);
void placements_free(struct placements *placements);

/* "on 8 CPUs: server on 0-3, client on 4-7", a line each on stderr; nothing where nobody asked for CPUs. */
void placements_report(const struct placements *placements, const struct settings *settings);

/* The CPUs that this process may use. */
unsigned long cpus_here(void);

#endif
