/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TRACE_H
#define WAKEONE_TRACE_H

/*
 * A trace: events of tracked threads over time, and the threads woken by each connection. Output is Chrome's trace event
 * format, which Perfetto and chrome://tracing open.
 *
 * The file has a track per thread (slices `sleeping`, `blocked`, `runnable`, `running`; a slice `running` after a wakeup has
 * the class of the wakeup in args.wakeup), a track per CPU (threads that ran there), a track of connections per CPU that
 * established them (a slice from the arrival to the last of the threads it woke, with an arrow to each), and an instant
 * `accept` on the track of the accepting thread.
 *
 * Memory is bounded: each CPU keeps its last events. The trace begins where all CPUs still have theirs, or `last_ns` before
 * its end.
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

/* Initialized to zero, except last_ns. Times are ns of the kernel's CLOCK_MONOTONIC. */
struct trace {
    uint64_t last_ns;            /* length of the trace, before its end; 0 = all */
    uint64_t began_at, ended_at; /* counting */

    struct trace_event *events;
    uint32_t count;
    uint64_t
        dropped; /* events dropped for lack of space, and by trace_end() those before whole_from */
    uint64_t older;      /* events before last_ns, dropped by trace_end() */
    uint64_t missed;     /* runs of the BPF program skipped by the kernel (struct losses) */
    uint64_t whole_from; /* nothing was overwritten since */

    struct trace_name *names; /* the last TRACE_NAMES_MAX of name_count */
    unsigned name_count, name_room;

    struct {
        uint64_t at;
        const char *text;
    } marks[TRACE_MARKS_MAX];
    unsigned mark_count;

    struct trace_thread *threads; /* set by trace_end(), sorted by ID */
    unsigned thread_count;
};

/* Sets the name of a thread. The last name counts. */
void trace_name(struct trace *trace, uint32_t tid, uint32_t tgid, const char *name, bool alive);

/* A line across all tracks; `text` is not copied. Marks beyond TRACE_MARKS_MAX are dropped. */
void trace_mark(struct trace *trace, uint64_t at, const char *text);

/* Adds the events that one CPU still has of `written`: the last `capacity` of them, the latest at written - 1, modulo
 * capacity. */
void trace_take(struct trace *trace, const struct trace_event *ring, uint64_t capacity,
                uint64_t written);

/* To be called once, after all events are added: sorts them, drops those before the beginning, and classifies wakeups. */
void trace_end(struct trace *trace);

/* Number of wakeups of this class in the trace: COUNT_USEFUL, COUNT_SPURIOUS or COUNT_ABSORBED; COUNT_WAKEUPS: not
 * classified at its end. */
uint64_t trace_wakeups(const struct trace *trace, unsigned count);

/* Writes the file; to be called once. `about`: additional metadata (otherData), TRACE_ABOUT_MAX at most. */
void trace_write(const struct trace *trace, const struct field *about, unsigned count, FILE *file);

/* Writes to a file ("-": standard output), with a description of the machine; prints the number of dropped events. */
void trace_write_file(const struct trace *trace, const char *path);

void trace_free(struct trace *trace);

#endif
