/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_RESPONSE_H
#define WAKEONE_RESPONSE_H

/*
 * Incremental parser of an HTTP/1.x response. Input from the network is not trusted: memory is bounded (only the beginning
 * of a line is kept, and the size of the head is limited), and malformed input is RESPONSE_BAD.
 */

#include "expect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESPONSE_LINE_KEPT = 120, RESPONSE_HEAD_LIMIT = 64 * 1024 };

enum response_verdict { RESPONSE_MORE, RESPONSE_COMPLETE, RESPONSE_BAD };

enum response_state {
    RESPONSE_STATUS_LINE,
    RESPONSE_FIELDS,
    RESPONSE_BODY,           /* `left` bytes of it */
    RESPONSE_BODY_UNTIL_END, /* until the connection ends */
    RESPONSE_CHUNK_SIZE,
    RESPONSE_CHUNK_DATA,
    RESPONSE_CHUNK_END,
    RESPONSE_TRAILER,
    RESPONSE_DONE,
};

struct response {
    enum response_state state;
    unsigned status; /* 200, ... once the status line is in */
    bool keep_alive; /* the connection can be used again */
    bool has_length, is_chunked;
    bool is_encoded;   /* has a Transfer-Encoding */
    uint64_t left;     /* remaining bytes of the body or chunk */
    size_t head_bytes; /* bytes of the head read so far */
    bool has_close;
    bool line_cut;            /* a line was longer than RESPONSE_LINE_KEPT */
    size_t line_length;       /* of a line that is still incomplete */
    bool field_waits;         /* the line is a field, which the next line may continue */
    struct expect_state body; /* used only if something is expected */

    const struct expect *expect; /* NULL = any body is accepted */
    bool is_head;                /* response to HEAD: no body, regardless of its fields */
    char line[RESPONSE_LINE_KEPT];
};

/* To be called before the first byte. `expect` may be NULL, and is not copied. */
void response_begin(struct response *r, const struct expect *expect, bool is_head);

/* Parses `length` more bytes. Bytes after the end of a response are RESPONSE_BAD, since requests are not pipelined, except
 * another protocol after 101, and a body after the response to HEAD. */
enum response_verdict response_read(struct response *r, const char *data, size_t length);

/* The connection has ended: complete if that delimits the body, otherwise bad. */
enum response_verdict response_end(struct response *r);

/* For a complete response: true if the body is as expected. */
bool response_is_as_expected(const struct response *r);

/* True if no byte has arrived. */
static inline bool response_is_untouched(const struct response *r)
{
    return r->head_bytes == 0;
}

#endif
