#ifndef WAKEONE_VIRTUAL_MACHINE_H
#define WAKEONE_VIRTUAL_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/lab/virtual/clock.h"
#include "harness/lab/virtual/sched.h"

/* The time of a machine in virtual time, and what its virtual CPUs wait by. machine.c is preloaded into QEMU, so that what QEMU
 * takes time and waits by goes through it:
 *
 *   clock_gettime(CLOCK_MONOTONIC)  virtual time: of the virtual CPU that asks, or of the main loop
 *   ppoll                           the main loop waits for a time slice, and its next timer is when it has it
 *   write of 8 bytes                to an eventfd: there is something to do for the main loop
 *   pthread_cond_wait               a virtual CPU halts, or waits in the emulator
 *   pthread_cond_broadcast, _signal a virtual CPU is woken, at the waker's time, or may go on
 *
 * All clocks of an arm64 guest (-M virt, generic timer, GICv3) come from QEMU's virtual clock, and so from here; a TSC would
 * not. plugin.c, the other half of the same object, tells it of the virtual CPUs. */

#define MACHINE_BEGINS_PS (UINT64_C(1000000000) * PS_PER_NS) /* its clock, the same in each run */

/* Where QEMU counts what a virtual CPU has used (clock.h); called from the thread of one */
typedef uint64_t *machine_used(unsigned cpu);

/* From now on time is virtual; called by the thread of the main loop. price: ps an instruction; quantum: ps. */
void machine_begin(unsigned cpus, uint64_t price, uint64_t quantum, machine_used *used);

/* By the thread of a virtual CPU: it is `cpu`; it is about to halt; its time slice is over: returns when it has the next. */
void machine_is_cpu(unsigned cpu);
void machine_idles(void);
void machine_slice_ends(unsigned cpu);

/* What takes time and is no instruction, in instructions */
void machine_stall(unsigned cpu, uint64_t instructions);

/* ps: the latest time that any thread was told; the time of a virtual CPU; what that was busy, asleep left out */
uint64_t machine_shown_ps(void);
uint64_t machine_ps(unsigned cpu);
uint64_t machine_busy_ps(unsigned cpu);

/* Executed by all virtual CPUs together */
uint64_t machine_instructions(void);
const struct sched_counts *machine_counts(void);

#endif
