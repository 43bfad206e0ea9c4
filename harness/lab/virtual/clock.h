#ifndef WAKEONE_VIRTUAL_CLOCK_H
#define WAKEONE_VIRTUAL_CLOCK_H

#include <stdint.h>

/* The clock of a virtual CPU: picoseconds, made of the instructions that it executes. QEMU adds them up by itself, in
 * `used`, and calls back when that reaches CLOCK_CALL: so a time slice is begun by setting `used` to what it allows below.
 * What else takes time (a cache line that another CPU has) is added to `used` as instructions, and to `stalled`. */

#define CLOCK_CALL (UINT64_C(1) << 40)
#define PS_PER_NS  UINT64_C(1000)

struct clock {
    uint64_t ps; /* when `used` was `base` */
    uint64_t base;
    uint64_t price;    /* ps an instruction */
    uint64_t executed; /* instructions, up to `base` */
    uint64_t busy;     /* ps, up to `base`: all but what was skipped */
    uint64_t stalled;  /* of `used` since `base`: what is no instruction */
};

static inline uint64_t clock_at(const struct clock *clock, uint64_t used)
{
    return clock->ps + (used - clock->base) * clock->price;
}

static inline uint64_t clock_busy_at(const struct clock *clock, uint64_t used)
{
    return clock->busy + (used - clock->base) * clock->price;
}

/* Takes over what was used, and begins a time slice of `ps` (0: calls back at once); returns what `used` is to be set to. */
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

/* Time that the CPU did not run, up to `ps`; a clock never goes back. */
static inline void clock_skip_to(struct clock *clock, uint64_t ps)
{
    if (ps > clock->ps)
        clock->ps = ps;
}

#endif
