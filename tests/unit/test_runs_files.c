/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that replace others: all of them or none, and nothing outside of their directory. */

#include "harness/runs/csv.h"
#include "harness/runs/files.h"

#include "harness/lib/message.h"

#include "run_directory.h"

static void assert_holds(const char *name, const char *expected)
{
    size_t size;
    char *path = path_in_run(name), *text = file_read(path, &size);
    if (expected) {
        assert_non_null(text);
        assert_string_equal(text, expected);
    } else
        assert_null(text);
    free(text);
    free(path);
}

static bool is_there(const char *name)
{
    struct stat about;
    char *path = path_in_run(name);
    bool there = lstat(path, &about) == 0;
    free(path);
    return there;
}

static void put_two(void)
{
    struct files files = {.directory = run_directory};
    files_add(&files, "a", "new a", 5);
    files_add(&files, "b", "new b", 5);
    files_put(&files);
}

TEST(files_are_in_place_when_all_are_there)
{
    struct files files = {.directory = run_directory};
    write_in_run("a", "old a");
    files_add(&files, "a", "new a", 5);
    assert_holds("a", "old a");
    files_add(&files, "b", "new\0b", 5);
    assert_holds("b", NULL);
    files_put(&files);
    assert_holds("a", "new a");
    assert_holds("b", "new?b");
    assert_false(is_there(".new"));
}

TEST(what_is_dropped_or_forgotten_is_not_there)
{
    struct files files = {.directory = run_directory};
    write_in_run("a", "old a");
    files_add(&files, "a", "new a", 5);
    files_drop(&files);
    assert_holds("a", "old a");
    assert_false(is_there(".new"));
    files_add(&files, "a", "new a", 5);
    free(files_path(&files, "b"));
    files_forget(&files);
    files_put(&files);
    assert_holds("a", "new a");
    assert_holds("b", NULL);
    assert_false(is_there(".new"));
}

TEST(what_a_killed_program_left_is_removed)
{
    make_folder_in_run(".new");
    write_in_run(".new/c", "left");
    put_two();
    assert_holds("a", "new a");
    assert_holds("c", NULL);
    assert_false(is_there(".new"));
}

/* The run may come from elsewhere. */
TEST(a_link_in_the_place_of_the_directory_is_not_followed)
{
    char *link = path_in_run(".new");
    make_folder_in_run("else");
    write_in_run("else/a", "of somebody else");
    write_in_run("else/kept", "of somebody else");
    assert_int_equal(symlink("else", link), 0);
    put_two();
    assert_holds("a", "new a");
    assert_holds("b", "new b");
    assert_holds("else/a", "of somebody else");
    assert_holds("else/kept", "of somebody else");
    assert_false(is_there(".new"));
    assert_int_equal(symlink("nowhere", link), 0);
    put_two();
    assert_false(is_there("nowhere"));
    write_in_run(".new", "a file");
    put_two();
    assert_false(is_there(".new"));
    free(link);
}

static void put_over_a_directory(const void *context)
{
    (void)context;
    put_two();
}

TEST(a_failure_is_one_line_and_leaves_nothing)
{
    make_folder_in_run("a");
    write_in_run("a/x", "x");
    write_in_run("b", "old b");
    struct ended ended = run_in_child(put_over_a_directory, NULL);
    assert_exit_with_one_line(&ended, EXIT_FAILED);
    assert_non_null(strstr(ended.err, "cannot write to "));
    assert_holds("a/x", "x");
    assert_holds("b", "old b");
    assert_false(is_there(".new"));
}

int main(void)
{
    ADD(files_are_in_place_when_all_are_there);
    ADD(what_is_dropped_or_forgotten_is_not_there);
    ADD(what_a_killed_program_left_is_removed);
    ADD(a_link_in_the_place_of_the_directory_is_not_followed);
    ADD(a_failure_is_one_line_and_leaves_nothing);
    return run_added(make_run_directory, remove_run_directory);
}
