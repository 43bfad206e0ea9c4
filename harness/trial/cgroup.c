/* SPDX-License-Identifier: BSD-2-Clause */
#include "cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fields used from a line of mountinfo, proc(5): the group that is mounted, relative to the process's cgroup
 * namespace, and the mount point. */
struct mount {
    char *group, *point;
    bool is_v2;
};

/* mountinfo escapes space, tab, newline and backslash as \ and three octal digits. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++) {
        unsigned byte;
        if (*text == '\\' && sscanf(text + 1, "%3o", &byte) == 1) {
            *to++ = (char)byte;
            text += 3;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

static bool has_option(const char *list, const char *option)
{
    size_t length = strlen(option);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, option, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE OPTIONS */
static bool parse_mount(char *line, struct mount *mount)
{
    char *rest, *type, *options, *tail = strstr(line, " - ");
    line[strcspn(line, "\n")] = '\0';
    if (!tail)
        return false;
    *tail = '\0';
    for (int i = 0; i < 3; i++)
        strtok_r(i ? NULL : line, " ", &rest);
    mount->group = strtok_r(NULL, " ", &rest);
    mount->point = strtok_r(NULL, " ", &rest);
    type = strtok_r(tail + 3, " ", &rest);
    strtok_r(NULL, " ", &rest);
    options = strtok_r(NULL, " ", &rest);
    if (!mount->group || !mount->point || !type || !options)
        return false;
    unescape(mount->group);
    unescape(mount->point);
    mount->is_v2 = strcmp(type, "cgroup2") == 0;
    return mount->is_v2 || (strcmp(type, "cgroup") == 0 && has_option(options, "cpu"));
}

/* "ID:CONTROLLERS:GROUP" of cgroup(7): the group, if this is the hierarchy of the mount; v2 has no controllers here */
static char *group_in(char *line, bool is_v2)
{
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    line[strcspn(line, "\n")] = '\0';
    if (!group)
        return NULL;
    *controllers++ = *group++ = '\0';
    return (is_v2 ? *controllers == '\0' : has_option(controllers, "cpu")) ? group : NULL;
}

/* The group's path relative to the mount; NULL if the group is not below it. */
static const char *below(const struct mount *mount, const char *group)
{
    size_t length = strcmp(mount->group, "/") == 0 ? 0 : strlen(mount->group);
    if (strncmp(group, mount->group, length) != 0 || strncmp(group, "/..", 3) == 0 ||
        (group[length] != '/' && group[length] != '\0'))
        return NULL;
    return strcmp(group + length, "/") == 0 ? "" : group + length;
}

/* True if the walk is to continue. */
static bool visit_up(const char *root, const struct mount *mount, const char *relative,
                     cgroup_visitor *visit, void *context)
{
    char path[8192];
    int top = snprintf(path, sizeof path, "%s%s", root, mount->point);
    if (top < 0 || (size_t)top + strlen(relative) >= sizeof path)
        return true;
    strcpy(path + top, relative);
    while (visit(context, path)) {
        char *slash = strrchr(path, '/');
        if (!slash || slash < path + top)
            return true;
        *slash = '\0';
    }
    return false;
}

static bool visit_mount(const char *root, pid_t pid, const struct mount *mount,
                        cgroup_visitor *visit, void *context)
{
    char path[4096], *line = NULL;
    size_t size = 0;
    bool more = true;
    snprintf(path, sizeof path, "%s/proc/%d/cgroup", root, (int)pid);
    FILE *file = fopen(path, "re");
    while (file && more && getline(&line, &size, file) > 0) {
        const char *group = group_in(line, mount->is_v2);
        const char *relative = group ? below(mount, group) : NULL;
        if (relative)
            more = visit_up(root, mount, relative, visit, context);
    }
    if (file)
        fclose(file);
    free(line);
    return more;
}

void cgroup_visit_cpu(const char *root, pid_t pid, cgroup_visitor *visit, void *context)
{
    char path[4096], *line = NULL;
    size_t size = 0;
    struct mount mount;
    snprintf(path, sizeof path, "%s/proc/self/mountinfo", root);
    FILE *file = fopen(path, "re");
    while (file && getline(&line, &size, file) > 0)
        if (parse_mount(line, &mount) && !visit_mount(root, pid, &mount, visit, context))
            break;
    if (file)
        fclose(file);
    free(line);
}
