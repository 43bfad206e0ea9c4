/* SPDX-License-Identifier: BSD-2-Clause */
/* Stubs for programs without libpcap, such as those for guests. */

#include "capture.h"

struct capture *capture_open(const struct capture_options *options, const char **why,
                             bool *is_usage)
{
    (void)options;
    *why = "packet capture is unsupported: built without libpcap";
    *is_usage = false;
    return NULL;
}

int capture_link_type(const struct capture *capture)
{
    (void)capture;
    return -1;
}

int capture_read(struct capture *capture,
                 bool (*take)(void *context, const struct capture_frame *frame), void *context)
{
    (void)capture, (void)take, (void)context;
    return -1;
}

bool capture_drain(struct capture *capture,
                   bool (*take)(void *context, const struct capture_frame *frame), void *context)
{
    (void)capture, (void)take, (void)context;
    return false;
}

const char *capture_error(const struct capture *capture)
{
    (void)capture;
    return "built without libpcap";
}

void capture_stats(const struct capture *capture, struct capture_stats *stats)
{
    (void)capture;
    *stats = (struct capture_stats){0};
}

const char *capture_close(struct capture *capture)
{
    (void)capture;
    return NULL;
}
