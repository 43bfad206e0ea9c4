#ifndef WAKEONE_CONNECTIONS_H
#define WAKEONE_CONNECTIONS_H

/* Connections one by one: who was woken for each, in which order, and who accepted it. */

#include "events.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes one line of CSV per connection to `file`, once it has been accepted: number, port, time since
 * the first (us), threads woken joined by '+', how many these are, thread that accepted it, time from
 * established to accepted (us). */
void connections_begin(FILE *file);

void connections_take(const struct event *event);

/* Writes those that are finished; all of them, the others without who accepted them, if `rest`. */
void connections_write(bool rest);

#endif
