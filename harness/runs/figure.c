/* SPDX-License-Identifier: BSD-2-Clause */
#include "figure.h"

#include "command.h"
#include "csv.h"
#include "files.h"
#include "number.h"
#include "picture.h"
#include "scale.h"
#include "summary.h"
#include "wire_summary.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- all figures ---- */

enum scope { SCOPE_LOAD, SCOPE_RUN, SCOPE_GROUP };

static const struct {
    const char *name;
    figure_data *data;
} makers[] = {
    {"wakeups", data_wakeups},   {"throughput", data_throughput}, {"scale", data_scale},
    {"where", data_where},       {"ratios", data_ratios},         {"surface", data_surface},
    {"rate", data_rate},         {"latency", data_latency},       {"cpu", data_cpu},
    {"share", data_share},       {"classes", data_classes},       {"wire", data_wire},
    {"timeline", data_timeline},
};

struct figure_spec {
    const char *name, *title;
    enum scope scope;
    figure_data *data;
};

struct figures {
    char *text; /* plots/figures.tsv */
    struct figure_spec all[sizeof makers / sizeof *makers];
    unsigned count;
};

static figure_data *maker_of(const char *name)
{
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (strcmp(makers[i].name, name) == 0)
            return makers[i].data;
    fail("plots/figures.tsv: unknown figure '%s'", name);
}

static enum scope scope_named(const char *name)
{
    static const char *const names[] = {"load", "run", "group"};
    for (int i = 0; i < 3; i++)
        if (strcmp(names[i], name) == 0)
            return (enum scope)i;
    fail("plots/figures.tsv: '%s' is not load, run or group", name);
}

/* A line "name TAB scope TAB title" */
static void take_figure(struct figures *figures, char *line)
{
    char *fields[3];
    if (*line == '#' || *line == '\0')
        return;
    if (split(line, '\t', fields, 3) != 3 ||
        figures->count == sizeof figures->all / sizeof *figures->all)
        fail("plots/figures.tsv: expected three fields per line, and no more lines than figures");
    figures->all[figures->count++] = (struct figure_spec){
        fields[0], fields[2], scope_named(fields[1]), maker_of(fields[0])};
}

/* Calls `take` with each line of a file of the checkout; the text stays in memory. */
static char *read_lines(const char *name, void *to, void (*take)(void *to, char *line))
{
    size_t size;
    char *path = top_file(name), *text = file_read(path, &size);
    if (!text)
        fail("cannot read %s: %s", path, strerror(errno));
    free(path);
    for (char *line = text, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        take(to, line);
    }
    return text;
}

static void take_figure_line(void *to, char *line)
{
    take_figure(to, line);
}

static void read_figures(struct figures *figures)
{
    figures->count = 0;
    figures->text = read_lines("plots/figures.tsv", figures, take_figure_line);
}

/* ---- looks ---- */

struct looks {
    char *text; /* plots/strategies.tsv */
    struct look {
        const char *name, *colour, *point;
    } * all;
    unsigned count;
};

static void take_look(void *to, char *line)
{
    struct looks *looks = to;
    char *fields[3];
    if (*line == '#' || split(line, '\t', fields, 3) != 3)
        return;
    looks->all = realloc(looks->all, (looks->count + 1) * sizeof *looks->all);
    if (!looks->all)
        fail("out of memory");
    looks->all[looks->count++] = (struct look){fields[0], fields[1], fields[2]};
}

static unsigned place_of_look(const struct looks *looks, const char *name)
{
    unsigned i = 0;
    while (i < looks->count && strcmp(looks->all[i].name, name) != 0)
        i++;
    return i;
}

static const struct looks *sorted_looks; /* qsort() takes no argument */

/* First those in strategies.tsv, in its order; then the others by name. */
static int by_look(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    unsigned p = place_of_look(sorted_looks, x), q = place_of_look(sorted_looks, y);
    return p != q ? (p > q) - (p < q) : strcmp(x, y);
}

