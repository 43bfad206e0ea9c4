/* SPDX-License-Identifier: BSD-2-Clause */
/* Matches configurations of the runs, and counts those left out. */

#include "compare.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OTHER_SERVER_OR_LOAD = 2,
    PLACE = 5
}; /* settings before OTHER_SERVER_OR_LOAD: another configuration; from PLACE: depend on the number of CPUs */
static const char *const setting_names[SETTINGS] = {
    "server", "load_words", "window", "warmup", "threads", "server_cpus", "client_cpus"};

/* ---- CPUs that are the machine's ---- */

static void merge_into(struct candidate *to, struct candidate *from)
{
    to->measured |= from->measured;
    for (int m = 0; m < METRICS_MAX; m++) {
        struct values *a = &to->values[m], *b = &from->values[m];
        a->all = realloc(a->all, (a->count + b->count + 1) * sizeof *a->all);
        if (!a->all)
            fail("out of memory");
        if (b->count)
            memcpy(a->all + a->count, b->all, b->count * sizeof *a->all);
        a->count += b->count;
        free(b->all);
    }
    for (int i = 0; i < SETTINGS; i++)
        if (from->settings[i]) {
            free(to->settings[i]);
            to->settings[i] = from->settings[i];
        }
    free((char *)from->key.server);
}

/* If each run has one number of CPUs, it belongs to the machine, not to the configuration. */
static void drop_cpus(struct side *side)
{
    unsigned kept = 0;
    struct lookup by_key = {.all = NULL};
    for (unsigned i = 0; i < side->count; i++) {
        struct candidate candidate = side->candidates[i];
        candidate.key.cpus = NAN;
        unsigned place = lookup_add(&by_key, &candidate.key, kept);
        if (place < kept)
            merge_into(&side->candidates[place], &candidate);
        else
            side->candidates[kept++] = candidate;
    }
    side->count = kept;
    lookup_free(&side->by_key);
    side->by_key = by_key;
    for (int m = 0; m < METRICS_MAX; m++)
        for (unsigned i = 0; i < side->ratios[m].count; i++)
            side->ratios[m].all[i].key.cpus = NAN;
}

/* ---- configurations in only one of them ---- */

struct alone {
    unsigned count;
    char *words; /* "2 configurations only in A (racing 2, wakeone 8)"; "" for none */
};

static struct alone alone_in(const struct side *side, const struct side *than)
{
    enum { NAMED = 3 };
    struct text names = {NULL, 0, 0};
    struct alone alone = {0, NULL};
    for (unsigned i = 0; i < side->count; i++) {
        const struct candidate *candidate = &side->candidates[i];
        if (candidate->control || candidate_find(than, &candidate->key))
            continue;
        if (++alone.count <= NAMED)
            text_add(&names, "%s%s %s", alone.count > 1 ? ", " : "", candidate->key.server,
                     key_value(candidate->key.workers).text);
    }
    alone.words = alone.count ? format_string("%u configuration%s only in %s (%s%s)", alone.count,
                                              alone.count > 1 ? "s" : "", side->letter,
                                              text_of(&names), alone.count > NAMED ? ", ..." : "")
                              : copy_string("");
    text_free(&names);
    return alone;
}

static const char *setting_of(const struct candidate *candidate, int setting)
{
    return candidate->settings[setting] ? candidate->settings[setting] : "";
}

/* The first setting that differs; -1 = none */
static int other_setting(const struct comparison *c, const struct side *side,
                         const struct candidate *a, const struct candidate *b)
{
    for (int i = 0; i < SETTINGS; i++) {
        if (i >= PLACE && c->cpus_are_machines && strcmp(side->cpus, c->sides[0].cpus) != 0)
            return -1;
        if (*setting_of(a, i) && *setting_of(b, i) &&
            strcmp(setting_of(a, i), setting_of(b, i)) != 0)
            return i;
    }
    return -1;
}

bool is_compared(const struct comparison *c, unsigned side, const struct candidate *candidate)
{
    const struct candidate *a = candidate_find(&c->sides[0], &candidate->key);
    if (!a || candidate->control)
        return false;
    int other = other_setting(c, &c->sides[side], a, candidate);
    return other < 0 || other >= OTHER_SERVER_OR_LOAD;
}

/* ---- one run against A ---- */

static bool match_settings(const struct comparison *c, unsigned index, unsigned *found,
                           unsigned *other, struct complaint *why)
{
    const struct side *side = &c->sides[index];
    for (unsigned i = 0; i < side->count; i++) {
        const struct candidate *b = &side->candidates[i],
                               *a = candidate_find(&c->sides[0], &b->key);
        if (!a || b->control)
            continue;
        int setting = other_setting(c, side, a, b);
        if (setting >= 0 && !c->overlap)
            return complain(
                why,
                "the plans differ: %s of %s %s is %s in %s and %s in %s: --overlap compares %s",
                setting_names[setting], b->key.server, key_value(b->key.workers).text,
                setting_of(a, setting), c->sides[0].letter, setting_of(b, setting), side->letter,
                setting < OTHER_SERVER_OR_LOAD ? "the common ones" : "them nevertheless");
        if (setting >= 0 && setting < OTHER_SERVER_OR_LOAD)
            (*other)++;
        else
            (*found)++;
    }
    return true;
}

static bool match_run(struct comparison *c, unsigned index, struct complaint *why)
{
    const struct side *a = &c->sides[0], *side = &c->sides[index];
    struct alone only_a = alone_in(a, side), only = alone_in(side, a);
    unsigned found = 0, other = 0;
    bool same = c->overlap || (only_a.count == 0 && only.count == 0) ||
                complain(why, "the plans differ: %s%s%s: --overlap compares the common ones",
                         only_a.words, only_a.count && only.count ? ", " : "", only.words);
    free(only_a.words);
    free(only.words);
    if (!same || !match_settings(c, index, &found, &other, why))
        return false;
    c->left_out[index] = (struct left_out){only_a.count, only.count, other};
    return found > 0 ||
           complain(why, "%s and %s have no configuration in common", a->letter, side->letter);
}

int compare_match(struct comparison *c, struct complaint *why)
{
    c->cpus_are_machines = true;
    for (unsigned i = 0; i < c->count; i++)
        c->cpus_are_machines &= c->sides[i].one_size;
    for (unsigned i = 0; c->cpus_are_machines && i < c->count; i++)
        drop_cpus(&c->sides[i]);
    for (unsigned i = 1; i < c->count; i++)
        if (!match_run(c, i, why))
            return EXIT_USAGE;
    return EXIT_DONE;
}
