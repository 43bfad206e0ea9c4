/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/proc.h"
#include "processes.h"
#include "targets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t LOOK_NS = 10 * NS_PER_MS, LISTEN_NS = 10 * NS_PER_S, END_NS = 5 * NS_PER_S;

static pid_t command; /* 0 = none, or ended */
static const char *name;
static bool any; /* descendants that have not ended */
static int status;

/* In the child: the pipe transfers execvp()'s error. */
static void execute(char *const argv[], int error_to, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
        execvp(argv[0], argv);
    int error = errno;
    ssize_t written = write(error_to, &error, sizeof error);
    _exit(written < 0);
}

/* Reaps those that have ended. */
static void reap(void)
{
    int how;
    pid_t pid;
    while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
        if (pid == command) {
            command = 0;
            status = how;
        }
    any = any && !(pid < 0 && errno == ECHILD);
}

static void note_listener(const struct listener *at, void *context)
{
    (void)at;
    *(bool *)context = true;
}

static bool listens(void)
{
    struct targets family = {0};
    bool found = false;
    listeners_forget();
    targets_by_parent(&family, proc_self());
    for (unsigned i = 0; i < family.count && !found; i++)
        each_listener(family.all[i], note_listener, &found);
    targets_free(&family);
    return found;
}

static void describe_end(char *text, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(text, size, "by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(text, size, "with status %d", WEXITSTATUS(status));
}

void command_wait_until_it_listens(const volatile sig_atomic_t *interrupted)
{
    char how[64];
    uint64_t end = clock_ns() + LISTEN_NS;
    while (!*interrupted && !listens()) {
        reap();
        describe_end(how, sizeof how);
        if (!any) {
            status = 0; /* reported here */
            fail("%s ended %s before it listened on a socket", name, how);
        }
        if (clock_ns() >= end) {
            message("%s does not listen on a socket after 10 s: counting starts now", name);
            return;
        }
        sleep_ns(LOOK_NS);
    }
}

static void signal_all(int number)
{
    struct targets family = {0};
    targets_by_parent(&family, proc_self());
    for (unsigned i = 0; i < family.count; i++)
        kill(family.all[i], number);
    targets_free(&family);
}

static void wait_for_end(void)
{
    uint64_t end = clock_ns() + END_NS;
    for (reap(); any && clock_ns() < end; reap())
        sleep_ns(LOOK_NS);
}

/* The end of a command that was stopped, or interrupted from the terminal with this program, is not reported. */
static void say_how_it_ended(bool asked)
{
    char how[64];
    bool expected = status == 0 || (WIFSIGNALED(status) && (asked || WTERMSIG(status) == SIGINT));
    describe_end(how, sizeof how);
    if (!expected)
        message("%s ended %s", name, how);
}

static void command_end(void)
{
    reap();
    bool asked = any;
    if (command)
        kill(command, SIGTERM);
    else if (any)
        signal_all(SIGTERM); /* its remaining descendants */
    wait_for_end();
    if (any)
        message("%s did not end: killed", name);
    for (unsigned look = 0; any && look < 3; look++) { /* also those created meanwhile */
        signal_all(SIGKILL);
        wait_for_end();
    }
    say_how_it_ended(asked);
}

void command_start(char *const argv[])
{
    int error, ends[2];
    pid_t self = getpid();
    if (proc_flaw())
        fail("%s", proc_flaw());
    name = argv[0];
    if (pipe2(ends, O_CLOEXEC) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        fail("cannot start %s: %s", name, strerror(errno));
    command = fork();
    if (command < 0)
        fail("cannot start %s: %s", name, strerror(errno));
    if (command == 0)
        execute(argv, ends[1], self);
    close(ends[1]);
    if (read(ends[0], &error, sizeof error) > 0)
        fail("cannot start %s: %s", name, strerror(error));
    close(ends[0]);
    any = true;
    atexit(command_end);
}
