/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CAPTURE_H
#define WAKEONE_CAPTURE_H

/*
 * Packet capture from an interface or a file, through libpcap.
 *
 * Live: time stamps are the kernel's, in nanoseconds; only headers are kept (CAPTURE_HEADERS bytes of a frame); the kernel
 * filters by port. Frames are read in blocks of a ring, not one by one (no immediate mode): they are time-stamped before,
 * so this saves wakeups and does not affect results. libpcap drops the outgoing one of the two copies of each packet on
 * the loopback device.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cooked v2 (20), and IPv6 (40) with 60 bytes of extensions and TCP with all options (60), or a tunnel: IPv6, UDP and
 * VXLAN (56), Ethernet (14), IPv6 (40) and TCP with all options. The payload may be truncated. */
enum { CAPTURE_HEADERS = 256 };

struct capture_options {
    const char *interface; /* exactly one of these two */
    const char *file;      /* "-" = standard input */
    uint16_t port;
    unsigned long ring_mib; /* live */
    const char *write;      /* output file for captured frames; NULL = none */
};

struct capture_frame {
    uint64_t time_ns;
    const uint8_t *bytes;
    size_t captured, length; /* captured bytes, and length of the frame */
};

struct capture_stats {
    uint64_t frames;            /* read */
    uint64_t dropped;           /* by the kernel, because the ring was full */
    uint64_t interface_dropped; /* by the interface or its driver */
};

struct capture;

/* NULL on an error, with a message of one line in *why; *is_usage for a usage error (no such interface), otherwise the
 * machine or the file is the cause. */
struct capture *capture_open(const struct capture_options *options, const char **why,
                             bool *is_usage);

int capture_link_type(const struct capture *capture);

/* Passes on available frames: some hundred of a file, or those of an interface within a tenth of a second. `take` returns
 * whether a frame is to be written (options.write); live, all that pass the filter are. 1 = there may be more, 0 = end of
 * the file, -1 = error, see capture_error(). */
int capture_read(struct capture *capture,
                 bool (*take)(void *context, const struct capture_frame *frame), void *context);

/* Live: passes on the frames in the ring, and none captured later. False = error. */
bool capture_drain(struct capture *capture,
                   bool (*take)(void *context, const struct capture_frame *frame), void *context);

const char *capture_error(const struct capture *capture);
void capture_stats(const struct capture *capture, struct capture_stats *stats);

/* NULL, or an error message if the frames were not all written. */
const char *capture_close(struct capture *capture);

#endif
