/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SCHEDULE_H
#define WAKEONE_SCHEDULE_H

/*
 * Arrival times of requests in an open loop. One schedule for any number of threads: thread i of T has arrivals i, i + T,
 * i + 2 T, ..., so that a seed always gives the same schedule.
 *
 *   constant   arrival k at k / rate
 *   poisson    gaps are independent and exponential with mean 1 / rate
 *   burst      `burst` arrivals at once, every `every_ns`: the first after the first `every_ns`, so
 *              that the server is idle before
 *
 * Constant and Poisson arrivals may have a rate that rises: `rate` until `ramp_begin_ns`, then linearly, for `ramp_ns`, to
 * `rate_end`, which is kept. Arrival k is due when the integral of the rate is k; with Poisson arrivals, when it is the
 * sum of k + 1 exponential gaps with mean 1.
 */

#include <stdint.h>

enum schedule_kind { SCHEDULE_NONE, SCHEDULE_CONSTANT, SCHEDULE_POISSON, SCHEDULE_BURST };

struct schedule_options {
    enum schedule_kind kind;
    unsigned long rate;              /* arrivals per second of all threads */
    unsigned long rate_end;          /* used if ramp_ns is not 0 */
    uint64_t ramp_begin_ns, ramp_ns; /* since the start of the schedule */
    unsigned long burst;
    uint64_t every_ns;
    unsigned long seed;
};

struct schedule;

/* NULL if out of memory. */
struct schedule *schedule_open(const struct schedule_options *options, unsigned thread,
                               unsigned threads);
void schedule_close(struct schedule *schedule);

/* The next arrival of this thread, in nanoseconds since the start of the schedule; not decreasing. */
uint64_t schedule_next(struct schedule *schedule);

/* Long-term arrivals per second, of all threads; with a rising rate, the mean while it rises. */
double schedule_rate(const struct schedule_options *options);

#endif
