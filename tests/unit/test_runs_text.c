/* SPDX-License-Identifier: BSD-2-Clause */
/* Text that grows, and text from elsewhere. */

#include "harness/runs/complaint.h"
#include "harness/runs/text.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

TEST(text_from_elsewhere_is_plain)
{
    static const struct {
        const char *text, *plain;
        size_t most;
    } texts[] = {
        {"plain", "plain", 0},
        {"a\tb\nc\x1b[2J\x7f", "a?b?c?[2J?", 0},
        {"\xe2\x80\xae"
         "abc",
         "?abc", 0}, /* right-to-left override */
        {"\xc3\xa9\xe6\x9d\xb1", "\xc3\xa9\xe6\x9d\xb1", 0},
        {"\xff\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0}, /* no UTF-8, and overlong */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0}, /* a surrogate */
        {"12345678", "12345678", 8},
        {"123456789", "12345...", 8},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "\xc3\xa9...", 4},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        char *plain = plain_string(texts[i].text, texts[i].most);
        assert_string_equal(plain, texts[i].plain);
        free(plain);
    }
}

/* UTF-8 of a character */
static char *encoded(unsigned c)
{
    struct text text = {NULL, 0, 0};
    const unsigned char bytes[] = {0xf0 | c >> 18, 0x80 | (c >> 12 & 63), 0x80 | (c >> 6 & 63),
                                   0x80 | (c & 63)};
    unsigned char first[] = {c < 0x80      ? c
                             : c < 0x800   ? 0xc0 | c >> 6
                             : c < 0x10000 ? 0xe0 | c >> 12
                                           : bytes[0]};
    unsigned rest = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    text_add_bytes(&text, (const char *)first, 1);
    text_add_bytes(&text, (const char *)bytes + 4 - rest, rest);
    return text.text;
}

static bool is_plain(unsigned c)
{
    char *text = encoded(c), *plain = plain_string(text, 0);
    bool same = strcmp(text, plain) == 0;
    assert_true(same || strcmp(plain, "?") == 0);
    free(text);
    free(plain);
    return same;
}

/* All of Unicode's Bidi_Control, and the separators of lines */
TEST(no_character_turns_the_direction_or_moves_the_cursor)
{
    static const unsigned controls[] = {
        0x1,    0x9,    0xa,    0xd,    0x1b,   0x7f,   0x80,   0x85,   0x9b,
        0x9f,   0x61c,  0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c,
        0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff,
    };
    static const unsigned others[] = {0x20,   0x7e,   0xa0,   0xe9,    0x61b,   0x61d,
                                      0x200d, 0x2010, 0x202f, 0x2065,  0x206a,  0x6771,
                                      0xd7ff, 0xe000, 0xfffd, 0x10000, 0x1f600, 0x10ffff};
    for (size_t i = 0; i < COUNT(controls); i++)
        if (is_plain(controls[i]))
            fail_msg("U+%04X is kept", controls[i]);
    for (size_t i = 0; i < COUNT(others); i++)
        if (!is_plain(others[i]))
            fail_msg("U+%04X is replaced", others[i]);
}

/* harness/lib/plain.sh does the same with every character up to U+10FFF; neither replaces any of the others. */
TEST(the_shell_replaces_the_same_characters)
{
    FILE *replaced = popen(". harness/lib/plain.sh; jq -n \"$PLAIN\"'range(1; 69632) | "
                           "select(. < 55296 or . >= 57344) | select(([.] | implode | plain) != "
                           "([.] | implode))'",
                           "r");
    unsigned next = 0;
    assert_non_null(replaced);
    assert_int_equal(fscanf(replaced, "%u", &next), 1);
    for (unsigned c = 1; c < 69632; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        if (is_plain(c) == (c == next))
            fail_msg("U+%04X: plain.sh %s it", c, c == next ? "replaces" : "keeps");
        if (c == next && fscanf(replaced, "%u", &next) != 1)
            next = 0;
    }
    assert_int_equal(pclose(replaced), 0);
}

