/* SPDX-License-Identifier: BSD-2-Clause */
/* Differences between the environments of the runs, and which of them make the comparison unfair (harness/compare/unfair.tsv).
 * */

#include "command.h"
#include "compare.h"
#include "csv.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- tables of expressions that match a whole name ---- */

static bool fits(const char *pattern, const char *name)
{
    regex_t regex;
    char *whole = format_string("^(%s)$", pattern);
    if (regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) != 0)
        fail("invalid regular expression '%s'", pattern);
    bool fit = regexec(&regex, name, 0, NULL, 0) == 0;
    regfree(&regex);
    free(whole);
    return fit;
}

static char *read_table(const char *name)
{
    size_t size;
    char *path = top_file(name), *text = file_read(path, &size);
    if (!text)
        fail("cannot read %s: %s", path, strerror(errno));
    free(path);
    return text;
}

/* The second field of the first line whose expression matches, never freed; NULL if none does. */
static const char *look_up(const char *table, const char *name)
{
    static char found[300];
    for (const char *line = table; *line;) {
        const char *end = strchr(line, '\n'), *tab = strchr(line, '\t');
        end = end ? end : line + strlen(line);
        if (*line != '#' && tab && tab < end) {
            char *pattern = copy_bytes(line, (size_t)(tab - line));
            bool fit = fits(pattern, name);
            free(pattern);
            if (fit) {
                snprintf(found, sizeof found, "%.*s", (int)(end - tab - 1), tab + 1);
                return found;
            }
        }
        line = *end ? end + 1 : end;
    }
    return NULL;
}

const char *metric_direction(struct comparison *c, const char *metric)
{
    if (!c->directions_text)
        c->directions_text = read_table("harness/compare/directions.tsv");
    const char *direction = look_up(c->directions_text, metric);
    return direction ? direction : "neither";
}

/* ---- the suite ---- */

