#ifndef WAKEONE_TRACE_H
#define WAKEONE_TRACE_H

/*
 * A trace: what followed threads did, moment by moment, and which connection woke which of them. Events in, Chrome's trace
 * event format out, which Perfetto and chrome://tracing open.
 *
 * What is in the file: a track per thread (slices `sleeping`, `blocked`, `runnable`, `running`; a slice `running` that a
 * wakeup began says what the wakeup was counted as, args.wakeup), a track per CPU (who ran there), a track of connections
 * per CPU that established them (a slice from the arrival to the last of the threads it woke, with an arrow to each), and an
 * instant `accept` on the track of the thread that accepted.
 *
 * Memory is bounded: each CPU keeps its last events. The trace begins where all of them still have theirs, or `last_ns`
 * before its end.
 */

#include "events.h"

#include "harness/lib/record.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    TRACE_EVENTS_MAX = 1 << 20,
    TRACE_NAMES_MAX = 1 << 16,
    TRACE_MARKS_MAX = 8,
    TRACE_ABOUT_MAX = 8
};

struct trace_name {
    uint32_t tid, tgid;
    unsigned order;
    bool alive; /* at the end */
    char name[16];
};

/* Zero, but for last_ns, before anything is taken. Times are ns of the kernel's CLOCK_MONOTONIC. */
struct trace {
    uint64_t last_ns;            /* how much is kept of the time before the end; 0 = all */
    uint64_t began_at, ended_at; /* counting */

    struct trace_event *events;
    uint32_t count;
    uint64_t
        dropped; /* events for which there was no room, and by trace_end() those before whole_from */
    uint64_t older;      /* events that trace_end() left out: longer before the end than last_ns */
    uint64_t missed;     /* runs of the program in the kernel that it left out (struct losses) */
    uint64_t whole_from; /* from when on nothing was overwritten */

    struct trace_name *names; /* the last TRACE_NAMES_MAX of name_count */
    unsigned name_count, name_room;

    struct {
        uint64_t at;
        const char *text;
    } marks[TRACE_MARKS_MAX];
    unsigned mark_count;

    struct trace_thread *threads; /* by trace_end(), sorted by number */
    unsigned thread_count;
};

/* What the trace has of a thread is called that. Of several names of a thread the last counts. */
void trace_name(struct trace *trace, uint32_t tid, uint32_t tgid, const char *name, bool alive);

/* A line across all tracks; `text` stays the caller's. More than TRACE_MARKS_MAX are left out. */
void trace_mark(struct trace *trace, uint64_t at, const char *text);

/* Takes what one CPU has left of `written` events: the last `capacity` of them, the latest at written - 1, modulo
 * capacity. */
void trace_take(struct trace *trace, const struct trace_event *ring, uint64_t capacity,
                uint64_t written);

/* All of it was taken: orders the events, leaves out those before the beginning, and decides the wakeups. Once. */
void trace_end(struct trace *trace);

/* The wakeups that the trace shows as this: COUNT_USEFUL, COUNT_SPURIOUS or COUNT_ABSORBED; COUNT_WAKEUPS: not decided
 * when it ended. */
uint64_t trace_wakeups(const struct trace *trace, unsigned count);

/* The file, once. `about`: what else its metadata (otherData) has, TRACE_ABOUT_MAX at most. */
void trace_write(const struct trace *trace, const struct field *about, unsigned count, FILE *file);

/* Into a file ("-": standard output), with what the machine is; reports what was dropped. */
void trace_write_file(const struct trace *trace, const char *path);

void trace_free(struct trace *trace);

#endif
