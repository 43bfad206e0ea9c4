#include "throttling.h"

#include "cgroup.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS_MAX = 256 };

struct group {
    int fd; /* of its cpu.stat */
    dev_t device;
    ino_t inode;
};

struct throttling {
    unsigned count;
    struct group groups[GROUPS_MAX];
};

/* The number behind a name of cpu.stat; false if there is none */
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

/* v1 has nanoseconds under another name than v2 has microseconds. */
static bool read_group(int fd, struct throttled *throttled)
{
    char text[4096];
    uint64_t ns = 0;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    *throttled = (struct throttled){0};
    if (!value_of(text, "nr_throttled", &throttled->periods))
        return false;
    if (!value_of(text, "throttled_usec", &throttled->us) && value_of(text, "throttled_time", &ns))
        throttled->us = ns / 1000;
    return true;
}

static bool is_known(const struct throttling *t, const struct stat *status)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->groups[i].device == status->st_dev && t->groups[i].inode == status->st_ino)
            return true;
    return false;
}

/* Groups without a controller of CPU time, and the uppermost of v2, have a cpu.stat that does not tell. */
static bool add_group(void *context, const char *directory)
{
    struct throttling *t = context;
    struct throttled now;
    struct stat status;
    char path[8300];
    snprintf(path, sizeof path, "%s/cpu.stat", directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    if (t->count < GROUPS_MAX && fstat(fd, &status) == 0 && !is_known(t, &status) &&
        read_group(fd, &now))
        t->groups[t->count++] = (struct group){
            .fd = fd, .device = status.st_dev, .inode = status.st_ino};
    else
        close(fd);
    return true;
}

/* Most processes of a server are in the same groups: those are looked up once. */
static bool has_groups_of_last(const char *root, pid_t pid, char last[4096])
{
    char path[4200], text[4096];
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
    char last[4096] = "";
    struct throttling *t = calloc(1, sizeof *t);
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

struct throttled throttling_read(const struct throttling *t)
{
    struct throttled all = {0}, one;
    for (unsigned i = 0; i < t->count; i++) {
        read_group(t->groups[i].fd, &one);
        all.periods += one.periods;
        all.us += one.us;
    }
    return all;
}

void throttling_close(struct throttling *t)
{
    for (unsigned i = 0; i < t->count; i++)
        close(t->groups[i].fd);
    free(t);
}
