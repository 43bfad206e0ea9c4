/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_STRATEGIES_H
#define WAKEONE_STRATEGIES_H

/*
 * The catalogue of servers: the strategies (servers/, known at build time), and the third-party servers of
 * harness/peers/peers.tsv; and their descriptions, for which each is started once.
 */

#include "text.h"

#include <stdbool.h>

struct peer {
    const char *name, *package, *command, *waits; /* waits: how it waits for connections, as text */
};

struct description {
    char *name;
    char *wakes, *summary,
        *unavailable; /* unavailable: the reason, on this kernel; "" = available */
};

struct catalogue {
    struct peer *peers;
    unsigned peer_count;
    char *buffer; /* the storage of peers */
    struct description *descriptions;
    unsigned description_count, room;
};

void catalogue_open(struct catalogue *catalogue);
void catalogue_free(struct catalogue *catalogue);

/* Names are those of options: "racing", "kqueue-racing". */
bool is_strategy(const char *name);
const struct peer *peer_find(const struct catalogue *catalogue, const char *name); /* NULL */

/* All names, each followed by a space; with_kqueue: including those that need the module. */
void strategy_names(struct text *to, bool with_kqueue);

/* epoll, kqueue or peer: also its directory in the build. */
const char *backend_of(const struct catalogue *catalogue, const char *name);

/* The name of its program there. */
const char *program_of(const char *name);

/* Maximum number of workers; 0 = any number. */
unsigned long workers_most(const char *name);

/* The description of a strategy; a server that cannot be started ends the program. */
const struct description *describe(struct catalogue *catalogue, const char *name);

/* Why it is unavailable on this machine; NULL = available. The caller frees it. */
char *why_unavailable(struct catalogue *catalogue, const char *name);

/* The first line of a third-party server's version; the caller frees it. */
char *peer_version(const struct peer *peer);

/* A path in the build of this program, such as "bin/trial"; the caller frees it. */
char *build_file(const char *name);

#endif
