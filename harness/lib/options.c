/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include "cpulist.h"
#include "message.h"
#include "output.h"
#include "version.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool duration_parse(const char *text, unsigned long long *ns)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    double value = strtod(text, &end);
    if (strspn(text, "0123456789.") != (size_t)(end - text)) /* strtod also reads 0x10 and 1e3 */
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        double product = round(value * units[i].ns);
        if (!(product < 9e18)) /* also rejects inf and nan */
            return false;
        *ns = (unsigned long long)product;
        return true;
    }
    return false;
}

static void format_duration(unsigned long long ns, char *text, size_t size)
{
    static const struct {
        const char *unit;
        unsigned long long ns;
    } units[] = {{"h", 3600000000000ULL}, {"m", 60000000000ULL}, {"s", 1000000000ULL},
                 {"ms", 1000000ULL},      {"us", 1000ULL},       {"ns", 1ULL}};
    size_t i = 0;
    while (i + 1 < sizeof units / sizeof *units && (ns < units[i].ns || ns % units[i].ns != 0))
        i++;
    snprintf(text, size, "%llu%s", ns / units[i].ns, units[i].unit);
}

static bool read_number(const struct option_spec *spec, const char *text, char **end,
                        unsigned long *value)
{
    errno = 0;
    *value = strtoul(text, end, 10);
    return isdigit((unsigned char)text[0]) && errno == 0 && *value >= spec->minimum &&
           *value <= spec->maximum;
}

static void parse_number(const struct option_spec *spec, const char *text)
{
    char *end;
    unsigned long value;
    if (!read_number(spec, text, &end, &value) || *end != '\0')
        fail_usage("--%s takes a whole number from %llu to %llu, not '%s'", spec->name,
                   spec->minimum, spec->maximum, text);
    *(unsigned long *)spec->value = value;
}

static void parse_range(const struct option_spec *spec, const char *text)
{
    char *end;
    struct number_range range;
    bool good = read_number(spec, text, &end, &range.first);
    range.last = range.first;
    if (good && strncmp(end, "..", 2) == 0)
        good = read_number(spec, end + 2, &end, &range.last) && range.last > range.first;
    if (!good || *end != '\0')
        fail_usage("--%s takes a whole number from %llu to %llu, or a range of them such as 5..9, "
                   "not '%s'",
                   spec->name, spec->minimum, spec->maximum, text);
    *(struct number_range *)spec->value = range;
}

/* A number without a unit is in seconds. Text that exceeds the buffer is rejected. */
static bool seconds_parse(const char *text, unsigned long long *ns)
{
    char with_unit[32];
    if (strspn(text, "0123456789.") != strlen(text))
        return duration_parse(text, ns);
    return (size_t)snprintf(with_unit, sizeof with_unit, "%ss", text) < sizeof with_unit &&
           duration_parse(with_unit, ns);
}

static void parse_duration(const struct option_spec *spec, const char *text)
{
    unsigned long long ns = 0;
    char least[32], most[32];
    bool bare = spec->type == OPTION_SECONDS;
    format_duration(spec->minimum, least, sizeof least);
    format_duration(spec->maximum, most, sizeof most);
    if (!(bare ? seconds_parse : duration_parse)(text, &ns) || ns < spec->minimum ||
        ns > spec->maximum)
        fail_usage("--%s takes %s from %s to %s, not '%s'", spec->name,
                   bare ? "seconds, or a duration with its unit," : "a duration with its unit",
                   least, most, text);
    *(uint64_t *)spec->value = ns;
}

static void parse_cpus(const struct option_spec *spec, const char *text)
{
    struct cpulist allowed, *list = spec->value;
    if (!cpulist_parse(list, text))
        fail_usage("--%s takes a list of CPUs such as 0,2,4-7, not '%s'", spec->name, text);
    cpulist_allowed(&allowed);
    for (unsigned i = 0; i < list->count; i++) {
        if (cpulist_contains(&allowed, list->cpus[i]))
            continue;
        char have[256];
        cpulist_format(&allowed, have, sizeof have);
        fail_usage("--%s names CPU %u, but this process may use only %s", spec->name, list->cpus[i],
                   have);
    }
}

static void parse_choice(const struct option_spec *spec, const char *text)
{
    char list[256] = "";
    for (unsigned i = 0; spec->choices[i]; i++) {
        if (strcmp(spec->choices[i], text) == 0) {
            *(unsigned *)spec->value = i;
            return;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? "|" : "", spec->choices[i]);
    }
    fail_usage("--%s takes %s, not '%s'", spec->name, list, text);
}

