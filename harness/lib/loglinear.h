/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOGLINEAR_H
#define WAKEONE_LOGLINEAR_H

/*
 * Buckets of constant relative width. A value v below 2^bits has a bucket of its own. Above, each
 * octave [2^m, 2^(m+1)) is divided into 2^bits buckets of equal width 2^(m-bits), and v is stored
 * as its leading bits+1 bits. A bucket is reported as its upper edge, which is too high by less
 * than one width, so relative to v by less than
 *
 *         2^(m-bits) / v  <=  2^(m-bits) / 2^m  =  2^-bits
 *
 * Also used in BPF programs: freestanding C only.
 */

#include <stdint.h>

/* The number of buckets for values of up to `value_bits` bits. */
#define LOGLINEAR_BUCKETS(value_bits, bits) (((value_bits) - (bits) + 1) << (bits))

/* The value must not be 0. The BPF target of clang 14 does not support __builtin_clzll and crashes. */
static inline unsigned loglinear_highest_bit(uint64_t value)
{
#ifdef __bpf__
    unsigned bit = 0;
    for (unsigned step = 32; step > 0; step /= 2)
        if (value >> step) {
            value >>= step;
            bit += step;
        }
    return bit;
#else
    return 63 - (unsigned)__builtin_clzll(value);
#endif
}

static inline unsigned loglinear_index(uint64_t value, unsigned bits)
{
    if (value < (UINT64_C(1) << bits))
        return (unsigned)value;
    unsigned shift = loglinear_highest_bit(value) - bits;
    return (shift << bits) + (unsigned)(value >> shift);
}

/* The largest value that falls into bucket `index`. */
static inline uint64_t loglinear_upper_edge(unsigned index, unsigned bits)
{
    if (index < (1U << bits))
        return index;
    unsigned shift = (index >> bits) - 1;
    uint64_t leading_bits = index - (shift << bits);
    return ((leading_bits + 1) << shift) -
           1; /* the edge of the very last bucket wraps to 2^64 - 1 */
}

#endif
