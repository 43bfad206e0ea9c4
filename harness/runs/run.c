/* SPDX-License-Identifier: BSD-2-Clause */
#include "run.h"

#include "csv.h"
#include "text.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BASELINE     "racing" /* of runs that do not specify it */
#define CONTROL_MARK "-again"

char *run_file(const struct run *run, const char *name)
{
    return format_string("%s/%s", run->directory, name);
}

static bool has_file(const struct run *run, const char *name)
{
    char *path = run_file(run, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* ---- tables without a header: settings.tsv, strategies.tsv ---- */

enum { TABLE_FIELDS = 5 };

/* Calls `take` with the fields of each line, "" for missing ones. The text is kept in *kept. False if the file does not exist.
 * */
static bool read_table(struct run *run, const char *name, char **kept,
                       void (*take)(struct run *run, char **fields))
{
    size_t size;
    char *path = run_file(run, name), *line = file_read(path, &size);
    free(path);
    *kept = line;
    for (char *end; line && *line; line = end) {
        static char none[] = "";
        char *fields[TABLE_FIELDS] = {none, none, none, none, none};
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        split(line, '\t', fields, TABLE_FIELDS);
        take(run, fields);
    }
    return *kept != NULL;
}

static void take_setting(struct run *run, char **fields)
{
    /* They are few: growing the array by one is fast enough. */
    run->settings = realloc(run->settings, (run->setting_count + 1) * sizeof *run->settings);
    if (!run->settings)
        fail("out of memory");
    run->settings[run->setting_count++] = (struct setting){fields[0], fields[1]};
}

static enum server_role role_named(const char *word)
{
    return strcmp(word, "reference") == 0 ? ROLE_BASELINE
           : strcmp(word, "again") == 0   ? ROLE_CONTROL
                                          : ROLE_TESTED;
}

static void take_server(struct run *run, char **fields)
{
    run->servers = realloc(run->servers, (run->server_count + 1) * sizeof *run->servers);
    if (!run->servers)
        fail("out of memory");
    run->servers[run->server_count++] = (struct server_under_test){
        fields[0], fields[1], fields[2], fields[3], role_named(fields[4])};
}

/* The first server with the role. */
static const char *server_with(const struct run *run, enum server_role role)
{
    for (unsigned i = 0; i < run->server_count; i++)
        if (run->servers[i].role == role)
            return run->servers[i].name;
    return NULL;
}

static bool is_measured(const struct run *run, const char *server)
{
    for (unsigned i = 0; i < run->trials.configuration_count; i++)
        if (strcmp(run->trials.configurations[i].server, server) == 0)
            return true;
    return false;
}

/* The baseline of an A/A control, derived from the control's name, if it is measured; else NULL. The caller frees it. */
static char *controlled_by(const struct run *run, const char *name)
{
    size_t length = strlen(name), mark = strlen(CONTROL_MARK);
    if (length <= mark || strcmp(name + length - mark, CONTROL_MARK) != 0)
        return NULL;
    char *baseline = copy_bytes(name, length - mark);
    if (is_measured(run, baseline))
        return baseline;
    free(baseline);
    return NULL;
}

static char *baseline_of(const struct run *run)
{
    const char *named = server_with(run, ROLE_BASELINE);
    char *baseline = named ? copy_string(named) : NULL;
    for (unsigned i = 0; !baseline && i < run->trials.configuration_count; i++)
        baseline = controlled_by(run, run->trials.configurations[i].server);
    return baseline ? baseline : copy_string(BASELINE);
}

/* NULL without a line in strategies.tsv. */
static const struct server_under_test *find_server(const struct run *run, const char *name)
{
    const struct server_under_test *end = run->servers + run->server_count;
    for (const struct server_under_test *server = run->servers; server < end; server++)
        if (server->name && strcmp(server->name, name) == 0) /* never NULL: for clang-tidy */
            return server;
    return NULL;
}

/* Another program under the control's name does not measure the noise. */
static char *control_of(const struct run *run)
{
    const char *named = server_with(run, ROLE_CONTROL);
    char *control = named ? copy_string(named) : format_string("%s" CONTROL_MARK, run->baseline);
    const struct server_under_test *a = find_server(run, control),
                                   *b = find_server(run, run->baseline);
    if (a && b && strcmp(a->command, b->command) != 0)
        *control = '\0';
    return control;
}

static void name_roles(struct run *run)
{
    run->baseline = baseline_of(run);
    run->control = control_of(run);
}

/* ---- environment ---- */

static void read_environment(struct run *run)
{
    size_t size;
    char *path = run_file(run, "env.json"), *text = file_read(path, &size);
    run->has_environment = text != NULL;
    /* If an integer has more than 64 bits, all integers are read as reals. */
    for (int i = 0; text && !run->environment && i < 2; i++)
        run->environment = json_loads(text, JSON_ALLOW_NUL | (i ? JSON_DECODE_INT_AS_REAL : 0),
                                      NULL);
    free(text);
    free(path);
}

json_t *environment_value(const struct run *run, const char *path)
{
    json_t *value = run->environment;
    char *names = copy_string(path), *parts[8];
    unsigned count = split(names, '.', parts, 8);
    for (unsigned i = 0; value && i < count; i++)
        value = json_object_get(value, parts[i]);
    free(names);
    return json_is_null(value) ? NULL : value;
}

/* A JSON string may contain a NUL. */
static void add_string(struct text *text, const json_t *string)
{
    const char *bytes = json_string_value(string);
    for (size_t i = 0; i < json_string_length(string); i++)
        text_add_bytes(text, bytes[i] ? &bytes[i] : "?", 1);
}

/* A nested value: strings are quoted. */
static void add_member(struct text *text, const json_t *value)
{
    char *quoted = json_is_string(value) ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    if (quoted)
        text_add_string(text, quoted);
    else
        json_add_text(text, value);
    free(quoted);
}

static void add_array(struct text *text, const json_t *array)
{
    size_t i;
    json_t *value;
    text_add_string(text, "[");
    json_array_foreach(array, i, value)
    {
        text_add_string(text, i > 0 ? "," : "");
        add_member(text, value);
    }
    text_add_string(text, "]");
}

static void add_object(struct text *text, json_t *object)
{
    const char *name, *before = "";
    json_t *value;
    text_add_string(text, "{");
    json_object_foreach(object, name, value)
    {
        json_t *key = json_string(name);
        text_add_string(text, before);
        add_member(text, key);
        text_add_string(text, ":");
        add_member(text, value);
        json_decref(key);
        before = ",";
    }
    text_add_string(text, "}");
}

void json_add_text(struct text *text, const json_t *value)
{
    if (json_is_string(value))
        add_string(text, value);
    else if (json_is_boolean(value))
        text_add_string(text, json_is_true(value) ? "true" : "false");
    else if (json_is_integer(value))
        text_add(text, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        text_add_string(text, number_shortest(json_real_value(value)).text);
    else if (json_is_null(value))
        text_add_string(text, "null");
    else if (json_is_array(value))
        add_array(text, value);
    else
        add_object(text, (json_t *)value);
}

char *environment_text(const struct run *run, const char *path)
{
    json_t *value = environment_value(run, path);
    struct text text = {NULL, 0, 0};
    if (!value)
        return NULL;
    text_add_string(&text, "");
    json_add_text(&text, value);
    return text.text;
}

const char *environment_string(const struct run *run, const char *path)
{
    return json_string_value(environment_value(run, path));
}

/* ---- reading a run ---- */

static bool read_rows(struct run *run, const char *name, struct rows *rows,
                      struct complaint *complaint)
{
    char *path = format_string("%s/%s", run->path, name); /* for messages, too */
    bool read = rows_read(rows, path, complaint);
    free(path);
    return read;
}

static void read_tables(struct run *run)
{
    read_table(run, "strategies.tsv", &run->tables[0], take_server);
    run->has_settings = read_table(run, "settings.tsv", &run->tables[1], take_setting);
    name_roles(run);
    read_environment(run);
}

void run_open_tables(struct run *run, const char *path)
{
    *run = (struct run){.path = path, .directory = realpath(path, NULL)};
    if (run->directory)
        read_tables(run);
}

bool run_open(struct run *run, const char *path, struct complaint *complaint)
{
    *run = (struct run){.path = path, .directory = realpath(path, NULL)};
    run->trials_missing = !run->directory || !has_file(run, "trials.csv");
    if (run->trials_missing)
        return complain(complaint, "no run in %s: it has no trials.csv", path);
    run->has_wire = has_file(run, "wire.csv");
    if (!read_rows(run, "trials.csv", &run->trials, complaint) ||
        (run->has_wire && !read_rows(run, "wire.csv", &run->wire, complaint)))
        return false;
    read_tables(run);
    return true;
}

void run_read(struct run *run, const char *path)
{
    struct complaint complaint;
    if (run_open(run, path, &complaint))
        return;
    if (run->trials_missing)
        fail_usage("%s; expected a directory written by bench", complaint.text);
    fail("%s", complaint.text);
}

void run_free(struct run *run)
{
    rows_free(&run->trials);
    rows_free(&run->wire);
    free(run->servers);
    free(run->settings);
    free(run->baseline);
    free(run->control);
    free(run->directory);
    free(run->tables[0]);
    free(run->tables[1]);
    json_decref(run->environment);
    *run = (struct run){.path = NULL};
}

const char *run_setting(const struct run *run, const char *name)
{
    for (unsigned i = 0; i < run->setting_count; i++)
        if (strcmp(run->settings[i].name, name) == 0)
            return strcmp(run->settings[i].value, "-") == 0 ? NULL : run->settings[i].value;
    return NULL;
}

enum server_role role_of(const struct run *run, const char *server)
{
    return strcmp(server, run->baseline) == 0  ? ROLE_BASELINE
           : strcmp(server, run->control) == 0 ? ROLE_CONTROL
                                               : ROLE_TESTED;
}

char *control_name(const struct run *run, const char *baseline)
{
    if (run->server_count == 0)
        return format_string("%s" CONTROL_MARK, baseline);
    return role_of(run, baseline) == ROLE_BASELINE ? copy_string(run->control) : NULL;
}
