/*
 * mutex: only the holder of a lock watches the listener
 *
 *      connection --> listener --> worker 1 --> accept, unlock, serve
 *                                  (holder)       |
 *                                                 v  rings the doorbell
 *                     worker 0, 2, ... --> one wakes, takes the lock, watches the listener
 *
 * The lock is a process-shared, robust mutex. A worker that does not get it sleeps in its event
 * queue all the same, where it serves its own connections; what tells it that the lock is free is
 * the doorbell, a pipe in which the holder leaves a byte when it unlocks and somebody waits. The
 * holder unlocks as soon as it has accepted, before it serves, so a slow request holds up nobody.
 *
 * Cost: 1 wakeup per connection for the holder and 1 for the next one to take the lock, where there
 * is another worker that sleeps; and putting the listener into the queue and out again each time.
 *
 * A holder that is killed leaves the mutex "owner dead": the supervisor rings, and the next one
 * makes the lock consistent again. A holder that is stopped holds up all the others.
 */

#include "harness/lib/message.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* In memory that all processes share. */
static struct lock {
    pthread_mutex_t mutex;
    unsigned waiting; /* workers that may be asleep until the doorbell rings; never too low, and too
                         high by those that were killed, which costs rings that nobody needs */
} * lock;

static int doorbell[2];

/* One worker, in its own process. */
static bool holding, waiting;

static void ring(void)
{
    if (__atomic_load_n(&lock->waiting, __ATOMIC_SEQ_CST) > 0)
        (void)!write(doorbell[1], "", 1); /* a full pipe has been rung already */
}

static bool try_lock(void)
{
    int error = pthread_mutex_trylock(&lock->mutex);
    if (error == EOWNERDEAD)
        error = pthread_mutex_consistent(&lock->mutex);
    if (error != 0 && error != EBUSY)
        worker_fail("cannot take the lock: %s", strerror(error));
    return error == 0;
}

/* Whoever fails must be counted as waiting *before* the last try, or an unlock between the two
 * would ring for nobody. */
static bool lock_or_wait(void)
{
    bool locked = try_lock();
    if (!locked && !waiting) {
        waiting = true;
        __atomic_fetch_add(&lock->waiting, 1, __ATOMIC_SEQ_CST);
        locked = try_lock();
    }
    if (locked && waiting) {
        waiting = false;
        __atomic_fetch_sub(&lock->waiting, 1, __ATOMIC_SEQ_CST);
    }
    return locked;
}

static void release(struct worker *w)
{
    worker_unwatch_listener(w);
    holding = false;
    pthread_mutex_unlock(&lock->mutex);
    ring();
}

static void listener_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)watch, (void)flags;
    int fd = worker_accept(w);
    release(w);
    if (fd >= 0)
        worker_serve(w, fd);
}

static void doorbell_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    char rings[64];
    (void)flags;
    /* All of them at once: there is only one lock to be had. */
    if (read(watch->fd, rings, sizeof rings) > 0)
        w->progress = true;
}

static void worker(struct worker *w)
{
    struct watch bell = {doorbell[0], doorbell_ready};
    /* Where the kernel can, one waiter is woken by a ring, not all. */
    worker_watch(w, &bell, evq_lacks(EVQ_WAKEONE) ? EVQ_READ : EVQ_READ | EVQ_WAKEONE);
    w->listener.ready = listener_ready;
    do {
        if (!holding && !w->stopping && lock_or_wait()) {
            holding = true;
            worker_watch_listener(w, EVQ_READ);
        }
    } while (worker_turn(w));
    if (holding)
        release(w);
}

static void set_up(unsigned workers)
{
    pthread_mutexattr_t attributes;
    (void)workers;
    lock = mmap(NULL, sizeof *lock, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (lock == MAP_FAILED || pipe(doorbell) != 0)
        fail("cannot make the lock and its doorbell: %s", strerror(errno));
    for (int i = 0; i < 2; i++)
        fcntl(doorbell[i], F_SETFL, O_NONBLOCK);

    int error = pthread_mutexattr_init(&attributes);
    if (!error)
        error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (!error)
        error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    if (!error)
        error = pthread_mutex_init(&lock->mutex, &attributes);
    if (error)
        fail("this system has no robust mutex between processes: %s", strerror(error));
}

const struct strategy strategy = {
    .name = "mutex",
    .summary = "only the holder of a robust mutex watches the listener",
    .wakes = "n>1 ? 2 : 1",
    .worker = worker,
    .set_up = set_up,
    .process_died = ring,
};
