/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/options.h"

#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "support.h"

#include <string.h>

struct duration {
    const char *name;
    unsigned long long ns;
};

static const struct duration durations[] = {
    {"0s", 0},
    {"1ns", 1},
    {"7us", 7000},
    {"500ms", 500000000},
    {"1s", 1000000000},
    {"2m", 120000000000},
    {"1h", 3600000000000},
    {"1.5s", 1500000000},
    {"0.25ms", 250000},
    {"0.1s", 100000000},
    {"1.4ns", 1},
    {"1.5ns", 2},
    {"0.0000001s", 100},
    {"007ms", 7000000},
    {"2499999h", 8999996400000000000},
};

TEST(duration_is_read)
{
    const struct duration *row = *state;
    unsigned long long ns = 42;
    assert_true(duration_parse(row->name, &ns));
    assert_int_equal(ns, row->ns);
}

static const char *const bad_durations[] = {
    "",    "1",   "s",    "1 s",  " 1s",  "1s ",  "1S",     "1sec",     "1d",    "-1s",
    "+1s", ".5s", "1,5s", "1s1s", "infs", "nans", "1e999s", "2500000h", "0x10s",
};

TEST(duration_is_refused)
{
    const char *const *text = *state;
    unsigned long long ns = 42;
    assert_false(duration_parse(*text, &ns));
    assert_int_equal(ns, 42);
}

/* ---- options_parse ---- */

enum { ARGUMENTS = 8 };

struct values {
    bool flag;
    unsigned long number;
    struct number_range range;
    uint64_t duration, wait;
    const char *text, *out;
    unsigned choice;
};

static struct values got;
static struct cpulist cpus;
static struct text_list lines;

static const char *const colours[] = {"red", "green", "blue", NULL};

static const struct option_spec numbers[] = {
    {OPTION_FLAG, "flag", NULL, "a flag (default: off)", &got.flag, 0, 0, NULL},
    {OPTION_NUMBER, "number", "N", "a number (default: 5)", &got.number, 2, 100, NULL},
    {OPTION_RANGE, "range", "R", "a number, or two", &got.range, 2, 100, NULL},
    {OPTION_DURATION, "duration", "D", "a duration (default: 1s)", &got.duration, 1000000,
     60000000000, NULL},
    {OPTION_SECONDS, "wait", "D", "how long to wait (default: 1s)", &got.wait, 1000000, 60000000000,
     NULL, 'w'},
    OPTIONS_END,
};

static const struct option_spec texts[] = {
    {OPTION_TEXT, "text", "FILE", "a text (default: none)", &got.text, 0, 0, NULL},
    {OPTION_TEXTS, "line", "TEXT", "a text, or more", &lines, 0, 0, NULL},
    {OPTION_OUTPUT, "json", "FILE", "as JSON", &got.out, 0, 0, NULL, 'j'},
    {OPTION_CPUS, "cpus", "LIST", "CPUs (default: all)", &cpus, 0, 0, NULL},
    {OPTION_CHOICE, "colour", "COLOUR", "a choice (default: red)", &got.choice, 0, 0, colours},
    OPTIONS_END,
};

static const struct option_spec *const tables[] = {numbers, texts, NULL};

static const struct program with_operands = {"tests options", "URL", "x http://localhost"};
static const struct program without_operands = {"tests options", NULL, "x --flag"};
static const struct program mixed = {"tests options", "URL", "x http://localhost", true};

static int parse(const struct program *program, const char *const *argument)
{
    const char *argv[ARGUMENTS + 2] = {"x"};
    int argc = 1;
    for (; argument[argc - 1]; argc++)
        argv[argc] = argument[argc - 1];
    got = (struct values){.number = 5, .duration = 1000000000};
    cpus.count = 0;
    lines.count = 0;
    return options_parse(program, tables, argc, (char **)argv);
}

#define DEFAULTS .number = 5, .duration = 1000000000

struct good {
    const char *name, *arguments[ARGUMENTS];
    struct values values;
    int operand; /* its place among the arguments */
};

