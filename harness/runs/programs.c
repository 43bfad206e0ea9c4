/* SPDX-License-Identifier: BSD-2-Clause */
#include "programs.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

enum { ENDING = sizeof ending / sizeof *ending };

/* ---- programs ---- */

pid_t program_start(const char *const argv[], int output, int error)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t pid;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output >= 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (error >= 0)
        posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
    errno = posix_spawnp(&pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    int failed = errno;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    errno = failed;
    return failed ? -1 : pid;
}

static int status_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int program_wait(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            fail("cannot wait for a process: %s", strerror(errno));
    return status_of(status);
}

static int error_file(enum program_errors errors, int output)
{
    if (errors == ERRORS_PASS)
        return -1;
    return errors == ERRORS_CAPTURE ? output : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

int program_run(const char *const argv[], struct text *output, enum program_errors errors)
{
    int file = memory_file(), other = error_file(errors, file);
    pid_t pid = program_start(argv, file, other);
    int status = pid < 0 ? -1 : program_wait(pid), error = errno;
    memory_file_read(file, output);
    close(file);
    if (errors == ERRORS_DROP && other >= 0)
        close(other);
    errno = error;
    return status;
}

int memory_file(void)
{
    int file = memfd_create("output", MFD_CLOEXEC);
    if (file < 0)
        fail("cannot make a file in memory: %s", strerror(errno));
    return file;
}

void memory_file_read(int file, struct text *to)
{
    char piece[4096];
    ssize_t count;
    for (off_t at = 0; (count = pread(file, piece, sizeof piece, at)) > 0; at += count)
        text_add_bytes(to, piece, (size_t)count);
}

/* ---- signals ---- */

static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void interrupts_begin(struct interrupts *interrupts)
{
    sigset_t blocked;
    sigemptyset(&interrupts->waited);
    for (unsigned i = 0; i < ENDING; i++)
        if (!is_ignored(ending[i]))
            sigaddset(&interrupts->waited, ending[i]);
    blocked = interrupts->waited;
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &interrupts->before);
}

void interrupts_end(struct interrupts *interrupts)
{
    sigprocmask(SIG_SETMASK, &interrupts->before, NULL);
}

bool interrupts_came(const struct interrupts *interrupts, unsigned ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    return sigtimedwait(&interrupts->waited, NULL, &time) > 0;
}

bool interrupts_wait(const struct interrupts *interrupts, pid_t pid, int *status)
{
    sigset_t either = interrupts->waited;
    int how;
    sigaddset(&either, SIGCHLD);
    for (pid_t ended; (ended = waitpid(pid, &how, WNOHANG)) != pid;) {
        if (ended < 0 && errno != EINTR)
            fail("cannot wait for a process: %s", strerror(errno));
        int number = sigwaitinfo(&either, NULL);
        if (number > 0 && number != SIGCHLD)
            return false;
    }
    *status = status_of(how);
    return true;
}
