#ifndef WAKEONE_REQUEST_H
#define WAKEONE_REQUEST_H

/* What is sent. */

#include "harness/lib/options.h"

#include <stdbool.h>
#include <stddef.h>

struct request {
    const char *method;       /* NULL = GET, or POST if there is a body */
    struct text_list headers; /* "Name: value" */
    const char *body;         /* NULL = none */
    size_t body_length;
};

/* NULL, or what is wrong: a method or a field that is none, or a field that is not the caller's to
 * set (Connection, Content-Length, Transfer-Encoding follow from the other options). */
const char *request_check(const struct request *request);

/* True if the answer has no body whatever its fields say. */
bool request_is_head(const struct request *request);

/* True if making it twice is as good as making it once (RFC 9110, 9.2.2). */
bool request_is_idempotent(const struct request *request);

/* The bytes of one request, allocated; `length` is set. The last one on a connection says so. NULL if
 * memory is out. */
char *request_text(const struct request *request, const char *host, const char *path, bool is_last,
                   size_t *length);

#endif
