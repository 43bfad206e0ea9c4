/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOCK_H
#define WAKEONE_LOCK_H

/* A lock between processes that is released when its holder dies. */

#include <stdbool.h>

enum lock_kind {
    LOCK_ROBUST, /* a robust mutex in shared memory (pthread_mutexattr_setrobust(3)) */
    LOCK_FCNTL,  /* a record lock, owned by a process */
    LOCK_FLOCK,  /* a lock owned by an open file description */
};

struct lock;

/* Call before the processes are forked. NULL with errno set on failure. */
struct lock *lock_new(enum lock_kind kind);

/* Call in each process that will take the lock. False with errno set on failure. */
bool lock_join(struct lock *lock);

/* 0, EBUSY if another process holds it, or another errno. Never waits. */
int lock_try(struct lock *lock);

void lock_release(struct lock *lock);

#endif
