#ifndef WAKEONE_WAITING_H
#define WAKEONE_WAITING_H

/*
 * Connections that all wait for equally long: for an answer until the time-out, for the end of their think
 * time, ... Who comes last waits longest, so that a list is in order by itself, and only its first has to
 * be looked at.
 */

#include <stdint.h>

struct connection;

struct waiting {
    uint64_t delay_ns;
    struct connection *first, *last;
    unsigned long count;
};

#define WAITING_FOR_EVER UINT64_MAX

/* From `now` on; a connection is in one list at a time. */
void waiting_add(struct waiting *w, struct connection *c, uint64_t now);

/* Takes it out of the list it is in, if any. */
void waiting_leave(struct connection *c);

/* When the first one's time is up; WAITING_FOR_EVER if there is none. */
uint64_t waiting_end(const struct waiting *w);

#endif
