/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"
#include "text.h"

#include "harness/lib/message.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Identifies the root of the checkout */
static bool is_top(const char *directory)
{
    char *path = format_string("%s/plots/figures.tsv", directory);
    bool is = access(path, R_OK) == 0;
    free(path);
    return is;
}

/* The first directory above the program that is the checkout: builds are in build/, or deeper. */
static char *above_program(void)
{
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    for (char *slash; (slash = strrchr(program, '/'));) {
        *slash = '\0';
        if (is_top(program))
            return copy_string(program);
    }
    fail("no checkout (plots/) above this program: set WAKEONE_TOP");
}

const char *top_directory(void)
{
    static char *top;
    const char *given = getenv("WAKEONE_TOP");
    if (!top)
        top = given && *given ? copy_string(given) : above_program();
    return top;
}

char *top_file(const char *name)
{
    return format_string("%s/%s", top_directory(), name);
}

char *results_file(const char *name)
{
    const char *results = getenv("WAKEONE_RESULTS");
    return results && *results ? format_string("%s/%s", results, name)
                               : format_string("%s/results/%s", top_directory(), name);
}

const char *suite_command(void)
{
    char *list = top_file("installed"); /* of the files of an installed copy */
    bool is_installed = access(list, F_OK) == 0;
    free(list);
    return is_installed ? "wakeone" : "./run.sh";
}
