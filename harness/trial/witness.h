#ifndef WAKEONE_WITNESS_H
#define WAKEONE_WITNESS_H

/*
 * The second witness of a trial: the packets on loopback, read by a thread of its own. It is there for the
 * whole load, and only what ends in the window counts.
 */

#include "harness/wire/wire.h"

struct witness;

/* NULL, with *why one line. */
struct witness *witness_open(uint16_t port, const char **why);

void witness_window_begins(struct witness *witness);
void witness_window_ended(struct witness *witness);

/* Waits until no more packets come, ends the thread, and returns what was seen; it belongs to the witness. */
const struct wire_result *witness_stop(struct witness *witness);

void witness_close(struct witness *witness);

#endif