/* Whatever the bytes, the end is found, and the result is plain itself. */
TEST(any_bytes_become_plain_text)
{
    for (unsigned round = 0; round < 20000; round++) {
        char bytes[12];
        unsigned length = (unsigned)(random_number() % (sizeof bytes - 1)), most = round % 7;
        for (unsigned i = 0; i < length; i++)
            bytes[i] = (char)(1 + random_number() % 255);
        bytes[length] = '\0';
        char *exact = exact_copy(bytes, length + 1), *once = plain_string(exact, most),
             *twice = plain_string(once, most);
        assert_string_equal(once, twice);
        free(exact);
        free(once);
        free(twice);
    }
}

TEST(copies_end_at_the_end_of_a_character)
{
    static const struct {
        const char *text, *copy;
        size_t size;
    } copies[] = {
        {"abc", "abc", 4},
        {"abcd", "abc", 4},
        {"\xe6\x9d\xb1\xe6\x9d\xb1", "\xe6\x9d\xb1", 6},
        {"\xe6\x9d\xb1", "", 3},
        {"a\xff", "a", 4}, /* U+FFFD takes three bytes */
        {"a\xff", "a\xef\xbf\xbd", 5},
        {"a\x1b", "a?", 4},
        {"abc", "", 1},
        {"a\xf0\x9f", "a\xef\xbf\xbd\xef\xbf\xbd", 20}, /* cut within a character */
    };
    for (size_t i = 0; i < COUNT(copies); i++) {
        char *to = malloc(copies[i].size);
        assert_non_null(to);
        text_copy_plain(to, copies[i].size, copies[i].text);
        assert_string_equal(to, copies[i].copy);
        free(to);
    }
}

TEST(a_complaint_is_one_plain_line_of_limited_length)
{
    struct complaint complaint;
    char *many = malloc(10000);
    assert_non_null(many);
    memset(many, 'x', 9999);
    many[9999] = '\0';
    assert_false(complain(&complaint, "%s: line %d: '%s'", "a\nb", 7, "\x1b[2J"));
    assert_string_equal(complaint.text, "a?b: line 7: '?[2J'");
    assert_false(complain(&complaint, "%s", many));
    assert_int_equal(strlen(complaint.text), sizeof complaint.text - 1);
    free(many);
}

TEST(text_grows)
{
    struct text text = {NULL, 0, 0};
    assert_string_equal(text_of(&text), "");
    for (unsigned i = 0; i < 1000; i++)
        text_add(&text, "%u,", i % 10);
    text_add_string(&text, "end");
    text_add_bytes(&text, "abc", 2);
    assert_int_equal(text.length, 2005);
    assert_string_equal(text_of(&text) + 1990, "5,6,7,8,9,endab");
    assert_int_equal(strlen(text_of(&text)), text.length);
    text_free(&text);
    assert_string_equal(text_of(&text), "");
}

TEST(parts_of_a_text)
{
    static const struct {
        const char *text, *parts; /* joined by '|' */
        unsigned count;
    } texts[] = {
        {"a,b,c", "a|b|c", 3},       {"", "", 1},   {",", "|", 2},
        {"a,b,c,d,e", "a|b|c|d", 5}, {"a", "a", 1},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        enum { MOST = 4 };
        char *copy = copy_string(texts[i].text), *parts[MOST];
        struct text joined = {NULL, 0, 0};
        unsigned count = split(copy, ',', parts, MOST);
        assert_int_equal(count, texts[i].count);
        for (unsigned k = 0; k < count && k < MOST; k++)
            text_add(&joined, "%s%s", k ? "|" : "", parts[k]);
        assert_string_equal(text_of(&joined), texts[i].parts);
        text_free(&joined);
        free(copy);
    }
    assert_string_equal(file_name("/a/b.csv"), "b.csv");
    assert_string_equal(file_name("b.csv"), "b.csv");
    assert_string_equal(file_name("a/"), "");
}

int main(void)
{
    ADD(text_from_elsewhere_is_plain);
    ADD(no_character_turns_the_direction_or_moves_the_cursor);
    ADD(the_shell_replaces_the_same_characters);
    ADD(any_bytes_become_plain_text);
    ADD(copies_end_at_the_end_of_a_character);
    ADD(a_complaint_is_one_plain_line_of_limited_length);
    ADD(text_grows);
    ADD(parts_of_a_text);
    return run_added(NULL, NULL);
}
