/* SPDX-License-Identifier: BSD-2-Clause */
#include "picture.h"

#include "command.h"
#include "csv.h"
#include "document.h"

#include "harness/lib/message.h"
#include "harness/lib/os.h"
#include "harness/lib/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- SVG ---- */

/* POSIX cksum: CRC-32 with the polynomial 0x04c11db7, most significant bit first, of the bytes and then of their number. */
static uint32_t checksum(const char *bytes, size_t count)
{
    uint32_t crc = 0;
    size_t left = count;
    for (size_t i = 0; i < count || left > 0; i++) {
        unsigned char byte = i < count ? (unsigned char)bytes[i] : (unsigned char)left;
        if (i >= count)
            left >>= 8;
        crc ^= (uint32_t)byte << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x80000000U ? crc << 1 ^ 0x04c11db7U : crc << 1;
    }
    return ~crc;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* Adds a line without gnuplot's titles of plot elements. */
static void add_without_titles(struct text *to, const char *line)
{
    static const char open[] = "<title>gnuplot_plot_", shut[] = "</title>";
    const char *title = strstr(line, open), *end = title ? strstr(title, shut) : NULL;
    if (!end) {
        text_add(to, "%s\n", line);
        return;
    }
    text_add_bytes(to, line, (size_t)(title - line));
    text_add(to, "%s\n", end + strlen(shut));
}

/* Calls `add` with each line, without its end. */
static void each_line(const char *text, void (*add)(struct text *, const char *, const void *),
                      struct text *to, const void *of)
{
    char *copy = copy_string(text), *line = copy;
    while (*line) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        add(to, line, of);
        line = end ? end + 1 : line + strlen(line);
    }
    free(copy);
}

struct svg {
    char *title; /* escaped */
    const char *data, *prefix;
    size_t data_length;
};

static char *escaped(const char *title)
{
    struct document html;
    document_begin(&html, FORM_HTML);
    return document_inline(&html, "%s", title);
}

static void add_file_line(struct text *to, const char *line, const void *of)
{
    const struct svg *svg = of;
    if (strcmp(line, "<title>Gnuplot</title>") == 0)
        text_add(to, "<title>%s</title>\n", svg->title);
    else if (begins(line, "<desc>Produced by GNUPLOT"))
        text_add(to, "<!-- data: cksum %u %zu -->\n", checksum(svg->data, svg->data_length),
                 svg->data_length);
    else
        add_without_titles(to, line);
}

char *svg_for_file(const char *svg, const char *title, const char *data, size_t data_length)
{
    struct text text = {NULL, 0, 0};
    struct svg about = {escaped(title), data, NULL, data_length};
    text_add_string(&text, "");
    each_line(svg, add_file_line, &text, &about);
    free(about.title);
    return text.text;
}

/* Adds a line, with the prefix inserted in all ids and references to ids. */
static void add_prefixed(struct text *to, const char *line, const char *prefix)
{
    static const char *const before[] = {" id=\"", " id='", "href='#", "url(#"};
    while (*line) {
        size_t length = 1;
        bool names = false;
        for (size_t i = 0; !names && i < sizeof before / sizeof *before; i++)
            if (begins(line, before[i])) {
                names = true;
                length = strlen(before[i]);
            }
        text_add_bytes(to, line, length);
        text_add_string(to, names ? prefix : "");
        line += length;
    }
    text_add_string(to, "\n");
}

static void add_page_line(struct text *to, const char *line, const void *of)
{
    static const char *const left_out[] = {"<!-- data: ", "<?xml", " width=\"", " xmlns"};
    const struct svg *svg = of;
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (begins(line, left_out[i]))
            return;
    if (begins(line, "<svg"))
        text_add(to, "<svg role=\"img\" aria-label=\"%s\"\n", svg->title);
    else
        add_prefixed(to, line, svg->prefix);
}

char *svg_for_page(const char *svg, const char *title, const char *prefix)
{
    struct text text = {NULL, 0, 0};
    struct svg about = {escaped(title), NULL, prefix, 0};
    text_add_string(&text, "");
    each_line(svg, add_page_line, &text, &about);
    free(about.title);
    return text.text;
}

/* ---- gnuplot ---- */

/* gnuplot does not report that it could not write there, so this checks first. */
static void check_room(int file, const char *directory)
{
    static bool checked;
    static const char room[65536];
    if (!checked && (write(file, room, sizeof room) != sizeof room || ftruncate(file, 0) != 0 ||
                     lseek(file, 0, SEEK_SET) != 0))
        fail("no space left for temporary files in %s: free some, or set TMPDIR to another "
             "directory",
             directory);
    checked = true;
}

/* A temporary file without a name, which disappears whenever the program ends. */
static int scratch_open(void)
{
    const char *directory = temporary_directory();
    char *path = format_string("%s/wakeone.XXXXXX", directory);
    int file = mkostemp(path, O_CLOEXEC);
    if (file < 0)
        fail("cannot make a temporary file in %s: %s: free some space, or set TMPDIR to another "
             "directory",
             directory, strerror(errno));
    unlink(path);
    free(path);
    check_room(file, directory);
    return file;
}

void picture_check_room(void)
{
    close(scratch_open());
}

static bool write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

/* The data for gnuplot; -1 and a complaint if there is no space left. */
static int scratch_with(const char *bytes, size_t count, struct complaint *complaint)
{
    int file = scratch_open();
    if (write_all(file, bytes, count))
        return file;
    complain(complaint, "cannot write to a temporary file: %s", strerror(errno));
    close(file);
    return -1;
}

/* The contents of a temporary file; the caller frees them. */
static char *scratch_read(int file)
{
    struct text text = {NULL, 0, 0};
    char part[4096];
    ssize_t count;
    text_add_string(&text, "");
    for (off_t at = 0; (count = pread(file, part, sizeof part, at)) > 0; at += count)
        text_add_bytes(&text, part, (size_t)count);
    return text.text;
}

