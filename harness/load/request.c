/* SPDX-License-Identifier: BSD-2-Clause */
#include "request.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 9110, 5.6.2 */
static size_t token_length(const char *text)
{
    size_t length = 0;
    while (text[length] &&
           (isalnum((unsigned char)text[length]) || strchr("!#$%&'*+-.^_`|~", text[length])))
        length++;
    return length;
}

static bool names(const char *header, const char *name)
{
    size_t length = strlen(name);
    return strncasecmp(header, name, length) == 0 && header[length] == ':';
}

static const char *check_header(const char *header)
{
    static const char *const ours[] = {"Connection", "Content-Length", "Transfer-Encoding"};
    size_t length = token_length(header);
    if (length == 0 || header[length] != ':')
        return "expected a header of the form \"Name: value\"";
    for (const char *c = header; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return "a header must not contain control characters";
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (names(header, ours[i]))
            return "Connection, Content-Length and Transfer-Encoding are set by other options";
    return NULL;
}

static const char *method(const struct request *request)
{
    if (request->method)
        return request->method;
    return request->body ? "POST" : "GET";
}

static unsigned count_hosts(const struct request *request)
{
    unsigned count = 0;
    for (unsigned i = 0; i < request->headers.count; i++)
        count += names(request->headers.texts[i], "Host");
    return count;
}

const char *request_check(const struct request *request)
{
    const char *name = method(request);
    if (token_length(name) == 0 || name[token_length(name)] != '\0')
        return "a method must be a single token";
    if (strcmp(name, "CONNECT") == 0)
        return "CONNECT is not supported";
    for (unsigned i = 0; i < request->headers.count; i++) {
        const char *wrong = check_header(request->headers.texts[i]);
        if (wrong)
            return wrong;
    }
    return count_hosts(request) > 1 ? "more than one Host header" : NULL;
}

bool request_is_head(const struct request *request)
{
    return strcmp(method(request), "HEAD") == 0;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

bool request_is_idempotent(const struct request *request)
{
    static const char *const idempotent[] = {"GET",     "HEAD",  "PUT", "DELETE",
                                             "OPTIONS", "TRACE", NULL};
    return is_one_of(method(request), idempotent);
}

/* Methods that usually have a body send Content-Length: 0 without one (RFC 9110, 8.6). */
static bool sends_length(const struct request *request)
{
    static const char *const with_body[] = {"POST", "PUT", "PATCH", NULL};
    return request->body || is_one_of(method(request), with_body);
}

char *request_text(const struct request *request, const char *host, const char *path, bool is_last,
                   size_t *length)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, length);
    if (!file)
        return NULL;
    fprintf(file, "%s %s HTTP/1.1\r\n", method(request), path);
    if (count_hosts(request) == 0)
        fprintf(file, "Host: %s\r\n", host);
    fprintf(file, "Connection: %s\r\n", is_last ? "close" : "keep-alive");
    for (unsigned i = 0; i < request->headers.count; i++)
        fprintf(file, "%s\r\n", request->headers.texts[i]);
    if (sends_length(request))
        fprintf(file, "Content-Length: %zu\r\n", request->body ? request->body_length : 0);
    fputs("\r\n", file);
    if (request->body)
        fwrite(request->body, 1, request->body_length, file);
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
