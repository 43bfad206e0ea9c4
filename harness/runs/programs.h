/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PROGRAMS_H
#define WAKEONE_PROGRAMS_H

/* Child programs, started without a shell; and signals that end this program, deferred until it is ready for them. */

#include "text.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Starts argv[0], searched in PATH, with empty standard input; -1: inherits standard output or standard error. Returns its
 * process ID, or -1 and errno. */
pid_t program_start(const char *const argv[], int output, int error);

/* Waits for its end. Returns its exit status, or 128 + the signal's number. */
int program_wait(pid_t pid);

/* Runs it to its end, and appends its standard output (with ERRORS_CAPTURE standard error, too) to `output`. Returns as
 * program_wait(), or -1 and errno if it cannot be started. */
enum program_errors { ERRORS_PASS, ERRORS_CAPTURE, ERRORS_DROP };
int program_run(const char *const argv[], struct text *output, enum program_errors errors);

/* An anonymous file in memory that a program can write to. Ends the program when out of memory. */
int memory_file(void);

/* Reads its contents. */
void memory_file_read(int file, struct text *to);

struct interrupts {
    sigset_t before,
        waited; /* waited: signals that end a run, except those ignored at the start of this program */
};

/* From here to interrupts_end() SIGINT, SIGTERM and SIGHUP are deferred. */
void interrupts_begin(struct interrupts *interrupts);
void interrupts_end(struct interrupts *interrupts);

/* Whether one of them is pending, or arrives within the timeout (ms). */
bool interrupts_came(const struct interrupts *interrupts, unsigned ms);

/* As program_wait(), into *status; false as soon as one of them arrives. */
bool interrupts_wait(const struct interrupts *interrupts, pid_t pid, int *status);

#endif