static const struct good valid_arguments[] = {
    {"nothing", {0}, {DEFAULTS}, 0},
    {"a flag", {"--flag"}, {DEFAULTS, .flag = true}, 1},
    {"a number", {"--number", "7"}, {.number = 7, .duration = 1000000000}, 2},
    {"a number after =", {"--number=7"}, {.number = 7, .duration = 1000000000}, 1},
    {"a range of one", {"--range=7"}, {DEFAULTS, .range = {7, 7}}, 1},
    {"a range", {"--range", "2..100"}, {DEFAULTS, .range = {2, 100}}, 2},
    {"the smallest number", {"--number=2"}, {.number = 2, .duration = 1000000000}, 1},
    {"the largest number", {"--number=100"}, {.number = 100, .duration = 1000000000}, 1},
    {"a duration", {"--duration", "2s"}, {.number = 5, .duration = 2000000000}, 2},
    {"the smallest duration", {"--duration=1ms"}, {.number = 5, .duration = 1000000}, 1},
    {"the largest duration", {"--duration=1m"}, {.number = 5, .duration = 60000000000}, 1},
    {"a text", {"--text", "a=b"}, {DEFAULTS, .text = "a=b"}, 2},
    {"a text after =", {"--text=a=b"}, {DEFAULTS, .text = "a=b"}, 1},
    {"a text that looks like an option", {"--text", "--flag"}, {DEFAULTS, .text = "--flag"}, 2},
    {"a choice", {"--colour", "blue"}, {DEFAULTS, .choice = 2}, 2},
    {"a choice after =", {"--colour=green"}, {DEFAULTS, .choice = 1}, 1},
    {"the last one counts",
     {"--number=7", "--number", "8"},
     {.number = 8, .duration = 1000000000},
     3},
    {"an operand", {"url"}, {DEFAULTS}, 0},
    {"options end at the operand", {"--flag", "url", "--number", "7"}, {DEFAULTS, .flag = true}, 1},
    {"options end at --", {"--flag", "--", "--number"}, {DEFAULTS, .flag = true}, 2},
    {"- is an operand", {"-"}, {DEFAULTS}, 0},
    {"seconds without a unit", {"--wait", "2"}, {DEFAULTS, .wait = 2000000000}, 2},
    {"part of a second", {"--wait=0.5"}, {DEFAULTS, .wait = 500000000}, 1},
    {"seconds with a unit", {"--wait=500ms"}, {DEFAULTS, .wait = 500000000}, 1},
    {"a letter", {"-w", "2"}, {DEFAULTS, .wait = 2000000000}, 2},
    {"a file left out", {"--json"}, {DEFAULTS, .out = "-"}, 1},
    {"a file left out before an option",
     {"--json", "--flag"},
     {DEFAULTS, .out = "-", .flag = true},
     2},
    {"a file left out before a letter",
     {"--json", "-w", "2"},
     {DEFAULTS, .out = "-", .wait = 2000000000},
     3},
    {"a file left out before a URL",
     {"--json", "http://localhost/x.json"},
     {DEFAULTS, .out = "-"},
     1},
    {"a file left out before --", {"--json", "--", "x"}, {DEFAULTS, .out = "-"}, 2},
    {"a file left out after a letter", {"-j"}, {DEFAULTS, .out = "-"}, 1},
    {"a file after =", {"--json=x", "url"}, {DEFAULTS, .out = "x"}, 1},
    {"a file with = in its name", {"--json=a=b"}, {DEFAULTS, .out = "a=b"}, 1},
    {"standard output after =", {"--json=-", "url"}, {DEFAULTS, .out = "-"}, 1},
    {"all of them",
     {"--flag", "--number=7", "--duration", "3s", "--text=t", "--colour=blue", "url"},
     {.flag = true, .number = 7, .duration = 3000000000, .text = "t", .choice = 2},
     6},
};

TEST(arguments_are_accepted)
{
    const struct good *row = *state;
    assert_int_equal(parse(&with_operands, row->arguments), 1 + row->operand);
    assert_int_equal(got.flag, row->values.flag);
    assert_int_equal(got.number, row->values.number);
    assert_int_equal(got.range.first, row->values.range.first);
    assert_int_equal(got.range.last, row->values.range.last);
    assert_int_equal(got.duration, row->values.duration);
    assert_int_equal(got.wait, row->values.wait);
    assert_int_equal(got.choice, row->values.choice);
    assert_string_equal(got.out ? got.out : "(null)", row->values.out ? row->values.out : "(null)");
    assert_string_equal(got.text ? got.text : "(null)",
                        row->values.text ? row->values.text : "(null)");
}

