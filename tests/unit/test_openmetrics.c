/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/wakeups/openmetrics.h"

#include "harness/lib/record.h"
#include "support.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct worker all[3];
static const struct workers workers = {.all = all, .count = 3, .room = 3};
static struct report report;

/* Two that live, one of a name that needs escapes, and one that has ended. */
static int count_wakeups(void **state __attribute__((unused)))
{
    memset(all, 0, sizeof all);
    all[0] = (struct worker){.pid = 11, .name = "a\"\\\n\xff", .threads = 1};
    all[1] = (struct worker){.pid = 12, .name = "b", .threads = 2};
    all[2] = (struct worker){.pid = 13, .name = "c", .began = true};
    for (unsigned i = 0; i < 3; i++) {
        all[i].sums.counts[COUNT_WAKEUPS] = 100 * (i + 1);
        all[i].sums.counts[COUNT_ACCEPTS] = 10 * (i + 1);
        all[i].sums.for_connection = i + 1;
    }
    all[0].sums.delays[loglinear_index(1000, DELAY_BITS)] = 5;
    all[1].sums.delays[loglinear_index(UINT64_C(1) << 20, DELAY_BITS)] = 3;
    all[2].sums.delays[loglinear_index(UINT64_C(1) << 40, DELAY_BITS)] = 1;
    report = (struct report){.workers = &workers,
                             .by_counter = true,
                             .seconds = 2.5,
                             .connections = 60,
                             .losses = {.tasks = 7}};
    return 0;
}

static char *text_of(void)
{
    static char *text; /* the stream sets it */
    size_t size;
    FILE *file = open_memstream(&text, &size);
    openmetrics_print(&report, file);
    fclose(file);
    return text;
}

static void assert_line(const char *line)
{
    char *text = text_of();
    const char *found = strstr(text, line);
    if (!found || (found > text && found[-1] != '\n') || found[strlen(line)] != '\n')
        fail_msg("no line %s in:\n%s", line, text);
    free(text);
}

static const char *const lines[] = {
    "# TYPE wakeone_wakeups counter",
    "wakeone_wakeups_total 600",
    "wakeone_accepts_total 60",
    "wakeone_connections_total 60",
    "wakeone_connection_wakeups_total 6",
    "wakeone_lost_threads_total 7",
    "wakeone_run_queue_seconds_bucket{le=\"0.000001024\"} 5",
    "wakeone_run_queue_seconds_bucket{le=\"0.001048576\"} 5",
    "wakeone_run_queue_seconds_bucket{le=\"0.004194304\"} 8",
    "wakeone_run_queue_seconds_bucket{le=\"+Inf\"} 9",
    "wakeone_run_queue_seconds_count 9",
    "wakeone_process_wakeups_total{pid=\"11\",name=\"a\\\"\\\\??\"} 100",
    "wakeone_process_accepts_total{pid=\"12\",name=\"b\"} 20",
    "wakeone_counting_seconds 2.500",
};

TEST(line)
{
    assert_line(*(const char *const *)*state);
}

/* Each sample belongs to the family above it, the last line is the end. */
static void assert_exposition(void)
{
    char *text = text_of(), family[128] = "", *rest = text, *line;
    const char *last = "";
    while ((line = strsep(&rest, "\n")) && *line) {
        if (sscanf(line, "# TYPE %127s", family) != 1 && *line != '#')
            assert_int_equal(strncmp(line, family, strlen(family)), 0);
        last = line;
    }
    assert_string_equal(last, "# EOF");
    free(text);
}

TEST(samples_follow_their_family)
{
    assert_exposition();
}

TEST(what_ended_is_in_the_sums_and_has_no_series)
{
    char *text = text_of();
    assert_null(strstr(text, "pid=\"13\""));
    free(text);
}

TEST(context_switches_tell_less)
{
    report.by_counter = false;
    report.connections = NOT_COUNTED;
    char *text = text_of();
    assert_non_null(strstr(text, "wakeone_wakeups_total 600\n"));
    assert_null(strstr(text, "wakeone_wakeups_useful"));
    assert_null(strstr(text, "wakeone_connections"));
    assert_null(strstr(text, "run_queue"));
    free(text);
    assert_exposition();
}

/* In a directory of its own. */
static void in_directory(char *path, size_t size)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, size, "%s/openmetrics.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(path));
}

TEST(file_is_replaced_as_a_whole)
{
    char directory[4096], path[4200];
    struct stat before, after;
    in_directory(directory, sizeof directory);
    snprintf(path, sizeof path, "%s/a.prom", directory);
    assert_true(openmetrics_write(&report, path));
    assert_int_equal(stat(path, &before), 0);
    assert_true(openmetrics_write(&report, path));
    assert_int_equal(stat(path, &after), 0);
    assert_int_not_equal(before.st_ino, after.st_ino);
    assert_int_equal(after.st_mode & 0777, 0644);
    unlink(path);
    assert_int_equal(rmdir(directory), 0); /* nothing else is left in it */
}

TEST(what_is_no_file_is_written_to)
{
    struct stat status;
    assert_true(openmetrics_write(&report, "/dev/null"));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_false(openmetrics_write(&report, "/dev/full"));
    assert_int_equal(errno, ENOSPC);
}

TEST(directory_that_is_not_there)
{
    assert_false(openmetrics_write(&report, "/nonexistent/a.prom"));
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    ADD_ROWS(line, lines);
    ADD(samples_follow_their_family);
    ADD(what_ended_is_in_the_sums_and_has_no_series);
    ADD(context_switches_tell_less);
    ADD(file_is_replaced_as_a_whole);
    ADD(what_is_no_file_is_written_to);
    ADD(directory_that_is_not_there);
    return run_added(count_wakeups, NULL);
}
