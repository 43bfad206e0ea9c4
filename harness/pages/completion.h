#ifndef WAKEONE_COMPLETION_H
#define WAKEONE_COMPLETION_H

#include "description.h"

/*
 * Adds the completion of a program for a shell: "bash", "zsh" or "fish"; any other is a usage error. The first description is
 * the program's, those that follow are of its commands. What follows an option is completed with the choices of its argument,
 * with files where this is FILE, and with directories where it is DIR or RUN.
 *
 * Changes the descriptions: options that a command takes from another one are added to its own.
 */
void completion_write(struct description *all, unsigned count, const char *shell, struct text *to);

#endif
