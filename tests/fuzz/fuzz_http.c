/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The request parser with arbitrary input. It never reads beyond the end, and the result does not
 * depend on whether the bytes arrive at once or one by one. `make fuzz` searches for new inputs;
 * `make test` runs those in tests/data/http (tests/unit/test_corpus_http.c).
 */

#include "servers/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of the exact size, so that a sanitizer detects a read beyond it. */
static enum http_verdict read_copy(struct http_request *request, const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    enum http_verdict verdict = http_read_head(request, copy, size);
    free(copy);
    return verdict;
}

static enum http_verdict read_bytewise(struct http_request *request, const uint8_t *data,
                                       size_t size)
{
    enum http_verdict verdict = HTTP_MORE;
    for (size_t length = 1; length <= size && verdict == HTTP_MORE; length++)
        verdict = read_copy(request, data, length);
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request whole = {0}, bytewise = {0};
    enum http_verdict verdict = read_copy(&whole, data, size);
    if (read_bytewise(&bytewise, data, size) != verdict)
        abort();
    if (whole.head_length > size)
        abort();
    if (verdict == HTTP_COMPLETE &&
        (whole.head_length != bytewise.head_length || whole.body_length != bytewise.body_length ||
         whole.keep_alive != bytewise.keep_alive || whole.is_head != bytewise.is_head))
        abort();
    return 0;
}
