/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lab/virtual/profile.h"

#include <stdbool.h>
#include <string.h>

enum { KERNEL_BIT = 63 }; /* of an address, on arm64 */

void profile_init(struct profile *profile)
{
    memset(profile, 0, sizeof *profile);
    profile->blocks = PROFILE_OTHERS + 1; /* programs, and others */
    profile->address[PROFILE_OTHERS] = UINT64_C(1);
}

/* Fibonacci hashing: https://en.wikipedia.org/wiki/Hash_function#Fibonacci_hashing */
static uint32_t hash(uint64_t address)
{
    return (uint32_t)((address >> 2) * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

unsigned profile_block(struct profile *profile, uint64_t address)
{
    const uint32_t slots = sizeof profile->slot / sizeof *profile->slot;
    if (!(address >> KERNEL_BIT))
        return 0;
    uint32_t i = hash(address) % slots;
    for (; profile->slot[i]; i = (i + 1) % slots)
        if (profile->address[profile->slot[i] - 1] == address)
            return profile->slot[i] - 1;
    if (profile->blocks == PROFILE_BLOCKS)
        return PROFILE_OTHERS;
    profile->address[profile->blocks] = address;
    profile->slot[i] = profile->blocks + 1;
    return profile->blocks++;
}

static bool is_free(const struct profile_sample *s)
{
    return s->number[0] + s->number[1] == 0;
}

void profile_add_sample(struct profile *profile, uint64_t address, uint64_t caller, unsigned side)
{
    uint32_t i = hash(address ^ caller << 20);
    for (unsigned tries = 0; tries < 64; tries++, i++) {
        struct profile_sample *s = &profile->sample[i % PROFILE_SAMPLES];
        if (!is_free(s) && (s->address != address || s->caller != caller))
            continue;
        s->address = address;
        s->caller = caller;
        s->number[side]++;
        return;
    }
}

void profile_clear_samples(struct profile *profile)
{
    memset(profile->sample, 0, sizeof profile->sample);
}
