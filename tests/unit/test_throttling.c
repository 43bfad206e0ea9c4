/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/trial/cgroup.h"
#include "harness/trial/throttling.h"

#include "support.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A machine made of files: its mounts, what /proc has of two processes, and the groups' cpu.stat. */
enum { SERVER = 11, CLIENT = 12, FILES_MAX = 8 };

static char root[64];

static int set_up(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/wakeone-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    return mkdtemp(root) ? 0 : -1;
}

static int delete_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status, (void)type, (void)ftw;
    return remove(path);
}

static int clean_up(void **state)
{
    (void)state;
    return nftw(root, delete_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

struct file {
    const char *name, *text;
};

#define V2_MOUNT(group, point) "30 29 0:26 " group " " point " rw,nosuid - cgroup2 cgroup2 rw\n"
#define V1_MOUNT(group, point, which) \
    "33 31 0:30 " group " " point " rw,nosuid shared:9 - cgroup cgroup rw," which "\n"

struct machine {
    const char *name, *mounts, *server, *client;
    struct file stats[FILES_MAX];
    struct throttled expected; /* periods: NOT_THERE = no group has it */
};

enum { NOT_THERE = 999 };

static const struct machine machines[] = {
    {"no quota in v2",
     V2_MOUNT("/", "/cg"),
     "0::/\n",
     "0::/\n",
     {{"/cg/cpu.stat", "usage_usec 5\n"}},
     {NOT_THERE, 0}},
    {"a group of v2",
     V2_MOUNT("/", "/cg"),
     "0::/a\n",
     "0::/a\n",
     {{"/cg/cpu.stat", "usage_usec 5\n"},
      {"/cg/a/cpu.stat", "usage_usec 5\nnr_periods 14\nnr_throttled 12\nthrottled_usec 700\n"}},
     {12, 700}},
    {"the groups above count, too",
     V2_MOUNT("/", "/cg"),
     "0::/pod/a\n",
     "0::/pod/a\n",
     {{"/cg/pod/cpu.stat", "nr_throttled 3\nthrottled_usec 30\n"},
      {"/cg/pod/a/cpu.stat", "nr_throttled 0\nthrottled_usec 0\n"}},
     {3, 30}},
    {"a group in which there is no controller",
     V2_MOUNT("/", "/cg"),
     "0::/a/b\n",
     "0::/a/b\n",
     {{"/cg/a/cpu.stat", "nr_throttled 4\nthrottled_usec 40\n"},
      {"/cg/a/b/cpu.stat", "usage_usec 5\n"}},
     {4, 40}},
    {"server and client in groups of their own, with one above",
     V2_MOUNT("/", "/cg"),
     "0::/p/s\n",
     "0::/p/c\n",
     {{"/cg/p/cpu.stat", "nr_throttled 100\nthrottled_usec 1000\n"},
      {"/cg/p/s/cpu.stat", "nr_throttled 20\nthrottled_usec 200\n"},
      {"/cg/p/c/cpu.stat", "nr_throttled 3\nthrottled_usec 30\n"},
      {"/cg/p/other/cpu.stat", "nr_throttled 7777\nthrottled_usec 1\n"}},
     {123, 1230}},
    {"v1 has nanoseconds",
     V1_MOUNT("/", "/cg/cpu", "cpu"),
     "3:cpuset:/\n1:cpu:/a\n",
     "1:cpu:/a\n",
     {{"/cg/cpu/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n"},
      {"/cg/cpu/a/cpu.stat", "nr_periods 9\nnr_throttled 8\nthrottled_time 343274123\n"}},
     {8, 343274}},
    {"v1 with two controllers in one hierarchy",
     V1_MOUNT("/", "/cg/cpu,cpuacct", "cpu,cpuacct"),
     "5:cpu,cpuacct:/a\n",
     "5:cpu,cpuacct:/a\n",
     {{"/cg/cpu,cpuacct/a/cpu.stat", "nr_throttled 8\nthrottled_time 9000\n"}},
     {8, 9}},
    {"cpuset and cpuacct are not cpu",
     V1_MOUNT("/", "/cg/s", "cpuset") V1_MOUNT("/", "/cg/u", "cpuacct"),
     "3:cpuset:/a\n2:cpuacct:/a\n",
     "3:cpuset:/a\n2:cpuacct:/a\n",
     {{"/cg/s/a/cpu.stat", "nr_throttled 8\n"}, {"/cg/u/a/cpu.stat", "nr_throttled 8\n"}},
     {NOT_THERE, 0}},
    {"both versions, the controller in v1",
     V1_MOUNT("/", "/cg/cpu", "cpu") V2_MOUNT("/", "/cg/unified"),
     "1:cpu:/a\n0::/b\n",
     "1:cpu:/a\n0::/b\n",
     {{"/cg/cpu/a/cpu.stat", "nr_throttled 5\nthrottled_time 1000\n"},
      {"/cg/unified/b/cpu.stat", "usage_usec 1\n"}},
     {5, 1}},
    {"a container of v1 sees the host's path and its own mount",
     V1_MOUNT("/docker/1f", "/cg/cpu", "cpu"),
     "4:cpu:/docker/1f\n",
     "4:cpu:/docker/1f/in\n",
     {{"/cg/cpu/cpu.stat", "nr_throttled 6\nthrottled_time 6000\n"},
      {"/cg/cpu/in/cpu.stat", "nr_throttled 1\nthrottled_time 1000\n"}},
     {7, 7}},
    {"a group beside that of the mount is not below it",
     V1_MOUNT("/docker/1f", "/cg/cpu", "cpu"),
     "4:cpu:/docker/1ff\n",
     "4:cpu:/docker\n",
     {{"/cg/cpu/cpu.stat", "nr_throttled 6\n"}, {"/cg/cpu/f/cpu.stat", "nr_throttled 6\n"}},
     {NOT_THERE, 0}},
    {"the uppermost group of a cgroup namespace",
     V2_MOUNT("/", "/cg"),
     "0::/\n",
     "0::/\n",
     {{"/cg/cpu.stat", "usage_usec 1\nnr_throttled 2\nthrottled_usec 20\n"}},
     {2, 20}},
    {"a process outside of the cgroup namespace",
     V2_MOUNT("/", "/cg"),
     "0::/../x\n",
     "0::/..\n",
     {{"/cg/cpu.stat", "nr_throttled 2\n"}},
     {NOT_THERE, 0}},
    {"the same hierarchy mounted twice",
     V2_MOUNT("/", "/cg"),
     "0::/a\n",
     "0::/a\n0::/a\n",
     {{"/cg/a/cpu.stat", "nr_throttled 2\nthrottled_usec 20\n"}},
     {2, 20}},
    {"blanks in both paths",
     V2_MOUNT("/", "/c\\040g"),
     "0::/a b\n",
     "0::/a b\n",
     {{"/c g/a b/cpu.stat", "nr_throttled 2\nthrottled_usec 20\n"}},
     {2, 20}},
    {"a quota of a group that is out of sight",
     V2_MOUNT("/", "/cg"),
     "0::/\n",
     "0::/\n",
     {{"/cg/cpu.stat", "nr_throttled 0\nthrottled_usec 0\n"},
      {"/cg/cpu.stat.local", "throttled_usec 500\n"}},
     {0, 500}},
    {"what is in both files is counted once",
     V1_MOUNT("/", "/cg", "cpu"),
     "1:cpu:/p/a\n",
     "1:cpu:/p/b\n",
     {{"/cg/p/cpu.stat", "nr_throttled 3\nthrottled_time 30000\n"},
      {"/cg/p/cpu.stat.local", "throttled_time 30000\n"},
      {"/cg/p/a/cpu.stat", "nr_throttled 0\nthrottled_time 0\n"},
      {"/cg/p/a/cpu.stat.local", "throttled_time 30000\n"},
      {"/cg/p/b/cpu.stat.local", "throttled_time 30000\n"}},
     {3, 30}},
    {"a kernel without groups",
     "22 1 0:5 / /proc rw - proc proc rw\n",
     "",
     "",
     {{0}},
     {NOT_THERE, 0}},
};

/* Counters begin with 0, and reach the values of the table. */
static void write_stats(const struct machine *machine, bool begin)
{
    for (const struct file *file = machine->stats; file < machine->stats + FILES_MAX && file->name;
         file++) {
        char text[256];
        snprintf(text, sizeof text, "%s", file->text);
        for (char *c = text; begin && *c; c++)
            if (*c >= '0' && *c <= '9')
                *c = '0';
        write_file(file->name, text);
    }
}

static struct throttling *open_machine(const struct machine *machine)
{
    static const pid_t pids[] = {SERVER, SERVER, CLIENT, 0};
    write_file("/proc/self/mountinfo", machine->mounts);
    write_file("/proc/11/cgroup", machine->server);
    write_file("/proc/12/cgroup", machine->client);
    write_stats(machine, true);
    return throttling_open(root, pids, COUNT(pids));
}

TEST(all_groups_of_server_and_client)
{
    const struct machine *machine = *state;
    struct throttling *throttling = open_machine(machine);
    if (machine->expected.periods == NOT_THERE) {
        assert_null(throttling);
        return;
    }
    assert_non_null(throttling);
    throttling_begin(throttling);
    write_stats(machine, false);
    struct throttled seen = throttling_end(throttling);
    assert_int_equal(seen.periods, machine->expected.periods);
    assert_int_equal(seen.us, machine->expected.us);
}

TEST(what_was_before_does_not_count)
{
    struct throttling *throttling = open_machine(&machines[1]);
    write_file("/cg/a/cpu.stat", "nr_throttled 12\nthrottled_usec 700\n");
    throttling_begin(throttling);
    write_file("/cg/a/cpu.stat", "nr_throttled 13\nthrottled_usec 900\n");
    struct throttled seen = throttling_end(throttling);
    assert_int_equal(seen.periods, 1);
    assert_int_equal(seen.us, 200);
}

TEST(no_proc)
{
    const pid_t self = getpid();
    assert_null(throttling_open(root, &self, 1));
}

static bool count_two(void *context, const char *directory)
{
    (void)directory;
    return ++*(int *)context < 2;
}

TEST(a_visitor_ends_the_walk)
{
    int visited = 0;
    throttling_end(open_machine(&machines[4]));
    cgroup_visit_cpu(root, SERVER, count_two, &visited);
    assert_int_equal(visited, 2);
}

int main(void)
{
    ADD_ROWS(all_groups_of_server_and_client, machines);
    ADD(what_was_before_does_not_count);
    ADD(no_proc);
    ADD(a_visitor_ends_the_walk);
    return run_added(set_up, clean_up);
}