/* Options of the table `texts`. */
static const struct {
    const char *name, *arguments[ARGUMENTS], *picked; /* space-separated */
} picked_arguments[] = {
    {"none", {"--flag", "--number", "7", "url"}, ""},
    {"one with its argument", {"--flag", "--text", "t", "--number=7"}, "--text t"},
    {"one with =", {"--colour=blue", "--flag"}, "--colour=blue"},
    {"an argument that looks like an option", {"--text", "--colour"}, "--text --colour"},
    {"an argument of another table's", {"--number", "7", "--line", "a"}, "--line a"},
    {"the same twice", {"--line", "a", "--line", "b"}, "--line a --line b"},
    {"a letter", {"-w", "2", "-j", "--text=t"}, "-j --text=t"},
    {"a file left out", {"--json", "--text", "t"}, "--json --text t"},
    {"up to --", {"--text", "t", "--", "--colour", "red"}, "--text t"},
};

TEST(options_of_a_table_are_picked_as_they_were_given)
{
    for (size_t i = 0; i < sizeof picked_arguments / sizeof *picked_arguments; i++) {
        const char *argv[ARGUMENTS + 2] = {"x"}, *picked[ARGUMENTS];
        char text[256] = "";
        unsigned count = 0;
        memcpy(argv + 1, picked_arguments[i].arguments, sizeof picked_arguments[i].arguments);
        assert_true(options_pick(tables, texts, (char **)argv, picked, ARGUMENTS));
        for (; picked[count]; count++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", count ? " " : "",
                     picked[count]);
        assert_string_equal(text, picked_arguments[i].picked);
        if (count > 0)
            assert_false(options_pick(tables, texts, (char **)argv, picked, count));
    }
}

static const struct {
    const char *name, *arguments[ARGUMENTS], *operands; /* space-separated */
    bool flag;
    unsigned long number;
} mixed_arguments[] = {
    {"an option before", {"--flag", "url"}, "url", true, 5},
    {"an option behind", {"url", "--flag"}, "url", true, 5},
    {"an option with an argument behind", {"url", "--number", "7"}, "url", false, 7},
    {"before and behind", {"--flag", "url", "--number=7"}, "url", true, 7},
    {"operands between options", {"a", "--flag", "b", "--number", "7", "c"}, "a b c", true, 7},
    {"no operand", {"--flag"}, "", true, 5},
    {"- is an operand", {"-", "--flag"}, "-", true, 5},
    {"options end at --", {"a", "--flag", "--", "b", "--number"}, "a b --number", true, 5},
    {"-- at the end", {"a", "b", "--"}, "a b", false, 5},
};

TEST(options_may_follow_operands)
{
    const __typeof__(*mixed_arguments) *row = *state;
    const char *argv[ARGUMENTS + 2] = {"x"};
    char operands[64] = "";
    int argc = 1;
    for (; row->arguments[argc - 1]; argc++)
        argv[argc] = row->arguments[argc - 1];
    got = (struct values){DEFAULTS};
    for (int i = options_parse(&mixed, tables, argc, (char **)argv); i < argc; i++) {
        size_t used = strlen(operands);
        snprintf(operands + used, sizeof operands - used, "%s%s", used ? " " : "", argv[i]);
    }
    assert_string_equal(operands, row->operands);
    assert_int_equal(got.flag, row->flag);
    assert_int_equal(got.number, row->number);
}

TEST(cpus_that_may_be_used)
{
    struct cpulist allowed;
    char list[1024];
    const char *arguments[ARGUMENTS] = {"--cpus", list};
    cpulist_allowed(&allowed);
    cpulist_format(&allowed, list, sizeof list);
    parse(&with_operands, arguments);
    assert_int_equal(cpus.count, allowed.count);
    assert_memory_equal(cpus.cpus, allowed.cpus, allowed.count * sizeof allowed.cpus[0]);
}

TEST(texts_are_kept_in_order)
{
    static const char *const arguments[ARGUMENTS] = {"--line", "a", "--flag", "--line=b"};
    parse(&with_operands, arguments);
    assert_int_equal(lines.count, 2);
    assert_string_equal(lines.texts[0], "a");
    assert_string_equal(lines.texts[1], "b");
}

