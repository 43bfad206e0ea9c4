/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VIRTUAL_CLOCK_H
#define WAKEONE_VIRTUAL_CLOCK_H

#include <stdint.h>

/* The clock of a virtual CPU: picoseconds, derived from its executed instructions. QEMU adds these up in
 * `used`, and calls back when it reaches CLOCK_CALL: a time slice starts by setting `used` to its length below that.
 * Other costs (a cache line of another CPU) are added to `used` as instructions, and to `stalled`. */

#define CLOCK_CALL (UINT64_C(1) << 40)
#define PS_PER_NS  UINT64_C(1000)

struct clock {
    uint64_t ps; /* when `used` was `base` */
    uint64_t base;
    uint64_t price;    /* ps an instruction */
    uint64_t executed; /* instructions, up to `base` */
    uint64_t busy;     /* ps, up to `base`, without skipped time */
    uint64_t stalled;  /* part of `used` since `base` that is not instructions */
};

static inline uint64_t clock_at(const struct clock *clock, uint64_t used)
{
    return clock->ps + (used - clock->base) * clock->price;
}

static inline uint64_t clock_busy_at(const struct clock *clock, uint64_t used)
{
    return clock->busy + (used - clock->base) * clock->price;
}

/* Adds `used`, and starts a time slice of `ps` (0: calls back immediately); returns the new value of `used`. */
static inline uint64_t clock_begin(struct clock *clock, uint64_t used, uint64_t ps)
{
    clock->busy = clock_busy_at(clock, used);
    clock->ps = clock_at(clock, used);
    clock->executed += used - clock->base - clock->stalled;
    clock->stalled = 0;
    clock->base = CLOCK_CALL - (ps + clock->price - 1) / clock->price;
    return clock->base;
}

/* Ends the time slice: the next block calls back. */
static inline uint64_t clock_end_slice(struct clock *clock, uint64_t used)
{
    return clock_begin(clock, used, 0);
}

/* Skips time in which the CPU did not run, up to `ps`; a clock never decreases. */
static inline void clock_skip_to(struct clock *clock, uint64_t ps)
{
    if (ps > clock->ps)
        clock->ps = ps;
}

#endif
