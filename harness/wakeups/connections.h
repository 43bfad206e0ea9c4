/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CONNECTIONS_H
#define WAKEONE_CONNECTIONS_H

/* Single connections: the threads woken for each, in order, and the thread that accepted it. */

#include "events.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes a CSV row per connection to `file`, once it has been accepted: number, port, time since the first (us), threads
 * woken joined by '+', their number, accepting thread, time from established to accepted (us). */
void connections_begin(FILE *file);

void connections_take(const struct event *event);

/* Writes the completed ones; with `rest` all, without an accepting thread where it is unknown. */
void connections_write(bool rest);

#endif
