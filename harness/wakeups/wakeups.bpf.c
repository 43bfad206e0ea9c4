/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Counts wakeups in the scheduler, and classifies them. Loaded by counter.c.
 *
 * Raw tracepoints only: they need no tracefs, and no kprobes or trampolines. The meaning of events is in task.h; this file
 * determines the thread that they concern. The programs run for every event of the machine, so each first checks, as
 * cheaply as possible, whether the task is tracked; and sched_waking runs with a wait queue locked, once per waiter, so its
 * cost is multiplied by their number.
 */

#include "kernel.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "events.h"
#include "task.h"

enum { NO_SLOT = 0 }; /* slot 0 is unused */

const volatile uint32_t pid_namespace; /* inode number of that of /proc; 0 = the initial one */
const volatile bool follow_children;
const volatile bool report_connections;
const volatile uint8_t call_of_number[CALL_NUMBERS]; /* enum call */
const volatile uint32_t trace_bits; /* each CPU traces the last 1 << trace_bits events; 0 = none */

uint64_t connections; /* established by tracked listeners */
uint32_t generation;  /* incremented when the reader adds threads */
uint64_t task_cache[TASK_CACHE];
struct losses losses;
struct trace_head trace_heads[CPUS_MAX];

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, uint32_t); /* thread */
    __type(value, uint32_t);
} slot_of SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, LISTENERS_MAX);
    __type(key, struct listener);
    __type(value, uint8_t);
} watched SEC(".maps");

/* Memory-mapped by the reader, which reads it without system calls. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, uint32_t);
    __type(value, struct task);
} slots SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_QUEUE);
    __uint(max_entries, 1);
    __type(value, uint32_t);
} free_slots SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} events SEC(".maps");

/* A part per CPU. Memory-mapped by the reader, which reads it once at the end. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, uint32_t);
    __type(value, struct trace_event);
} traced SEC(".maps");

/* ---- tracked tasks ---- */

/* Cache from a task's kernel address to its slot, or to NO_SLOT for an untracked one: direct-mapped by a hash; on a
 * collision the entry is replaced, and the other task is looked up in the map. An entry is one word, so no lock is needed:
 * 48 bits of the address, which is a multiple of 64 bytes, and the slot. */
enum { TASK_CACHE_BITS = 14, SLOT_BITS = 16 };

/* Knuth's multiplicative hash. */
static volatile uint64_t *short_way_of(uint64_t task)
{
    return &task_cache[(task >> 6) * 0x9e3779b97f4a7c15 >> (64 - TASK_CACHE_BITS) &
                       (TASK_CACHE - 1)];
}

static uint64_t short_way(uint64_t task, uint32_t slot)
{
    return (task >> 6) << SLOT_BITS | slot;
}

/* A process has a PID in its own PID namespace and in each ancestor. */
static uint32_t number_in(uint32_t namespace, const struct pid *pid)
{
    enum { LEVELS = 32 }; /* include/linux/pid_namespace.h: MAX_PID_NS_LEVEL */
    const char *numbers = (const char *)&pid->numbers[0];
    unsigned size = bpf_core_type_size(struct upid), level = BPF_CORE_READ(pid, level);
    for (unsigned i = 1; i <= LEVELS && i <= level; i++) {
        const struct upid *one = (const void *)(numbers + i * size);
        if (BPF_CORE_READ(one, ns, ns.inum) == namespace)
            return (uint32_t)BPF_CORE_READ(one, nr);
    }
    return 0;
}

/* The thread's ID as in /proc; 0 = not visible there. */
static uint32_t tid_of(const struct task_struct *task)
{
    if (pid_namespace)
        return number_in(pid_namespace, BPF_CORE_READ(task, thread_pid));
    return (uint32_t)BPF_CORE_READ(task, pid);
}

/* The reader adds a thread, increments the generation, and then clears the cache: a lookup made before that must not be
 * cached. */
