#ifndef WAKEONE_RESPONSE_H
#define WAKEONE_RESPONSE_H

/*
 * An HTTP/1.x response, read as its bytes come in. What comes from the network is not trusted:
 * memory is bounded (of a line only the beginning is kept, the head as a whole is limited), and
 * whatever is not a response says so.
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
    RESPONSE_BODY_UNTIL_END, /* its end is the connection's */
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
    uint64_t left;     /* bytes of the body or chunk still to come */
    size_t head_bytes; /* read of the head so far */
    bool has_close;
    bool line_cut;            /* a line was longer than what is kept of it */
    size_t line_length;       /* of a line that is not complete yet */
    bool field_waits;         /* the line is a field, which the next line may go on with */
    struct expect_state body; /* only kept if something is expected */

    const struct expect *expect; /* NULL = any body will do */
    bool is_head;                /* the answer to HEAD: no body, whatever its fields say */
    char line[RESPONSE_LINE_KEPT];
};

/* Before the first byte. `expect` may be NULL, and is not copied. */
void response_begin(struct response *r, const struct expect *expect, bool is_head);

/* Reads on in `length` bytes. Bytes beyond the end of a response are RESPONSE_BAD: nothing was
 * pipelined, so nothing may follow, except another protocol after 101, and a body after the answer to HEAD. */
enum response_verdict response_read(struct response *r, const char *data, size_t length);

/* The connection has ended: complete where the end is the body's end, else bad. */
enum response_verdict response_end(struct response *r);

/* Of a complete response: the body is as expected. */
bool response_is_as_expected(const struct response *r);

/* True if not a single byte has come. */
static inline bool response_is_untouched(const struct response *r)
{
    return r->head_bytes == 0;
}

#endif
