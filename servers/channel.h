/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CHANNEL_H
#define WAKEONE_CHANNEL_H

/* Passes descriptors over a UNIX socket (SCM_RIGHTS, unix(7)), one per message. */

#include <stdbool.h>

/* A pair of connected, non-blocking ends; -1 with errno set. */
int channel_open(int ends[2]);

/* False with errno set: EAGAIN or ETOOMANYREFS = full for now, any other = the other end is closed.
 * The sender's own descriptor stays open. */
bool channel_send(int channel, int fd);

enum channel_verdict {
    CHANNEL_EMPTY,
    CHANNEL_GOT,
    CHANNEL_LOST, /* one arrived, but this process is out of descriptors */
    CHANNEL_ENDED,
};

enum channel_verdict channel_receive(int channel, int *fd);

#endif
