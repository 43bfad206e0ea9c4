/* SPDX-License-Identifier: BSD-2-Clause */
#include "completion.h"

#include "replace.h"

#include "harness/lib/message.h"

#include <stdlib.h>
#include <string.h>

struct completion {
    const char *name;
    const struct description *all; /* of the program, and of its commands */
    unsigned count;
};

/* Kinds of arguments of options. */
enum value {
    VALUE_NONE,
    VALUE_WORDS, /* fixed values */
    VALUE_FILE,
    VALUE_DIRECTORY,
    VALUE_OPTIONAL, /* a file, after "=" */
    VALUE_OTHER,
    VALUES
};

/* The code for it in a shell: the choices of the option are inserted between the two. */
struct around {
    const char *before, *after;
};

static enum value value_of(const struct entry *option)
{
    static const struct {
        const char *argument;
        enum value value;
    } known[] = {{"", VALUE_NONE},
                 {" FILE", VALUE_FILE},
                 {" DIR", VALUE_DIRECTORY},
                 {" RUN", VALUE_DIRECTORY}};
    if (option->choices[0])
        return VALUE_WORDS;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(option->argument, known[i].argument) == 0)
            return known[i].value;
    return strncmp(option->argument, "[=", 2) == 0 ? VALUE_OPTIONAL : VALUE_OTHER;
}

static const struct entry *name_of(const struct description *d)
{
    return description_next(d, ENTRY_NAME, NULL);
}

static const struct entry *next_option(const struct description *d, const struct entry *option)
{
    return description_next(d, ENTRY_OPTION, option);
}

/* Escapes within single quotes: of bash and zsh, and of fish. */
static const struct replacement quoted[] = {{"'", "'\\''"}, {NULL, NULL}};
static const struct replacement quoted_fish[] = {{"\\", "\\\\"}, {"'", "\\'"}, {NULL, NULL}};

/* ---- bash ---- */

#define BASH_FILES \
    "[[ $current == -* ]] || { COMPREPLY=($(compgen -f -- \"$current\")) && return; }"

static const struct around bash_value[VALUES] = {
    [VALUE_WORDS] = {"COMPREPLY=($(compgen -W '", "' -- \"$current\")) && return"},
    [VALUE_FILE] = {BASH_FILES, ""},
    [VALUE_DIRECTORY] = {"COMPREPLY=($(compgen -d -- \"$current\")) && return", ""},
    [VALUE_OPTIONAL] = {BASH_FILES, ""},
    [VALUE_OTHER] = {"return", ""},
};

static const char bash_begin[] = "    local current=${COMP_WORDS[COMP_CWORD]} "
                                 "previous=${COMP_WORDS[COMP_CWORD - 1]} command= i\n"
                                 "    if [ \"$current\" = = ]; then\n"
                                 "        current=\n"
                                 "    elif [ \"$previous\" = = ]; then\n"
                                 "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
                                 "    fi\n"
                                 "    COMPREPLY=()\n";

static const char bash_command[] = "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                                   "        case ${COMP_WORDS[i]} in\n"
                                   "        -*) ;;\n"
                                   "        *) command=${COMP_WORDS[i]} && break ;;\n"
                                   "        esac\n"
                                   "    done\n";

static void bash_option(const char *command, const struct entry *option, struct text *to)
{
    const struct around *value = &bash_value[value_of(option)];
    if (!value->before)
        return;
    text_add(to, "    %s:%s", command, option->text);
    if (option->letter[0])
        text_add(to, " | %s:%s", command, option->letter);
    text_add(to, ") %s%s%s ;;\n", value->before, option->choices, value->after);
}

/* The names of the options, for a word that begins with a dash. */
static void bash_options(const char *command, const struct description *d, struct text *to)
{
    const struct entry *option = NULL;
    const char *space = "";
    text_add(to, "    %s:-*) COMPREPLY=($(compgen -W '", command);
    while ((option = next_option(d, option))) {
        text_add(to, "%s%s", space, option->text);
        space = " ";
        if (option->letter[0])
            text_add(to, " %s", option->letter);
    }
    text_add_string(to, "' -- \"$current\")) ;;\n");
}

