/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/expect.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *name, *text;
    uint64_t wanted; /* length */
    const char *body;
    size_t length;
    bool is_met;
};

#define ANY   EXPECT_ANY_LENGTH
#define MET   true
#define UNMET false

static const struct row rows[] = {
    {"nothing wanted", NULL, ANY, BYTES("abc"), MET},
    {"nothing wanted, nothing there", NULL, ANY, BYTES(""), MET},
    {"an empty text", "", ANY, BYTES("abc"), MET},
    {"length", NULL, 3, BYTES("abc"), MET},
    {"length, one short", NULL, 4, BYTES("abc"), UNMET},
    {"length, one too many", NULL, 2, BYTES("abc"), UNMET},
    {"length 0", NULL, 0, BYTES(""), MET},
    {"length 0, one too many", NULL, 0, BYTES("a"), UNMET},
    {"length with NUL in it", NULL, 3, BYTES("a\0b"), MET},
    {"text", "bc", ANY, BYTES("abcd"), MET},
    {"text is all", "abcd", ANY, BYTES("abcd"), MET},
    {"text at the begin", "ab", ANY, BYTES("abcd"), MET},
    {"text at the end", "cd", ANY, BYTES("abcd"), MET},
    {"text of one byte", "c", ANY, BYTES("abcd"), MET},
    {"text not there", "ac", ANY, BYTES("abcd"), UNMET},
    {"text not there, body empty", "a", ANY, BYTES(""), UNMET},
    {"text cut short", "cde", ANY, BYTES("abcd"), UNMET},
    {"text in another case", "BC", ANY, BYTES("abcd"), UNMET},
    {"text in two parts", "abcd", ANY, BYTES("ab cd"), UNMET},
    {"text twice", "ab", ANY, BYTES("ab ab"), MET},
    {"text, then some of it", "aab", ANY, BYTES("aabaa"), MET},
    {"both", "bc", 4, BYTES("abcd"), MET},
    {"both, only the length", "ac", 4, BYTES("abcd"), UNMET},
    {"both, only the text", "bc", 5, BYTES("abcd"), UNMET},
    {"both, neither", "ac", 5, BYTES("abcd"), UNMET},
    {"aab in aaab", "aab", ANY, BYTES("aaab"), MET},
    {"aaab in aaaaaab", "aaab", ANY, BYTES("aaaaaab"), MET},
    {"ababc in abababc", "ababc", ANY, BYTES("abababc"), MET},
    {"ababac in abababac", "ababac", ANY, BYTES("abababac"), MET},
    {"abcabd in abcabcabd", "abcabd", ANY, BYTES("abcabcabd"), MET},
    {"aabaaac in aabaabaaac", "aabaaac", ANY, BYTES("aabaabaaac"), MET},
    {"aabaaab in aabaaaab", "aabaaab", ANY, BYTES("aabaaaab"), UNMET},
    {"abab in abaab", "abab", ANY, BYTES("abaab"), UNMET},
    {"aaaa in aaa", "aaaa", ANY, BYTES("aaa"), UNMET},
    {"text after NUL", "bc", ANY, BYTES("a\0bc"), MET},
    {"text with NUL between", "bc", ANY, BYTES("ab\0cd"), UNMET},
    {"bytes above 127", "\xff\xfe\x80", ANY, BYTES("\xff\xff\xfe\x80\x81"), MET},
    {"bytes that differ in the highest bit", "\xe1", ANY, BYTES("a"), UNMET},
    {"UTF-8", "\xc3\xa4", ANY, BYTES("\xc3\xc3\xa4"), MET},
};

/* As it comes from recv(2): in a buffer that holds these bytes only. */
static void receive(const struct expect *expect, struct expect_state *state, const char *data,
                    size_t length)
{
    char *buffer = exact_copy(data, length);
    expect_read(expect, state, buffer, length);
    free(buffer);
}

