/* SPDX-License-Identifier: BSD-2-Clause */
#include "cgroups.h"

#include "harness/lib/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls `is` with the path of each line ("0::/system.slice/nginx.service") until it returns true. */
static bool any_group(pid_t pid, bool (*is)(const char *path, void *context), void *context)
{
    char path[64], *line = NULL;
    size_t room = 0;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && !found && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        found = group && is(group + 1, context);
    }
    if (file)
        fclose(file);
    free(line);
    return found;
}

static bool is_within(const char *path, void *context)
{
    const char *group = context;
    size_t length = strcmp(group, "/") == 0 ? 0 : strlen(group);
    return strncmp(path, group, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool process_in_cgroup(pid_t pid, const char *group)
{
    return any_group(pid, is_within, (void *)group);
}

struct called {
    const char *name;
    char *path;
    size_t size;
};

/* The outermost group of that name: the groups below belong to it. */
static bool is_called(const char *path, void *context)
{
    const struct called *called = context;
    size_t length = strlen(called->name);
    for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/'))
        if (strncmp(at + 1, called->name, length) == 0 &&
            (at[1 + length] == '/' || at[1 + length] == '\0')) {
            snprintf(called->path, called->size, "%.*s", (int)(at + 1 + length - path), path);
            return true;
        }
    return false;
}

bool cgroup_called(pid_t pid, const char *name, char *path, size_t size)
{
    struct called called = {name, path, size};
    return any_group(pid, is_called, &called);
}

static char *text_of(const char *first, const char *second)
{
    char *text = NULL;
    if (asprintf(&text, "%s%s", first, second) < 0)
        fail("out of memory");
    return text;
}

char *cgroup_path(const char *given)
{
    static const char mounted[] = "/sys/fs/cgroup";
    size_t length = sizeof mounted - 1;
    if (strncmp(given, mounted, length) == 0 && (given[length] == '/' || given[length] == '\0'))
        given += length;
    char *path = text_of(*given == '/' ? "" : "/", given);
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
    return path;
}

char *cgroup_of_unit(const char *unit)
{
    static const char *const suffixes[] = {".service", ".scope", ".slice", ".socket", ".mount"};
    const char *suffix = strrchr(unit, '.');
    for (unsigned i = 0; suffix && i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(suffix, suffixes[i]) == 0)
            return text_of(unit, "");
    return text_of(unit, ".service");
}
