/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include "harness/lib/message.h"

#include <stddef.h>

char *only_run(const struct program *program, const struct option_spec *options, int argc,
               char **argv)
{
    const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(program, tables, argc, argv);
    if (argc - first != 1)
        fail_usage("expected one run: see --help");
    return argv[first];
}
