/* SPDX-License-Identifier: BSD-2-Clause */
#include "directory.h"

#include "csv.h"
#include "files.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_LOOK_MS = 20 };

static void cannot_write(const char *directory) __attribute__((noreturn));
static void cannot_write(const char *directory)
{
    fail("cannot write to %s: %s", directory, strerror(errno));
}

static char *absolute(const char *path)
{
    char *whole = realpath(path, NULL);
    if (!whole)
        fail("cannot find %s: %s", path, strerror(errno));
    return whole;
}

char *directory_make(const char *path)
{
    char *histograms = format_string("%s/hist", path);
    if (access(path, F_OK) == 0)
        fail_usage("%s exists: choose another --out, or continue it with --resume", path);
    make_directory(histograms);
    free(histograms);
    return absolute(path);
}

static bool has(const char *directory, const char *name)
{
    char *path = format_string("%s/%s", directory, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* Files written into a run from elsewhere must stay in it, and opening a FIFO would block. */
static int check_kind(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)where;
    if (type == FTW_SL)
        fail_usage("%s is a symbolic link: not allowed in a run to resume", path);
    if (type != FTW_NS && !S_ISREG(about->st_mode) && !S_ISDIR(about->st_mode))
        fail_usage("%s is neither a file nor a directory: not allowed in a run to resume", path);
    return 0;
}

char *directory_open(const char *path)
{
    static const char *const needed[] = {"plan.tsv", "settings.tsv", "strategies.tsv"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!has(path, needed[i]))
            fail_usage("cannot resume %s: it has no %s", path, needed[i]);
    if (has(path, "shares.csv") || has(path, "latency"))
        fail_usage("%s is a compact copy: resume the original run", path);
    if (access(path, W_OK) != 0)
        fail_usage("cannot write to %s", path);
    char *whole = absolute(path);
    if (nftw(whole, check_kind, 8, FTW_PHYS) != 0)
        fail("cannot read %s: %s", path, strerror(errno));
    char *histograms = format_string("%s/hist", whole);
    make_directory(histograms);
    free(histograms);
    return whole;
}

/* Child processes inherit the open file and with it the lock. */
void directory_lock(const char *directory, unsigned wait_ms)
{
    static const struct timespec look = {.tv_nsec = LOCK_LOOK_MS * 1000000L};
    char *path = format_string("%s/.lock", directory);
    int lock = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0666);
    free(path);
    if (lock < 0)
        cannot_write(directory);
    for (unsigned waited = 0; flock(lock, LOCK_EX | LOCK_NB) != 0; waited += LOCK_LOOK_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            fail("cannot lock %s/.lock: %s", directory, strerror(errno));
        if (waited >= wait_ms)
            fail("another bench is running in %s", directory);
        nanosleep(&look, NULL);
    }
}

/* ---- files ---- */

/* Replaces the file atomically and syncs it to disk, or ends the program. */
static void replace(const char *directory, const char *name, const char *text, size_t length)
{
    char *path = format_string("%s/%s", directory, name), *new_path = format_string("%s.new", path);
    int file = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    bool good = file >= 0;
    for (size_t done = 0; good && done < length;) {
        ssize_t count = write(file, text + done, length - done);
        good = count > 0;
        done += good ? (size_t)count : 0;
    }
    good = good && fsync(file) == 0 && rename(new_path, path) == 0;
    if (!good) {
        int error = errno;
        unlink(new_path);
        errno = error;
        cannot_write(directory);
    }
    close(file);
    free(path);
    free(new_path);
}

void directory_put_plan(const char *directory, const struct text *plan)
{
    replace(directory, "plan.tsv", text_of(plan), plan->length);
}

void directory_append(const char *directory, const char *name, const char *line)
{
    char *path = format_string("%s/%s", directory, name);
    FILE *file = fopen(path, "ae");
    free(path);
    if (!file || fputs(line, file) < 0 || fputc('\n', file) < 0 || fclose(file) != 0)
        cannot_write(directory);
}

/* ---- finished trials ---- */

