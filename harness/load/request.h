/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_REQUEST_H
#define WAKEONE_REQUEST_H

/* HTTP requests. */

#include "harness/lib/options.h"

#include <stdbool.h>
#include <stddef.h>

struct request {
    const char *method;       /* NULL = GET, or POST if there is a body */
    struct text_list headers; /* "Name: value" */
    const char *body;         /* NULL = none */
    size_t body_length;
};

/* NULL, or an error message: an invalid method or field, or a field that other options set (Connection, Content-Length,
 * Transfer-Encoding). */
const char *request_check(const struct request *request);

/* True if the response has no body, regardless of its fields. */
bool request_is_head(const struct request *request);

/* True if the request may be repeated (RFC 9110, 9.2.2). */
bool request_is_idempotent(const struct request *request);

/* The bytes of one request, allocated; sets `length`. `is_last` adds Connection: close. NULL if out of memory. */
char *request_text(const struct request *request, const char *host, const char *path, bool is_last,
                   size_t *length);

#endif
