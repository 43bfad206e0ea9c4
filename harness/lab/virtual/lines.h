/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VIRTUAL_LINES_H
#define WAKEONE_VIRTUAL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A directory of cache lines, for caches of unlimited capacity: per line the CPU that wrote it last and the CPUs that have
 * read it since. An access is
 *
 *   a hit      the CPU holds the line in the state that the access needs
 *   a miss     another CPU wrote the line last, and this CPU has not held it since: the line is transferred
 *   an upgrade the CPU holds the line, and so do others, whose copies are invalidated by the write
 *
 * as in any invalidation protocol (MESI and its variants). Not modelled: evictions, memory, distances on the chip, and
 * queueing of several CPUs for one line. */

enum {
    LINE_BYTES = 64,
    LINES_CPUS = 64, /* one bit each */
};

enum line_access {
    LINE_HIT,
    LINE_MISS,
    LINE_UPGRADE,
};

struct line {
    uint64_t readers; /* since the last write, including the writer */
    uint8_t writer;   /* 1 + its CPU; 0: not written yet */
};

struct lines {
    uint64_t base, size; /* of the memory, bytes */
    struct line *line;
};

/* For memory from `base` on; its tables are allocated when lines are used. False: out of memory. */
bool lines_init(struct lines *lines, uint64_t base, uint64_t size);

/* Classifies an access of `cpu` (0 to LINES_CPUS - 1), and updates the line. Outside of the memory it is a hit. */
enum line_access lines_access(struct lines *lines, uint64_t address, unsigned cpu, bool is_write);

#endif
