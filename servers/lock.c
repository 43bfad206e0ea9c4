/* SPDX-License-Identifier: BSD-2-Clause */
#include "lock.h"

#include "harness/lib/os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

/* In memory shared by all processes; `file` is opened by each process. */
struct lock {
    enum lock_kind kind;
    pthread_mutex_t mutex;
};

static int file = -1;

static int try_robust(struct lock *lock)
{
    int error = pthread_mutex_trylock(&lock->mutex);
    return error == EOWNERDEAD ? pthread_mutex_consistent(&lock->mutex) : error;
}

static void release_robust(struct lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

static int set_record_lock(short type)
{
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    if (fcntl(file, F_SETLK, &whole) == 0)
        return 0;
    return errno == EAGAIN || errno == EACCES ? EBUSY : errno;
}

static int try_fcntl(struct lock *lock)
{
    (void)lock;
    return set_record_lock(F_WRLCK);
}

static void release_fcntl(struct lock *lock)
{
    (void)lock;
    set_record_lock(F_UNLCK);
}

static int try_flock(struct lock *lock)
{
    (void)lock;
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? EBUSY : errno;
}

static void release_flock(struct lock *lock)
{
    (void)lock;
    flock(file, LOCK_UN);
}

static const struct {
    int (*try)(struct lock *);
    void (*release)(struct lock *);
} kinds[] = {
    [LOCK_ROBUST] = {try_robust, release_robust},
    [LOCK_FCNTL] = {try_fcntl, release_fcntl},
    [LOCK_FLOCK] = {try_flock, release_flock},
};

static int make_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);
    if (!error)
        error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (!error)
        error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    if (!error)
        error = pthread_mutex_init(mutex, &attributes);
    return error;
}

struct lock *lock_new(enum lock_kind kind)
{
    struct lock *lock = mmap(NULL, sizeof *lock, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                             -1, 0);
    if (lock == MAP_FAILED)
        return NULL;
    lock->kind = kind;
    if (kind == LOCK_ROBUST)
        errno = make_mutex(&lock->mutex);
    else
        file = os_lock_file();
    if (kind == LOCK_ROBUST ? errno == 0 : file >= 0)
        return lock;
    munmap(lock, sizeof *lock);
    return NULL;
}

bool lock_join(struct lock *lock)
{
    if (lock->kind == LOCK_ROBUST)
        return true;
    file = os_reopen(file);
    return file >= 0;
}

int lock_try(struct lock *lock)
{
    return kinds[lock->kind].try(lock);
}

void lock_release(struct lock *lock)
{
    kinds[lock->kind].release(lock);
}
