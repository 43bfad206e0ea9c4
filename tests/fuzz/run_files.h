/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FUZZ_RUN_FILES_H
#define WAKEONE_FUZZ_RUN_FILES_H

/* A run's directory in memory for fuzzers of its readers. An input may hold several files, separated by lines of '='. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char run_path[100];
static pid_t run_owner; /* children of the unit tests call exit(), too */

static inline void remove_run(void)
{
    static const char *const names[] = {
        "trials.csv", "wire.csv",    "strategies.tsv", "env.json", "settings.tsv",
        "plan.tsv",   "hist/1.hgrm", "hist/2.hgrm",    "hist",     "latency/racing_8_2_16_-_1.hgrm",
        "latency"};
    char path[200];
    if (getpid() != run_owner)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", run_path, names[i]);
        if (remove(path) != 0)
            continue; /* not every fuzzer writes all of them */
    }
    rmdir(run_path);
}

/* In FUZZ_DIR, which the caller of a fuzzer removes: a fuzzer ends without atexit(). */
static inline const char *run_directory(void)
{
    if (run_owner)
        return run_path;
    const char *above = getenv("FUZZ_DIR");
    snprintf(run_path, sizeof run_path, "%s/fuzz_run.XXXXXX", above ? above : "/dev/shm");
    if (!mkdtemp(run_path) || atexit(remove_run) != 0 || setenv("WAKEONE_TOP", ".", 0) != 0)
        abort();
    run_owner = getpid();
    return run_path;
}

/* Writes a file of the run; data NULL: removes it. */
static inline void write_part(const char *name, const void *part, size_t size)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", run_directory(), name);
    unlink(path);
    if (!part)
        return;
    FILE *file = fopen(path, "w");
    if (!file || fwrite(part, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static inline void write_text(const char *name, const char *text)
{
    write_part(name, text, strlen(text));
}

static inline void make_folder(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", run_directory(), name);
    if (mkdir(path, 0777) != 0)
        abort();
}

/* The start of the next part; NULL if there is none. */
static inline const uint8_t *next_part(const uint8_t *part, const uint8_t *end)
{
    const uint8_t *at = memmem(part, (size_t)(end - part), "\n=\n", 3);
    return at ? at + 3 : NULL;
}

/* Writes the parts of an input to files of the run. */
static inline void write_parts(const char *const *names, size_t count, const uint8_t *data,
                               size_t size)
{
    const uint8_t *end = data + size, *part = data;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *next = part ? next_part(part, end) : NULL;
        write_part(names[i], part, part ? (size_t)((next ? next - 3 : end) - part) : 0);
        part = next;
    }
}

/* The required columns of a row. */
#define ROW_HEADER                                                                                \
    "trial,round,machine,strategy,workers,cpus,connections,rate_offered,requests_per_connection," \
    "throughput_rps,wakeups_per_conn,latency_p99_us,verdict\n"

/* Two rounds of two servers and the A/A control. */
static const char six_rows[] = ROW_HEADER "1,1,metal,racing,8,2,16,,1,1000,2.5,90,ok\n"
                                          "2,2,metal,racing,8,2,16,,1,1100,2.6,91,ok\n"
                                          "3,1,metal,wakeone,8,2,16,,1,1200,1,80,ok\n"
                                          "4,2,metal,wakeone,8,2,16,,1,1300,1,81,noisy\n"
                                          "5,1,metal,racing-again,8,2,16,,1,1010,2.4,92,ok\n"
                                          "6,2,metal,racing-again,8,2,16,,1,1090,2.5,93,ok\n";

#endif
