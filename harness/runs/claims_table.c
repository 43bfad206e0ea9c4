/* SPDX-License-Identifier: BSD-2-Clause */
#include "claims.h"

#include "csv.h"
#include "number.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines: "key: value", continued in lines that begin with a space ---- */

struct reader {
    const char *path;
    char *at;
    unsigned long line, begun; /* the last line read; the line of the key */
    char *key, *value;
    struct complaint *why;
};

#define REFUSE(r, format, ...) \
    complain((r)->why, "%s: line %lu: " format, (r)->path, (r)->begun, ##__VA_ARGS__)

/* The next line without trailing white space; NULL at the end of the file. */
static char *next_line(struct reader *r)
{
    char *line = r->at;
    if (*line == '\0')
        return NULL;
    char *end = line + strcspn(line, "\n");
    r->at = *end ? end + 1 : end;
    r->line++;
    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return line;
}

/* Appends continuation lines to the value, in place. */
static void join_lines(struct reader *r)
{
    char *end = r->value + strlen(r->value);
    while (*r->at == ' ' || *r->at == '\t') {
        char *more = next_line(r);
        more += strspn(more, " \t");
        if (*more == '\0')
            break;
        *end++ = ' ';
        memmove(end, more, strlen(more) + 1);
        end += strlen(end);
    }
}

static bool split_key(struct reader *r, char *line)
{
    char *colon = strstr(line, ": ");
    if (!colon || line[strcspn(line, " \t:")] != ':')
        return REFUSE(r, "expected 'KEY: VALUE', not '%s'", line);
    *colon = '\0';
    r->key = line;
    r->value = colon + 2 + strspn(colon + 2, " \t");
    join_lines(r);
    return true;
}

enum entry { ENTRY_END, ENTRY_KEY, ENTRY_EMPTY, ENTRY_BROKEN };

/* Reads a key with its value, or an empty line. Comments are skipped. */
static enum entry next_entry(struct reader *r)
{
    char *line;
    do
        line = next_line(r);
    while (line && *line == '#');
    if (!line)
        return ENTRY_END;
    r->begun = r->line;
    if (*line == '\0')
        return ENTRY_EMPTY;
    return split_key(r, line) ? ENTRY_KEY : ENTRY_BROKEN;
}

/* ---- values ---- */

static bool read_bound(struct reader *r, char *text, struct bound *bound)
{
    bound->text = text;
    return number_read(text, &bound->value) ||
           REFUSE(r, "%s: expected a number, not '%s'", r->key, text);
}

/* The space-separated parts of the value; there must be `count`. */
static bool read_words(struct reader *r, char **words, unsigned count, const char *wanted)
{
    return split(r->value, ' ', words, count) == count ||
           REFUSE(r, "%s: expected %s", r->key, wanted);
}

static bool check_figure(struct reader *r, struct part *part, enum comparison_kind kind)
{
    if (part->comparison.file)
        return REFUSE(r, "part '%s' has two comparisons", part->key);
    part->comparison.kind = kind;
    return true;
}

static bool take_ratio(struct reader *r, struct part *part)
{
    char *words[4];
    if (!check_figure(r, part, COMPARE_RATIO) || !read_words(r, words, 4, "FILE FIGURE A B"))
        return false;
    part->comparison = (struct claim_comparison){COMPARE_RATIO, words[0], words[1],
                                                 words[2],      words[3], 0};
    return true;
}

static bool take_level(struct reader *r, struct part *part)
{
    char *words[3];
    if (!check_figure(r, part, COMPARE_LEVEL) || !read_words(r, words, 3, "FILE FIGURE A"))
        return false;
    part->comparison = (struct claim_comparison){COMPARE_LEVEL, words[0], words[1],
                                                 words[2],      NULL,     0};
    return true;
}

static bool take_extremes(struct reader *r, struct part *part)
{
    char *words[4];
    double rows;
    if (!check_figure(r, part, COMPARE_EXTREMES) || !read_words(r, words, 4, "FILE FIGURE A N"))
        return false;
    if (!number_read(words[3], &rows) || !(rows >= 2 && rows <= 1000) || rows != floor(rows))
        return REFUSE(r, "extremes: expected 2 to 1000 rows per round, not '%s'", words[3]);
    part->comparison = (struct claim_comparison){COMPARE_EXTREMES, words[0], words[1],
                                                 words[2],         NULL,     (unsigned)rows};
    return true;
}

static bool take_control(struct reader *r, struct part *part)
{
    part->control = r->value;
    return true;
}

static bool take_expected(struct reader *r, struct part *part)
{
    static const struct {
        const char *words;
        enum direction direction;
    } directions[] = {{"more than ", DIRECTION_MORE},
                      {"less than ", DIRECTION_LESS},
                      {"equal to ", DIRECTION_EQUAL}};
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
        size_t length = strlen(directions[i].words);
        if (strncmp(r->value, directions[i].words, length) != 0)
            continue;
        part->direction = directions[i].direction;
        return read_bound(r, r->value + length, &part->nothing);
    }
    return REFUSE(r, "expected: 'more than X', 'less than X' or 'equal to X', not '%s'", r->value);
}

