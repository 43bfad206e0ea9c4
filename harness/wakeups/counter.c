/* SPDX-License-Identifier: BSD-2-Clause */
#include "counter.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/proc.h"
#include "processes.h"
#include "trace.h"
#include "tracepoint.h"
#include "wakeups.skel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EVENTS_SIZE = 1 << 20 };

struct counter {
    struct wakeups_bpf *bpf;
    unsigned slots;
    struct task *task; /* [slots + 1], mapped; [0] is unused */
    size_t task_size;
    int slot_of, free_slots;
    struct ring_buffer *events;
    void (*on_event)(const struct event *);
    struct trace *trace; /* NULL = none; the rings of the CPUs, one after the other, are mapped */
    struct trace_event *traced;
    unsigned cpus, trace_bits;
};

/* Newer architectures do not have calls that were replaced by newer ones. */
static const struct {
    unsigned number;
    enum call call;
} calls[] = {
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, CALL_WAIT},
#endif
    {SYS_epoll_pwait, CALL_WAIT},
    {SYS_epoll_pwait2, CALL_WAIT},
#ifdef SYS_poll
    {SYS_poll, CALL_WAIT},
    {SYS_select, CALL_WAIT},
    {SYS_accept, CALL_ACCEPT},
#endif
    {SYS_ioctl, CALL_WAIT}, /* kevent, where it is one: kernel/kqueue */
    {SYS_ppoll, CALL_WAIT},
    {SYS_pselect6, CALL_WAIT},
    {SYS_accept4, CALL_ACCEPT},
    {SYS_read, CALL_READ},
    {SYS_readv, CALL_READ},
    {SYS_pread64, CALL_READ},
    {SYS_preadv, CALL_READ},
    {SYS_recvfrom, CALL_READ},
    {SYS_recvmsg, CALL_READ},
    {SYS_recvmmsg, CALL_READ},
    {SYS_write, CALL_WRITE},
    {SYS_writev, CALL_WRITE},
    {SYS_sendto, CALL_WRITE},
    {SYS_sendmsg, CALL_WRITE},
    {SYS_sendmmsg, CALL_WRITE},
    {SYS_sendfile, CALL_WRITE},
    {SYS_splice, CALL_WRITE},
    {SYS_io_uring_enter, CALL_SLEPT},
    {SYS_futex, CALL_SLEPT},
    {SYS_flock, CALL_SLEPT},
    {SYS_fcntl, CALL_SLEPT},
    {SYS_semop, CALL_SLEPT},
    {SYS_semtimedop, CALL_SLEPT},
    {SYS_wait4, CALL_SLEPT},
    {SYS_rt_sigtimedwait, CALL_SLEPT},
};

/* ---- time ---- */

static int64_t clock_offset_ns; /* from the BPF program's CLOCK_MONOTONIC to this process's */

static bool is_of_those_to_come(void)
{
    struct stat own, of_children;
    return stat("/proc/self/ns/time", &own) == 0 &&
           stat("/proc/self/ns/time_for_children", &of_children) == 0 &&
           own.st_ino != of_children.st_ino;
}

/* bpf_ktime_get_ns() ignores time namespaces. The readable offsets are those of children: see time_namespaces(7). */
static void find_clock_offset(void)
{
    long long seconds, ns;
    clock_offset_ns = 0;
    FILE *file = is_of_those_to_come() ? NULL : fopen("/proc/self/timens_offsets", "re");
    if (!file)
        return;
    if (fscanf(file, "monotonic %lld %lld", &seconds, &ns) == 2)
        clock_offset_ns = seconds * (int64_t)NS_PER_S + ns;
    fclose(file);
}

static uint64_t kernel_ns(void)
{
    return clock_ns() - (uint64_t)clock_offset_ns;
}

/* ---- opening ---- */

/* Since Linux 5.18 the fourth argument of the tracepoint sched_switch is the state of the task that is switched out. Where
 * the BTF does not describe the tracepoint, the program reads the state from the task, which is correct except for a task
 * that is woken at this moment. */
static bool switch_has_state(void)
{
    struct btf *btf = btf__load_vmlinux_btf();
    bool has_state = tracepoint_takes_integer(btf, "sched_switch", 3);
    btf__free(btf);
    return has_state;
}

static unsigned slots_for(const struct counter_options *options)
{
    return options->tasks < SLOTS_MAX ? options->tasks : SLOTS_MAX;
}

