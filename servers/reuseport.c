/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reuseport: every worker has its own listener on the same port
 *
 *                   +--> listener 0 --> worker 0
 *      connection --> (hash) --> listener 1 --> worker 1
 *                   +--> listener 2 --> worker 2
 *                   +--> ...
 *
 * SO_REUSEPORT: n sockets are bound to one port, and the kernel selects one of them for each SYN by
 * a hash of addresses and ports. Nothing is shared, so there is no contention and no other worker
 * is woken.
 *
 * Cost: 1 wakeup per connection, if its worker sleeps. The selection ignores the state of the
 * workers: with few connections the hash is uneven, and connections in the queue of a busy or
 * stopped worker are stranded, since no other can accept them. When a listener is closed, the
 * connections in its queue are reset, unless net.ipv4.tcp_migrate_req is 1 (Linux 5.14).
 *
 * --steer cpu: a classic BPF program selects by the CPU that received the packet, which is the
 * worker's own if --cpus pins worker i to CPU i and the client's packets are distributed likewise.
 * --steer least-loaded: an eBPF program (reuseport.bpf.c) selects the worker with the fewest open
 * connections, from a map in which each worker writes its number.
 */

#include "reuseport.h"
#include "harness/lib/message.h"
#include "reuseport.skel.h"
#include "server.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>

enum steer { BY_HASH, BY_CPU, LEAST_LOADED };

static const char *const steer_names[] = {"hash", "cpu", "least-loaded", NULL};
static unsigned steer = BY_HASH;

static struct reuseport_bpf *kernel_side;
static unsigned workers;

/* ---- one worker ---- */

static int attach_cpu_program(int listener)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (__u32)(SKF_AD_OFF + SKF_AD_CPU)),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, workers),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

static int attach_load_program(int listener, unsigned id)
{
    __u64 value = (__u64)listener;
    int program = bpf_program__fd(kernel_side->progs.choose);
    kernel_side->bss->in_hand[id] = 0;
    if (bpf_map_update_elem(bpf_map__fd(kernel_side->maps.listeners), &id, &value, BPF_ANY) != 0)
        return -1;
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &program, sizeof program);
}

static int attach(int listener, unsigned id)
{
    switch (steer) {
    case BY_CPU:
        return attach_cpu_program(listener);
    case LEAST_LOADED:
        return attach_load_program(listener, id);
    default:
        return 0;
    }
}

static void worker(struct worker *w)
{
    worker_listen(w);
    /* The program belongs to the group; each worker attaches it again, so that their order does not
     * matter. */
    if (attach(w->listener.fd, w->id) != 0)
        worker_fail("worker %u cannot steer: %s", w->id, strerror(errno));
    worker_watch_listener(w, EVQ_READ);
    while (worker_iterate(w))
        if (kernel_side)
            kernel_side->bss->in_hand[w->id] = (__u32)(w->stats->accepts - w->stats->closed);
}

/* ---- supervisor ---- */

static const char *unsupported(void)
{
    libbpf_set_print(NULL);
    if (steer == LEAST_LOADED && libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SK_REUSEPORT, NULL) != 1)
        return "BPF programs of type sk_reuseport, or the permission to load one (root, or CAP_BPF "
               "with CAP_NET_ADMIN)";
    return NULL;
}

static void load_program_or_die(void)
{
    if (workers > REUSEPORT_WORKERS_MAX)
        fail_usage("--workers %u: --steer least-loaded supports %d at most", workers,
                   REUSEPORT_WORKERS_MAX);
    kernel_side = reuseport_bpf__open();
    if (!kernel_side)
        fail("cannot open the BPF program: %s", strerror(errno));
    kernel_side->rodata->workers = workers;
    int error = reuseport_bpf__load(kernel_side);
    if (error)
        fail_usage("not available on this kernel: it does not load the BPF program: %s",
                   strerror(-error));
}

static void set_up(unsigned count)
{
    workers = count;
    if (steer == LEAST_LOADED)
        load_program_or_die();
}

static const struct option_spec options[] = {
    {OPTION_CHOICE, "steer", "BY", "hash, cpu or least-loaded (hash)", &steer, 0, 0, steer_names},
    OPTIONS_END,
};

static const struct variant variants[] = {
    VARIANT("reuseport", "", "1", ANY),
    VARIANT("reuseport-cpu", "--steer cpu", "1", ANY),
    VARIANT("reuseport-least-loaded", "--steer least-loaded", "1", NUMBERED),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "a listener per worker, the kernel selects one (SO_REUSEPORT)",
    .variants = variants,
    .listener_of_each = true,
    .options = options,
    .unsupported = unsupported,
    .set_up = set_up,
    .worker = worker,
};
