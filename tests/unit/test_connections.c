/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of connections, as stories: "+N S" connection N is established with socket S, "wN T" it wakes thread T,
 * "aS T" thread T (0 = one that is not followed) accepts socket S, "|" all that is finished is written. */

#include "harness/wakeups/connections.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

struct story {
    const char *name, *events, *rows;
};

static const struct story stories[] = {
    {"one", "+1 7;w1 20;w1 21;a7 20", "1,80,0.0,20+21,2,20,3.0\n"},
    {"woke_nobody", "+1 7;a7 20", "1,80,0.0,,0,20,1.0\n"},
    {"accepted_by_nobody", "+1 7;w1 20", "1,80,0.0,20,1,,\n"},
    {"stranded", "+1 7", "1,80,0.0,,0,,\n"},
    {"of_another_listener", "+1 7;+2 8;a7 0;w2 20;a8 20", "2,80,1.0,20,1,20,3.0\n"},
    {"last_of_another_listener", "+1 7;+2 8;w1 20;a7 20;a8 0", "1,80,0.0,20,1,20,3.0\n"},
    {"woken_for_nothing", "+1 7;w1 20;a7 0", "1,80,0.0,20,1,,\n"},
    {"socket_used_again", "+1 7;a7 20;+2 7;a7 0", "1,80,0.0,,0,20,1.0\n"},
    {"accepted_before_anything_was_seen", "a7 20;a8 0;+1 9;a9 20", "1,80,0.0,,0,20,1.0\n"},
    {"woken_after_it_was_accepted", "+1 7;a7 20;|;w1 21;|", "1,80,0.0,21,1,20,1.0\n"},
    {"written_once", "+1 7;a7 20;|;|;|;+2 8;a8 20", "1,80,0.0,,0,20,1.0\n2,80,5.0,,0,20,1.0\n"},
    {"kept_until_accepted", "+1 7;|;|;|;a7 20", "1,80,0.0,,0,20,4.0\n"},
};

static void take(const char *what, uint64_t at)
{
    unsigned long first = 0, second = 0;
    struct event event = {.at = at, .port = 80};
    if (what[0] == '|') {
        connections_write(false);
        return;
    }
    sscanf(what + 1, "%lu %lu", &first, &second);
    switch (what[0]) {
    case '+':
        event.kind = EVENT_ESTABLISHED;
        event.number = first;
        event.socket = second;
        break;
    case 'w':
        event.kind = EVENT_WOKEN;
        event.number = first;
        event.tid = (uint32_t)second;
        break;
    default:
        event.kind = EVENT_ACCEPTED;
        event.socket = first;
        event.tid = (uint32_t)second;
    }
    connections_take(&event);
}

/* An event a microsecond. */
TEST(rows_are_those_of_the_story)
{
    static const char header[] = "connection,port,at_us,woken,wakeups,accepted_by,waited_us\n";
    const struct story *story = *state;
    char *text, events[256], *rest = events;
    size_t size;
    uint64_t at = 1000000;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    snprintf(events, sizeof events, "%s", story->events);
    connections_begin(file);
    for (const char *what; (what = strsep(&rest, ";")); at += 1000)
        take(what, at);
    connections_write(true);
    fclose(file);
    assert_memory_equal(text, header, sizeof header - 1);
    assert_string_equal(text + sizeof header - 1, story->rows);
    free(text);
}

int main(void)
{
    ADD_ROWS(rows_are_those_of_the_story, stories);
    return run_added(NULL, NULL);
}
