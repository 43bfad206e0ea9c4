/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine: lists, settings, plans, the run's directory. What it makes of them on a command line is in
 * tests/cli/engine.bats. */

#include "harness/runs/check_plan.h"
#include "harness/runs/directory.h"
#include "harness/runs/execute.h"
#include "harness/runs/plan.h"

#include "harness/lib/message.h"

#include "run_directory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- lists ---- */

static const struct {
    const char *list, *numbers; /* numbers: with 4 CPUs; NULL = it is none */
} lists[] = {
    {"2", "2"},
    {"2,8", "2 8"},
    {"2..5", "2 3 4 5"},
    {"2..10+4", "2 6 10"},
    {"2..64x2", "2 4 8 16 32 64"},
    {"1..100x10,7", "1 10 100 7"},
    {"0..2", "0 1 2"},
    {"007", "7"},
    {"4/cpu", "16"},
    {"1/2cpu,3", "2 3"},
    {"1/9cpu", "1"},
    {"", NULL},
    {",", NULL},
    {"2,", NULL},
    {",2", NULL},
    {"2,,8", NULL},
    {"2..1", NULL},
    {"2..", NULL},
    {"..2", NULL},
    {"2..8x1", NULL},
    {"0..8x2", NULL},
    {"2..8+0", NULL},
    {"2..8x", NULL},
    {"1..1001", NULL},
    {"4/core", NULL},
    {"0/cpu", NULL},
    {"1/1cpu", NULL},
    {"1/10cpu", NULL},
    {"4/cpus", NULL},
    {"1234567890", NULL},
    {"-1", NULL},
    {" 2", NULL},
    {"0x10", NULL},
    {"2.5", NULL},
};

TEST(list)
{
    const __typeof__(*lists) *row = *state;
    struct number_list list;
    struct text numbers = {NULL, 0, 0};
    bool is = number_list_parse(&list, row->list);
    for (unsigned i = 0; i < list.count; i++)
        text_add(&numbers, "%s%lu", i ? " " : "", number_item_of(&list.items[i], 4));
    assert_int_equal(is, row->numbers != NULL);
    assert_string_equal(text_of(&numbers), row->numbers ? row->numbers : "");
    text_free(&numbers);
}

TEST(a_list_has_a_thousand_numbers_at_most)
{
    struct number_list list;
    assert_true(number_list_parse(&list, "1..1000"));
    assert_int_equal(list.count, NUMBER_LIST_MAX);
    assert_false(number_list_parse(&list, "1..1000,1001"));
    assert_int_equal(list.count, 0);
}

/* ---- settings ---- */

TEST(settings_are_spelled_out)
{
    const struct setting_default defaults[] = {{SETTING_WORKERS, "2..8x2,1/2cpu,4/cpu"},
                                               {SETTING_PRECISION, "2.5%"},
                                               {SETTING_MAX_TIME, "1.5m"},
                                               {SETTING_WINDOW, "0.25s"}};
    struct settings s;
    struct text text = {NULL, 0, 0};
    settings_begin(&s, defaults, COUNT(defaults));
    settings_check(&s);
    assert_string_equal(s.text[SETTING_WORKERS], "2,4,8,1/2cpu,4/cpu");
    assert_string_equal(s.text[SETTING_CONNECTIONS], "16");
    assert_true(s.precision == 0.025);
    assert_int_equal(s.max_time_ms, 90000);
    assert_int_equal(s.window_ms, 250);
    settings_write(&s, &text);
    assert_non_null(strstr(text_of(&text), "\npeers\t-\n"));
    assert_non_null(strstr(text_of(&text), "\nwindow\t0.25s\n"));
    settings_free(&s);
    text_free(&text);
}