static char *looks_of(const struct looks *looks, char *const *names, unsigned count)
{
    static const struct look unknown = {NULL, "#5F5F5F", "15"};
    struct text text = {NULL, 0, 0};
    text_add_string(&text, "");
    for (unsigned i = 0; i < count; i++) {
        unsigned place = place_of_look(looks, names[i]);
        const struct look *look = place < looks->count ? &looks->all[place] : &unknown;
        text_add(&text, "%s%s %s %s", i ? " " : "", names[i], look->colour, look->point);
    }
    return text.text;
}

/* ---- views ---- */

static bool same_value(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

bool view_has(const struct view *view, const struct configuration *c)
{
    if (view->member)
        return view->member[c - view->run->trials.configurations];
    return !view->load ||
           (same_value(c->cpus, view->load->cpus) && same_value(c->rate, view->load->rate) &&
            same_value(c->connections, view->load->connections) &&
            same_value(c->requests, view->load->requests));
}

int view_place(const struct view *view, const char *server)
{
    for (unsigned i = 0; i < view->name_count; i++)
        if (strcmp(view->names[i], server) == 0)
            return (int)i;
    return -1;
}

const struct configuration *view_configuration(const struct view *view, unsigned panel,
                                               unsigned series)
{
    const struct rows *rows = &view->run->trials;
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *c = &rows->configurations[i];
        if (c->valid > 0 && view_has(view, c) && c->workers == view->workers[panel] &&
            strcmp(c->server, view->names[series]) == 0)
            return c;
    }
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts and removes duplicates; returns the number of values. */
static unsigned distinct(double *values, unsigned count)
{
    unsigned kept = 0;
    qsort(values, count, sizeof *values, by_value);
    for (unsigned i = 0; i < count; i++)
        if (kept == 0 || values[kept - 1] != values[i])
            values[kept++] = values[i];
    return kept;
}

static char *joined(const double *values, unsigned count)
{
    struct text text = {NULL, 0, 0};
    text_add_string(&text, "");
    for (unsigned i = 0; i < count; i++)
        text_add(&text, "%s%s", i ? " " : "", number_short(values[i]).text);
    return text.text;
}

static void add_name(struct view *view, const char *name)
{
    if (view_place(view, name) < 0)
        view->names[view->name_count++] = (char *)name;
}

/* Names, numbers of workers, and arguments of the picture, from the configurations with valid samples. The ticks are numbers of
 * workers or, in views by CPUs, of CPUs. */
static void fill_view(struct view *view, const struct looks *looks, bool by_cpus)
{
    const struct rows *rows = &view->run->trials;
    unsigned room = rows->configuration_count + 1, count = 0;
    double *cpus = calloc(room, sizeof *cpus);
    view->names = calloc(room, sizeof *view->names);
    view->workers = calloc(room, sizeof *view->workers);
    if (!cpus || !view->names || !view->workers)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *c = &rows->configurations[i];
        if (c->valid == 0 || !(by_cpus || view_has(view, c)))
            continue;
        add_name(view, c->server);
        view->workers[count] = c->workers;
        cpus[count++] = c->cpus;
    }
    sorted_looks = looks;
    qsort(view->names, view->name_count, sizeof *view->names, by_look);
    view->worker_count = distinct(view->workers, count);
    unsigned cpu_count = distinct(cpus, count);
    view->looks = looks_of(looks, view->names, view->name_count);
    view->ticks = by_cpus ? joined(cpus, cpu_count) : joined(view->workers, view->worker_count);
    view->cpus = view->load ? copy_string(key_value(view->load->cpus).text)
                            : copy_string(cpu_count ? number_short(cpus[cpu_count - 1]).text : "");
    free(cpus);
}

static void free_view(struct view *view)
{
    free(view->names);
    free(view->workers);
    free(view->member);
    free(view->looks);
    free(view->ticks);
    free(view->cpus);
}

