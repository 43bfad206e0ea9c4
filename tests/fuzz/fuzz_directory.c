/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The readers of a run's directory, mainly of its rows, with arbitrary input: trials.csv, strategies.tsv, settings.tsv,
 * env.json, wire.csv, separated by lines of '='. The run is read or rejected with one line; if it is read, everything that
 * is derived from rows can be derived. The corpus is in tests/data/directory.
 */

#include "derive.h"

#include "harness/runs/ratios.h"

static void derive_ratios(struct run *run)
{
    struct ratios ratios = ratios_of(run, COLUMN_throughput_rps);
    ratios_free(&ratios);
    environment_string(run, "lab.virtual.model");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"trials.csv", "strategies.tsv", "settings.tsv", "env.json",
                                        "wire.csv"};
    static void (*const derivations[])(struct run * run) = {derive_ratios, derive_tables,
                                                            derive_figures};
    write_parts(names, sizeof names / sizeof *names, data, size);
    read_and_derive(derivations, sizeof derivations / sizeof *derivations);
    return 0;
}
