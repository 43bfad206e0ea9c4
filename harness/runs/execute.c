/* SPDX-License-Identifier: BSD-2-Clause */
#include "execute.h"

#include "check_plan.h"
#include "command.h"
#include "directory.h"
#include "strategies.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPORT_EACH_MS = 10000, ENOUGH_TRIALS = 10 };

/* A terminal sends its signal to the trial, too, which may have ended before this program gets it. */
enum { SIGNAL_LATE_MS = 200 };

/* ---- time ---- */

/* Milliseconds since boot, including suspended time; not affected by setting the clock (proc(5), /proc/uptime). Tests replace
 * the file by one that fake_trial.c advances. */
static uint64_t now_ms(void)
{
    const char *path = getenv("WAKEONE_UPTIME");
    unsigned long long seconds = 0, hundredths = 0;
    path = path && *path ? path : "/proc/uptime";
    FILE *file = fopen(path, "re");
    if (!file || fscanf(file, "%llu.%2llu", &seconds, &hundredths) != 2)
        fail("cannot read %s: %s", path, file ? "not an uptime" : strerror(errno));
    fclose(file);
    return seconds * 1000 + hundredths * 10;
}

struct minutes minutes_of(uint64_t ms)
{
    struct minutes minutes;
    snprintf(minutes.text, sizeof minutes.text, "%llu:%02llu", (unsigned long long)(ms / 60000),
             (unsigned long long)(ms / 1000 % 60));
    return minutes;
}

bool is_time_for(const struct execution *e, uint64_t ms)
{
    return e->cap_ms == 0 || now_ms() + ms <= e->cap_ms;
}

void execution_begin(struct execution *e, const char *directory, uint64_t trial_ms,
                     uint64_t max_time_ms)
{
    uint64_t now = now_ms();
    *e = (struct execution){.directory = directory, .trial_ms = trial_ms, .begin_ms = now};
    e->cap_ms = max_time_ms ? now + max_time_ms : 0;
    interrupts_begin(&e->interrupts);
}

/* ---- progress ---- */

/* Whether standard error is a terminal with carriage return */
static bool is_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

static void clear_line(void)
{
    if (is_terminal())
        dprintf(STDERR_FILENO, "\r\033[K");
}

/* Replaces the line by the first of these that fits the terminal, or by the beginning of the last. The last column stays free:
 * after it, the cursor wraps to the next line on some terminals. */
static void show_line(const char *const *texts, unsigned count)
{
    unsigned room = terminal_room(stderr), chosen = 0;
    while (chosen + 1 < count && strlen(texts[chosen]) > room)
        chosen++;
    dprintf(STDERR_FILENO, "\r\033[K%.*s", (int)room, texts[chosen]);
}

static void show_progress(struct execution *e, char *const *fields, unsigned long total)
{
    unsigned long trial = strtoul(fields[PLAN_TRIAL], NULL, 10);
    uint64_t now = now_ms(), left = total >= trial ? total - trial + 1 : 0;
    struct minutes to_go = minutes_of(left * e->trial_ms);
    if (is_terminal()) {
        char *texts[] = {
            format_string("[%lu/%lu] round %s: %s, %s workers; %s to go", trial, total,
                          fields[PLAN_ROUND], fields[PLAN_STRATEGY], fields[PLAN_WORKERS],
                          to_go.text),
            format_string("[%lu/%lu] %s; %s to go", trial, total, fields[PLAN_STRATEGY],
                          to_go.text),
            format_string("%s to go, [%lu/%lu]", to_go.text, trial, total),
        };
        show_line((const char *const *)texts, 3);
        for (unsigned i = 0; i < 3; i++)
            free(texts[i]);
    } else if (now >= e->report_at_ms) {
        dprintf(STDERR_FILENO, "round %s, trial %lu of %lu, %s to go\n", fields[PLAN_ROUND], trial,
                total, to_go.text);
        e->report_at_ms = now + REPORT_EACH_MS;
    }
}

/* ---- the arguments of a trial ---- */

struct arguments {
    char **all;
    unsigned count, room;
};

static void add_text(struct arguments *a, const char *text, size_t length)
{
    a->all = array_grow(a->all, a->count + 1, &a->room, sizeof *a->all);
    a->all[a->count++] = copy_bytes(text, length);
    a->all[a->count] = NULL;
}

static void add(struct arguments *a, const char *argument)
{
    add_text(a, argument, strlen(argument));
}

