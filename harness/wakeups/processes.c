/* SPDX-License-Identifier: BSD-2-Clause */
#include "processes.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Calls `found` for each entry that is a number. */
static bool each_number(const char *path, void (*found)(pid_t, void *), void *context)
{
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (isdigit((unsigned char)entry->d_name[0]))
            found((pid_t)strtol(entry->d_name, NULL, 10), context);
    closedir(directory);
    return true;
}

bool each_thread(pid_t pid, void (*found)(pid_t tid, void *context), void *context)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    return each_number(path, found, context);
}

bool each_process(void (*found)(pid_t pid, void *context), void *context)
{
    return each_number("/proc", found, context);
}

bool thread_exists(pid_t pid, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d", (int)pid, (int)tid);
    return access(path, F_OK) == 0;
}

bool process_exists(pid_t pid)
{
    return thread_exists(pid, pid);
}

/* The beginning of a file; an empty string if it cannot be read. */
static void read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
}

void process_name(pid_t pid, char *name, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    read_file(path, name, size);
    name[strcspn(name, "\n")] = '\0';
}

bool thread_times(pid_t pid, pid_t tid, uint64_t *cpu_ns, uint64_t *queued_ns)
{
    char path[64], text[128];
    unsigned long long cpu, queued;
    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
    read_file(path, text, sizeof text);
    if (sscanf(text, "%llu %llu", &cpu, &queued) != 2)
        return false;
    *cpu_ns = cpu;
    *queued_ns = queued;
    return true;
}

/* The name, in parentheses, may contain parentheses: state and parent follow the last one. */
pid_t process_parent(pid_t pid)
{
    char path[64], text[512];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    read_file(path, text, sizeof text);
    const char *name_end = strrchr(text, ')');
    if (!name_end || sscanf(name_end + 1, " %*c %d", &parent) != 1)
        return 0;
    return parent;
}

bool network_of(pid_t pid, uint32_t *inode)
{
    char path[64];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    bool known = stat(path, &status) == 0;
    *inode = known ? (uint32_t)status.st_ino : 0;
    return known || (errno == ENOENT && process_exists(pid)); /* without CONFIG_NET_NS */
}

/* ---- listening sockets ---- */

/* Listening sockets of one network namespace. Reading them takes at least 10 ms (the kernel walks its whole connection
 * table), so they are read once. */
struct listeners {
    uint32_t network;
    struct open_listener {
        struct listener at;
        unsigned long inode;
    } * all;
    unsigned count, room;
    struct listeners *next;
};

static void listeners_add(struct listeners *listeners, const struct listener *at,
                          unsigned long inode)
{
    listeners->all = array_grow(listeners->all, listeners->count, &listeners->room,
                                sizeof listeners->all[0]);
    listeners->all[listeners->count++] = (struct open_listener){*at, inode};
}

/* 32-bit words in host byte order. */
static void read_address(const char *digits, uint8_t address[16])
{
    for (unsigned i = 0; i < 4 && strlen(digits) >= 8; i++, digits += 8) {
        char one[9];
        snprintf(one, sizeof one, "%.8s", digits);
        uint32_t word = (uint32_t)strtoul(one, NULL, 16);
        memcpy(address + sizeof word * i, &word, sizeof word);
    }
}

/* Columns: sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode */
static void read_listeners(struct listeners *listeners, pid_t pid, const char *table,
                           unsigned family)
{
    enum { LISTEN = 0x0A };
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, table);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        char digits[33];
        unsigned state;
        unsigned long inode;
        struct listener at = {.network = listeners->network, .family = family};
        if (sscanf(line, "%*d: %32[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*s %*s %lu", digits, &at.port,
                   &state, &inode) != 4 ||
            state != LISTEN)
            continue;
        read_address(digits, at.address);
        listeners_add(listeners, &at, inode);
    }
    if (file)
        fclose(file);
}

/* Columns: address: references protocol flags type state inode path */
static void read_unix_listeners(struct listeners *listeners, pid_t pid)
{
    enum { ACCEPTS_CONNECTIONS = 1 << 16 }; /* include/linux/net.h: __SO_ACCEPTCON */
    char path[64], line[512];
    const struct listener at = {.network = listeners->network, .family = AF_UNIX};
    snprintf(path, sizeof path, "/proc/%d/net/unix", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        unsigned flags;
        unsigned long inode;
        if (sscanf(line, "%*[0-9A-Fa-f]: %*x %*x %x %*x %*x %lu", &flags, &inode) == 2 &&
            flags & ACCEPTS_CONNECTIONS)
            listeners_add(listeners, &at, inode);
    }
    if (file)
        fclose(file);
}

static struct listeners *known;

static const struct listeners *listeners_around(pid_t pid)
{
    uint32_t network;
    if (!network_of(pid, &network))
        return NULL;
    for (struct listeners *l = known; l; l = l->next)
        if (l->network == network)
            return l;
    struct listeners *found = calloc(1, sizeof *found);
    if (!found)
        fail("out of memory");
    found->network = network;
    read_listeners(found, pid, "tcp", AF_INET);
    read_listeners(found, pid, "tcp6", AF_INET6);
    read_unix_listeners(found, pid);
    found->next = known;
    return known = found;
}

void listeners_forget(void)
{
    while (known) {
        struct listeners *next = known->next;
        free(known->all);
        free(known);
        known = next;
    }
}

bool each_listener(pid_t pid, void (*found)(const struct listener *, void *), void *context)
{
    char path[64];
    const struct listeners *listeners = listeners_around(pid);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *directory = listeners ? opendir(path) : NULL;
    if (!directory)
        return false;
    for (struct dirent *entry; (entry = readdir(directory));) { /* links named "socket:[12345]" */
        char link[64];
        unsigned long inode;
        ssize_t n = readlinkat(dirfd(directory), entry->d_name, link, sizeof link - 1);
        link[n > 0 ? n : 0] = '\0';
        if (sscanf(link, "socket:[%lu]", &inode) != 1)
            continue;
        for (unsigned i = 0; i < listeners->count; i++)
            if (listeners->all[i].inode == inode)
                found(&listeners->all[i].at, context);
    }
    closedir(directory);
    return true;
}

unsigned listener_of(pid_t pid, unsigned long inode, struct listener *at)
{
    const struct listeners *listeners = listeners_around(pid);
    unsigned found = 0, same = 0;
    while (listeners && found < listeners->count && listeners->all[found].inode != inode)
        found++;
    if (!listeners || found == listeners->count)
        return 0;
    *at = listeners->all[found].at;
    for (unsigned i = 0; i < listeners->count; i++)
        same += memcmp(&listeners->all[i].at, at, sizeof *at) == 0;
    return same;
}
