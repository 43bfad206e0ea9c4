/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs claims: published results. Prints fields of the table harness/claims/claims.txt for the shell script that measures, and
 * computes the verdicts of the samples.
 */

#include "claims.h"
#include "command.h"
#include "document.h"
#include "files.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE "harness/claims/claims.txt"

static const struct claim *claim_or_die(const struct claims *claims, const char *id)
{
    const struct claim *claim = claim_find(claims, id);
    if (!claim)
        fail_usage("unknown claim '%s' in " TABLE, id);
    return claim;
}

/* ---- fields ---- */

static int print_fields(const struct claims *claims, const char *id)
{
    const struct claim *claim = claim_or_die(claims, id);
    for (unsigned i = 0; i < claim->field_count; i++)
        printf("%s\t%s\n", claim->fields[i].key, claim->fields[i].value);
    return EXIT_DONE;
}

/* ---- verdicts ---- */

struct results {
    struct claim_result *all;
    unsigned count;
};

/* The verdict of the claim of a line of standard input, "ID TAB NEEDS". */
static void classify_line(struct results *results, const struct claims *claims,
                          const char *directory, char *line)
{
    char *fields[2] = {NULL, (char[]){""}};
    split(line, '\t', fields, 2);
    results->all = realloc(results->all, (results->count + 1) * sizeof *results->all);
    if (!results->all)
        fail("out of memory");
    results->all[results->count++] = claim_classify(claim_or_die(claims, fields[0]), directory,
                                                    fields[1]);
}

static struct results classify_input(const struct claims *claims, const char *directory)
{
    struct results results = {NULL, 0};
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        classify_line(&results, claims, directory, line);
    }
    if (ferror(stdin))
        fail("cannot read standard input");
    free(line);
    return results;
}

static void make_document(struct document *d, enum form form, const struct results *results,
                          const char *directory)
{
    struct complaint why;
    document_begin(d, form);
    if (!write_claims(d, results->all, results->count, directory, &why))
        fail("%s", why.text);
}

static void write_files(const struct results *results, const char *directory)
{
    struct text parts = {NULL, 0, 0}, verdicts = {NULL, 0, 0};
    struct document markdown;
    struct files files = {.directory = directory};
    for (unsigned i = 0; i < results->count; i++) {
        write_parts(&results->all[i], &parts);
        write_verdict(&results->all[i], &verdicts);
    }
    make_document(&markdown, FORM_MARKDOWN, results, directory);
    files_add(&files, "parts.tsv", text_of(&parts), parts.length);
    files_add(&files, "verdicts.tsv", text_of(&verdicts), verdicts.length);
    files_add(&files, "claims.md", text_of(&markdown.out), markdown.out.length);
    files_put(&files);
    document_free(&markdown);
    text_free(&parts);
    text_free(&verdicts);
}

static bool all_classified(const struct results *results)
{
    for (unsigned i = 0; i < results->count; i++)
        if (results->all[i].verdict == VERDICT_NOT_MEASURED ||
            results->all[i].verdict == VERDICT_NOT_TRUSTED)
            return false;
    return true;
}

static int classify(const struct claims *claims, const char *directory)
{
    struct results results = classify_input(claims, directory);
    struct document text;
    write_files(&results, directory);
    make_document(&text, FORM_TEXT, &results, directory);
    fputs(text_of(&text.out), stdout);
    document_free(&text);
    int status = all_classified(&results) ? EXIT_DONE : EXIT_NOT_OK;
    for (unsigned i = 0; i < results.count; i++)
        claim_result_free(&results.all[i]);
    free(results.all);
    return status;
}

int command_claims(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "published results: fields ID prints keys and values of a stanza; judge DIR "
                    "computes the verdicts of the samples in DIR. Standard input: one claim per "
                    "line, and after a tab the requirements that this machine does not meet",
        .operands = "fields ID | judge DIR",
        .example = "runs claims fields ev_wakeone",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    static const struct {
        const char *name;
        int (*run)(const struct claims *claims, const char *operand);
    } commands[] = {{"fields", print_fields}, {"judge", classify}};
    struct claims claims;
    struct complaint why;
    int first = options_parse(&program, tables, argc, argv);
    char *path = top_file(TABLE);
    for (unsigned i = 0; argc - first == 2 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[first], commands[i].name) == 0) {
            if (!claims_read(&claims, path, &why))
                fail("%s", why.text);
            int status = commands[i].run(&claims, argv[first + 1]);
            claims_free(&claims);
            free(path);
            return status;
        }
    fail_usage("expected 'fields ID' or 'judge DIR': see --help");
}