/* ---- subtitles and footers ---- */

static unsigned rounds_of(const struct view *view)
{
    const struct rows *rows = &view->run->trials;
    double *rounds = calloc(rows->count + 1, sizeof *rounds);
    unsigned count = 0;
    if (!rounds)
        fail("out of memory");
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]) &&
            (view->group || view_has(view, &rows->configurations[rows->configuration_of[i]])))
            rounds[count++] = rows->all[i].round;
    count = distinct(rounds, count);
    free(rounds);
    return count;
}

/* "2 workers per CPU, 1 connection per 2 CPUs, one request each" */
static char *group_words(const struct view *view)
{
    char *copy = copy_string(view->group), *parts[3];
    split(copy, ',', parts, 3);
    bool has_rate = run_setting(view->run, "rate");
    char *workers = per_cpu_words(parts[0], "worker", "workers");
    char *load = per_cpu_words(parts[1], has_rate ? "request a second" : "connection",
                               has_rate ? "requests a second" : "connections");
    char *requests = requests_words(strcmp(parts[2], "-") == 0 ? NAN : strtod(parts[2], NULL));
    char *words = format_string("%s, %s, %s", workers, load, requests);
    free(copy);
    free(workers);
    free(load);
    free(requests);
    return words;
}

/* The parts of a subtitle: \1L is the load, \1G the group, \1I the intervals, \1R the rounds of means,
 * \1B the baseline. */
static const struct {
    const char *figure, *format;
} subtitles[] = {
    {"latency", "\1L; sum of all rounds"},
    {"share", "\1L; means of the rounds"},
    {"classes", "\1L; in parentheses: absorbed"},
    {"wire", "\1L; p50 to p99; filled: wire, from the SYN; hollow: load"},
    {"wakeups", "\1L; \1I; dashed: expected if idle"},
    {"scale", "\1G; \1I"},
    {"where", "\1G; \1R; above: CPU time per request (us)"},
    {"rate", "\1I; ring: knee, the last below twice the first; cross: most samples fell behind"},
    {"surface",
     "contours at 1.16 (solid) and 1 (dashed); (not significant); grey: fell behind the load"},
    {"ratios", "to \1B in the same rounds; points with 95 % intervals; grey: noise threshold"},
    {"timeline",
     "medians over the configurations of a round; band: 95 % interval of the A/A control"},
    {NULL, "\1L; \1I"},
};

static void add_part(struct text *text, const struct view *view, char part)
{
    enum { INTERVAL_FROM = 6 }; /* rounds */
    unsigned rounds = rounds_of(view);
    char *words = NULL;
    if (part == 'L' && view->load) {
        words = load_words(view->load);
        text_add(text, "%s, %s CPUs", words, view->cpus);
    } else if (part == 'G' && view->group) {
        words = group_words(view);
        text_add_string(text, words);
    } else if ((part == 'I' || part == 'R') && rounds == 1) {
        text_add_string(text, "one round");
    } else if (part == 'I') {
        text_add(text, "medians of %u rounds, %s", rounds,
                 rounds >= INTERVAL_FROM ? "95 % intervals" : "least to greatest");
    } else if (part == 'R') {
        text_add(text, "means of %u rounds", rounds);
    } else if (part == 'B') {
        text_add_string(text, view->run->baseline);
    }
    free(words);
}

static char *subtitle_of(const struct view *view, const char *figure)
{
    struct text text = {NULL, 0, 0};
    size_t i = 0;
    while (subtitles[i].figure && strcmp(subtitles[i].figure, figure) != 0)
        i++;
    for (const char *at = subtitles[i].format; *at; at++)
        if (*at == '\1')
            add_part(&text, view, *++at);
        else
            text_add_bytes(&text, at, 1);
    return text.text;
}

