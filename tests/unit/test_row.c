/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/trial/row.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PROCESSES_MAX = 8 };

static struct snapshot before = {.process = {[PROCESSES_MAX - 1] = {.cpu_ns = 0}}};
static struct snapshot after = {.process = {[PROCESSES_MAX - 1] = {.cpu_ns = 0}}};
static struct load_result load;
static struct measurement measured;
static struct hiccups_result seen;
static struct throttled cut;

/* What each process of a server did in a window: two workers, one that slept, and an acceptor. */
static const struct process_counters done[] = {
    {100, 10, 3000000, {.accepts = 30, .requests = 60, .useful = 60, .spurious = 30, .eagain = 7}},
    {1, 0, 500000, {.spurious = 1, .eagain = 1}},
    {20, 2, 500000, {.accepts = 10, .requests = 20, .useful = 15, .spurious = 4, .eagain = 2}},
    {50,
     5,
     1000000,
     {.role = ROLE_ACCEPTOR, .accepts = 40, .useful = 45, .spurious = 2, .eagain = 3}},
};

/* Counters have run before the window: only what was added in it may count. */
static int run_window(void **state)
{
    (void)state;
    before.machine = (struct machine_counters){.total = 5000, .steal = 400, .listen_overflows = 9};
    after.machine = (struct machine_counters){.total = 6000, .steal = 425, .listen_overflows = 9};
    for (unsigned i = 0; i < COUNT(done); i++) {
        before.process[i] = (struct process_counters){
            1000, 2000, 3000, {.role = done[i].stats.role, .accepts = 4000, .requests = 5000}};
        after.process[i] = done[i];
        after.process[i].voluntary += 1000;
        after.process[i].involuntary += 2000;
        after.process[i].cpu_ns += 3000;
        after.process[i].stats.accepts += 4000;
        after.process[i].stats.requests += 5000;
    }
    before.by_counter = after.by_counter = false;
    memset(&load, 0, offsetof(struct load_result, latency));
    histogram_reset(&load.connect);
    histogram_reset(&load.latency);
    histogram_reset(&load.first_byte);
    load.window_ns = 2000000000;
    load.throughput_rps = 39.5;
    load.intended = 80;
    load.connections = 41;
    load.requests = 79;
    load.censored = 3;
    load.cpu_ns = 1580000;
    load.complete = true;
    for (int i = 0; i < 100; i++)
        histogram_record(&load.connect, 30000);
    for (int i = 0; i < 999; i++)
        histogram_record(&load.latency, 1000000);
    load.thread_count = 2; /* on a CPU for 95 % of their windows together, which may still be */
    load.threads[0] = (struct load_thread){.window_ns = 1000, .cpu_ns = 1000};
    load.threads[1] = (struct load_thread){.window_ns = 1000, .cpu_ns = 900};
    seen = (struct hiccups_result){.looks = 100, .late = 5, .max_ns = 1234500};
    cut = (struct throttled){0};
    measured = (struct measurement){.load = &load,
                                    .before = &before,
                                    .after = &after,
                                    .processes = COUNT(done),
                                    .client_waits = true,
                                    .hiccups = &seen,
                                    .throttled = &cut};
    return 0;
}

static const struct trial trial = {.number = 5,
                                   .round = 2,
                                   .position = 3,
                                   .machine = "vm",
                                   .strategy = "fdpass",
                                   .backend = "epoll",
                                   .workers = 3,
                                   .cpus = 4,
                                   .server_cpus = "0,2-3",
                                   .client_cpus = "1",
                                   .load = "closed",
                                   .connections = 16,
                                   .rate_offered = NAN,
                                   .requests_per_connection = 2};

/* The columns of trials.csv as in design.md, section 4. */
static const char csv_header[] =
    "trial,round,position,machine,strategy,backend,workers,cpus,server_cpus,client_cpus,load,"
    "connections,rate_offered,requests_per_connection,window_s,conns,requests,errors_connect,"
    "errors_read,errors_timeout,errors_status,throughput_rps,connect_p50_us,connect_p99_us,"
    "latency_p50_us,latency_p90_us,latency_p99_us,latency_p999_us,latency_max_us,censored,"
    "send_lag_p99_us,wakeups,useful,spurious,absorbed,wakeups_per_conn,eagain,ctx_switches,"
    "server_cpu_us_per_req,client_cpu_us_per_req,jain,max_share,idle_workers,listen_overflows,"
    "steal_pct,hiccup_pct,hiccup_max_us,nr_throttled,throttled_us,instrument_diff_pct,instrument,"
    "verdict\n";