/* The data path of gnuplot: the descriptor set up by become_gnuplot(). */
enum { DATA_DESCRIPTOR = 3 };
#define DATA_PATH "/proc/self/fd/3"

/* gnuplot is killed when this program ends, also by kill -9: otherwise it could write to files of the next one. files: standard
 * output, standard error, data. */
static void become_gnuplot(const char *const *arguments, const char *plots, const int *files,
                           pid_t parent) __attribute__((noreturn));
static void become_gnuplot(const char *const *arguments, const char *plots, const int *files,
                           pid_t parent)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    os_die_with_parent(parent);
    if (dup2(nothing, STDIN_FILENO) >= 0 && dup2(files[0], STDOUT_FILENO) >= 0 &&
        dup2(files[1] >= 0 ? files[1] : nothing, STDERR_FILENO) >= 0 &&
        dup2(files[2], DATA_DESCRIPTOR) >= 0 && fcntl(DATA_DESCRIPTOR, F_SETFD, 0) == 0 &&
        chdir(plots) == 0)
        execvp(arguments[0], (char *const *)arguments);
    dprintf(STDERR_FILENO, "cannot start %s: %s\n", arguments[0], strerror(errno));
    _exit(EXIT_FAILED);
}

/* Runs gnuplot in plots/. False: it failed; `complaint` has the reason if it did not start. errors -1: discard them. */
static bool run_gnuplot(const char *const *arguments, int data, int out, int errors,
                        struct complaint *complaint)
{
    const int files[] = {out, errors, data};
    char *plots = top_file("plots");
    pid_t parent = getpid(), process;
    int status = -1;
    process = fork();
    if (process == 0)
        become_gnuplot(arguments, plots, files, parent);
    free(plots);
    if (process < 0)
        return complain(complaint, "gnuplot could not be started: %s", strerror(errno));
    while (waitpid(process, &status, 0) < 0 && errno == EINTR)
        ;
    return status == 0;
}

/* The last line printed by gnuplot: its error message */
static void complain_by_log(struct complaint *complaint, int log)
{
    char *text = scratch_read(log), *last = text, *line = text;
    while (line && *line) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (line[strspn(line, " ")] != '\0')
            last = line;
        line = end;
    }
    complain(complaint, "gnuplot could not draw it: %s",
             last && *last ? last : "it printed no message");
    free(text);
}

static bool write_file(const char *path, const char *bytes, size_t count,
                       struct complaint *complaint)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return complain(complaint, "cannot write to %s: %s", path, strerror(errno));
    bool written = fwrite(bytes, 1, count, file) == count;
    written &= fclose(file) == 0;
    return written || complain(complaint, "cannot write to %s: %s", path, strerror(errno));
}

/* gnuplot does not report a full disk: checks that the picture is complete. */
static bool is_whole(const char *drawn, size_t size, const char *end)
{
    enum { END_MOST = 16 };
    for (size_t i = size > END_MOST ? size - END_MOST : 0; i < size; i++)
        if (begins(drawn + i, end))
            return true;
    return false;
}

/* Replaces the SVG of gnuplot by the final picture */
static bool finish(const struct picture *p, const char *path, struct complaint *complaint)
{
    size_t size, length = strlen(path);
    bool is_svg = length > 4 && strcmp(path + length - 4, ".svg") == 0;
    char *drawn = file_read(path, &size);
    if (!drawn)
        return complain(complaint, "cannot read %s: %s", path, strerror(errno));
    bool whole = is_whole(drawn, size, is_svg ? "</svg>" : "IEND") ||
                 complain(complaint, "gnuplot drew only a part of it: is the disk full?");
    if (whole && is_svg) {
        char *svg = svg_for_file(drawn, p->title, p->data, p->data_length);
        whole = write_file(path, svg, strlen(svg), complaint);
        free(svg);
    }
    free(drawn);
    return whole;
}

/* An absolute path, since gnuplot runs in another directory. The caller frees it. */
static char *absolute_path(const char *path)
{
    if (*path == '/')
        return copy_string(path);
    char *directory = getcwd(NULL, 0);
    char *absolute = format_string("%s/%s", directory ? directory : ".", path);
    free(directory);
    return absolute;
}

bool picture_draw(const struct picture *p, const char *path, struct complaint *complaint)
{
    int data = scratch_with(p->data, p->data_length, complaint), log;
    if (data < 0)
        return false;
    log = scratch_open();
    char *program = format_string("%s.gp", p->figure), *out = absolute_path(path);
    /* style.gp takes the format from the suffix of the path. */
    const char *const arguments[] = {"gnuplot", "-c",     "style.gp",  program,   DATA_PATH,
                                     out,       p->title, p->subtitle, p->footer, p->looks,
                                     p->ticks,  p->cpus,  NULL};
    complaint->text[0] = '\0';
    bool drawn = run_gnuplot(arguments, data, log, log, complaint);
    if (!drawn && complaint->text[0] == '\0')
        complain_by_log(complaint, log);
    drawn = drawn && finish(p, path, complaint);
    free(program);
    free(out);
    close(data);
    close(log);
    return drawn;
}

char *gnuplot_calculate(const char *program, const char *data, size_t length)
{
    const char *const arguments[] = {"gnuplot", "-c", program, DATA_PATH, NULL};
    struct complaint complaint;
    int in = scratch_with(data, length, &complaint), out;
    if (in < 0)
        return NULL;
    out = scratch_open();
    char *printed = run_gnuplot(arguments, in, out, -1, &complaint) ? scratch_read(out) : NULL;
    close(in);
    close(out);
    return printed;
}
