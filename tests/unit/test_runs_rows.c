/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows and their configurations, and the one definition of their columns. */

#include "harness/runs/csv.h"
#include "harness/runs/rows.h"
#include "harness/trial/row.h"

#include "run_directory.h"

#include <math.h>

#define HEADER                                                                                    \
    "trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,verdict," \
    "throughput_rps,machine\n"

static struct rows read_text(const char *text)
{
    struct rows rows;
    struct complaint complaint = {""};
    char *path = path_in_run("trials.csv");
    write_in_run("trials.csv", text);
    if (!rows_read(&rows, path, &complaint))
        fail_msg("%s", complaint.text);
    free(path);
    return rows;
}

/* ---- configurations ---- */

TEST(rows_are_samples_of_configurations)
{
    struct rows rows = read_text(HEADER "1,0,racing,2,2,16,,1,warm-up,999,vm\n"
                                        "2,1,wakeone,2,2,16,,1,ok,10,vm\n"
                                        "3,1,racing,2,2,16,,1,noisy,20,vm\n"
                                        "4,2,racing,2,2,16,,1,ok,30,vm\n"
                                        "5,2,wakeone,2,2,16,,1,ok,,vm\n"
                                        "6,3,wakeone,2,2,16,,1,ok,50,vm\n"
                                        "7,3,racing,2,2,,500,1,ok,60,vm\n");
    size_t count;
    assert_int_equal(rows.count, 7);
    assert_int_equal(rows.configuration_count, 3);
    const struct configuration *wakeone = &rows.configurations[0],
                               *racing = &rows.configurations[1];
    assert_string_equal(wakeone->server, "wakeone"); /* a warm-up makes none */
    assert_int_equal(wakeone->rows, 3);
    assert_int_equal(wakeone->valid, 3);
    assert_int_equal(wakeone->samples[2], 5);
    assert_int_equal(racing->rows, 2);
    assert_int_equal(racing->valid, 1);
    assert_int_equal(racing->samples[0], 3);
    assert_int_equal(rows.configuration_of[2], 1);
    double *values = configuration_values(&rows, wakeone, COLUMN_throughput_rps, &count);
    assert_int_equal(count, 2); /* one was not measured */
    assert_near(values[0], 10);
    assert_near(values[1], 50);
    free(values);
    assert_true(same_block(wakeone, racing));
    assert_false(same_block(racing, &rows.configurations[2]));
    rows_free(&rows);
}

TEST(a_row_that_stands_twice_is_two_samples)
{
    struct rows rows = read_text(HEADER
                                 "1,1,racing,2,2,16,,1,ok,10,vm\n1,1,racing,2,2,16,,1,ok,10,vm\n");
    assert_int_equal(rows.configuration_count, 1);
    assert_int_equal(rows.configurations[0].valid, 2);
    rows_free(&rows);
}

/* 2, 2.0, 20e-1 and -0, 0 are the same number; none is not 0. */
TEST(values_of_a_configuration_are_numbers)
{
    struct rows rows = read_text(
        HEADER "1,1,racing,2,2,16,0,1,ok,10,vm\n2,2,racing,2.0,2,16,-0,1,ok,10,vm\n"
               "3,3,racing,20e-1,2,16,0.0,1,ok,10,vm\n4,4,racing,2,2,16,,1,ok,10,vm\n");
    assert_int_equal(rows.configuration_count, 2);
    assert_int_equal(rows.configurations[0].valid, 3);
    assert_string_equal(configuration_key(&rows.configurations[0]).text, "racing|2|2|16|0|1");
    assert_string_equal(configuration_key(&rows.configurations[1]).text, "racing|2|2|16|-|1");
    rows_free(&rows);
}

TEST(many_configurations_are_found)
{
    enum { MANY = 3000 };
    struct text text = {NULL, 0, 0};
    text_add_string(&text, HEADER);
    for (unsigned round = 1; round <= 2; round++)
        for (unsigned i = 0; i < MANY; i++)
            text_add(&text, "%u,%u,s%u,%u,2,%s,%s,1,ok,10,vm\n", i + 1, round, i % 7, i / 7 % 20,
                     i % 2 ? "" : "16", i % 3 ? "" : "0.5");
    struct rows rows = read_text(text_of(&text));
    for (unsigned i = 0; i < rows.configuration_count; i++) {
        assert_int_equal(rows_find(&rows, &rows.configurations[i]), i);
        struct configuration other = rows.configurations[i];
        other.cpus = 3;
        assert_int_equal(rows_find(&rows, &other), -1);
    }
    /* 7 servers of 20 workers each, with connections if the number is even, with a rate if 3 divides it */
    assert_int_equal(rows.configuration_count, 7 * 20 * 2);
    text_free(&text);
    rows_free(&rows);
}

