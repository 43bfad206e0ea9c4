/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CLOCK_H
#define WAKEONE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

static inline uint64_t timespec_ns(struct timespec t)
{
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Nanoseconds since 1970: only for comparison with such timestamps, e.g. of captured packets. */
static inline uint64_t real_time_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return timespec_ns(t);
}

/* Nanoseconds of CLOCK_MONOTONIC, which is used for all measurements. */
static inline uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return timespec_ns(t);
}

static inline void sleep_ns(uint64_t ns)
{
    struct timespec t = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
    nanosleep(&t, NULL);
}

#endif
