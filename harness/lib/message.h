/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_MESSAGE_H
#define WAKEONE_MESSAGE_H

/* One message is one line on stderr, written at once: "program: what, where, what to do". */

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_OK = 3, /* completed, but some results are invalid */
};

/* Sets the prefix of messages; the default is the name of the program. */
void message_name(const char *name);

void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the message and exits with EXIT_FAILED. */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Prints the message and exits with EXIT_USAGE: a usage error. */
void fail_usage(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
