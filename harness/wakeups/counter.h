/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COUNTER_H
#define WAKEONE_COUNTER_H

/*
 * The wakeup counter: a BPF program (wakeups.bpf.c) that tracks threads from one sleep to the next. It needs root (or
 * CAP_BPF and CAP_PERFMON) and a kernel with BTF; without them context switches are counted instead (switches.h). The
 * program is detached when the process ends, in any way. Process and thread IDs are those of /proc (harness/lib/proc.h).
 */

#include "events.h"
#include "task.h"

#include <sys/types.h>

struct counter;
struct trace;

struct counter_options {
    unsigned tasks; /* maximum number of tracked threads; SLOTS_MAX at most */
    bool follow_children;
    void (*on_event)(const struct event *); /* called by counter_poll(); NULL = no events */
    struct trace
        *trace; /* filled by counter_end_trace(), with last_ns set (trace.h); NULL = none */
};

/* NULL if unavailable, with the reason in *why ("not permitted: ..."). Counts nothing until processes are added. */
struct counter *counter_open(const struct counter_options *options, const char **why);
void counter_close(struct counter *counter);

/* Tracks all threads of the process, and those created from now on. False if there is no such process; threads without a
 * free slot are counted in the losses. */
bool counter_add(struct counter *counter, pid_t pid);

/* Counts wakeups by connections to this TCP listener separately. */
void counter_watch(struct counter *counter, const struct listener *listener);

/* Stops all counters. */
void counter_stop(struct counter *counter);

/* Between samples: detaches the program, so that the server runs uninstrumented. After counter_resume(), processes created
 * meanwhile have to be added as at the start; false with errno if it cannot be attached again. */
void counter_pause(struct counter *counter);
bool counter_resume(struct counter *counter);

/* With a trace: adds a named mark at this time. */
void counter_mark(const struct counter *counter, const char *text);

/* After counter_stop(): collects all events and completes the trace. */
void counter_end_trace(const struct counter *counter);

/* The slots are 1 to counter_slots(); a slot with tid 0 is unused. They are valid as long as the counter, and change
 * concurrently. */
unsigned counter_slots(const struct counter *counter);
const struct task *counter_slot(const struct counter *counter, unsigned slot);

/* The slot of a tracked thread; NULL = untracked. */
const struct task *counter_find(const struct counter *counter, pid_t tid);

/* Time neither on a CPU nor waiting for one, since counting began. 0 if the thread has just ended. */
uint64_t counter_asleep_ns(const struct task *task);

/* Releases the slot of a thread that has ended. */
void counter_release(struct counter *counter, unsigned slot);

/* Connections established on tracked listeners. */
uint64_t counter_connections(const struct counter *counter);
struct losses counter_losses(const struct counter *counter);

/* Passes on the events since the last call. */
void counter_poll(struct counter *counter);

#endif
