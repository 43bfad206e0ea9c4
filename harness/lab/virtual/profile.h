#ifndef WAKEONE_VIRTUAL_PROFILE_H
#define WAKEONE_VIRTUAL_PROFILE_H

#include <stdint.h>
#include <stdio.h>

/* Where the time of a window goes: instructions, and accesses to cache lines that were none's own, by the address of the block
 * of instructions. Programs are one address (0), since they have an address space each. */

enum {
    PROFILE_BLOCKS =
        1 << 17, /* what there is room for; those after are counted as PROFILE_OTHERS */
    PROFILE_OTHERS = 1,
    PROFILE_SAMPLES = 1 << 14,
};

/* Where CPUs were found, and from where that had been called: one sample at the end of each time slice, so by time */
struct profile_sample {
    uint64_t address, caller;
    uint32_t number[2]; /* on each side; 0 and 0: this one is free */
};

struct profile {
    unsigned blocks; /* in use */
    uint64_t address[PROFILE_BLOCKS];
    uint32_t slot[2 * PROFILE_BLOCKS]; /* by a hash of the address: 1 + which block; 0 = none */
    struct profile_sample sample[PROFILE_SAMPLES];
};

void profile_init(struct profile *profile);

/* The number of the block at that address, below PROFILE_BLOCKS: the same each time. */
unsigned profile_block(struct profile *profile, uint64_t address);

/* Counts a sample, on side 0 or 1; what there is no room for is not counted. */
void profile_add_sample(struct profile *profile, uint64_t address, uint64_t caller, unsigned side);
void profile_clear_samples(struct profile *profile);

#endif
