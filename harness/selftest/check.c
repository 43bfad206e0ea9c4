/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worker expected to accept each connection (the winner) is derived from the order. The queue holds the candidates,
 * first in line first. With OVERLAP_FROM workers or more a connection is closed after the next one was opened: until then
 * its worker is not in the queue if it serves one connection at a time.
 */

#include "check.h"

#include "harness/lib/message.h"
#include "harness/stats/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 128 };

enum column {
    ORDER = 1,
    LEAST_EXPECTED,
    MOST_EXPECTED,
    DIRECTION,
    STRATEGY,
    WORKERS,
    CONNECTIONS,
    WAKEUPS,
    LEAST,
    MOST,
    WINNERS,
    BY_COUNTER,
    USEFUL,
    SPURIOUS,
    ABSORBED,
    BLOCKED,
    COLUMNS = BLOCKED
};

/* ---- the expected winner ---- */

struct queue {
    unsigned *workers, length;
};

static unsigned take(struct queue *queue, unsigned at)
{
    unsigned worker = queue->workers[at];
    queue->length--;
    memmove(queue->workers + at, queue->workers + at + 1,
            (queue->length - at) * sizeof *queue->workers);
    return worker;
}

static void append(struct queue *queue, unsigned worker)
{
    queue->workers[queue->length++] = worker;
}

static unsigned first(struct queue *queue)
{
    return queue->workers[0];
}

static unsigned last(struct queue *queue)
{
    return queue->workers[queue->length - 1];
}

static unsigned take_first(struct queue *queue)
{
    return take(queue, 0);
}

static unsigned take_last(struct queue *queue)
{
    return take(queue, queue->length - 1);
}

static unsigned rotate(struct queue *queue)
{
    unsigned worker = take(queue, 0);
    append(queue, worker);
    return worker;
}

/* The orders of strategies (servers/server.h) */
static const struct order {
    const char *name;
    unsigned (*next)(struct queue *queue); /* NULL = not deterministic */
    bool comes_back; /* to the end of the queue, when its connection is closed */
    bool by_number;  /* not by the start order of the workers */
} orders[] = {
    {"any", NULL, false, false},       {"registered", first, false, false},
    {"latest", last, false, false},    {"fifo", take_first, true, false},
    {"lifo", take_last, true, false},  {"rotates", rotate, false, false},
    {"numbered", rotate, false, true},
};

static const struct order *order_of(const struct lines *lines)
{
    for (unsigned i = 0; i < sizeof orders / sizeof *orders; i++)
        if (strcmp(orders[i].name, lines->fields[ORDER - 1]) == 0)
            return &orders[i];
    lines_refuse(lines, ORDER, "an order");
}

/* ---- a line ---- */

static double count(const struct lines *lines, enum column column)
{
    return lines_number(lines, column, NUMBER_ANY);
}

static bool is_counted(const struct lines *lines, enum column column)
{
    return strcmp(lines->fields[column - 1], "-") != 0;
}

static bool is_reversed(const struct lines *lines)
{
    return strcmp(lines->fields[DIRECTION - 1], "reversed") == 0;
}

static struct queue new_queue(const struct lines *lines, const struct order *order)
{
    unsigned workers = (unsigned)lines_number(lines, WORKERS, NUMBER_POSITIVE);
    bool falling = is_reversed(lines) && !order->by_number;
    struct queue queue = {calloc(workers + 1, sizeof *queue.workers), 0};
    if (!queue.workers)
        fail("out of memory");
    for (unsigned i = 0; i < workers; i++)
        append(&queue, falling ? workers - 1 - i : i);
    return queue;
}

/* The first connection that a worker other than the expected one accepted, from 1; 0 = none. *winner: that worker. */
static unsigned first_wrong(const struct lines *lines, const struct order *order, unsigned *winner)
{
    struct queue queue = new_queue(lines, order);
    bool overlap = queue.length >= OVERLAP_FROM;
    unsigned before = 0, wrong = 0, i = 0;
    char *rest = lines->fields[WINNERS - 1], *text;
    while (wrong == 0 && (text = strsep(&rest, ","))) {
        unsigned expected = order->next(&queue);
        *winner = (unsigned)strtoul(text, NULL, 10);
        i++;
        if (*winner != expected)
            wrong = i;
        else if (order->comes_back && (!overlap || i > 1))
            append(&queue, overlap ? before : expected);
        before = expected;
    }
    free(queue.workers);
    return wrong;
}