static const char *or_text(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

/* "Linux 6.12, 2026-11-28, coherent (graviton2): 0.44, 47.2, 47.2 ns, quantum 0.5 us" */
static void add_environment(struct text *text, const struct run *run)
{
    static const char *const names[] = {"kernel",
                                        "utc",
                                        "lab.virtual.model",
                                        "lab.virtual.prices",
                                        "lab.virtual.price_ns",
                                        "lab.virtual.miss_ns",
                                        "lab.virtual.upgrade_ns",
                                        "lab.virtual.quantum_us"};
    enum { KERNEL, UTC, MODEL, PRICES, PRICE, MISS, UPGRADE, QUANTUM, NAMES };
    char *values[NAMES];
    for (int i = 0; i < NAMES; i++)
        values[i] = environment_text(run, names[i]);
    text_add(text, "Linux %s, %.10s", or_text(values[KERNEL], "?"), or_text(values[UTC], ""));
    if (values[MODEL] && strcmp(values[MODEL], "coherent") == 0)
        text_add(text, ", %s (%s): %s, %s, %s ns", values[MODEL], or_text(values[PRICES], "null"),
                 or_text(values[PRICE], "null"), or_text(values[MISS], "null"),
                 or_text(values[UPGRADE], "null"));
    else if (values[MODEL])
        text_add(text, ", %s: %s ns per instruction", values[MODEL],
                 or_text(values[PRICE], "null"));
    if (values[MODEL])
        text_add(text, ", quantum %s us", or_text(values[QUANTUM], "null"));
    for (int i = 0; i < NAMES; i++)
        free(values[i]);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The kinds of machines of the valid samples */
static void add_machines(struct text *text, const struct rows *rows)
{
    const char **machines = calloc(rows->count + 1, sizeof(char *));
    unsigned count = 0, kept = 0;
    if (!machines)
        fail("out of memory");
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]))
            machines[count++] = rows->all[i].machine ? rows->all[i].machine : "NA";
    qsort(machines, count, sizeof *machines, by_text);
    for (unsigned i = 0; i < count; i++)
        if (i == 0 || strcmp(machines[i - 1], machines[i]) != 0)
            text_add(text, "%s%s", kept++ ? " " : "", machines[i]);
    free(machines);
}

char *figure_footer(const struct run *run)
{
    enum { FOOTER_MOST = 140 };
    struct text text = {NULL, 0, 0};
    const char *seed = run_setting(run, "seed");
    add_machines(&text, &run->trials);
    text_add_string(&text, ", ");
    if (!run->has_environment)
        text_add_string(&text, "no env.json");
    else if (!json_is_object(run->environment))
        text_add_string(&text, "env.json cannot be read");
    else
        add_environment(&text, run);
    text_add(&text, "; seed %s; run %s", seed ? seed : "unknown", file_name(run->directory));
    char *footer = plain_string(text.text, FOOTER_MOST);
    text_free(&text);
    return footer;
}

/* ---- drawing ---- */

struct drawing {
    const struct run *run;
    const struct plot_options *options;
    struct figures figures;
    struct looks looks;
    struct files files;
    struct text index; /* index.tsv */
    char *footer;
    int status;
};

/* A line of index.tsv: figure, file without its suffix, title, and why it is not drawn, or "-" */
static void add_to_index(struct drawing *d, const char *figure, const char *suffix,
                         const char *title, const char *reason)
{
    text_add(&d->index, "%s\t%s%s\t%s\t%s\n", figure, figure, suffix, title, reason);
}

static bool draw_picture(struct drawing *d, const struct figure_spec *figure,
                         const struct view *view, const struct text *data, const char *name,
                         struct complaint *why)
{
    char *path = files_path(&d->files, name), *subtitle = subtitle_of(view, figure->name);
    const struct picture picture = {.figure = figure->name,
                                    .data = text_of(data),
                                    .data_length = data->length,
                                    .title = figure->title,
                                    .subtitle = subtitle,
                                    .footer = d->footer,
                                    .looks = view->looks,
                                    .ticks = view->ticks,
                                    .cpus = view->cpus};
    bool drawn = picture_draw(&picture, path, why);
    if (!drawn) {
        files_check_room(&d->files); /* before existing figures are replaced by nothing */
        files_forget(&d->files);
    }
    free(subtitle);
    free(path);
    return drawn;
}

