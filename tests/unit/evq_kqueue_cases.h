/* SPDX-License-Identifier: BSD-2-Clause */
/* The tests of servers/evq_kqueue.c with a mock kqueue that records its calls; test_evq_kqueue_*.c
 * include them once with and once without EV_WAKEONE. */

#include "servers/evq_kqueue.c"

#include "support.h"

#include <stdlib.h>
#include <string.h>

#ifdef EV_WAKEONE
enum { HAS_WAKEONE = 1, WAKEONE = EV_WAKEONE };
#else
enum { HAS_WAKEONE = 0, WAKEONE = 0 };
#endif

enum { QUEUE = 71, FD = 72, NOTES = 8 };

static char tag, other_tag;

/* ---- the mock ---- */

static struct {
    struct kevent change[NOTES];
    int changes;
    int failing_change, failure; /* this one, counted from 1, fails with that errno; 0 = none */
    struct kevent event[NOTES];  /* what a wait returns */
    int events;
    int capacity;
    bool has_limit;
    struct timespec limit;
} fake;

int kqueue(void)
{
    errno = fake.failure;
    return fake.failure ? -1 : open("/dev/null", O_RDONLY);
}

/* The receipt is an event: the change, and 0 or an errno. */
static struct kevent note_change(const struct kevent *change)
{
    struct kevent answer = *change;
    if (fake.changes == NOTES)
        abort();
    fake.change[fake.changes++] = *change;
    answer.flags = EV_ERROR;
    answer.data = fake.changes == fake.failing_change ? fake.failure : 0;
    return answer;
}

static int note_changes(const struct kevent *changes, int count, struct kevent *answers)
{
    for (int i = 0; i < count; i++) {
        if (!(changes[i].flags & EV_RECEIPT))
            abort();
        answers[i] = note_change(&changes[i]);
    }
    errno = fake.failure;
    return fake.failure && !fake.failing_change ? -1 : count;
}

static int note_wait(struct kevent *events, int capacity, const struct timespec *limit)
{
    fake.capacity = capacity;
    fake.has_limit = limit != NULL;
    if (limit)
        fake.limit = *limit;
    memcpy(events, fake.event, (size_t)fake.events * sizeof *events);
    errno = fake.failure;
    return fake.failure ? -1 : fake.events;
}

int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events,
           int capacity, const struct timespec *limit)
{
    if (queue != QUEUE || (change_count && capacity != change_count))
        abort();
    return change_count ? note_changes(changes, change_count, events)
                        : note_wait(events, capacity, limit);
}

static int reset_fake(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof fake);
    return 0;
}

/* ---- changes ---- */

struct change_row {
    const char *name;
    unsigned flags;
    unsigned short read, write; /* flags of the change to each filter; 0 = none is wanted */
};

static const struct change_row change_rows[] = {
    {"READ", EVQ_READ, EV_ADD, 0},
    {"WRITE", EVQ_WRITE, 0, EV_ADD},
    {"READ and WRITE", EVQ_READ | EVQ_WRITE, EV_ADD, EV_ADD},
    {"EDGE", EVQ_READ | EVQ_EDGE, EV_ADD | EV_CLEAR, 0},
    {"ONESHOT", EVQ_READ | EVQ_ONESHOT, EV_ADD | EV_ONESHOT, 0},
    {"EDGE and ONESHOT", EVQ_READ | EVQ_WRITE | EVQ_EDGE | EVQ_ONESHOT,
     EV_ADD | EV_CLEAR | EV_ONESHOT, EV_ADD | EV_CLEAR | EV_ONESHOT},
    {"WAKEONE", EVQ_READ | EVQ_WAKEONE, EV_ADD | WAKEONE, 0},
    {"WAKEONE and EDGE", EVQ_READ | EVQ_WAKEONE | EVQ_EDGE, EV_ADD | EV_CLEAR | WAKEONE, 0},
    {"WAKEONE and ONESHOT", EVQ_READ | EVQ_WAKEONE | EVQ_ONESHOT, EV_ADD | EV_ONESHOT | WAKEONE, 0},
};