static void parse_too_many(const void *context)
{
    const char *argv[TEXT_LIST_MAX + 3] = {"x"};
    (void)context;
    for (int i = 1; i <= TEXT_LIST_MAX + 1; i++)
        argv[i] = "--line=a";
    options_parse(&with_operands, tables, TEXT_LIST_MAX + 2, (char **)argv);
}

TEST(texts_are_so_many_and_no_more)
{
    struct ended ended = run_in_child(parse_too_many, NULL);
    assert_exit_with_one_line(&ended, EXIT_USAGE);
    assert_non_null(strstr(ended.err, "--line can be given 32 times"));
}

struct old {
    const char *name, *arguments[ARGUMENTS], *out, *message;
};

static const struct old deprecated_arguments[] = {
    {"a file", {"--json", "x.json", "url"}, "x.json", "write --json=x.json\n"},
    {"a file in a directory", {"--json", "/a b/x", "url"}, "/a b/x", "write --json=/a b/x\n"},
    {"standard output", {"--json", "-", "url"}, "-", "--json alone is standard output\n"},
    {"a letter", {"-j", "x.json", "url"}, "x.json", "write --json=x.json\n"},
};

static void parse_old(const void *context)
{
    const struct old *row = context;
    int operand = parse(&with_operands, row->arguments);
    printf("%d %s", operand, got.out);
}

TEST(deprecated_arguments_are_accepted_with_a_warning)
{
    const struct old *row = *state;
    char expected[64];
    struct ended ended = run_in_child(parse_old, row);
    assert_int_equal(ended.status, CHILD_RETURNED);
    assert_non_null(strstr(ended.err, row->message));
    snprintf(expected, sizeof expected, "3 %s", row->out);
    assert_string_equal(ended.out, expected);
}

struct bad {
    const char *name, *arguments[ARGUMENTS];
    const struct program *program;
    const char *message;
};

static const struct bad usage_errors[] = {
    {"unknown option", {"--numbers=7"}, &with_operands, "'--numbers=7'"},
    {"unknown option behind", {"a", "--numbers=7"}, &mixed, "'--numbers=7'"},
    {"unknown letter behind", {"a", "-x"}, &mixed, "unexpected argument '-x'"},
    {"part of an option", {"--num", "7"}, &with_operands, "'--num'"},
    {"an option without a name", {"--=7"}, &with_operands, "'--=7'"},
    {"a flag with an argument", {"--flag=1"}, &with_operands, "--flag takes no argument"},
    {"no argument", {"--number"}, &with_operands, "--number takes an argument: N"},
    {"an empty number", {"--number="}, &with_operands, "2 to 100"},
    {"range 1..5", {"--range=1..5"}, &with_operands, "'1..5'"},
    {"range 5..101", {"--range=5..101"}, &with_operands, "'5..101'"},
    {"range 5..5", {"--range=5..5"}, &with_operands, "'5..5'"},
    {"range 5..", {"--range=5.."}, &with_operands, "'5..'"},
    {"range ..5", {"--range=..5"}, &with_operands, "'..5'"},
    {"range 5...9", {"--range=5...9"}, &with_operands, "'5...9'"},
    {"range 5..9..11", {"--range=5..9..11"}, &with_operands, "'5..9..11'"},
    {"a number below", {"--number=1"}, &with_operands, "from 2 to 100, not '1'"},
    {"a number above", {"--number=101"}, &with_operands, "from 2 to 100, not '101'"},
    {"a number beyond 2^64", {"--number=18446744073709551618"}, &with_operands, "2 to 100"},
    {"a negative number", {"--number=-7"}, &with_operands, "'-7'"},
    {"a number with a tail", {"--number=7x"}, &with_operands, "'7x'"},
    {"control characters", {"--number", "7\r\n\x1b[2J\x7f"}, &with_operands, "'7???[2J?'"},
    {"a number with a blank", {"--number", " 7"}, &with_operands, "' 7'"},
    {"a duration without unit", {"--duration=5"}, &with_operands, "from 1ms to 1m, not '5'"},
    {"a duration below", {"--duration=999us"}, &with_operands, "from 1ms to 1m"},
    {"a duration above", {"--duration=61s"}, &with_operands, "from 1ms to 1m"},
    {"an empty text", {"--text="}, &with_operands, "--text takes FILE"},
    {"an empty text of several", {"--line=a", "--line="}, &with_operands, "--line takes TEXT"},
    {"an empty file", {"--json="}, &with_operands, "--json takes FILE, not an empty argument"},
    {"an empty file of the old form",
     {"--json", "", "url"},
     &with_operands,
     "--json takes FILE, not an empty argument"},
    {"not a CPU list", {"--cpus=0-"}, &with_operands, "'0-'"},
    {"an empty CPU list", {"--cpus", ""}, &with_operands, "''"},
    {"a CPU that there is not", {"--cpus=1023"}, &with_operands, "CPU 1023"},
    {"no such choice", {"--colour=re"}, &with_operands, "red|green|blue, not 're'"},
    {"a choice in capitals", {"--colour=RED"}, &with_operands, "'RED'"},
    {"a letter that stands for nothing", {"-n", "7"}, &with_operands, "'-n'"},
    {"a letter without its argument", {"-w"}, &with_operands, "--wait takes an argument: D"},
    {"a letter with its argument in one", {"-w5"}, &with_operands, "'-w5'"},
    {"seconds above", {"--wait=61"}, &with_operands, "from 1ms to 1m, not '61'"},
    {"seconds too long to be any",
     {"--wait=0000000000000000000000000000000000000000000000000000000000000001sX"},
     &with_operands,
     "from 1ms to 1m"},
    {"seconds that are none", {"--wait=5 "}, &with_operands, "from 1ms to 1m"},
    {"seconds of nothing", {"--wait="}, &with_operands, "from 1ms to 1m"},
    {"help with an argument", {"--help=number"}, &with_operands, "'--help=number'"},
    {"an operand that is not taken", {"url"}, &without_operands, "'url'"},
    {"an operand after -- that is not taken", {"--", "url"}, &without_operands, "'url'"},
};

