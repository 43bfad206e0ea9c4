/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deny SYSCALL COMMAND...: runs a command with a system call that fails: io_uring_setup or bpf (EPERM), as under a container's
 * seccomp profile; epoll_ctl of descriptors from 16 on (ENOSPC), as if the user's watches were exhausted; flock (ENOLCK), as on some
 * file systems.
 */

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned number, error;
    unsigned third; /* refused where its third argument is at least that */
} calls[] = {
    {"io_uring_setup", SYS_io_uring_setup, EPERM, 0},
    {"bpf", SYS_bpf, EPERM, 0},
    {"epoll_ctl", SYS_epoll_ctl, ENOSPC, 16},
    {"flock", SYS_flock, ENOLCK, 0},
};

static int find(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0)
            return (int)i;
    return -1;
}

static int refuse(int call)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[call].number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, calls[call].third, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | calls[call].error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
    if (argc < 3 || find(argv[1]) < 0) {
        fputs("usage: deny io_uring_setup|bpf|epoll_ctl|flock COMMAND...\n", stderr);
        return 2;
    }
    if (refuse(find(argv[1])) != 0) {
        perror("deny");
        return 1;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
}
