/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VIRTUAL_MARK_H
#define WAKEONE_VIRTUAL_MARK_H

/* Marks by which a program in a guest reports its progress to the virtual-time machine: unallocated hints of arm64, which every
 * processor executes as no-ops (Arm Architecture Reference Manual, C6.2 HINT: 0 to 127). Other architectures have no marks. */

#define MARK_TRIAL        112 /* a trial begins: from now on cache lines have costs */
#define MARK_WINDOW       113 /* its window begins: instructions are counted by address */
#define MARK_WINDOW_ENDED 114

#ifdef __aarch64__
#define MARK(number) __asm__ volatile("hint %0" ::"i"(number) : "memory")
#else
#define MARK(number) ((void)(number))
#endif

#endif
