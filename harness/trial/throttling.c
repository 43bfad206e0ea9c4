/* SPDX-License-Identifier: BSD-2-Clause */
#include "throttling.h"

#include "cgroup.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 256, CGROUP_TEXT = 4096 };

/* A group's cpu.stat, or its cpu.stat.local. */
struct stat_file {
    int fd;
    bool is_local;
    dev_t device;
    ino_t inode;
    struct throttled begin;
};

struct throttling {
    unsigned count;
    struct stat_file files[FILES_MAX];
};

/* The value of a key in cpu.stat; false if it is missing */
static bool value_of(const char *text, const char *name, uint64_t *value)
{
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ' ') {
            *value = strtoull(line + length, NULL, 10);
            return true;
        }
    }
    return false;
}

/* v1 reports throttled_time in ns, v2 throttled_usec in us. False if neither is present. */
static bool read_stat(int fd, struct throttled *throttled)
{
    char text[4096];
    uint64_t ns;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    *throttled = (struct throttled){0};
    value_of(text, "nr_throttled", &throttled->periods);
    if (value_of(text, "throttled_usec", &throttled->us))
        return true;
    if (!value_of(text, "throttled_time", &ns))
        return false;
    throttled->us = ns / 1000;
    return true;
}

static bool is_known(const struct throttling *t, const struct stat *status)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->files[i].device == status->st_dev && t->files[i].inode == status->st_ino)
            return true;
    return false;
}

static void add_file(struct throttling *t, const char *directory, const char *name, bool is_local)
{
    struct throttled now;
    struct stat status;
    char path[8300];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (t->count < FILES_MAX && fstat(fd, &status) == 0 && !is_known(t, &status) &&
        read_stat(fd, &now))
        t->files[t->count++] = (struct stat_file){
            .fd = fd, .is_local = is_local, .device = status.st_dev, .inode = status.st_ino};
    else
        close(fd);
}

/* Groups without the cpu controller, and the root group of v2, have a cpu.stat without these keys. */
static bool add_group(void *context, const char *directory)
{
    add_file(context, directory, "cpu.stat", false);
    add_file(context, directory, "cpu.stat.local", true);
    return true;
}

/* Most processes of a server are in the same groups, which are looked up once. */
static bool has_groups_of_last(const char *root, pid_t pid, char last[CGROUP_TEXT])
{
    char path[4200], text[CGROUP_TEXT];
    snprintf(path, sizeof path, "%s/proc/%d/cgroup", root, (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    bool same = strcmp(text, last) == 0;
    strcpy(last, text);
    return same;
}

struct throttling *throttling_open(const char *root, const pid_t *pids, unsigned count)
{
    struct throttling *t = calloc(1, sizeof *t);
    char last[CGROUP_TEXT] = "";
    if (!t)
        return NULL;
    for (unsigned i = 0; i < count; i++)
        if (!has_groups_of_last(root, pids[i], last))
            cgroup_visit_cpu(root, pids[i], add_group, t);
    if (t->count > 0)
        return t;
    free(t);
    return NULL;
}

void throttling_begin(struct throttling *t)
{
    for (unsigned i = 0; i < t->count; i++)
        read_stat(t->files[i].fd, &t->files[i].begin);
}

/* The local time of a group includes that of all its ancestors' quotas, and overlaps with its own quota's: so the maximum
 * of the local times is compared with the sum of the others, not added. */
struct throttled throttling_end(struct throttling *t)
{
    struct throttled all = {0}, now;
    uint64_t longest = 0;
    for (unsigned i = 0; i < t->count; i++) {
        const struct stat_file *file = &t->files[i];
        read_stat(file->fd, &now);
        close(file->fd);
        uint64_t us = now.us - file->begin.us;
        if (!file->is_local) {
            all.periods += now.periods - file->begin.periods;
            all.us += us;
        } else if (us > longest) {
            longest = us;
        }
    }
    if (longest > all.us)
        all.us = longest;
    free(t);
    return all;
}
