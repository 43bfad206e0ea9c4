/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_OPTIONS_H
#define WAKEONE_OPTIONS_H

/*
 * Command line options from one table per program: the table defines the parser, the range check
 * and the help text. "--name value" and "--name=value" are both accepted, and "-n value" if a
 * letter is given. An optional argument (OPTION_OUTPUT) requires the "=".
 *
 * For one release the argument after such an option is still taken as its FILE, with a warning, as
 * in earlier releases: "-", or an argument that is neither an option nor a URL.
 */

#include <stdbool.h>

enum option_type {
    OPTION_FLAG,     /* bool: no argument */
    OPTION_NUMBER,   /* unsigned long within [minimum, maximum] */
    OPTION_RANGE,    /* struct number_range within [minimum, maximum]; "5", "5..9" */
    OPTION_DURATION, /* uint64_t nanoseconds within [minimum, maximum]; "500ms", "1s", "2m" */
    OPTION_SECONDS,  /* the same; a number without a unit is in seconds, as in top and vmstat */
    OPTION_TEXT,     /* const char *, not empty */
    OPTION_TEXTS,    /* struct text_list: may be given more than once */
    OPTION_OUTPUT,   /* const char *: "-" for --name alone, FILE for --name=FILE */
    OPTION_CPUS,     /* struct cpulist of CPUs that this process may use */
    OPTION_CHOICE,   /* unsigned: index into `choices` */
};

enum { TEXT_LIST_MAX = 32 };

struct number_range {
    unsigned long first, last; /* equal if one number was given, else first < last */
};

struct text_list {
    unsigned count;
    const char *texts[TEXT_LIST_MAX];
};

struct option_spec {
    enum option_type type;
    const char *name;     /* without the dashes */
    const char *argument; /* its name in the help text */
    const char *help;     /* one line; states the default */
    void *value;          /* destination; its content before the parse is the default */
    unsigned long long minimum, maximum;
    const char *const *choices; /* NULL-terminated */
    char letter;                /* short form "-p"; 0 = none */
};

struct program {
    const char *synopsis; /* one-line description */
    const char *operands; /* "URL"; NULL = operands are a usage error */
    const char *example;  /* one valid command line */
    bool mixed;           /* options may follow operands, as in curl */
};

#define OPTIONS_END  \
    {                \
        .name = NULL \
    }

/* Parses the options of `tables` (a NULL-terminated list of tables, each closed by OPTIONS_END).
 * --help and --version print and exit 0, and so does --options, which lists the tables in
 * machine-readable form (harness/pages); an error is one line and exit 2. Returns the index of the
 * first operand in argv; if options follow operands, the operands are moved to the end. */
int options_parse(const struct program *program, const struct option_spec *const *tables, int argc,
                  char **argv);

/* Parses a duration with a unit (ns us ms s m h), e.g. "1.5s". False if `text` is not one. */
bool duration_parse(const char *text, unsigned long long *ns);

/* Selects the arguments in argv, up to "--" or its NULL, that belong to `wanted`, one of the tables that argv was parsed
 * with: unchanged, to be passed to another program that has the same options. `room`: size of `picked`, including the
 * terminating NULL; false if there are more arguments. */
bool options_pick(const struct option_spec *const *tables, const struct option_spec *wanted,
                  char **argv, const char **picked, unsigned room);

/* Prints "PROGRAM (wakeone) VERSION", for programs without options. */
void print_version(void);

#endif