static void parse_bad(const void *context)
{
    const struct bad *row = context;
    parse(row->program, row->arguments);
}

TEST(usage_errors_are_reported)
{
    const struct bad *row = *state;
    struct ended ended = run_in_child(parse_bad, row);
    assert_exit_with_one_line(&ended, EXIT_USAGE);
    assert_non_null(strstr(ended.err, row->message));
}

TEST(help_says_what_the_tables_say)
{
    static const struct bad help = {"", {"--flag", "--help", "--nonsense"}, &with_operands, ""};
    static const char *const expected[] = {"tests options",
                                           "[options] URL",
                                           "--flag ",
                                           "-w, --wait D ",
                                           "-j, --json[=FILE] ",
                                           "--number N ",
                                           "a choice (default: red)",
                                           "example: x http://localhost\n"};
    struct ended ended = run_in_child(parse_bad, &help);
    assert_int_equal(ended.status, EXIT_DONE);
    assert_string_equal(ended.err, "");
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_non_null(strstr(ended.out, expected[i]));
}

static void say_too_much(const void *context)
{
    (void)context;
    message_name("name");
    (fail)("%3000s", "end");
}

TEST(a_message_is_one_line_whatever_its_length)
{
    struct ended ended = run_in_child(say_too_much, NULL);
    assert_exit_with_one_line(&ended, EXIT_FAILED);
    assert_memory_equal(ended.err, "name: ", 6);
    assert_int_equal(strlen(ended.err), 1023);
}

int main(void)
{
    ADD_ROWS(duration_is_read, durations);
    ADD_ROWS(duration_is_refused, bad_durations);
    ADD_ROWS(arguments_are_accepted, valid_arguments);
    ADD_ROWS(options_may_follow_operands, mixed_arguments);
    ADD(options_of_a_table_are_picked_as_they_were_given);
    ADD(cpus_that_may_be_used);
    ADD(texts_are_kept_in_order);
    ADD(texts_are_so_many_and_no_more);
    ADD_ROWS(deprecated_arguments_are_accepted_with_a_warning, deprecated_arguments);
    ADD_ROWS(usage_errors_are_reported, usage_errors);
    ADD(help_says_what_the_tables_say);
    ADD(a_message_is_one_line_whatever_its_length);
    return run_added(NULL, NULL);
}
