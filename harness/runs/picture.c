#include "picture.h"

#include "command.h"
#include "csv.h"
#include "document.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
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

/* Adds a line without gnuplot's titles of its parts. */
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

/* Adds a line with the prefix behind whatever names or refers to an id. */
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

struct scratch {
    char *data, *out, *log;
};

/* Pictures that could not be written there look like anything but that: gnuplot says nothing of it. */
static void check_room(int file, const char *path, const char *directory)
{
    static bool checked;
    static const char room[65536];
    if (!checked && (write(file, room, sizeof room) != sizeof room || ftruncate(file, 0) != 0)) {
        unlink(path);
        fail("no room is left for temporary files in %s: make room, or set TMPDIR to another "
             "directory",
             directory);
    }
    checked = true;
}

static char *scratch_name(void)
{
    const char *given = getenv("TMPDIR"), *directory = given && *given ? given : "/tmp";
    char *path = format_string("%s/wakeone.XXXXXX", directory);
    int file = mkstemp(path);
    if (file < 0)
        fail(
            "cannot make a temporary file in %s: %s: make room, or set TMPDIR to another directory",
            directory, strerror(errno));
    check_room(file, path, directory);
    close(file);
    return path;
}

static void drop(char *path)
{
    unlink(path);
    free(path);
}

static void scratch_drop(struct scratch *scratch)
{
    drop(scratch->data);
    drop(scratch->out);
    drop(scratch->log);
}

void picture_check_room(void)
{
    drop(scratch_name());
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

/* Starts gnuplot in plots/, with what it prints in files; waits for it. */
static bool run_gnuplot(const char *const *arguments, const char *out, const char *errors,
                        struct complaint *complaint)
{
    pid_t process;
    int status = -1;
    char *plots = top_file("plots");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, plots);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_TRUNC, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_APPEND, 0);
    int error = posix_spawnp(&process, arguments[0], &actions, NULL, (char *const *)arguments,
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    free(plots);
    if (error)
        return complain(complaint, "gnuplot could not be started: %s", strerror(error));
    while (waitpid(process, &status, 0) < 0 && errno == EINTR)
        ;
    return status == 0;
}

/* The last line that gnuplot printed, which says what is wrong */
static void complain_by_log(struct complaint *complaint, const char *log)
{
    size_t size;
    char *text = file_read(log, &size), *last = text, *line = text;
    while (line && *line) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (line[strspn(line, " ")] != '\0')
            last = line;
        line = end;
    }
    complain(complaint, "gnuplot could not draw it: %s", last ? last : "");
    free(text);
}

/* From what gnuplot drew to the file */
static bool finish(const struct picture *p, const char *drawn, const char *path,
                   struct complaint *complaint)
{
    size_t size, length = strlen(path);
    char *text = file_read(drawn, &size);
    if (!text)
        return complain(complaint, "cannot read %s: %s", drawn, strerror(errno));
    if (length > 4 && strcmp(path + length - 4, ".svg") == 0) {
        char *svg = svg_for_file(text, p->title, p->data, p->data_length);
        free(text);
        text = svg;
        size = strlen(svg);
    }
    bool written = write_file(path, text, size, complaint);
    free(text);
    return written;
}

bool picture_draw(const struct picture *p, const char *path, struct complaint *complaint)
{
    struct scratch scratch = {scratch_name(), scratch_name(), scratch_name()};
    /* style.gp takes the kind of picture from the ending. */
    char *program = format_string("%s.gp", p->figure);
    char *out = format_string("%s%s", scratch.out, strrchr(path, '.'));
    const char *const arguments[] = {"gnuplot", "-c",     "style.gp",  program,   scratch.data,
                                     out,       p->title, p->subtitle, p->footer, p->looks,
                                     p->ticks,  p->cpus,  NULL};
    complaint->text[0] = '\0';
    bool drawn = write_file(scratch.data, p->data, p->data_length, complaint);
    if (drawn && !run_gnuplot(arguments, scratch.log, scratch.log, complaint)) {
        drawn = false;
        if (complaint->text[0] == '\0')
            complain_by_log(complaint, scratch.log);
    }
    drawn = drawn && finish(p, out, path, complaint);
    free(program);
    drop(out);
    scratch_drop(&scratch);
    return drawn;
}

char *gnuplot_calculate(const char *program, const char *data, size_t length)
{
    struct scratch scratch = {scratch_name(), scratch_name(), scratch_name()};
    const char *const arguments[] = {"gnuplot", "-c", program, scratch.data, NULL};
    struct complaint complaint;
    size_t size;
    char *printed = NULL;
    if (write_file(scratch.data, data, length, &complaint) &&
        run_gnuplot(arguments, scratch.out, "/dev/null", &complaint))
        printed = file_read(scratch.out, &size);
    scratch_drop(&scratch);
    return printed;
}