static uint32_t find_slot(const struct task_struct *task)
{
    volatile uint64_t *way = short_way_of((uint64_t)task);
    uint32_t as_of = *(volatile uint32_t *)&generation;
    uint32_t tid = tid_of(task);
    uint32_t *found = bpf_map_lookup_elem(&slot_of, &tid);
    uint32_t slot = found ? *found : NO_SLOT;
    *way = short_way((uint64_t)task, slot);
    if (*(volatile uint32_t *)&generation != as_of)
        *way = 0;
    return slot;
}

static struct task *slot_at(uint32_t slot)
{
    return slot == NO_SLOT ? NULL : bpf_map_lookup_elem(&slots, &slot);
}

/* The kernel reuses the memory of tasks, and slots are reused, too: so each refers to the other. */
static struct task *task_of(const struct task_struct *task)
{
    uint64_t way = *short_way_of((uint64_t)task);
    if ((way ^ short_way((uint64_t)task, 0)) >> SLOT_BITS == 0) {
        struct task *t = slot_at(way & ((1 << SLOT_BITS) - 1));
        if (!t || t->wakings.task == (uint64_t)task)
            return t;
    }
    struct task *t = slot_at(find_slot(task));
    if (t)
        t->wakings.task = (uint64_t)task;
    return t;
}

/* ---- the connection that was just established on a CPU ---- */

/* The listener's waiters are woken immediately after it, one after the other. */
struct last_arrival arrivals[CPUS_MAX];
/* Per-CPU counts: BPF atomics that return the previous value need Linux 5.12. */
static uint64_t established[CPUS_MAX];

static struct last_arrival *arrival_here(void)
{
    return &arrivals[bpf_get_smp_processor_id() % CPUS_MAX];
}

static void arrival_is_over(void)
{
    struct last_arrival *arrival = arrival_here();
    if (arrival->number)
        arrival->number = 0;
}

static void report_event(const struct event *event)
{
    if (bpf_ringbuf_output(&events, (void *)event, sizeof *event, 0) != 0)
        __sync_fetch_and_add(&losses.events, 1);
}

/* ---- trace ---- */

/* Reading the clock is most of an event's cost: the value is passed on. 0 = not read yet. */
static uint64_t trace_clock(uint64_t at)
{
    return at || !trace_bits ? at : bpf_ktime_get_ns();
}

/* Overwrites this CPU's oldest event. Not atomic, since BPF atomics that return the previous value need Linux 5.12: an
 * interrupt between these two lines, a nanosecond or two, would use the same entry. */
static void trace(struct trace_event *event)
{
    uint32_t cpu = bpf_get_smp_processor_id();
    if (cpu >= CPUS_MAX)
        return;
    event->at = trace_clock(event->at);
    event->cpu = (uint16_t)cpu;
    uint64_t number = trace_heads[cpu].written;
    trace_heads[cpu].written = number + 1;
    uint32_t place = cpu << trace_bits | (number & ((1U << trace_bits) - 1));
    struct trace_event *at = bpf_map_lookup_elem(&traced, &place);
    if (at)
        *at = *event;
}

static void trace_thread(const struct task *t, enum trace_kind kind, enum task_count count,
                         uint64_t at)
{
    if (!trace_bits)
        return;
    struct trace_event event = {.at = at, .kind = kind, .tid = t->tid, .count = (uint8_t)count};
    trace(&event);
}

/* `wakeups`: their number before it was switched in. */
static void trace_on(const struct task *t, uint64_t wakeups, uint64_t at)
{
    bool counted = t->counts[COUNT_WAKEUPS] != wakeups;
    trace_thread(t, TRACE_ON, counted ? COUNT_WAKEUPS : TASK_COUNTS, at);
}

static uint32_t current_tid(void)
{
    if (pid_namespace)
        return tid_of((const void *)bpf_get_current_task());
    return (uint32_t)bpf_get_current_pid_tgid();
}

static void trace_woken(const struct task *t, uint64_t connection)
{
    struct trace_event event = {.kind = TRACE_WOKEN,
                                .subject = current_tid(),
                                .tid = t->tid,
                                .connection = (uint32_t)connection,
                                .count = TASK_COUNTS};
    trace(&event);
}

