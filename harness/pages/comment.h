/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COMMENT_H
#define WAKEONE_COMMENT_H

/*
 * The opening comment of a command, which --help also prints. After the #! line:
 *
 *   # NAME: SYNOPSIS
 *   #
 *   # usage: ./run.sh NAME [OPTIONS]       continuation lines begin with spaces and ./run.sh; "OPTIONS OF
 *   #                                      COMMAND": the options of another command are accepted, too
 *   # A line of a paragraph.
 *   # heading:                             directly before its terms
 *   #   --option N, --other half|shared    help, at least two spaces after the term
 *   #                                      may continue, indented by at least four
 *   #   term                               not an option: an item of a list
 *   #   --a-long-option LIST,
 *   #   --another LIST                     a trailing comma: the help is that of the next line
 *   # example: ./run.sh NAME
 *
 * Terms are indented by one to three spaces. In the description the command is called wakeone, as in an installed copy.
 * --help and --version are options of every command.
 */

#include "description.h"

/* Reads up to the end of the comment. `name`: of the file, for messages. Without a name and a synopsis in line 2 the program
 * ends with EXIT_FAILED. */
void comment_read(struct description *d, FILE *file, const char *name);

#endif
