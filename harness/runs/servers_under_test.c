/* SPDX-License-Identifier: BSD-2-Clause */
#include "servers_under_test.h"

#include "harness/lib/message.h"

#include <stdlib.h>
#include <string.h>

#define CONTROL_MARK "-again" /* suffix to the baseline's name */
#define BASELINE     "racing" /* default, if it is measured */

enum { SERVERS_MAX = 1000 }; /* without the A/A control */

/* ---- lists of names ---- */

struct names {
    char **all;
    unsigned count;
};

static void names_free(struct names *names)
{
    for (unsigned i = 0; i < names->count; i++)
        free(names->all[i]);
    free(names->all);
    *names = (struct names){NULL, 0};
}

static bool has_name(const struct names *names, const char *name)
{
    for (unsigned i = 0; i < names->count; i++)
        if (strcmp(names->all[i], name) == 0)
            return true;
    return false;
}

static void add_name(struct names *names, const char *name)
{
    names->all = realloc(names->all, (names->count + 1) * sizeof *names->all);
    if (!names->all)
        fail("out of memory");
    names->all[names->count++] = copy_string(name);
}

/* Separated by commas or spaces. `check` ends the program for an invalid name. */
static void read_names(struct names *names, const char *option, const char *list,
                       const struct catalogue *catalogue,
                       void (*check)(const struct catalogue *catalogue, const char *name))
{
    char *copy = copy_string(list), *rest = NULL;
    for (char *name = strtok_r(copy, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        check(catalogue, name);
        if (has_name(names, name))
            fail_usage("--%s has %s more than once", option, name);
        add_name(names, name);
    }
    free(copy);
}

static void check_strategy(const struct catalogue *catalogue, const char *name)
{
    struct text known = {NULL, 0, 0};
    (void)catalogue;
    if (is_strategy(name))
        return;
    strategy_names(&known, true);
    fail_usage("unknown strategy '%s'; known: %s", name, text_of(&known));
}

/* The names of all third-party servers, each after a space. */
static void peer_names(const struct catalogue *catalogue, struct text *to)
{
    for (unsigned i = 0; i < catalogue->peer_count; i++)
        text_add(to, " %s", catalogue->peers[i].name);
}

static void check_peer(const struct catalogue *catalogue, const char *name)
{
    struct text known = {NULL, 0, 0};
    if (peer_find(catalogue, name))
        return;
    peer_names(catalogue, &known);
    fail_usage("unknown peer '%s'; known:%s", name, text_of(&known));
}

/* "all" means all that need no module; "none" and "" mean none. */
static void read_strategies(struct names *names, const char *list,
                            const struct catalogue *catalogue)
{
    struct text all = {NULL, 0, 0};
    if (strcmp(list, "none") == 0 || *list == '\0')
        return;
    if (strcmp(list, "all") == 0)
        strategy_names(&all, false);
    read_names(names, "strategies", all.text ? all.text : list, catalogue, check_strategy);
    if (names->count == 0)
        fail_usage("--strategies takes names, not '%s'", list);
    text_free(&all);
}

static void read_peers(struct names *names, const char *list, const struct catalogue *catalogue)
{
    struct text all = {NULL, 0, 0};
    if (strcmp(list, "all") == 0)
        peer_names(catalogue, &all);
    read_names(names, "peers", all.text ? all.text : list, catalogue, check_peer);
    text_free(&all);
}

static void set_names(struct settings *settings, enum setting_name setting,
                      const struct names *names)
{
    struct text list = {NULL, 0, 0};
    for (unsigned i = 0; i < names->count; i++)
        text_add(&list, "%s%s", i ? "," : "", names->all[i]);
    settings_set(settings, setting, text_of(&list));
    text_free(&list);
}

/* ---- servers ---- */

static void add_server(struct servers_under_test *servers, const struct catalogue *catalogue,
                       const char *name, const char *command, enum server_role role)
{
    char *program = copy_bytes(command, strcspn(command, " "));
    const char *backend = backend_of(catalogue, program);
    servers->all = realloc(servers->all, (servers->count + 1) * sizeof *servers->all);
    if (!servers->all)
        fail("out of memory");
    servers->all[servers->count++] = (struct planned_server){
        copy_string(name), copy_string(command), backend, workers_most(program), role};
    free(program);
}

static struct planned_server *find_server(const struct servers_under_test *servers,
                                          const char *name)
{
    for (unsigned i = 0; i < servers->count; i++)
        if (strcmp(servers->all[i].name, name) == 0)
            return &servers->all[i];
    return NULL;
}

const struct planned_server *server_with_role(const struct servers_under_test *servers,
                                              enum server_role role)
{
    for (unsigned i = 0; i < servers->count; i++)
        if (servers->all[i].role == role)
            return &servers->all[i];
    return NULL;
}

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"
#define COMMAND SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS " ._/:-"

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), of_end = strlen(end);
    return length >= of_end && strcmp(text + length - of_end, end) == 0;
}