/* The wakeup counter counts each wakeup that is a context switch, also those by a lock or the disk, and classifies each; each
 * connection caused at least one useful wakeup. False: `why` is the inconsistency. */
static bool instruments_agree(const struct lines *lines, char *why)
{
    if (!is_counted(lines, BY_COUNTER))
        return true;
    double all = count(lines, BY_COUNTER), blocked = count(lines, BLOCKED),
           useful = count(lines, USEFUL), spurious = count(lines, SPURIOUS),
           absorbed = count(lines, ABSORBED), switches = count(lines, WAKEUPS),
           connections = count(lines, CONNECTIONS);
    if (all - blocked != switches)
        snprintf(why, TEXT_SIZE, "the wakeup counter counted %.0f wakeups, not %.0f", all - blocked,
                 switches);
    else if (useful + spurious + absorbed != all)
        snprintf(why, TEXT_SIZE, "%.0f useful, %.0f spurious and %.0f absorbed are not %.0f",
                 useful, spurious, absorbed, all);
    else if (useful < connections)
        snprintf(why, TEXT_SIZE, "only %.0f useful wakeups for %.0f connections", useful,
                 connections);
    else
        return true;
    return false;
}

/* "" = as expected */
static void find_wrong(const struct lines *lines, const struct order *order, char *why)
{
    unsigned winner, wrong;
    *why = '\0';
    if (count(lines, LEAST) < count(lines, LEAST_EXPECTED) ||
        count(lines, MOST) > count(lines, MOST_EXPECTED))
        snprintf(why, TEXT_SIZE, "%s to %s wakeups per connection", lines->fields[LEAST - 1],
                 lines->fields[MOST - 1]);
    else if (instruments_agree(lines, why) && order->next &&
             (wrong = first_wrong(lines, order, &winner)))
        snprintf(why, TEXT_SIZE, "connection %u went to worker %u", wrong, winner);
}

static void put_mean(char *to, const struct lines *lines, enum column column)
{
    snprintf(to, TEXT_SIZE, "%.2f", count(lines, column) / count(lines, CONNECTIONS));
}

static bool check_line(const struct lines *lines)
{
    char expected[TEXT_SIZE], counted[TEXT_SIZE] = "in range", useful[TEXT_SIZE] = "-",
                              name[TEXT_SIZE], why[TEXT_SIZE];
    const struct order *order = order_of(lines);
    double least = count(lines, LEAST_EXPECTED), most = count(lines, MOST_EXPECTED);
    snprintf(name, sizeof name, "%s%s", lines->fields[STRATEGY - 1],
             is_reversed(lines) ? " --reverse" : "");
    snprintf(expected, sizeof expected, "%.0f..%.0f", least, most);
    /* A number that is not fixed varies between runs and is not printed. */
    if (least == most) {
        snprintf(expected, sizeof expected, "%.0f.00", least);
        put_mean(counted, lines, WAKEUPS);
    }
    if (is_counted(lines, USEFUL))
        put_mean(useful, lines, USEFUL);
    find_wrong(lines, order, why);
    printf("%-34s %7s %9s %9s %7s %7s  %-10s  %s%s\n", name, lines->fields[WORKERS - 1], expected,
           counted, useful, lines->fields[BLOCKED - 1], order->name, *why ? "WRONG: " : "ok", why);
    return *why == '\0';
}

bool check_results(void)
{
    struct lines lines = {.file = stdin, .least = COLUMNS, .most = COLUMNS};
    bool ok = true;
    printf("%-34s %7s %9s %9s %7s %7s  %-10s  %s\n", "strategy", "workers", "expected", "counted",
           "useful", "blocked", "order", "verdict");
    while (lines_next(&lines))
        ok = check_line(&lines) && ok;
    return ok;
}