static void parse_text(const struct option_spec *spec, const char *text)
{
    struct text_list *list = spec->value;
    if (*text == '\0')
        fail_usage("--%s takes %s, not an empty argument", spec->name, spec->argument);
    if (spec->type != OPTION_TEXTS)
        *(const char **)spec->value = text;
    else if (list->count < TEXT_LIST_MAX)
        list->texts[list->count++] = text;
    else
        fail_usage("--%s can be given %d times at most", spec->name, TEXT_LIST_MAX);
}

static void parse_value(const struct option_spec *spec, const char *text)
{
    switch (spec->type) {
    case OPTION_FLAG:
        *(bool *)spec->value = true;
        return;
    case OPTION_NUMBER:
        parse_number(spec, text);
        return;
    case OPTION_RANGE:
        parse_range(spec, text);
        return;
    case OPTION_DURATION:
    case OPTION_SECONDS:
        parse_duration(spec, text);
        return;
    case OPTION_TEXT:
    case OPTION_TEXTS:
    case OPTION_OUTPUT:
        parse_text(spec, text);
        return;
    case OPTION_CPUS:
        parse_cpus(spec, text);
        return;
    case OPTION_CHOICE:
        parse_choice(spec, text);
        return;
    }
}

static const struct option_spec *find_option(const struct option_spec *const *tables,
                                             const char *name, size_t length)
{
    for (; *tables; tables++)
        for (const struct option_spec *spec = *tables; spec->name; spec++)
            if (strlen(spec->name) == length && memcmp(spec->name, name, length) == 0)
                return spec;
    return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *const *tables,
                                             const char *argument)
{
    if (argument[0] != '-' || argument[1] == '\0' || argument[1] == '-' || argument[2] != '\0')
        return NULL;
    for (; *tables; tables++)
        for (const struct option_spec *spec = *tables; spec->name; spec++)
            if (spec->letter == argument[1])
                return spec;
    return NULL;
}

/* The argument as printed after the name: " N", "[=FILE]", or nothing */
static void format_argument(const struct option_spec *spec, char *text, size_t size)
{
    bool optional = spec->type == OPTION_OUTPUT;
    const char *before = !spec->argument ? "" : optional ? "[=" : " ";
    snprintf(text, size, "%s%s%s", before, spec->argument ? spec->argument : "",
             optional ? "]" : "");
}

/* Every program has these. */
static const struct option_spec common[] = {
    {OPTION_FLAG, "help", NULL, "this text"},
    {OPTION_FLAG, "version", NULL, "the version"},
    OPTIONS_END,
};

static void print_table(const struct option_spec *spec)
{
    for (; spec->name; spec++) {
        char synopsis[64], argument[48];
        char letter[] = {'-', spec->letter, ',', ' ', '\0'};
        format_argument(spec, argument, sizeof argument);
        snprintf(synopsis, sizeof synopsis, "%s--%s%s", spec->letter ? letter : "", spec->name,
                 argument);
        printf("  %-30s %s\n", synopsis, spec->help);
    }
}

static void print_help(const struct program *program, const struct option_spec *const *tables)
{
    const char *name = program_invocation_short_name, *operands = program->operands;
    printf("%s - %s\n\nusage: %s [options]%s%s\n\n", name, program->synopsis, name,
           operands ? " " : "", operands ? operands : "");
    for (; *tables; tables++)
        print_table(*tables);
    print_table(common);
    printf("\nexample: %s\n", program->example);
}

static void list_table(const struct option_spec *spec)
{
    for (; spec->name; spec++) {
        char argument[48];
        char letter[] = {'-', spec->letter, '\0'};
        format_argument(spec, argument, sizeof argument);
        printf("option\t--%s\t%s\t%s\t", spec->name, spec->letter ? letter : "", argument);
        for (unsigned i = 0; spec->choices && spec->choices[i]; i++)
            printf("%s%s", i ? " " : "", spec->choices[i]);
        printf("\t%s\n", spec->help);
    }
}

/* The same in machine-readable form for harness/pages, which generates manual pages and completion and documents the
 * fields. */
static void list_options(const struct program *program, const struct option_spec *const *tables)
{
    const char *name = program_invocation_short_name, *operands = program->operands;
    printf("name\t%s\t%s\nusage\t%s [options]%s%s\n", name, program->synopsis, name,
           operands ? " " : "", operands ? operands : "");
    for (; *tables; tables++)
        list_table(*tables);
    list_table(common);
    printf("example\t%s\n", program->example);
}

void print_version(void)
{
    printf("%s (wakeone) %s\n", program_invocation_short_name, WAKEONE_VERSION);
}

