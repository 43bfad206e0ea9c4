/*
 * A run's directory from anywhere: trials.csv, strategies.tsv, settings.tsv, env.json, wire.csv, one behind the other
 * with a line of '=' between. Whatever is in them, the run is read or refused with one line, and if it is read all that is
 * derived from rows can be derived. The corpus is in tests/data/directory.
 */

#include "harness/runs/expression.h"
#include "harness/runs/ratios.h"
#include "harness/runs/run.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *directory(void)
{
    static char path[] = "/dev/shm/fuzz_directory.XXXXXX";
    static bool made;
    if (!made && !mkdtemp(path))
        abort();
    made = true;
    return path;
}

static void write_part(const char *name, const uint8_t *part, size_t size)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", directory(), name);
    unlink(path);
    if (!part)
        return;
    FILE *file = fopen(path, "w");
    if (!file || fwrite(part, 1, size, file) != size || fclose(file) != 0)
        abort();
}

/* Where the next part begins; NULL where there is none. */
static const uint8_t *next_part(const uint8_t *part, const uint8_t *end)
{
    const uint8_t *at = memmem(part, (size_t)(end - part), "\n=\n", 3);
    return at ? at + 3 : NULL;
}

static void derive(struct run *run)
{
    struct ratios ratios = ratios_of(run, COLUMN_throughput_rps);
    ratios_free(&ratios);
    for (unsigned i = 0; i < run->trials.configuration_count; i++)
        if (strchr(configuration_key(&run->trials.configurations[i]).text, '\n'))
            abort();
    for (unsigned i = 0; i < run->server_count; i++) {
        long value;
        expression_value(run->servers[i].wakes, 8, 0, &value);
    }
    environment_string(run, "lab.virtual.model");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"trials.csv", "strategies.tsv", "settings.tsv", "env.json",
                                        "wire.csv"};
    const uint8_t *end = data + size, *part = data;
    struct complaint complaint;
    struct run run;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const uint8_t *next = part ? next_part(part, end) : NULL;
        write_part(names[i], part, part ? (size_t)((next ? next - 3 : end) - part) : 0);
        part = next;
    }
    if (run_open(&run, directory(), &complaint))
        derive(&run);
    else if (complaint.text[0] == '\0' || strchr(complaint.text, '\n'))
        abort();
    run_free(&run);
    return 0;
}
