/* SPDX-License-Identifier: BSD-2-Clause */
#include "server_command.h"

#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/program_path.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *server_path_or_die(const char *backend, const char *strategy)
{
    static char path[4096];
    char *directory = program_directory_or_die();
    if (!strategy)
        fail_usage("missing --strategy; see --help");
    if (strchr(strategy, '/') || strchr(backend, '/'))
        fail_usage("--strategy and --backend take names, not paths");
    const char *build = dirname(directory);
    snprintf(path, sizeof path, "%s/%s/%s", build, backend, strategy);
    if (access(path, X_OK) == 0)
        return path;
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ENAMETOOLONG)
        fail_usage("no server '%s' for backend %s: see the files in servers/", strategy, backend);
    fail("cannot run %s: %s", path, strerror(errno));
}

void server_command_begin(struct server_command *command, const char *backend, const char *strategy,
                          unsigned long workers)
{
    command->count = 0;
    snprintf(command->workers, sizeof command->workers, "%lu", workers);
    server_command_add(command, server_path_or_die(backend, strategy));
    server_command_add(command, "--workers");
    server_command_add(command, command->workers);
}

void server_command_add(struct server_command *command, const char *argument)
{
    if (command->count == SERVER_ARGUMENTS_MAX)
        fail_usage("too many arguments after --");
    command->arguments[command->count++] = argument;
    command->arguments[command->count] = NULL;
}

void server_command_add_one_cpu(struct server_command *command)
{
    snprintf(command->cpu, sizeof command->cpu, "%u", cpulist_first_allowed());
    server_command_add(command, "--cpus");
    server_command_add(command, command->cpu);
}

void server_command_add_all(struct server_command *command, char *const *arguments)
{
    for (; *arguments; arguments++)
        server_command_add(command, *arguments);
}
