/* A machine in virtual time: QEMU's virtual CPUs, one host thread each (-accel tcg,thread=multi), scheduled by the
 * instructions that they execute (sched.h, clock.h). This object is both a plugin of QEMU's, which counts instructions, and
 * preloaded into it, so that what QEMU takes time and waits by goes through here:
 *
 *   clock_gettime(CLOCK_MONOTONIC)  virtual time: of the virtual CPU that asks, or of the main loop
 *   ppoll                           the main loop waits for a time slice, and its next timer is when it has it
 *   write of 8 bytes                to an eventfd: there is something to do for the main loop
 *   pthread_cond_wait               a virtual CPU halts, or waits in the emulator
 *   pthread_cond_broadcast, _signal a virtual CPU is woken, at the waker's time, or may go on
 *
 * All clocks of an arm64 guest (-M virt, generic timer, GICv3) come from QEMU's virtual clock, and so from here; a TSC would not.
 *
 * Options of the plugin: price=PS (an instruction; 1000), quantum=PS (2000000), counts=FILE (written at the end). */

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/lab/virtual/clock.h"
#include "harness/lab/virtual/qemu_plugin.h"
#include "harness/lab/virtual/sched.h"

#define PUBLIC __attribute__((visibility("default")))

PUBLIC extern int qemu_plugin_version;
PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

struct cpu {
    struct clock clock;
    pthread_cond_t *halt; /* what it waits for when it has halted; NULL until it has */
};

#define BEGINS_PS (UINT64_C(1000000000) * PS_PER_NS) /* the same in each run */

static struct {
    bool on;
    unsigned cpus;
    struct cpu cpu[SCHED_TASKS - 1];
    struct qemu_plugin_scoreboard *board;
    struct sched sched;
    pthread_t main_loop;
    pthread_mutex_t *big_lock; /* QEMU's, held to access a device; NULL until a CPU has halted */
    uint64_t main_ps;          /* the main loop's clock */
    uint64_t shown_ps;         /* the latest time returned to any thread */
    long host_ms;              /* when it began, by the clock of the host */
    const char *counts_file;
} machine;

static __thread int self = -1; /* the virtual CPU of this thread */
static __thread bool halts_next;

/* ---- time ---- */

/* What QEMU counts of a virtual CPU. The scoreboard moves when it grows, which it does while CPUs are made. */
static uint64_t *used_of(int n)
{
    return qemu_plugin_scoreboard_find(machine.board, (unsigned)n);
}

static void end_own_slice(void)
{
    *used_of(self) = clock_end_slice(&machine.cpu[self].clock, *used_of(self));
}

/* The task of this thread: -1 = of those that are none of the machine's */
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
        return clock_at(&machine.cpu[self].clock, *used_of(self));
    }
}

/* What a thread is told never goes back, also not from one virtual CPU to another: arm64's clocksource does not look at the
 * sign of a difference (a CPU a quantum behind is told the time of the one in front). */
static uint64_t now(void)
{
    uint64_t own = own_time();
    uint64_t shown = __atomic_load_n(&machine.shown_ps, __ATOMIC_RELAXED);
    while (own > shown && !__atomic_compare_exchange_n(&machine.shown_ps, &shown, own, false,
                                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return own > shown ? own : shown;
}

/* ---- instructions ---- */

/* Called before a block of instructions when the time slice is over */
static void on_slice_end(unsigned n, void *unused)
{
    (void)unused;
    struct cpu *cpu = &machine.cpu[n];
    end_own_slice();
    sched_yield_at(&machine.sched, n + 1, cpu->clock.ps);
    const struct sched_task *task = &machine.sched.task[n + 1];
    clock_skip_to(&cpu->clock, task->clock);
    *used_of((int)n) = clock_begin(&cpu->clock, *used_of((int)n), task->end - task->clock);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    const qemu_plugin_u64 used = {machine.board, 0};
    qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_slice_end, QEMU_PLUGIN_CB_NO_REGS,
                                              QEMU_PLUGIN_COND_GE, used, CLOCK_CALL, NULL);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, used,
                                                      qemu_plugin_tb_n_insns(tb));
}

static void on_cpu(qemu_plugin_id_t id, unsigned n)
{
    (void)id;
    struct cpu *cpu = &machine.cpu[n];
    self = (int)n;
    *used_of(self) = cpu->clock.base = CLOCK_CALL;
}

static void on_idle(qemu_plugin_id_t id, unsigned n)
{
    (void)id;
    (void)n;
    halts_next = true;
}

