#ifndef WAKEONE_EXPECT_H
#define WAKEONE_EXPECT_H

/*
 * What a response's body should be: so long, or with a text in it. The text is looked for as the
 * bytes come in (Knuth, Morris, Pratt, SIAM J. Comput. 6(2), 1977), so that nothing is kept, and a
 * text that arrives in two pieces is found.
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
        shorter[EXPECT_TEXT_MAX]; /* [i]: of the text's first i + 1 bytes, how many of the last are
                                          also the first, all of them not counted */
};

struct expect_state {
    uint64_t bytes;
    size_t matched; /* bytes of the text that the body ends with up to here; all of them: found */
};

/* `text` may be NULL. False if it is longer than EXPECT_TEXT_MAX. */
bool expect_set(struct expect *expect, const char *text, uint64_t length);

/* Whatever the body is, it is as expected. */
static inline bool expect_is_any(const struct expect *expect)
{
    return expect->text_length == 0 && expect->length == EXPECT_ANY_LENGTH;
}

void expect_read(const struct expect *expect, struct expect_state *state, const char *data,
                 size_t length);

/* At the end of the body. */
bool expect_is_met(const struct expect *expect, const struct expect_state *state);

#endif
