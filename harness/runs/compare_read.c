/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the compared data of one run: facts, configurations with their values and settings, ratios. */

#include "compare.h"
#include "csv.h"
#include "number.h"
#include "share.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- facts ---- */

static void add_fact(struct facts *facts, const char *section, const char *name, const char *value)
{
    facts->all = array_grow(facts->all, facts->count, &facts->room, sizeof *facts->all);
    facts->all[facts->count++] = (struct fact){plain_string(section, 0), plain_string(name, 0),
                                               plain_string(value, 0)};
}

const char *side_fact(const struct side *side, const char *name)
{
    const char *value = "-";
    for (unsigned i = 0; i < side->facts.count; i++)
        if (strcmp(side->facts.all[i].name, name) == 0)
            value = side->facts.all[i].value;
    return *value ? value : "-";
}

/* A JSON value in one line: arrays as lists, null and empty as "-" */
static void add_value(struct text *text, const json_t *value)
{
    size_t i;
    json_t *element;
    if (json_is_null(value) || (json_is_object(value) && json_object_size(value) == 0))
        text_add_string(text, "-");
    else if (json_is_array(value))
        json_array_foreach(value, i, element)
        {
            text_add_string(text, i ? ", " : "");
            add_value(text, element);
        }
    else
        json_add_text(text, value);
}

enum { DEPTH_MAX = 100 };

static void add_leaves(struct facts *facts, const char *section, const char *path, json_t *value,
                       unsigned depth)
{
    const char *name;
    json_t *member;
    if (json_is_object(value) && json_object_size(value) > 0 && depth < DEPTH_MAX) {
        json_object_foreach(value, name, member)
        {
            char *below = *path ? format_string("%s.%s", path, name) : copy_string(name);
            add_leaves(facts, *section ? section : name, below, member, depth + 1);
            free(below);
        }
        return;
    }
    struct text text = {NULL, 0, 0};
    add_value(&text, value);
    if (*path)
        add_fact(facts, section, path, text_of(&text));
    text_free(&text);
}

/* The different values of a column, few as they are, in their order; a file with more than 50 is not worth the time. */
struct distinct {
    const char *all[50];
    unsigned count;
};

static bool is_number(const char *text, double *value)
{
    return *text != '-' && !strchr(text, 'e') && number_read(text, value);
}

static bool is_before(const char *a, const char *b)
{
    double x, y;
    return is_number(a, &x) && is_number(b, &y) ? x < y : strcmp(a, b) < 0;
}

static void add_distinct(struct distinct *d, const char *text)
{
    unsigned i = 0;
    while (i < d->count && strcmp(d->all[i], text) != 0)
        i++;
    if (i < d->count || d->count == sizeof d->all / sizeof *d->all)
        return;
    for (i = d->count++; i > 0 && is_before(text, d->all[i - 1]); i--)
        d->all[i] = d->all[i - 1];
    d->all[i] = text;
}

static void add_distinct_fact(struct facts *facts, const char *section, const char *column,
                              const struct distinct *d)
{
    struct text text = {NULL, 0, 0};
    char *name = format_string("%s.%s", section, column);
    for (unsigned i = 0; i < d->count; i++)
        text_add(&text, "%s%s", i ? ", " : "", *d->all[i] ? d->all[i] : "-");
    add_fact(facts, section, name, text.length ? text.text : "-");
    text_free(&text);
    free(name);
}

static void add_facts_of_rows(struct side *side, const struct rows *rows)
{
    static const enum column columns[] = {COLUMN_machine,    COLUMN_backend, COLUMN_load,
                                          COLUMN_instrument, COLUMN_cpus,    COLUMN_server_cpus,
                                          COLUMN_client_cpus};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        struct distinct d = {{NULL}, 0};
        struct number numbers[50];
        if (!rows->has[columns[k]])
            continue;
        for (unsigned i = 0; i < rows->count; i++) {
            const struct row *row = &rows->all[i];
            if (!row_is_valid(row))
                continue;
            if (column_is_text(columns[k])) {
                const char *text = row_text(row, columns[k]);
                add_distinct(&d, text ? text : "");
            } else if (d.count < 50) {
                numbers[d.count] = number_short(row_number(row, columns[k]));
                add_distinct(&d, numbers[d.count].text);
            }
        }
        add_distinct_fact(&side->facts, "trials", column_name(columns[k]), &d);
    }
}

/* ---- candidates ---- */

