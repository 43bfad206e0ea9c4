/* SPDX-License-Identifier: BSD-2-Clause */
#include "finding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT "wakeone"

struct finding {
    const struct summary *summary;
    const struct ratios *cpu;
    const char *baseline, *subject;
    const struct configuration *load; /* the lowest */
    bool by_cpu;
};

static const struct summary_line *line_of(const struct finding *f, const struct configuration *load,
                                          const char *server, double workers)
{
    struct configuration wanted = *load;
    wanted.workers = workers;
    for (unsigned i = 0; i < f->summary->count; i++) {
        const struct summary_line *line = &f->summary->lines[i];
        if (line->ok > 0 && strcmp(line->configuration->server, server) == 0 &&
            same_block(line->configuration, &wanted))
            return line;
    }
    return NULL;
}

static bool is_measured(const struct summary *s, const char *server)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->lines[i].ok > 0 && strcmp(s->lines[i].configuration->server, server) == 0)
            return true;
    return false;
}

static const char *choose_subject(const struct summary *s)
{
    const struct run *run = s->run;
    if (is_measured(s, SUBJECT) && strcmp(run->baseline, SUBJECT) != 0)
        return SUBJECT;
    for (unsigned i = 0; i < run->server_count; i++)
        if (is_measured(s, run->servers[i].name) &&
            role_of(run, run->servers[i].name) == ROLE_TESTED)
            return run->servers[i].name;
    return NULL;
}

static bool same_load(const struct configuration *a, const struct configuration *b)
{
    struct configuration as_if = *b;
    as_if.workers = a->workers;
    return same_block(a, &as_if);
}

static double size_of(const struct configuration *c)
{
    return c->cpus * 1e9 + (isnan(c->rate) ? c->connections : c->rate);
}

static const struct configuration *lowest_load(const struct finding *f)
{
    const struct configuration *least = NULL;
    for (unsigned i = 0; i < f->summary->count; i++) {
        const struct summary_line *line = &f->summary->lines[i];
        if (line->ok > 0 && strcmp(line->configuration->server, f->subject) == 0 &&
            (!least || size_of(line->configuration) < size_of(least)))
            least = line->configuration;
    }
    return least;
}

static unsigned count_loads(const struct summary *s)
{
    unsigned count = 0;
    for (unsigned i = 0; i < s->count; i++) {
        bool first = s->lines[i].ok > 0;
        for (unsigned k = 0; first && k < i; k++)
            first = s->lines[k].ok == 0 ||
                    !same_load(s->lines[k].configuration, s->lines[i].configuration);
        count += first;
    }
    return count;
}

static const struct ratio *ratio_with(const struct finding *f, double workers)
{
    const struct summary_line *line = line_of(f, f->load, f->subject, workers);
    if (!line)
        return NULL;
    return f->by_cpu
               ? ratio_of(f->cpu,
                          (unsigned)(line->configuration - f->summary->run->trials.configurations))
               : line->ratio;
}

/* ---- the sentence ---- */

static const char *remark_on(const struct ratio *r)
{
    if (isnan(r->low))
        return " (one pair, no interval)";
    if (r->outcome == OUTCOME_NONE)
        return " (not significant)";
    if (r->outcome == OUTCOME_BELOW_THRESHOLD)
        return " (within the noise threshold)";
    return "";
}

static void add_ratio(struct text *text, const struct finding *f, double workers, bool last)
{
    const struct ratio *r = ratio_with(f, workers);
    const char *of = f->by_cpu ? "the server's CPU time per request " : "the requests a second ";
    text_add(text, "%.2f", r->ratio);
    if (!isnan(r->low))
        text_add(text, " [%.2f, %.2f]", r->low, r->high);
    text_add(text, " times %swith %s%s%s", last ? "" : of, number_short(workers).text,
             last           ? ""
             : workers == 1 ? " worker"
                            : " workers",
             remark_on(r));
}

/* "8.00 and 64.00": wakeups per connection with few and with many workers; "" if unknown. The caller frees it. */
static char *woken(const struct finding *f, const struct configuration *load, const char *server,
                   double few, double many)
{
    const struct summary_line *a = line_of(f, load, server, few),
                              *b = line_of(f, load, server, many);
    if (!a || isnan(a->wakeups_per_conn))
        return copy_string("");
    if (few == many || !b || isnan(b->wakeups_per_conn))
        return format_string("%.2f", a->wakeups_per_conn);
    return format_string("%.2f and %.2f", a->wakeups_per_conn, b->wakeups_per_conn);
}

