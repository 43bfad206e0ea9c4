/* SPDX-License-Identifier: BSD-2-Clause */
#include "expect.h"

#include <string.h>

bool expect_set(struct expect *expect, const char *text, uint64_t length)
{
    memset(expect, 0, sizeof *expect);
    expect->length = length;
    expect->text_length = text ? strlen(text) : 0;
    if (expect->text_length > EXPECT_TEXT_MAX)
        return false;
    for (size_t i = 0; i < expect->text_length; i++)
        expect->text[i] = (unsigned char)text[i];
    for (size_t i = 1, matched = 0; i < expect->text_length; i++) {
        while (matched > 0 && expect->text[matched] != expect->text[i])
            matched = expect->shorter[matched - 1];
        matched += expect->text[matched] == expect->text[i];
        expect->shorter[i] = (uint16_t)matched;
    }
    return true;
}

void expect_read(const struct expect *expect, struct expect_state *state, const char *data,
                 size_t length)
{
    size_t matched = state->matched;
    state->bytes += length;
    for (size_t i = 0; i < length && matched < expect->text_length; i++) {
        unsigned char byte = (unsigned char)data[i];
        while (matched > 0 && expect->text[matched] != byte)
            matched = expect->shorter[matched - 1];
        matched += expect->text[matched] == byte;
    }
    state->matched = matched;
}

bool expect_is_met(const struct expect *expect, const struct expect_state *state)
{
    return (expect->length == EXPECT_ANY_LENGTH || expect->length == state->bytes) &&
           state->matched == expect->text_length;
}
