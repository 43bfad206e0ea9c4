/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VIRTUAL_ARM64_H
#define WAKEONE_VIRTUAL_ARM64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decoding of arm64 instructions. Encodings: Arm Architecture Reference Manual (DDI 0487), C4.1 "Loads and Stores". */

/* Whether the line is fetched for writing, although the access is a read: read-modify-writes, and exclusive loads,
 * which are half of one. Ordered loads (LDAR, LDAPR) are not. */
static inline bool arm64_is_atomic(uint32_t instruction)
{
    static const struct {
        uint32_t mask, value;
    } atomics[] = {
        {0x3f208c00, 0x38200000}, /* LDADD, LDCLR, LDEOR, LDSET, LDSMAX, ... */
        {0x3f20fc00, 0x38208000}, /* SWP */
        {0x3fa07c00, 0x08a07c00}, /* CAS */
        {0xbfa07c00, 0x08207c00}, /* CASP */
        {0x3fc00000, 0x08400000}, /* LDXR, LDAXR, LDXP, LDAXP */
    };
    for (size_t i = 0; i < sizeof atomics / sizeof *atomics; i++)
        if ((instruction & atomics[i].mask) == atomics[i].value)
            return true;
    return false;
}

/* The number of a HINT; -1 for any other instruction */
static inline int arm64_hint(uint32_t instruction)
{
    return (instruction & 0xfffff01f) == 0xd503201f ? (int)(instruction >> 5 & 0x7f) : -1;
}

#endif
