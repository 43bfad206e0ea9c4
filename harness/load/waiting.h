/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_WAITING_H
#define WAKEONE_WAITING_H

/*
 * Lists of connections with timers of equal duration: timeout of a response, think time, ... Connections are appended in
 * the order of their deadlines, so only the head of a list is checked.
 */

#include <stdint.h>

struct connection;

struct waiting {
    uint64_t delay_ns;
    struct connection *first, *last;
    unsigned long count;
};

#define WAITING_FOR_EVER UINT64_MAX

/* Starts the timer at `now`; a connection is in at most one list. */
void waiting_add(struct waiting *w, struct connection *c, uint64_t now);

/* Removes the connection from its list, if any. */
void waiting_leave(struct connection *c);

/* The deadline of the head; WAITING_FOR_EVER if the list is empty. */
uint64_t waiting_end(const struct waiting *w);

#endif
