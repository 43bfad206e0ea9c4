/* SPDX-License-Identifier: BSD-2-Clause */
/* A packed run becomes a temporary directory. */

#include "share.h"

#include "files.h"
#include "programs.h"

#include "harness/lib/message.h"
#include "harness/lib/output.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the temporary directory ---- */

/* A process makes it, and removes it as soon as the pipe to this program has no writer any more: also after a kill -9. */
static struct {
    char *root;
    int pipe;
    pid_t remover, owner;
    unsigned count; /* runs in it */
} temporary;

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about, (void)type, (void)where;
    remove(path);
    return 0;
}

/* Writes to `told` the error number, 0 for none, and the name. */
static void make_and_remove(char *root, int end, int told) __attribute__((noreturn));
static void make_and_remove(char *root, int end, int told)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    char byte;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    int error = mkdtemp(root) ? 0 : errno;
    struct iovec parts[] = {{&error, sizeof error}, {root, strlen(root)}};
    (void)!writev(told, parts, 2);
    if (error)
        _exit(1);
    /* It holds nothing open that others wait for. */
    dup2(end, STDIN_FILENO);
    close_range(STDIN_FILENO + 1, ~0U, 0);
    while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
        ;
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    _exit(0);
}

static void remove_temporary(void)
{
    if (getpid() != temporary.owner)
        return;
    close(temporary.pipe);
    waitpid(temporary.remover, NULL, 0);
}

