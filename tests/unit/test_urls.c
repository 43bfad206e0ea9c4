/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of URLs, and the choice among them. */

#include "harness/load/urls.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct urls urls;

static const char *parse(const char *text, size_t length, unsigned *line)
{
    static char copy[URLS_FILE_MAX + 1];
    assert_true(length < sizeof copy);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return urls_parse(&urls, copy, length, line);
}

struct file {
    const char *name, *text;
    size_t length;
    const char *texts; /* of the URLs, space-separated */
    unsigned long weight, last_line;
};

static const struct file files[] = {
    {"one path", BYTES("1 /"), "/", 1, 1},
    {"lines", BYTES("70 /a\n20 /b?x=1&y\n10 /c\n"), "/a /b?x=1&y /c", 100, 3},
    {"blanks, comments and CR", BYTES("# x\n\n  1\t/a  \r\n#\r\n2 /b\r\n"), "/a /b", 3, 5},
    {"a fragment", BYTES("1 /a#b"), "/a", 1, 1},
    {"a URL", BYTES("1000000 HTTP://x/a#b\n"), "HTTP://x/a#b", 1000000, 1},
    {"a path twice", BYTES("1 /a\n1 /a\n"), "/a /a", 2, 2},
    {"a comment of other bytes", BYTES("# \xc3\xa4\n1 /a"), "/a", 1, 2},
};

TEST(file_is_read)
{
    const struct file *row = *state;
    char texts[256] = "";
    unsigned line;
    assert_null(parse(row->text, row->length, &line));
    for (unsigned i = 0; i < urls.count; i++) {
        const struct url *url = &urls.all[i];
        snprintf(texts + strlen(texts), sizeof texts - strlen(texts), "%s%s", i ? " " : "",
                 url->text);
        assert_true((url->path != NULL) == (url->text[0] == '/'));
        assert_true(url->until == (i ? urls.all[i - 1].until : 0) + url->weight);
    }
    assert_string_equal(texts, row->texts);
    assert_int_equal(urls.all[urls.count - 1].until, row->weight);
    assert_int_equal(urls.all[urls.count - 1].line, row->last_line);
}

struct bad_file {
    const char *name, *text;
    size_t length;
    unsigned line;
    const char *wrong;
};

static const struct bad_file bad_files[] = {
    {"nothing", BYTES(""), 1, "no URL"},
    {"only comments", BYTES("#\n#\n"), 3, "no URL"},
    {"no weight", BYTES("1 /a\n/b"), 2, "weight"},
    {"weight 0", BYTES("0 /a"), 1, "weight"},
    {"a negative weight", BYTES("-1 /a"), 1, "weight"},
    {"a weight with more behind", BYTES("1x /a"), 1, "weight"},
    {"too large a weight", BYTES("1000001 /a"), 1, "weight"},
    {"a very large weight", BYTES("18446744073709551617 /a"), 1, "weight"},
    {"no path", BYTES("1 /a\n\n1 "), 3, "a path"},
    {"no slash", BYTES("1 a"), 1, "a path"},
    {"another scheme", BYTES("1 ftp://x/"), 1, "a path"},
    {"three words", BYTES("1 /a b"), 1, "unexpected text"},
    {"a NUL", BYTES("1 /a\0b"), 1, "control"},
    {"an escape", BYTES("1 /a\n1 /\033[1m"), 2, "control"},
    {"a CR in a line", BYTES("1 /a\rb"), 1, "control"},
    {"other bytes", BYTES("1 /\xc3\xa4"), 1, "%XX"},
};

TEST(bad_line_is_named)
{
    const struct bad_file *row = *state;
    unsigned line;
    const char *wrong = parse(row->text, row->length, &line);
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, row->wrong));
    assert_int_equal(line, row->line);
}

/* `count` lines, the last with a path of `length` bytes */
static const char *parse_many(unsigned count, unsigned length, unsigned *line)
{
    static char text[URLS_FILE_MAX];
    size_t used = 0;
    for (unsigned i = 0; i < count; i++)
        used += (size_t)sprintf(text + used, "1 /%u\n", i);
    memcpy(text + used, "1 /", 3);
    memset(text + used + 3, 'x', length - 1);
    return parse(text, used + 2 + length, line);
}

TEST(sizes_are_bounded)
{
    unsigned line;
    assert_null(parse_many(URLS_MAX - 1, 1, &line));
    assert_int_equal(urls.count, URLS_MAX);
    assert_non_null(strstr(parse_many(URLS_MAX, 1, &line), "more than 256"));
    assert_int_equal(line, URLS_MAX + 1);
    assert_null(parse_many(1, URLS_LINE_MAX - 2, &line));
    assert_non_null(strstr(parse_many(1, URLS_LINE_MAX - 1, &line), "longer"));
    assert_int_equal(line, 2);
}

/* Within 4 standard deviations of the weights, for several seeds. */
TEST(choice_follows_the_weights)
{
    enum { DRAWN = 100000 };
    unsigned line;
    assert_null(parse(BYTES("70 /a\n20 /b\n9 /c\n1 /d"), &line));
    for (unsigned long seed = 0; seed < 5; seed++) {
        unsigned counts[4] = {0};
        for (uint64_t n = 0; n < DRAWN; n++)
            counts[urls_choose(&urls, seed, n)]++;
        for (unsigned i = 0; i < 4; i++) {
            double share = (double)urls.all[i].weight / 100;
            double deviation = sqrt(DRAWN * share * (1 - share));
            assert_true(fabs(counts[i] - DRAWN * share) < 4 * deviation);
        }
    }
}

/* The choice is a function of seed and number; other seeds, and numbers, are independent: 1 in 2 is the same. */
TEST(choice_follows_from_seed_and_number)
{
    unsigned line, same_seed = 0, other_seed = 0, next = 0;
    assert_null(parse(BYTES("1 /a\n1 /b"), &line));
    for (uint64_t n = 0; n < 10000; n++) {
        unsigned chosen = urls_choose(&urls, 1, n);
        same_seed += chosen == urls_choose(&urls, 1, n);
        other_seed += chosen == urls_choose(&urls, 2, n);
        next += chosen == urls_choose(&urls, 1, n + 1);
    }
    assert_int_equal(same_seed, 10000);
    assert_in_range(other_seed, 4800, 5200);
    assert_in_range(next, 4800, 5200);
}

TEST(results_are_added_up)
{
    struct url_result *into = url_results_open(2), *from = url_results_open(2);
    assert_non_null(into);
    assert_non_null(from);
    histogram_record(&from[1].latency, 5);
    from[1].errors = 3;
    url_results_merge(into, from, 2);
    url_results_merge(into, from, 2);
    assert_int_equal(into[0].latency.count, 0);
    assert_int_equal(into[1].latency.count, 2);
    assert_int_equal(into[1].errors, 6);
    free(into);
    free(from);
}

int main(void)
{
    ADD_ROWS(file_is_read, files);
    ADD_ROWS(bad_line_is_named, bad_files);
    ADD(sizes_are_bounded);
    ADD(choice_follows_the_weights);
    ADD(choice_follows_from_seed_and_number);
    ADD(results_are_added_up);
    return run_added(NULL, NULL);
}
