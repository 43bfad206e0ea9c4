#include "evq.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/event.h>
#include <time.h>
#include <unistd.h>

const char *const evq_backend = "kqueue";
const bool evq_survives_fork = false;

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

static const struct {
    enum evq_flag flag;
    short filter;
} filter_table[] = {{EVQ_READ, EVFILT_READ}, {EVQ_WRITE, EVFILT_WRITE}};

enum { FILTERS = sizeof filter_table / sizeof *filter_table };

const char *evq_lacks(unsigned flags)
{
#ifndef EV_WAKEONE
    if (flags & EVQ_WAKEONE)
        return "this system's kqueue has no EV_WAKEONE";
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

/* kqueue has one knote per filter where epoll has one item per descriptor: those that `flags` wants
 * are added; those that it does not want are deleted if `replace`, and need not be there. */
static int change(int queue, int fd, unsigned flags, void *data, int replace)
{
    unsigned short action = EV_ADD;
    for (size_t i = 0; i < sizeof flag_table / sizeof *flag_table; i++)
        if (flags & flag_table[i].flag)
            action |= flag_table[i].kevent_flag;

    for (int i = 0; i < FILTERS; i++) {
        struct kevent event;
        int wanted = (flags & filter_table[i].flag) != 0;
        if (!wanted && !replace)
            continue;
        EV_SET(&event, fd, filter_table[i].filter, wanted ? action : EV_DELETE, 0, 0, data);
        if (kevent(queue, &event, 1, NULL, 0, NULL) < 0 && (wanted || errno != ENOENT))
            return -1;
    }
    return 0;
}

int evq_add(int queue, int fd, unsigned flags, void *data)
{
    if (evq_lacks(flags)) {
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