/* wakeups_per_conn = 171 / (30 + 10), server_cpu_us_per_req = 5000 us / (60 + 20),
 * client_cpu_us_per_req = 1580 us / 79, jain = 40^2 / (3 (30^2 + 10^2)), max_share = 30 / 40. */
static const char csv_row[] = "5,2,3,vm,fdpass,epoll,3,4,\"0,2-3\",1,closed,"
                              "16,,2,2.000000,41,79,0,"
                              "0,0,0,39.5,30.000,30.000,"
                              "1000.000,1000.000,1000.000,,1000.000,3,"
                              ",171,120,37,,4.275,13,188,"
                              "62.500,20.000,0.5333,0.7500,1,0,"
                              "2.50,5.00,1234.5,0,0,,ctxsw,ok\n";

TEST(totals)
{
    struct totals t;
    totals_take(&t, &measured);
    assert_int_equal(t.workers, 3);
    assert_int_equal(t.idle_workers, 1);
    assert_int_equal(t.accepts, 40);
    assert_int_equal(t.requests, 80);
    assert_int_equal(t.max_accepts, 30);
    assert_int_equal(t.cpu_ns, 5000000);
    assert_near(t.sum_of_squares, 1000);
    assert_near(t.steal_pct, 2.5);
}

typedef void writer(FILE *, const struct trial *, const struct measurement *);

static char *text_of(writer *write)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    write(file, &trial, &measured);
    fclose(file);
    return text;
}

static void assert_written(writer *write, const char *expected)
{
    char *text = text_of(write);
    assert_string_equal(text, expected);
    free(text);
}

static void write_csv(FILE *file, const struct trial *t, const struct measurement *m)
{
    row_write_header(file, false);
    row_write_csv(file, t, m);
}

static void write_worker_rows(FILE *file, const struct trial *t, const struct measurement *m)
{
    worker_rows_write_header(file);
    worker_rows_write(file, t, m);
}

TEST(csv_has_the_columns_of_the_design)
{
    char expected[2048];
    snprintf(expected, sizeof expected, "%s%s", csv_header, csv_row);
    assert_written(write_csv, expected);
}

TEST(json_has_the_columns_of_csv)
{
    char name[64];
    char *header = exact_copy(csv_header, sizeof csv_header), *next = header;
    char *text = text_of(row_write_json), *at = text;
    for (const char *column; (column = strsep(&next, ",\n")) && next;) {
        snprintf(name, sizeof name, "\n  \"%s\": ", column);
        at = strstr(at, name);
        assert_non_null(at);
    }
    assert_non_null(strstr(text, "\"absorbed\": null,\n"));
    free(header);
    free(text);
}

TEST(worker_rows)
{
    assert_written(write_worker_rows,
                   "trial,strategy,workers,worker,role,accepts,requests,wakeups,useful,spurious,"
                   "absorbed,eagain,preemptions,migrations,cross_cpu_wakeups,runq_p50_us,"
                   "runq_p99_us,cpu_us\n"
                   "5,fdpass,3,0,worker,30,60,100,60,30,,7,10,,,,,3000.0\n"
                   "5,fdpass,3,1,worker,0,0,1,0,1,,1,0,,,,,500.0\n"
                   "5,fdpass,3,2,worker,10,20,20,15,4,,2,2,,,,,500.0\n"
                   "5,fdpass,3,3,acceptor,40,0,50,45,2,,3,5,,,,,1000.0\n");
}

/* 41 connections and 79 requests are the load's; 171 wakeups, 5000 us and 188 switches the kernel's. */
TEST(of_a_server_of_others_only_the_client_and_the_kernel_know)
{
    struct totals t;
    measured.foreign = true;
    totals_take(&t, &measured);
    measured.foreign = false;
    assert_int_equal(t.accepts, 41);
    assert_int_equal(t.requests, 79);
    assert_int_equal(t.wakeups, 171);
    assert_int_equal(t.ctx_switches, 188);
    assert_true(t.eagain == NOT_COUNTED && t.idle_workers == NOT_COUNTED);
    assert_true(t.useful == NOT_COUNTED && t.spurious == NOT_COUNTED);
    assert_true(isnan(jain_index(&t)));
}

/* The wakeup counter saw one process: 100 wakeups, of which 60 useful, 10 spurious, 30 absorbed; 99
 * waited up to 1023 ns for their CPU, one up to 8191 ns. */
