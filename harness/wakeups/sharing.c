/* SPDX-License-Identifier: BSD-2-Clause */
#include "sharing.h"

#include "processes.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct ways {
    bool exclusive, not_exclusive, several, uring;
};

static void look_at_registration(pid_t pid, unsigned long inode, unsigned events, struct ways *ways)
{
    struct listener at;
    if (listener_of(pid, inode, &at) > 0)
        *(events & EPOLLEXCLUSIVE ? &ways->exclusive : &ways->not_exclusive) = true;
}

/* proc(5), /proc/PID/fdinfo, of an epoll descriptor: tfd: 5 events: 19 data: 5 pos:0 ino:3a6a sdev:9 */
static void look_at_epoll(pid_t pid, const char *descriptor, struct ways *ways)
{
    char path[320], line[256];
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%s", (int)pid, descriptor);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        unsigned events;
        unsigned long inode;
        const char *ino = strstr(line, " ino:");
        if (ino && sscanf(line, "tfd: %*u events: %x", &events) == 1 &&
            sscanf(ino, " ino:%lx", &inode) == 1)
            look_at_registration(pid, inode, events, ways);
    }
    if (file)
        fclose(file);
}

static void look_at_descriptor(pid_t pid, const char *descriptor, const char *link,
                               struct ways *ways)
{
    unsigned long inode;
    struct listener at;
    if (strcmp(link, "anon_inode:[eventpoll]") == 0)
        look_at_epoll(pid, descriptor, ways);
    else if (strcmp(link, "anon_inode:[io_uring]") == 0)
        ways->uring = true;
    else if (sscanf(link, "socket:[%lu]", &inode) == 1)
        ways->several |= listener_of(pid, inode, &at) > 1 && at.family != AF_UNIX;
}

static void look_at(pid_t pid, struct ways *ways)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char link[64];
        ssize_t n = readlinkat(dirfd(directory), entry->d_name, link, sizeof link - 1);
        link[n > 0 ? n : 0] = '\0';
        look_at_descriptor(pid, entry->d_name, link, ways);
    }
    closedir(directory);
}

unsigned sharing_of(const pid_t *pids, unsigned count)
{
    struct ways ways = {0};
    for (unsigned i = 0; i < count; i++)
        look_at(pids[i], &ways);
    return (ways.exclusive && !ways.not_exclusive ? SHARES_EXCLUSIVELY : 0u) |
           (ways.several ? SHARES_NOTHING : 0u);
}

bool any_uring(const pid_t *pids, unsigned count)
{
    struct ways ways = {0};
    for (unsigned i = 0; i < count && !ways.uring; i++)
        look_at(pids[i], &ways);
    return ways.uring;
}