/* False: errno. root: as of mkdtemp(), replaced by the name */
static bool start_remover(char *root)
{
    int ends[2], told[2], error = 0;
    temporary.owner = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    if (pipe2(told, O_CLOEXEC) != 0 || (temporary.remover = fork()) < 0) {
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    if (temporary.remover == 0)
        make_and_remove(root, ends[0], told[1]);
    close(ends[0]);
    close(told[1]);
    struct iovec parts[] = {{&error, sizeof error}, {root, strlen(root)}};
    bool is_told = readv(told[0], parts, 2) == (ssize_t)(sizeof error + strlen(root));
    close(told[0]);
    temporary.pipe = ends[1];
    if (!is_told)
        error = EIO;
    if (error)
        close(ends[1]);
    errno = error;
    return error == 0;
}

static bool make_temporary(struct complaint *why)
{
    char *real = realpath(temporary_directory(), NULL),
         *root = real ? format_string("%s/wakeone-share.XXXXXX", real) : NULL;
    free(real);
    if (!root || !start_remover(root)) {
        complain(why, "cannot make a directory in %s (%s): set TMPDIR to another",
                 temporary_directory(), strerror(errno));
        free(root);
        return false;
    }
    temporary.root = root;
    atexit(remove_temporary);
    return true;
}

/* ---- gzip ---- */

/* Reads at most SHARE_BYTES_MOST and one more. */
static void read_bytes(int file, struct text *to)
{
    static char piece[1 << 16];
    ssize_t count;
    while (to->length <= SHARE_BYTES_MOST && (count = read(file, piece, sizeof piece)) != 0) {
        if (count < 0 && errno != EINTR)
            return;
        text_add_bytes(to, piece, count < 0 ? 0 : (size_t)count);
    }
}

/* `real` begins with '/': it is no option. */
static bool decompress(const char *real, struct text *to, struct complaint *why)
{
    const char *const argv[] = {"gzip", "-dc", real, NULL};
    int ends[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return complain(why, "cannot start gzip: %s", strerror(errno));
    pid_t pid = program_start(argv, ends[1], null);
    int error = errno;
    close(ends[1]);
    close(null);
    if (pid >= 0)
        read_bytes(ends[0], to);
    close(ends[0]);
    if (pid < 0)
        return complain(why, "cannot start gzip: %s", strerror(error));
    int status = program_wait(pid); /* SIGPIPE ends one that has more to write */
    if (to->length > SHARE_BYTES_MOST)
        return complain(why, "it unpacks to more than %d MiB", SHARE_BYTES_MOST >> 20);
    if (status != 0)
        return complain(why, "gzip cannot unpack it: it is cut off or damaged");
    return true;
}

/* ---- the files ---- */

struct unpacked {
    const char *directory;
    bool no_room, has_trials;
};

static bool put_bytes(const char *path, const char *data, size_t length)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t done = 0;
    while (file >= 0 && done < length) {
        ssize_t count = write(file, data + done, length - done);
        if (count < 0 && errno != EINTR)
            break;
        done += count < 0 ? 0 : (size_t)count;
    }
    bool good = file >= 0 && done == length;
    if (file >= 0)
        close(file);
    return good;
}

static bool take_file(void *to, const char *name, const char *data, size_t length,
                      struct complaint *why)
{
    struct unpacked *unpacked = to;
    const char *slash = strchr(name, '/');
    char *path = format_string("%s/%s", unpacked->directory, name);
    if (slash) {
        char *above = format_string("%s/%.*s", unpacked->directory, (int)(slash - name), name);
        mkdir(above, 0700);
        free(above);
    }
    bool put = put_bytes(path, data, length);
    int error = errno;
    free(path);
    if (strcmp(name, "trials.csv") == 0)
        unpacked->has_trials = true;
    if (put)
        return true;
    if (error == EEXIST)
        return complain(why, "it holds %s twice", name);
    unpacked->no_room = true;
    return complain(why, "cannot write to %s: %s; set TMPDIR to another directory", temporary.root,
                    strerror(error));
}

/* What the program is to end with */
static int unpack(const char *real, const char *directory, struct complaint *why)
{
    struct text archive = {NULL, 0, 0};
    struct unpacked unpacked = {directory, false, false};
    bool good = decompress(real, &archive, why) &&
                share_each(text_of(&archive), archive.length, take_file, &unpacked, why);
    text_free(&archive);
    if (good && !unpacked.has_trials)
        good = complain(why, "it holds no run: there is no trials.csv in it");
    return good ? EXIT_DONE : EXIT_FAILED;
}

static bool begins_as_gzip(const char *real)
{
    unsigned char bytes[2] = {0, 0};
    FILE *file = fopen(real, "re");
    bool is = file && fread(bytes, 1, 2, file) == 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
    if (file)
        fclose(file);
    return is;
}

/* Why a file is not unpacked at all; false: nothing is against it */
static bool is_refused(const char *path, const char *real, const struct stat *about,
                       struct complaint *why)
{
    if (access(real, R_OK) != 0)
        complain(why, "cannot read %s: %s", path, strerror(errno));
    else if (!begins_as_gzip(real))
        complain(why, "%s is neither the directory of a run nor a file that ./run.sh share made",
                 path);
    else if (about->st_size > SHARE_PACKED_MOST)
        complain(why, "%s is larger than %d bytes: ./run.sh share makes no such file", path,
                 SHARE_PACKED_MOST);
    else
        return false;
    return true;
}

static char *open_file(const char *path, const char *real, int *status, struct complaint *why)
{
    struct complaint reason;
    char *above, *directory;
    *status = EXIT_FAILED;
    if (!temporary.root && !make_temporary(why))
        return NULL;
    above = format_string("%s/%u", temporary.root, ++temporary.count);
    directory = format_string("%s/%s", above, file_name(real));
    if (mkdir(above, 0700) != 0 || mkdir(directory, 0700) != 0)
        complain(why, "cannot make a directory in %s: %s", temporary.root, strerror(errno));
    else if ((*status = unpack(real, directory, &reason)) != EXIT_DONE)
        complain(why, "%s: %s", path, reason.text);
    free(above);
    if (*status == EXIT_DONE)
        return directory;
    free(directory);
    return NULL;
}

char *share_open(const char *path, int *status, struct complaint *why)
{
    struct stat about;
    char *real = realpath(path, NULL), *directory;
    *status = EXIT_USAGE;
    if (!real || stat(real, &about) != 0 || !S_ISREG(about.st_mode)) {
        free(real);
        *status = EXIT_DONE;
        return copy_string(path);
    }
    if (is_refused(path, real, &about, why))
        directory = NULL;
    else
        directory = open_file(path, real, status, why);
    free(real);
    return directory;
}

char *share_open_or_fail(const char *path)
{
    struct complaint why;
    int status;
    char *directory = share_open(path, &status, &why);
    if (!directory && status == EXIT_USAGE)
        fail_usage("%s", why.text);
    if (!directory)
        fail("%s", why.text);
    return directory;
}
