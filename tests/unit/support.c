/* SPDX-License-Identifier: BSD-2-Clause */
#include "support.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TESTS_MAX = 4096, NAME_SIZE = 120 };

static struct CMUnitTest tests[TESTS_MAX];
static char names[TESTS_MAX][NAME_SIZE];
static size_t test_count;

void add_rows(const char *name, CMUnitTestFunction test, const void *table, size_t rows,
              size_t row_size)
{
    for (size_t i = 0; i < rows; i++) {
        const char *row = table ? (const char *)table + i * row_size : NULL;
        if (test_count == TESTS_MAX)
            abort();
        snprintf(names[test_count], NAME_SIZE, "%s%s%s", name, row ? ": " : "",
                 row ? *(const char *const *)row : "");
        tests[test_count] = (struct CMUnitTest){
            .name = names[test_count], .test_func = test, .initial_state = (void *)row};
        test_count++;
    }
}

int run_added(CMFixtureFunction set_up, CMFixtureFunction clean_up)
{
    for (size_t i = 0; i < test_count; i++) {
        tests[i].setup_func = set_up;
        tests[i].teardown_func = clean_up;
    }
    return _cmocka_run_group_tests(program_invocation_short_name, tests, test_count, NULL, NULL);
}

void check_near(double actual, double expected, const char *file, int line)
{
    bool equal = actual == expected || (isnan(actual) && isnan(expected));
    if (equal || fabs(actual - expected) <= 1e-6 * fabs(expected))
        return;
    print_error("%.9g is not %.9g\n", actual, expected);
    _fail(file, line);
}

char *exact_copy(const char *data, size_t length)
{
    char *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    return memcpy(copy, data, length);
}

/* splitmix64 (S. Vigna, public domain) */
uint64_t random_number(void)
{
    static uint64_t state;
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double random_between(double low, double high)
{
    return low + (high - low) * ldexp((double)(random_number() >> 11), -53);
}

static FILE *temporary_file(void)
{
    FILE *file = tmpfile();
    if (!file)
        abort();
    return file;
}

static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

struct ended run_in_child(void (*body)(const void *context), const void *context)
{
    struct ended ended;
    int status;
    FILE *out = temporary_file(), *err = temporary_file();
    fflush(NULL); /* otherwise the child would write buffered output a second time */
    pid_t pid = fork();
    if (pid < 0)
        abort();
    if (pid == 0) {
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        body(context);
        fflush(NULL);
        _exit(CHILD_RETURNED);
    }
    while (waitpid(pid, &status, 0) < 0)
        ;
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    read_back(out, ended.out, sizeof ended.out);
    read_back(err, ended.err, sizeof ended.err);
    return ended;
}

void assert_exit_with_one_line(const struct ended *ended, int status)
{
    size_t length = strlen(ended->err);
    assert_int_equal(ended->status, status);
    assert_string_equal(ended->out, "");
    assert_true(length > 1);
    assert_ptr_equal(strchr(ended->err, '\n'), ended->err + length - 1);
}

/* ---- programs ---- */

enum { WORDS_MAX = 32, LINE_MAX_BYTES = 1024 };

struct call {
    main_function *program;
    const char *name;
    const struct usage_error *row;
};

/* Splits a line in place: space-separated arguments, '...' quotes spaces or an empty argument, \r and \n are these bytes. */
static int split(char *line, char **words)
{
    int count = 0;
    char *to = line;
    for (const char *from = line; *from && count < WORDS_MAX;) {
        bool quoted = false;
        if (*from == ' ') {
            from++;
            continue;
        }
        words[count++] = to;
        for (; *from && (quoted || *from != ' '); from++) {
            if (*from == '\'')
                quoted = !quoted;
            else if (*from == '\\' && (from[1] == 'r' || from[1] == 'n'))
                *to++ = *++from == 'r' ? '\r' : '\n';
            else
                *to++ = *from;
        }
        from += *from == ' ';
        *to++ = '\0';
    }
    words[count] = NULL;
    return count;
}

static void call_program(const void *context)
{
    const struct call *call = context;
    char line[LINE_MAX_BYTES], *words[WORDS_MAX + 2];
    snprintf(line, sizeof line, "%s", call->row->arguments);
    words[0] = program_invocation_short_name = (char *)call->name;
    exit(call->program(1 + split(line, words + 1), words));
}

void assert_usage_error(main_function *program, const char *name, const struct usage_error *row)
{
    const struct call call = {program, name, row};
    struct ended ended = run_in_child(call_program, &call);
    if (!strstr(ended.err, row->message))
        print_error("%s %s: '%s' is not in: %s\n", name, row->arguments, row->message, ended.err);
    assert_exit_with_one_line(&ended, 2);
    assert_non_null(strstr(ended.err, row->message));
}
