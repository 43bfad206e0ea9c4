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
};

struct profile {
    unsigned blocks; /* in use */
    uint64_t address[PROFILE_BLOCKS];
    uint32_t slot[2 * PROFILE_BLOCKS]; /* by a hash of the address: 1 + which block; 0 = none */
};

void profile_init(struct profile *profile);

/* The number of the block at that address, below PROFILE_BLOCKS: the same each time. */
unsigned profile_block(struct profile *profile, uint64_t address);

#endif