struct candidate *candidate_find(const struct side *side, const struct configuration *key)
{
    int found = lookup_find(&side->by_key, key);
    return found < 0 ? NULL : &side->candidates[found];
}

struct candidate *candidate_add(struct side *side, const struct configuration *key, bool control)
{
    struct candidate *found = candidate_find(side, key);
    if (found)
        return found;
    side->candidates = array_grow(side->candidates, side->count, &side->room,
                                  sizeof *side->candidates);
    struct candidate *added = &side->candidates[side->count++];
    *added = (struct candidate){.key = *key, .control = control};
    added->key.server = copy_string(key->server);
    lookup_add(&side->by_key, &added->key, side->count - 1);
    return added;
}

static void add_values(struct candidate *to, const struct comparison *c, const struct rows *rows,
                       const struct configuration *from)
{
    for (unsigned m = 0; m < c->metrics; m++) {
        size_t count;
        double *values = configuration_values(rows, from, c->metric[m], &count);
        struct values *all = &to->values[m];
        all->all = realloc(all->all, (all->count + count + 1) * sizeof *values);
        if (!all->all)
            fail("out of memory");
        memcpy(all->all + all->count, values, count * sizeof *values);
        all->count += (unsigned)count;
        free(values);
    }
}

static void add_measured(const struct comparison *c, struct side *side, const struct run *run)
{
    const struct rows *rows = &run->trials;
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *from = &rows->configurations[i];
        struct candidate *to = candidate_add(side, from,
                                             role_of(run, from->server) == ROLE_CONTROL);
        to->measured = true;
        side->rows += from->rows;
        side->valid += from->valid;
        add_values(to, c, rows, from);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* "2+4": the numbers of CPUs of all rows */
static void set_cpus(struct side *side, const struct rows *rows)
{
    struct text text = {NULL, 0, 0};
    double *cpus = calloc(rows->configuration_count + 1, sizeof *cpus);
    unsigned kept = 0;
    if (!cpus)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++)
        cpus[i] = rows->configurations[i].cpus;
    qsort(cpus, rows->configuration_count, sizeof *cpus, by_value);
    for (unsigned i = 0; i < rows->configuration_count; i++)
        if (i == 0 || cpus[i] != cpus[i - 1])
            text_add(&text, "%s%s", kept++ ? "+" : "", key_value(cpus[i]).text);
    side->cpus = copy_string(text_of(&text));
    side->one_size = kept == 1;
    text_free(&text);
    free(cpus);
}

/* ---- the plan ---- */

enum { SERVER, LOAD_WORDS, WINDOW, WARMUP, THREADS, SERVER_CPUS, CLIENT_CPUS };
static const char *const setting_names[SETTINGS] = {
    "server", "load_words", "window", "warmup", "threads", "server_cpus", "client_cpus"};

struct numbered {
    double trial;
    unsigned configuration;
};

static int by_trial(const void *a, const void *b)
{
    double x = ((const struct numbered *)a)->trial, y = ((const struct numbered *)b)->trial;
    return (x > y) - (x < y);
}

/* Lines of the plan with the same configuration */
struct planned {
    struct configuration key; /* as in the plan; `server` is a copy */
    int configuration;        /* of the row of one of these lines; -1 = no row */
    char *settings[SETTINGS]; /* NULL = no such column in the plan */
};

struct plan {
    struct csv csv;
    int key[6], trial, kind, wire, settings[SETTINGS];
    struct numbered *trials;
    unsigned trial_count;
    struct planned *planned;
    struct lookup by_key; /* indices into planned */
    unsigned planned_count, planned_room;
};

static const char *field(const struct plan *plan, int column)
{
    return column < 0 ? "" : plan->csv.fields[column];
}

static bool counts(const struct plan *plan)
{
    return (plan->kind < 0 || strcmp(field(plan, plan->kind), "measured") == 0) &&
           (plan->wire < 0 || strcmp(field(plan, plan->wire), "yes") != 0);
}

/* The configuration in a line; NAN for missing columns. */
static struct configuration planned_key(const struct plan *plan)
{
    struct configuration key = {.server = field(plan, plan->key[0])};
    double *const values[] = {&key.workers, &key.cpus, &key.connections, &key.rate, &key.requests};
    bool mix = strstr(field(plan, plan->settings[LOAD_WORDS]), "--mix") != NULL;
    for (int i = 0; i < 5; i++) {
        const char *text = field(plan, plan->key[i + 1]);
        bool none = plan->key[i + 1] < 0 || strcmp(text, "-") == 0 || (i == 4 && mix);
        *values[i] = none ? NAN : strtod(text, NULL);
    }
    return key;
}

