/* SPDX-License-Identifier: BSD-2-Clause */
/* Special characters of descriptions are escaped in manual pages and completions. */

#include "harness/lib/message.h"
#include "harness/pages/completion.h"
#include "harness/pages/page.h"
#include "harness/pages/replace.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

TEST(replaces_once)
{
    static const struct replacement table[] = {{"ab", "b"}, {"b", "ab"}, {"c", ""}, {NULL, NULL}};
    struct text text = {NULL, 0, 0};
    add_replaced(&text, "abbcac a", table);
    assert_string_equal(text_of(&text), "baba a");
    text_free(&text);
}

/* One entry beside the name. */
static struct description description_of(struct entry entry)
{
    struct description d = {NULL, 0, 0};
    description_add(&d, (struct entry){.kind = ENTRY_NAME, .text = "a-b", .help = "it's a\\b; c"});
    description_add(&d, entry);
    return d;
}

static void check_contains(const struct text *text, const char *part)
{
    if (!strstr(text_of(text), part))
        fail_msg("no '%s' in:\n%s", part, text_of(text));
}

/* ---- manual pages ---- */

#define WORD_OF_40 "1234567890123456789012345678901234567890"

static const struct page_row {
    const char *name;
    struct entry entry;
    const char *part;
} pages[] = {
    {"title and synopsis", {.kind = ENTRY_TEXT}, "\n.SH NAME\na\\-b \\- it's a\\eb\n"},
    {"a synopsis is the description where there is no other",
     {.kind = ENTRY_TEXT},
     "\n.SH DESCRIPTION\nIt's a\\eb; c.\n"},
    {"dash and backslash", {ENTRY_TEXT, "a-b\\n"}, "\na\\-b\\en\n"},
    {"requests", {ENTRY_TEXT, ".br 'br"}, "\n\\&.br 'br\n"},
    {"the other character of requests", {ENTRY_TEXT, "'br .br"}, "\n\\&'br .br\n"},
    {"requests after a line that was full",
     {ENTRY_TEXT, WORD_OF_40 " " WORD_OF_40 " " WORD_OF_40},
     "\n" WORD_OF_40 "\n" WORD_OF_40 "\n" WORD_OF_40 "\n"},
    {"a request where a line begins",
     {ENTRY_TEXT, WORD_OF_40 " " WORD_OF_40 " ." WORD_OF_40},
     "\n" WORD_OF_40 "\n" WORD_OF_40 "\n\\&." WORD_OF_40 "\n"},
    {"spaces are kept", {ENTRY_TEXT, "  a  b"}, "\n  a  b\n"},
    {"usage", {ENTRY_USAGE, "wakeone a-b FILE"}, "\n\\fBwakeone a\\-b\\fR FILE\n"},
    {"usage without arguments", {ENTRY_USAGE, "wakeone a"}, "\n\\fBwakeone a\\fR\n"},
    {"an option",
     {ENTRY_OPTION, "--a-b", "-a", " N-M", "", "'a' - b"},
     "\n.TP\n\\fB\\-a\\fR, \\fB\\-\\-a\\-b\\fR \\fIN\\-M\\fR\n\\&'a' \\- b\n"},
    {"an option whose argument may be left out",
     {ENTRY_OPTION, "--json", "", "[=FILE]", "", "help"},
     "\n.TP\n\\fB\\-\\-json\\fR[=FILE]\nhelp\n"},
    {"an item",
     {.kind = ENTRY_ITEM, .text = "a-b", .help = "help"},
     "\n.TP\n\\fBa\\-b\\fR\nhelp\n"},
    {"an example", {ENTRY_EXAMPLE, ".a --b '\\n'"}, "\n.nf\n\\&.a \\-\\-b '\\en'\n.fi\n"},
};

TEST(page)
{
    const struct page_row *row = *state;
    struct description d = description_of(row->entry);
    struct text text = {NULL, 0, 0};
    page_write(&d, "a-b", &text);
    check_contains(&text, ".TH A-B 1 ");
    check_contains(&text, row->part);
    text_free(&text);
    description_free(&d);
}

/* ---- completion ---- */

#define OPTION(argument, choices, help)                    \
    {                                                      \
        ENTRY_OPTION, "--a", "-x", argument, choices, help \
    }