static bool take_published(struct reader *r, struct part *part)
{
    return read_bound(r, r->value, &part->published);
}

/* "X to Y", "X and more", "X and less" */
static bool take_reproduced(struct reader *r, struct part *part)
{
    char *behind = r->value + strcspn(r->value, " ");
    bool more = strcmp(behind, " and more") == 0, less = strcmp(behind, " and less") == 0;
    bool range = strncmp(behind, " to ", 4) == 0;
    if (!more && !less && !range)
        return REFUSE(r, "reproduced: expected 'X to Y', 'X and more' or 'X and less', not '%s'",
                      r->value);
    *behind = '\0';
    return read_bound(r, r->value, less ? &part->most : &part->least) &&
           (!range || read_bound(r, behind + 4, &part->most));
}

/* ---- keys ---- */

static const struct {
    const char *name;
    bool (*take)(struct reader *r, struct part *part);
} part_keys[] = {
    {"ratio", take_ratio},           {"level", take_level},       {"extremes", take_extremes},
    {"control", take_control},       {"expected", take_expected}, {"published", take_published},
    {"reproduced", take_reproduced},
};

static bool is_count(const char *value)
{
    size_t digits = strspn(value, "0123456789");
    return digits > 0 && digits <= 5 && value[digits] == '\0' && value[0] != '0';
}

static bool has_reason(const char *value)
{
    return strchr(value, ' ') != NULL;
}

static bool is_count_with_reason(const char *value)
{
    char *count = copy_bytes(value, strcspn(value, " "));
    bool is = is_count(count) && has_reason(value);
    free(count);
    return is;
}

static bool is_ceiling(const char *value)
{
    return strcmp(value, "direction only") == 0;
}

static const struct claim_key {
    const char *name;
    bool is_required, may_repeat;
    bool (*check)(const char *value); /* NULL: any value */
    const char *wanted;
} claim_keys[] = {
    {"claim", .is_required = true},
    {"setting", .is_required = true},
    {"figure", .is_required = true},
    {"source", .is_required = true},
    {"varied", .is_required = true},
    {"here", .is_required = true},
    {"servers", .is_required = true},
    {"rounds", .is_required = true, .check = is_count, .wanted = "a number"},
    {"differs"},
    {"ceiling", .check = is_ceiling, .wanted = "'direction only'"},
    {"hook"},
    {"system", .check = has_reason, .wanted = "a name and the reason"},
    {"cpus", .check = is_count_with_reason, .wanted = "a number and the reason"},
    {"tools"},
    {"virtual_rounds", .check = is_count, .wanted = "a number"},
    {"on_cpus", .check = is_count, .wanted = "a number"},
    {"bench", .may_repeat = true},
    {"halves", .may_repeat = true},
    {"client", .may_repeat = true},
};

enum {
    PART_KEYS = sizeof part_keys / sizeof *part_keys,
    CLAIM_KEYS = sizeof claim_keys / sizeof *claim_keys,
};