static struct planned *planned_of_line(struct plan *plan)
{
    struct configuration key = planned_key(plan);
    int found = lookup_find(&plan->by_key, &key);
    if (found >= 0)
        return &plan->planned[found];
    plan->planned = array_grow(plan->planned, plan->planned_count, &plan->planned_room,
                               sizeof *plan->planned);
    struct planned *added = &plan->planned[plan->planned_count++];
    *added = (struct planned){.key = key, .configuration = -1};
    added->key.server = copy_string(key.server);
    lookup_add(&plan->by_key, &added->key, plan->planned_count - 1);
    return added;
}

/* The configuration of a line's row; -1 without a row */
static int measured_by_line(const struct plan *plan)
{
    struct numbered wanted = {strtod(field(plan, plan->trial), NULL), 0};
    const struct numbered *row = plan->trial < 0 ? NULL
                                                 : bsearch(&wanted, plan->trials, plan->trial_count,
                                                           sizeof wanted, by_trial);
    return row ? (int)row->configuration : -1;
}

/* Whether the plan has all values of a configuration, and its server by a name */
static bool is_complete(const struct plan *plan, const char *server)
{
    for (int i = 0; i < 6; i++)
        if (plan->key[i] < 0)
            return false;
    return *server >= 'a' && *server <= 'z' &&
           server[strspn(server, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* Rows may have values that the plan does not specify: an unmeasured line belongs to the configuration of the rows of other
 * lines with the same values or, without rows, to the one in its line. NULL: the line specifies none. */
static struct candidate *candidate_planned(const struct plan *plan, const struct planned *planned,
                                           struct side *side, const struct run *run)
{
    const struct configuration *key = &planned->key;
    if (planned->configuration >= 0)
        return candidate_find(side, &run->trials.configurations[planned->configuration]);
    if (!is_complete(plan, key->server))
        return NULL;
    return candidate_add(side, key, role_of(run, key->server) == ROLE_CONTROL);
}

static double milliseconds(const char *text, bool *is)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}};
    char *end;
    double value = strtod(text, &end);
    *is = false;
    for (int i = 0; end > text && i < 3; i++)
        if (strcmp(end, units[i].unit) == 0) {
            *is = true;
            return value * units[i].ms;
        }
    return 0;
}

/* Whether the list "a and b and c" contains a text */
static bool is_listed(const char *all, const char *text)
{
    static const char and[] = " and ";
    const size_t length = strlen(text), gap = strlen(and);
    for (const char *at = strstr(all, text); at; at = *at ? strstr(at + 1, text) : NULL) {
        size_t before = (size_t)(at - all);
        bool begins = before == 0 || (before >= gap && strncmp(at - gap, and, gap) == 0);
        if (begins && (at[length] == '\0' || strncmp(at + length, and, gap) == 0))
            return true;
    }
    return false;
}

/* Adds a line's setting to those of other lines of the same configuration. */
static void note(char **setting, int number, const char *text)
{
    bool is_duration = false;
    double ms = number == WINDOW || number == WARMUP ? milliseconds(text, &is_duration) : 0;
    char *old = *setting, *value;
    if (number == WINDOW || number == WARMUP)
        value = format_string("%s ms", is_duration ? number_short(ms).text : text);
    else
        value = copy_string(text);
    if (old && is_listed(old, value)) {
        free(value);
        return;
    }
    *setting = old && *old ? format_string("%s and %s", old, value) : copy_string(value);
    free(old);
    free(value);
}

static void find_plan_columns(struct plan *plan)
{
    static const char *const keys[] = {"strategy",    "workers", "cpus",
                                       "connections", "rate",    "requests_per_connection"};
    for (int i = 0; i < 6; i++)
        plan->key[i] = csv_column(&plan->csv, keys[i]);
    for (int i = 0; i < SETTINGS; i++)
        plan->settings[i] = csv_column(&plan->csv, setting_names[i]);
    plan->trial = csv_column(&plan->csv, "trial");
    plan->kind = csv_column(&plan->csv, "kind");
    plan->wire = csv_column(&plan->csv, "wire");
}