static enum figure_outcome draw_kinds(struct drawing *d, const struct figure_spec *figure,
                                      const struct view *view, const struct text *data,
                                      const char *suffix, struct complaint *why)
{
    static const char *const kinds[] = {"svg", "png"};
    for (int i = 0; i < (d->options->png ? 2 : 1); i++) {
        char *name = format_string("%s%s.%s", figure->name, suffix, kinds[i]);
        bool drawn = draw_picture(d, figure, view, data, name, why);
        free(name);
        if (!drawn)
            return FIGURE_BROKEN;
    }
    return FIGURE_DRAWN;
}

/* Draws one figure; restores the view. */
static void draw_figure(struct drawing *d, const struct figure_spec *figure, struct view view,
                        const char *suffix)
{
    struct text data = {NULL, 0, 0};
    struct complaint why = {"-"};
    view.looks = copy_string(view.looks); /* a figure may replace them */
    view.ticks = copy_string(view.ticks);
    view.cpus = copy_string(view.cpus);
    char **names = view.names;
    view.names = calloc(view.name_count + 1, sizeof *names);
    if (!view.names)
        fail("out of memory");
    memcpy(view.names, names, view.name_count * sizeof *names);
    enum figure_outcome outcome = figure->data(&view, &data, &why);
    if (outcome == FIGURE_DRAWN)
        outcome = draw_kinds(d, figure, &view, &data, suffix, &why);
    add_to_index(d, figure->name, suffix, figure->title, outcome == FIGURE_DRAWN ? "-" : why.text);
    if (outcome == FIGURE_BROKEN) {
        message("%s: %s is not drawn: %s", d->run->path, figure->name, why.text);
        d->status = EXIT_FAILED;
    }
    text_free(&data);
    free(view.names);
    free(view.looks);
    free(view.ticks);
    free(view.cpus);
}

static void draw_scope(struct drawing *d, enum scope scope, const struct view *view,
                       const char *suffix)
{
    for (unsigned i = 0; i < d->figures.count; i++)
        if (d->figures.all[i].scope == scope)
            draw_figure(d, &d->figures.all[i], *view, suffix);
}

/* ---- the figures of one load ---- */

struct loads {
    struct configuration *all;
    unsigned count;
};

static double or_0(double value)
{
    return isnan(value) ? 0 : value;
}

static int by_load(const void *a, const void *b)
{
    const struct configuration *x = a, *y = b;
    const double pairs[][2] = {{x->cpus, y->cpus},
                               {x->connections, y->connections},
                               {x->rate, y->rate},
                               {x->requests, y->requests}};
    for (int i = 0; i < 4; i++) {
        double p = or_0(pairs[i][0]), q = or_0(pairs[i][1]);
        if (p != q)
            return p > q ? 1 : -1;
    }
    return 0;
}

static struct loads loads_of(const struct rows *rows)
{
    struct loads loads = {calloc(rows->configuration_count + 1, sizeof *loads.all), 0};
    unsigned kept = 0;
    if (!loads.all)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++)
        if (rows->configurations[i].valid > 0) {
            loads.all[loads.count] = rows->configurations[i];
            loads.all[loads.count++].workers = 0;
        }
    qsort(loads.all, loads.count, sizeof *loads.all, by_load);
    for (unsigned i = 0; i < loads.count; i++)
        if (kept == 0 || !same_block(&loads.all[kept - 1], &loads.all[i]))
            loads.all[kept++] = loads.all[i];
    loads.count = kept;
    return loads;
}

/* CPUs, connections, rate or requests of a load */
static double part_of_load(const struct configuration *load, int part)
{
    const double parts[] = {load->cpus, load->connections, load->rate, load->requests};
    return parts[part];
}

