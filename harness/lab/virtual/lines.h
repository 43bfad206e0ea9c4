#ifndef WAKEONE_VIRTUAL_LINES_H
#define WAKEONE_VIRTUAL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who has which cache line, of caches that hold all they ever had: per line, which CPU wrote it last, and which have read it
 * since. An access then is
 *
 *   a hit      this CPU has the line as it takes it
 *   a miss     another CPU wrote it last, and this one has not had it since: it comes from there
 *   an upgrade this CPU has it, and others have read it since: theirs are invalidated
 *
 * as with any protocol that invalidates (MESI and those made of it). What is not there: lines that are evicted, the way to
 * memory, where on the chip a CPU is, and that several may wait for one line. */

enum {
    LINE_BYTES = 64,
    LINES_CPUS = 64, /* a bit each */
};

enum line_access {
    LINE_HIT,
    LINE_MISS,
    LINE_UPGRADE,
};

struct line {
    uint64_t readers; /* since the last write, who wrote included */
    uint8_t writer;   /* 1 + its CPU; 0: nobody has written */
};

struct lines {
    uint64_t base, size; /* of the memory, bytes */
    struct line *line;
};

/* Of memory from `base` on; its own is taken as lines are used. False: there is no memory. */
bool lines_init(struct lines *lines, uint64_t base, uint64_t size);

/* What an access of `cpu` (0 to LINES_CPUS - 1) is, and what it leaves. Elsewhere than in the memory it is a hit. */
enum line_access lines_access(struct lines *lines, uint64_t address, unsigned cpu, bool is_write);

#endif