static void trace_connection(enum trace_kind kind, uint32_t tid, uint64_t socket, uint64_t number)
{
    if (!trace_bits)
        return;
    struct trace_event event = {.kind = kind,
                                .subject = socket,
                                .tid = tid,
                                .connection = (uint32_t)number,
                                .count = TASK_COUNTS};
    trace(&event);
}

/* ---- the scheduler ---- */

static void tell_woken(const struct task *t, const struct last_arrival *arrival)
{
    struct event event = {.at = bpf_ktime_get_ns(),
                          .socket = arrival->socket,
                          .number = arrival->number,
                          .kind = EVENT_WOKEN,
                          .tid = t->tid,
                          .port = arrival->port};
    report_event(&event);
}

/* Runs on the waker's CPU, unlike sched_wakeup: a wakeup may be passed on to the CPU that the thread last ran on. */
SEC("raw_tp/sched_waking")
int BPF_PROG(waking, struct task_struct *task)
{
    struct task *t = task_of(task);
    if (!t)
        return 0;
    uint32_t cpu = bpf_get_smp_processor_id();
    struct last_arrival *arrival = &arrivals[cpu % CPUS_MAX];
    task_is_woken(&t->wakings, cpu, arrival->number ? ++arrival->woken : 0);
    if (report_connections && arrival->number)
        tell_woken(t, arrival);
    if (trace_bits)
        trace_woken(t, arrival->number);
    return 0;
}

static uint64_t queued_ns(const struct task_struct *task)
{
    if (bpf_core_field_exists(task->sched_info.run_delay))
        return BPF_CORE_READ(task, sched_info.run_delay);
    return 0;
}

/* At this point the kernel has not yet added the wait of `task` for its CPU. */
static void switched_in(const struct task_struct *task, uint64_t at)
{
    struct task *t = task_of(task);
    if (!t)
        return;
    uint64_t wakeups = t->counts[COUNT_WAKEUPS];
    task_was_switched_in(t, bpf_get_smp_processor_id());
    trace_on(t, wakeups, at);
    if (t->delay_wanted)
        t->queued_ns = queued_ns(task);
}

static void is_on(struct task *t, uint64_t at)
{
    uint64_t wakeups = t->counts[COUNT_WAKEUPS];
    if (t->state == TASK_AWAKE)
        return;
    task_is_on(t, bpf_get_smp_processor_id());
    trace_on(t, wakeups, at);
}

static void switched_out(struct task *t, const struct task_struct *task, uint64_t state,
                         uint64_t at)
{
    enum { INTERRUPTIBLE = 1 }; /* include/linux/sched.h */
    is_on(t, at);
    if (t->delay_wanted)
        task_has_queued(t, queued_ns(task));
    if (state == 0) {
        task_was_preempted(t);
        trace_thread(t, TRACE_PREEMPTED, TASK_COUNTS, at);
        return;
    }
    bool interruptible = state & INTERRUPTIBLE;
    trace_thread(t, interruptible ? TRACE_ASLEEP : TRACE_BLOCKED,
                 interruptible ? task_counts_as(t) : TASK_COUNTS, at);
    task_fell_asleep(t, interruptible);
}

SEC("raw_tp/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *previous, struct task_struct *next,
             unsigned int state)
{
    struct task *t = task_of(previous);
    arrival_is_over();
    uint64_t at = t ? trace_clock(0) : 0;
    if (t)
        switched_out(t, previous, preempt ? 0 : state, at);
    switched_in(next, at);
    return 0;
}

static uint64_t state_of(const struct task_struct *task)
{
    const struct task_struct___until_5_13 *old = (const void *)task;
    if (bpf_core_field_exists(old->state))
        return (uint64_t)BPF_CORE_READ(old, state);
    return BPF_CORE_READ(task, __state);
}