/* The name contains the values of which the run has several: -p CPUs, -c connections, -r rate, -k requests each. */
static char *load_suffix(const struct loads *loads, const struct configuration *load)
{
    struct text suffix = {NULL, 0, 0};
    text_add_string(&suffix, "");
    for (int i = 0; i < 4; i++) {
        double value = part_of_load(load, i);
        bool several = false;
        for (unsigned k = 0; k < loads->count; k++)
            several |= !same_value(part_of_load(&loads->all[k], i), value);
        if (several && !isnan(value))
            text_add(&suffix, "-%c%s", "pcrk"[i], number_short(value).text);
    }
    return suffix.text;
}

static void draw_load(struct drawing *d, const struct loads *loads, unsigned i)
{
    struct view view = {.run = d->run, .load = &loads->all[i]};
    char *suffix = loads->count > 1 ? load_suffix(loads, view.load) : copy_string("");
    fill_view(&view, &d->looks, false);
    draw_scope(d, SCOPE_LOAD, &view, suffix);
    free_view(&view);
    free(suffix);
}

/* Of many loads the first, the middle and the last: more are hard to read, and the figures by load show the others. */
static void draw_loads(struct drawing *d)
{
    enum { LOADS_MOST = 4 };
    struct loads loads = loads_of(&d->run->trials);
    bool all = d->options->all_loads || loads.count <= LOADS_MOST;
    if (!all) {
        struct complaint why;
        complain(&why,
                 "%u of %u loads are not drawn, only the first, the middle and the last: %s plot "
                 "--all-loads draws all",
                 loads.count - 3, loads.count, suite_command());
        add_to_index(d, "loads", "", "Figures by workers", why.text);
    }
    for (unsigned i = 0; i < loads.count; i++)
        if (all || i == 0 || i == (loads.count + 1) / 2 - 1 || i == loads.count - 1)
            draw_load(d, &loads, i);
    free(loads.all);
}

/* ---- the figures of groups: workers and load by the same rule for all numbers of CPUs ---- */

static unsigned sizes_of(const struct rows *rows)
{
    double *cpus = calloc(rows->configuration_count + 1, sizeof *cpus);
    unsigned count = 0;
    if (!cpus)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++)
        if (rows->configurations[i].valid > 0)
            cpus[count++] = rows->configurations[i].cpus;
    count = distinct(cpus, count);
    free(cpus);
    return count;
}