static int order_of_numbers(const void *a, const void *b)
{
    const unsigned long *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The first fields of all lines but the first. */
static void add_finished(struct finished *finished, unsigned *room, const char *directory,
                         const char *name)
{
    size_t size;
    char *path = format_string("%s/%s", directory, name), *buffer = file_read(path, &size);
    if (!buffer && errno != ENOENT)
        fail("cannot read %s: %s", path, strerror(errno));
    for (char *line = buffer ? strchr(buffer, '\n') : NULL; line && line[1];
         line = strchr(line + 1, '\n')) {
        finished->trials = array_grow(finished->trials, finished->count, room,
                                      sizeof *finished->trials);
        finished->trials[finished->count++] = strtoul(line + 1, NULL, 10);
    }
    free(buffer);
    free(path);
}

void finished_read(struct finished *finished, const char *directory)
{
    unsigned room = 0;
    *finished = (struct finished){NULL, 0};
    add_finished(finished, &room, directory, "trials.csv");
    add_finished(finished, &room, directory, "wire.csv");
    if (finished->count)
        qsort(finished->trials, finished->count, sizeof *finished->trials, order_of_numbers);
}

void finished_free(struct finished *finished)
{
    free(finished->trials);
    *finished = (struct finished){NULL, 0};
}

bool is_finished(const struct finished *finished, unsigned long trial)
{
    return finished->count && bsearch(&trial, finished->trials, finished->count,
                                      sizeof *finished->trials, order_of_numbers);
}

/* ---- incomplete rows ---- */

/* The whole file including NULs, or NULL without the file. */
static char *read_bytes(const char *directory, const char *name, size_t *size)
{
    char *path = format_string("%s/%s", directory, name);
    struct text text = {NULL, 0, 0};
    char piece[65536];
    size_t count;
    FILE *file = fopen(path, "re");
    if (!file && errno != ENOENT)
        fail("cannot read %s: %s", path, strerror(errno));
    text_add_string(&text, "");
    while (file && (count = fread(piece, 1, sizeof piece, file)) > 0)
        text_add_bytes(&text, piece, count);
    if (file && ferror(file))
        fail("cannot read %s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    free(path);
    *size = text.length;
    return text.text;
}

static size_t without_zeros(char *text, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\0')
            text[kept++] = text[i];
    text[kept] = '\0';
    return kept;
}

/* What a process that was killed while it replaced the file has left. */
static void drop_replacement(const char *directory, const char *name)
{
    char *path = format_string("%s/%s.new", directory, name);
    unlink(path);
    free(path);
}

static void drop_half_row(const char *directory, const char *name)
{
    size_t size;
    char *text = read_bytes(directory, name, &size);
    size_t kept = without_zeros(text, size);
    if (kept < size)
        message("dropped data of %s/%s that had not reached the disk", directory, name);
    if (kept > 0 && text[kept - 1] != '\n') {
        message("dropped an incomplete row at the end of %s/%s", directory, name);
        while (kept > 0 && text[kept - 1] != '\n')
            kept--;
    }
    if (kept < size)
        replace(directory, name, text, kept);
    free(text);
}

/* The row of a trial is written last: without it, its lines in other files are dropped. */
static void drop_lines(const char *directory, const char *name)
{
    struct finished finished;
    struct text kept = {NULL, 0, 0};
    size_t size;
    char *text = read_bytes(directory, name, &size);
    bool by_trial = strncmp(text, "trial,", 6) == 0; /* unlike clients.csv of ab and wrk */
    finished_read(&finished, directory);
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        if (!by_trial || line == text || is_finished(&finished, strtoul(line, NULL, 10)))
            text_add_bytes(&kept, line, (size_t)(end - line));
    }
    if (kept.length < size)
        replace(directory, name, text_of(&kept), kept.length);
    finished_free(&finished);
    text_free(&kept);
    free(text);
}

void directory_drop_half_rows(const char *directory)
{
    static const char *const files[] = {"trials.csv", "workers.csv", "wire.csv", "clients.csv"};
    drop_replacement(directory, "plan.tsv");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        drop_replacement(directory, files[i]);
        drop_half_row(directory, files[i]);
    }
    drop_lines(directory, "workers.csv");
    drop_lines(directory, "clients.csv");
}