/* Variant for tracepoints without the state (before Linux 5.18). */
SEC("raw_tp/sched_switch")
int BPF_PROG(sched_switch_stateless, bool preempt, struct task_struct *previous,
             struct task_struct *next)
{
    struct task *t = task_of(previous);
    arrival_is_over();
    uint64_t at = t ? trace_clock(0) : 0;
    if (t)
        switched_out(t, previous, preempt ? 0 : state_of(previous), at);
    switched_in(next, at);
    return 0;
}

/* ---- tracked listeners ---- */

static __always_inline struct listener local_of(const struct sock *sk)
{
    enum { INET6 = 10 }; /* include/linux/socket.h */
    struct listener local = {.family = BPF_CORE_READ(sk, __sk_common.skc_family),
                             .port = BPF_CORE_READ(sk, __sk_common.skc_num)};
    if (bpf_core_field_exists(sk->__sk_common.skc_net.net))
        local.network = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
    if (local.family != INET6)
        BPF_CORE_READ_INTO((uint32_t *)local.address, sk, __sk_common.skc_rcv_saddr);
    else if (bpf_core_field_exists(sk->__sk_common.skc_v6_rcv_saddr))
        BPF_CORE_READ_INTO(&local.address, sk, __sk_common.skc_v6_rcv_saddr);
    return local;
}

/* A connection has a specific local address; its listener has the same one, or the wildcard. */
static bool is_watched(const struct listener *local)
{
    struct listener any = *local;
    if (bpf_map_lookup_elem(&watched, local))
        return true;
    __builtin_memset(any.address, 0, sizeof any.address);
    return bpf_map_lookup_elem(&watched, &any) != NULL;
}

/* ---- system calls ---- */

/* The kernel's socket behind a descriptor of the current process. */
static uint64_t socket_behind(int fd)
{
    const struct task_struct *task = (const void *)bpf_get_current_task();
    struct file **files = BPF_CORE_READ(task, files, fdt, fd), *file = NULL;
    bpf_probe_read_kernel(&file, sizeof file, files + fd);
    const struct socket *socket = BPF_CORE_READ(file, private_data);
    return (uint64_t)BPF_CORE_READ(socket, sk);
}

/* `tid` 0: by an untracked thread, with a listener of its own, or sharing this one. */
static void tell_accepted(uint32_t tid, uint64_t socket)
{
    struct event event = {.socket = socket, .kind = EVENT_ACCEPTED, .tid = tid};
    if (report_connections) {
        event.at = bpf_ktime_get_ns();
        report_event(&event);
    }
    trace_connection(TRACE_ACCEPTED, tid, socket, 0);
}

static void tell_accepted_by_others(enum call call, int fd)
{
    uint64_t socket = call == CALL_ACCEPT && fd >= 0 ? socket_behind(fd) : 0;
    struct listener local;
    if (!socket)
        return;
    local = local_of((const void *)socket);
    if (is_watched(&local))
        tell_accepted(0, socket);
}

static enum call call_of(struct pt_regs *regs)
{
    unsigned long number = CALL_NUMBER(regs);
    return number < CALL_NUMBERS ? call_of_number[number] : CALL_OTHER;
}

/* Connections are tracked from arrival to accept. */
static bool follows_connections(void)
{
    return report_connections || trace_bits;
}

SEC("raw_tp/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
    arrival_is_over();
    struct task *t = task_of((const void *)bpf_get_current_task());
    if (!t) {
        if (follows_connections())
            tell_accepted_by_others(call_of(regs), (int)result);
        return 0;
    }
    enum call call = call_of(regs);
    is_on(t, 0);
    task_returned_from(t, call, result);
    if (follows_connections() && call == CALL_ACCEPT && result >= 0)
        tell_accepted(t->tid, socket_behind((int)result));
    return 0;
}

/* ---- connections ---- */

