/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of histograms of a run with arbitrary input: hist/1.hgrm and hist/2.hgrm, separated by a line of '=', or, after
 * a first line "merged", a file of latency/. They are read or rejected with one line; the merged file can be read again and
 * is equal. The corpus is in tests/data/histogram.
 */

#include "derive.h"

#include "harness/runs/latencies.h"

#define MERGED "merged\n"

static const char two_rows[] = ROW_HEADER "1,1,metal,racing,8,2,16,,1,1000,2.5,90,ok\n"
                                          "2,2,metal,racing,8,2,16,,1,1100,2.6,91,ok\n";

/* The run has hist/, or latency/. */
static void set_form(bool merged)
{
    static const char *const folders[] = {"hist", "latency"};
    char path[200];
    snprintf(path, sizeof path, "%s/%s", run_directory(), folders[!merged]);
    write_part("hist/1.hgrm", NULL, 0);
    write_part("hist/2.hgrm", NULL, 0);
    write_part("latency/racing_8_2_16_-_1.hgrm", NULL, 0);
    if (rmdir(path) == 0 || access(path, F_OK) != 0) {
        snprintf(path, sizeof path, "%s/%s", run_directory(), folders[merged]);
        if (access(path, F_OK) != 0)
            make_folder(folders[merged]);
        return;
    }
    abort();
}

static void check_same(const struct latencies *a, const struct latencies *b)
{
    if (a->count != b->count || a->trials != b->trials)
        abort();
    for (unsigned i = 0; i < a->count; i++)
        if (a->buckets[i].count != b->buckets[i].count)
            abort();
}

/* As `compact` writes it. */
static void read_again(const struct run *run, const struct configuration *c,
                       const struct latencies *latencies)
{
    struct latencies again;
    struct complaint why;
    struct text file = {NULL, 0, 0};
    latencies_write(latencies, &file);
    set_form(true);
    write_part("latency/racing_8_2_16_-_1.hgrm", text_of(&file), file.length);
    if (!latencies_read(run, c, &again, &why))
        abort();
    check_same(latencies, &again);
    latencies_free(&again);
    text_free(&file);
}

static void derive_latencies(struct run *run)
{
    const struct configuration *c = run->trials.configurations;
    struct latencies latencies;
    struct complaint why = {""};
    struct text data = {NULL, 0, 0};
    if (figure_of_run(run, "latency", &data, &why) != FIGURE_DRAWN)
        check_line_of(&why);
    text_free(&data);
    if (!latencies_read(run, c, &latencies, &why)) {
        check_line_of(&why);
        return;
    }
    read_again(run, c, &latencies);
    latencies_free(&latencies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"hist/1.hgrm", "hist/2.hgrm"};
    static void (*const derivations[])(struct run * run) = {derive_latencies};
    const size_t mark = strlen(MERGED);
    bool merged = size >= mark && memcmp(data, MERGED, mark) == 0;
    write_text("trials.csv", two_rows);
    set_form(merged);
    if (merged)
        write_part("latency/racing_8_2_16_-_1.hgrm", data + mark, size - mark);
    else
        write_parts(names, 2, data, size);
    read_and_derive(derivations, 1);
    return 0;
}
