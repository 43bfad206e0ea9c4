#include "files.h"

#include "harness/lib/message.h"

#include <dirent.h>
#include <errno.h>
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

/* Removes what a program that was killed has left. */
static void empty(const char *directory)
{
    DIR *listing = opendir(directory);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char *path = format_string("%s/%s", directory, entry->d_name);
        unlink(path); /* . and .. stay */
        free(path);
    }
    if (listing)
        closedir(listing);
}

static void begin(struct files *files)
{
    if (files->new_directory)
        return;
    files->new_directory = format_string("%s/.new", files->directory);
    if (mkdir(files->new_directory, 0777) == 0)
        return;
    if (errno == EEXIST) {
        empty(files->new_directory);
        return;
    }
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

void files_forget(struct files *files)
{
    char *path = format_string("%s/%s", files->new_directory, files->names[--files->count]);
    unlink(path);
    free(path);
    free(files->names[files->count]);
}
