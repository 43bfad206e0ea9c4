/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TESTS_FAKE_EVENT_H
#define WAKEONE_TESTS_FAKE_EVENT_H

/* As much of FreeBSD's <sys/event.h> as servers/evq_kqueue.c uses; kqueue() and kevent() are the
 * test's. FAKE_WITHOUT_WAKEONE: as current systems, without EV_WAKEONE. */

#include <stdint.h>
#include <time.h>

#define EVFILT_READ  (-1)
#define EVFILT_WRITE (-2)

#define EV_ADD     0x0001
#define EV_DELETE  0x0002
#define EV_RECEIPT 0x0040
#define EV_ONESHOT 0x0010
#define EV_CLEAR   0x0020
#define EV_ERROR   0x4000
#define EV_EOF     0x8000
#ifndef FAKE_WITHOUT_WAKEONE
#define EV_WAKEONE      0x0200
#define NOTE_REGISTERED 0x0100
#define NOTE_FIFO       0x0200
#define NOTE_LIFO       0x0400
#define NOTE_ROTATE     0x0800
#endif

struct kevent {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned fflags;
    int64_t data;
    void *udata;
};

#define EV_SET(kevp, a, b, c, d, e, f)                  \
    (*(kevp) = (struct kevent){.ident = (uintptr_t)(a), \
                               .filter = (b),           \
                               .flags = (c),            \
                               .fflags = (d),           \
                               .data = (e),             \
                               .udata = (f)})

int kqueue(void);
int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events,
           int capacity, const struct timespec *limit);

#endif
