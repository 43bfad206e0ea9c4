#ifndef WAKEONE_SERVER_COMMAND_H
#define WAKEONE_SERVER_COMMAND_H

/* The command line of one of the suite's servers. What is wrong with it ends the program with one
 * line and status 2. */

enum { SERVER_WORDS_MAX = 48 };

struct server_command {
    const char *words[SERVER_WORDS_MAX + 1]; /* NULL-terminated */
    unsigned count;
    char workers[24], cpu[16];
};

/* build/<backend>/<strategy> --workers N; `build` is where this program stands, build/bin/. */
void server_command_begin(struct server_command *command, const char *backend, const char *strategy,
                          unsigned long workers);

/* The word stays the caller's. */
void server_command_add(struct server_command *command, const char *word);

/* All its processes on one CPU, the first that we may use. */
void server_command_add_one_cpu(struct server_command *command);

/* What came after -- on our own command line: `words` up to its NULL. */
void server_command_add_all(struct server_command *command, char *const *words);

#endif
