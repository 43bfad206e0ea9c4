/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TESTS_RUN_DIRECTORY_H
#define WAKEONE_TESTS_RUN_DIRECTORY_H

/* A directory for each test, for the files of a run: set up by make_run_directory(), removed by remove_run_directory(). */

#include "harness/lib/output.h"
#include "harness/runs/text.h"

#include "support.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char run_directory[1024];

static inline int make_run_directory(void **state)
{
    (void)state;
    snprintf(run_directory, sizeof run_directory, "%s/test_runs.XXXXXX", temporary_directory());
    return mkdtemp(run_directory) ? 0 : -1;
}

/* Folders in it are removed with what is in them. */
static inline void remove_directory(const char *path)
{
    DIR *listing = opendir(path);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char *name = format_string("%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlink(name) != 0)
            remove_directory(name);
        free(name);
    }
    if (listing)
        closedir(listing);
    rmdir(path);
}

static inline int remove_run_directory(void **state)
{
    (void)state;
    remove_directory(run_directory);
    bool removed = access(run_directory, F_OK) != 0;
    return removed ? 0 : -1;
}

static inline char *path_in_run(const char *name)
{
    return format_string("%s/%s", run_directory, name);
}

/* Writes a file of the run; `count` bytes of text. */
static inline void write_bytes_in_run(const char *name, const char *bytes, size_t count)
{
    char *path = path_in_run(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static inline void write_in_run(const char *name, const char *text)
{
    write_bytes_in_run(name, text, strlen(text));
}

static inline void make_folder_in_run(const char *name)
{
    char *path = path_in_run(name);
    assert_int_equal(mkdir(path, 0777), 0);
    free(path);
}

#endif