static void bash_commands(const struct completion *c, struct text *to)
{
    text_add_string(to, "    :*) COMPREPLY=($(compgen -W '");
    for (unsigned i = 1; i < c->count; i++)
        text_add(to, "%s%s", i > 1 ? " " : "", name_of(&c->all[i])->text);
    text_add_string(to, "' -- \"$current\")) ;;\n");
}

/* "" for the program itself */
static const char *bash_name(const struct completion *c, unsigned i)
{
    return i == 0 ? "" : name_of(&c->all[i])->text;
}

static void write_bash(const struct completion *c, struct text *to)
{
    text_add(to, "_wakeone_%s()\n{\n%s%s", c->name, bash_begin, c->count > 1 ? bash_command : "");
    text_add_string(to, "    case $command:$previous in\n");
    for (unsigned i = 0; i < c->count; i++)
        for (const struct entry *option = NULL; (option = next_option(&c->all[i], option));)
            bash_option(bash_name(c, i), option, to);
    text_add_string(to, "    esac\n    case $command:$current in\n");
    for (unsigned i = 0; i < c->count; i++)
        bash_options(bash_name(c, i), &c->all[i], to);
    if (c->count > 1)
        bash_commands(c, to);
    text_add_string(to, "    *) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n    esac\n}\n");
    text_add(to, "complete -o filenames -F _wakeone_%s %s\n", c->name, c->name);
}

/* ---- zsh ---- */

static const struct {
    const char *name_end; /* after a name, not after a letter */
    struct around value;
} zsh_value[VALUES] = {
    [VALUE_NONE] = {"", {"", ""}},
    [VALUE_WORDS] = {"=", {":value:(", ")"}},
    [VALUE_FILE] = {"=", {":value:_files", ""}},
    [VALUE_DIRECTORY] = {"=", {":value:_directories", ""}},
    [VALUE_OPTIONAL] = {"=-", {"::value:_files", ""}},
    [VALUE_OTHER] = {"=", {":value: ", ""}},
};

/* '[HELP]:value:ACTION' */
static void zsh_form(const struct entry *option, struct text *to)
{
    static const struct replacement help_escapes[] = {
        {"[", "\\["}, {"]", "\\]"}, {"\\", "\\\\"}, {":", "\\:"}, {NULL, NULL}};
    const struct around *value = &zsh_value[value_of(option)].value;
    struct text form = {NULL, 0, 0};
    text_add_string(&form, "[");
    add_replaced(&form, option->help, help_escapes);
    text_add(&form, "]%s%s%s", value->before, option->choices, value->after);
    text_add_string(to, "'");
    add_replaced(to, text_of(&form), quoted);
    text_add_string(to, "'");
    text_free(&form);
}

static void zsh_options(const struct description *d, const char *indent, struct text *to)
{
    for (const struct entry *option = NULL; (option = next_option(d, option));) {
        if (option->letter[0]) {
            text_add(to, " \\\n%s%s", indent, option->letter);
            zsh_form(option, to);
        }
        text_add(to, " \\\n%s%s%s", indent, option->text, zsh_value[value_of(option)].name_end);
        zsh_form(option, to);
    }
}

static void zsh_commands(const struct completion *c, struct text *to)
{
    text_add_string(to, "local -a commands=(\n");
    for (unsigned i = 1; i < c->count; i++) {
        const struct entry *name = name_of(&c->all[i]);
        text_add(to, "    '%s:", name->text);
        add_replaced(to, name->help, quoted);
        text_add_string(to, "'\n");
    }
    text_add_string(to, ")\n");
}

