/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault.h"

#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/os.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

static pid_t pid_of(const struct server_process *server, unsigned slot)
{
    return (pid_t)stat_read(&server->stats->slot[slot].pid);
}

static void signal_slot(const struct server_process *server, unsigned slot, int number)
{
    pid_t pid = pid_of(server, slot);
    if (pid > 0)
        kill(pid, number);
}

/* The slot whose process holds the lock; `slots` if there is none. */
static unsigned holder(const struct server_process *server)
{
    unsigned i = 0;
    while (i < server->stats->slots && !stat_read(&server->stats->slot[i].holds_lock))
        i++;
    return i;
}

/* The target of the fault: worker 0 or, for strategies with a lock, its holder. */
static unsigned victim;

static void choose_victim(const struct server_process *server)
{
    victim = holder(server);
    if (victim == server->stats->slots)
        victim = 0;
}

/* Returns when the process has stopped or ended: before that, it could still be woken. */
static void signal_and_wait(struct server_process *server, unsigned slot, int number,
                            enum os_state until)
{
    pid_t pid = pid_of(server, slot);
    if (pid <= 0)
        return;
    kill(pid, number);
    for (enum os_state now; (now = os_state(pid)) != until && now != OS_GONE;)
        sleep_ns(NS_PER_MS / 10);
}

static void stop(struct server_process *server)
{
    choose_victim(server);
    signal_and_wait(server, victim, SIGSTOP, OS_STOPPED);
}

static void go_on(struct server_process *server)
{
    signal_slot(server, victim, SIGCONT);
}

static void kill_victim(struct server_process *server)
{
    signal_and_wait(server, victim, SIGKILL, OS_GONE);
}

/* Worker 1 if worker 0 holds the lock: killing the holder is kill-holder. */
static void kill_asleep(struct server_process *server)
{
    victim = holder(server) == 0 && server->stats->workers > 1 ? 1 : 0;
    kill_victim(server);
}

static void kill_holder(struct server_process *server)
{
    victim = holder(server);
    kill_victim(server);
}

static void kill_acceptor(struct server_process *server)
{
    victim = (unsigned)server->stats->slots - 1;
    kill_victim(server);
}

static void restart(struct server_process *server)
{
    kill(server->pid, SIGUSR1);
}

/* ---- killed between being woken and running ----
 *
 * All processes of the server and this program run on one CPU, the server at a lower priority
 * (SCHED_IDLE never preempts): a process that connect(2) wakes cannot run before it is killed. */

enum { POLL_MS = 20 }; /* well before the next connection */

static cpu_set_t own_cpus;
static uint64_t run_before;

/* The first process that runs or waits for a CPU; `slots` if all sleep. */
static unsigned runnable(const struct server_process *server)
{
    unsigned i = 0;
    while (i < server->stats->slots && os_state(pid_of(server, i)) != OS_RUNNING)
        i++;
    return i;
}

static bool any_runnable(const struct server_process *server)
{
    return runnable(server) < server->stats->slots;
}

/* Returns once a process of the server is runnable (`wanted`), or none is; after POLL_MS at the latest. */
static void poll_until(const struct server_process *server, bool wanted)
{
    uint64_t end_ns = clock_ns() + POLL_MS * NS_PER_MS;
    while (any_runnable(server) != wanted && clock_ns() < end_ns)
        ;
}

/* How often processes have returned from a wait, including accept(2). */
static uint64_t times_run(const struct server_process *server)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < server->stats->slots; i++) {
        const struct worker_stats *slot = &server->stats->slot[i];
        sum += stat_read(&slot->useful) + stat_read(&slot->spurious) + stat_read(&slot->timeouts) +
               stat_read(&slot->accepts);
    }
    return sum;
}

static void set_policy(const struct server_process *server, int policy)
{
    struct sched_param none = {0};
    for (unsigned i = 0; i < server->stats->slots; i++)
        if (pid_of(server, i) > 0)
            sched_setscheduler(pid_of(server, i), policy, &none);
}

static void hold_back(struct server_process *server)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpulist_first_allowed(), &one);
    sched_getaffinity(0, sizeof own_cpus, &own_cpus);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        fail("cannot run on CPU %u: %s", cpulist_first_allowed(), strerror(errno));
    poll_until(server, false); /* a process that runs now is not the one that will be woken */
    set_policy(server, SCHED_IDLE);
    run_before = times_run(server);
}

/* On a busy machine a connection arrives after connect(2) has returned, since a kernel thread
 * processes its packets, and this program may be preempted: the woken process may run too early. */
static bool kill_woken(struct server_process *server)
{
    poll_until(server, true);
    victim = runnable(server);
    bool in_time = victim < server->stats->slots;
    if (in_time)
        signal_slot(server, victim, SIGKILL);
    in_time = in_time && times_run(server) == run_before;
    set_policy(server, SCHED_OTHER);
    sched_setaffinity(0, sizeof own_cpus, &own_cpus);
    return in_time;
}

/* ---- faults that do not apply ---- */

static const char *needs_lock(const struct server_process *server)
{
    return holder(server) == server->stats->slots ? "this strategy has no lock" : NULL;
}

static const char *needs_acceptor(const struct server_process *server)
{
    return server->stats->slots == server->stats->workers ? "this strategy has no acceptor" : NULL;
}

static const char *needs_replacing(const struct server_process *server)
{
    return server->stats->slots == server->stats->workers
               ? NULL
               : "its acceptor has channels to the first workers only";
}

const char *const fault_names[] = {"none",          "stop",         "kill-asleep",
                                   "kill-woken",    "kill-stopped", "kill-holder",
                                   "kill-acceptor", "restart",      NULL};

const struct fault faults[] = {
    {NULL, NULL, NULL, NULL, false},
    {stop, NULL, go_on, NULL, false},
    {kill_asleep, NULL, NULL, NULL, false},
    {hold_back, kill_woken, NULL, NULL, true},
    {stop, NULL, kill_victim, NULL, false},
    {kill_holder, NULL, NULL, needs_lock, false},
    {kill_acceptor, NULL, NULL, needs_acceptor, false},
    {restart, NULL, NULL, needs_replacing, false},
};

void fault_recover_all(struct server_process *server)
{
    for (unsigned i = 0; i < server->stats->slots; i++)
        signal_slot(server, i, SIGCONT);
}
