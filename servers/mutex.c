/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutex: only the holder of a lock watches the listener
 *
 *      connection --> listener --> worker 1 --> accept, unlock, serve
 *                                  (holder)       |
 *                                                 v  rings the doorbell
 *                     worker 0, 2, ... --> one wakes, takes the lock, watches the listener
 *
 * A worker that does not get the lock sleeps in its event queue, where it serves its own
 * connections. The doorbell notifies it that the lock is free: a pipe into which the holder writes
 * a byte when it unlocks and another worker waits. The holder unlocks as soon as it has accepted,
 * before it serves, so a slow request does not block the other workers; if it gets the lock again
 * before it waits again, the listener stays in its queue.
 *
 * --lock selects the lock: a robust mutex in shared memory, a record lock (fcntl) or a lock on an
 * open file (flock). trylock-delay has no doorbell: a worker that fails tries again half a second
 * later, as nginx does with accept_mutex. So the holder keeps the lock as long as it is fast; if it
 * is slow, connections wait until the next worker tries.
 *
 * Cost: 1 wakeup per connection for the holder and, if a doorbell is rung for a sleeping worker, 1
 * for that worker, whether it gets the lock or not. On PREEMPT_RT, where spin locks sleep, the two
 * may contend for the lock of the pipe: up to 2 more.
 *
 * If the holder is killed, the lock is released (a robust mutex returns EOWNERDEAD; the kernel
 * releases the others), and the supervisor rings. A stopped holder blocks all other workers.
 */

#include "harness/lib/message.h"
#include "lock.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DELAY_MS = 500 }; /* nginx's accept_mutex_delay */

static const char *const lock_names[] = {"robust", "fcntl", "flock", "trylock-delay", NULL};
static const struct {
    enum lock_kind kind;
    bool has_doorbell;
} locks[] = {{LOCK_ROBUST, true}, {LOCK_FCNTL, true}, {LOCK_FLOCK, true}, {LOCK_ROBUST, false}};
static unsigned choice;

static struct lock *lock;
static int doorbell[2];

/* Workers that may sleep until the doorbell rings, in shared memory; never too low, and too high by
 * those that were killed, which costs unneeded rings. */
static unsigned *waiters;

/* One worker, in its own process. */
static bool holding, waiting;

static void ring(void)
{
    if (locks[choice].has_doorbell && __atomic_load_n(waiters, __ATOMIC_SEQ_CST) > 0)
        (void)!write(doorbell[1], "", 1); /* a full pipe wakes the waiters as well */
}

static bool try_lock(void)
{
    int error = lock_try(lock);
    if (error != 0 && error != EBUSY)
        worker_fail("cannot take the lock: %s", strerror(error));
    return error == 0;
}

/* A worker that fails must be counted as waiting *before* its last try: otherwise an unlock between
 * the two would ring for no one and the wakeup would be lost. */
static bool lock_or_wait(void)
{
    bool locked = try_lock();
    if (!locked && !waiting) {
        waiting = true;
        __atomic_fetch_add(waiters, 1, __ATOMIC_SEQ_CST);
        locked = try_lock();
    }
    if (locked && waiting) {
        waiting = false;
        __atomic_fetch_sub(waiters, 1, __ATOMIC_SEQ_CST);
    }
    return locked;
}

static void unlock(struct worker *w)
{
    if (!holding)
        return;
    holding = false;
    w->stats->holds_lock = 0;
    lock_release(lock);
    ring();
}

/* A worker that stops takes no lock, so it must not watch the doorbell while it finishes: it would consume a ring that a
 * waiting worker needs, and all would sleep. A ring that it has already been woken for is passed on. */
static void leave(struct worker *w)
{
    evq_del(w->queue, doorbell[0]);
    if (waiting)
        __atomic_fetch_sub(waiters, 1, __ATOMIC_SEQ_CST);
    waiting = false;
    bool held = holding;
    unlock(w);
    if (!held)
        ring();
}

/* Only the holder of the lock watches the listener while it waits. */
static void prepare_to_wait(struct worker *w)
{
    if (!holding)
        w->stats->holds_lock = holding = lock_or_wait();
    if (holding && !w->listener_watched)
        worker_watch_listener(w, EVQ_READ);
    else if (!holding)
        worker_unwatch_listener(w);
    w->timeout_ms = holding || locks[choice].has_doorbell ? -1 : DELAY_MS;
}

static void take_after_unlocking(struct worker *w, int fd)
{
    if (server.accept == ACCEPT_ONE)
        unlock(w);
    worker_serve(w, fd);
}

static void listener_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)watch, (void)flags;
    worker_take_connections(w);
    unlock(w);
}

static void doorbell_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    char rings[64];
    (void)flags;
    /* All rings at once: there is only one lock. */
    if (read(watch->fd, rings, sizeof rings) > 0)
        w->progress = true;
}

static void worker(struct worker *w)
{
    struct watch bell = {doorbell[0], doorbell_ready};
    /* A ring wakes one waiter, not all, if the kernel supports it. */
    worker_watch(w, &bell, evq_unsupported(EVQ_WAKEONE) ? EVQ_READ : EVQ_READ | EVQ_WAKEONE);
    if (!lock_join(lock))
        worker_fail("worker %u cannot open the lock: %s", w->id, strerror(errno));
    w->listener.ready = listener_ready;
    w->take = take_after_unlocking;
    do {
        if (!w->stopping)
            prepare_to_wait(w);
    } while (worker_iterate(w));
}

static void set_up(unsigned workers)
{
    (void)workers;
    lock = lock_new(locks[choice].kind);
    waiters = mmap(NULL, sizeof *waiters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                   0);
    if (!lock || waiters == MAP_FAILED || pipe(doorbell) != 0)
        fail("cannot make the lock and its doorbell: %s", strerror(errno));
    for (int i = 0; i < 2; i++)
        fcntl(doorbell[i], F_SETFL, O_NONBLOCK);
}

static const struct option_spec options[] = {
    {OPTION_CHOICE, "lock", "LOCK", "robust, fcntl, flock or trylock-delay (robust)", &choice, 0, 0,
     lock_names},
    OPTIONS_END,
};

static const struct variant variants[] = {
    VARIANT("mutex", "", "n>1 ? 2 : 1 .. n>1 ? 2+2*r : 1", ANY),
    VARIANT("mutex-fcntl", "--lock fcntl", "n>1 ? 2 : 1 .. n>1 ? 2+2*r : 1", ANY),
    VARIANT("mutex-flock", "--lock flock", "n>1 ? 2 : 1 .. n>1 ? 2+2*r : 1", ANY),
    VARIANT("mutex-trylock-delay", "--lock trylock-delay", "1", ANY),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "only the holder of a lock watches the listener",
    .variants = variants,
    .options = options,
    .worker = worker,
    .set_up = set_up,
    .process_died = ring,
    .stop = leave,
};