static void write_zsh(const struct completion *c, struct text *to)
{
    bool has_commands = c->count > 1;
    text_add(to, "#compdef %s\n\n", c->name);
    if (has_commands)
        zsh_commands(c, to);
    text_add_string(to, has_commands
                            ? "local state line context\ntypeset -A opt_args\n_arguments -C"
                            : "_arguments -s");
    zsh_options(&c->all[0], "    ", to);
    text_add_string(to, has_commands
                            ? " \\\n    '1:command:->command' '*::argument:->argument' && return\n"
                            : " \\\n    '*:argument:_files'\n");
    if (!has_commands)
        return;
    text_add_string(to, "case $state in\ncommand) _describe command commands ;;\nargument)\n"
                        "    case $words[1] in\n");
    for (unsigned i = 1; i < c->count; i++) {
        text_add(to, "    %s) _arguments", name_of(&c->all[i])->text);
        zsh_options(&c->all[i], "        ", to);
        text_add_string(to, " \\\n        '*:argument:_files' ;;\n");
    }
    text_add_string(to, "    esac ;;\nesac\n");
}

/* ---- fish ---- */

static const struct around fish_value[VALUES] = {
    [VALUE_NONE] = {"", ""},
    [VALUE_WORDS] = {" -x -a '", "'"},
    [VALUE_FILE] = {" -r -F", ""},
    [VALUE_DIRECTORY] = {" -x -a '(__fish_complete_directories)'", ""},
    [VALUE_OPTIONAL] = {"", ""},
    [VALUE_OTHER] = {" -x", ""},
};

static void fish_help(const char *help, struct text *to)
{
    text_add_string(to, " -d '");
    add_replaced(to, help, quoted_fish);
    text_add_string(to, "'\n");
}

/* `begin`: the complete command up to the arguments for one option. */
static void fish_options(const struct description *d, const char *begin, struct text *to)
{
    for (const struct entry *option = NULL; (option = next_option(d, option));) {
        const struct around *value = &fish_value[value_of(option)];
        text_add(to, "%s -l %s", begin, option->text + strlen("--"));
        if (option->letter[0])
            text_add(to, " -s %s", option->letter + strlen("-"));
        text_add(to, "%s%s%s", value->before, option->choices, value->after);
        fish_help(option->help, to);
    }
}

static void fish_command(const struct completion *c, const struct description *d, struct text *to)
{
    const struct entry *name = name_of(d);
    char *begin = format_string("complete -c %s -n '__fish_seen_subcommand_from %s'", c->name,
                                name->text);
    text_add(to, "complete -c %s -n __fish_use_subcommand -f -a %s", c->name, name->text);
    fish_help(name->help, to);
    fish_options(d, begin, to);
    free(begin);
}

static void write_fish(const struct completion *c, struct text *to)
{
    bool has_commands = c->count > 1;
    char *begin = format_string("complete -c %s%s", c->name,
                                has_commands ? " -n __fish_use_subcommand" : "");
    if (has_commands)
        text_add(to, "%s -f\n", begin);
    fish_options(&c->all[0], begin, to);
    for (unsigned i = 1; i < c->count; i++)
        fish_command(c, &c->all[i], to);
    free(begin);
}

/* ---- completions ---- */

static const struct {
    const char *name;
    void (*write)(const struct completion *c, struct text *to);
} shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};

static void add_options(struct description *d, const struct description *from)
{
    for (const struct entry *option = NULL; (option = next_option(from, option));)
        if (!description_has_option(d, option->text))
            description_add(d, *option);
}

/* Adds the options of the command whose options are accepted, too. */
static void add_others(struct description *d, const struct description *all, unsigned count)
{
    const struct entry *also = description_next(d, ENTRY_ALSO, NULL);
    for (unsigned i = 0; also && i < count; i++)
        if (strcmp(name_of(&all[i])->text, also->text) == 0) {
            add_options(d, &all[i]);
            return;
        }
}

void completion_write(struct description *all, unsigned count, const char *shell, struct text *to)
{
    const struct completion c = {name_of(&all[0])->text, all, count};
    for (unsigned i = 0; i < count; i++)
        add_others(&all[i], all, count);
    for (unsigned i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(&c, to);
            return;
        }
    fail_usage("unknown shell '%s': expected bash, zsh or fish", shell);
}
