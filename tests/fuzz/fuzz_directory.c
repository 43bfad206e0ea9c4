/*
 * A run's directory from anywhere, with rows above all: trials.csv, strategies.tsv, settings.tsv, env.json, wire.csv, one
 * behind the other with a line of '=' between. Whatever is in them, the run is read or refused with one line, and if it is
 * read all that is derived from rows can be derived. The corpus is in tests/data/directory.
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
