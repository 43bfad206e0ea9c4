/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VIRTUAL_MACHINE_H
#define WAKEONE_VIRTUAL_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/lab/virtual/clock.h"
#include "harness/lab/virtual/sched.h"

/* The clock of a machine in virtual time, and the waits of its virtual CPUs. machine.c is preloaded into QEMU and replaces the
 * functions by which QEMU reads the time and waits:
 *
 *   clock_gettime(CLOCK_MONOTONIC)  virtual time: of the calling virtual CPU, or of the main loop
 *   ppoll                           the main loop waits for a time slice, which starts at its next timer
 *   write of 8 bytes                to an eventfd: there is work for the main loop
 *   pthread_cond_wait               a virtual CPU halts, or waits in the emulator
 *   pthread_cond_broadcast, _signal a virtual CPU is woken, at the waker's time, or may continue
 *
 * All clocks of an arm64 guest (-M virt, generic timer, GICv3) are derived from QEMU's virtual clock, and so from here; a TSC
 * would not be. plugin.c, the other half of the same object, reports the virtual CPUs to it. */

#define MACHINE_BEGINS_PS (UINT64_C(1000000000) * PS_PER_NS) /* its clock, the same in each run */

/* The counter of a virtual CPU in QEMU (`used` in clock.h); called from its thread */
typedef uint64_t *machine_used(unsigned cpu);

/* Time is virtual from now on; called by the thread of the main loop. price: ps per instruction; quantum: ps. */
void machine_begin(unsigned cpus, uint64_t price, uint64_t quantum, machine_used *used);

/* By the thread of a virtual CPU: it is `cpu`; it is about to halt; its time slice is over: returns at the next one. */
void machine_is_cpu(unsigned cpu);
void machine_idles(void);
void machine_slice_ends(unsigned cpu);

/* Cost other than instructions, in instructions */
void machine_stall(unsigned cpu, uint64_t instructions);

/* ps: the latest time returned to any thread; the time of a virtual CPU; its busy time, without sleep */
uint64_t machine_shown_ps(void);
uint64_t machine_ps(unsigned cpu);
uint64_t machine_busy_ps(unsigned cpu);

/* Executed by all virtual CPUs together */
uint64_t machine_instructions(void);
const struct sched_counts *machine_counts(void);

#endif