static void number_trials(struct plan *plan, const struct rows *rows)
{
    plan->trials = calloc(rows->count + 1, sizeof *plan->trials);
    if (!plan->trials)
        fail("out of memory");
    for (unsigned i = 0; i < rows->count; i++)
        if (!row_is_warm_up(&rows->all[i]))
            plan->trials[plan->trial_count++] = (struct numbered){rows->all[i].trial,
                                                                  rows->configuration_of[i]};
    qsort(plan->trials, plan->trial_count, sizeof *plan->trials, by_trial);
}

static void take_plan_line(struct plan *plan)
{
    struct planned *planned = planned_of_line(plan);
    int configuration = measured_by_line(plan);
    if (configuration >= 0)
        planned->configuration = configuration;
    for (int i = 0; i < SETTINGS; i++)
        if (plan->settings[i] >= 0)
            note(&planned->settings[i], i, field(plan, plan->settings[i]));
}

/* Moves the plan's settings of a configuration to its candidate. */
static void take_planned(const struct plan *plan, struct planned *planned, struct side *side,
                         const struct run *run)
{
    struct candidate *candidate = candidate_planned(plan, planned, side, run);
    for (int i = 0; candidate && i < SETTINGS; i++) {
        free(candidate->settings[i]);
        candidate->settings[i] = planned->settings[i];
        planned->settings[i] = NULL;
    }
}

static void free_planned(struct plan *plan)
{
    for (unsigned i = 0; i < plan->planned_count; i++) {
        free((char *)plan->planned[i].key.server);
        for (int k = 0; k < SETTINGS; k++)
            free(plan->planned[i].settings[k]);
    }
    free(plan->planned);
    lookup_free(&plan->by_key);
}

static const char *const plan_facts[] = {"window", "warmup", "threads", "load_words", "seed"};
enum { PLAN_FACTS = sizeof plan_facts / sizeof *plan_facts };

static bool read_plan_lines(struct plan *plan, struct side *side, const struct run *run,
                            struct complaint *why)
{
    struct distinct facts[PLAN_FACTS] = {{{NULL}, 0}};
    enum csv_line line;
    while ((line = csv_next(&plan->csv, why)) == CSV_LINE) {
        if (!counts(plan))
            continue;
        take_plan_line(plan);
        for (int i = 0; i < PLAN_FACTS; i++)
            if (csv_column(&plan->csv, plan_facts[i]) >= 0)
                add_distinct(&facts[i], field(plan, csv_column(&plan->csv, plan_facts[i])));
    }
    for (unsigned i = 0; line == CSV_END && i < plan->planned_count; i++)
        take_planned(plan, &plan->planned[i], side, run);
    for (int i = 0; line == CSV_END && i < PLAN_FACTS; i++)
        if (csv_column(&plan->csv, plan_facts[i]) >= 0)
            add_distinct_fact(&side->facts, "plan", plan_facts[i], &facts[i]);
    return line == CSV_END;
}

/* A run without a plan has fewer settings. */
static int read_plan(struct side *side, const struct run *run, struct complaint *why)
{
    struct plan plan = {.trial_count = 0};
    char *path = run_file(run, "plan.tsv");
    size_t size;
    char *text = file_read(path, &size);
    free(path);
    if (!text)
        return errno == ENOENT
                   ? EXIT_DONE
                   : (complain(why, "cannot read %s/plan.tsv: %s", run->path, strerror(errno)),
                      EXIT_FAILED);
    char *name = format_string("plan.tsv of %s", side->letter);
    csv_open_text(&plan.csv, name, text, '\t');
    find_plan_columns(&plan);
    number_trials(&plan, &run->trials);
    bool read = read_plan_lines(&plan, side, run, why);
    free(name);
    free_planned(&plan);
    free(plan.trials);
    csv_close(&plan.csv);
    return read ? EXIT_DONE : EXIT_FAILED;
}

/* ---- the rest ---- */

static void add_ratios(const struct comparison *c, struct side *side, const struct run *run)
{
    for (unsigned m = 0; m < c->metrics; m++) {
        struct ratios ratios = ratios_of(run, c->metric[m]);
        struct own_ratios *own = &side->ratios[m];
        own->all = calloc(ratios.count + 1, sizeof *own->all);
        if (!own->all)
            fail("out of memory");
        for (unsigned i = 0; i < ratios.count; i++) {
            const struct ratio *r = &ratios.all[i];
            const struct configuration *of = &run->trials.configurations[r->configuration];
            struct own_ratio *to = &own->all[own->count++];
            *to = (struct own_ratio){*of,
                                     role_of(run, of->server) == ROLE_CONTROL,
                                     (unsigned)r->paired.n,
                                     r->ratio,
                                     r->low,
                                     r->high,
                                     r->outcome};
            to->key.server = copy_string(of->server);
        }
        ratios_free(&ratios);
    }
}

