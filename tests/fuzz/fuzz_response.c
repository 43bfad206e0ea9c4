/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The response parser with arbitrary input, as fuzz_http.c. The corpus is in
 * tests/data/response.
 */

#include "harness/load/response.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct expect expect;

/* In pieces of `size` bytes each, copied to buffers of the exact size. */
static enum response_verdict read_pieces(struct response *r, bool is_head, const uint8_t *data,
                                         size_t length, size_t size)
{
    enum response_verdict verdict = RESPONSE_MORE;
    response_begin(r, &expect, is_head);
    for (size_t at = 0; at < length && verdict == RESPONSE_MORE; at += size) {
        size_t n = length - at < size ? length - at : size;
        char *copy = malloc(n);
        if (!copy)
            abort();
        memcpy(copy, data + at, n);
        verdict = response_read(r, copy, n);
        free(copy);
    }
    return verdict;
}

static void compare(bool is_head, const uint8_t *data, size_t size)
{
    struct response whole, bytewise;
    enum response_verdict verdict = read_pieces(&whole, is_head, data, size, size ? size : 1);
    enum response_verdict other = read_pieces(&bytewise, is_head, data, size, 1);
    /* Excess bytes are rejected at once, but follow a complete response if they arrive one by one. */
    if (verdict != other && !(verdict == RESPONSE_BAD && other == RESPONSE_COMPLETE))
        abort();
    if (verdict == RESPONSE_COMPLETE &&
        (whole.status != bytewise.status ||
         /* HEAD: whether a body after the head is detected */
         (whole.keep_alive != bytewise.keep_alive && !is_head) ||
         whole.body.bytes != bytewise.body.bytes ||
         response_is_as_expected(&whole) != response_is_as_expected(&bytewise)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expect_set(&expect, "aab", EXPECT_ANY_LENGTH);
    compare(false, data, size);
    compare(true, data, size);
    return 0;
}
