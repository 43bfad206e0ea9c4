/* SPDX-License-Identifier: BSD-2-Clause */
#include "output.h"

#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pid_t owner; /* the process whose standard output is checked; 0 = none yet */
static bool reported;

/* errno is 0 if an earlier write failed and the last one did not. */
static const char *reason(void)
{
    return errno ? strerror(errno) : "an earlier write failed";
}

static void check_stdout(void)
{
    if (getpid() != owner || reported)
        return;
    errno = 0;
    bool failed = ferror(stdout) != 0;
    failed |= fclose(stdout) != 0;
    if (!failed)
        return;
    message("cannot write standard output: %s", reason());
    _exit(EXIT_FAILED); /* exit() must not be called a second time */
}

/* Opened for the opposite direction, so that a write to standard output fails and is not lost. */
static void open_standard(int fd)
{
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
        return;
    int opened = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened > fd)
        close(opened); /* unreachable: fd is the lowest free descriptor */
}

void output_begin(void)
{
    if (owner)
        return;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        open_standard(fd);
    signal(SIGXFSZ, SIG_IGN);
    owner = getpid();
    if (atexit(check_stdout) != 0)
        fail("out of memory");
}

FILE *output_open(const char *path)
{
    if (strcmp(path, "-") == 0)
        return stdout;
    FILE *file = fopen(path, "we");
    if (!file)
        fail("cannot write %s: %s", path, strerror(errno));
    return file;
}

void output_close(FILE *file, const char *path)
{
    errno = 0;
    bool failed = ferror(file) != 0;
    failed |= (file == stdout ? fflush(file) : fclose(file)) != 0;
    if (failed) {
        reported = file == stdout;
        fail("cannot write %s: %s", reported ? "standard output" : path, reason());
    }
}

void output_try(const char *path)
{
    if (path)
        output_close(output_open(path), path);
}

void output_try_directory(const char *path)
{
    struct stat status;
    if (!path)
        return;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        fail("cannot make the directory %s: %s", path, strerror(errno));
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode) || access(path, W_OK) != 0)
        fail("cannot write into %s: not a writable directory", path);
}

void output_histogram(const struct histogram *h, const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.hgrm", directory, name);
    if (h->count == 0) {
        unlink(path);
        return;
    }
    FILE *file = output_open(path);
    histogram_write_hgrm(h, file);
    output_close(file, path);
}

const char *temporary_directory(void)
{
    const char *given = getenv("TMPDIR");
    return given && *given ? given : "/tmp";
}
