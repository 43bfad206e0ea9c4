/* SPDX-License-Identifier: BSD-2-Clause */
#include "evq.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/event.h>
#include <time.h>
#include <unistd.h>

const char *const evq_backend = "kqueue";
const bool evq_survives_fork = false;
#ifdef KQUEUE_DEVICE /* kernel/kqueue holds a reference to a watched file until it is deleted */
const bool evq_drops_closed = false;
#else
const bool evq_drops_closed = true;
#endif

static const struct {
    enum evq_flag flag;
    unsigned short kevent_flag;
} flag_table[] = {
    {EVQ_EDGE, EV_CLEAR},
    {EVQ_ONESHOT, EV_ONESHOT},
#ifdef EV_WAKEONE
    {EVQ_WAKEONE, EV_WAKEONE},
#endif
};

#ifdef NOTE_FIFO
static const struct {
    enum evq_flag flag;
    unsigned note;
} policy_table[] = {{EVQ_FIFO, NOTE_FIFO}, {EVQ_LIFO, NOTE_LIFO}, {EVQ_ROTATE, NOTE_ROTATE}};

static unsigned policy_note(unsigned flags)
{
    for (size_t i = 0; i < sizeof policy_table / sizeof *policy_table; i++)
        if (flags & policy_table[i].flag)
            return policy_table[i].note;
    return flags & EVQ_WAKEONE ? NOTE_REGISTERED : 0;
}
#else
static unsigned policy_note(unsigned flags)
{
    (void)flags;
    return 0;
}
#endif

static const struct {
    enum evq_flag flag;
    short filter;
} filter_table[] = {{EVQ_READ, EVFILT_READ}, {EVQ_WRITE, EVFILT_WRITE}};

enum { FILTERS = sizeof filter_table / sizeof *filter_table };

const char *evq_unsupported(unsigned flags)
{
#ifdef KQUEUE_DEVICE
    static int denied = -1; /* cached: access(2) is a system call */
    if (denied < 0)
        denied = access(KQUEUE_DEVICE, R_OK | W_OK) != 0;
    if (denied)
        return KQUEUE_DEVICE
            " is missing or not accessible by this user: load the module of kernel/kqueue";
#endif
#ifndef EV_WAKEONE
    if (flags & EVQ_WAKEONE)
        return "this system's kqueue has no EV_WAKEONE";
#endif
#ifndef NOTE_FIFO
    if (flags & (EVQ_FIFO | EVQ_LIFO | EVQ_ROTATE))
        return "this system's EV_WAKEONE has no policies";
#endif
    (void)flags;
    return NULL;
}

int evq_open(void)
{
    int queue = kqueue();
    if (queue >= 0)
        fcntl(queue, F_SETFD, FD_CLOEXEC);
    return queue;
}

/* kqueue has one knote per filter where epoll has one item per descriptor: knotes in `flags` are
 * added; with `replace` the others are deleted if they exist. All changes are one call, which
 * returns a receipt for each (EV_RECEIPT) and no events. */
static int change(int queue, int fd, unsigned flags, void *data, int replace)
{
    struct kevent changes[FILTERS], receipts[FILTERS];
    unsigned short action = EV_ADD;
    int count = 0;
    for (size_t i = 0; i < sizeof flag_table / sizeof *flag_table; i++)
        if (flags & flag_table[i].flag)
            action |= flag_table[i].kevent_flag;

    for (int i = 0; i < FILTERS; i++) {
        int wanted = (flags & filter_table[i].flag) != 0;
        if (!wanted && !replace)
            continue;
        EV_SET(&changes[count], fd, filter_table[i].filter,
               EV_RECEIPT | (wanted ? action : EV_DELETE),
               wanted && filter_table[i].flag == EVQ_READ ? policy_note(flags) : 0, 0, data);
        count++;
    }
    if (kevent(queue, changes, count, receipts, count, NULL) != count)
        return -1;
    for (int i = 0; i < count; i++)
        if (receipts[i].data != 0 &&
            (receipts[i].data != ENOENT || !(changes[i].flags & EV_DELETE))) {
            errno = (int)receipts[i].data;
            return -1;
        }
    return 0;
}

int evq_add(int queue, int fd, unsigned flags, void *data)
{
    if (evq_unsupported(flags)) {
        errno = ENOTSUP;
        return -1;
    }
    return change(queue, fd, flags, data, 0);
}

int evq_mod(int queue, int fd, unsigned flags, void *data)
{
    return change(queue, fd, flags, data, 1);
}

int evq_del(int queue, int fd)
{
    return change(queue, fd, 0, NULL, 1);
}

int evq_wait(int queue, struct evq_event *events, int capacity, int timeout_ms)
{
    struct kevent ready[EVQ_BATCH];
    struct timespec limit = {.tv_sec = timeout_ms / 1000,
                             .tv_nsec = (long)(timeout_ms % 1000) * 1000000};
    int n = kevent(queue, NULL, 0, ready, capacity < EVQ_BATCH ? capacity : EVQ_BATCH,
                   timeout_ms < 0 ? NULL : &limit);
    if (n < 0)
        return errno == EINTR ? 0 : -1;
    for (int i = 0; i < n; i++) {
        events[i].data = ready[i].udata;
        events[i].flags = ready[i].filter == EVFILT_WRITE ? EVQ_WRITE : EVQ_READ;
        if (ready[i].flags & (EV_EOF | EV_ERROR))
            events[i].flags |= EVQ_READ;
    }
    return n;
}