/* git diff --quiet: 0 = the same, 1 = different, else unknown */
static int suite_differs(const char *base, const char *commit)
{
    pid_t process;
    int status = -1;
    const char *const arguments[] = {
        "git", "-C",      top_directory(), "diff",          "--quiet",     base, commit,
        "--",  "servers", "harness/load",  "harness/trial", "harness/lib", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int error = posix_spawnp(&process, "git", &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return -1;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_commit(const char *text)
{
    return *text && text[strspn(text, "0123456789abcdef")] == '\0';
}

/* Compares servers and load at the commits of all runs: why a difference of commits or versions is unfair, NULL if it is fair. An
 * installed copy has a version and no commit. */
static const char *suite_reason(const struct comparison *c)
{
    static const char other[] = "servers or load differ between these commits";
    static const char unknown[] =
        "servers or load may differ: this checkout does not have both commits";
    const char *base = side_fact(&c->sides[0], "commit"), *reason = NULL;
    for (unsigned i = 0; i < c->count; i++) {
        const char *commit = side_fact(&c->sides[i], "commit");
        if (!is_commit(base) || !is_commit(commit))
            return unknown;
        if (strcmp(base, commit) == 0)
            continue; /* no need to run git */
        int differs = suite_differs(base, commit);
        if (differs != 0 && differs != 1)
            return unknown;
        reason = differs ? other : reason;
    }
    return reason;
}

/* ---- differences ---- */

static const struct fact *fact_named(const struct side *side, const char *name)
{
    const struct fact *found = NULL;
    for (unsigned i = 0; i < side->facts.count; i++)
        if (strcmp(side->facts.all[i].name, name) == 0)
            found = &side->facts.all[i];
    return found;
}

static bool has_section(const struct side *side, const char *section)
{
    for (unsigned i = 0; i < side->facts.count; i++)
        if (strcmp(side->facts.all[i].section, section) == 0)
            return true;
    return false;
}

static const char *value_of(const struct side *side, const char *name)
{
    const struct fact *fact = fact_named(side, name);
    return fact && *fact->value ? fact->value : "-";
}

/* A program built from a modified checkout belongs to no commit. */
static bool differs(const struct comparison *c, const char *name)
{
    for (unsigned i = 0; i < c->count; i++) {
        const char *value = value_of(&c->sides[i], name);
        if (strcmp(value, value_of(&c->sides[0], name)) != 0 ||
            (strcmp(name, "modified") == 0 && strcmp(value, "true") == 0))
            return true;
    }
    return false;
}

static bool has_word(const char *text, const char *word, size_t length)
{
    for (const char *at = text; (at = strstr(at, word)); at++)
        if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

/* Of a long line, the words that are not in all */
static char *own_words(const struct comparison *c, unsigned side, const char *name)
{
    struct text text = {NULL, 0, 0};
    char *copy = copy_string(value_of(&c->sides[side], name)), *rest = NULL;
    bool dots = false;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        bool all = true;
        for (unsigned k = 0; k < c->count; k++)
            all &= has_word(value_of(&c->sides[k], name), word, strlen(word));
        if (!(all && dots))
            text_add(&text, "%s%s", text.length ? " " : "", all ? "..." : word);
        dots = all;
    }
    free(copy);
    char *words = copy_string(text_of(&text));
    text_free(&text);
    return words;
}

static void add_difference(struct comparison *c, const char *name, const char *reason)
{
    c->differences = realloc(c->differences, (c->difference_count + 1) * sizeof *c->differences);
    struct difference *d = c->differences ? &c->differences[c->difference_count++] : NULL;
    char **values = calloc(c->count, sizeof *values);
    if (!d || !values)
        fail("out of memory");
    *d = (struct difference){copy_string(name), reason ? copy_string(reason) : NULL, values};
    for (unsigned i = 0; i < c->count; i++)
        values[i] = strcmp(name, "boot_line") == 0 ? own_words(c, i, name)
                                                   : copy_string(value_of(&c->sides[i], name));
}

static bool all_say(const struct comparison *c, const char *section)
{
    for (unsigned i = 0; i < c->count; i++)
        if (!has_section(&c->sides[i], section))
            return false;
    return true;
}

/* A fact, at the first side that has it */
static void compare_fact(struct comparison *c, const struct fact *fact)
{
    bool of_suite = strcmp(fact->name, "commit") == 0 || strcmp(fact->name, "wakeone.version") == 0;
    const char *reason = of_suite ? suite_reason(c) : look_up(c->unfair_text, fact->name);
    if (reason && strcmp(reason, "=") == 0) /* another line covers it */
        return;
    if (reason && strcmp(reason, "-") == 0)
        reason = NULL;
    if (all_say(c, fact->section) && differs(c, fact->name))
        add_difference(c, fact->name, reason);
}

static bool stated_before(const struct comparison *c, unsigned side, unsigned index)
{
    const struct fact *fact = &c->sides[side].facts.all[index];
    for (unsigned i = 0; i < side; i++)
        if (fact_named(&c->sides[i], fact->name))
            return true;
    for (unsigned i = 0; i < index; i++)
        if (strcmp(c->sides[side].facts.all[i].name, fact->name) == 0)
            return true;
    return false;
}

/* Sections in the order in which they first occur */
static void find_missing_sections(struct comparison *c)
{
    struct text seen = {NULL, 0, 0}; /* names, each between line breaks */
    char **sections = NULL;
    unsigned count = 0;
    text_add_string(&seen, "\n");
    for (unsigned i = 0; i < c->count; i++)
        for (unsigned k = 0; k < c->sides[i].facts.count; k++) {
            char *line = format_string("\n%s\n", c->sides[i].facts.all[k].section);
            if (!strstr(seen.text, line)) {
                text_add_string(&seen, line + 1);
                sections = realloc(sections, (count + 1) * sizeof *sections);
                if (!sections)
                    fail("out of memory");
                sections[count++] = c->sides[i].facts.all[k].section;
            }
            free(line);
        }
    for (unsigned i = 0; i < c->count; i++)
        for (unsigned k = 0; k < count; k++)
            if (!has_section(&c->sides[i], sections[k])) {
                c->missing_sections = realloc(c->missing_sections, (c->missing_section_count + 1) *
                                                                       sizeof *c->missing_sections);
                if (!c->missing_sections)
                    fail("out of memory");
                c->missing_sections[c->missing_section_count++] = (struct missing_section){
                    i, copy_string(sections[k])};
            }
    free(sections);
    text_free(&seen);
}

void compare_environments(struct comparison *c)
{
    c->unfair_text = read_table("harness/compare/unfair.tsv");
    for (unsigned i = 0; i < c->count; i++)
        for (unsigned k = 0; k < c->sides[i].facts.count; k++)
            if (!stated_before(c, i, k))
                compare_fact(c, &c->sides[i].facts.all[k]);
    find_missing_sections(c);
}