/* A process has a PID per PID namespace; the reader uses those of /proc. */
static bool set_pid_namespace(struct wakeups_bpf *bpf)
{
    static const uint32_t INITIAL = 0xEFFFFFFC; /* include/linux/proc_ns.h: PROC_PID_INIT_INO */
    uint32_t namespace;
    bool known = proc_namespace(&namespace);
    bpf->rodata->pid_namespace = namespace == INITIAL ? 0 : namespace;
    return known;
}

static void configure(struct wakeups_bpf *bpf, const struct counter_options *options)
{
    unsigned slots = slots_for(options) + 1;
    bpf_program__set_autoload(
        switch_has_state() ? bpf->progs.sched_switch_stateless : bpf->progs.sched_switch, false);
    bpf->rodata->follow_children = options->follow_children;
    bpf->rodata->report_connections = options->on_event != NULL;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        bpf->rodata->call_of_number[calls[i].number] = (uint8_t)calls[i].call;
    bpf_map__set_max_entries(bpf->maps.slot_of, slots);
    bpf_map__set_max_entries(bpf->maps.slots, slots);
    bpf_map__set_max_entries(bpf->maps.free_slots, slots);
    if (options->on_event)
        bpf_map__set_max_entries(bpf->maps.events, EVENTS_SIZE);
}

/* Each CPU has the same number of events, a power of two. */
static void configure_trace(struct counter *counter, const struct counter_options *options)
{
    int cpus = libbpf_num_possible_cpus();
    counter->trace = options->trace;
    if (!options->trace)
        return;
    counter->cpus = cpus < 1 ? 1 : cpus < CPUS_MAX ? (unsigned)cpus : CPUS_MAX;
    while ((2ULL << counter->trace_bits) * counter->cpus <= TRACE_EVENTS_MAX)
        counter->trace_bits++;
    counter->bpf->rodata->trace_bits = counter->trace_bits;
    bpf_map__set_max_entries(counter->bpf->maps.traced, counter->cpus << counter->trace_bits);
}

static size_t traced_size(const struct counter *counter)
{
    return sizeof(struct trace_event) * ((size_t)counter->cpus << counter->trace_bits);
}

static bool map_trace(struct counter *counter)
{
    if (!counter->trace)
        return true;
    void *traced = mmap(NULL, traced_size(counter), PROT_READ, MAP_SHARED,
                        bpf_map__fd(counter->bpf->maps.traced), 0);
    counter->traced = traced == MAP_FAILED ? NULL : traced;
    counter->trace->began_at = kernel_ns();
    return counter->traced != NULL;
}

static bool map_slots(struct counter *counter)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = sizeof(struct task) * (counter->slots + 1);
    counter->task_size = (size + page - 1) / page * page;
    counter->task = mmap(NULL, counter->task_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                         bpf_map__fd(counter->bpf->maps.slots), 0);
    if (counter->task == MAP_FAILED)
        counter->task = NULL;
    return counter->task != NULL;
}

static bool fill_free_slots(struct counter *counter)
{
    for (uint32_t slot = 1; slot <= counter->slots; slot++)
        if (bpf_map_update_elem(counter->free_slots, NULL, &slot, BPF_ANY) != 0)
            return false;
    return true;
}

static int tell_event(void *context, void *data, size_t size)
{
    const struct counter *counter = context;
    if (size >= sizeof(struct event))
        counter->on_event(data);
    return 0;
}

static bool set_up(struct counter *counter, const struct counter_options *options)
{
    struct wakeups_bpf *bpf = counter->bpf = wakeups_bpf__open();
    if (!bpf)
        return false;
    configure(bpf, options);
    configure_trace(counter, options);
    if (!set_pid_namespace(bpf)) {
        errno = EXDEV;
        return false;
    }
    if (wakeups_bpf__load(bpf) != 0)
        return false;
    counter->slots = slots_for(options);
    counter->slot_of = bpf_map__fd(bpf->maps.slot_of);
    counter->free_slots = bpf_map__fd(bpf->maps.free_slots);
    if (!map_slots(counter) || !map_trace(counter) || !fill_free_slots(counter))
        return false;
    counter->on_event = options->on_event;
    if (options->on_event) {
        counter->events = ring_buffer__new(bpf_map__fd(bpf->maps.events), tell_event, counter,
                                           NULL);
        if (!counter->events)
            return false;
    }
    return wakeups_bpf__attach(bpf) == 0;
}

