/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_KERNEL_H
#define WAKEONE_KERNEL_H

/* The kernel structures read by the BPF program. Only the names matter: the loader relocates the fields by the running
 * kernel's BTF (CO-RE). */

#define KERNEL_STRUCT __attribute__((preserve_access_index))

struct file {
    void *private_data;
} KERNEL_STRUCT;

struct fdtable {
    struct file **fd;
} KERNEL_STRUCT;

struct files_struct {
    struct fdtable *fdt;
} KERNEL_STRUCT;

struct sched_info {
    unsigned long long run_delay;
} KERNEL_STRUCT;

struct sched_entity {
    unsigned long long sum_exec_runtime;
} KERNEL_STRUCT;

struct ns_common {
    unsigned int inum;
} KERNEL_STRUCT;

struct pid_namespace {
    struct ns_common ns;
} KERNEL_STRUCT;

struct upid {
    int nr;
    struct pid_namespace *ns;
} KERNEL_STRUCT;

struct pid {
    unsigned int level;
    struct upid numbers[1]; /* level + 1 entries, the initial namespace first */
} KERNEL_STRUCT;

struct task_struct {
    int pid, tgid;
    char comm[16];
    unsigned int __state;
    struct sched_entity se;
    struct sched_info sched_info; /* with CONFIG_SCHED_INFO */
    struct files_struct *files;
    struct task_struct *group_leader;
    struct pid *thread_pid;
} KERNEL_STRUCT;

struct task_struct___until_5_13 {
    long state;
} KERNEL_STRUCT;

struct net {
    struct ns_common ns;
} KERNEL_STRUCT;

typedef struct {
    struct net *net; /* with CONFIG_NET_NS */
} KERNEL_STRUCT possible_net_t;

struct in6_addr {
    unsigned char bytes[16];
};

struct sock_common {
    unsigned int skc_rcv_saddr; /* local address and port */
    unsigned short skc_num, skc_family;
    possible_net_t skc_net;
    struct in6_addr skc_v6_rcv_saddr; /* with CONFIG_IPV6 */
} KERNEL_STRUCT;

struct sock {
    struct sock_common __sk_common;
} KERNEL_STRUCT;

struct socket {
    struct sock *sk;
} KERNEL_STRUCT;

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
    unsigned long orig_ax;
} KERNEL_STRUCT;
#define CALL_NUMBER(regs) BPF_CORE_READ(regs, orig_ax)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
    int syscallno;
} KERNEL_STRUCT;
#define CALL_NUMBER(regs) ((unsigned long)BPF_CORE_READ(regs, syscallno))
#else
#error "where does this architecture keep the number of a system call?"
#endif

#endif
