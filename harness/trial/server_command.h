/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SERVER_COMMAND_H
#define WAKEONE_SERVER_COMMAND_H

/* Command lines of the suite's servers. On an invalid one the program ends with one line and status 2. */

enum { SERVER_ARGUMENTS_MAX = 48 };

struct server_command {
    const char *arguments[SERVER_ARGUMENTS_MAX + 1]; /* NULL-terminated */
    unsigned count;
    char workers[24], cpu[16];
};

/* build/<backend>/<strategy> --workers N; `build` is found relative to this program in build/bin/. */
void server_command_begin(struct server_command *command, const char *backend, const char *strategy,
                          unsigned long workers);

/* The argument is not copied. */
void server_command_add(struct server_command *command, const char *argument);

/* Binds all its processes to the first CPU that this process may use. */
void server_command_add_one_cpu(struct server_command *command);

/* The arguments after -- on this program's command line, up to NULL. */
void server_command_add_all(struct server_command *command, char *const *arguments);

#endif