static const char *reason(int error)
{
    static char text[128];
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        return "BTF is unavailable in this kernel (/sys/kernel/btf/vmlinux)";
    if (error == EXDEV)
        return "cannot determine the PID namespace of /proc: no readable process";
    if (error == EPERM)
        return geteuid() == 0 ? "BPF is not permitted, even for root: a container, "
                                "lockdown, or RLIMIT_MEMLOCK"
                              : "BPF needs root, or CAP_BPF and CAP_PERFMON";
    snprintf(text, sizeof text, "the kernel rejects the BPF program: %s", strerror(error));
    return text;
}

struct counter *counter_open(const struct counter_options *options, const char **why)
{
    struct counter *counter = calloc(1, sizeof *counter);
    if (!counter)
        fail("out of memory");
    libbpf_set_print(NULL);
    find_clock_offset();
    errno = 0;
    if (set_up(counter, options))
        return counter;
    *why = reason(errno);
    counter_close(counter);
    return NULL;
}

void counter_close(struct counter *counter)
{
    if (!counter)
        return;
    ring_buffer__free(counter->events);
    if (counter->traced)
        munmap(counter->traced, traced_size(counter));
    if (counter->task)
        munmap(counter->task, counter->task_size);
    wakeups_bpf__destroy(counter->bpf);
    free(counter);
}

void counter_stop(struct counter *counter)
{
    wakeups_bpf__detach(counter->bpf);
}

/* ---- trace ---- */

static void name_thread(struct trace *trace, const struct task *task)
{
    if (trace && task->tid)
        trace_name(trace, task->tid, task->tgid, task->name, !task->ended);
}

void counter_mark(const struct counter *counter, const char *text)
{
    if (counter->trace)
        trace_mark(counter->trace, kernel_ns(), text);
}

void counter_end_trace(const struct counter *counter)
{
    uint64_t size = 1ULL << counter->trace_bits;
    counter->trace->ended_at = kernel_ns();
    counter->trace->missed = counter_losses(counter).runs;
    for (unsigned cpu = 0; cpu < counter->cpus; cpu++)
        trace_take(counter->trace, counter->traced + cpu * size, size,
                   counter->bpf->bss->trace_heads[cpu].written);
    for (unsigned slot = 1; slot <= counter->slots; slot++)
        name_thread(counter->trace, &counter->task[slot]);
    trace_end(counter->trace);
}

/* ---- tracked tasks ---- */

void counter_release(struct counter *counter, uint32_t slot)
{
    name_thread(counter->trace, &counter->task[slot]);
    memset(&counter->task[slot], 0, sizeof counter->task[slot]);
    bpf_map_update_elem(counter->free_slots, NULL, &slot, BPF_ANY);
}

/* Invalidates the cache, whose entries would hide a thread that has just been added. */
static void clear_task_cache(struct wakeups_bpf *bpf)
{
    __atomic_fetch_add(&bpf->bss->generation, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < TASK_CACHE; i++)
        __atomic_store_n(&bpf->bss->task_cache[i], 0, __ATOMIC_RELAXED);
}

/* The thread may already have been added at its parent's fork, and may end at any time. */
static bool add_thread(struct counter *counter, pid_t pid, pid_t tid)
{
    uint32_t slot, key = (uint32_t)tid;
    if (bpf_map_lookup_elem(counter->slot_of, &key, &slot) == 0)
        return false;
    if (bpf_map_lookup_and_delete_elem(counter->free_slots, NULL, &slot) != 0) {
        __atomic_fetch_add(&counter->bpf->bss->losses.tasks, 1, __ATOMIC_RELAXED);
        return false;
    }
    struct task *task = &counter->task[slot];
    task->tid = key;
    task->tgid = (uint32_t)pid;
    process_name(pid, task->name, sizeof task->name);
    task->began.at = kernel_ns();
    thread_times(pid, tid, &task->began.cpu_ns, &task->began.queued_ns);
    if (bpf_map_update_elem(counter->slot_of, &key, &slot, BPF_NOEXIST) != 0) {
        counter_release(counter, slot);
        return false;
    }
    clear_task_cache(counter->bpf);
    if (!thread_exists(pid, tid) && bpf_map_delete_elem(counter->slot_of, &key) == 0)
        task->ended = 1;
    return true;
}

struct addition {
    struct counter *counter;
    pid_t pid;
    bool any;
};

static void add_one(pid_t tid, void *context)
{
    struct addition *addition = context;
    if (add_thread(addition->counter, addition->pid, tid))
        addition->any = true;
}

