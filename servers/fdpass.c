/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdpass: one process accepts and hands connections to the workers
 *
 *                                        +--> channel 0 --> worker 0
 *      connection --> listener --> acceptor --> channel 1 --> worker 1
 *                                        +--> channel 2 --> worker 2
 *                                        +--> ...
 *
 * The acceptor is a separate process in addition to the n workers. It sends each connection's
 * descriptor over a UNIX socket (SCM_RIGHTS) to the worker that its policy selects: round robin, or
 * the one with fewest open connections.
 *
 * Cost: 2 wakeups per connection, of the acceptor and of the worker, and two more system calls on
 * each side; in exchange the program defines the policy, not the kernel. SCM_RIGHTS passes the
 * socket with its receive queue: no data is lost between the two processes.
 *
 * If the acceptor dies, no worker gets new connections: the workers finish their open connections
 * and exit, and so does the server. If a worker dies, its channel is closed, and the acceptor skips
 * it.
 */

#include "channel.h"
#include "harness/lib/message.h"
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum policy { ROUND_ROBIN, LEAST_LOADED };

static const char *const policy_names[] = {"round-robin", "least-loaded", NULL};
static unsigned policy = ROUND_ROBIN;

static const struct option_spec options[] = {
    {OPTION_CHOICE, "policy", "POLICY", "round-robin or least-loaded (round-robin)", &policy, 0, 0,
     policy_names},
    OPTIONS_END,
};

struct channel {
    struct watch acceptor_end; /* fd -1 = the worker has ended */
    int worker_end;
    uint64_t passed;
};

static struct channel *channels;
static unsigned workers;

/* ---- acceptor ---- */

static int held = -1; /* a connection for which all channels were full; -1 = none */

static uint64_t load_of(unsigned id)
{
    return channels[id].passed - stat_read(&server.stats->slot[id].closed);
}

/* The worker to try first; the others follow by number. */
static unsigned choose(void)
{
    static unsigned next;
    unsigned best = next++ % workers;
    if (policy == LEAST_LOADED)
        for (unsigned i = 1; i < workers; i++) {
            unsigned other = (best + i) % workers;
            if (channels[best].acceptor_end.fd < 0 ||
                (channels[other].acceptor_end.fd >= 0 && load_of(other) < load_of(best)))
                best = other;
        }
    return best;
}

static void drop_channel(struct worker *w, struct channel *channel)
{
    evq_del(w->queue, channel->acceptor_end.fd);
    close(channel->acceptor_end.fd);
    channel->acceptor_end.fd = -1;
    for (unsigned i = 0; i < workers; i++)
        if (channels[i].acceptor_end.fd >= 0)
            return;
    worker_stop(w); /* no worker is left */
}

/* False if every channel is full. */
static bool pass(struct worker *w, int fd)
{
    unsigned first = choose();
    for (unsigned i = 0; i < workers; i++) {
        struct channel *channel = &channels[(first + i) % workers];
        if (channel->acceptor_end.fd < 0)
            continue;
        if (channel_send(channel->acceptor_end.fd, fd)) {
            channel->passed++;
            close(fd);
            return true;
        }
        if (errno != EAGAIN && errno != ETOOMANYREFS)
            drop_channel(w, channel);
    }
    return false;
}

static void watch_channels_for(struct worker *w, unsigned flags)
{
    for (unsigned i = 0; i < workers; i++)
        if (channels[i].acceptor_end.fd >= 0)
            evq_mod(w->queue, channels[i].acceptor_end.fd, flags, &channels[i].acceptor_end);
}

static void take(struct worker *w, int fd)
{
    if (pass(w, fd))
        return;
    if (w->stopping || held >= 0) {
        close(fd);
        return;
    }
    /* All channels are full: accept no more connections until one has room. */
    held = fd;
    worker_unwatch_listener(w);
    watch_channels_for(w, EVQ_READ | EVQ_WRITE);
}

static void channel_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    if (flags & EVQ_READ) /* workers send nothing: the channel was closed */
        drop_channel(w, (struct channel *)watch);
    w->progress = true;
    if (held < 0 || !pass(w, held))
        return;
    held = -1;
    watch_channels_for(w, EVQ_READ);
    worker_watch_listener(w, EVQ_READ);
}

static void acceptor(struct worker *w)
{
    for (unsigned i = 0; i < workers; i++) {
        close(channels[i].worker_end);
        channels[i].acceptor_end.ready = channel_ready;
        worker_watch(w, &channels[i].acceptor_end, EVQ_READ);
    }
    w->take = take;
    worker_watch_listener(w, EVQ_READ);
    while (worker_iterate(w))
        continue;
    if (held >= 0)
        close(held);
    free(channels);
}

/* ---- worker ---- */

static void connection_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    int fd;
    (void)flags;
    switch (channel_receive(watch->fd, &fd)) {
    case CHANNEL_GOT:
        w->progress = true;
        stat_add(&w->stats->accepts, 1);
        worker_serve(w, fd);
        return;
    case CHANNEL_ENDED: /* the acceptor has ended, and all passed descriptors were received */
        evq_del(w->queue, watch->fd);
        worker_stop(w);
        return;
    case CHANNEL_EMPTY:
    case CHANNEL_LOST:
        return;
    }
}

static void worker(struct worker *w)
{
    struct watch channel = {channels[w->id].worker_end, connection_ready};
    for (unsigned i = 0; i < workers; i++) {
        close(channels[i].acceptor_end.fd);
        if (i != w->id)
            close(channels[i].worker_end);
    }
    free(channels);
    close(w->listener.fd);
    w->listener.fd = -1;
    /* Connections that the acceptor passes while it stops are served: end of file of the channel
     * stops the worker, not SIGTERM. */
    worker_ignore_stop(w);
    worker_watch(w, &channel, EVQ_READ);
    while (worker_iterate(w))
        continue;
}

/* ---- supervisor ---- */

static void close_channels(void)
{
    for (unsigned i = 0; i < workers; i++) {
        close(channels[i].acceptor_end.fd);
        close(channels[i].worker_end);
    }
    free(channels);
}

static void set_up(unsigned count)
{
    int ends[2];
    channels = calloc(count, sizeof *channels);
    if (!channels)
        fail("out of memory");
    for (workers = 0; workers < count; workers++) {
        if (channel_open(ends) != 0) {
            int error = errno;
            close_channels(); /* exit handlers may need descriptors: LeakSanitizer does */
            fail_usage("cannot make a channel for each of %u workers: %s; see `ulimit -n`", count,
                       strerror(error));
        }
        channels[workers] = (struct channel){.acceptor_end.fd = ends[0], .worker_end = ends[1]};
    }
}

static const struct variant variants[] = {
    VARIANT("fdpass", "", "2", NUMBERED),
    VARIANT("fdpass-least-loaded", "--policy least-loaded", "2", NUMBERED),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "one acceptor passes descriptors to the workers",
    .variants = variants,
    .options = options,
    .worker = worker,
    .acceptor = acceptor,
    .set_up = set_up,
    .forked = close_channels,
};
