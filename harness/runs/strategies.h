#ifndef WAKEONE_STRATEGIES_H
#define WAKEONE_STRATEGIES_H

/*
 * What can be measured: the strategies (servers/, known when this program is built), and the third-party servers of
 * harness/peers/peers.tsv; and what each says of itself, for which it is started once.
 */

#include "text.h"

#include <stdbool.h>

struct peer {
    const char *name, *package, *command,
        *waits; /* waits: how it waits for connections, in words */
};

struct description {
    char *name;
    char *wakes, *summary, *unavailable; /* unavailable: why, on this kernel; "" = it is not */
};

struct catalogue {
    struct peer *peers;
    unsigned peer_count;
    char *buffer; /* what peers point into */
    struct description *descriptions;
    unsigned description_count, room;
};

void catalogue_open(struct catalogue *catalogue);
void catalogue_free(struct catalogue *catalogue);

/* Names are those of options: "racing", "kqueue-racing". */
bool is_strategy(const char *name);
const struct peer *peer_find(const struct catalogue *catalogue, const char *name); /* NULL */

/* All names, each followed by a blank; with_kqueue: those that take the module, too. */
void strategy_names(struct text *to, bool with_kqueue);

/* epoll, kqueue or peer: which is also where in the build it is. */
const char *backend_of(const struct catalogue *catalogue, const char *name);

/* What its program is called there. */
const char *program_of(const char *name);

/* Workers that it can have; 0 = any number. */
unsigned long workers_most(const char *name);

/* Of a strategy; a server that cannot be started ends the program. */
const struct description *describe(struct catalogue *catalogue, const char *name);

/* Why it cannot be measured on this machine, to be freed; NULL = it can. */
char *why_unavailable(struct catalogue *catalogue, const char *name);

/* The first line of what a third-party server says of its version, to be freed. */
char *peer_version(const struct peer *peer);

/* A path in the build that this program is of, to be freed: "bin/trial". */
char *build_file(const char *name);

#endif
