/* SPDX-License-Identifier: BSD-2-Clause */
#include "strategies.h"

#include "command.h"
#include "csv.h"
#include "programs.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/program_path.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#define KQUEUE "kqueue-" /* prefix of strategies built on kqueue */

static const struct strategy {
    const char *name;
    unsigned workers_most;
    bool epoll, kqueue;
} strategies[] = {
#include "strategy_table.h"
};

enum { STRATEGIES = sizeof strategies / sizeof *strategies };

/* ---- names ---- */

static bool is_on_kqueue(const char *name)
{
    return strncmp(name, KQUEUE, strlen(KQUEUE)) == 0;
}

const char *program_of(const char *name)
{
    return is_on_kqueue(name) ? name + strlen(KQUEUE) : name;
}

static const struct strategy *find(const char *name)
{
    bool on_kqueue = is_on_kqueue(name);
    for (unsigned i = 0; i < STRATEGIES; i++)
        if ((on_kqueue ? strategies[i].kqueue : strategies[i].epoll) &&
            strcmp(strategies[i].name, program_of(name)) == 0)
            return &strategies[i];
    return NULL;
}

bool is_strategy(const char *name)
{
    return find(name) != NULL;
}

unsigned long workers_most(const char *name)
{
    const struct strategy *strategy = find(name);
    return strategy ? strategy->workers_most : 0;
}

void strategy_names(struct text *to, bool with_kqueue)
{
    for (unsigned i = 0; i < STRATEGIES; i++)
        if (strategies[i].epoll)
            text_add(to, "%s ", strategies[i].name);
    for (unsigned i = 0; with_kqueue && i < STRATEGIES; i++)
        if (strategies[i].kqueue)
            text_add(to, KQUEUE "%s ", strategies[i].name);
}

const char *backend_of(const struct catalogue *catalogue, const char *name)
{
    return is_on_kqueue(name) ? "kqueue" : peer_find(catalogue, name) ? "peer" : "epoll";
}

char *build_file(const char *name)
{
    char *bin = program_directory_or_die(); /* build/bin of build/bin/runs */
    return format_string("%s/%s", dirname(bin), name);
}

/* ---- third-party servers ---- */

enum { PEER_FIELDS = 6 };

static void add_peer(struct catalogue *catalogue, char *line)
{
    static char none[] = "";
    char *fields[PEER_FIELDS] = {none, none, none, none, none, none};
    split(line, '\t', fields, PEER_FIELDS);
    catalogue->peers = realloc(catalogue->peers,
                               (catalogue->peer_count + 1) * sizeof *catalogue->peers);
    if (!catalogue->peers)
        fail("out of memory");
    catalogue->peers[catalogue->peer_count++] = (struct peer){fields[0], fields[2], fields[3],
                                                              fields[5]};
}

void catalogue_open(struct catalogue *catalogue)
{
    size_t size;
    char *path = top_file("harness/peers/peers.tsv"), *line = file_read(path, &size);
    *catalogue = (struct catalogue){.buffer = line};
    if (!line)
        fail("cannot read %s: %s", path, strerror(errno));
    free(path);
    for (char *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (*line != '#' && *line != '\0')
            add_peer(catalogue, line);
    }
}

void catalogue_free(struct catalogue *catalogue)
{
    for (unsigned i = 0; i < catalogue->description_count; i++) {
        free(catalogue->descriptions[i].name);
        free(catalogue->descriptions[i].wakes);
        free(catalogue->descriptions[i].summary);
        free(catalogue->descriptions[i].unavailable);
    }
    free(catalogue->descriptions);
    free(catalogue->peers);
    free(catalogue->buffer);
    *catalogue = (struct catalogue){.peers = NULL};
}

const struct peer *peer_find(const struct catalogue *catalogue, const char *name)
{
    for (unsigned i = 0; i < catalogue->peer_count; i++)
        if (strcmp(catalogue->peers[i].name, name) == 0)
            return &catalogue->peers[i];
    return NULL;
}

char *peer_version(const struct peer *peer)
{
    const char *const argv[] = {peer->command, "-v", NULL};
    struct text output = {NULL, 0, 0};
    program_run(argv, &output, ERRORS_CAPTURE);
    char *line = copy_bytes(text_of(&output), strcspn(text_of(&output), "\n"));
    text_free(&output);
    return line;
}

/* ---- the description of a server ---- */

/* The text after the label in the lines up to the first empty one, without leading spaces. The caller frees it. */
static char *fact(const char *output, const char *label)
{
    size_t length = strlen(label);
    while (*output && *output != '\n') {
        size_t line = strcspn(output, "\n");
        if (strncmp(output, label, length) == 0 && output[length] == ':') {
            const char *value = output + length + 1;
            value += strspn(value, " ");
            return copy_bytes(value, (size_t)(output + line - value));
        }
        output += line + (output[line] == '\n');
    }
    return copy_string("");
}

static void ask(const struct catalogue *catalogue, const char *name, struct text *output)
{
    char *place = format_string("%s/%s", backend_of(catalogue, name), program_of(name));
    char *server = build_file(place);
    const char *const argv[] = {server, "--describe", NULL};
    int status = program_run(argv, output, ERRORS_PASS);
    if (status < 0)
        fail("cannot start %s: %s", server, strerror(errno));
    if (status != 0)
        fail("cannot start %s: its --describe exited with status %d", server, status);
    if (strncmp(text_of(output), "wakes:", 6) != 0 && !strstr(text_of(output), "\nwakes:"))
        fail("%s --describe printed no line 'wakes:'; build it again: make", server);
    free(place);
    free(server);
}

const struct description *describe(struct catalogue *catalogue, const char *name)
{
    struct text output = {NULL, 0, 0};
    for (unsigned i = 0; i < catalogue->description_count; i++)
        if (strcmp(catalogue->descriptions[i].name, name) == 0)
            return &catalogue->descriptions[i];
    ask(catalogue, name, &output);
    catalogue->descriptions = array_grow(catalogue->descriptions, catalogue->description_count,
                                         &catalogue->room, sizeof *catalogue->descriptions);
    catalogue->descriptions[catalogue->description_count++] = (struct description){
        copy_string(name),
        fact(text_of(&output), "wakes"),
        fact(text_of(&output), "summary"),
        fact(text_of(&output), "not available on this kernel"),
    };
    text_free(&output);
    return &catalogue->descriptions[catalogue->description_count - 1];
}

char *why_unavailable(struct catalogue *catalogue, const char *name)
{
    const struct peer *peer = peer_find(catalogue, name);
    if (peer)
        return program_is_in_path(peer->command)
                   ? NULL
                   : format_string("there is no %s: apt-get install %s", peer->command,
                                   peer->package);
    const char *kernel = describe(catalogue, name)->unavailable;
    return *kernel ? format_string("not available on this kernel: %s", kernel) : NULL;
}