/* ---- what QEMU calls ---- */

/* The next function of that name; of several versions the one that QEMU is linked with (x86-64: of 2003) */
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

/* The virtual CPU of this thread halts: woken by signalled(), not by QEMU's condition, since a broadcast by one without
 * the lock would be lost. */
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

/* Anything else is waited for in the scheduler as well, so that no two tasks are ever under way at the same time. */
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

/* One that wakes another ends its time slice, which was made for the CPUs that were awake: it would run ahead of the other. */
static void wake(unsigned n)
{
    if (sched_wake(&machine.sched, n + 1, now()) && self >= 0)
        end_own_slice();
}

/* A virtual CPU has its condition signalled for one of two reasons: an interrupt, by one who has the big lock, or because
 * another has left it something to do before its next instruction (TLB invalidations, by the ten thousand while a kernel
 * boots), without. One that sleeps need not be woken for that: it finds it when it wakes. */
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

/* All who wait for it go on, and look whether it was for them. */
PUBLIC int pthread_cond_signal(pthread_cond_t *cond)
{
    return pthread_cond_broadcast(cond);
}

/* A virtual CPU that has set a timer ends its time slice, which may be longer than that. */
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

/* When all virtual CPUs sleep: the next timer, at once, or something from outside */
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

/* ---- beginning and end ---- */

static void write_counts(qemu_plugin_id_t id, void *unused)
{
    (void)id;
    (void)unused;
    FILE *file = fopen(machine.counts_file, "w");
    if (!file)
        return;
    uint64_t instructions = 0;
    for (unsigned i = 0; i < machine.cpus; i++)
        instructions += machine.cpu[i].clock.executed;
    const struct sched_counts *c = &machine.sched.counts;
    struct timespec host;
    clock_gettime(CLOCK_MONOTONIC_RAW, &host);
    fprintf(file,
            "host_ms\t%ld\nvirtual_ps\t%" PRIu64 "\ninstructions\t%" PRIu64 "\nslices\t%" PRIu64
            "\nswitches\t%" PRIu64 "\nwakes\t%" PRIu64 "\n",
            host.tv_sec * 1000 + host.tv_nsec / 1000000 - machine.host_ms,
            machine.shown_ps - BEGINS_PS, instructions, c->slices, c->switches, c->wakes);
    fclose(file);
}

/* A number from 1 to 10^9, or 0 */
static uint64_t number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *text >= '0' && *text <= '9' && value <= 1000000000 ? value
                                                                                             : 0;
}

static int fail(const char *what, const char *value)
{
    fprintf(stderr, "virtual: %s%s\n", what, value);
    return -1;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    uint64_t price = 1000, quantum = 2000000;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "price=", 6) == 0)
            price = number(argv[i] + 6);
        else if (strncmp(argv[i], "quantum=", 8) == 0)
            quantum = number(argv[i] + 8);
        else if (strncmp(argv[i], "counts=", 7) == 0)
            machine.counts_file = strdup(argv[i] + 7);
        else
            return fail("there is no option ", argv[i]);
    }
    if (price == 0 || quantum == 0)
        return fail("price and quantum take picoseconds, from 1 to 1000000000", "");
    if (!info->system_emulation || strcmp(info->target_name, "aarch64") != 0)
        return fail(
            "takes qemu-system-aarch64: the clocks of others are not all virtual, as those of ",
            info->target_name);
    machine.cpus = (unsigned)info->system.max_vcpus;
    if (machine.cpus >= SCHED_TASKS)
        return fail("takes 256 CPUs at most", "");

    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC_RAW, &start);
    machine.host_ms = start.tv_sec * 1000 + start.tv_nsec / 1000000;
    machine.main_ps = machine.shown_ps = BEGINS_PS;
    for (unsigned i = 0; i < machine.cpus; i++)
        machine.cpu[i].clock.price = price;
    machine.board = qemu_plugin_scoreboard_new(
        64); /* bytes: a cache line of the host's, so that no two CPUs share one */
    machine.main_loop = pthread_self();
    sched_init(&machine.sched, machine.cpus, quantum);
    qemu_plugin_register_vcpu_init_cb(id, on_cpu);
    qemu_plugin_register_vcpu_idle_cb(id, on_idle);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    if (machine.counts_file)
        qemu_plugin_register_atexit_cb(id, write_counts, NULL);
    machine.on = true;
    return 0;
}
