/* SPDX-License-Identifier: BSD-2-Clause */
/* runs share RUN DIR: what of a run is packed, names replaced. runs share --line RUN: its lines for results/gallery.tsv. */

#include "command.h"
#include "csv.h"
#include "files.h"
#include "share.h"
#include "share_line.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct {
    const char *sha256, *source;
    bool line;
} settings = {.sha256 = "-", .source = "-"};

/* ---- names ---- */

/* Whether other things of the run have this name, so that it identifies nothing, and is a value that programs read */
static bool is_generic(const struct run *run, const char *name)
{
    static const char *const generic[] = {"root", "nobody", "localhost", "metal", "vm",
                                          "kvm",  "tcg",    "virtual",   "epoll", "linux"};
    for (size_t i = 0; i < sizeof generic / sizeof *generic; i++)
        if (strcasecmp(generic[i], name) == 0)
            return true;
    for (unsigned i = 0; i < run->server_count; i++)
        if (strcmp(run->servers[i].name, name) == 0)
            return true;
    for (unsigned i = 0; i < run->setting_count; i++)
        if (strcmp(run->settings[i].name, name) == 0)
            return true;
    return false;
}

static void add_unless_generic(struct share_names *names, const struct run *run, const char *name,
                               enum share_kind kind)
{
    if (name && !is_generic(run, name))
        share_add_name(names, name, kind);
}

/* A host, with and without its domain */
static void add_host(struct share_names *names, const struct run *run, const char *host)
{
    char *label = copy_bytes(host ? host : "", host ? strcspn(host, ".") : 0);
    add_unless_generic(names, run, host, SHARE_HOST);
    if (host && strcmp(host, label) != 0)
        add_unless_generic(names, run, label, SHARE_HOST);
    free(label);
}

/* Root, and a number without a name, have none. */
static void add_user(struct share_names *names, const struct run *run, uid_t user)
{
    const struct passwd *entry = user ? getpwuid(user) : NULL;
    if (entry)
        add_unless_generic(names, run, entry->pw_name, SHARE_USER);
}

/* The names of the run's machine, of this one, of this user and of the owner of the run */
static void find_names(struct share_names *names, const struct run *run)
{
    struct utsname here;
    struct stat about;
    add_host(names, run, environment_string(run, "host"));
    if (uname(&here) == 0)
        add_host(names, run, here.nodename);
    add_user(names, run, getuid());
    if (stat(run->directory, &about) == 0 && about.st_uid != getuid())
        add_user(names, run, about.st_uid);
}

/* ---- env.json ---- */

static json_t *replaced_json(struct share_names *names, json_t *value);

static json_t *replaced_object(struct share_names *names, json_t *object)
{
    const char *name;
    json_t *member, *to = json_object();
    json_object_foreach(object, name, member)
    {
        json_object_set_new(to, name, replaced_json(names, member));
    }
    return to;
}

static json_t *replaced_array(struct share_names *names, json_t *array)
{
    size_t i;
    json_t *member, *to = json_array();
    json_array_foreach(array, i, member)
    {
        json_array_append_new(to, replaced_json(names, member));
    }
    return to;
}

/* The same value with all its strings replaced; names of members stay. */
static json_t *replaced_json(struct share_names *names, json_t *value)
{
    if (json_is_object(value))
        return replaced_object(names, value);
    if (json_is_array(value))
        return replaced_array(names, value);
    if (!json_is_string(value))
        return json_incref(value);
    struct text text = {NULL, 0, 0};
    share_replace(names, json_string_value(value), true, &text);
    json_t *string = json_string(text_of(&text));
    text_free(&text);
    return string;
}

