/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of published results, and which samples of what was measured are compared. */

#include "harness/runs/claims.h"

#include "run_directory.h"

#include <math.h>

/* ---- the table ---- */

#define FIELDS                                                                          \
    "claim: c\nsetting: s\nfigure: f\nsource: o\nvaried: v\nhere: h\nservers: racing\n" \
    "rounds: 5\n"
#define PART "part: claim: a ratio\nratio: bench/trials.csv jain a b\nexpected: more than 1\n"

static const struct {
    const char *name, *text, *complaint; /* complaint: behind the file's name; NULL: none */
} tables[] = {
    {"a stanza", "# about it\nid: one\n" FIELDS PART, NULL},
    {"two of them", "id: one\n" FIELDS PART "\n\n# more\nid: two\n" FIELDS PART, NULL},
    {"nothing", "", NULL},
    {"no key", "id: one\nwhat is this\n", "line 2: expected 'KEY: VALUE', not 'what is this'"},
    {"a blank in front of a key", "  id: one\n", "line 1: expected 'KEY: VALUE', not '  id: one'"},
    {"a key without a value", "id: one\ntools:\n", "line 2: expected 'KEY: VALUE', not 'tools:'"},
    {"a key that there is not", "id: one\nserver: racing\n", "line 2: unknown key 'server'"},
    {"a stanza without a name", "claim: c\n",
     "line 1: a stanza must begin with id, not with claim"},
    {"a name that is no directory", "id: ../one\n",
     "line 1: id: expected a-z, 0-9 and _, not '../one'"},
    {"a name twice", "id: one\n" FIELDS PART "\nid: one\n", "line 14: duplicate claim 'one'"},
    {"a key twice", "id: one\nclaim: c\nclaim: d\n", "line 3: duplicate claim"},
    {"a key that may be there twice", "id: one\nbench: a\nbench: b\n" FIELDS PART, NULL},
    {"a key that is missing", "id: one\nclaim: c\n\nid: two\n",
     "line 3: claim 'one' has no setting"},
    {"the same at the end", "id: one\n" FIELDS "ratio: f g a b\n",
     "line 10: ratio must follow a part"},
    {"a key of the claim behind a part", "id: one\n" FIELDS PART "tools: ab\n",
     "line 13: tools must precede the parts"},
    {"no part", "id: one\n" FIELDS, "line 9: claim 'one' has no part with expected"},
    {"a part without words", "id: one\n" FIELDS "part: claim\n",
     "line 10: part: expected 'KEY: DESCRIPTION', not 'claim'"},
    {"a part without a comparison", "id: one\n" FIELDS "part: k: w\nexpected: more than 1\n",
     "line 11: part 'k' of claim 'one' has no ratio, level or extremes"},
    {"a part with two", "id: one\n" FIELDS PART "level: f g a\n",
     "line 13: part 'claim' has two comparisons"},
    {"words that are missing", "id: one\n" FIELDS "part: k: w\nratio: f g a\n",
     "line 11: ratio: expected FILE FIGURE A B"},
    {"a number of rows that is none", "id: one\n" FIELDS "part: k: w\nextremes: f g a 1\n",
     "line 11: extremes: expected 2 to 1000 rows per round, not '1'"},
    {"an expectation that is none", "id: one\n" FIELDS "part: k: w\nexpected: above 1\n",
     "line 11: expected: 'more than X', 'less than X' or 'equal to X', not 'above 1'"},
    {"a number that is none", "id: one\n" FIELDS "part: k: w\nexpected: more than one\n",
     "line 11: expected: expected a number, not 'one'"},
    {"a range that is none", "id: one\n" FIELDS PART "reproduced: about 2\n",
     "line 13: reproduced: expected 'X to Y', 'X and more' or 'X and less', not 'about 2'"},
    {"a size of a part that is not judged",
     "id: one\n" FIELDS PART "part: k: w\nlevel: f g a\nreproduced: 1 to 2\n",
     "line 15: part 'k' of claim 'one' has reproduced, but not expected"},
    {"no difference without a size",
     "id: one\n" FIELDS "part: k: w\nlevel: f g a\nexpected: equal to 1\n",
     "line 12: part 'k' of claim 'one' requires 'reproduced: X to Y'"},
    {"a number that is none, of rounds", "id: one\nrounds: 010\n",
     "line 2: rounds: expected a number, not '010'"},
    {"a requirement without a reason", "id: one\ncpus: 8\n",
     "line 2: cpus: expected a number and the reason, not '8'"},
    {"a ceiling that is none", "id: one\nceiling: reproduced\n",
     "line 2: ceiling: expected 'direction only', not 'reproduced'"},
};

