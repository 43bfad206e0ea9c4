/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lab/virtual/lines.h"

#include <sys/mman.h>

bool lines_init(struct lines *lines, uint64_t base, uint64_t size)
{
    void *memory = mmap(NULL, size / LINE_BYTES * sizeof(struct line), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    *lines = (struct lines){base, size, memory};
    return memory != MAP_FAILED;
}

static enum line_access read_line(struct line *line, unsigned cpu)
{
    uint64_t own = UINT64_C(1) << cpu;
    if (line->readers & own)
        return LINE_HIT;
    line->readers |= own;
    return line->writer ? LINE_MISS : LINE_HIT;
}

static enum line_access write_line(struct line *line, unsigned cpu)
{
    uint64_t own = UINT64_C(1) << cpu, readers = line->readers;
    bool is_written = line->writer != 0;
    line->readers = own;
    line->writer = (uint8_t)(cpu + 1);
    if (is_written && !(readers & own))
        return LINE_MISS;
    return readers & ~own ? LINE_UPGRADE : LINE_HIT;
}

enum line_access lines_access(struct lines *lines, uint64_t address, unsigned cpu, bool is_write)
{
    if (address - lines->base >= lines->size)
        return LINE_HIT;
    struct line *line = &lines->line[(address - lines->base) / LINE_BYTES];
    return is_write ? write_line(line, cpu) : read_line(line, cpu);
}
