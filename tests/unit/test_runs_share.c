/* SPDX-License-Identifier: BSD-2-Clause */
/* Packed runs: the reader of their archives, and the replacing of names. */

#include "harness/runs/share.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512 };

/* ---- archives ---- */

struct member {
    const char *name, *data;
    char type; /* 0: '0' */
    const char *prefix;
    const char *size; /* NULL: that of the data */
};

static void set_sum(char *header)
{
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    header[155] = ' ';
}

static void add_member(struct text *archive, const struct member *member)
{
    static const char zeros[BLOCK];
    char header[BLOCK] = "";
    size_t length = strlen(member->data);
    memcpy(header, member->name, strlen(member->name));
    snprintf(header + 100, 8, "0000644");
    if (member->size)
        memcpy(header + 124, member->size, strlen(member->size));
    else
        snprintf(header + 124, 12, "%011o", (unsigned)length);
    header[156] = member->type ? member->type : '0';
    memcpy(header + 257, "ustar", 6);
    memcpy(header + 263, "00", 2);
    if (member->prefix)
        memcpy(header + 345, member->prefix, strlen(member->prefix));
    set_sum(header);
    text_add_bytes(archive, header, BLOCK);
    text_add_bytes(archive, member->data, length);
    text_add_bytes(archive, zeros, (BLOCK - length % BLOCK) % BLOCK);
}

static void add_end(struct text *archive)
{
    static const char zeros[2 * BLOCK];
    text_add_bytes(archive, zeros, sizeof zeros);
}

static bool take(void *to, const char *name, const char *data, size_t length, struct complaint *why)
{
    (void)why;
    text_add(to, "%s=%.*s;", name, (int)length, data);
    return true;
}

static bool read_archive(const struct text *archive, struct text *taken, struct complaint *why)
{
    char *exact = exact_copy(text_of(archive), archive->length);
    bool good = share_each(exact, archive->length, take, taken, why);
    free(exact);
    return good;
}

static void assert_read(const struct member *members, const char *expected, const char *reason)
{
    struct text archive = {NULL, 0, 0}, taken = {NULL, 0, 0};
    struct complaint why = {""};
    for (; members->name; members++)
        add_member(&archive, members);
    add_end(&archive);
    assert_int_equal(read_archive(&archive, &taken, &why), reason == NULL);
    if (reason)
        assert_non_null(strstr(why.text, reason));
    else
        assert_string_equal(text_of(&taken), expected);
    text_free(&archive);
    text_free(&taken);
}

TEST(an_archive_gives_the_files_of_a_run_and_leaves_out_others)
{
    static const struct member members[] = {{"run/", "", '5'},
                                            {"run/trials.csv", "rows"},
                                            {"run/hist/", "", '5'},
                                            {"run/hist/1.hgrm", "h"},
                                            {"run/latency/racing_2_2_16_-_1.hgrm", ""},
                                            {"run/reproduce.sh", "rm -rf"},
                                            {"run/hist/1.sh", "rm -rf"},
                                            {"trials.csv", "of no directory"},
                                            {"plan.tsv", "plan", '\0', "run"},
                                            {NULL}};
    assert_read(members,
                "trials.csv=rows;hist/1.hgrm=h;latency/racing_2_2_16_-_1.hgrm=;plan.tsv=plan;",
                NULL);
}

struct refused {
    const char *what;
    struct member member;
    const char *reason;
};

TEST(what_a_run_never_has_is_refused)
{
    const struct refused *refused = *state;
    const struct member members[] = {{"run/plan.tsv", "plan"}, refused->member, {NULL}};
    assert_read(members, NULL, refused->reason);
}

static const struct refused table[] = {
    {"hard_link", {"run/trials.csv", "", '1'}, "neither a file nor a directory"},
    {"symbolic_link", {"run/trials.csv", "", '2'}, "neither a file nor a directory"},
    {"character_device", {"run/trials.csv", "", '3'}, "neither a file nor a directory"},
    {"block_device", {"run/trials.csv", "", '4'}, "neither a file nor a directory"},
    {"fifo", {"run/trials.csv", "", '6'}, "neither a file nor a directory"},
    {"pax_header", {"run/trials.csv", "", 'x'}, "neither a file nor a directory"},
    {"long_name", {"run/trials.csv", "", 'L'}, "neither a file nor a directory"},
    {"absolute", {"/etc/trials.csv", ""}, "leads elsewhere"},
    {"absolute_prefix", {"trials.csv", "", 0, "/etc"}, "leads elsewhere"},
    {"above", {"../trials.csv", ""}, "leads elsewhere"},
    {"above_within", {"run/../../trials.csv", ""}, "leads elsewhere"},
    {"above_last", {"run/..", "", '5'}, "leads elsewhere"},
    {"here", {"./trials.csv", ""}, "leads elsewhere"},
    {"double_slash", {"run//trials.csv", ""}, "leads elsewhere"},
    {"no_name", {"", ""}, "leads elsewhere"},
    {"newline", {"run/a\nb", ""}, "leads elsewhere"},
    {"escape", {"run/\033[2J", ""}, "leads elsewhere"},
    {"too_long", {"run/trials.csv", "", 0, NULL, "77777777777 "}, "cut off"},
    {"negative", {"run/trials.csv", "", 0, NULL, "-0000000001 "}, "damaged"},
    {"binary_size", {"run/trials.csv", "", 0, NULL, "\x80"}, "damaged"},
    {"no_size", {"run/trials.csv", "", 0, NULL, "            "}, "damaged"},
};

