/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VIRTUAL_PROFILE_H
#define WAKEONE_VIRTUAL_PROFILE_H

#include <stdint.h>
#include <stdio.h>

/* Profile of a window: instructions, and accesses to cache lines of other CPUs, by the address of the block
 * of instructions. Programs have a single address (0), since each has an address space of its own. */

enum {
    PROFILE_BLOCKS = 1 << 17, /* capacity; further blocks are counted as PROFILE_OTHERS */
    PROFILE_OTHERS = 1,
    PROFILE_SAMPLES = 1 << 14,
};

/* Addresses of CPUs and of their callers: one sample at the end of each time slice, so weighted by time */
struct profile_sample {
    uint64_t address, caller;
    uint32_t number[2]; /* on each side; 0 and 0 = unused */
};

struct profile {
    unsigned blocks; /* in use */
    uint64_t address[PROFILE_BLOCKS];
    uint32_t
        slot[2 * PROFILE_BLOCKS]; /* by a hash of the address: 1 + number of the block; 0 = none */
    struct profile_sample sample[PROFILE_SAMPLES];
};

void profile_init(struct profile *profile);

/* The number of the block at that address, below PROFILE_BLOCKS: the same each time. */
unsigned profile_block(struct profile *profile, uint64_t address);

/* Counts a sample, on side 0 or 1; dropped if the table is full. */
void profile_add_sample(struct profile *profile, uint64_t address, uint64_t caller, unsigned side);
void profile_clear_samples(struct profile *profile);

#endif