/* Expected counts: selftest.csv of a run in a guest */
static void read_expected(struct side *side, const struct run *run)
{
    size_t size;
    char *path = run_file(run, "selftest.csv"), *text = file_read(path, &size);
    char *line = text ? strchr(text, '\n') : NULL; /* after the header */
    free(path);
    for (char *end; line && line[1]; line = end) {
        line++;
        end = strchr(line, '\n');
        if (end)
            *end = '\0';
        side->expected = realloc(side->expected,
                                 (side->expected_count + 1) * sizeof *side->expected);
        if (!side->expected)
            fail("out of memory");
        struct expected_row *row = &side->expected[side->expected_count++];
        row->line = copy_string(line);
        for (int i = 0; i < 8; i++)
            row->fields[i] = row->line + strlen(row->line);
        split(row->line, ',', row->fields, 8);
    }
    free(text);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the columns are used after the rows are freed: their text is copied. */
static void keep_columns(struct side *side, const struct rows *rows)
{
    struct text text = {NULL, 0, 0};
    side->columns = calloc(rows->name_count + 1, sizeof *side->columns);
    if (!side->columns)
        fail("out of memory");
    for (unsigned i = 0; i < rows->name_count; i++)
        text_add(&text, "%s%s", i ? "\n" : "", rows->names[i]);
    side->column_text = copy_string(text_of(&text));
    side->column_count = split(side->column_text, '\n', (char **)side->columns, rows->name_count);
    qsort(side->columns, side->column_count, sizeof *side->columns, by_text);
    text_free(&text);
}

static int read_environment_facts(struct side *side, const struct run *run, struct complaint *why)
{
    if (!run->has_environment)
        return EXIT_DONE;
    if (!json_is_object(run->environment)) {
        complain(why, "%s/env.json is not a JSON object: repair or remove it", run->directory);
        return EXIT_FAILED;
    }
    side->has_environment = true;
    add_leaves(&side->facts, "", "", run->environment, 0);
    return EXIT_DONE;
}

static bool has_metrics(const struct comparison *c, const struct rows *rows, const char *path,
                        struct complaint *why)
{
    if (!rows->has[COLUMN_machine])
        return complain(why, "%s/trials.csv has no column machine: not a file of bench", path);
    for (unsigned m = 0; m < c->metrics; m++)
        if (!rows->has[c->metric[m]])
            return complain(why, "%s/trials.csv has no column %s: choose another --metric", path,
                            column_name(c->metric[m]));
    return true;
}

/* A packed run is called by its file. */
static char *name_of_side(const struct run *run, const char *path)
{
    char *real = realpath(path, NULL), *name = plain_string(real ? real : run->directory, 0);
    free(real);
    return name;
}

int compare_read(struct comparison *c, struct side *side, const char *path, struct complaint *why)
{
    struct run run;
    struct complaint reason;
    int status;
    char *directory = share_open(path, &status, why);
    if (!directory)
        return status;
    if (!run_open(&run, directory, &reason)) {
        status = run.trials_missing ? EXIT_USAGE : EXIT_FAILED;
        if (run.trials_missing)
            complain(why, "%s; expected a directory written by bench, or a file written by share",
                     reason.text);
        else
            *why = reason;
        run_free(&run);
        free(directory);
        return status;
    }
    side->path = name_of_side(&run, path);
    side->baseline = plain_string(run.baseline, 0);
    keep_columns(side, &run.trials);
    add_measured(c, side, &run);
    set_cpus(side, &run.trials);
    if (!has_metrics(c, &run.trials, run.directory, why))
        status = EXIT_USAGE;
    if (status == EXIT_DONE)
        status = read_environment_facts(side, &run, why);
    if (status == EXIT_DONE && side->valid == 0) {
        complain(why, "%s has no valid sample, nothing to compare: see its verdict column",
                 run.directory);
        status = EXIT_USAGE;
    }
    if (status == EXIT_DONE) {
        add_facts_of_rows(side, &run.trials);
        status = read_plan(side, &run, why);
    }
    if (status == EXIT_DONE) {
        add_ratios(c, side, &run);
        read_expected(side, &run);
    }
    run_free(&run);
    free(directory);
    return status;
}
