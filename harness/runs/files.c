/* SPDX-License-Identifier: BSD-2-Clause */
#include "files.h"

#include "harness/lib/message.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void files_drop(struct files *files)
{
    for (unsigned i = 0; i < files->count; i++) {
        char *path = format_string("%s/%s", files->new_directory, files->names[i]);
        unlink(path);
        free(path);
        free(files->names[i]);
    }
    if (files->new_directory)
        rmdir(files->new_directory);
    free(files->new_directory);
    free(files->names);
    *files = (struct files){files->directory, NULL, NULL, 0};
}

static void cannot_write(struct files *files, int error) __attribute__((noreturn));
static void cannot_write(struct files *files, int error)
{
    files_drop(files);
    fail("cannot write to %s: %s", files->directory, strerror(error));
}

/* Removes the files of a killed program. False and errno: not a directory. */
static bool empty(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    if (!listing)
        return false;
    for (struct dirent *entry; (entry = readdir(listing));)
        unlinkat(fd, entry->d_name, 0); /* fails for . and .. */
    closedir(listing);
    return true;
}

/* The run may come from elsewhere: a link of this name is removed, not followed. */
static bool make_new(const char *directory)
{
    if (mkdir(directory, 0777) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    if (unlink(directory) == 0)
        return mkdir(directory, 0777) == 0;
    return empty(directory);
}

static void begin(struct files *files)
{
    if (files->new_directory)
        return;
    files->new_directory = format_string("%s/.new", files->directory);
    if (make_new(files->new_directory))
        return;
    int error = errno;
    free(files->new_directory);
    files->new_directory = NULL;
    cannot_write(files, error);
}

char *files_path(struct files *files, const char *name)
{
    begin(files);
    files->names = realloc(files->names, (files->count + 1) * sizeof *files->names);
    if (!files->names)
        fail("out of memory");
    files->names[files->count++] = copy_string(name);
    return format_string("%s/%s", files->new_directory, name);
}

void files_add(struct files *files, const char *name, const char *text, size_t length)
{
    char *path = files_path(files, name);
    FILE *file = fopen(path, "we");
    int error = errno;
    free(path);
    if (!file)
        cannot_write(files, error);
    errno = 0;
    bool written = fwrite(text, 1, length, file) == length;
    error = errno;
    if (fclose(file) != 0 && written) {
        written = false;
        error = errno;
    }
    if (!written)
        cannot_write(files, error);
}

void files_put(struct files *files)
{
    for (unsigned i = 0; i < files->count; i++) {
        char *from = format_string("%s/%s", files->new_directory, files->names[i]);
        char *to = format_string("%s/%s", files->directory, files->names[i]);
        int error = rename(from, to) == 0 ? 0 : errno;
        free(from);
        free(to);
        if (error)
            cannot_write(files, error);
    }
    files_drop(files);
}

/* ---- directories ---- */

static bool is_the_callers(int error)
{
    static const int errors[] = {EACCES,       EEXIST, ENOTDIR, EROFS,
                                 ENAMETOOLONG, EPERM,  ENOENT,  ELOOP};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i] == error)
            return true;
    return false;
}

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

void make_directory(const char *path)
{
    char *copy = copy_string(path);
    for (char *at = copy + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        if (mkdir(copy, 0777) != 0 && !is_directory(copy)) {
            if (is_the_callers(errno))
                fail_usage("cannot make the directory %s: choose another --out", path);
            fail("cannot make the directory %s: %s", path, strerror(errno));
        }
        *at = end;
        if (end == '\0')
            break;
    }
    free(copy);
}

/* 0, or the error of writing another 64 KiB to the file. */
static int try_to_write(const char *path)
{
    static const char more[1 << 16];
    size_t left = sizeof more;
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), error = 0;
    if (file < 0)
        return errno;
    while (left > 0 && error == 0) {
        ssize_t written = write(file, more, left);
        error = written < 0 ? errno : 0;
        left -= written < 0 ? 0 : (size_t)written;
    }
    close(file);
    return error;
}

void files_check_room(struct files *files)
{
    char *path = format_string("%s/%s", files->new_directory, files->names[files->count - 1]);
    int error = try_to_write(path);
    free(path);
    if (error)
        cannot_write(files, error);
}

void files_forget(struct files *files)
{
    char *path = format_string("%s/%s", files->new_directory, files->names[--files->count]);
    unlink(path);
    free(path);
    free(files->names[files->count]);
}
