#ifndef WAKEONE_CAPTURE_H
#define WAKEONE_CAPTURE_H

/*
 * Frames, from an interface or from a file, through libpcap.
 *
 * Live: time stamps are the kernel's, in nanoseconds; only headers are kept (CAPTURE_HEADERS bytes of a
 * frame); the kernel filters by port. Frames come in blocks of a ring, not one by one (no immediate
 * mode): their time stamps are taken before, so that nothing is lost by it but wakeups of ours. libpcap
 * leaves out the outgoing one of the two sights that the loopback device gives of each packet.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cooked v2 (20), and IPv6 (40) with 60 bytes of extensions and TCP with all options (60), or a tunnel: IPv6,
 * UDP and VXLAN (56), Ethernet (14), IPv6 (40) and TCP with all options: what is behind may be cut off. */
enum { CAPTURE_HEADERS = 256 };

struct capture_options {
    const char *interface; /* one of these two */
    const char *file;      /* "-" = standard input */
    uint16_t port;
    unsigned long ring_mib; /* live */
    const char *write;      /* file that keeps what is read; NULL = none */
};

struct capture_frame {
    uint64_t time_ns;
    const uint8_t *bytes;
    size_t captured, length; /* of the frame: what was captured, and how long it was */
};

struct capture_stats {
    uint64_t frames;            /* read */
    uint64_t dropped;           /* by the kernel, because the ring was full */
    uint64_t interface_dropped; /* by the interface or its driver */
};

struct capture;

/* NULL, with *why one line of what was wrong; *is_usage if the user named what is not there (an interface),
 * and the machine or the file is not to blame. */
struct capture *capture_open(const struct capture_options *options, const char **why,
                             bool *is_usage);

int capture_link_type(const struct capture *capture);

/* Passes on what is there: from a file some hundred frames, from an interface what comes within a tenth of a
 * second. `take` says whether a frame is one to be kept (options.write); of an interface all are that pass the
 * filter. 1 = there may be more, 0 = the file has ended, -1 = error, see capture_error(). */
int capture_read(struct capture *capture,
                 bool (*take)(void *context, const struct capture_frame *frame), void *context);

/* Live: passes on what has come until now and still waits in the ring; nothing later is. False = error. */
bool capture_drain(struct capture *capture,
                   bool (*take)(void *context, const struct capture_frame *frame), void *context);

const char *capture_error(const struct capture *capture);
void capture_stats(const struct capture *capture, struct capture_stats *stats);

/* NULL, or why the frames that were to be kept are not all written. */
const char *capture_close(struct capture *capture);

#endif
