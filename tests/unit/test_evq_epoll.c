/* SPDX-License-Identifier: BSD-2-Clause */
/* Included, because the unit tests link no backend. */
#include "servers/evq_epoll.c"

#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PAIRS = EVQ_BATCH + 6 };

/* A queue, and a pair of sockets: data sent at the far end arrives at the near one. */
static int queue, near, far;
static char tag;

static int set_up(void **state)
{
    int pair[2];
    (void)state;
    queue = evq_open();
    if (queue < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        return -1;
    near = pair[0];
    far = pair[1];
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    close(queue);
    close(near);
    close(far);
    return 0;
}

static void send_byte(void)
{
    assert_int_equal(write(far, "x", 1), 1);
}

/* The flags of the only ready event, 0 = none. */
static unsigned ready(void)
{
    struct evq_event event[2];
    int n = evq_wait(queue, event, 2, 0);
    assert_in_range(n, 0, 1);
    if (n)
        assert_ptr_equal(event[0].data, &tag);
    return n ? event[0].flags : 0;
}

struct flags {
    const char *name;
    unsigned flags, events;
};

static const struct flags add_flags[] = {
    {"nothing", 0, 0},
    {"READ", EVQ_READ, EPOLLIN},
    {"WRITE", EVQ_WRITE, EPOLLOUT},
    {"READ and WRITE", EVQ_READ | EVQ_WRITE, EPOLLIN | EPOLLOUT},
    {"EDGE", EVQ_READ | EVQ_EDGE, EPOLLIN | (unsigned)EPOLLET},
    {"ONESHOT", EVQ_READ | EVQ_ONESHOT, EPOLLIN | EPOLLONESHOT},
    {"EDGE and ONESHOT", EVQ_WRITE | EVQ_EDGE | EVQ_ONESHOT,
     EPOLLOUT | (unsigned)EPOLLET | EPOLLONESHOT},
    {"WAKEONE", EVQ_READ | EVQ_WAKEONE, EPOLLIN | EPOLLEXCLUSIVE},
    {"WAKEONE and EDGE", EVQ_READ | EVQ_WAKEONE | EVQ_EDGE,
     EPOLLIN | EPOLLEXCLUSIVE | (unsigned)EPOLLET},
};

/* The events that the kernel watches `near` for, from fdinfo. */
static unsigned watched(void)
{
    char path[64], line[256];
    unsigned fd, events, found = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", queue);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "tfd: %u events: %x", &fd, &events) == 2 && (int)fd == near)
            found = events & ~(unsigned)(EPOLLERR | EPOLLHUP); /* always watched */
    fclose(file);
    return found;
}

TEST(add_asks_for)
{
    const struct flags *row = *state;
    assert_int_equal(evq_add(queue, near, row->flags, &tag), 0);
    assert_int_equal(watched(), row->events);
}

TEST(mod_asks_for)
{
    const struct flags *row = *state;
    assert_int_equal(evq_add(queue, near, EVQ_READ | EVQ_WRITE, NULL), 0);
    int wakeone = (row->flags & EVQ_WAKEONE) != 0; /* "only with evq_add" */
    assert_int_equal(evq_mod(queue, near, row->flags, &tag), wakeone ? -1 : 0);
    assert_int_equal(watched(), wakeone ? EPOLLIN | EPOLLOUT : row->events);
}

TEST(level_is_reported_until_it_is_read)
{
    char byte;
    assert_int_equal(evq_add(queue, near, EVQ_READ, &tag), 0);
    assert_int_equal(ready(), 0);
    send_byte();
    assert_int_equal(ready(), EVQ_READ);
    assert_int_equal(ready(), EVQ_READ);
    assert_int_equal(read(near, &byte, 1), 1);
    assert_int_equal(ready(), 0);
}

TEST(edge_is_reported_once_per_arrival)
{
    assert_int_equal(evq_add(queue, near, EVQ_READ | EVQ_EDGE, &tag), 0);
    for (int i = 0; i < 2; i++) {
        send_byte();
        assert_int_equal(ready(), EVQ_READ);
        assert_int_equal(ready(), 0);
    }
}

TEST(oneshot_is_reported_once_per_mod)
{
    assert_int_equal(evq_add(queue, near, EVQ_READ | EVQ_ONESHOT, &tag), 0);
    send_byte();
    assert_int_equal(ready(), EVQ_READ);
    send_byte();
    assert_int_equal(ready(), 0);
    assert_int_equal(evq_mod(queue, near, EVQ_READ | EVQ_ONESHOT, &tag), 0);
    assert_int_equal(ready(), EVQ_READ);
    assert_int_equal(ready(), 0);
}

TEST(del_ends_it)
{
    assert_int_equal(evq_add(queue, near, EVQ_READ, &tag), 0);
    send_byte();
    assert_int_equal(evq_del(queue, near), 0);
    assert_int_equal(ready(), 0);
}

TEST(write_is_reported_while_there_is_room)
{
    char junk[4096] = "";
    assert_int_equal(evq_add(queue, near, EVQ_READ | EVQ_WRITE, &tag), 0);
    assert_int_equal(ready(), EVQ_WRITE);
    send_byte();
    assert_int_equal(ready(), EVQ_READ | EVQ_WRITE);
    while (write(near, junk, sizeof junk) > 0)
        ;
    assert_int_equal(ready(), EVQ_READ);
}

TEST(end_of_file_and_errors_are_read)
{
    assert_int_equal(evq_add(queue, near, EVQ_WRITE, &tag), 0);
    assert_int_equal(ready(), EVQ_WRITE);
    close(far);
    far = -1;
    assert_int_equal(ready(), EVQ_READ | EVQ_WRITE);
}

TEST(wait_returns_no_more_than_there_is_room_for)
{
    struct evq_event event[PAIRS];
    int ends[PAIRS][2];
    for (int i = 0; i < PAIRS; i++) {
        assert_int_equal(pipe(ends[i]), 0);
        assert_int_equal(evq_add(queue, ends[i][1], EVQ_WRITE, &ends[i]), 0);
    }
    assert_int_equal(evq_wait(queue, event, 2, 0), 2);
    assert_ptr_not_equal(event[0].data, event[1].data);
    assert_int_equal(evq_wait(queue, event, PAIRS, 0), EVQ_BATCH);
    for (int i = 0; i < PAIRS; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

TEST(wait_ends_with_the_time_out)
{
    struct evq_event event;
    assert_int_equal(evq_wait(queue, &event, 1, 0), 0);
    assert_int_equal(evq_wait(queue, &event, 1, 2), 0);
}

static void ignore(int signal_number)
{
    (void)signal_number;
}

TEST(wait_without_limit_ends_with_a_signal)
{
    /* Repeatedly: a single one may arrive before the wait. */
    static const struct itimerval often = {{0, 2000}, {0, 2000}}, never;
    struct sigaction action = {.sa_handler = ignore};
    struct evq_event event;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    assert_int_equal(evq_wait(queue, &event, 1, -1), 0);
    setitimer(ITIMER_REAL, &never, NULL);
}

static void assert_refused(int result, int error)
{
    assert_int_equal(result, -1);
    assert_int_equal(errno, error);
}

TEST(errors_have_their_errno)
{
    struct evq_event event;
    assert_refused(evq_mod(queue, near, EVQ_READ, &tag), ENOENT);
    assert_refused(evq_del(queue, near), ENOENT);
    assert_int_equal(evq_add(queue, near, EVQ_READ, &tag), 0);
    assert_refused(evq_add(queue, near, EVQ_READ, &tag), EEXIST);
    assert_refused(evq_add(queue, far, EVQ_READ | EVQ_WAKEONE | EVQ_ONESHOT, &tag), EINVAL);
    assert_refused(evq_wait(near, &event, 1, 0), EINVAL);
    assert_refused(evq_wait(-1, &event, 1, 0), EBADF);
}

TEST(lacks_only_wakeone_with_oneshot)
{
    for (unsigned flags = 0; flags < 32; flags++)
        assert_int_equal(evq_unsupported(flags) != NULL,
                         (flags & EVQ_WAKEONE) && (flags & EVQ_ONESHOT));
}

TEST(queue_is_closed_on_exec)
{
    assert_int_equal(fcntl(queue, F_GETFD), FD_CLOEXEC);
    assert_string_equal(evq_backend, "epoll");
}

int main(void)
{
    ADD_ROWS(add_asks_for, add_flags);
    ADD_ROWS(mod_asks_for, add_flags);
    ADD(level_is_reported_until_it_is_read);
    ADD(edge_is_reported_once_per_arrival);
    ADD(oneshot_is_reported_once_per_mod);
    ADD(del_ends_it);
    ADD(write_is_reported_while_there_is_room);
    ADD(end_of_file_and_errors_are_read);
    ADD(wait_returns_no_more_than_there_is_room_for);
    ADD(wait_ends_with_the_time_out);
    ADD(wait_without_limit_ends_with_a_signal);
    ADD(errors_have_their_errno);
    ADD(lacks_only_wakeone_with_oneshot);
    ADD(queue_is_closed_on_exec);
    return run_added(set_up, clean_up);
}
