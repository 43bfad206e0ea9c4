#ifndef WAKEONE_VIRTUAL_MARK_H
#define WAKEONE_VIRTUAL_MARK_H

/* How a program in a guest tells the virtual-time machine where it is: hints that arm64 has not given a meaning to, which any
 * processor does nothing at (Arm Architecture Reference Manual, C6.2 HINT: 0 to 127). Other processors have none. */

#define MARK_TRIAL        112 /* a trial begins: from now on cache lines have their price, too */
#define MARK_WINDOW       113 /* its window begins: instructions are counted by address */
#define MARK_WINDOW_ENDED 114

#ifdef __aarch64__
#define MARK(number) __asm__ volatile("hint %0" ::"i"(number) : "memory")
#else
#define MARK(number) ((void)(number))
#endif

#endif
