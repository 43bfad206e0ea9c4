#ifndef WAKEONE_OPTIONS_H
#define WAKEONE_OPTIONS_H

/*
 * Command line options from one table per program: the table is the parser, the range check and
 * the help text. "--name value" and "--name=value" are both understood, and "-n value" where a
 * letter is given. An argument that may be left out (OPTION_OUTPUT) takes the "=".
 *
 * For one release a word after such an option is still taken as its FILE, with a warning, as it was
 * meant before: "-", or a word that is neither an option nor a URL.
 */

#include <stdbool.h>

enum option_type {
    OPTION_FLAG,     /* bool: no argument */
    OPTION_NUMBER,   /* unsigned long within [minimum, maximum] */
    OPTION_RANGE,    /* struct number_range within [minimum, maximum]; "5", "5..9" */
    OPTION_DURATION, /* uint64_t nanoseconds within [minimum, maximum]; "500ms", "1s", "2m" */
    OPTION_SECONDS,  /* the same, and a number without a unit is seconds, as with top and vmstat */
    OPTION_TEXT,     /* const char *, not empty */
    OPTION_TEXTS,    /* struct text_list: may be given several times */
    OPTION_OUTPUT,   /* const char *: "-" for --name alone, FILE for --name=FILE */
    OPTION_CPUS,     /* struct cpulist of CPUs that this process may use */
    OPTION_CHOICE,   /* unsigned: index into `choices` */
};

enum { TEXT_LIST_MAX = 32 };

struct number_range {
    unsigned long first, last; /* the same where one number was given, else first < last */
};

struct text_list {
    unsigned count;
    const char *texts[TEXT_LIST_MAX];
};

struct option_spec {
    enum option_type type;
    const char *name;     /* without the dashes */
    const char *argument; /* its name in the help text */
    const char *help;     /* one line; says the default */
    void *value;          /* where it goes; its content before the parse is the default */
    unsigned long long minimum, maximum;
    const char *const *choices; /* NULL-terminated */
    char letter;                /* "-p" is understood too; 0 = only the name */
};

struct program {
    const char *synopsis; /* one line of what it does */
    const char *operands; /* "URL"; NULL = none are taken */
    const char *example;  /* one command line that works */
    bool mixed;           /* options may follow operands, as they may for curl */
};

#define OPTIONS_END  \
    {                \
        .name = NULL \
    }

/* Reads the options of `tables` (a NULL-terminated list of tables, each closed by OPTIONS_END).
 * --help and --version print and exit 0, and so does --options, which lists the tables for programs
 * (harness/pages); anything wrong is one line and exit 2. Returns
 * the index of the first operand in argv; where options follow operands, these are moved to the end. */
int options_parse(const struct program *program, const struct option_spec *const *tables, int argc,
                  char **argv);

/* Reads a duration with a unit (ns us ms s m h), e.g. "1.5s". False if it is not one. */
bool duration_parse(const char *text, unsigned long long *ns);

/* Those of argv, up to "--" or its NULL, that belong to `wanted`, one of the tables that argv was parsed by: as they were
 * given, for another program that has them. At most `room`, with the NULL that ends them; returns false if they are more. */
bool options_pick(const struct option_spec *const *tables, const struct option_spec *wanted,
                  char **argv, const char **picked, unsigned room);

/* Prints "PROGRAM (wakeone) VERSION", for programs without options. */
void print_version(void);

#endif