static const struct {
    const char *name;
    enum setting_name setting;
    const char *value, *message;
} wrong[] = {
    {"no list", SETTING_WORKERS, "two", "--workers takes a list such as 2,8 or 2..64x2, not 'two'"},
    {"twice", SETTING_WORKERS, "8,8", "--workers lists a number more than once: '8,8'"},
    {"too many", SETTING_WORKERS, "4097", "from 1 to 4096, not '4097'"},
    {"not by the CPUs", SETTING_RATE, "4/cpu", "from 1 to 10000000, not '4/cpu'"},
    {"threads", SETTING_THREADS, "65", "--threads takes a whole number from 1 to 64, not '65'"},
    {"no unit", SETTING_WINDOW, "50", "--window takes a duration such as 500ms, 1s or 2m"},
    {"a unit that plans have not", SETTING_WINDOW, "1h", "--window takes a duration"},
    {"too short", SETTING_WARMUP, "0.9ms", "from 1ms to 3600000ms, not '0.9ms'"},
    {"no percentage", SETTING_PRECISION, "2", "from 0.1% to 50%, not '2'"},
    {"half a percentage", SETTING_PRECISION, "2.%", "not '2.%'"},
    {"less than a thousandth", SETTING_PRECISION, "0.09%", "not '0.09%'"},
    {"more than a half", SETTING_PRECISION, "50.01%", "not '50.01%'"},
    {"an exponent", SETTING_PRECISION, "1e1%", "not '1e1%'"},
    {"split", SETTING_SPLIT, "third", "--split takes half, shared or SERVER:CLIENT, not 'third'"},
    {"what a plan cannot have", SETTING_LOAD, "--think 1$s",
     "--load takes space-separated options of the load"},
    {"a thousand million rounds", SETTING_ROUNDS, "1000000000",
     "from 1 to 1000000, not '1000000000'"},
    {"ten million numbers", SETTING_CONNECTIONS, "1..10000000", "--connections takes a list"},
    {"CPUs to four thousand million", SETTING_CPUS, "1..4000000000", "--cpus takes a list"},
};

static void check_wrong(const void *context)
{
    const __typeof__(*wrong) *row = context;
    struct settings s;
    settings_begin(&s, NULL, 0);
    settings_set(&s, row->setting, row->value);
    settings_check(&s);
}

TEST(setting)
{
    const __typeof__(*wrong) *row = *state;
    struct ended ended = run_in_child(check_wrong, row);
    assert_exit_with_one_line(&ended, EXIT_USAGE);
    assert_non_null(strstr(ended.err, row->message));
}

/* ---- plans ---- */

static char racing[] = "racing", control[] = "racing-again", one[] = "one",
            iterative[] = "iterative", anywhere[] = "-";
static struct planned_server servers[] = {
    {racing, racing, "epoll", 0, ROLE_BASELINE},
    {one, iterative, "epoll", 1, ROLE_TESTED},
    {control, racing, "epoll", 0, ROLE_CONTROL},
};
static struct placement everywhere[] = {
    {.cpus = 4, .server = anywhere, .client = anywhere, .client_cpus = 4, .shared = true}};
static const struct servers_under_test three = {servers, COUNT(servers)};
static const struct placements here = {everywhere, COUNT(everywhere)};

