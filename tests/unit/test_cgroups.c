/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/wakeups/cgroups.h"

#include "support.h"

#include <stdlib.h>
#include <unistd.h>

static const struct path {
    const char *given, *path;
} paths[] = {
    {"/sys/fs/cgroup/system.slice/nginx.service", "/system.slice/nginx.service"},
    {"/sys/fs/cgroup", "/"},
    {"/sys/fs/cgroup/", "/"},
    {"/sys/fs/cgroups/x", "/sys/fs/cgroups/x"},
    {"system.slice/nginx.service/", "/system.slice/nginx.service"},
    {"/kubepods.slice//", "/kubepods.slice"},
    {"/", "/"},
};

TEST(path_of_a_group)
{
    const struct path *row = *state;
    char *path = cgroup_path(row->given);
    assert_string_equal(path, row->path);
    free(path);
}

static const struct path units[] = {
    {"nginx", "nginx.service"},
    {"nginx.service", "nginx.service"},
    {"docker-0123.scope", "docker-0123.scope"},
    {"php8.2-fpm", "php8.2-fpm.service"},
    {"getty@tty1.service", "getty@tty1.service"},
};

TEST(unit_has_a_suffix)
{
    const struct path *row = *state;
    char *path = cgroup_of_unit(row->given);
    assert_string_equal(path, row->path);
    free(path);
}

TEST(all_are_in_the_root_and_nobody_in_what_is_not_there)
{
    assert_true(process_in_cgroup(getpid(), "/"));
    assert_false(process_in_cgroup(getpid(), "/nosuch.slice"));
    assert_false(process_in_cgroup(0, "/")); /* no process has that number */
}

int main(void)
{
    ADD_ROWS(path_of_a_group, paths);
    ADD_ROWS(unit_has_a_suffix, units);
    ADD(all_are_in_the_root_and_nobody_in_what_is_not_there);
    return run_added(NULL, NULL);
}
