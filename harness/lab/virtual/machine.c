/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lab/virtual/machine.h"

#include <dlfcn.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

struct cpu {
    struct clock clock;
    pthread_cond_t *halt; /* its condition while halted; NULL until it has halted */
};

static struct {
    bool on;
    unsigned cpus;
    struct cpu cpu[SCHED_TASKS - 1];
    machine_used *used;
    struct sched sched;
    pthread_t main_loop;
    pthread_mutex_t *big_lock; /* QEMU's, held to access a device; NULL until a CPU has halted */
    uint64_t main_ps;          /* the main loop's clock */
    uint64_t shown_ps;         /* the latest time returned to any thread */
} machine;

static __thread int self = -1; /* the virtual CPU of this thread */
static __thread bool halts_next;

/* ---- time ---- */

static void end_own_slice(void)
{
    uint64_t *used = machine.used((unsigned)self);
    *used = clock_end_slice(&machine.cpu[self].clock, *used);
}

/* The task of this thread; -1 = not a thread of the machine */
static int own_task(void)
{
    if (self >= 0)
        return self + 1;
    return pthread_equal(pthread_self(), machine.main_loop) ? SCHED_TIMERS : -1;
}

static uint64_t own_time(void)
{
    switch (own_task()) {
    case -1:
        return machine.shown_ps;
    case SCHED_TIMERS:
        return machine.main_ps;
    default:
        return machine_ps((unsigned)self);
    }
}

/* The returned time never decreases, also between virtual CPUs: arm64's clocksource ignores the
 * sign of a difference (a CPU that is a quantum behind gets the time of the one ahead). */
static uint64_t now(void)
{
    uint64_t own = own_time();
    uint64_t shown = __atomic_load_n(&machine.shown_ps, __ATOMIC_RELAXED);
    while (own > shown && !__atomic_compare_exchange_n(&machine.shown_ps, &shown, own, false,
                                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return own > shown ? own : shown;
}

uint64_t machine_ps(unsigned cpu)
{
    return clock_at(&machine.cpu[cpu].clock, *machine.used(cpu));
}

uint64_t machine_busy_ps(unsigned cpu)
{
    return clock_busy_at(&machine.cpu[cpu].clock, *machine.used(cpu));
}

uint64_t machine_shown_ps(void)
{
    return machine.shown_ps;
}

uint64_t machine_instructions(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < machine.cpus; i++)
        sum += machine.cpu[i].clock.executed;
    return sum;
}

const struct sched_counts *machine_counts(void)
{
    return &machine.sched.counts;
}

/* ---- calls from the plugin ---- */

void machine_is_cpu(unsigned cpu)
{
    self = (int)cpu;
    *machine.used(cpu) = machine.cpu[cpu].clock.base = CLOCK_CALL;
}

void machine_idles(void)
{
    halts_next = true;
}

void machine_slice_ends(unsigned cpu)
{
    struct clock *clock = &machine.cpu[cpu].clock;
    end_own_slice();
    sched_yield_at(&machine.sched, cpu + 1, clock->ps);
    const struct sched_task *task = &machine.sched.task[cpu + 1];
    clock_skip_to(clock, task->clock);
    uint64_t *used = machine.used(cpu);
    *used = clock_begin(clock, *used, task->end - task->clock);
}

void machine_stall(unsigned cpu, uint64_t instructions)
{
    *machine.used(cpu) += instructions;
    machine.cpu[cpu].clock.stalled += instructions;
}

void machine_begin(unsigned cpus, uint64_t price, uint64_t quantum, machine_used *used)
{
    machine.cpus = cpus;
    machine.used = used;
    machine.main_loop = pthread_self();
    machine.main_ps = machine.shown_ps = MACHINE_BEGINS_PS;
    for (unsigned i = 0; i < cpus; i++)
        machine.cpu[i].clock.price = price;
    sched_init(&machine.sched, cpus, quantum);
    machine.on = true;
}

/* ---- functions that replace those of the C library in QEMU ---- */

/* The next function of that name; if there are several versions, the one that QEMU is linked with (x86-64: of 2003) */
static void *next(const char *name)
{
    void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    return found ? found : dlsym(RTLD_NEXT, name);
}
#define REAL(name)                   \
    static __typeof__(&(name)) real; \
    if (!real)                       \
    real = (__typeof__(&(name)))next(#name)

PUBLIC int clock_gettime(clockid_t clock, struct timespec *ts)
{
    REAL(clock_gettime);
    if (!machine.on || clock != CLOCK_MONOTONIC)
        return real(clock, ts);
    uint64_t ns = now() / PS_PER_NS;
    ts->tv_sec = (time_t)(ns / 1000000000);
    ts->tv_nsec = (long)(ns % 1000000000);
    return 0;
}

/* The virtual CPU of this thread halts. It is woken by signalled(), not by QEMU's condition, since a broadcast without
 * holding the lock would be lost. */
static void halt(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    struct cpu *cpu = &machine.cpu[self];
    unsigned task = (unsigned)self + 1;
    halts_next = false;
    cpu->halt = cond;
    machine.big_lock = mutex;
    end_own_slice();
    sched_sleep(&machine.sched, task, cpu->clock.ps);
    pthread_mutex_unlock(mutex);
    sched_await(&machine.sched, task);
    pthread_mutex_lock(mutex);
    clock_skip_to(&cpu->clock, machine.sched.task[task].clock);
}

/* All other waits are also in the scheduler, so that two tasks never run at the same time. */
static void block(unsigned task, const pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    if (self >= 0)
        end_own_slice();
    sched_block(&machine.sched, task, cond);
    pthread_mutex_unlock(mutex);
    sched_await(&machine.sched, task);
    pthread_mutex_lock(mutex);
}

PUBLIC int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    REAL(pthread_cond_wait);
    int task = machine.on ? own_task() : -1;
    if (task < 0)
        return real(cond, mutex);
    if (self >= 0 && (halts_next || machine.cpu[self].halt == cond))
        halt(cond, mutex);
    else
        block((unsigned)task, cond, mutex);
    return 0;
}

static bool has_big_lock(void)
{
    return machine.big_lock && machine.big_lock->__data.__owner == gettid();
}

/* A waker ends its time slice, which was computed for the CPUs that were awake: otherwise it would run ahead of the woken one. */
static void wake(unsigned n)
{
    if (sched_wake(&machine.sched, n + 1, now()) && self >= 0)
        end_own_slice();
}

/* The condition of a virtual CPU is signalled for one of two reasons: an interrupt, with the big lock held, or because
 * another CPU has queued work to do before its next instruction (TLB invalidations, tens of thousands while a kernel
 * boots), without the lock. A sleeping CPU need not be woken for that: it does the work when it wakes. */
static void signalled(const pthread_cond_t *cond)
{
    if (!machine.on)
        return;
    for (unsigned i = 0; i < machine.cpus; i++) {
        if (machine.cpu[i].halt != cond)
            continue;
        if ((int)i != self && has_big_lock())
            wake(i);
        return;
    }
    sched_unblock_all(&machine.sched, cond);
}

PUBLIC int pthread_cond_broadcast(pthread_cond_t *cond)
{
    REAL(pthread_cond_broadcast);
    signalled(cond);
    return real(cond);
}

/* All waiters continue, and check their condition. */
PUBLIC int pthread_cond_signal(pthread_cond_t *cond)
{
    return pthread_cond_broadcast(cond);
}

/* A virtual CPU that has set a timer ends its time slice, which may end after the timer. */
PUBLIC ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    ssize_t written = real(fd, data, size);
    if (!machine.on || size != sizeof(uint64_t) || !sched_any_awake(&machine.sched))
        return written;
    sched_notify(&machine.sched, now());
    if (self >= 0)
        end_own_slice();
    return written;
}