static void write_plan(const struct setting_default *defaults, unsigned count, struct text *to)
{
    struct settings s;
    struct plan plan;
    settings_begin(&s, defaults, count);
    settings_check(&s);
    plan_begin(&plan, &s, &three, &here);
    plan_write(&plan, to);
    plan_free(&plan);
    settings_free(&s);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

TEST(a_plan_has_what_can_be_had_once_a_round)
{
    static const struct setting_default defaults[] = {
        {SETTING_WORKERS, "1,2"}, {SETTING_ROUNDS, "1"}, {SETTING_SEED, "4"}};
    struct text plan = {NULL, 0, 0};
    write_plan(defaults, COUNT(defaults), &plan);
    assert_int_equal(count_of(text_of(&plan), "\n"), 1 + 1 + 5);
    assert_int_equal(count_of(text_of(&plan), "\tone\titerative\tepoll\t1\t"), 1);
    assert_int_equal(count_of(text_of(&plan), "\tone\titerative\tepoll\t2\t"), 0);
    assert_non_null(strstr(text_of(&plan), "\n1\t0\t1\tracing\tracing\tepoll\t1\t4\t-\t-\t4\t16\t-"
                                           "\t1\t50ms\t50ms\t4\tctxsw\t-\twarm-up\n"));
    text_free(&plan);
}

TEST(a_longer_plan_begins_as_a_shorter_one)
{
    struct setting_default defaults[] = {{SETTING_WORKERS, "1,2,4/cpu,16"}, {SETTING_ROUNDS, "3"}};
    struct text three_rounds = {NULL, 0, 0}, many = {NULL, 0, 0};
    write_plan(defaults, COUNT(defaults), &three_rounds);
    defaults[1].value = "50";
    write_plan(defaults, COUNT(defaults), &many);
    assert_true(many.length > three_rounds.length);
    assert_memory_equal(many.text, three_rounds.text, three_rounds.length);
    /* 4/cpu and 16 are the same */
    assert_int_equal(count_of(text_of(&three_rounds), "\tepoll\t16\t4\t"), 3 * 2);
    text_free(&three_rounds);
    text_free(&many);
}

TEST(the_arguments_of_a_trial)
{
    char line[] = "7\t3\t2\tslow\tkqueue-wakeone --service-us 5\tkqueue\t8\t2\t0\t1\t1\t-\t100\t1\t"
                  "50ms\t10ms\t4\tctxsw\t--arrivals poisson --close rst\twire";
    static const char *const expected[] = {"--trial",
                                           "7",
                                           "--round",
                                           "3",
                                           "--position",
                                           "2",
                                           "--strategy",
                                           "wakeone",
                                           "--as",
                                           "slow",
                                           "--backend",
                                           "kqueue",
                                           "--workers",
                                           "8",
                                           "--threads",
                                           "1",
                                           "--rate",
                                           "100",
                                           "--requests-per-connection",
                                           "1",
                                           "--window",
                                           "50ms",
                                           "--warmup",
                                           "10ms",
                                           "--seed",
                                           "7",
                                           "--instrument",
                                           "ctxsw",
                                           "--wire",
                                           "--server-cpus",
                                           "0",
                                           "--client-cpus",
                                           "1",
                                           "--arrivals",
                                           "poisson",
                                           "--close",
                                           "rst",
                                           "--",
                                           "--service-us",
                                           "5"};
    char *fields[PLAN_COLUMN_COUNT];
    assert_int_equal(split(line, '\t', fields, PLAN_COLUMN_COUNT), PLAN_COLUMN_COUNT);
    char **arguments = trial_arguments(fields);
    for (unsigned i = 0; i < COUNT(expected); i++)
        assert_string_equal(arguments[i], expected[i]);
    assert_null(arguments[COUNT(expected)]);
    trial_arguments_free(arguments);
}

/* ---- the run's directory ---- */

static void assert_file(const char *name, const char *expected)
{
    size_t size;
    char *path = path_in_run(name), *text = file_read(path, &size);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
    free(path);
}

TEST(half_rows_are_dropped)
{
    struct finished finished;
    write_bytes_in_run("trials.csv", BYTES("trial,x\n1,a\n12,half a ro"));
    write_bytes_in_run("workers.csv", BYTES("trial,y\n1,a\n12,b\n1,c\n\0\0\0\0"));
    write_bytes_in_run("wire.csv", BYTES("\0\0"));
    directory_drop_half_rows(run_directory);
    assert_file("trials.csv", "trial,x\n1,a\n");
    assert_file("workers.csv", "trial,y\n1,a\n1,c\n");
    assert_file("wire.csv", "");
    finished_read(&finished, run_directory);
    assert_int_equal(finished.count, 1);
    assert_true(is_finished(&finished, 1));
    assert_false(is_finished(&finished, 12));
    finished_free(&finished);
}

TEST(whole_files_stay)
{
    write_bytes_in_run("trials.csv", BYTES("trial,x\n2,b\n1,a\n"));
    write_bytes_in_run("workers.csv", BYTES("trial,y\n1,a\n2,b\n"));
    directory_drop_half_rows(run_directory);
    assert_file("trials.csv", "trial,x\n2,b\n1,a\n");
    assert_file("workers.csv", "trial,y\n1,a\n2,b\n");
}

static void lock(const void *context)
{
    (void)context;
    directory_lock(run_directory, 0);
}

TEST(a_directory_that_another_run_is_at_work_in_is_locked)
{
    char *path = path_in_run(".lock");
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(file, LOCK_EX), 0);
    struct ended ended = run_in_child(lock, NULL);
    assert_exit_with_one_line(&ended, EXIT_FAILED);
    assert_non_null(strstr(ended.err, "another bench is running in "));
    close(file);
    ended = run_in_child(lock, NULL);
    assert_int_equal(ended.status, CHILD_RETURNED);
    free(path);
}

