/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections.h"

#include "harness/lib/array.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct connection {
    uint64_t order; /* of its arrival, from 1 */
    struct event established;
    struct event accepted; /* socket 0 = not yet; tid 0 = by an untracked thread */
    bool seen;             /* accepted before the last write: no more wakeups are pending */
    uint32_t *woken;
    unsigned count, room;
};

static FILE *out;
static struct connection *open_ones;
static unsigned count, room;
static uint64_t first_at, established;

void connections_begin(FILE *file)
{
    out = file;
    first_at = established = 0;
    fputs("connection,port,at_us,woken,wakeups,accepted_by,waited_us\n", out);
}

static void begin(const struct event *event)
{
    open_ones = array_grow(open_ones, count, &room, sizeof *open_ones);
    open_ones[count++] = (struct connection){.established = *event, .order = ++established};
    if (!first_at)
        first_at = event->at;
}

static void add_woken(const struct event *event)
{
    for (unsigned i = count; i-- > 0;) {
        struct connection *c = &open_ones[i];
        if (c->established.number != event->number)
            continue;
        c->woken = array_grow(c->woken, c->count, &c->room, sizeof *c->woken);
        c->woken[c->count++] = event->tid;
        return;
    }
}

static void leave_out(unsigned i)
{
    free(open_ones[i].woken);
    count--;
    memmove(&open_ones[i], &open_ones[i + 1], (count - i) * sizeof *open_ones);
}

/* The kernel reuses socket addresses: the last connection with this address is meant. One that woke no tracked thread, and
 * was accepted by an untracked one, belongs to an untracked listener. */
static void set_accepted(const struct event *event)
{
    for (unsigned i = count; i-- > 0;)
        if (open_ones[i].established.socket == event->socket) {
            if (event->tid == 0 && open_ones[i].count == 0)
                leave_out(i);
            else
                open_ones[i].accepted = *event;
            return;
        }
}

void connections_take(const struct event *event)
{
    static void (*const takes[])(const struct event *) = {
        [EVENT_ESTABLISHED] = begin,
        [EVENT_WOKEN] = add_woken,
        [EVENT_ACCEPTED] = set_accepted,
    };
    takes[event->kind](event);
}

static void write_one(const struct connection *c)
{
    fprintf(out, "%llu,%u,%.1f,", (unsigned long long)c->order, c->established.port,
            (double)(c->established.at - first_at) / 1e3);
    for (unsigned i = 0; i < c->count; i++)
        fprintf(out, "%s%u", i ? "+" : "", c->woken[i]);
    fprintf(out, ",%u,", c->count);
    if (c->accepted.tid)
        fprintf(out, "%u,%.1f", c->accepted.tid,
                (double)(c->accepted.at - c->established.at) / 1e3);
    else
        putc(',', out);
    putc('\n', out);
}

void connections_write(bool rest)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < count; i++) {
        struct connection *c = &open_ones[i];
        if (c->seen || rest) {
            write_one(c);
            free(c->woken);
            continue;
        }
        c->seen = c->accepted.socket != 0;
        open_ones[kept++] = *c;
    }
    count = kept;
    if (rest) {
        free(open_ones);
        open_ones = NULL;
        count = room = 0;
    }
}
