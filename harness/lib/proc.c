/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many numbers a process has: in the PID namespace of /proc and in each nested one, down to its own. */
static unsigned count_numbers(const char *process)
{
    char path[300], line[512], *rest;
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%s/status", process);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "NSpid:", 6) == 0)
            for (char *number = strtok_r(line + 6, " \t\n", &rest); number;
                 number = strtok_r(NULL, " \t\n", &rest))
                count++;
    if (file)
        fclose(file);
    return count;
}

bool proc_is_own(void)
{
    if (access("/proc/self", F_OK) == 0)
        return count_numbers("self") <= 1; /* 0: before Linux 4.1 */
    return false;                          /* it shows a namespace that the caller is not in */
}

bool proc_is_mounted(void)
{
    return access("/proc/self", F_OK) == 0 || access("/proc/1", F_OK) == 0;
}

const char *proc_flaw(void)
{
    if (!proc_is_mounted())
        return "/proc is not mounted: mount -t proc proc /proc";
    if (!proc_is_own())
        return "/proc shows another PID namespace, so its process numbers belong to other "
               "processes: mount -t proc proc /proc, or unshare --mount-proc";
    return NULL;
}

pid_t proc_self(void)
{
    char text[32];
    ssize_t n = readlink("/proc/self", text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return (pid_t)strtol(text, NULL, 10);
}

static bool namespace_of(const char *process, uint32_t *inode)
{
    char path[300];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%s/ns/pid", process);
    if (stat(path, &status) != 0)
        return false;
    *inode = (uint32_t)status.st_ino;
    return true;
}

/* A process that has one number is in the namespace of /proc. Access to its files depends on its owner and on the
 * security policy of the system. */
static bool namespace_of_any(uint32_t *inode)
{
    bool found = false;
    DIR *directory = opendir("/proc");
    for (struct dirent *entry; directory && !found && (entry = readdir(directory));)
        found = isdigit((unsigned char)entry->d_name[0]) && count_numbers(entry->d_name) == 1 &&
                namespace_of(entry->d_name, inode);
    if (directory)
        closedir(directory);
    return found;
}

bool proc_namespace(uint32_t *inode)
{
    *inode = 0;
    if (access("/proc/self/ns", F_OK) == 0 && access("/proc/self/ns/pid", F_OK) != 0 &&
        errno == ENOENT)
        return true;
    return namespace_of("1", inode) || (proc_is_own() && namespace_of("self", inode)) ||
           namespace_of_any(inode);
}
