/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Selects the listener of a SO_REUSEPORT group that gets a connection: the one whose worker has the
 * fewest open connections. Runs in the kernel once per SYN, and for segments of no connection, such
 * as retransmissions after its end (BPF_PROG_TYPE_SK_REUSEPORT). reuseport.c loads it.
 */

#include "reuseport.h"

#include <linux/bpf.h>
#include <linux/tcp.h>

#include <bpf/bpf_helpers.h>

const volatile __u32 workers = 1;

/* Open connections: each worker writes its number; connections assigned since are added here. */
__u32 in_hand[REUSEPORT_WORKERS_MAX];
__u32 rotation;

struct {
    __uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
    __uint(max_entries, REUSEPORT_WORKERS_MAX);
    __type(key, __u32);
    __type(value, __u64);
} listeners SEC(".maps");

/* Ties are resolved round robin. */
static __u32 least_loaded(void)
{
    __u32 first = rotation++ % workers, best = first;
    for (__u32 i = 1; i < workers && i < REUSEPORT_WORKERS_MAX; i++) {
        __u32 other = (first + i) % workers;
        if (in_hand[other % REUSEPORT_WORKERS_MAX] < in_hand[best % REUSEPORT_WORKERS_MAX])
            best = other;
    }
    return best % REUSEPORT_WORKERS_MAX;
}

static int begins_connection(const struct sk_reuseport_md *segment)
{
    const struct tcphdr *header = segment->data;
    return (void *)(header + 1) <= segment->data_end && header->syn && !header->ack;
}

SEC("sk_reuseport")
int choose(struct sk_reuseport_md *segment)
{
    if (!begins_connection(segment))
        return SK_PASS; /* not a new connection: the kernel selects by its hash */
    __u32 worker = least_loaded(),
          key = worker; /* a copy: the verifier loses the bounds of a variable passed by address */
    if (bpf_sk_select_reuseport(segment, &listeners, &key, 0) == 0)
        in_hand[worker]++;
    else
        in_hand[worker] = REUSEPORT_GONE; /* this one is selected by the kernel's hash */
    return SK_PASS;
}

char license_name[] SEC("license") = "Dual BSD/GPL";
