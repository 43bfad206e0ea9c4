#ifndef WAKEONE_HTTP_H
#define WAKEONE_HTTP_H

/*
 * The head of an HTTP/1.x request (RFC 9112), read line by line as the bytes come in. It holds no
 * bytes itself: the caller keeps the head in one buffer and calls again when there is more.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_verdict {
    HTTP_MORE,     /* the head is not complete yet */
    HTTP_COMPLETE, /* the head is complete: the rest of the structure holds */
    HTTP_BAD,      /* not a request that may be answered: 400 and close */
};

struct http_request {
    size_t head_length; /* bytes read so far, whole lines; once complete, where the body begins */
    uint64_t body_length;
    bool keep_alive; /* what the client asks for */
    bool is_head;    /* the answer must not have a body */
    /* how far the head has been read */
    bool has_request_line, has_host, has_body_length, has_close;
    unsigned char minor_version;
};

/* Reads on in `buffer`, which holds `length` bytes from the first of the request. `request` is all
 * zeros before the first call. */
enum http_verdict http_read_head(struct http_request *request, const char *buffer, size_t length);

#endif
