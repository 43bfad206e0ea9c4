/* SPDX-License-Identifier: BSD-2-Clause */
#include "waiting.h"

#include "generator.h"

void waiting_add(struct waiting *w, struct connection *c, uint64_t now)
{
    c->waiting = w;
    c->until_ns = w->delay_ns == WAITING_FOR_EVER ? WAITING_FOR_EVER : now + w->delay_ns;
    c->next = NULL;
    c->previous = w->last;
    if (w->last)
        w->last->next = c;
    else
        w->first = c;
    w->last = c;
    w->count++;
}

void waiting_leave(struct connection *c)
{
    struct waiting *w = c->waiting;
    if (!w)
        return;
    if (c->previous)
        c->previous->next = c->next;
    else
        w->first = c->next;
    if (c->next)
        c->next->previous = c->previous;
    else
        w->last = c->previous;
    w->count--;
    c->waiting = NULL;
    c->previous = c->next = NULL;
}

uint64_t waiting_end(const struct waiting *w)
{
    return w->first ? w->first->until_ns : WAITING_FOR_EVER;
}
