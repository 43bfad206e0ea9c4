/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of connections that wait: held against a plain array of the times they were put in. */

#include "harness/load/generator.h"

#include "support.h"

#include <string.h>

enum { CONNECTIONS = 16, STEPS = 20000 };
static const uint64_t DELAY = 1000;

static struct connection connections[CONNECTIONS];
static uint64_t until[CONNECTIONS]; /* 0 = not in the list */

static uint64_t earliest(void)
{
    uint64_t first = WAITING_FOR_EVER;
    for (int i = 0; i < CONNECTIONS; i++)
        if (until[i] && until[i] < first)
            first = until[i];
    return first;
}

static unsigned long listed(void)
{
    unsigned long count = 0;
    for (int i = 0; i < CONNECTIONS; i++)
        count += until[i] != 0;
    return count;
}

static void check(const struct waiting *w)
{
    unsigned long count = 0;
    for (const struct connection *c = w->first; c; c = c->next, count++) {
        assert_true(until[c - connections] == c->until_ns);
        assert_true(!c->next || c->next->until_ns >= c->until_ns);
        assert_ptr_equal(c->next ? c->next->previous : w->last, c);
    }
    assert_int_equal(count, w->count);
    assert_int_equal(count, listed());
    assert_true(waiting_end(w) == earliest());
}

TEST(random_coming_and_going)
{
    struct waiting w = {.delay_ns = DELAY};
    memset(connections, 0, sizeof connections);
    memset(until, 0, sizeof until);
    for (uint64_t now = 1; now < STEPS; now += random_number() % 3) {
        unsigned i = random_number() % CONNECTIONS;
        if (until[i]) {
            waiting_leave(&connections[i]);
            until[i] = 0;
        } else {
            waiting_add(&w, &connections[i], now);
            until[i] = now + DELAY;
        }
        check(&w);
    }
}

TEST(leaving_twice_is_nothing)
{
    struct waiting w = {.delay_ns = DELAY};
    struct connection c = {0};
    waiting_add(&w, &c, 5);
    waiting_leave(&c);
    waiting_leave(&c);
    assert_int_equal(w.count, 0);
    assert_true(waiting_end(&w) == WAITING_FOR_EVER);
}

TEST(for_ever)
{
    struct waiting w = {.delay_ns = WAITING_FOR_EVER};
    struct connection c = {0};
    waiting_add(&w, &c, UINT64_MAX - 5);
    assert_true(waiting_end(&w) == WAITING_FOR_EVER);
}

int main(void)
{
    ADD(random_coming_and_going);
    ADD(leaving_twice_is_nothing);
    ADD(for_ever);
    return run_added(NULL, NULL);
}