/* Every beginning of an archive but the whole, in steps that hit the ends of headers and of data */
TEST(an_archive_that_is_cut_off_is_refused)
{
    static const struct member first = {"run/trials.csv", "rows"}, second = {"run/plan.tsv", "p"};
    struct text archive = {NULL, 0, 0}, taken = {NULL, 0, 0};
    add_member(&archive, &first);
    add_member(&archive, &second);
    size_t without_end = archive.length;
    add_end(&archive);
    for (size_t size = 0; size <= without_end; size += 4) {
        struct complaint why = {""};
        struct text begun = {NULL, 0, 0};
        text_add_bytes(&begun, archive.text, size);
        assert_false(read_archive(&begun, &taken, &why));
        assert_non_null(strstr(why.text, "cut off"));
        text_free(&begun);
    }
    text_free(&archive);
    text_free(&taken);
}

TEST(every_changed_bit_of_a_header_is_seen)
{
    static const struct member only = {"run/trials.csv", "rows"};
    struct text archive = {NULL, 0, 0}, taken = {NULL, 0, 0};
    add_member(&archive, &only);
    add_end(&archive);
    for (unsigned bit = 0; bit < BLOCK * 8; bit++) {
        struct complaint why = {""};
        if (bit / 8 >= 148 && bit / 8 < 156) /* the sum, which can be written in several ways */
            continue;
        archive.text[bit / 8] ^= (char)(1 << bit % 8);
        assert_false(read_archive(&archive, &taken, &why));
        archive.text[bit / 8] ^= (char)(1 << bit % 8);
    }
    text_free(&archive);
    text_free(&taken);
}

TEST(more_files_than_the_limit_are_refused)
{
    static const struct member member = {"run/trials.csv", ""};
    struct text archive = {NULL, 0, 0}, taken = {NULL, 0, 0};
    struct complaint why = {""};
    for (int i = 0; i < SHARE_FILES_MOST; i++)
        add_member(&archive, &member);
    add_end(&archive);
    assert_true(read_archive(&archive, &taken, &why));
    archive.length -= (size_t)2 * BLOCK;
    add_member(&archive, &member);
    add_end(&archive);
    assert_false(read_archive(&archive, &taken, &why));
    assert_non_null(strstr(why.text, "more than"));
    text_free(&archive);
    text_free(&taken);
}

/* ---- names ---- */

struct replacement {
    const char *what, *text, *expected;
    bool words;
};

TEST(names_are_replaced)
{
    const struct replacement *r = *state;
    struct share_names names = {.name_count = 0};
    struct text text = {NULL, 0, 0};
    share_add_name(&names, "box", SHARE_HOST);
    share_add_name(&names, "box.example.org", SHARE_HOST);
    share_add_name(&names, "anna", SHARE_USER);
    share_add_name(&names, "42", SHARE_USER);
    share_add_name(&names, "x", SHARE_USER);
    share_add_name(&names, NULL, SHARE_USER);
    share_replace(&names, r->text, r->words, &text);
    assert_string_equal(text_of(&text), r->expected);
    share_names_free(&names);
    text_free(&text);
}

static const struct replacement replacements[] = {
    {"nothing", "", "", true},
    {"host", "on box, 2 CPUs", "on HOST, 2 CPUs", true},
    {"whole_host_name", "box.example.org-6.1", "HOST-6.1", true},
    {"part_of_a_word", "boxes inbox box_1", "boxes inbox box_1", true},
    {"user", "made by anna@box", "made by USER@HOST", true},
    {"not_in_tables", "box,anna,2", "box,anna,2", false},
    {"numbers_stay", "42 x", "42 x", true},
    {"path", "urls\t/home/anna/urls.txt", "urls\tPATH", false},
    {"path_of_an_option", "--urls=/srv/u --mix 1", "--urls=PATH --mix 1", false},
    {"home", "~/urls", "PATH", false},
    {"two_paths", "/a,/b/c", "PATH,PATH", false},
    {"no_path", "2/cpu 1/2cpu requests/s https://example.org/a / //",
     "2/cpu 1/2cpu requests/s https://example.org/a / //", false},
    {"kernel_path", "/proc/sys/net /sys/devices /sysroot/x", "/proc/sys/net /sys/devices PATH",
     false},
    {"uuid", "root=UUID=2f1b0c9e-0a1b-4c2d-8e3f-0123456789ab ro", "root=UUID=UUID ro", false},
    {"no_uuid", "2f1b0c9e-0a1b-4c2d-8e3f 20261125T020828Z",
     "2f1b0c9e-0a1b-4c2d-8e3f 20261125T020828Z", false},
};

int main(void)
{
    ADD(an_archive_gives_the_files_of_a_run_and_leaves_out_others);
    ADD_ROWS(what_a_run_never_has_is_refused, table);
    ADD(an_archive_that_is_cut_off_is_refused);
    ADD(every_changed_bit_of_a_header_is_seen);
    ADD(more_files_than_the_limit_are_refused);
    ADD_ROWS(names_are_replaced, replacements);
    return run_added(NULL, NULL);
}
