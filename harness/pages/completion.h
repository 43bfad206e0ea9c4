/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COMPLETION_H
#define WAKEONE_COMPLETION_H

#include "description.h"

/*
 * Adds the completion of a program for a shell: "bash", "zsh" or "fish"; any other is a usage error. The first description is
 * the program's, the others are its commands'. The argument of an option is completed with its choices, with files if it is
 * FILE, and with directories if it is DIR or RUN.
 *
 * Changes the descriptions: adds the options that a command accepts from another one.
 */
void completion_write(struct description *all, unsigned count, const char *shell, struct text *to);

#endif