TEST(the_order_of_configurations)
{
    static const struct configuration sorted[] = {
        {"a", 2, 2, NAN, 500, 1},     {"a", 2, 2, 8, NAN, NAN}, {"a", 2, 2, 8, NAN, 0},
        {"a", 2, 2, 16, NAN, 0},      {"a", 2, 10, 4, NAN, 0},  {"a", 10, 1, 4, NAN, 0},
        {"a-again", 1, 1, 4, NAN, 0}, {"b", NAN, 1, 4, NAN, 0},
    };
    for (size_t i = 0; i < COUNT(sorted); i++)
        for (size_t k = 0; k < COUNT(sorted); k++) {
            const struct configuration *a = &sorted[i], *b = &sorted[k];
            int order = configuration_order(&a, &b);
            assert_true(i < k ? order < 0 : i > k ? order > 0 : order == 0);
        }
}

/* ---- what is refused ---- */

static const struct refused {
    const char *name, *text, *complaint; /* behind the path */
} refused[] = {
    {"a needed column is missing", "trial,round,strategy\n", "line 1: missing column 'workers'"},
    {"too few fields", HEADER "1,1,racing\n", "line 2: 3 fields, the header has 11"},
    {"half a row", HEADER "1,1,racing,2,2,16,,1,ok,10,vm\n2,1,rac",
     "line 3: 3 fields, the header has 11"},
    {"no number", HEADER "1,1,racing,2,2,16,,1,ok,fast,vm\n",
     "line 2: 'fast' is not a valid throughput_rps"},
    {"a number that no double holds", HEADER "1,1,racing,2,2,16,,1,ok,1e999,vm\n",
     "line 2: '1e999' is not a valid throughput_rps"},
    {"no name", HEADER "1,1,../x,2,2,16,,1,ok,10,vm\n", "line 2: '../x' is not a valid strategy"},
    {"a name in capitals", HEADER "1,1,Racing,2,2,16,,1,ok,10,vm\n",
     "line 2: 'Racing' is not a valid strategy"},
    {"no verdict", HEADER "1,1,racing,2,2,16,,1,,10,vm\n", "line 2: missing verdict"},
    {"no server", HEADER "1,1,,2,2,16,,1,ok,10,vm\n", "line 2: missing strategy"},
    {"no round", HEADER "1,,racing,2,2,16,,1,ok,10,vm\n", "line 2: missing round"},
    {"no trial", HEADER ",1,racing,2,2,16,,1,ok,10,vm\n", "line 2: missing trial"},
    {"an invalid row is looked at, too", HEADER "1,1,racing,2,2,16,,1,noisy,x,vm\n",
     "line 2: 'x' is not a valid throughput_rps"},
    {"control characters", HEADER "1,1,racing,2,2,16,,1,ok,\x1b[2J,vm\n",
     "line 2: '?[2J' is not a valid throughput_rps"},
    {"lines end with CR LF",
     "trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,"
     "verdict\r\n",
     "line 1: missing column 'verdict'"},
};

TEST(what_is_refused)
{
    const struct refused *row = *state;
    struct rows rows;
    struct complaint complaint = {""};
    char *path = path_in_run("trials.csv"),
         *expected = format_string("%s: %s", path, row->complaint);
    write_in_run("trials.csv", row->text);
    assert_false(rows_read(&rows, path, &complaint));
    assert_string_equal(complaint.text, expected);
    free(expected);
    free(path);
}

/* Files are named after them: what differs must differ there. */
TEST(names_have_room_in_keys)
{
    struct rows rows;
    struct complaint complaint;
    char name[110], *path = path_in_run("trials.csv");
    for (size_t length = 100; length <= 101; length++) {
        memset(name, 'a', length);
        name[length] = '\0';
        char *text = format_string(HEADER "1,1,%s,2,2,16,,1,ok,10,vm\n", name);
        write_in_run("trials.csv", text);
        assert_int_equal(rows_read(&rows, path, &complaint), length == 100);
        if (length == 100)
            assert_string_equal(configuration_key(&rows.configurations[0]).text + 100,
                                "|2|2|16|-|1");
        rows_free(&rows);
        free(text);
    }
    free(path);
}

TEST(nul_bytes_and_unknown_columns)
{
    static const char text[] =
        "note,trial,round,strategy,workers,cpus,connections,rate_offered,requests_per_connection,"
        "verdict\n\0x,1,1,racing,2,2,16,,1,ok\n";
    struct rows rows;
    struct complaint complaint;
    char *path = path_in_run("trials.csv");
    write_bytes_in_run("trials.csv", text, sizeof text - 1);
    assert_true(rows_read(&rows, path, &complaint));
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.name_count, 10);
    assert_string_equal(rows.names[0], "note");
    assert_false(rows.has[COLUMN_throughput_rps]);
    assert_true(isnan(rows.all[0].throughput_rps));
    rows_free(&rows);
    free(path);
}