static char *group_suffix(const char *group)
{
    char *suffix = format_string("-%s", group);
    for (char *at = suffix; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789", *at))
            *at = '-';
    return suffix;
}

static void set_members(struct view *view, const struct scale *scale)
{
    const struct rows *rows = &view->run->trials;
    view->member = calloc(rows->configuration_count + 1, sizeof *view->member);
    if (!view->member)
        fail("out of memory");
    for (unsigned i = 0; i < scale->count; i++) {
        char *of_line = scale_group(&scale->lines[i]);
        if (strcmp(of_line, view->group) == 0)
            view->member[scale->lines[i].configuration - rows->configurations] = true;
        free(of_line);
    }
}

static void draw_group(struct drawing *d, const struct scale *scale, const char *group,
                       bool several)
{
    struct view view = {.run = d->run, .group = group};
    char *suffix = several ? group_suffix(group) : copy_string("");
    set_members(&view, scale);
    fill_view(&view, &d->looks, true);
    draw_scope(d, SCOPE_GROUP, &view, suffix);
    free_view(&view);
    free(suffix);
}

static void write_scale(struct drawing *d, const struct scale *scale)
{
    struct text csv = {NULL, 0, 0};
    struct files files = {.directory = d->run->directory};
    scale_csv(scale, &csv);
    files_add(&files, "scale.csv", csv.text, csv.length);
    files_put(&files);
    text_free(&csv);
}

static const char not_in_settings[] = "no row has the workers and load of settings.tsv";

static void leave_out_groups(struct drawing *d, const char *reason)
{
    for (unsigned i = 0; i < d->figures.count; i++)
        if (d->figures.all[i].scope == SCOPE_GROUP)
            add_to_index(d, d->figures.all[i].name, "", d->figures.all[i].title, reason);
}

static void draw_groups(struct drawing *d)
{
    if (!d->run->has_settings || sizes_of(&d->run->trials) < 2) {
        char *reason = format_string("the run has one number of CPUs (%s scale has several)",
                                     suite_command());
        leave_out_groups(d, reason);
        free(reason);
        return;
    }
    struct scale scale = scale_of(d->run);
    char **groups = calloc(scale.count + 1, sizeof *groups);
    unsigned count = 0, kept = 0;
    if (!groups)
        fail("out of memory");
    write_scale(d, &scale);
    for (unsigned i = 0; i < scale.count; i++)
        groups[count++] = scale_group(&scale.lines[i]);
    qsort(groups, count, sizeof *groups, by_text);
    for (unsigned i = 0; i < count; i++)
        if (kept > 0 && strcmp(groups[kept - 1], groups[i]) == 0)
            free(groups[i]);
        else
            groups[kept++] = groups[i];
    if (kept == 0)
        leave_out_groups(d, not_in_settings);
    for (unsigned i = 0; i < kept; i++)
        draw_group(d, &scale, groups[i], kept > 1);
    for (unsigned i = 0; i < kept; i++)
        free(groups[i]);
    free(groups);
    scale_free(&scale);
}

static void draw_whole(struct drawing *d)
{
    struct view view = {.run = d->run};
    fill_view(&view, &d->looks, false);
    draw_scope(d, SCOPE_RUN, &view, "");
    free_view(&view);
}

/* ---- a run ---- */

/* Old pictures: those that are not among the files. */
struct pictures {
    char **names;
    unsigned count, room;
};

static struct pictures find_old(const char *directory, const struct files *kept)
{
    struct pictures old = {NULL, 0, 0};
    DIR *listing = opendir(directory);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        const char *ending = strrchr(entry->d_name, '.');
        bool is_kept = !ending || (strcmp(ending, ".svg") != 0 && strcmp(ending, ".png") != 0);
        for (unsigned i = 0; !is_kept && i < kept->count; i++)
            is_kept = strcmp(entry->d_name, kept->names[i]) == 0;
        if (is_kept)
            continue;
        old.names = array_grow(old.names, old.count, &old.room, sizeof *old.names);
        old.names[old.count++] = copy_string(entry->d_name);
    }
    if (listing)
        closedir(listing);
    return old;
}

static void remove_old(const char *directory, struct pictures *old)
{
    for (unsigned i = 0; i < old->count; i++) {
        char *path = format_string("%s/%s", directory, old->names[i]);
        unlink(path);
        free(path);
        free(old->names[i]);
    }
    free(old->names);
}

static void write_summaries(const struct run *run)
{
    struct files files = {.directory = run->directory};
    struct text csv = {NULL, 0, 0}, table = {NULL, 0, 0};
    struct summary summary = summary_of(run);
    summary_csv(&summary, &csv);
    files_add(&files, "summary.csv", csv.text, csv.length);
    summary_free(&summary);
    if (run->has_wire && run->wire.count > 0) {
        csv.length = 0;
        wire_summary(run, &csv, &table);
        files_add(&files, "wire_summary.csv", csv.text, csv.length);
    }
    files_put(&files);
    text_free(&csv);
    text_free(&table);
}

static bool has_samples(const struct run *run)
{
    for (unsigned i = 0; i < run->trials.configuration_count; i++)
        if (run->trials.configurations[i].valid > 0)
            return true;
    return false;
}

