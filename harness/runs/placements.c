/* SPDX-License-Identifier: BSD-2-Clause */
#include "placements.h"

#include "command.h"
#include "programs.h"
#include "strategies.h"

#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANYWHERE "-"

enum { MESSAGE_MOST = 80 }; /* characters of a program's output */

unsigned long cpus_here(void)
{
    cpu_set_t set;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (unsigned long)CPU_COUNT(&set);
    return online > 0 ? (unsigned long)online : 1;
}

static unsigned long count_cpus(const char *list, unsigned long all)
{
    struct cpulist cpus;
    if (strcmp(list, ANYWHERE) == 0)
        return all;
    if (!cpulist_parse(&cpus, list))
        fail("'%s' of the tool placement is not a list of CPUs", list);
    return cpus.count;
}

static void add(struct placements *placements, unsigned long cpus, const char *server,
                const char *client)
{
    placements->all = realloc(placements->all, (placements->count + 1) * sizeof *placements->all);
    if (!placements->all)
        fail("out of memory");
    placements->all[placements->count++] = (struct placement){
        .cpus = cpus,
        .server = copy_string(server),
        .client = copy_string(client),
        .client_cpus = count_cpus(client, cpus),
        .shared = strcmp(server, client) == 0,
    };
}

/* "8 TAB 0-3 TAB 4-7", as the tool placement prints it. */
static void add_line(struct placements *placements, const char *program, const char *output)
{
    char *line = copy_bytes(output, strcspn(output, "\n")), *fields[3];
    if (!*output)
        fail("%s printed nothing: expected a number of CPUs, the server's CPUs and the client's",
             program);
    unsigned count = split(line, '\t', fields, 3);
    unsigned long cpus = strtoul(fields[0], NULL, 10);
    if (count != 3 || cpus == 0)
        fail("%s printed '%s': expected a number of CPUs, the server's CPUs and the client's",
             program, plain_string(output, MESSAGE_MOST));
    count_cpus(fields[1], 0); /* ends the program if it is not a list; add() checks the client's */
    add(placements, cpus, fields[1], fields[2]);
    free(line);
}

/* cpus: 0 = those in --split, or all. */
static void ask(struct placements *placements, const char *how, unsigned long cpus)
{
    char *program = build_file("bin/placement"), *number = format_string("%lu", cpus);
    const char *argv[] = {program, "--split", how, "--cpus", number, NULL};
    struct text output = {NULL, 0, 0};
    if (cpus == 0)
        argv[3] = NULL;
    if (access(program, X_OK) != 0)
        fail("missing: build/bin/placement; %s setup installs the packages and builds",
             suite_command());
    int status = program_run(argv, &output, ERRORS_PASS);
    if (status < 0)
        fail("cannot start %s: %s", program, strerror(errno));
    if (status != 0)
        exit(status);
    add_line(placements, program, text_of(&output));
    text_free(&output);
    free(program);
    free(number);
}

static void place_in_guest(struct placements *placements, const struct settings *settings)
{
    bool half = strcmp(settings->text[SETTING_SPLIT], "half") == 0;
    for (unsigned i = 0; i < settings->cpus.count; i++) {
        unsigned long cpus = settings->cpus.items[i].number;
        char *server = format_string("0-%lu", cpus / 2 - 1),
             *client = format_string("%lu-%lu", cpus / 2, cpus - 1);
        bool apart = half && cpus >= 2;
        add(placements, cpus, apart ? server : ANYWHERE, apart ? client : ANYWHERE);
        free(server);
        free(client);
    }
}

/* Clients on other hosts: one thread for each process, where no number was given. */
static void take_clients_away(struct placements *placements)
{
    for (unsigned i = 0; i < placements->count; i++) {
        struct placement *placement = &placements->all[i];
        free(placement->client);
        placement->client = copy_string(ANYWHERE);
        placement->client_cpus = 1;
        placement->shared = false;
    }
}

void placements_read(struct placements *placements, const struct settings *settings,
                     enum placed where)
{
    const char *how = settings_get(settings, SETTING_SPLIT);
    *placements = (struct placements){NULL, 0};
    if (where == PLACED_IN_GUEST)
        place_in_guest(placements, settings);
    else if (!how && settings->cpus.count == 0)
        add(placements, cpus_here(), ANYWHERE, ANYWHERE);
    else if (settings->cpus.count == 0)
        ask(placements, how, how && strchr(how, ':') ? 0 : cpus_here());
    for (unsigned i = 0; where == PLACED_HERE && i < settings->cpus.count; i++)
        ask(placements, how ? how : "shared", settings->cpus.items[i].number);
    if (settings_get(settings, SETTING_CLIENTS))
        take_clients_away(placements);
}

void placements_free(struct placements *placements)
{
    for (unsigned i = 0; i < placements->count; i++) {
        free(placements->all[i].server);
        free(placements->all[i].client);
    }
    free(placements->all);
    *placements = (struct placements){NULL, 0};
}

void placements_report(const struct placements *placements, const struct settings *settings)
{
    if (!settings_get(settings, SETTING_CPUS) && !settings_get(settings, SETTING_SPLIT))
        return;
    for (unsigned i = 0; i < placements->count; i++)
        fprintf(stderr, "on %lu CPUs: server on %s, client on %s\n", placements->all[i].cpus,
                placements->all[i].server, placements->all[i].client);
}
