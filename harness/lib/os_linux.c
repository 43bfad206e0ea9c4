/* SPDX-License-Identifier: BSD-2-Clause */
#include "os.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

int os_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int os_pin_to_cpu(unsigned cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

void os_die_with_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        raise(SIGKILL);
}

int os_lock_file(void)
{
    return memfd_create("lock", MFD_CLOEXEC);
}

int os_reopen(int fd)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDWR | O_CLOEXEC);
}

/* The state is the field after the name, and the name may contain any character: proc(5). */
enum os_state os_state(pid_t pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return OS_GONE;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return OS_GONE;
    text[n] = '\0';
    const char *name_end = strrchr(text, ')');
    switch (name_end && name_end[1] ? name_end[2] : '\0') {
    case 'S':
        return OS_ASLEEP;
    case 'T':
        return OS_STOPPED;
    case 'Z':
    case 'X':
    case '\0':
        return OS_GONE;
    default:
        return OS_RUNNING;
    }
}