static int without_samples(const struct run *run, char *directory)
{
    const struct files none = {.directory = directory};
    char *index = format_string("%s/index.tsv", directory);
    struct pictures old = find_old(directory, &none);
    remove_old(directory, &old);
    unlink(index);
    rmdir(directory);
    free(index);
    free(directory);
    message("%s has no valid sample: nothing to draw", run->path);
    return EXIT_NOT_OK;
}

/* The run may come from elsewhere: links are not followed. */
static void check_directory(const struct run *run, const char *directory)
{
    struct stat about;
    if (lstat(directory, &about) == 0 && S_ISLNK(about.st_mode))
        fail_usage("%s/figures is a symbolic link: remove it first", run->path);
}

int plot_run(const struct run *run, const struct plot_options *options)
{
    char *directory = run_file(run, "figures");
    check_directory(run, directory);
    picture_check_room();
    write_summaries(run);
    if (!has_samples(run))
        return without_samples(run, directory);
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        fail("cannot make %s: %s", directory, strerror(errno));
    struct drawing d = {.run = run, .options = options, .files = {.directory = directory}};
    read_figures(&d.figures);
    d.looks.text = read_lines("plots/strategies.tsv", &d.looks, take_look);
    d.footer = figure_footer(run);
    draw_loads(&d);
    draw_groups(&d);
    draw_whole(&d);
    files_add(&d.files, "index.tsv", text_of(&d.index), d.index.length);
    struct pictures old = find_old(directory, &d.files);
    files_put(&d.files);
    remove_old(directory, &old); /* last: the new index.tsv no longer lists them */
    if (!options->quiet)
        fprintf(stderr, "figures: %s\n", directory);
    text_free(&d.index);
    free(d.footer);
    free(d.figures.text);
    free(d.looks.text);
    free(d.looks.all);
    free(directory);
    return d.status;
}

/* ---- one figure's data ---- */

static const struct figure_spec *figure_named(const struct figures *figures, const char *name)
{
    for (unsigned i = 0; i < figures->count; i++)
        if (strcmp(figures->all[i].name, name) == 0)
            return &figures->all[i];
    return NULL;
}

/* The first load, or the first group, of a run. False: none; the reason is in `why`. */
static bool first_view(struct drawing *d, enum scope scope, struct view *view, struct loads *loads,
                       struct scale *scale, struct complaint *why)
{
    *view = (struct view){.run = d->run};
    if (scope == SCOPE_LOAD)
        view->load = &loads->all[0];
    if (scope == SCOPE_GROUP && (!d->run->has_settings || sizes_of(&d->run->trials) < 2))
        return complain(why, "the run has one number of CPUs");
    if (scope == SCOPE_GROUP) {
        *scale = scale_of(d->run);
        if (scale->count == 0)
            return complain(why, "%s", not_in_settings);
        view->group = scale_group(&scale->lines[0]);
        set_members(view, scale);
    }
    fill_view(view, &d->looks, scope == SCOPE_GROUP);
    return true;
}

enum figure_outcome figure_of_run(const struct run *run, const char *name, struct text *data,
                                  struct complaint *why)
{
    struct drawing d = {.run = run};
    struct view view;
    struct loads loads = loads_of(&run->trials);
    struct scale scale = {NULL, 0, 0, NULL, NULL};
    enum figure_outcome outcome = FIGURE_LEFT_OUT;
    read_figures(&d.figures);
    d.looks.text = read_lines("plots/strategies.tsv", &d.looks, take_look);
    const struct figure_spec *figure = figure_named(&d.figures, name);
    if (!figure)
        fail_usage("unknown figure '%s': plots/figures.tsv lists them", name);
    if (!has_samples(run))
        complain(why, "no valid sample");
    else if (first_view(&d, figure->scope, &view, &loads, &scale, why)) {
        outcome = figure->data(&view, data, why);
        free((char *)view.group);
        free_view(&view);
    }
    scale_free(&scale);
    free(loads.all);
    free(d.figures.text);
    free(d.looks.text);
    free(d.looks.all);
    return outcome;
}
