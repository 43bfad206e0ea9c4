/* SPDX-License-Identifier: BSD-2-Clause */
/* A comparison as JSON (results/README.md). */

#include "compare.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
    if (isnan(value))
        return json_null();
    return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value)
                                                       : json_real(value);
}

static json_t *known(const char *text)
{
    return strcmp(text, "-") == 0 || *text == '\0' ? json_null() : json_string(text);
}

/* A number from text; null if it is not a number */
static json_t *number_of_text(const char *text)
{
    double value;
    return number(number_read(text, &value) ? value : NAN);
}

static double published(double value)
{
    return isnan(value) ? NAN : strtod(number_value(value).text, NULL);
}

static void set_key(json_t *object, const struct configuration *key)
{
    json_object_set_new(object, "strategy", json_string(key->server));
    json_object_set_new(object, "workers", number(key->workers));
    json_object_set_new(object, "cpus", number(key->cpus));
    json_object_set_new(object, "connections", number(key->connections));
    json_object_set_new(object, "rate_offered", number(key->rate));
    json_object_set_new(object, "requests_per_connection", number(key->requests));
}

static json_t *runs_json(const struct comparison *c)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < c->count; i++) {
        const struct side *side = &c->sides[i];
        json_t *run = json_object();
        json_object_set_new(run, "run", json_string(side->letter));
        json_object_set_new(run, "directory", json_string(side->path));
        json_object_set_new(run, "host", known(side_fact(side, "host")));
        json_object_set_new(run, "kernel", known(side_fact(side, "kernel")));
        json_object_set_new(run, "utc", known(side_fact(side, "utc")));
        json_object_set_new(run, "ok", number(side->valid));
        json_object_set_new(run, "rows", number(side->rows));
        json_object_set_new(run, "cpus", json_string(side->cpus));
        json_object_set_new(run, "reference", json_string(side->baseline));
        json_array_append_new(array, run);
    }
    return array;
}

static json_t *environment_json(const struct comparison *c)
{
    json_t *array = json_array();
    for (unsigned k = 0; k < c->difference_count; k++) {
        const struct difference *d = &c->differences[k];
        json_t *fact = json_object(), *values = json_array();
        for (unsigned i = 0; i < c->count; i++)
            json_array_append_new(values, known(d->values[i]));
        json_object_set_new(fact, "name", json_string(d->name));
        json_object_set_new(fact, "unfair", d->reason ? json_string(d->reason) : json_null());
        json_object_set_new(fact, "values", values);
        json_array_append_new(array, fact);
    }
    return array;
}

static json_t *missing_sections_json(const struct comparison *c)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < c->missing_section_count; i++) {
        json_t *entry = json_object();
        json_object_set_new(entry, "run",
                            json_string(c->sides[c->missing_sections[i].side].letter));
        json_object_set_new(entry, "section", json_string(c->missing_sections[i].section));
        json_array_append_new(array, entry);
    }
    return array;
}

static json_t *left_out_json(const struct comparison *c)
{
    json_t *array = json_array();
    for (unsigned i = 1; i < c->count; i++) {
        json_t *entry = json_object();
        json_object_set_new(entry, "run", json_string(c->sides[i].letter));
        json_object_set_new(entry, "only_in_base", number(c->left_out[i].only_in_a));
        json_object_set_new(entry, "only_in_run", number(c->left_out[i].only_in_run));
        json_object_set_new(entry, "other_server_or_load", number(c->left_out[i].not_same));
        json_array_append_new(array, entry);
    }
    return array;
}

static json_t *metric_result_json(const struct comparison *c, const struct metric_result *j)
{
    const struct unpaired *u = &j->result;
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"n_base", (double)u->n_b},
        {"n_run", (double)u->n_a},
        {"median_base", published(u->median_b)},
        {"median_run", published(u->median_a)},
        {"difference", published(u->difference)},
        {"difference_low", published(u->low)},
        {"difference_high", published(u->high)},
        {"ratio", rounded(u->ratio, 4)},
        {"ratio_low", rounded(u->ratio_low, 4)},
        {"ratio_high", rounded(u->ratio_high, 4)},
        {"p", rounded(u->p, 6)},
        {"floor", j->threshold},
    };
    json_t *object = json_object();
    json_object_set_new(object, "metric", json_string(column_name(c->metric[j->metric])));
    json_object_set_new(object, "run", json_string(c->sides[j->side].letter));
    set_key(object, &j->key);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        json_object_set_new(object, figures[i].name, number(figures[i].value));
    json_object_set_new(object, "outcome", json_string(outcome_word(j->outcome)));
    json_object_set_new(object, "judgement", json_string(j->judgement));
    json_object_set_new(object, "sentence", json_string(j->sentence));
    return object;
}

