/* SPDX-License-Identifier: BSD-2-Clause */
#include "evq.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

const char *const evq_backend = "epoll";
const bool evq_survives_fork = true;
const bool evq_drops_closed = true;

static const struct {
    enum evq_flag flag;
    unsigned events;
} flag_table[] = {
    {EVQ_READ, EPOLLIN},           {EVQ_WRITE, EPOLLOUT},       {EVQ_WAKEONE, EPOLLEXCLUSIVE},
    {EVQ_EDGE, (unsigned)EPOLLET}, {EVQ_ONESHOT, EPOLLONESHOT},
};

static struct epoll_event epoll_event_of(unsigned flags, void *data)
{
    struct epoll_event event = {.events = 0, .data.ptr = data};
    for (size_t i = 0; i < sizeof flag_table / sizeof *flag_table; i++)
        if (flags & flag_table[i].flag)
            event.events |= flag_table[i].events;
    return event;
}

const char *evq_unsupported(unsigned flags)
{
    if ((flags & EVQ_WAKEONE) && (flags & EVQ_ONESHOT))
        return "epoll does not support EPOLLEXCLUSIVE together with EPOLLONESHOT";
    if (flags & (EVQ_FIFO | EVQ_LIFO | EVQ_ROTATE))
        return "epoll supports no policy but to wake the queue that was added first";
    return NULL;
}

int evq_open(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

int evq_add(int queue, int fd, unsigned flags, void *data)
{
    struct epoll_event event = epoll_event_of(flags, data);
    return epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
}

int evq_mod(int queue, int fd, unsigned flags, void *data)
{
    struct epoll_event event = epoll_event_of(flags, data);
    return epoll_ctl(queue, EPOLL_CTL_MOD, fd, &event);
}

int evq_del(int queue, int fd)
{
    return epoll_ctl(queue, EPOLL_CTL_DEL, fd, NULL);
}

int evq_wait(int queue, struct evq_event *events, int capacity, int timeout_ms)
{
    struct epoll_event ready[EVQ_BATCH];
    int n = epoll_wait(queue, ready, capacity < EVQ_BATCH ? capacity : EVQ_BATCH, timeout_ms);
    if (n < 0)
        return errno == EINTR ? 0 : -1;
    for (int i = 0; i < n; i++) {
        events[i].data = ready[i].data.ptr;
        events[i].flags = (ready[i].events & EPOLLOUT) ? EVQ_WRITE : 0;
        if (ready[i].events & ~(unsigned)EPOLLOUT)
            events[i].flags |= EVQ_READ;
    }
    return n;
}