/* The third segment of the handshake: the listener's waiters are woken immediately after it. */
SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(set_state, const struct sock *sk, int from, int to)
{
    enum { ESTABLISHED = 1, SYN_RECEIVED = 3 }; /* include/net/tcp_states.h */
    struct last_arrival *arrival = arrival_here();
    arrival->number = 0;
    if (from != SYN_RECEIVED || to != ESTABLISHED)
        return 0;
    struct listener local = local_of(sk);
    if (!is_watched(&local))
        return 0;
    uint32_t cpu = bpf_get_smp_processor_id() % CPUS_MAX;
    __sync_fetch_and_add(&connections, 1);
    *arrival = (struct last_arrival){
        .number = ++established[cpu] * CPUS_MAX + cpu, .socket = (uint64_t)sk, .port = local.port};
    trace_connection(TRACE_ARRIVED, 0, arrival->socket, arrival->number);
    if (report_connections) {
        struct event event = {.at = bpf_ktime_get_ns(),
                              .socket = arrival->socket,
                              .number = arrival->number,
                              .kind = EVENT_ESTABLISHED,
                              .port = local.port};
        report_event(&event);
    }
    return 0;
}

/* ---- creation and end of threads ---- */

static void follow(const struct task_struct *child, uint32_t parent)
{
    uint32_t slot = NO_SLOT, tid = tid_of(child);
    struct task *t = NULL;
    if (bpf_map_pop_elem(&free_slots, &slot) == 0)
        t = bpf_map_lookup_elem(&slots, &slot);
    if (!t) {
        __sync_fetch_and_add(&losses.tasks, 1);
        return;
    }
    t->tid = tid;
    t->tgid = tid_of(BPF_CORE_READ(child, group_leader));
    t->parent = parent;
    t->began.at = bpf_ktime_get_ns();
    t->state = TASK_AWAKE;
    BPF_CORE_READ_STR_INTO(&t->name, child, comm);
    if (bpf_map_update_elem(&slot_of, &tid, &slot, BPF_ANY) != 0)
        __sync_fetch_and_add(&losses.tasks, 1);
    trace_thread(t, TRACE_BEGAN, TASK_COUNTS, 0);
    t->wakings.task = (uint64_t)child;
    *short_way_of((uint64_t)child) = short_way((uint64_t)child, slot);
}

SEC("raw_tp/sched_process_fork")
int BPF_PROG(fork, struct task_struct *parent, struct task_struct *child)
{
    struct task *t = task_of(parent);
    if (!t)
        return 0;
    if (follow_children || BPF_CORE_READ(child, tgid) == BPF_CORE_READ(parent, tgid))
        follow(child, t->tgid);
    return 0;
}

/* execve() by another thread than the first: it takes over the first one's ID. */
static void renumber(struct task *t, uint32_t tid)
{
    uint32_t *found = bpf_map_lookup_elem(&slot_of, &t->tid);
    uint32_t slot = found ? *found : NO_SLOT;
    bpf_map_delete_elem(&slot_of, &t->tid);
    t->tid = tid;
    if (slot != NO_SLOT)
        bpf_map_update_elem(&slot_of, &tid, &slot, BPF_ANY);
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(exec, struct task_struct *task)
{
    struct task *t = task_of(task);
    if (!t)
        return 0;
    bpf_get_current_comm(t->name, sizeof t->name);
    uint32_t tid = tid_of(task);
    if (tid != t->tid)
        renumber(t, tid);
    return 0;
}

/* The slot is in use until the reader has read it. */
SEC("raw_tp/sched_process_exit")
int BPF_PROG(exit, struct task_struct *task)
{
    struct task *t = task_of(task);
    if (!t)
        return 0;
    is_on(t, 0);
    trace_thread(t, TRACE_ENDED, task_counts_as(t), 0);
    task_end_turn(t);
    bpf_get_current_comm(t->name, sizeof t->name); /* it may have changed */
    t->end.at = bpf_ktime_get_ns();
    t->end.cpu_ns = BPF_CORE_READ(task, se.sum_exec_runtime);
    t->end.queued_ns = queued_ns(task);
    t->ended = 1;
    bpf_map_delete_elem(&slot_of, &t->tid);
    t->wakings.task = 0;
    return 0;
}

char license_name[] SEC("license") = "Dual BSD/GPL";