static bool begin_claim(struct reader *r, struct claims *claims)
{
    if (strcmp(r->key, "id") != 0)
        return REFUSE(r, "a stanza must begin with id, not with %s", r->key);
    if (r->value[strspn(r->value, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
        return REFUSE(r, "id: expected a-z, 0-9 and _, not '%s'", r->value);
    if (claim_find(claims, r->value))
        return REFUSE(r, "duplicate claim '%s'", r->value);
    claims->all = realloc(claims->all, (claims->count + 1) * sizeof *claims->all);
    if (!claims->all)
        fail("out of memory");
    claims->all[claims->count++] = (struct claim){.id = r->value};
    return true;
}

static bool begin_part(struct reader *r, struct claim *claim)
{
    char *colon = strstr(r->value, ": ");
    if (!colon)
        return REFUSE(r, "part: expected 'KEY: DESCRIPTION', not '%s'", r->value);
    *colon = '\0';
    claim->parts = realloc(claim->parts, (claim->part_count + 1) * sizeof *claim->parts);
    if (!claim->parts)
        fail("out of memory");
    struct bound none = {"-", NAN};
    claim->parts[claim->part_count++] = (struct part){.key = r->value,
                                                      .what = colon + 2,
                                                      .nothing = none,
                                                      .published = none,
                                                      .least = none,
                                                      .most = none};
    return true;
}

static bool take_part_key(struct reader *r, struct claim *claim)
{
    for (unsigned i = 0; i < PART_KEYS; i++)
        if (strcmp(r->key, part_keys[i].name) == 0)
            return claim->part_count > 0
                       ? part_keys[i].take(r, &claim->parts[claim->part_count - 1])
                       : REFUSE(r, "%s must follow a part", r->key);
    return REFUSE(r, "unknown key '%s'", r->key);
}

static bool take_claim_key(struct reader *r, struct claim *claim, const struct claim_key *key)
{
    if (claim->part_count > 0)
        return REFUSE(r, "%s must precede the parts", r->key);
    if (!key->may_repeat && *claim_field(claim, r->key))
        return REFUSE(r, "duplicate %s", r->key);
    if (key->check && !key->check(r->value))
        return REFUSE(r, "%s: expected %s, not '%s'", r->key, key->wanted, r->value);
    claim->fields = realloc(claim->fields, (claim->field_count + 1) * sizeof *claim->fields);
    if (!claim->fields)
        fail("out of memory");
    claim->fields[claim->field_count++] = (struct claim_field){r->key, r->value};
    return true;
}

static bool take_key(struct reader *r, struct claim *claim)
{
    if (strcmp(r->key, "part") == 0)
        return begin_part(r, claim);
    for (unsigned i = 0; i < CLAIM_KEYS; i++)
        if (strcmp(r->key, claim_keys[i].name) == 0)
            return take_claim_key(r, claim, &claim_keys[i]);
    return take_part_key(r, claim);
}

/* ---- required keys ---- */

static bool check_part(struct reader *r, const struct claim *claim, const struct part *p)
{
    bool has_size = !isnan(p->least.value) || !isnan(p->most.value);
    if (!p->comparison.file)
        return REFUSE(r, "part '%s' of claim '%s' has no ratio, level or extremes", p->key,
                      claim->id);
    if (p->direction == DIRECTION_NONE && has_size)
        return REFUSE(r, "part '%s' of claim '%s' has reproduced, but not expected", p->key,
                      claim->id);
    if (p->direction == DIRECTION_EQUAL && (isnan(p->least.value) || isnan(p->most.value)))
        return REFUSE(r, "part '%s' of claim '%s' requires 'reproduced: X to Y'", p->key,
                      claim->id);
    return true;
}

static bool check_claim(struct reader *r, const struct claim *claim)
{
    bool is_tested = false;
    for (unsigned i = 0; i < CLAIM_KEYS; i++)
        if (claim_keys[i].is_required && !*claim_field(claim, claim_keys[i].name))
            return REFUSE(r, "claim '%s' has no %s", claim->id, claim_keys[i].name);
    for (unsigned i = 0; i < claim->part_count; i++) {
        if (!check_part(r, claim, &claim->parts[i]))
            return false;
        is_tested |= claim->parts[i].direction != DIRECTION_NONE;
    }
    return is_tested || REFUSE(r, "claim '%s' has no part with expected", claim->id);
}

static bool read_stanzas(struct reader *r, struct claims *claims)
{
    bool is_open = false;
    for (;;) {
        enum entry entry = next_entry(r);
        if (entry == ENTRY_BROKEN)
            return false;
        if (entry != ENTRY_KEY && is_open && !check_claim(r, &claims->all[claims->count - 1]))
            return false;
        if (entry == ENTRY_END)
            return true;
        if (entry == ENTRY_KEY &&
            !(is_open ? take_key(r, &claims->all[claims->count - 1]) : begin_claim(r, claims)))
            return false;
        is_open = entry == ENTRY_KEY;
    }
}

bool claims_read(struct claims *claims, const char *path, struct complaint *why)
{
    size_t size;
    *claims = (struct claims){.buffer = file_read(path, &size)};
    if (!claims->buffer)
        return complain(why, "cannot read %s: %s", path, strerror(errno));
    char none[] = "";
    struct reader reader = {
        .path = path, .at = claims->buffer, .key = none, .value = none, .why = why};
    return read_stanzas(&reader, claims);
}

void claims_free(struct claims *claims)
{
    for (unsigned i = 0; i < claims->count; i++) {
        free(claims->all[i].fields);
        free(claims->all[i].parts);
    }
    free(claims->all);
    free(claims->buffer);
    *claims = (struct claims){NULL, 0, NULL};
}

const struct claim *claim_find(const struct claims *claims, const char *id)
{
    for (unsigned i = 0; i < claims->count; i++)
        if (strcmp(claims->all[i].id, id) == 0)
            return &claims->all[i];
    return NULL;
}

const char *claim_field(const struct claim *claim, const char *key)
{
    for (unsigned i = 0; i < claim->field_count; i++)
        if (strcmp(claim->fields[i].key, key) == 0)
            return claim->fields[i].value;
    return "";
}
