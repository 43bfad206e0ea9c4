/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_EVQ_H
#define WAKEONE_EVQ_H

/*
 * An event queue: the interface that strategies use instead of epoll or kqueue. One backend is
 * linked into each binary: evq_epoll.c (build/epoll/) or evq_kqueue.c (build/kqueue/).
 */

#include <stdbool.h>

enum evq_flag {
    EVQ_READ = 1,
    EVQ_WRITE = 2,
    EVQ_WAKEONE = 4, /* of all queues that wait on this descriptor, wake one; only with evq_add */
    EVQ_EDGE = 8,
    EVQ_ONESHOT = 16,
    /* With EVQ_WAKEONE: which of the sleepers is woken. Without: the one that was added first. */
    EVQ_FIFO = 32,    /* the one that has slept longest */
    EVQ_LIFO = 64,    /* the one that has slept shortest */
    EVQ_ROTATE = 128, /* round robin */
};

struct evq_event {
    void *data;
    unsigned flags; /* EVQ_READ and/or EVQ_WRITE; errors and end of file are reported as EVQ_READ */
};

extern const char *const evq_backend; /* "epoll" or "kqueue" */
extern const bool evq_survives_fork;  /* a child can use the queue its parent opened */
extern const bool evq_drops_closed;   /* closing a descriptor removes it from the queue */

/* NULL if the backend supports all of `flags`, else one sentence that names what is missing. */
const char *evq_unsupported(unsigned flags);

/* The functions below return -1 with errno set on failure. */

/* A new queue, with close-on-exec. A queue belongs to the process that opened it: kqueues do not
 * survive fork. */
int evq_open(void);

int evq_add(int queue, int fd, unsigned flags, void *data);
int evq_mod(int queue, int fd, unsigned flags, void *data);
int evq_del(int queue, int fd);

/* Waits for events for `timeout_ms` at most (-1 = no limit); returns their number, 0 after a
 * timeout or a signal. At most EVQ_BATCH events are returned at once. */
int evq_wait(int queue, struct evq_event *events, int capacity, int timeout_ms);

enum { EVQ_BATCH = 64 };

#endif