TEST(table)
{
    const __typeof__(*tables) *row = *state;
    struct claims claims;
    struct complaint why = {""};
    write_in_run("claims.txt", row->text);
    char *path = path_in_run("claims.txt");
    char *expected = format_string("%s: %s", path, row->complaint ? row->complaint : "");
    assert_int_equal(claims_read(&claims, path, &why), row->complaint == NULL);
    assert_string_equal(why.text, row->complaint ? expected : "");
    claims_free(&claims);
    free(expected);
    free(path);
}

TEST(what_a_stanza_says)
{
    struct claims claims;
    struct complaint why;
    write_in_run("claims.txt",
                 "id: one\n" FIELDS "differs: a long\n    text, on\n\ttwo more lines\n"
                 "part: k: what: it is\nextremes: trials.csv jain racing 5\n"
                 "expected: less than 0.5\npublished: 0.10\nreproduced: 0.2 and less\n");
    char *path = path_in_run("claims.txt");
    assert_true(claims_read(&claims, path, &why));
    const struct claim *claim = claim_find(&claims, "one");
    assert_non_null(claim);
    assert_null(claim_find(&claims, "two"));
    assert_string_equal(claim_field(claim, "differs"), "a long text, on two more lines");
    assert_string_equal(claim_field(claim, "tools"), "");
    assert_int_equal(claim->part_count, 1);
    const struct part *part = &claim->parts[0];
    assert_string_equal(part->key, "k");
    assert_string_equal(part->what, "what: it is");
    assert_int_equal(part->comparison.kind, COMPARE_EXTREMES);
    assert_int_equal(part->comparison.rows, 5);
    assert_int_equal(part->direction, DIRECTION_LESS);
    assert_near(part->nothing.value, 0.5);
    assert_string_equal(part->published.text, "0.10"); /* as it was written */
    assert_true(isnan(part->least.value));
    assert_near(part->most.value, 0.2);
    claims_free(&claims);
    free(path);
}

/* ---- samples ---- */

#define HEADER "round,machine,strategy,workers,jain,eagain,conns,verdict\n"

static const struct {
    const char *name, *rows;
    struct claim_comparison comparison;
    bool is_virtual;
    const char *pairs, *sides, *complaint; /* pairs: "a/b ..."; sides: "invalid of rows, ..." */
} samples[] = {
    {"rounds that have both sides",
     "1,vm,a,2,2,,,ok\n1,vm,b,2,4,,,ok\n2,vm,b,2,5,,,ok\n3,vm,b,2,6,,,ok\n3,vm,a,2,3,,,ok\n",
     {COMPARE_RATIO, "t.csv", "jain", "a", "b", 0},
     false,
     "2/4 3/6 ",
     "0 of 2, 0 of 3",
     NULL},
    {"of two rows of a round the later one",
     "1,vm,a,2,2,,,ok\n1,vm,a,2,3,,,ok\n",
     {COMPARE_LEVEL, "t.csv", "jain", "a", NULL, 0},
     false,
     "3/1 ",
     "0 of 2",
     NULL},
    {"invalid, noisy and unmeasured",
     "1,vm,a,2,2,,,errors\n2,vm,a,2,2,,,noisy\n3,vm,a,2,2,,,warm-up\n4,vm,a,2,,,,ok\n5,vm,a,2,7,,,"
     "ok\n",
     {COMPARE_LEVEL, "t.csv", "jain", "a", NULL, 0},
     false,
     "7/1 ",
     "1 of 2",
     NULL},
    {"the clock of CPUs",
     "1,vm,a,2,2,,,ok\n2,virtual,a,2,3,,,ok\n",
     {COMPARE_LEVEL, "t.csv", "jain", "a", NULL, 0},
     false,
     "2/1 ",
     "0 of 1",
     NULL},
    {"virtual time",
     "1,vm,a,2,2,,,ok\n2,virtual,a,2,3,,,ok\n",
     {COMPARE_LEVEL, "t.csv", "jain", "a", NULL, 0},
     true,
     "3/1 ",
     "0 of 1",
     NULL},
    {"by workers",
     "1,vm,a,2,2,,,ok\n1,vm,a,12,5,,,ok\n1,vm,a,1,9,,,ok\n",
     {COMPARE_RATIO, "t.csv", "jain", "12:a", "1:a", 0},
     false,
     "5/9 ",
     "0 of 1, 0 of 1",
     NULL},
    {"extremes of whole rounds",
     "1,vm,a,2,2,,,ok\n1,vm,a,2,5,,,ok\n1,vm,a,2,3,,,ok\n2,vm,a,2,4,,,ok\n2,vm,a,2,5,,,ok\n",
     {COMPARE_EXTREMES, "t.csv", "jain", "a", NULL, 3},
     false,
     "5/2 ",
     "0 of 5",
     NULL},
    {"a derived figure, with 6 digits",
     "1,vm,a,2,,1,5,ok\n2,vm,a,2,,0,2,ok\n3,vm,a,2,,1,,ok\n",
     {COMPARE_LEVEL, "t.csv", "eagain_share", "a", NULL, 0},
     false,
     "0.214286/1 0.166667/1 ",
     "0 of 2",
     NULL},
    {"a file that is not there",
     "",
     {COMPARE_LEVEL, "none.csv", "jain", "a", NULL, 0},
     false,
     "",
     "0 of 0",
     NULL},
    {"a column that is not there",
     "",
     {COMPARE_LEVEL, "t.csv", "most", "a", NULL, 0},
     false,
     "",
     "0 of 0",
     "/t.csv: missing column 'most'"},
    {"a figure that has no ratio",
     "1,vm,a,2,0,,,ok\n",
     {COMPARE_LEVEL, "t.csv", "jain", "a", NULL, 0},
     false,
     "",
     "0 of 1",
     "/t.csv: line 2: expected a figure above 0, not 0"},
    {"half a row",
     "1,vm,a\n",
     {COMPARE_LEVEL, "t.csv", "jain", "a", NULL, 0},
     false,
     "",
     "0 of 0",
     "/t.csv: line 2: 3 fields, the header has 8"},
};