static void add_option(struct arguments *a, const char *option, const char *value)
{
    add(a, option);
    add(a, value);
}

/* Adds space-separated arguments; "-" is none. */
static void add_words(struct arguments *a, const char *words)
{
    if (strcmp(words, "-") == 0)
        return;
    for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
        size_t length = strcspn(words, " ");
        add_text(a, words, length);
        words += length;
    }
}

static void add_who(struct arguments *a, char *const *fields)
{
    char *server = copy_bytes(fields[PLAN_SERVER], strcspn(fields[PLAN_SERVER], " "));
    add_option(a, "--trial", fields[PLAN_TRIAL]);
    add_option(a, "--round", fields[PLAN_ROUND]);
    add_option(a, "--position", fields[PLAN_POSITION]);
    add_option(a, "--strategy", program_of(server));
    add_option(a, "--as", fields[PLAN_STRATEGY]);
    add_option(a, "--backend", fields[PLAN_BACKEND]);
    add_option(a, "--workers", fields[PLAN_WORKERS]);
    free(server);
}

static void add_load(struct arguments *a, char *const *fields)
{
    char seed[32];
    bool open_loop = strcmp(fields[PLAN_RATE], "-") != 0;
    snprintf(seed, sizeof seed, "%llu",
             strtoull(fields[PLAN_SEED], NULL, 10) + strtoull(fields[PLAN_ROUND], NULL, 10));
    add_option(a, "--threads", fields[PLAN_THREADS]);
    add_option(a, open_loop ? "--rate" : "--connections",
               fields[open_loop ? PLAN_RATE : PLAN_CONNECTIONS]);
    add_option(a, "--requests-per-connection", fields[PLAN_REQUESTS]);
    add_option(a, "--window", fields[PLAN_WINDOW]);
    add_option(a, "--warmup", fields[PLAN_WARMUP]);
    add_option(a, "--seed", seed);
}

char **trial_arguments(char *const *fields)
{
    struct arguments a = {NULL, 0, 0};
    const char *kind = fields[PLAN_KIND], *options = strchr(fields[PLAN_SERVER], ' ');
    add_who(&a, fields);
    add_load(&a, fields);
    add_option(&a, "--instrument", fields[PLAN_INSTRUMENT]);
    if (strcmp(kind, "warm-up") == 0)
        add(&a, "--warm-up-trial");
    if (strcmp(kind, "wire") == 0)
        add(&a, "--wire");
    if (strcmp(fields[PLAN_SERVER_CPUS], "-") != 0)
        add_option(&a, "--server-cpus", fields[PLAN_SERVER_CPUS]);
    if (strcmp(fields[PLAN_CLIENT_CPUS], "-") != 0)
        add_option(&a, "--client-cpus", fields[PLAN_CLIENT_CPUS]);
    add_words(&a, fields[PLAN_LOAD_WORDS]);
    if (options) {
        add(&a, "--");
        add_words(&a, options);
    }
    return a.all;
}

void trial_arguments_free(char **arguments)
{
    for (char **argument = arguments; *argument; argument++)
        free(*argument);
    free(arguments);
}

/* ---- trials ---- */

static void say_how_to_go_on(const struct execution *e)
{
    message("the finished trials are in %s; continue with: %s bench --resume %s", e->directory,
            suite_command(), e->directory);
}

/* pid: the running child, 0 = none. Trials run their servers in separate sessions and end them themselves. */
static void interrupted(const struct execution *e, pid_t pid) __attribute__((noreturn));
static void interrupted(const struct execution *e, pid_t pid)
{
    if (pid > 0) {
        kill(pid, SIGTERM);
        program_wait(pid);
    }
    clear_line();
    message("interrupted");
    say_how_to_go_on(e);
    exit(EXIT_FAILED);
}

static void trial_failed(const struct execution *e, char *const *fields) __attribute__((noreturn));
static void trial_failed(const struct execution *e, char *const *fields)
{
    if (interrupts_came(&e->interrupts, SIGNAL_LATE_MS))
        interrupted(e, 0);
    clear_line();
    message("trial %s (%s, %s workers) failed", fields[PLAN_TRIAL], fields[PLAN_STRATEGY],
            fields[PLAN_WORKERS]);
    say_how_to_go_on(e);
    exit(EXIT_FAILED);
}