static const struct completion_row {
    const char *name, *shell;
    struct entry option;
    const char *part;
} completions[] = {
    {"bash: choices", "bash", OPTION(" b|c", "b c", ""),
     "    :--a | :-x) COMPREPLY=($(compgen -W 'b c' -- \"$current\")) && return ;;\n"},
    {"bash: directories", "bash", OPTION(" RUN", "", ""), "compgen -d"},
    {"bash: files", "bash", OPTION(" FILE", "", ""), "compgen -f -- \"$current\")) && return; }"},
    {"bash: anything", "bash", OPTION(" N", "", ""), "    :--a | :-x) return ;;\n"},
    {"bash: names", "bash", OPTION("", "", ""), "    :-*) COMPREPLY=($(compgen -W '--a -x' -- "},
    {"zsh: brackets and colons", "zsh", OPTION("", "", "[a]: b\\c"),
     " \\\n    -x'[\\[a\\]\\: b\\\\c]' \\\n    --a'[\\[a\\]\\: b\\\\c]'"},
    {"zsh: quotes", "zsh", OPTION(" N", "", "it's"), "--a='[it'\\''s]:value: '"},
    {"zsh: choices", "zsh", OPTION(" b|c", "b c", "d"), "--a='[d]:value:(b c)'"},
    {"zsh: an argument that may be left out", "zsh", OPTION("[=FILE]", "", "d"),
     "--a=-'[d]::value:_files'"},
    {"fish: quotes and backslashes", "fish", OPTION("", "", "it's a\\b"),
     "complete -c a-b -l a -s x -d 'it\\'s a\\\\b'\n"},
    {"fish: choices", "fish", OPTION(" b|c", "b c", "d"), " -x -a 'b c' -d 'd'\n"},
    {"fish: a file", "fish", OPTION(" FILE", "", "d"), " -r -F -d 'd'\n"},
};

TEST(completion)
{
    const struct completion_row *row = *state;
    struct description d = description_of(row->option);
    struct text text = {NULL, 0, 0};
    completion_write(&d, 1, row->shell, &text);
    check_contains(&text, row->part);
    text_free(&text);
    description_free(&d);
}

/* The synopsis of a command is help, too. */
TEST(completion_of_commands)
{
    static const struct {
        const char *shell, *part;
    } shells[] = {
        {"bash", "    :*) COMPREPLY=($(compgen -W 'a-b a-b' -- "},
        {"zsh", "    'a-b:it'\\''s a\\b; c'\n"},
        {"fish", " -f -a a-b -d 'it\\'s a\\\\b; c'\n"},
    };
    for (unsigned i = 0; i < COUNT(shells); i++) {
        struct description all[3];
        struct text text = {NULL, 0, 0};
        for (unsigned k = 0; k < COUNT(all); k++)
            all[k] = description_of((struct entry){.kind = ENTRY_TEXT});
        completion_write(all, COUNT(all), shells[i].shell, &text);
        check_contains(&text, shells[i].part);
        for (unsigned k = 0; k < COUNT(all); k++)
            description_free(&all[k]);
        text_free(&text);
    }
}

/* Those that it does not have itself, and once. */
TEST(completion_of_another_commands_options)
{
    struct description all[] = {
        description_of((struct entry){.kind = ENTRY_TEXT}),
        description_of((struct entry){.kind = ENTRY_ALSO, .text = "other"}),
        {NULL, 0, 0},
    };
    struct text text = {NULL, 0, 0};
    entry_set(&all[1].entries[0].text, "one");
    description_add(&all[1], (struct entry){.kind = ENTRY_OPTION, .text = "--own"});
    description_add(&all[1], (struct entry){.kind = ENTRY_OPTION, .text = "--both"});
    description_add(&all[2], (struct entry){.kind = ENTRY_NAME, .text = "other"});
    description_add(&all[2], (struct entry){.kind = ENTRY_OPTION, .text = "--both"});
    description_add(&all[2], (struct entry){.kind = ENTRY_OPTION, .text = "--others"});
    completion_write(all, COUNT(all), "bash", &text);
    check_contains(&text, "    one:-*) COMPREPLY=($(compgen -W '--own --both --others' -- ");
    check_contains(&text, "    other:-*) COMPREPLY=($(compgen -W '--both --others' -- ");
    for (unsigned i = 0; i < COUNT(all); i++)
        description_free(&all[i]);
    text_free(&text);
}

int main(void)
{
    ADD(replaces_once);
    ADD_ROWS(page, pages);
    ADD_ROWS(completion, completions);
    ADD(completion_of_commands);
    ADD(completion_of_another_commands_options);
    return run_added(NULL, NULL);
}