TEST(files_without_rows)
{
    struct rows rows = read_text("");
    assert_int_equal(rows.count + rows.name_count + rows.configuration_count, 0);
    assert_int_equal(rows_find(&rows, &(struct configuration){.server = "racing"}), -1);
    rows_free(&rows);
    rows = read_text(HEADER);
    assert_int_equal(rows.count, 0);
    assert_int_equal(rows.name_count, 11);
    rows_free(&rows);
}

/* ---- the one definition of a row's columns ---- */

TEST(a_column_is_found_by_its_name_read_and_written)
{
    struct row row;
    struct field fields[ROW_COLUMN_COUNT];
    row_clear(&row);
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++) {
        assert_int_equal(column_find(column_name(i)), i);
        if (column_is_text(i))
            row_set_text(&row, i, column_name(i));
        else
            row_set_number(&row, i, i);
    }
    row_fields(&row, 0, ROW_COLUMN_COUNT, fields);
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++) {
        assert_string_equal(fields[i].name, column_name(i));
        if (fields[i].type == FIELD_TEXT)
            assert_string_equal(fields[i].text, column_name(i));
        else
            assert_true(fields[i].real == i);
    }
    assert_int_equal(column_find("nonsense"), ROW_COLUMN_COUNT);
    assert_true(row.throughput_rps == COLUMN_throughput_rps);
}

/* With --wire in the order of row.h, without it but for the columns of the wire */
TEST(each_column_is_in_the_header_that_trial_writes)
{
    for (int with_wire = 0; with_wire <= 1; with_wire++) {
        struct csv csv;
        char *text;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        assert_non_null(file);
        row_write_header(file, with_wire);
        fclose(file);
        csv_open_text(&csv, "header", text, ',');
        assert_int_equal(csv.columns, with_wire ? ROW_COLUMN_COUNT : COLUMNS_OF_WIRE);
        for (unsigned i = 0; i < csv.columns; i++)
            assert_string_equal(csv.header[i], column_name(i));
        csv_close(&csv);
    }
}

TEST(each_column_is_in_the_data_dictionary)
{
    size_t size;
    char *text = file_read("results/README.md", &size);
    assert_non_null(text);
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++) {
        char *name = format_string("`%s`", column_name(i));
        if (!strstr(text, name))
            fail_msg("results/README.md says nothing of %s", name);
        free(name);
    }
    free(text);
}

/* ---- configurations by their values ---- */

TEST(a_lookup_keeps_the_first_number_of_a_key)
{
    struct lookup lookup = {.all = NULL};
    enum { MANY = 5000 };
    struct configuration key = {.server = "racing", .cpus = 2, .rate = NAN, .requests = 1};
    assert_int_equal(lookup_find(&lookup, &key), -1);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < MANY; i++) {
            key.workers = i % 50;
            key.connections = i / 50;
            assert_int_equal(lookup_add(&lookup, &key, i + round * MANY), i);
        }
    assert_int_equal(lookup.count, MANY);
    key.workers = 7;
    key.connections = 3;
    assert_int_equal(lookup_find(&lookup, &key), 157);
    key.rate = -NAN; /* a value that there is none of is one value, and so is zero */
    assert_int_equal(lookup_find(&lookup, &key), 157);
    key.workers = -0.0;
    assert_int_equal(lookup_find(&lookup, &key), 150);
    key.rate = 0;
    assert_int_equal(lookup_find(&lookup, &key), -1);
    lookup_free(&lookup);
    assert_int_equal(lookup_find(&lookup, &key), -1);
}

TEST(keys_of_blocks_and_loads_leave_out_servers_and_workers)
{
    struct configuration a = {"racing", 2, 4, 16, NAN, 1, 0, 0, NULL}, b = a, block, load;
    b.server = "wakeone";
    block = key_of_block(&b);
    assert_true(
        same_configuration(&(struct configuration){"", 2, 4, 16, NAN, 1, 0, 0, NULL}, &block));
    b.workers = 8;
    load = key_of_load(&b, a.server);
    a = key_of_load(&a, a.server);
    assert_true(same_configuration(&a, &load));
    b.connections = 17;
    load = key_of_load(&b, a.server);
    assert_false(same_configuration(&a, &load));
}

int main(void)
{
    ADD(a_lookup_keeps_the_first_number_of_a_key);
    ADD(keys_of_blocks_and_loads_leave_out_servers_and_workers);
    ADD(rows_are_samples_of_configurations);
    ADD(a_row_that_stands_twice_is_two_samples);
    ADD(values_of_a_configuration_are_numbers);
    ADD(many_configurations_are_found);
    ADD(the_order_of_configurations);
    ADD_ROWS(what_is_refused, refused);
    ADD(names_have_room_in_keys);
    ADD(nul_bytes_and_unknown_columns);
    ADD(files_without_rows);
    ADD(a_column_is_found_by_its_name_read_and_written);
    ADD(each_column_is_in_the_header_that_trial_writes);
    ADD(each_column_is_in_the_data_dictionary);
    return run_added(make_run_directory, remove_run_directory);
}
