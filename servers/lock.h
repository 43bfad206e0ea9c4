#ifndef WAKEONE_LOCK_H
#define WAKEONE_LOCK_H

/* A lock between processes that is free again when its holder dies. */

#include <stdbool.h>

enum lock_kind {
    LOCK_ROBUST, /* a robust mutex in shared memory (pthread_mutexattr_setrobust(3)) */
    LOCK_FCNTL,  /* a record lock: of a process */
    LOCK_FLOCK,  /* a lock on an open file: of whoever opened it */
};

struct lock;

/* Before the processes are forked. NULL with errno set if the system has none. */
struct lock *lock_new(enum lock_kind kind);

/* In each process that is going to take it. False with errno set if it cannot. */
bool lock_join(struct lock *lock);

/* 0, EBUSY if another process has it, or what is wrong. Never waits. */
int lock_try(struct lock *lock);

void lock_release(struct lock *lock);

#endif