/* For a run without times (guests): counts with the fewest and with the most workers of all loads; NULL if neither is known.
 * The caller frees it. */
static char *counted(const struct finding *f)
{
    double few = NAN, many = NAN;
    char *least = NULL, *most = NULL;
    for (unsigned i = 0; i < f->summary->count; i++) {
        const struct summary_line *line = &f->summary->lines[i];
        double workers = line->configuration->workers;
        if (line->ok == 0 || strcmp(line->configuration->server, f->subject) != 0)
            continue;
        char *baseline = woken(f, line->configuration, f->baseline, workers, workers);
        char *subject = woken(f, line->configuration, f->subject, workers, workers);
        if (*baseline && *subject && !(workers >= few)) {
            few = workers;
            free(least);
            least = format_string("%s workers of %s and %s of %s", baseline, f->baseline, subject,
                                  f->subject);
        }
        if (*baseline && *subject && !(workers <= many)) {
            many = workers;
            free(most);
            most = format_string("%s and %s", baseline, subject);
        }
        free(baseline);
        free(subject);
    }
    char *text = !least
                     ? NULL
                     : format_string(
                           "Counts only, no times: a connection woke %s with %s%s%s%s%s%s.", least,
                           number_short(few).text, few == 1 ? " worker" : " workers",
                           few == many ? "" : ", ", few == many ? "" : most,
                           few == many ? "" : " with ", few == many ? "" : number_short(many).text);
    free(least);
    free(most);
    return text;
}

static bool range_of_workers(const struct finding *f, double *few, double *many)
{
    *few = *many = NAN;
    for (unsigned i = 0; i < f->summary->count; i++) {
        const struct configuration *c = f->summary->lines[i].configuration;
        if (f->summary->lines[i].ok > 0 && strcmp(c->server, f->subject) == 0 &&
            same_load(c, f->load) && ratio_with(f, c->workers)) {
            *few = fmin(*few, c->workers);
            *many = fmax(*many, c->workers);
        }
    }
    return !isnan(*few);
}

static char *sentence_of(const struct finding *f, double few, double many)
{
    struct text text = {NULL, 0, 0};
    unsigned loads = count_loads(f->summary);
    char *load = load_words(f->load);
    text_add(&text, "%s against %s, %s, %s CPUs: ", f->subject, f->baseline, load,
             key_value(f->load->cpus).text);
    add_ratio(&text, f, few, false);
    if (many != few) {
        text_add_string(&text, ", ");
        add_ratio(&text, f, many, true);
    }
    char *baseline = woken(f, f->load, f->baseline, few, many),
         *subject = woken(f, f->load, f->subject, few, many);
    if (*baseline && *subject)
        text_add(&text, "; a connection woke %s workers of %s, %s of %s", baseline, f->baseline,
                 subject, f->subject);
    text_add_string(&text, ". Ratios are paired, with 95 % intervals.");
    if (loads > 1)
        text_add(&text, " This is the lowest of %u loads.", loads);
    free(load);
    free(baseline);
    free(subject);
    return text.text;
}

char *finding_of(const struct summary *summary, const struct ratios *cpu)
{
    struct finding f = {.summary = summary, .cpu = cpu, .baseline = summary->run->baseline};
    double few, many;
    bool any = false;
    for (unsigned i = 0; i < summary->count; i++)
        any |= summary->lines[i].ok > 0;
    if (!any)
        return copy_string("No valid sample: there is no finding.");
    f.subject = choose_subject(summary);
    if (!f.subject || !is_measured(summary, f.baseline))
        return format_string("Nothing to compare: the run has no strategy besides its baseline %s.",
                             f.baseline);
    f.load = lowest_load(&f);
    f.by_cpu = !isnan(f.load->rate);
    if (range_of_workers(&f, &few, &many))
        return sentence_of(&f, few, many);
    char *text = counted(&f);
    return text ? text
                : format_string("Nothing to compare: no round has valid samples of both %s and %s.",
                                f.subject, f.baseline);
}
