/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PACKET_CAPTURE_H
#define WAKEONE_PACKET_CAPTURE_H

/*
 * Packet capture on loopback during a trial, in a separate thread. It runs during the whole load; only intervals that end
 * in the window count.
 */

#include "harness/wire/wire.h"

struct packet_capture;

/* NULL on an error, with a message of one line in *why. */
struct packet_capture *packet_capture_open(uint16_t port, const char **why);

void packet_capture_window_begins(struct packet_capture *packet_capture);
void packet_capture_window_ended(struct packet_capture *packet_capture);

/* Waits until no more packets arrive, ends the thread, and returns the result, which is owned by the capture. */
const struct wire_result *packet_capture_stop(struct packet_capture *packet_capture);

void packet_capture_close(struct packet_capture *packet_capture);

#endif