/* At once, byte by byte, and in three pieces, empty ones among them, with every two cuts. */
TEST(met_or_not_in_whatever_pieces)
{
    const struct row *row = *state;
    struct expect expect;
    struct expect_state bytes = {0};
    assert_true(expect_set(&expect, row->text, row->wanted));
    for (size_t a = 0; a < row->length; a++)
        receive(&expect, &bytes, row->body + a, 1);
    assert_int_equal(expect_is_met(&expect, &bytes), row->is_met);
    for (size_t a = 0; a <= row->length; a++)
        for (size_t b = a; b <= row->length; b++) {
            struct expect_state pieces = {0};
            receive(&expect, &pieces, row->body, a);
            receive(&expect, &pieces, row->body + a, b - a);
            receive(&expect, &pieces, row->body + b, row->length - b);
            assert_int_equal(expect_is_met(&expect, &pieces), row->is_met);
        }
}

/* A text of just so many bytes, all the same but the last. */
TEST(text_as_long_as_its_room)
{
    char text[EXPECT_TEXT_MAX + 2];
    struct expect expect;
    memset(text, 'a', sizeof text);
    text[EXPECT_TEXT_MAX + 1] = '\0';
    assert_false(expect_set(&expect, text, ANY));
    text[EXPECT_TEXT_MAX] = '\0';
    text[EXPECT_TEXT_MAX - 1] = 'b';
    assert_true(expect_set(&expect, text, ANY));
    for (int more = -1; more <= 10; more++) { /* bytes in front of it */
        struct expect_state whole = {0};
        for (int i = 0; i < EXPECT_TEXT_MAX - 1 + more; i++)
            receive(&expect, &whole, "a", 1);
        assert_false(expect_is_met(&expect, &whole));
        receive(&expect, &whole, "b", 1);
        assert_int_equal(expect_is_met(&expect, &whole), more >= 0);
    }
}

/* More than 2^32 bytes, without having them: the state is what has been read. */
TEST(length_beyond_32_bits)
{
    struct expect expect;
    struct expect_state state_before = {.bytes = UINT64_C(1) << 32};
    assert_true(expect_set(&expect, NULL, (UINT64_C(1) << 32) + 1));
    assert_false(expect_is_met(&expect, &state_before));
    receive(&expect, &state_before, "a", 1);
    assert_true(expect_is_met(&expect, &state_before));
}

static size_t random_text(char *text, size_t most, unsigned letters)
{
    size_t length = random_number() % (most + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('a' + random_number() % letters);
    text[length] = '\0';
    return length;
}

/* Small alphabets, so that texts are found, nearly found, and overlap themselves. Once found it stays
 * so: after each piece it is as if all so far were the body. */
TEST(found_where_memmem_finds_it)
{
    int found = 0;
    enum { TIMES = 20000 };
    for (int i = 0; i < TIMES; i++) {
        char text[13], body[65];
        unsigned letters = 1 + (unsigned)(random_number() % 3);
        size_t text_length = random_text(text, sizeof text - 1, letters);
        size_t length = random_text(body, sizeof body - 1, letters), read = 0;
        struct expect expect;
        struct expect_state pieces = {0};
        assert_true(expect_set(&expect, text, ANY));
        while (read < length) {
            size_t piece = random_number() % (length - read + 1);
            receive(&expect, &pieces, body + read, piece);
            read += piece;
            assert_int_equal(pieces.bytes, read);
            assert_int_equal(expect_is_met(&expect, &pieces),
                             memmem(body, read, text, text_length) != NULL);
        }
        found += expect_is_met(&expect, &pieces);
    }
    assert_in_range(found, TIMES / 10, TIMES - TIMES / 10);
}

int main(void)
{
    ADD_ROWS(met_or_not_in_whatever_pieces, rows);
    ADD(text_as_long_as_its_room);
    ADD(length_beyond_32_bits);
    ADD(found_where_memmem_finds_it);
    return run_added(NULL, NULL);
}