static void check_new_name(const struct servers_under_test *servers, const char *name)
{
    if (!strchr(SMALL, *name) || *name == '\0' || name[strspn(name, SMALL DIGITS "-")] != '\0')
        fail_usage("--also: invalid name '%s': use lower-case letters, digits and '-'", name);
    if (ends_in(name, CONTROL_MARK))
        fail_usage("--also: names that end in " CONTROL_MARK " are reserved");
    if (find_server(servers, name))
        fail_usage("--also: duplicate name %s", name);
}

/* "NAME=STRATEGY OPTIONS" */
static void add_also(struct servers_under_test *servers, const struct catalogue *catalogue,
                     const char *entry)
{
    const char *command = strchr(entry, '=');
    if (!command || command[1] == '\0')
        fail_usage("--also takes NAME=STRATEGY OPTIONS, not '%s'", entry);
    if (servers->count >= SERVERS_MAX)
        fail_usage("--also: at most %d servers can be measured", SERVERS_MAX);
    char *name = copy_bytes(entry, (size_t)(command - entry));
    command++;
    char *program = copy_bytes(command, strcspn(command, " "));
    check_new_name(servers, name);
    if (command[strspn(command, COMMAND)] != '\0')
        fail_usage("--also %s: invalid character in an option: '%s'", name, command);
    if (reserved_option(command))
        fail_usage("--also %s: %s is reserved for bench", name, reserved_option(command));
    if (!is_strategy(program))
        fail_usage("--also %s: unknown strategy '%s'", name, program);
    add_server(servers, catalogue, name, command, ROLE_TESTED);
    free(name);
    free(program);
}

/* Selects the baseline, and adds its A/A control. */
static void choose_baseline(struct servers_under_test *servers, struct settings *settings,
                            const struct catalogue *catalogue)
{
    const char *wanted = settings_get(settings, SETTING_REFERENCE);
    struct planned_server *baseline = find_server(servers, wanted ? wanted : BASELINE);
    if (!baseline && wanted) {
        struct text names = {NULL, 0, 0};
        for (unsigned i = 0; i < servers->count; i++)
            text_add(&names, "%s%s", i ? " " : "", servers->all[i].name);
        fail_usage("--reference %s is not among the measured servers: %s", wanted, text_of(&names));
    }
    if (!baseline)
        baseline = servers->all;
    baseline->role = ROLE_BASELINE;
    settings_set(settings, SETTING_REFERENCE, baseline->name);
    char *name = format_string("%s" CONTROL_MARK, baseline->name),
         *command = copy_string(baseline->command);
    add_server(servers, catalogue, name, command, ROLE_CONTROL);
    free(name);
    free(command);
}

static void add_all_also(struct servers_under_test *servers, const char *list,
                         const struct catalogue *catalogue)
{
    char *copy = copy_string(list), *rest = copy, *entry;
    while ((entry = strsep(&rest, ",")))
        if (*entry)
            add_also(servers, catalogue, entry);
    free(copy);
}