/* One change of this filter with these flags; none if `flags` is 0. */
static void assert_change(short filter, unsigned short flags)
{
    int found = 0;
    for (int i = 0; i < fake.changes; i++) {
        const struct kevent *change = &fake.change[i];
        if (change->filter != filter)
            continue;
        found++;
        assert_int_equal(change->ident, FD);
        assert_int_equal(change->flags, flags | EV_RECEIPT);
        if (!(flags & EV_DELETE))
            assert_ptr_equal(change->udata, &tag);
    }
    assert_int_equal(found, flags != 0);
}

TEST(add_makes_the_changes)
{
    const struct change_row *row = *state;
    bool lacking = !HAS_WAKEONE && (row->flags & EVQ_WAKEONE);
    errno = 0;
    assert_int_equal(evq_add(QUEUE, FD, row->flags, &tag), lacking ? -1 : 0);
    assert_int_equal(errno, lacking ? ENOTSUP : 0);
    assert_change(EVFILT_READ, lacking ? 0 : row->read);
    assert_change(EVFILT_WRITE, lacking ? 0 : row->write);
}

TEST(mod_makes_the_changes)
{
    const struct change_row *row = *state;
    assert_int_equal(evq_mod(QUEUE, FD, row->flags, &tag), 0);
    assert_change(EVFILT_READ, row->read ? row->read : EV_DELETE);
    assert_change(EVFILT_WRITE, row->write ? row->write : EV_DELETE);
}

TEST(del_makes_the_changes)
{
    assert_int_equal(evq_del(QUEUE, FD), 0);
    assert_change(EVFILT_READ, EV_DELETE);
    assert_change(EVFILT_WRITE, EV_DELETE);
}

struct policy_row {
    const char *name;
    unsigned flags, note;
};

#ifdef NOTE_FIFO
static const struct policy_row policies[] = {
    {"none is named", 0, NOTE_REGISTERED},
    {"FIFO", EVQ_FIFO, NOTE_FIFO},
    {"LIFO", EVQ_LIFO, NOTE_LIFO},
    {"ROTATE", EVQ_ROTATE, NOTE_ROTATE},
};
#else
static const struct policy_row policies[] = {{"FIFO", EVQ_FIFO, 0}};
#endif

TEST(add_with_a_policy)
{
    const struct policy_row *row = *state;
    int result = evq_add(QUEUE, FD, EVQ_READ | EVQ_WRITE | EVQ_WAKEONE | row->flags, &tag);
    assert_int_equal(result, HAS_WAKEONE ? 0 : -1);
    for (int i = 0; i < fake.changes; i++)
        assert_int_equal(fake.change[i].fflags,
                         fake.change[i].filter == EVFILT_READ ? row->note : 0);
    assert_int_equal(fake.changes, HAS_WAKEONE ? 2 : 0);
}

struct failure_row {
    const char *name;
    int failing_change, failure, result;
};

/* The changes are add READ, delete WRITE: a knote to be deleted need not exist. */
static const struct failure_row mod_failures[] = {
    {"deleted filter was not there", 2, ENOENT, 0},
    {"deletion fails", 2, EBADF, -1},
    {"added filter is refused with ENOENT", 1, ENOENT, -1},
    {"added filter is refused", 1, ENOMEM, -1},
};

TEST(mod_when)
{
    const struct failure_row *row = *state;
    fake.failing_change = row->failing_change;
    fake.failure = row->failure;
    errno = 0;
    assert_int_equal(evq_mod(QUEUE, FD, EVQ_READ, &tag), row->result);
    if (row->result)
        assert_int_equal(errno, row->failure);
}

TEST(a_call_that_fails)
{
    fake.failure = EBADF;
    errno = 0;
    assert_int_equal(evq_add(QUEUE, FD, EVQ_READ, &tag), -1);
    assert_int_equal(errno, EBADF);
}

TEST(del_of_one_filter_of_two)
{
    for (int missing = 1; missing <= 2; missing++) {
        fake.changes = 0;
        fake.failing_change = missing;
        fake.failure = ENOENT;
        assert_int_equal(evq_del(QUEUE, FD), 0);
        assert_int_equal(fake.changes, 2);
    }
}

/* ---- waiting ---- */

struct limit_row {
    const char *name;
    int timeout_ms;
    bool has_limit;
    struct timespec limit;
};

