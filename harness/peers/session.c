/* SPDX-License-Identifier: BSD-2-Clause */
#include "session.h"

#include "harness/lib/clock.h"
#include "harness/wakeups/processes.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The state in /proc/TID/stat (proc(5)); 0 if there is no such thread. */
static char state_of(pid_t tid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    char *name_end = strrchr(text, ')'); /* the name may contain any character */
    return name_end && name_end[1] == ' ' ? name_end[2] : '\0';
}

static void add_thread(pid_t tid, void *context)
{
    struct session *session = context;
    char state = state_of(tid);
    if (!state || state == 'Z' || session->threads == SESSION_THREADS_MAX)
        return;
    session->tids[session->threads++] = tid;
    session->asleep += state == 'S';
}

static void add_process(pid_t pid, void *context)
{
    struct session *session = context;
    if (getsid(pid) == session->id)
        each_thread(pid, add_thread, session);
}

void session_read(struct session *session, pid_t id)
{
    session->id = id;
    session->threads = session->asleep = 0;
    each_process(add_process, session);
}

void session_kill(pid_t id, unsigned limit_ms)
{
    static struct session session;
    uint64_t end = clock_ns() + limit_ms * NS_PER_MS;
    for (;;) {
        session_read(&session, id);
        if (session.threads == 0 || clock_ns() > end)
            return;
        for (unsigned i = 0; i < session.threads; i++)
            kill(session.tids[i], SIGKILL);
        sleep_ns(5 * NS_PER_MS);
    }
}