static void count_in_kernel(unsigned process)
{
    static const uint64_t counts[TASK_COUNTS] = {
        [COUNT_WAKEUPS] = 100, [COUNT_USEFUL] = 60,    [COUNT_SPURIOUS] = 10,
        [COUNT_ABSORBED] = 30, [COUNT_MIGRATIONS] = 2, [COUNT_CROSS_CPU] = 70,
    };
    before.by_counter = after.by_counter = true;
    for (unsigned i = 0; i < TASK_COUNTS; i++) {
        before.process[process].counts[i] = 7000;
        after.process[process].counts[i] = 7000 + counts[i];
    }
    after.process[process].delays[loglinear_index(1000, DELAY_BITS)] = 99;
    after.process[process].delays[loglinear_index(8000, DELAY_BITS)] = 1;
}

TEST(wakeups_of_the_counter_come_first)
{
    struct totals t;
    measured.processes = 1;
    count_in_kernel(0);
    totals_take(&t, &measured);
    assert_int_equal(t.wakeups, 100);
    assert_int_equal(t.useful, 60);
    assert_int_equal(t.spurious, 10);
    assert_int_equal(t.absorbed, 30);
    assert_near(instrument_difference(&t), 0);
    assert_string_equal(verdict(&measured, &t), "ok");
    char *text = text_of(worker_rows_write);
    assert_string_equal(text, "5,fdpass,3,0,worker,30,60,100,60,10,30,7,10,2,70,1.0,1.0,3000.0\n");
    free(text);
}

/* One sleep more than wakeups for each process is what the edges of the window do. */
TEST(instruments_may_differ_by_one_for_each_process)
{
    struct totals t;
    measured.processes = 1;
    count_in_kernel(0);
    after.process[0].voluntary++;
    totals_take(&t, &measured);
    assert_near(instrument_difference(&t), 100.0 / 101);
    assert_string_equal(verdict(&measured, &t), "ok");
    after.process[0].voluntary++;
    totals_take(&t, &measured);
    assert_string_equal(verdict(&measured, &t), "instruments");
}

TEST(nothing_happened)
{
    static const struct load_result no_load;
    const struct measurement m = {
        .load = &no_load, .before = &before, .after = &before, .processes = COUNT(done)};
    struct totals t;
    totals_take(&t, &m);
    assert_int_equal(t.idle_workers, 3);
    assert_near(jain_index(&t), NAN);
    assert_near(t.steal_pct, NAN);
    assert_string_equal(verdict(&m, &t), "errors");
}

struct jain {
    const char *name;
    unsigned workers;
    uint64_t accepts[PROCESSES_MAX];
    double index;
};

static const struct jain jains[] = {
    {"all equal", 4, {7, 7, 7, 7}, 1},
    {"one takes all of 4", 4, {0, 9, 0, 0}, 0.25},
    {"one takes all of 8", 8, {1}, 0.125},
    {"half take all", 4, {5, 0, 5, 0}, 0.5},
    {"one worker", 1, {3}, 1},
    {"1, 2, 3", 3, {1, 2, 3}, 36.0 / (3 * 14)},
    {"nothing", 4, {0}, NAN},
};

TEST(jain)
{
    const struct jain *row = *state;
    struct totals t;
    for (unsigned i = 0; i < row->workers; i++) {
        before.process[i] = (struct process_counters){.voluntary = 0};
        after.process[i] = (struct process_counters){.stats.accepts = row->accepts[i]};
    }
    measured.processes = row->workers;
    totals_take(&t, &measured);
    assert_near(jain_index(&t), row->index);
}

/* 100 answers, the first byte 50 us after the SYN and 20 us after the request, by the packets. */
static struct wire_result *look_at_wire(void)
{
    static struct wire_result wire;
    memset(&wire, 0, sizeof wire);
    for (int i = 0; i < 100; i++) {
        histogram_record(&wire.intervals[FLOW_SYNACK], 4000);
        histogram_record(&wire.intervals[FLOW_WAIT], 20000);
        histogram_record(&wire.intervals[FLOW_FIRST_BYTE], 50000);
        histogram_record(&load.first_byte, 80000);
    }
    wire.packets[PACKET_TCP] = 900;
    wire.totals.counts[FLOW_RESETS] = 3;
    measured.wire = &wire;
    return &wire;
}

