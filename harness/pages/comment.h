#ifndef WAKEONE_COMMENT_H
#define WAKEONE_COMMENT_H

/*
 * The opening comment of a command, which is also what its --help prints. After the line of #!:
 *
 *   # NAME: SYNOPSIS
 *   #
 *   # usage: ./run.sh NAME [OPTIONS]       lines that go on begin with spaces and ./run.sh; "OPTIONS OF COMMAND": the
 *   #                                      options of another command are taken, too
 *   # A line of a paragraph.
 *   # heading:                             directly before what it is the heading of
 *   #   --option N, --other half|shared    help, at least two spaces behind the term
 *   #                                      which may go on, indented by at least four
 *   #   term                               no option: an item of a list
 *   #   --a-long-option LIST,
 *   #   --another LIST                     a comma at the end: the help is that of the next line
 *   # example: ./run.sh NAME
 *
 * Terms are indented by one to three spaces. The command is called wakeone in the description, as in an installed copy.
 * --help and --version are options of every command.
 */

#include "description.h"

/* Reads up to the end of the comment. `name` is the file's, for messages: without a name and a synopsis in line 2 the program
 * ends with EXIT_FAILED. */
void comment_read(struct description *d, FILE *file, const char *name);

#endif