/* Handles the options that print something and end the program; false if `name` is none of them. */
static bool print_common(const char *name, const struct program *program,
                         const struct option_spec *const *tables)
{
    if (strcmp(name, "help") == 0)
        print_help(program, tables);
    else if (strcmp(name, "version") == 0)
        print_version();
    else if (strcmp(name, "options") == 0) /* machine-readable; not in the help text */
        list_options(program, tables);
    else
        return false;
    return true;
}

/* `argument` follows an option whose argument requires "=": whether it is the FILE in the deprecated form. */
static bool is_file_of_old_form(const struct option_spec *spec, const char *argument)
{
    if (!argument || (argument[0] == '-' && argument[1] != '\0') || strstr(argument, "://"))
        return false;
    if (strcmp(argument, "-") == 0)
        message("--%s - is deprecated and will be refused: --%s alone is standard output",
                spec->name, spec->name);
    else if (*argument != '\0') /* rejected by the caller */
        message("--%s %s is deprecated and will be refused: write --%s=%s", spec->name, argument,
                spec->name, argument);
    return true;
}

/* The argument of the option argv[*i]; advances *i if it is the next element of argv. */
static const char *argument_of(const struct option_spec *spec, char **argv, int *i)
{
    const char *next = argv[*i + 1]; /* NULL = none */
    if (spec->type == OPTION_FLAG)
        return NULL;
    if (spec->type == OPTION_OUTPUT && !is_file_of_old_form(spec, next))
        return "-";
    if (!next)
        fail_usage("--%s takes an argument: %s", spec->name, spec->argument);
    (*i)++;
    return next;
}

static void check_operand(const struct program *program, const char *operand)
{
    bool looks_like_option = operand[0] == '-' && operand[1] != '\0';
    if (!program->operands || looks_like_option)
        fail_usage("unexpected argument '%s': see --help", operand);
}

int options_parse(const struct program *program, const struct option_spec *const *tables, int argc,
                  char **argv)
{
    int i = 1, passed = 0; /* operands before the last option, from argv[1] on */
    output_begin();
    for (; i < argc; i++) {
        const struct option_spec *spec = find_letter(tables, argv[i]);
        const char *text = NULL;
        if (!spec && strncmp(argv[i], "--", 2) != 0) {
            check_operand(program, argv[i]);
            if (!program->mixed)
                return i;
            argv[1 + passed++] = argv[i];
            continue;
        }
        if (!spec) {
            const char *name = argv[i] + 2, *equals = strchr(name, '=');
            if (*name == '\0') {
                i++;
                break;
            }
            if (print_common(name, program, tables))
                exit(EXIT_DONE);
            spec = find_option(tables, name, equals ? (size_t)(equals - name) : strlen(name));
            if (!spec)
                fail_usage("there is no option '%s': see --help", argv[i]);
            text = equals ? equals + 1 : NULL;
        }
        if (spec->type == OPTION_FLAG && text)
            fail_usage("--%s takes no argument", spec->name);
        parse_value(spec, text ? text : argument_of(spec, argv, &i));
    }
    if (i < argc && !program->operands)
        fail_usage("unexpected argument '%s': see --help", argv[i]);
    memmove(argv + i - passed, argv + 1, (size_t)passed * sizeof *argv);
    return i - passed;
}

static bool is_in(const struct option_spec *table, const struct option_spec *spec)
{
    for (; table->name; table++)
        if (table == spec)
            return true;
    return false;
}

/* argv has been parsed: each option is in one of the tables, and has its argument. */
bool options_pick(const struct option_spec *const *tables, const struct option_spec *wanted,
                  char **argv, const char **picked, unsigned room)
{
    unsigned count = 0;
    for (int i = 1; argv[i] && strcmp(argv[i], "--") != 0; i++) {
        const char *equals = NULL;
        const struct option_spec *spec = find_letter(tables, argv[i]);
        if (!spec && strncmp(argv[i], "--", 2) == 0) {
            const char *name = argv[i] + 2;
            equals = strchr(name, '=');
            spec = find_option(tables, name, equals ? (size_t)(equals - name) : strlen(name));
        }
        bool has_argument = spec && !equals && spec->type != OPTION_FLAG &&
                            spec->type != OPTION_OUTPUT;
        unsigned elements = has_argument ? 2 : 1; /* of argv */
        if (spec && is_in(wanted, spec)) {
            if (count + elements >= room)
                return false;
            memcpy(picked + count, argv + i, elements * sizeof *argv);
            count += elements;
        }
        i += has_argument;
    }
    picked[count] = NULL;
    return true;
}
