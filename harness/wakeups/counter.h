#ifndef WAKEONE_COUNTER_H
#define WAKEONE_COUNTER_H

/*
 * The wakeup counter: a program in the kernel (wakeups.bpf.c) that follows threads from one sleep to
 * the next. It needs root (or CAP_BPF and CAP_PERFMON) and a kernel with BTF; whoever cannot have it
 * counts context switches instead (switches.h). Nothing stays attached when the process ends,
 * however it ends. Process and thread numbers are those of /proc (harness/lib/proc.h).
 */

#include "events.h"
#include "task.h"

#include <sys/types.h>

struct counter;
struct trace;

struct counter_options {
    unsigned tasks; /* how many threads can be followed at a time; SLOTS_MAX at most */
    bool follow_children;
    void (*tell)(const struct event *); /* called by counter_poll(); NULL = do not tell */
    struct trace
        *trace; /* filled by counter_end_trace(), with last_ns set (trace.h); NULL = none */
};

/* NULL if it cannot be had, with the reason in *why ("not permitted: ..."). Counts nothing until
 * processes are added. */
struct counter *counter_open(const struct counter_options *options, const char **why);
void counter_close(struct counter *counter);

/* Follows all threads that the process has, and those that it begins from now on. False if there is
 * no such process; threads that find no slot are counted in the losses. */
bool counter_add(struct counter *counter, pid_t pid);

/* Wakeups by connections to this TCP listener are counted as such. */
void counter_watch(struct counter *counter, const struct listener *listener);

/* No more events: the counters stand still. */
void counter_stop(struct counter *counter);

/* Between samples: detached, so that the server runs as if it were not counted. After counter_resume() who began meanwhile is to be
 * added as at the start; false with errno if it cannot be attached any more. */
void counter_pause(struct counter *counter);
bool counter_resume(struct counter *counter);

/* With a trace: the moment gets a name in it. */
void counter_mark(const struct counter *counter, const char *text);

/* After counter_stop(): takes all events and ends the trace. */
void counter_end_trace(const struct counter *counter);

/* The slots are 1 to counter_slots(); a slot with tid 0 is nobody's. They live as long as the
 * counter, and change under the reader's eyes. */
unsigned counter_slots(const struct counter *counter);
const struct task *counter_slot(const struct counter *counter, unsigned slot);

/* The slot of a thread that is followed; NULL = it is not. */
const struct task *counter_find(const struct counter *counter, pid_t tid);

/* Time it was neither on a CPU nor waiting for one, since counting began. 0 if it has just ended. */
uint64_t counter_asleep_ns(const struct task *task);

/* Of a thread that has ended: others may have the slot from now on. */
void counter_release(struct counter *counter, unsigned slot);

/* Connections established on watched listeners. */
uint64_t counter_connections(const struct counter *counter);
struct losses counter_losses(const struct counter *counter);

/* Tells what has happened since the last call. */
void counter_poll(struct counter *counter);

#endif
