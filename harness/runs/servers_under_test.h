#ifndef WAKEONE_SERVERS_UNDER_TEST_H
#define WAKEONE_SERVERS_UNDER_TEST_H

/*
 * Who is measured: strategies and third-party servers under their own names, servers with options under other names, and
 * the baseline a second time, as A/A control: the same server, so that what the two differ by is noise.
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

/* Of the settings, whose lists of names and baseline are brought into their form ("racing,wakeone"); anything wrong is a
 * usage error. */
void servers_read(struct servers_under_test *servers, struct settings *settings,
                  const struct catalogue *catalogue);
void servers_free(struct servers_under_test *servers);

const struct planned_server *server_with_role(const struct servers_under_test *servers,
                                              enum server_role role);

/* Takes those out of settings and servers that this machine has not got, and reports each; `skipped`: lines of skipped.tsv.
 * Without the baseline another is. Ends the program where none is left. */
void servers_leave_out(struct servers_under_test *servers, struct settings *settings,
                       struct catalogue *catalogue, struct text *skipped);

/* strategies.tsv: figures and tables draw from the run alone. */
void servers_write(const struct servers_under_test *servers, struct catalogue *catalogue,
                   struct text *to);

#endif
