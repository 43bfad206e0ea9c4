/* SPDX-License-Identifier: BSD-2-Clause */
#include "samples.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/record.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Shorter samples would mostly be attaching and detaching. */
static const uint64_t LEAST_NS = 100 * NS_PER_MS, MOST_NS = 3600 * NS_PER_S;
static const double PERCENT = 95;

static bool part_parse(const char *text, size_t length, uint64_t *ns)
{
    char part[32];
    unsigned long long value;
    if (length >= sizeof part)
        return false;
    snprintf(part, sizeof part, "%.*s", (int)length, text);
    if (!duration_parse(part, &value))
        return false;
    *ns = value;
    return value >= LEAST_NS && value <= MOST_NS;
}

struct sampling sampling_parse(const char *text)
{
    struct sampling sampling = {0, 0};
    size_t on = strcspn(text, "/");
    if (text[on] != '/' || !part_parse(text, on, &sampling.on_ns) ||
        !part_parse(text + on + 1, strlen(text + on + 1), &sampling.every_ns) ||
        sampling.on_ns >= sampling.every_ns)
        fail_usage("--sample takes how long of how long, e.g. 1s/10s, each 100ms to 1h, not '%s'",
                   text);
    return sampling;
}

void samples_add(struct samples *samples, struct totals now, uint64_t ns)
{
    const struct totals *last = &samples->last;
    double woken = (double)(now.for_connection - last->for_connection);
    double seen = (double)(now.seen - last->seen);
    samples->count++;
    samples->ns += ns;
    if (now.accepted != NOT_COUNTED) {
        double accepted = (double)(now.accepted - last->accepted);
        sampled_add(&samples->wakeups, (double)(now.wakeups - last->wakeups), accepted);
        sampled_add(&samples->for_accepted, woken, accepted);
        sampled_add(&samples->for_seen, woken, seen);
    }
    samples->last = now;
}

struct sampled_ratio samples_wakeups(const struct samples *samples)
{
    return sampled_ratio(&samples->wakeups, PERCENT);
}

struct sampled_ratio samples_woken(const struct samples *samples)
{
    bool all_seen = samples->for_seen.x >= samples->for_accepted.x;
    return sampled_ratio(all_seen ? &samples->for_accepted : &samples->for_seen, PERCENT);
}
