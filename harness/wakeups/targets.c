#include "targets.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "processes.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool are_among(const struct targets *targets, pid_t pid)
{
    for (unsigned i = 0; i < targets->count; i++)
        if (targets->all[i] == pid)
            return true;
    return false;
}

static void add(struct targets *targets, pid_t pid)
{
    if (are_among(targets, pid))
        return;
    targets->all = array_grow(targets->all, targets->count, &targets->room, sizeof targets->all[0]);
    targets->all[targets->count++] = pid;
}

void targets_by_pid(struct targets *targets, const char *list)
{
    for (const char *at = list;; at++) {
        char *end;
        errno = 0;
        long pid = strtol(at, &end, 10);
        if (!isdigit((unsigned char)*at) || pid < 1 || pid > 0x7fffffff || errno != 0 ||
            (*end != ',' && *end != '\0'))
            fail_usage("--pid takes process numbers such as 123,456, not '%s'", list);
        if (!process_exists((pid_t)pid))
            fail("there is no process %ld", pid);
        add(targets, (pid_t)pid);
        if (*end == '\0')
            return;
        at = end;
    }
}

/* ---- by name ---- */

struct search {
    struct targets *targets;
    const char *name;
    unsigned port;
    bool any_forbidden, listens;
};

static void add_if_named(pid_t pid, void *context)
{
    const struct search *search = context;
    char name[16];
    process_name(pid, name, sizeof name);
    if (name[0] && strncmp(name, search->name, sizeof name - 1) == 0 && pid != getpid())
        add(search->targets, pid);
}

void targets_by_name(struct targets *targets, const char *name)
{
    struct search search = {.targets = targets, .name = name};
    unsigned before = targets->count;
    each_process(add_if_named, &search);
    if (targets->count == before)
        fail("there is no process called '%s'; `ps -eo comm` lists the names", name);
}

/* ---- by port ---- */

static void compare_port(unsigned port, void *context)
{
    struct search *search = context;
    search->listens |= port == search->port;
}

static void add_if_listening(pid_t pid, void *context)
{
    struct search *search = context;
    search->listens = false;
    if (!each_listening_port(pid, compare_port, search) && process_exists(pid))
        search->any_forbidden = true;
    if (search->listens)
        add(search->targets, pid);
}

void targets_by_port(struct targets *targets, unsigned port)
{
    struct search search = {.targets = targets, .port = port};
    unsigned before = targets->count;
    each_process(add_if_listening, &search);
    if (targets->count == before)
        fail("no process%s listens on TCP port %u%s",
             search.any_forbidden ? " whose descriptors we may look at" : "", port,
             search.any_forbidden ? ": root sees those of other users" : "");
}

/* ---- children ---- */

static void add_if_child(pid_t pid, void *context)
{
    const struct search *search = context;
    if (are_among(search->targets, process_parent(pid)))
        add(search->targets, pid);
}

void targets_add_children(struct targets *targets)
{
    struct search search = {.targets = targets};
    unsigned before;
    do { /* a generation at a time, and until no more have come meanwhile */
        before = targets->count;
        each_process(add_if_child, &search);
    } while (targets->count > before);
}

void targets_free(struct targets *targets)
{
    free(targets->all);
    *targets = (struct targets){0};
}
