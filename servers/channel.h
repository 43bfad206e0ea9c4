#ifndef WAKEONE_CHANNEL_H
#define WAKEONE_CHANNEL_H

/* Descriptors over a UNIX socket (SCM_RIGHTS, unix(7)), one a message. */

#include <stdbool.h>

/* A pair of connected, non-blocking ends; -1 with errno set. */
int channel_open(int ends[2]);

/* False with errno set: EAGAIN or ETOOMANYREFS = full for now, anything else = the other end is
 * gone. The sender's own descriptor stays open. */
bool channel_send(int channel, int fd);

enum channel_verdict {
    CHANNEL_EMPTY,
    CHANNEL_GOT,
    CHANNEL_LOST, /* one came, but this process has no descriptor left for it */
    CHANNEL_ENDED,
};

enum channel_verdict channel_receive(int channel, int *fd);

#endif
