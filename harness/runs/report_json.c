/* SPDX-License-Identifier: BSD-2-Clause */
/* A report as JSON (results/README.md, "report.json"): the contents of the page, for other programs. */

#include "report.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Text of a run may be invalid UTF-8. */
static json_t *text_json(const char *text)
{
    char *plain = plain_string(text, 0);
    json_t *json = json_string(plain);
    free(plain);
    return json;
}

static json_t *number(double value)
{
    if (!isfinite(value))
        return json_null();
    return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value)
                                                       : json_real(value);
}

static json_t *facts_json(const struct report_facts *facts)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < facts->count; i++) {
        json_t *fact = json_object();
        json_object_set_new(fact, "name", text_json(facts->all[i].name));
        json_object_set_new(fact, "value", text_json(facts->all[i].value));
        if (facts->all[i].effect)
            json_object_set_new(fact, "effect", text_json(facts->all[i].effect));
        json_array_append_new(array, fact);
    }
    return array;
}

static void set_configuration(json_t *object, const struct configuration *c)
{
    json_object_set_new(object, "strategy", json_string(c->server));
    json_object_set_new(object, "workers", number(c->workers));
    json_object_set_new(object, "cpus", number(c->cpus));
    json_object_set_new(object, "connections", number(c->connections));
    json_object_set_new(object, "rate_offered", number(c->rate));
    json_object_set_new(object, "requests_per_connection", number(c->requests));
}

static json_t *ratio_json(const struct ratio *r)
{
    if (!r)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "pairs", number((double)r->paired.n));
    json_object_set_new(object, "ratio", number(r->ratio));
    json_object_set_new(object, "low", number(r->low));
    json_object_set_new(object, "high", number(r->high));
    json_object_set_new(object, "smallest", number(r->smallest));
    json_object_set_new(object, "threshold", number(r->threshold));
    json_object_set_new(object, "outcome", json_string(outcome_word(r->outcome)));
    json_object_set_new(object, "sentence", json_string(r->sentence));
    return object;
}

static json_t *line_json(const struct summary_line *l)
{
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"expected_wakes", l->expected_wakes},
        {"trials", l->trials},
        {"ok", l->ok},
        {"throughput_rps", l->throughput_rps},
        {"throughput_min", l->throughput_min},
        {"throughput_max", l->throughput_max},
        {"wakeups_per_conn", l->wakeups_per_conn},
        {"wakeups_min", l->wakeups_min},
        {"wakeups_max", l->wakeups_max},
        {"latency_p50_us", l->latency_p50_us},
        {"latency_p99_us", l->latency_p99_us},
        {"server_cpu_us_per_req", l->server_cpu_us_per_req},
        {"client_cpu_us_per_req", l->client_cpu_us_per_req},
        {"jain", l->jain},
    };
    json_t *object = json_object();
    set_configuration(object, l->configuration);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        json_object_set_new(object, figures[i].name, number(figures[i].value));
    json_object_set_new(object, "ratio", ratio_json(l->ratio));
    return object;
}

static json_t *settings_json(const struct run *run)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < run->setting_count; i++) {
        char *name = plain_string(run->settings[i].name, 0);
        json_object_set_new(object, name, text_json(run->settings[i].value));
        free(name);
    }
    return object;
}

static json_t *servers_json(const struct run *run)
{
    static const char *const roles[] = {"tested", "baseline", "control"};
    json_t *array = json_array();
    for (unsigned i = 0; i < run->server_count; i++) {
        json_t *server = json_object();
        json_object_set_new(server, "name", text_json(run->servers[i].name));
        json_object_set_new(server, "command", text_json(run->servers[i].command));
        json_object_set_new(server, "summary", text_json(run->servers[i].summary));
        json_object_set_new(server, "role", json_string(roles[run->servers[i].role]));
        json_array_append_new(array, server);
    }
    return array;
}

static json_t *figures_json(const struct report *report)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < report->figure_count; i++) {
        const struct report_figure *f = &report->figures[i];
        json_t *figure = json_object();
        json_object_set_new(figure, "figure", text_json(f->name));
        json_object_set_new(figure, "file", text_json(f->file));
        json_object_set_new(figure, "title", text_json(f->title));
        json_object_set_new(figure, "not_drawn",
                            strcmp(f->reason, "-") == 0 ? json_null() : text_json(f->reason));
        json_array_append_new(array, figure);
    }
    return array;
}

static json_t *verdicts_json(const struct report *report)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < report->verdict_count; i++)
        json_object_set_new(object, report->verdicts[i].name, number(report->verdicts[i].rows));
    return object;
}

char *report_as_json(const struct report *report)
{
    json_t *object = json_object(), *summary = json_array(), *skipped = json_array();
    for (unsigned i = 0; i < report->summary.count; i++)
        json_array_append_new(summary, line_json(&report->summary.lines[i]));
    for (unsigned i = 0; i < report->skipped_count; i++)
        json_array_append_new(skipped, text_json(report->skipped[i]));
    json_object_set_new(object, "run", text_json(report->name));
    json_object_set_new(object, "finding", text_json(report->finding));
    json_object_set_new(object, "baseline", text_json(report->run->baseline));
    json_object_set_new(object, "settings", settings_json(report->run));
    json_object_set_new(object, "servers", servers_json(report->run));
    json_object_set_new(object, "summary", summary);
    json_object_set_new(object, "verdicts", verdicts_json(report));
    json_object_set_new(object, "not_measured", skipped);
    json_object_set_new(object, "figures", figures_json(report));
    json_object_set_new(object, "warnings", facts_json(&report->warnings));
    json_object_set_new(object, "facts", facts_json(&report->facts));
    char *dump = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    json_decref(object);
    return dump;
}
