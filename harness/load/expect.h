/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_EXPECT_H
#define WAKEONE_EXPECT_H

/*
 * Expected body of a response: its length, or a text that it contains. The text is searched for while the bytes arrive
 * (Knuth, Morris, Pratt, SIAM J. Comput. 6(2), 1977), so the body is not stored, and a text that arrives in two pieces is
 * found.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPECT_TEXT_MAX = 256 };
#define EXPECT_ANY_LENGTH UINT64_MAX

struct expect {
    uint64_t length;    /* of the body; EXPECT_ANY_LENGTH = any */
    size_t text_length; /* 0 = any text */
    unsigned char text[EXPECT_TEXT_MAX];
    uint16_t
        shorter[EXPECT_TEXT_MAX]; /* failure function: [i] = length of the longest proper prefix of
                                          the text's first i + 1 bytes that is also their suffix */
};

struct expect_state {
    uint64_t bytes;
    size_t
        matched; /* length of the text's prefix that the bytes so far end with; all of it: found */
};

/* `text` may be NULL. False if it is longer than EXPECT_TEXT_MAX. */
bool expect_set(struct expect *expect, const char *text, uint64_t length);

/* True if any body is accepted. */
static inline bool expect_is_any(const struct expect *expect)
{
    return expect->text_length == 0 && expect->length == EXPECT_ANY_LENGTH;
}

void expect_read(const struct expect *expect, struct expect_state *state, const char *data,
                 size_t length);

/* To be called at the end of the body. */
bool expect_is_met(const struct expect *expect, const struct expect_state *state);

#endif