/* The server is unavailable with this number of workers: skips the trial. */
static void skip(struct execution *e, char *const *fields, const char *output)
{
    size_t length = strlen(output);
    while (length > 0 && output[length - 1] == '\n')
        length--;
    size_t last = length;
    while (last > 0 && output[last - 1] != '\n')
        last--;
    char *line = format_string("%s, %s workers\t%.*s", fields[PLAN_STRATEGY], fields[PLAN_WORKERS],
                               (int)(length - last), output + last);
    directory_append(e->directory, "skipped.tsv", line);
    e->skipped++;
    free(line);
}

/* The executor and its first arguments; NULL-terminated. */
static const char **command_line(const struct execution *e, char *const *arguments, char **program,
                                 char **parent)
{
    const char *executor = getenv("WAKEONE_EXECUTOR");
    unsigned count = 0;
    *program = executor && *executor ? copy_string(executor) : build_file("bin/trial");
    *parent = format_string("%d", (int)getpid());
    while (arguments[count])
        count++;
    const char **argv = calloc(count + 6, sizeof *argv);
    if (!argv)
        fail("out of memory");
    argv[0] = *program;
    argv[1] = "--out";
    argv[2] = e->directory;
    argv[3] = "--parent";
    argv[4] = *parent;
    memcpy(argv + 5, arguments, count * sizeof *argv);
    return argv;
}

/* Runs the trial to its end, and shows its output, which is also in `output`. */
static int run_command(const struct execution *e, const char *const *argv, struct text *output)
{
    int file = memory_file(), status;
    pid_t pid = program_start(argv, -1, file);
    if (pid < 0) {
        clear_line();
        message("cannot start %s: %s", argv[0], strerror(errno));
        return EXIT_FAILED;
    }
    if (!interrupts_wait(&e->interrupts, pid, &status))
        interrupted(e, pid);
    memory_file_read(file, output);
    close(file);
    if (output->text) {
        clear_line();
        dprintf(STDERR_FILENO, "%s", output->text);
    }
    return status;
}

static void run_trial(struct execution *e, char *const *fields)
{
    struct text output = {NULL, 0, 0};
    char **arguments = trial_arguments(fields), *program, *parent;
    const char **argv = command_line(e, arguments, &program, &parent);
    int status = run_command(e, argv, &output);
    if (status == EXIT_DONE || status == EXIT_NOT_OK)
        e->done++;
    else if (status == EXIT_USAGE && output.text)
        skip(e, fields, output.text);
    else
        trial_failed(e, fields);
    free(argv);
    free(program);
    free(parent);
    trial_arguments_free(arguments);
    text_free(&output);
}

static unsigned long count_trials(const char *directory)
{
    struct csv csv;
    unsigned long count = 0;
    plan_open(&csv, directory);
    while (plan_next(&csv))
        count++;
    plan_close(&csv);
    return count;
}

void execute_plan(struct execution *e)
{
    struct csv plan;
    struct finished finished;
    unsigned long total = count_trials(e->directory);
    finished_read(&finished, e->directory);
    plan_open(&plan, e->directory);
    while (plan_next(&plan)) {
        if (plan.line <= e->last_line ||
            is_finished(&finished, strtoul(plan.fields[PLAN_TRIAL], NULL, 10)))
            continue;
        if (interrupts_came(&e->interrupts, 0))
            interrupted(e, 0);
        e->capped = !is_time_for(e, e->trial_ms);
        if (e->capped)
            break;
        if (e->done >= ENOUGH_TRIALS) /* enough to estimate the time of a trial */
            e->trial_ms = (now_ms() - e->begin_ms) / e->done + 1;
        show_progress(e, plan.fields, total);
        run_trial(e, plan.fields);
        e->last_line = plan.line;
    }
    clear_line();
    plan_close(&plan);
    finished_free(&finished);
}

int execute_program(struct execution *e, const char *const argv[], struct text *output)
{
    int file = memory_file(), status;
    pid_t pid = program_start(argv, file, -1);
    if (pid < 0)
        return -1;
    if (!interrupts_wait(&e->interrupts, pid, &status)) {
        kill(pid, SIGTERM);
        program_wait(pid);
        exit(EXIT_FAILED);
    }
    memory_file_read(file, output);
    close(file);
    return status;
}

void execution_end(struct execution *e)
{
    if (interrupts_came(&e->interrupts, 0))
        interrupted(e, 0);
    interrupts_end(&e->interrupts);
}
