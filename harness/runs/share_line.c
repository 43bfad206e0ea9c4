/* SPDX-License-Identifier: BSD-2-Clause */
#include "share_line.h"

#include "ratios.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMALS = 4, COMMIT_LETTERS = 12 };
static const double workers_per_cpu = 4, connections_per_cpu = 8;

void share_add_header(struct text *to)
{
    text_add_string(to, "date\tmachine\tcpu_model\tcpus\tkernel\tversion\tworkers\tconnections\t"
                        "ratio\tlow\thigh\tmark\tsha256\tsource\n");
}

/* ---- which configurations ---- */

static double distance(double value, double cpus, double wanted)
{
    return fabs(log(value / cpus / wanted));
}

/* Whether a stands in the line rather than b */
static bool is_nearer(const struct configuration *a, const struct configuration *b)
{
    double workers = distance(a->workers, a->cpus, workers_per_cpu) -
                     distance(b->workers, b->cpus, workers_per_cpu),
           connections = distance(a->connections, a->cpus, connections_per_cpu) -
                         distance(b->connections, b->cpus, connections_per_cpu);
    if (fabs(workers) > 1e-9)
        return workers < 0;
    if (a->workers != b->workers)
        return a->workers < b->workers;
    if (fabs(connections) > 1e-9)
        return connections < 0;
    return a->connections < b->connections;
}

static bool has_line(const struct run *run, const struct ratio *r)
{
    const struct configuration *c = &run->trials.configurations[r->configuration];
    return strcmp(c->server, "wakeone") == 0 && c->requests == 1 && c->workers >= 1 &&
           c->cpus >= 1 && c->connections >= 1 && isnan(c->rate) && !isnan(r->low);
}

static const struct configuration *configuration_of(const struct run *run, const struct ratio *r)
{
    return &run->trials.configurations[r->configuration];
}

/* Of this number of CPUs; NULL: none */
static const struct ratio *chosen(const struct run *run, const struct ratios *ratios, double cpus)
{
    const struct ratio *best = NULL;
    for (unsigned i = 0; i < ratios->count; i++) {
        const struct ratio *r = &ratios->all[i];
        if (!has_line(run, r) || configuration_of(run, r)->cpus != cpus)
            continue;
        if (!best || is_nearer(configuration_of(run, r), configuration_of(run, best)))
            best = r;
    }
    return best;
}

/* The least number of CPUs above `than`; NAN: none */
static double next_cpus(const struct run *run, const struct ratios *ratios, double than)
{
    double least = NAN;
    for (unsigned i = 0; i < ratios->count; i++) {
        double cpus = configuration_of(run, &ratios->all[i])->cpus;
        if (has_line(run, &ratios->all[i]) && cpus > than && !(cpus >= least))
            least = cpus;
    }
    return least;
}

/* ---- lines ---- */

/* One field: without what separates fields and lines, never empty */
static void add_field(struct text *to, const char *value)
{
    char *plain = plain_string(value && *value ? value : "-", 80);
    text_add(to, "%s\t", plain);
    free(plain);
}

static bool is_virtual(const struct run *run)
{
    const char *machine = environment_string(run, "machine");
    return machine && strcmp(machine, "virtual") == 0;
}

static void add_model(struct text *to, const struct run *run)
{
    const char *prices = environment_string(run, "lab.virtual.prices");
    if (is_virtual(run) && prices) {
        char *model = format_string("prices of %s", prices);
        add_field(to, model);
        free(model);
    } else
        add_field(to, environment_string(run, "cpu.model"));
}

/* The version that measured; of runs that do not have it the commit, with "+" if there were changes to it. */
static void add_version(struct text *to, const struct run *run)
{
    const char *version = environment_string(run, "version"),
               *commit = environment_string(run, "commit");
    if (version || !commit) {
        add_field(to, version);
        return;
    }
    char *short_commit = format_string("%.*s%s", COMMIT_LETTERS, commit,
                                       json_is_true(environment_value(run, "modified")) ? "+" : "");
    add_field(to, short_commit);
    free(short_commit);
}

static void add_line(struct text *to, const struct run *run, const struct ratio *r,
                     const char *sha256, const char *source)
{
    const struct configuration *c = configuration_of(run, r);
    const char *utc = environment_string(run, "utc");
    char *date = format_string("%.10s", utc ? utc : "-");
    add_field(to, date);
    free(date);
    add_field(to, environment_string(run, "machine"));
    add_model(to, run);
    add_field(to, key_value(c->cpus).text);
    add_field(to, environment_string(run, "kernel"));
    add_version(to, run);
    add_field(to, key_value(c->workers).text);
    add_field(to, key_value(c->connections).text);
    add_field(to, number_fixed(r->ratio, DECIMALS).text);
    add_field(to, number_fixed(r->low, DECIMALS).text);
    add_field(to, number_fixed(r->high, DECIMALS).text);
    add_field(to, is_virtual(run) ? "virtual time" : "cores");
    add_field(to, sha256);
    char *plain = plain_string(source, 0);
    text_add(to, "%s\n", plain);
    free(plain);
}

bool share_add_lines(struct text *to, const struct run *run, const char *sha256, const char *source,
                     struct complaint *why)
{
    const char *machine = environment_string(run, "machine");
    if (!machine)
        return complain(why, "%s has no env.json that names its machine", run->path);
    if (strcmp(machine, "tcg") == 0)
        return complain(why, "%s was measured in an emulated guest, where only counts are valid",
                        run->path);
    if (strcmp(run->baseline, "racing") != 0)
        return complain(why, "the baseline of %s is %s, and lines are of wakeone to racing",
                        run->path, run->baseline);
    struct ratios ratios = ratios_of(run, COLUMN_throughput_rps);
    double cpus = next_cpus(run, &ratios, 0);
    bool any = !isnan(cpus);
    while (!isnan(cpus)) {
        add_line(to, run, chosen(run, &ratios, cpus), sha256, source);
        cpus = next_cpus(run, &ratios, cpus);
    }
    ratios_free(&ratios);
    return any || complain(why,
                           "%s has no interval of wakeone to racing under a closed load: run "
                           "./run.sh bench --strategies racing,wakeone",
                           run->path);
}