bool counter_add(struct counter *counter, pid_t pid)
{
    struct addition addition = {.counter = counter, .pid = pid};
    do { /* threads created meanwhile are added at fork, if their parents were added before */
        addition.any = false;
        if (!each_thread(pid, add_one, &addition))
            return false;
    } while (addition.any);
    return true;
}

void counter_watch(struct counter *counter, const struct listener *listener)
{
    uint8_t is_watched = 1;
    if (bpf_map_update_elem(bpf_map__fd(counter->bpf->maps.watched), listener, &is_watched,
                            BPF_ANY) != 0)
        fail("cannot track more than %d listening sockets: %s", LISTENERS_MAX, strerror(errno));
}

/* ---- samples ---- */

/* The task ended while the counter was detached. */
static void end_unseen(struct counter *counter, struct task *task)
{
    uint32_t key = task->tid;
    bpf_map_delete_elem(counter->slot_of, &key);
    __atomic_store_n(&task->ended, 1, __ATOMIC_RELEASE);
}

static void each_living(struct counter *counter, void (*visit)(struct counter *, struct task *))
{
    for (unsigned slot = 1; slot <= counter->slots; slot++)
        if (counter->task[slot].tid && !counter->task[slot].ended)
            visit(counter, &counter->task[slot]);
}

static void pause_task(struct counter *counter, struct task *task)
{
    pid_t pid = (pid_t)task->tgid, tid = (pid_t)task->tid;
    if (!thread_exists(pid, tid))
        end_unseen(counter, task);
    else if (thread_times(pid, tid, &task->end.cpu_ns, &task->end.queued_ns))
        task->end.at = kernel_ns();
}

/* Activity between samples is attributed to the time before the sample. */
static void resume_task(struct counter *counter, struct task *task)
{
    pid_t pid = (pid_t)task->tgid, tid = (pid_t)task->tid;
    uint64_t cpu_ns, queued_ns;
    if (!thread_exists(pid, tid)) {
        end_unseen(counter, task);
        return;
    }
    if (task->end.at && thread_times(pid, tid, &cpu_ns, &queued_ns)) {
        task->began.at += kernel_ns() - task->end.at;
        task->began.cpu_ns += cpu_ns - task->end.cpu_ns;
        task->began.queued_ns += queued_ns - task->end.queued_ns;
    }
    memset(&task->end, 0, sizeof task->end);
    task_was_not_watched(task);
}

void counter_pause(struct counter *counter)
{
    counter_stop(counter);
    each_living(counter, pause_task);
}

bool counter_resume(struct counter *counter)
{
    each_living(counter, resume_task);
    memset(counter->bpf->bss->arrivals, 0, sizeof counter->bpf->bss->arrivals);
    clear_task_cache(counter->bpf);
    return wakeups_bpf__attach(counter->bpf) == 0;
}

/* ---- reading ---- */

unsigned counter_slots(const struct counter *counter)
{
    return counter->slots;
}

const struct task *counter_slot(const struct counter *counter, unsigned slot)
{
    return &counter->task[slot];
}

const struct task *counter_find(const struct counter *counter, pid_t tid)
{
    uint32_t slot, key = (uint32_t)tid;
    if (bpf_map_lookup_elem(counter->slot_of, &key, &slot) != 0)
        return NULL;
    return &counter->task[slot];
}

uint64_t counter_asleep_ns(const struct task *task)
{
    uint64_t at = task->end.at, cpu_ns = task->end.cpu_ns, queued_ns = task->end.queued_ns;
    if (!at) {
        if (!thread_times((pid_t)task->tgid, (pid_t)task->tid, &cpu_ns, &queued_ns))
            return 0;
        at = kernel_ns();
    }
    uint64_t awake = cpu_ns - task->began.cpu_ns + queued_ns - task->began.queued_ns;
    uint64_t alive = at - task->began.at;
    return alive > awake ? alive - awake : 0;
}

uint64_t counter_connections(const struct counter *counter)
{
    return __atomic_load_n(&counter->bpf->bss->connections, __ATOMIC_RELAXED);
}

struct losses counter_losses(const struct counter *counter)
{
    struct losses losses = counter->bpf->bss->losses;
    struct bpf_program *program;
    bpf_object__for_each_program(program, counter->bpf->obj)
    {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof info;
        if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
            losses.runs += info.recursion_misses;
    }
    return losses;
}

void counter_poll(struct counter *counter)
{
    if (counter->events)
        ring_buffer__consume(counter->events);
}
