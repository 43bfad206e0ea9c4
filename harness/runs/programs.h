#ifndef WAKEONE_PROGRAMS_H
#define WAKEONE_PROGRAMS_H

/* Other programs, started without a shell; and signals that end this one, which wait until it is ready for them. */

#include "text.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Starts argv[0], looked for in PATH, with nothing on standard input; -1: standard output, or standard error, is this
 * program's. Returns its process number, or -1 and errno. */
pid_t program_start(const char *const argv[], int output, int error);

/* Waits for its end: its exit status, or 128 + the signal's number. */
int program_wait(pid_t pid);

/* Runs it to its end; what it writes to standard output (with ERRORS_CAPTURE to standard error, too) is added to `output`.
 * Returns as program_wait(), or -1 and errno if it cannot be started. */
enum program_errors { ERRORS_PASS, ERRORS_CAPTURE, ERRORS_DROP };
int program_run(const char *const argv[], struct text *output, enum program_errors errors);

/* A file without a name, in memory, that a program can write to. Ends the program where there is no memory. */
int memory_file(void);

/* What was written to it. */
void memory_file_read(int file, struct text *to);

struct interrupts {
    sigset_t before,
        waited; /* waited: those that end a run, without those that this program was started to ignore */
};

/* From here to interrupts_end() SIGINT, SIGTERM and SIGHUP do nothing by themselves. */
void interrupts_begin(struct interrupts *interrupts);
void interrupts_end(struct interrupts *interrupts);

/* Whether one of them has come, or comes within so many milliseconds. */
bool interrupts_came(const struct interrupts *interrupts, unsigned ms);

/* As program_wait(), into *status; false as soon as one of them comes. */
bool interrupts_wait(const struct interrupts *interrupts, pid_t pid, int *status);

#endif
