/* SPDX-License-Identifier: BSD-2-Clause */
#include "targets.h"

#include "cgroups.h"
#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/proc.h"
#include "processes.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* Without /proc no process would be found. */
static void check_proc(void)
{
    if (!proc_is_mounted())
        fail("%s", proc_flaw());
}

void targets_by_pid(struct targets *targets, const char *list)
{
    check_proc();
    for (const char *at = list;; at++) {
        char *end;
        errno = 0;
        long pid = strtol(at, &end, 10);
        if (!isdigit((unsigned char)*at) || pid < 1 || pid > 0x7fffffff || errno != 0 ||
            (*end != ',' && *end != '\0'))
            fail_usage("--pid takes process IDs such as 123,456, not '%s'", list);
        if (!process_exists((pid_t)pid))
            fail("no process %ld", pid);
        add(targets, (pid_t)pid);
        if (*end == '\0')
            return;
        at = end;
    }
}

/* ---- by name ---- */

/* Network namespaces with a listener on the port: these are independent servers. */
struct networks {
    struct network {
        uint32_t inode;
        struct targets listening;
    } * all;
    unsigned count, room;
};

struct search {
    struct targets *targets;
    const char *name;
    unsigned port;
    struct networks *networks;
    bool any_forbidden, any_activator, listens;
};

static void add_if_named(pid_t pid, void *context)
{
    const struct search *search = context;
    char name[16];
    process_name(pid, name, sizeof name);
    if (name[0] && strncmp(name, search->name, sizeof name - 1) == 0 && pid != proc_self())
        add(search->targets, pid);
}

void targets_by_name(struct targets *targets, const char *name)
{
    struct search search = {.targets = targets, .name = name};
    unsigned before = targets->count;
    check_proc();
    each_process(add_if_named, &search);
    if (targets->count == before)
        fail("there is no process called '%s'; `ps -eo comm` lists the names", name);
}

/* ---- by port ---- */

static void compare_port(const struct listener *at, void *context)
{
    struct search *search = context;
    search->listens |= at->family != AF_UNIX && at->port == search->port;
}

static struct network *network_with(struct networks *networks, uint32_t inode)
{
    for (unsigned i = 0; i < networks->count; i++)
        if (networks->all[i].inode == inode)
            return &networks->all[i];
    networks->all = array_grow(networks->all, networks->count, &networks->room,
                               sizeof networks->all[0]);
    networks->all[networks->count] = (struct network){.inode = inode};
    return &networks->all[networks->count++];
}

/* systemd keeps the listeners of socket-activated services, and all processes are its children: it accepts no
 * connections itself. */
static bool only_activates(pid_t pid)
{
    char name[16];
    process_name(pid, name, sizeof name);
    return strcmp(name, "systemd") == 0;
}

static void add_if_listening(pid_t pid, void *context)
{
    struct search *search = context;
    uint32_t inode;
    search->listens = false;
    if (!each_listener(pid, compare_port, search) && process_exists(pid))
        search->any_forbidden = true;
    if (search->listens && only_activates(pid))
        search->any_activator = true;
    else if (search->listens && network_of(pid, &inode))
        add(&network_with(search->networks, inode)->listening, pid);
}

/* This process's namespace, or the only one. */
static const struct network *network_meant(const struct networks *networks)
{
    uint32_t own;
    bool known = network_of(proc_self(), &own);
    for (unsigned i = 0; i < networks->count; i++)
        if (known && networks->all[i].inode == own)
            return &networks->all[i];
    return networks->count == 1 ? &networks->all[0] : NULL;
}

static void describe(const struct networks *networks, const struct network *without, char *text,
                     size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < networks->count && used < size; i++)
        if (&networks->all[i] != without)
            used += (size_t)snprintf(text + used, size - used, "%s%d", used ? ", " : "",
                                     (int)networks->all[i].listening.all[0]);
}

static void choose_network(struct targets *targets, const struct networks *networks, unsigned port)
{
    char others[128];
    const struct network *meant = network_meant(networks);
    describe(networks, meant, others, sizeof others);
    if (!meant)
        fail("TCP port %u is listened on in %u other network namespaces (process %s): select one "
             "by --pid PID --children",
             port, networks->count, others);
    for (unsigned i = 0; i < meant->listening.count; i++)
        add(targets, meant->listening.all[i]);
    if (networks->count > 1)
        message("not counted: TCP port %u of other network namespaces (process %s)", port, others);
}

static void free_networks(struct networks *networks)
{
    for (unsigned i = 0; i < networks->count; i++)
        targets_free(&networks->all[i].listening);
    free(networks->all);
}

void targets_by_port(struct targets *targets, unsigned port)
{
    struct networks networks = {0};
    struct search search = {.networks = &networks, .port = port};
    check_proc();
    each_process(add_if_listening, &search);
    if (networks.count == 0 && search.any_activator)
        fail("only systemd listens on TCP port %u: the server that it activates is not running "
             "yet",
             port);
    if (networks.count == 0)
        fail("no process%s listens on TCP port %u%s",
             search.any_forbidden ? " with readable descriptors" : "", port,
             search.any_forbidden ? ": root can read those of other users" : "");
    choose_network(targets, &networks, port);
    free_networks(&networks);
}

/* ---- by control group ---- */

struct group_search {
    struct targets *targets;
    const char *group;
};

static void add_if_in_group(pid_t pid, void *context)
{
    const struct group_search *search = context;
    if (pid != proc_self() && process_in_cgroup(pid, search->group))
        add(search->targets, pid);
}

void targets_add_group(struct targets *targets, const char *group)
{
    struct group_search search = {targets, group};
    check_proc();
    each_process(add_if_in_group, &search);
}

/* The paths of groups of one name: several users' managers may each have a unit of this name. */
struct unit_search {
    const char *name;
    char path[PATH_MAX], other[PATH_MAX]; /* the first, and a different one; "" = none */
};

static void note_unit(pid_t pid, void *context)
{
    struct unit_search *search = context;
    char path[PATH_MAX];
    if (pid == proc_self() || !cgroup_called(pid, search->name, path, sizeof path))
        return;
    char *to = search->path[0] == '\0' ? search->path : search->other;
    if (strcmp(search->path, path) != 0)
        snprintf(to, sizeof search->path, "%s", path);
}

char *targets_unit(const char *unit)
{
    char *name = cgroup_of_unit(unit);
    struct unit_search search = {.name = name};
    check_proc();
    each_process(note_unit, &search);
    if (search.path[0] == '\0')
        fail("no process in a unit '%s'; `systemctl status PID` prints the unit of a process",
             name);
    if (search.other[0])
        fail("several units '%s': select one by --cgroup, such as %s or %s", name, search.path,
             search.other);
    free(name);
    return cgroup_path(search.path);
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
    do { /* one generation at a time, until no more are found */
        before = targets->count;
        each_process(add_if_child, &search);
    } while (targets->count > before);
}

void targets_by_parent(struct targets *targets, pid_t parent)
{
    struct targets family = {0};
    add(&family, parent);
    targets_add_children(&family);
    for (unsigned i = 1; i < family.count; i++)
        add(targets, family.all[i]);
    targets_free(&family);
}

void targets_forget_ended(struct targets *targets)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < targets->count; i++)
        if (process_exists(targets->all[i]))
            targets->all[kept++] = targets->all[i];
    targets->count = kept;
}

void targets_free(struct targets *targets)
{
    free(targets->all);
    *targets = (struct targets){0};
}
