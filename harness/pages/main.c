/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pages: makes manual pages and completions during the build. It is not installed.
 *
 *   pages comment FILE                 the description of a command, from its opening comment (comment.h)
 *   pages page TITLE LIST              the manual page of a description (page.h)
 *   pages completion SHELL LIST...     a completion; the first list is the program's (completion.h)
 *
 * Lists are descriptions (description.h). Results are written to standard output.
 */

#include "comment.h"
#include "completion.h"
#include "description.h"
#include "page.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef void read_function(struct description *d, FILE *file, const char *name);

static void read_file(struct description *d, const char *path, read_function *read)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail("cannot read %s: %s", path, strerror(errno));
    read(d, file, path);
    fclose(file);
}

static void make_list(char **operands, struct text *to)
{
    struct description description = {NULL, 0, 0};
    read_file(&description, operands[0], comment_read);
    description_write(&description, to);
    description_free(&description);
}

static void make_page(char **operands, struct text *to)
{
    struct description description = {NULL, 0, 0};
    read_file(&description, operands[1], description_read);
    page_write(&description, operands[0], to);
    description_free(&description);
}

static void make_completion(char **operands, struct text *to)
{
    struct description *all = NULL;
    unsigned count = 0, room = 0;
    for (char **path = operands + 1; *path; path++) {
        all = array_grow(all, count, &room, sizeof *all);
        all[count] = (struct description){NULL, 0, 0};
        read_file(&all[count++], *path, description_read);
    }
    completion_write(all, count, operands[0], to);
    for (unsigned i = 0; i < count; i++)
        description_free(&all[i]);
    free(all);
}

static const struct {
    const char *name;
    int least, most; /* operands; INT_MAX = any number */
    void (*make)(char **operands, struct text *to);
} commands[] = {
    {"comment", 1, 1, make_list},
    {"page", 2, 2, make_page},
    {"completion", 2, INT_MAX, make_completion},
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "makes manual pages and completions from descriptions",
        .operands = "comment FILE | page TITLE LIST | completion SHELL LIST...",
        .example = "build/tools/pages comment harness/commands/bench.sh",
    };
    static const struct option_spec *const tables[] = {NULL};
    struct text text = {NULL, 0, 0};
    int first = options_parse(&program, tables, argc, argv);
    for (unsigned i = 0; first < argc && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[first], commands[i].name) == 0) {
            int operands = argc - first - 1;
            if (operands < commands[i].least || operands > commands[i].most)
                break;
            commands[i].make(argv + first + 1, &text);
            fputs(text_of(&text), stdout);
            text_free(&text);
            return EXIT_DONE;
        }
    fail_usage("expected %s: see --help", program.operands);
}