static json_t *own_json(const struct side *side, const struct own_ratio *r)
{
    json_t *object = json_object();
    json_object_set_new(object, "run", json_string(side->letter));
    json_object_set_new(object, "pairs", r ? number(r->pairs) : json_null());
    json_object_set_new(object, "ratio", number(r ? r->ratio : NAN));
    json_object_set_new(object, "ratio_low", number(r ? r->low : NAN));
    json_object_set_new(object, "ratio_high", number(r ? r->high : NAN));
    json_object_set_new(object, "outcome", r ? json_string(outcome_word(r->outcome)) : json_null());
    return object;
}

static json_t *within_json(const struct comparison *c, const struct within *w)
{
    json_t *object = json_object(), *runs = json_array();
    json_object_set_new(object, "metric", json_string(column_name(c->metric[w->metric])));
    set_key(object, &w->key);
    for (unsigned i = 0; i < c->count; i++) {
        json_t *own = own_json(&c->sides[i], w->ratios[i]);
        if (i > 0)
            json_object_set_new(own, "lies", known(w->relation[i]));
        json_array_append_new(runs, own);
    }
    json_object_set_new(object, "runs", runs);
    return object;
}

static json_t *expected_json(const struct comparison *c)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < c->count; i++)
        for (unsigned k = 0; k < c->sides[i].expected_count; k++) {
            char *const *f = c->sides[i].expected[k].fields;
            json_t *row = json_object();
            json_object_set_new(row, "run", json_string(c->sides[i].letter));
            json_object_set_new(row, "strategy", json_string(f[1]));
            json_object_set_new(row, "workers", number_of_text(f[2]));
            json_object_set_new(row, "cpus", number_of_text(f[0]));
            json_object_set_new(row, "expected", json_string(f[3]));
            json_object_set_new(row, "counted", json_string(f[4]));
            json_object_set_new(row, "order", json_string(f[6]));
            json_object_set_new(row, "verdict", json_string(f[7]));
            json_array_append_new(array, row);
        }
    return array;
}

static json_t *named(const struct comparison *c, unsigned side, const char *judgement)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < c->result_count; i++) {
        const struct metric_result *j = &c->results[i];
        if (j->metric != 0 || j->side != side || strcmp(j->judgement, judgement) != 0)
            continue;
        json_t *key = json_object();
        set_key(key, &j->key);
        json_array_append_new(array, key);
    }
    return array;
}

static json_t *result_json(const struct comparison *c)
{
    static const char *const classes[] = {"better", "worse", "different", "undecided"};
    json_t *array = json_array();
    for (unsigned side = 1; side < c->count; side++) {
        json_t *object = json_object();
        unsigned tested = 0;
        for (unsigned i = 0; i < c->result_count; i++)
            tested += c->results[i].metric == 0 && c->results[i].side == side &&
                      c->results[i].tested;
        json_object_set_new(object, "metric", json_string(column_name(c->metric[0])));
        json_object_set_new(object, "run", json_string(c->sides[side].letter));
        for (int i = 0; i < 4; i++)
            json_object_set_new(object, classes[i], named(c, side, classes[i]));
        json_object_set_new(object, "tested", number(tested));
        json_object_set_new(object, "by_chance", number(tested * 5 / 100.0));
        json_array_append_new(array, object);
    }
    return array;
}

char *comparison_json(const struct comparison *c)
{
    enum { DIGITS = 15 };
    json_t *object = json_object(), *cells = json_array(), *within = json_array();
    for (unsigned i = 0; i < c->result_count; i++)
        json_array_append_new(cells, metric_result_json(c, &c->results[i]));
    for (unsigned i = 0; i < c->within_count; i++)
        json_array_append_new(within, within_json(c, &c->within[i]));
    json_object_set_new(object, "runs", runs_json(c));
    json_object_set_new(object, "environment", environment_json(c));
    json_object_set_new(object, "not_said", missing_sections_json(c));
    json_object_set_new(object, "left_out", left_out_json(c));
    json_object_set_new(object, "cells", cells);
    json_object_set_new(object, "within", within);
    json_object_set_new(object, "known_answers", expected_json(c));
    json_object_set_new(object, "result", result_json(c));
    char *dump = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS));
    json_decref(object);
    return dump;
}
