/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SERVERS_UNDER_TEST_H
#define WAKEONE_SERVERS_UNDER_TEST_H

/*
 * Servers under test: strategies and third-party servers under their own names, servers with options under other names, and the
 * A/A control, which is the baseline measured a second time, so that any difference between the two is noise.
 */

#include "run.h"
#include "settings.h"
#include "strategies.h"

struct planned_server {
    char *name,
        *command; /* command: a strategy or a third-party server, and options of it, as "wakeone --service-us 5" */
    const char *backend;
    unsigned long workers_most; /* 0 = any number */
    enum server_role role;
};

struct servers_under_test {
    struct planned_server *all; /* in the order of strategies.tsv: the A/A control is the last */
    unsigned count;
};

/* From the settings; normalizes their lists of names and the baseline ("racing,wakeone"). Errors are usage errors. */
void servers_read(struct servers_under_test *servers, struct settings *settings,
                  const struct catalogue *catalogue);
void servers_free(struct servers_under_test *servers);

const struct planned_server *server_with_role(const struct servers_under_test *servers,
                                              enum server_role role);

/* Removes servers that are unavailable on this machine from settings and servers, and reports each; `skipped`: lines of
 * skipped.tsv. If the baseline is removed, another one is selected. Ends the program if none is left. */
void servers_leave_out(struct servers_under_test *servers, struct settings *settings,
                       struct catalogue *catalogue, struct text *skipped);

/* strategies.tsv, so that figures and tables depend on the run alone. */
void servers_write(const struct servers_under_test *servers, struct catalogue *catalogue,
                   struct text *to);

#endif