TEST(sample)
{
    const __typeof__(*samples) *row = *state;
    struct samples s;
    struct complaint why = {""};
    struct text pairs = {NULL, 0, 0}, sides = {NULL, 0, 0};
    char *file = format_string("%s%s", HEADER, row->rows);
    write_in_run("t.csv", file);
    assert_int_equal(samples_read(&s, run_directory, &row->comparison, row->is_virtual, &why),
                     row->complaint == NULL);
    for (unsigned i = 0; i < s.count; i++)
        text_add(&pairs, "%g/%g ", s.a[i], s.b[i]);
    for (unsigned i = 0; i < 2 && s.sides[i].name; i++)
        text_add(&sides, "%s%u of %u", i ? ", " : "", s.sides[i].invalid, s.sides[i].rows);
    assert_string_equal(text_of(&pairs), row->pairs);
    assert_string_equal(text_of(&sides), row->sides);
    assert_string_equal(why.text + (*why.text ? strlen(run_directory) : 0),
                        row->complaint ? row->complaint : "");
    samples_free(&s);
    text_free(&pairs);
    text_free(&sides);
    free(file);
}

TEST(verdicts_of_invalid_rows_are_named_once)
{
    struct samples s;
    struct complaint why;
    struct claim_comparison c = {COMPARE_LEVEL, "t.csv", "jain", "a", NULL, 0};
    write_in_run("t.csv", HEADER "1,vm,a,2,2,,,client-bound\n2,vm,a,2,2,,,bound\n"
                                 "3,vm,a,2,2,,,bound\n4,vm,a,2,2,,,client-bound\n");
    assert_true(samples_read(&s, run_directory, &c, false, &why));
    assert_string_equal(text_of(&s.verdicts), "client-bound, bound");
    samples_free(&s);
}

/* ---- the A/A control ---- */

static const struct {
    const char *name, *servers, *control, *expected; /* expected: NULL: there is none */
} controls[] = {
    {"a run without roles", NULL, "racing", "racing-again"},
    {"by workers", NULL, "24:one", "24:one-again"},
    {"by its role", "racing\t1\tx\ty\treference\nsame\t1\tx\ty\tagain\n", "8:racing", "8:same"},
    {"not the baseline", "racing\t1\tx\ty\treference\nwakeone\t1\tx\ty\t-\n", "wakeone", NULL},
};

TEST(control)
{
    const __typeof__(*controls) *row = *state;
    struct claim_comparison control;
    struct part part = {.comparison = {COMPARE_RATIO, "bench/trials.csv", "jain", "a", "b", 0},
                        .control = row->control};
    make_folder_in_run("bench");
    if (row->servers)
        write_in_run("bench/strategies.tsv", row->servers);
    assert_int_equal(control_comparison(&control, run_directory, &part), row->expected != NULL);
    if (row->expected)
        assert_string_equal(control.a, row->expected);
    assert_string_equal(control.b, row->control);
    free((char *)control.a);
}

int main(void)
{
    ADD_ROWS(table, tables);
    ADD(what_a_stanza_says);
    ADD_ROWS(sample, samples);
    ADD(verdicts_of_invalid_rows_are_named_once);
    ADD_ROWS(control, controls);
    return run_added(make_run_directory, remove_run_directory);
}