static const char plan_line[] =
    "1\t0\t1\tracing\tracing --service-us 5\tepoll\t8\t2\t-\t-\t2\t16\t-\t1\t50ms\t50ms\t"
    "1\tctxsw\t-\tmeasured\n";

static const struct {
    const char *name, *line, *message; /* what comes behind the line that is right */
} spoilt[] = {
    {"a trial twice", plan_line, "line 3: column 1: duplicate trial 1"},
    {"too few fields", "2\t0\n", "line 3: 2 fields, the header has 20"},
    {"workers",
     "2\t0\t1\tracing\tracing\tepoll\tmany\t2\t-\t-\t2\t16\t-\t1\t50ms\t50ms\t1\tctxsw\t-"
     "\tmeasured\n",
     "line 3: column 7: 'many' is not a valid workers"},
    {"a number that no counter reaches",
     "1234567890123456\t0\t1\tracing\tracing\tepoll\t8\t2\t-\t-\t2\t16\t-"
     "\t1\t50ms\t50ms\t1\tctxsw\t-"
     "\tmeasured\n",
     "line 3: column 1: '1234567890123456' is not a valid trial"},
    {"a server by its path",
     "2\t0\t1\tracing\tx/../../"
     "sh\tepoll\t8\t2\t-\t-\t2\t16\t-\t1\t50ms\t50ms\t1\tctxsw\t-\tmeasured\n",
     "line 3: column 5: 'x/../../sh' is not a valid server"},
    {"an option of the server",
     "2\t0\t1\tracing\tracing "
     "--port 80\tepoll\t8\t2\t-\t-\t2\t16\t-\t1\t50ms\t50ms\t1\tctxsw\t-\tmeasured\n",
     "line 3: column server: --port is not allowed"},
    {"an option of the load",
     "2\t0\t1\tracing\tracing\tepoll\t8\t2\t-\t-\t2\t16\t-\t1\t50ms\t50ms\t1\tctxsw\t--out "
     "x\tmeasured\n",
     "line 3: column load_words: --out is not allowed"},
};

static void check_foreign(const void *context)
{
    (void)context;
    check_plan(run_directory, PLAN_FOREIGN);
}

static void put_plan(const char *line)
{
    struct text plan = {NULL, 0, 0};
    for (unsigned i = 0; i < PLAN_COLUMN_COUNT; i++)
        text_add(&plan, "%s%c", plan_column_name(i), i + 1 < PLAN_COLUMN_COUNT ? '\t' : '\n');
    text_add(&plan, "%s%s", plan_line, line);
    write_bytes_in_run("plan.tsv", plan.text, plan.length);
    text_free(&plan);
}

TEST(plan)
{
    const __typeof__(*spoilt) *row = *state;
    put_plan("");
    struct ended ended = run_in_child(check_foreign, NULL);
    assert_int_equal(ended.status, CHILD_RETURNED);
    put_plan(row->line);
    ended = run_in_child(check_foreign, NULL);
    assert_exit_with_one_line(&ended, EXIT_USAGE);
    assert_non_null(strstr(ended.err, row->message));
}

int main(void)
{
    ADD_ROWS(list, lists);
    ADD(a_list_has_a_thousand_numbers_at_most);
    ADD(settings_are_spelled_out);
    ADD_ROWS(setting, wrong);
    ADD(a_plan_has_what_can_be_had_once_a_round);
    ADD(a_longer_plan_begins_as_a_shorter_one);
    ADD(the_arguments_of_a_trial);
    ADD(half_rows_are_dropped);
    ADD(whole_files_stay);
    ADD(a_directory_that_another_run_is_at_work_in_is_locked);
    ADD_ROWS(plan, spoilt);
    return run_added(make_run_directory, remove_run_directory);
}