/* If all virtual CPUs sleep: the next timer, immediately, or an external event */
static int poll_alone(__typeof__(&ppoll) real, struct pollfd *fds, nfds_t n, uint64_t timeout,
                      const sigset_t *mask)
{
    const struct timespec slice = {0, timeout == SCHED_NEVER ? 20000000 : 0};
    int ready = real(fds, n, &slice, mask);
    if (ready == 0 && timeout != SCHED_NEVER && !sched_any_awake(&machine.sched))
        machine.main_ps = now() + timeout;
    return ready;
}

static uint64_t timeout_ps(const struct timespec *timeout)
{
    if (!timeout || (uint64_t)timeout->tv_sec > SCHED_NEVER / PS_PER_NS / 1000000000 / 2)
        return SCHED_NEVER;
    return ((uint64_t)timeout->tv_sec * 1000000000 + (uint64_t)timeout->tv_nsec) * PS_PER_NS;
}

PUBLIC int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
    REAL(ppoll);
    if (!machine.on || own_task() != SCHED_TIMERS)
        return real(fds, n, timeout, mask);
    uint64_t wait = timeout_ps(timeout);
    if (!sched_any_awake(&machine.sched))
        return poll_alone(real, fds, n, wait, mask);
    machine.main_ps = now();
    sched_yield_at(&machine.sched, SCHED_TIMERS,
                   wait == SCHED_NEVER ? SCHED_NEVER : machine.main_ps + wait);
    uint64_t end = machine.sched.task[SCHED_TIMERS].clock;
    if (end > machine.main_ps && end < SCHED_NEVER)
        machine.main_ps = end;
    const struct timespec at_once = {0, 0};
    return real(fds, n, &at_once, mask);
}