static const struct limit_row limit_rows[] = {
    {"none", -1, false, {0, 0}},     {"0", 0, true, {0, 0}},
    {"1 ms", 1, true, {0, 1000000}}, {"999 ms", 999, true, {0, 999000000}},
    {"1 s", 1000, true, {1, 0}},     {"the largest", 2147483647, true, {2147483, 647000000}},
};

TEST(time_out)
{
    const struct limit_row *row = *state;
    struct evq_event event;
    assert_int_equal(evq_wait(QUEUE, &event, 1, row->timeout_ms), 0);
    assert_int_equal(fake.has_limit, row->has_limit);
    assert_int_equal(fake.limit.tv_sec, row->limit.tv_sec);
    assert_int_equal(fake.limit.tv_nsec, row->limit.tv_nsec);
}

TEST(wait_asks_for_no_more_than_there_is_room_for)
{
    static const int capacities[][2] = {
        {1, 1}, {EVQ_BATCH - 1, EVQ_BATCH - 1}, {EVQ_BATCH, EVQ_BATCH}, {1000, EVQ_BATCH}};
    struct evq_event event;
    for (size_t i = 0; i < COUNT(capacities); i++) {
        evq_wait(QUEUE, &event, capacities[i][0], 0);
        assert_int_equal(fake.capacity, capacities[i][1]);
    }
}

TEST(events_are_translated)
{
    struct evq_event event[2];
    fake.events = 2;
    EV_SET(&fake.event[0], FD, EVFILT_WRITE, 0, 0, 0, &other_tag);
    EV_SET(&fake.event[1], FD, EVFILT_READ, 0, 0, 0, &tag);
    assert_int_equal(evq_wait(QUEUE, event, 2, 0), 2);
    assert_int_equal(event[0].flags, EVQ_WRITE);
    assert_ptr_equal(event[0].data, &other_tag);
    assert_int_equal(event[1].flags, EVQ_READ);
    assert_ptr_equal(event[1].data, &tag);
}

static const struct change_row end_rows[] = {
    {"end of file when reading", 0, EV_EOF, 0},
    {"end of file when writing", 0, 0, EV_EOF},
    {"error when reading", 0, EV_ERROR, 0},
    {"error when writing", 0, 0, EV_ERROR},
};

TEST(ends_are_read)
{
    const struct change_row *row = *state;
    struct evq_event event;
    fake.events = 1;
    EV_SET(&fake.event[0], FD, row->read ? EVFILT_READ : EVFILT_WRITE, row->read | row->write, 0, 0,
           &tag);
    assert_int_equal(evq_wait(QUEUE, &event, 1, 0), 1);
    assert_true(event.flags & EVQ_READ);
}

TEST(wait_that_fails)
{
    struct evq_event event;
    fake.failure = EINTR;
    assert_int_equal(evq_wait(QUEUE, &event, 1, -1), 0);
    fake.failure = EBADF;
    assert_int_equal(evq_wait(QUEUE, &event, 1, -1), -1);
    assert_int_equal(errno, EBADF);
}

TEST(lacks_only_what_the_system_has_not)
{
    for (unsigned flags = 0; flags < 32; flags++)
        assert_int_equal(evq_unsupported(flags) != NULL, !HAS_WAKEONE && (flags & EVQ_WAKEONE));
}

TEST(queue_is_closed_on_exec)
{
    int queue = evq_open();
    assert_int_equal(fcntl(queue, F_GETFD), FD_CLOEXEC);
    close(queue);
    fake.failure = ENOMEM;
    assert_int_equal(evq_open(), -1);
    assert_int_equal(errno, ENOMEM);
    assert_string_equal(evq_backend, "kqueue");
}

int main(void)
{
    ADD_ROWS(add_makes_the_changes, change_rows);
    ADD_ROWS(mod_makes_the_changes, change_rows);
    ADD_ROWS(add_with_a_policy, policies);
    ADD(del_makes_the_changes);
    ADD_ROWS(mod_when, mod_failures);
    ADD(a_call_that_fails);
    ADD(del_of_one_filter_of_two);
    ADD_ROWS(time_out, limit_rows);
    ADD(wait_asks_for_no_more_than_there_is_room_for);
    ADD(events_are_translated);
    ADD_ROWS(ends_are_read, end_rows);
    ADD(wait_that_fails);
    ADD(lacks_only_what_the_system_has_not);
    ADD(queue_is_closed_on_exec);
    return run_added(reset_fake, NULL);
}
