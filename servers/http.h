/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_HTTP_H
#define WAKEONE_HTTP_H

/*
 * The head of an HTTP/1.x request (RFC 9112), parsed line by line as the bytes arrive. The parser
 * copies no bytes: the caller keeps the head in one buffer and calls again when there is more.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_verdict {
    HTTP_MORE,     /* the head is not complete yet */
    HTTP_COMPLETE, /* the head is complete: the other members are valid */
    HTTP_BAD,      /* malformed or unsupported: answer with 400 and close */
};

struct http_request {
    size_t head_length; /* bytes parsed so far, whole lines; once complete, where the body begins */
    uint64_t body_length;
    bool keep_alive; /* requested by the client */
    bool is_head;    /* the response must not have a body */
    /* state of the parser */
    bool has_request_line, has_host, has_body_length, has_close;
    unsigned char minor_version;
};

/* Continues to parse `buffer`, which holds the first `length` bytes of the request. `request` must
 * be all zeros before the first call. */
enum http_verdict http_read_head(struct http_request *request, const char *buffer, size_t length);

#endif
