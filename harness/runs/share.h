/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SHARE_H
#define WAKEONE_SHARE_H

/*
 * A run in one file, for other machines (`./run.sh share`): a tar archive (ustar) of one directory, compressed with gzip. It has the
 * files that compare and report read, without names that identify the machine, its users or its directories.
 *
 * Such a file comes from elsewhere. What is read of it is limited in size and in the number of files; only regular files with
 * names that a run has are unpacked, whatever else is in it is left out or, where it could lead out of the directory, refused.
 */

#include "complaint.h"
#include "text.h"

#include <stddef.h>

/* Limits of a packed run; harness/commands/share.sh keeps them when it packs. */
enum {
    SHARE_PACKED_MOST = 5000000, /* bytes, compressed */
    SHARE_BYTES_MOST = 64 << 20, /* bytes of the archive */
    SHARE_FILES_MOST = 20000,
};

/* How names are replaced in a file: paths only, or user and host names, too. JSON is replaced value by value. */
enum share_form { SHARE_OTHER, SHARE_TABLE, SHARE_WORDS, SHARE_JSON, SHARE_REPORT };

/* SHARE_OTHER: not a file of a packed run. Names are relative to the run: "trials.csv", "hist/12.hgrm". SHARE_REPORT: a file that
 * is made of the others after names were replaced. */
enum share_form share_form_of(const char *name);

/* Calls `take` for each file of an archive that share_form_of() knows: its name in the run, and `length` bytes that are valid
 * until `bytes` is freed. False: the archive is damaged, or holds what a packed run never does, or `take` returned false. */
bool share_each(const char *bytes, size_t size,
                bool (*take)(void *to, const char *name, const char *data, size_t length,
                             struct complaint *why),
                void *to, struct complaint *why);

/*
 * The directory of a run, to be freed: `path` itself unless it is a regular file, which is unpacked into a temporary directory.
 * That is removed when the program ends, however it does. The last part of the directory's name is that of the file, for messages.
 * NULL: `why`, and *status is EXIT_USAGE (no packed run) or EXIT_FAILED (damaged, or no room).
 */
char *share_open(const char *path, int *status, struct complaint *why);

/* The same for commands: ends the program with one line. */
char *share_open_or_fail(const char *path);

/* ---- replacing names ---- */

enum share_kind { SHARE_HOST, SHARE_USER, SHARE_PATH, SHARE_IDENTIFIER, SHARE_KINDS };

enum { SHARE_NAMES_MOST = 8 };

/* Begins as {.name_count = 0}. share_names_free() is due. */
struct share_names {
    struct {
        char *text;
        enum share_kind kind;
    } names[SHARE_NAMES_MOST];
    unsigned name_count;
    unsigned long replaced[SHARE_KINDS]; /* so far */
};

/* "host name", ...; and what stands in its place: "HOST", ... */
const char *share_kind_name(enum share_kind kind);
const char *share_placeholder(enum share_kind kind);

/* Adds a copy of a name that is replaced; NULL and names of one letter or of digits only are not. */
void share_add_name(struct share_names *names, const char *text, enum share_kind kind);
void share_names_free(struct share_names *names);

/* Adds a text to `to`. Absolute paths (but those below /proc and /sys) and UUIDs are replaced; names, too, with `words`. */
void share_replace(struct share_names *names, const char *text, bool words, struct text *to);

#endif