static void add_environment(struct share_names *names, const struct run *run, struct text *to)
{
    if (!json_is_object(run->environment))
        fail("%s/env.json is no JSON object: mend it, or take it away", run->path);
    json_t *replaced = replaced_object(names, run->environment);
    /* Generic or not, it names nothing but the machine. */
    if (json_object_get(replaced, "host")) {
        const char *host = json_string_value(json_object_get(replaced, "host"));
        names->replaced[SHARE_HOST] += !host || !strstr(host, share_placeholder(SHARE_HOST));
        json_object_set_new(replaced, "host", json_string(share_placeholder(SHARE_HOST)));
    }
    /* 15 digits are those that were written, without the nearest binary number's further ones. */
    char *text = json_dumps(replaced, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    if (!text)
        fail("out of memory");
    text_add(to, "%s\n", text);
    free(text);
    json_decref(replaced);
}

/* ---- the copy ---- */

struct copy {
    const struct run *run;
    const char *directory;
    struct share_names names;
    struct text removed; /* lines of REMOVED */
};

static void put(const struct copy *copy, const char *name, const struct text *text)
{
    const char *slash = strchr(name, '/');
    char *above = slash ? format_string("%s/%.*s", copy->directory, (int)(slash - name), name)
                        : copy_string(copy->directory);
    if (slash)
        make_directory(above);
    struct files files = {.directory = above};
    files_add(&files, file_name(name), text_of(text), text->length);
    files_put(&files);
    free(above);
}

/* Adds to REMOVED what was replaced in the file since `before`. */
static void note(struct copy *copy, const char *name, const unsigned long *before)
{
    for (int kind = 0; kind < SHARE_KINDS; kind++) {
        unsigned long times = copy->names.replaced[kind] - before[kind];
        if (times > 0)
            text_add(&copy->removed, "%s\t%s\t%lu\t%s\n", name, share_kind_name(kind), times,
                     share_placeholder(kind));
    }
}

static void copy_file(struct copy *copy, const char *name)
{
    struct text text = {NULL, 0, 0};
    unsigned long before[SHARE_KINDS];
    size_t size;
    enum share_form form = share_form_of(name);
    char *path = run_file(copy->run, name), *bytes = file_read(path, &size);
    if (!bytes)
        fail("cannot read %s: %s", path, strerror(errno));
    memcpy(before, copy->names.replaced, sizeof before);
    if (form == SHARE_JSON)
        add_environment(&copy->names, copy->run, &text);
    else
        share_replace(&copy->names, bytes, form == SHARE_WORDS, &text);
    put(copy, name, &text);
    note(copy, name, before);
    text_free(&text);
    free(bytes);
    free(path);
}

struct listing {
    char **names;
    unsigned count, room;
};

/* Adds the files of a directory ("", "hist/") of the run that are packed. */
static void add_names(struct listing *listing, const struct run *run, const char *below)
{
    char *path = run_file(run, below);
    DIR *directory = opendir(path);
    if (!directory && errno != ENOENT)
        fail("cannot read %s: %s", path, strerror(errno));
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char *name = format_string("%s%s", below, entry->d_name);
        enum share_form form = share_form_of(name);
        if (form == SHARE_OTHER || form == SHARE_REPORT) {
            free(name);
            continue;
        }
        listing->names = array_grow(listing->names, listing->count, &listing->room,
                                    sizeof *listing->names);
        listing->names[listing->count++] = name;
    }
    if (directory)
        closedir(directory);
    free(path);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "wakeone-20261125T020828Z": when the run was made; its own name may be that of its machine. */
static char *neutral_name(const struct run *run)
{
    struct text name = {NULL, 0, 0};
    const char *utc = environment_string(run, "utc");
    text_add_string(&name, "wakeone-");
    for (const char *c = utc && *utc ? utc : "run"; *c && name.length < 40; c++)
        if (isalnum((unsigned char)*c))
            text_add_bytes(&name, c, 1);
    return name.text;
}

static void copy_run(const struct run *run, const char *parent)
{
    char *name = neutral_name(run), *directory = format_string("%s/%s", parent, name);
    struct copy copy = {.run = run, .directory = directory};
    struct listing listing = {NULL, 0, 0};
    make_directory(directory);
    find_names(&copy.names, run);
    text_add_string(&copy.removed, "file\twhat\ttimes\treplaced by\n");
    add_names(&listing, run, "");
    add_names(&listing, run, "hist/");
    add_names(&listing, run, "latency/");
    if (listing.count)
        qsort(listing.names, listing.count, sizeof *listing.names, by_text);
    for (unsigned i = 0; i < listing.count; i++) {
        copy_file(&copy, listing.names[i]);
        free(listing.names[i]);
    }
    text_add_string(&copy.removed, "-\tname of the run's directory\t1\t");
    text_add(&copy.removed, "%s\n", name);
    text_add_string(&copy.removed, "-\tlogs, figures, server configurations, reproduce.sh\t-\t-\n");
    put(&copy, "REMOVED", &copy.removed);
    printf("%s\n", name);
    share_names_free(&copy.names);
    text_free(&copy.removed);
    free(listing.names);
    free(directory);
    free(name);
}

/* ---- the command ---- */

static void print_lines(const char *path)
{
    struct run run;
    struct complaint why;
    struct text text = {NULL, 0, 0};
    char *directory = share_open_or_fail(path);
    run_read(&run, directory);
    if (!share_add_lines(&text, &run, settings.sha256, settings.source, &why))
        fail("%s", why.text);
    fputs(text_of(&text), stdout);
    text_free(&text);
    run_free(&run);
    free(directory);
}

int command_share(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "a copy of what is packed of a run, below DIR, with names replaced, and its "
                    "name on standard output; or lines "
                    "of results/gallery.tsv",
        .operands = "RUN [DIR]",
        .example = "runs share --line results/reference/main",
        .mixed = true,
    };
    static const struct option_spec options[] = {
        {OPTION_FLAG, "line", NULL, "print the lines of the run, or of a packed one",
         &settings.line},
        {OPTION_TEXT, "sha256", "SUM", "of the packed file, for the line", &settings.sha256},
        {OPTION_TEXT, "source", "URL", "where the file is, or its DOI, for the line",
         &settings.source},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    struct run run;
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first != (settings.line ? 1 : 2))
        fail_usage("takes a run and a directory for its copy, or --line and a run: see --help");
    if (settings.line) {
        print_lines(argv[first]);
        return EXIT_DONE;
    }
    run_read(&run, argv[first]);
    copy_run(&run, argv[first + 1]);
    run_free(&run);
    return EXIT_DONE;
}
