/* SPDX-License-Identifier: BSD-2-Clause */
/* The opening comment of a command as its description, and descriptions as lists. */

#include "harness/lib/message.h"
#include "harness/pages/comment.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

typedef void read_function(struct description *d, FILE *file, const char *name);

/* Reads it, and returns it as a list. */
static char *list_of(const char *text, read_function *read)
{
    struct description description = {NULL, 0, 0};
    struct text list = {NULL, 0, 0};
    FILE *file = fmemopen((char *)text, strlen(text), "r");
    assert_non_null(file);
    read(&description, file, "FILE");
    fclose(file);
    description_write(&description, &list);
    description_free(&description);
    return list.text;
}

/* ---- comments ---- */

#define BEGIN   "#!/bin/sh\n# name: what it does\n"
#define NAME    "name\tname\twhat it does\n"
#define HELP    "option\t--help\t\t\t\tprint this text\n"
#define VERSION "option\t--version\t\t\t\tprint the version\n"

static const struct comment_row {
    const char *name, *comment, *list; /* after BEGIN; after NAME */
} comments[] = {
    {"without options", "", HELP VERSION},
    {"ends where the comment ends", "\n# text\n", HELP VERSION},
    {"a paragraph and another", "# one\n# line\n#\n# two\n",
     "text\tone\ntext\tline\ntext\t\ntext\ttwo\n" HELP VERSION},
    {"the name of an installed copy", "# ./run.sh herd or build/bin/load\n",
     "text\twakeone herd or load\n" HELP VERSION},
    {"usage of several lines", "# usage: ./run.sh a [OPTIONS]\n#        ./run.sh a DIR\n",
     "usage\twakeone a [OPTIONS]\nusage\twakeone a DIR\n" HELP VERSION},
    {"no usage without a usage before it", "# text\n#        ./run.sh a DIR\n",
     "text\ttext\ntext\t       wakeone a DIR\n" HELP VERSION},
    {"options of another command", "# usage: ./run.sh a [OPTIONS OF bench]\n",
     "usage\twakeone a [OPTIONS OF bench]\n" HELP VERSION "also\tbench\n"},
    {"options of no command that has a name", "# usage: ./run.sh a [OPTIONS OF COMMAND]\n",
     "usage\twakeone a [OPTIONS OF COMMAND]\n" HELP VERSION},
    {"an example", "# example: ./run.sh a\n", "example\twakeone a\n" HELP VERSION},
    {"an option", "#   --rate N  requests per second\n",
     "option\t--rate\t\t N\t\trequests per second\n" HELP VERSION},
    {"help that goes on", "#   --rate N  requests\n#             per second\n",
     "option\t--rate\t\t N\t\trequests per second\n" HELP VERSION},
    {"help on the next line", "#   --rate N\n#       requests\n#       per second\n",
     "option\t--rate\t\t N\t\trequests per second\n" HELP VERSION},
    {"options that share their help", "#   --a, --b N  both\n",
     "option\t--a\t\t\t\tboth\noption\t--b\t\t N\t\tboth\n" HELP VERSION},
    {"help of the next line's options, too", "#   --a,\n#   --b N  both\n#   --c  one\n",
     "option\t--a\t\t\t\tboth\noption\t--b\t\t N\t\tboth\noption\t--c\t\t\t\tone\n" HELP VERSION},
    {"an item shares no help of options", "#   --a,\n#   item  of a list\n#   --b  other\n",
     "option\t--a\t\t\t\t\nitem\titem\tof a list\noption\t--b\t\t\t\tother\n" HELP VERSION},
    {"choices are words", "#   --split half|shared|S:C  how\n",
     "option\t--split\t\t half|shared|S:C\thalf shared\thow\n" HELP VERSION},
    {"one word is no choice", "#   --split half  how\n",
     "option\t--split\t\t half\t\thow\n" HELP VERSION},
    {"choices of nothing else", "#   --to A|B||c-d|e1  where\n",
     "option\t--to\t\t A|B||c-d|e1\tc-d\twhere\n" HELP VERSION},
    {"an argument that may be left out", "#   --json[=FILE]  as JSON\n",
     "option\t--json\t\t[=FILE]\t\tas JSON\n" HELP VERSION},
    {"a quoted argument", "#   --load \"OPTIONS\"  more\n",
     "option\t--load\t\t OPTIONS\t\tmore\n" HELP VERSION},
    {"own help and version", "#   --version  which\n#   --help  says this\n",
     "option\t--version\t\t\t\twhich\noption\t--help\t\t\t\tsays this\n"},
    {"headings of options and items", "# who:\n#   --a  help\n# what:\n#   term  help\n",
     "heading\twho\noption\t--a\t\t\t\thelp\nheading\twhat\nitem\tterm\thelp\n" HELP VERSION},
    {"a heading whose first help is on the next line", "# who:\n#   --a\n#       help\n",
     "heading\twho\noption\t--a\t\t\t\thelp\n" HELP VERSION},
    {"no heading without a term", "# who:\n# me\n", "text\twho:\ntext\tme\n" HELP VERSION},
    {"no heading of what is apart", "# who:\n#\n#   --a  help\n",
     "text\twho:\ntext\t\noption\t--a\t\t\t\thelp\n" HELP VERSION},
    {"no term that is indented by more", "# text\n#     code  here\n",
     "text\ttext\ntext\t    code  here\n" HELP VERSION},
};

TEST(comment)
{
    const struct comment_row *row = *state;
    char *whole = format_string(BEGIN "%s\nset -u\n# no comment of it\n", row->comment);
    char *wanted = format_string(NAME "%s", row->list);
    char *list = list_of(whole, comment_read);
    assert_string_equal(list, wanted);
    free(list);
    list = list_of(wanted, description_read); /* is the same again */
    assert_string_equal(list, wanted);
    free(list);
    free(wanted);
    free(whole);
}

/* ---- refused ---- */

static const struct refused_row {
    const char *text, *message;
    read_function *read;
} refused[] = {
    {"#!/bin/sh\n", "line 2", comment_read},
    {"#!/bin/sh\n# no name\n", "line 2", comment_read},
    {"#!/bin/sh\nset -u\n# name: too late\n", "line 2", comment_read},
    {"\n", "empty: expected a description", description_read},
    {"text\tbefore the name\n", "line 1, column 1: 'name' in the first line", description_read},
    {NAME NAME, "line 2, column 1: 'name' in the first line", description_read},
    {NAME "verse\tone\n", "line 2, column 1: a kind of entry is expected, not 'verse'",
     description_read},
    {NAME "option\t--a\t\t\thelp\n", "line 2, column 1: an entry with all of its fields",
     description_read},
    {NAME "text\tone\ttwo\n", "line 2, column 1: an entry with all of its fields",
     description_read},
};

static void read_refused(const void *context)
{
    const struct refused_row *row = context;
    free(list_of(row->text, row->read));
}

TEST(refuses)
{
    for (unsigned i = 0; i < COUNT(refused); i++) {
        struct ended ended = run_in_child(read_refused, &refused[i]);
        assert_exit_with_one_line(&ended, EXIT_FAILED);
        assert_non_null(strstr(ended.err, "FILE"));
        assert_non_null(strstr(ended.err, refused[i].message));
    }
}

int main(void)
{
    ADD_ROWS(comment, comments);
    ADD(refuses);
    return run_added(NULL, NULL);
}