static void write_wire_csv(FILE *file, const struct trial *t, const struct measurement *m)
{
    row_write_header(file, true);
    row_write_csv(file, t, m);
}

TEST(columns_of_the_wire_follow_the_others)
{
    char expected[4096];
    look_at_wire();
    snprintf(expected, sizeof expected,
             "%.*s,first_byte_p50_us,first_byte_p99_us,wire_synack_p50_us,wire_synack_p99_us,"
             "wire_wait_p50_us,wire_wait_p99_us,wire_first_byte_p50_us,wire_first_byte_p99_us,"
             "wire_exchanges,wire_packets,wire_dropped,wire_syn_retransmitted,wire_retransmitted,"
             "wire_out_of_order,wire_resets\n"
             "%.*s,80.000,80.000,4.000,4.000,20.000,20.000,50.000,50.000,100,900,0,0,0,0,3\n",
             (int)(sizeof csv_header - 2), csv_header, (int)(sizeof csv_row - 2), csv_row);
    assert_written(write_wire_csv, expected);
}

TEST(packets_that_were_lost_are_drops)
{
    struct totals t;
    struct wire_result *wire = look_at_wire();
    totals_take(&t, &measured);
    assert_string_equal(verdict(&measured, &t), "ok");
    wire->capture.dropped = 1;
    assert_string_equal(verdict(&measured, &t), "drops");
    wire->capture.dropped = 0;
    wire->capture.interface_dropped = 1;
    assert_string_equal(verdict(&measured, &t), "drops");
}

/* In the order of precedence: what becomes what, and what then is the verdict. */
static const struct {
    const char *verdict;
    bool *flag;
    uint64_t *count;
    uint64_t value;
} causes[] = {
    {"warm-up", &measured.warm_up, NULL, true},
    {"server-died", &measured.server_died, NULL, true},
    {"client-lost", &measured.client_lost, NULL, true},
    {"errors", &load.complete, NULL, false},
    {"errors", NULL, &load.requests, 0},
    {"errors", NULL, &load.errors[LOAD_CONNECT_REFUSED], 1},
    {"errors", NULL, &load.errors[LOAD_READ_TIMEOUT], 1},
    {"errors", NULL, &load.errors[LOAD_BODY], 1},
    {"throttled", NULL, &cut.periods, 1},
    {"throttled", NULL, &cut.us, 1},
    {"client-bound", NULL, &load.threads[1].cpu_ns, 901},
    {"short-of-rate", NULL, &load.not_started, 1},
    {"ports", NULL, &load.errors[LOAD_PORTS], 1},
    {"drops", NULL, &after.machine.listen_overflows, 10},
    {"instruments", &after.by_counter, NULL, true},  /* which then has counted nothing */
    {"noisy", NULL, &after.machine.steal, 400 + 51}, /* 5.1 % */
    {"noisy", NULL, &seen.late, 6},                  /* of 100 looks */
};

TEST(first_verdict_of_any_set_of_causes)
{
    for (unsigned set = 0; set < 1U << COUNT(causes); set++) {
        const char *expected = "ok";
        struct totals t;
        run_window(NULL);
        for (size_t i = COUNT(causes); i-- > 0;) {
            if (!(set & 1U << i))
                continue;
            if (causes[i].flag)
                *causes[i].flag = causes[i].value;
            else
                *causes[i].count = causes[i].value;
            expected = causes[i].verdict;
        }
        totals_take(&t, &measured);
        assert_string_equal(verdict(&measured, &t), expected);
        assert_int_equal(row_is_ok(&measured), set == 0);
    }
}

TEST(steal_of_a_short_window_is_not_known)
{
    struct totals t;
    after.machine.total = before.machine.total + 49;
    after.machine.steal = before.machine.steal + 40;
    totals_take(&t, &measured);
    assert_near(t.steal_pct, NAN);
    assert_string_equal(verdict(&measured, &t), "ok");
}

TEST(a_client_that_spins_or_has_a_schedule_is_not_the_limit)
{
    load.threads[1].cpu_ns = 1000;
    assert_false(row_is_ok(&measured));
    measured.client_waits = false;
    assert_true(row_is_ok(&measured));
}

TEST(a_machine_that_was_suspended_is_noisy)
{
    before.machine.suspended_ns = 5000000;
    after.machine.suspended_ns = 6000000;
    assert_true(row_is_ok(&measured));
    after.machine.suspended_ns++;
    assert_false(row_is_ok(&measured));
}