void servers_read(struct servers_under_test *servers, struct settings *settings,
                  const struct catalogue *catalogue)
{
    struct names strategies = {NULL, 0}, peers = {NULL, 0};
    *servers = (struct servers_under_test){NULL, 0};
    read_strategies(&strategies, settings->text[SETTING_STRATEGIES], catalogue);
    read_peers(&peers, settings->text[SETTING_PEERS], catalogue);
    for (unsigned i = 0; i < strategies.count; i++)
        add_server(servers, catalogue, strategies.all[i], strategies.all[i], ROLE_TESTED);
    for (unsigned i = 0; i < peers.count; i++)
        add_server(servers, catalogue, peers.all[i], peers.all[i], ROLE_TESTED);
    add_all_also(servers, settings->text[SETTING_ALSO], catalogue);
    if (servers->count == 0)
        fail_usage("--strategies none requires --peers or --also");
    set_names(settings, SETTING_STRATEGIES, &strategies);
    set_names(settings, SETTING_PEERS, &peers);
    choose_baseline(servers, settings, catalogue);
    names_free(&strategies);
    names_free(&peers);
}

void servers_free(struct servers_under_test *servers)
{
    for (unsigned i = 0; i < servers->count; i++) {
        free(servers->all[i].name);
        free(servers->all[i].command);
    }
    free(servers->all);
    *servers = (struct servers_under_test){NULL, 0};
}

/* ---- this machine ---- */

/* The names of a list that are available. */
static void leave_out(struct settings *settings, enum setting_name setting,
                      struct catalogue *catalogue, struct text *skipped)
{
    struct names there = {NULL, 0};
    char *copy = copy_string(settings->text[setting]), *rest = NULL;
    for (char *name = strtok_r(copy, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        char *why = why_unavailable(catalogue, name);
        if (why) {
            message("%s is left out: %s", name, why);
            text_add(skipped, "%s\t%s\n", name, why);
        } else {
            add_name(&there, name);
        }
        free(why);
    }
    set_names(settings, setting, &there);
    names_free(&there);
    free(copy);
}

void servers_leave_out(struct servers_under_test *servers, struct settings *settings,
                       struct catalogue *catalogue, struct text *skipped)
{
    leave_out(settings, SETTING_STRATEGIES, catalogue, skipped);
    leave_out(settings, SETTING_PEERS, catalogue, skipped);
    if (!skipped->text)
        return;
    if (!settings_get(settings, SETTING_STRATEGIES) && !settings_get(settings, SETTING_PEERS) &&
        !settings_get(settings, SETTING_ALSO))
        fail("no strategy is available on this kernel");
    char *baseline = copy_string(settings->text[SETTING_REFERENCE]);
    settings_set(settings, SETTING_REFERENCE, "");
    servers_free(servers);
    servers_read(servers, settings, catalogue);
    if (find_server(servers, baseline)) {
        settings_set(settings, SETTING_REFERENCE, baseline);
        servers_free(servers);
        servers_read(servers, settings, catalogue);
    }
    free(baseline);
}

static const char *part_of(enum server_role role)
{
    static const char *const parts[] = {
        [ROLE_TESTED] = "-", [ROLE_BASELINE] = "reference", [ROLE_CONTROL] = "again"};
    return parts[role];
}

/* The wakeups of a third-party server depend on its version, and are not predicted. */
void servers_write(const struct servers_under_test *servers, struct catalogue *catalogue,
                   struct text *to)
{
    for (unsigned i = 0; i < servers->count; i++) {
        const struct planned_server *server = &servers->all[i];
        char *program = copy_bytes(server->command, strcspn(server->command, " "));
        const struct peer *peer = peer_find(catalogue, program);
        const struct description *own = peer ? NULL : describe(catalogue, program);
        text_add(to, "%s\t%s\t%s\t%s\t%s\n", server->name, peer ? "-" : own->wakes,
                 peer ? peer->waits : own->summary, server->command, part_of(server->role));
        free(program);
    }
}
