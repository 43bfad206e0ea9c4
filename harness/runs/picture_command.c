/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs picture FIGURE DATA OUT TITLE SUBTITLE FOOTER LOOKS TICKS CPUS: a figure that is not part of a run, from its data. The
 * last six arguments as in plots/style.gp.
 */

#include "command.h"
#include "csv.h"
#include "picture.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int command_picture(int argc, char **argv)
{
    enum { FIGURE, DATA, OUT, TITLE, SUBTITLE, FOOTER, LOOKS, TICKS, CPUS, WORDS };
    static const struct program program = {
        .synopsis = "draws a figure that is not part of a run, from its data",
        .operands = "FIGURE DATA OUT TITLE SUBTITLE FOOTER LOOKS TICKS CPUS",
        .example =
            "runs picture herd herd.data herd.svg Title Subtitle Footer 'racing #D55E00 7' '' 2",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct complaint complaint;
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first != WORDS)
        fail_usage("expected %d operands, not %d: see --help", WORDS, argc - first);
    char *const *word = argv + first;
    struct picture picture = {.figure = word[FIGURE],
                              .title = word[TITLE],
                              .subtitle = word[SUBTITLE],
                              .footer = word[FOOTER],
                              .looks = word[LOOKS],
                              .ticks = word[TICKS],
                              .cpus = word[CPUS]};
    char *data = file_read(word[DATA], &picture.data_length);
    if (!data)
        fail("cannot read %s: %s", word[DATA], strerror(errno));
    picture.data = data;
    picture_check_room();
    if (!picture_draw(&picture, word[OUT], &complaint))
        fail("%s", complaint.text);
    free(data);
    return EXIT_DONE;
}