/* window_s stays: it is how long was counted. */
static const char counts_row[] = "5,2,3,vm,fdpass,epoll,3,4,\"0,2-3\",1,closed,"
                                 "16,,2,2.000000,41,79,0,"
                                 "0,0,0,,,,"
                                 ",,,,,3,"
                                 ",171,120,37,,4.275,13,188,"
                                 ",,0.5333,0.7500,1,0,"
                                 ",,,0,,,ctxsw,ok\n";

TEST(where_only_counts_are_told_nothing_is_timed_and_no_time_is_judged)
{
    char expected[sizeof csv_header + sizeof counts_row];
    measured.counts_only = true;
    snprintf(expected, sizeof expected, "%s%s", csv_header, counts_row);
    assert_written(write_csv, expected);
    load.threads[1].cpu_ns = 1000; /* client-bound */
    load.not_started = 1;          /* short-of-rate */
    seen.late = 100;               /* noisy */
    cut.periods = 7;               /* throttled */
    assert_true(row_is_ok(&measured));
    after.machine.listen_overflows++;
    assert_false(row_is_ok(&measured));
}

TEST(in_virtual_time_nobody_takes_the_cpus)
{
    seen.late = 100;
    assert_false(row_is_ok(&measured));
    measured.virtual_time = true;
    assert_true(row_is_ok(&measured));
    load.threads[1].cpu_ns = 1000; /* client-bound is checked there, too */
    assert_false(row_is_ok(&measured));
}

/* Only packets have times of the clock that can be set. */
TEST(a_clock_that_was_set_is_noisy_on_the_wire)
{
    after.machine.real_offset_ns = before.machine.real_offset_ns - 1000001;
    assert_true(row_is_ok(&measured));
    look_at_wire();
    assert_false(row_is_ok(&measured));
}

TEST(nobody_looked_for_hiccups)
{
    struct totals t;
    measured.hiccups = NULL;
    totals_take(&t, &measured);
    assert_near(t.hiccup_pct, NAN);
    seen = (struct hiccups_result){0};
    measured.hiccups = &seen;
    totals_take(&t, &measured);
    assert_near(t.hiccup_max_us, NAN);
    seen = (struct hiccups_result){.looks = 39, .late = 39, .max_ns = 1000};
    totals_take(&t, &measured);
    assert_near(t.hiccup_pct, NAN);
    assert_near(t.hiccup_max_us, 1);
    assert_true(row_is_ok(&measured));
}

TEST(where_no_group_tells_nothing_is_known_of_quotas)
{
    struct totals t;
    cut = (struct throttled){.periods = 12, .us = 600000};
    totals_take(&t, &measured);
    assert_int_equal(t.nr_throttled, 12);
    assert_near(t.throttled_us, 600000);
    measured.throttled = NULL;
    totals_take(&t, &measured);
    assert_true(t.nr_throttled == NOT_COUNTED);
    assert_near(t.throttled_us, NAN);
    assert_true(row_is_ok(&measured));
}

TEST(steal_of_5_percent_is_not_noisy_yet)
{
    after.machine.steal = before.machine.steal + 50;
    assert_true(row_is_ok(&measured));
}

int main(void)
{
    ADD(totals);
    ADD(csv_has_the_columns_of_the_design);
    ADD(json_has_the_columns_of_csv);
    ADD(columns_of_the_wire_follow_the_others);
    ADD(packets_that_were_lost_are_drops);
    ADD(worker_rows);
    ADD(of_a_server_of_others_only_the_client_and_the_kernel_know);
    ADD(wakeups_of_the_counter_come_first);
    ADD(instruments_may_differ_by_one_for_each_process);
    ADD(nothing_happened);
    ADD_ROWS(jain, jains);
    ADD(first_verdict_of_any_set_of_causes);
    ADD(steal_of_a_short_window_is_not_known);
    ADD(steal_of_5_percent_is_not_noisy_yet);
    ADD(a_client_that_spins_or_has_a_schedule_is_not_the_limit);
    ADD(where_only_counts_are_told_nothing_is_timed_and_no_time_is_judged);
    ADD(in_virtual_time_nobody_takes_the_cpus);
    ADD(a_machine_that_was_suspended_is_noisy);
    ADD(a_clock_that_was_set_is_noisy_on_the_wire);
    ADD(nobody_looked_for_hiccups);
    ADD(where_no_group_tells_nothing_is_known_of_quotas);
    return run_added(run_window, NULL);
}
