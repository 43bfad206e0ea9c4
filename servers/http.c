/* SPDX-License-Identifier: BSD-2-Clause */
#include "http.h"

#include <string.h>
#include <strings.h>

/* The characters of a token, RFC 9110 section 5.6.2. */
static const bool is_token_char[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1,         ['&'] = 1,         ['\''] = 1,
    ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,         ['^'] = 1,         ['_'] = 1,
    ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

struct text {
    const char *start;
    size_t length;
};

static bool text_is(struct text text, const char *expected)
{
    return strlen(expected) == text.length && strncasecmp(text.start, expected, text.length) == 0;
}

static struct text take_token(const char **at, const char *end)
{
    const char *start = *at;
    while (*at < end && is_token_char[(unsigned char)**at])
        ++*at;
    return (struct text){start, (size_t)(*at - start)};
}

static struct text trim(const char *start, const char *end)
{
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct text){start, (size_t)(end - start)};
}

/* method SP target SP HTTP/1.x */
static bool read_request_line(struct http_request *request, const char *at, const char *end)
{
    struct text method = take_token(&at, end);
    if (method.length == 0 || at == end || *at++ != ' ')
        return false;
    const char *target = at;
    while (at < end && (unsigned char)*at > ' ' && *at != 0x7f)
        at++;
    if (at == target || at == end || *at++ != ' ')
        return false;
    if (end - at != 8 || memcmp(at, "HTTP/1.", 7) != 0 || (at[7] != '0' && at[7] != '1'))
        return false;
    request->minor_version = (unsigned char)(at[7] - '0');
    request->is_head = method.length == 4 && memcmp(method.start, "HEAD", 4) == 0;
    request->keep_alive = request->minor_version == 1;
    request->has_request_line = true;
    return true;
}

/* A list of options; "close" overrides "keep-alive" in any order (RFC 9112, 9.3). */
static bool read_connection(struct http_request *request, struct text value)
{
    const char *at = value.start, *end = value.start + value.length;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        struct text option = trim(at, comma ? comma : end);
        if (text_is(option, "close"))
            request->has_close = true;
        if (text_is(option, "keep-alive"))
            request->keep_alive = true;
        at = comma ? comma + 1 : end;
    }
    if (request->has_close)
        request->keep_alive = false;
    return true;
}

static bool read_content_length(struct http_request *request, struct text value)
{
    uint64_t length = 0;
    if (value.length == 0 || value.length > 18) /* 18 digits cannot overflow */
        return false;
    for (size_t i = 0; i < value.length; i++) {
        if (value.start[i] < '0' || value.start[i] > '9')
            return false;
        length = length * 10 + (uint64_t)(value.start[i] - '0');
    }
    if (request->has_body_length && request->body_length != length)
        return false;
    request->has_body_length = true;
    request->body_length = length;
    return true;
}

static bool read_host(struct http_request *request, struct text value)
{
    (void)value;
    if (request->has_host)
        return false;
    request->has_host = true;
    return true;
}

/* A body of unknown length cannot be skipped, so the start of the next request is unknown. */
static bool refuse(struct http_request *request, struct text value)
{
    (void)request, (void)value;
    return false;
}

static const struct {
    const char *name;
    bool (*read)(struct http_request *, struct text);
} fields[] = {
    {"Host", read_host},
    {"Connection", read_connection},
    {"Content-Length", read_content_length},
    {"Transfer-Encoding", refuse},
};

/* name ":" value, without control characters and folded lines */
static bool read_field(struct http_request *request, const char *at, const char *end)
{
    struct text name = take_token(&at, end);
    if (name.length == 0 || at == end || *at++ != ':')
        return false;
    for (const char *c = at; c < end; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (text_is(name, fields[i].name))
            return fields[i].read(request, trim(at, end));
    return true;
}

enum http_verdict http_read_head(struct http_request *request, const char *buffer, size_t length)
{
    const char *limit = buffer + length;
    for (;;) {
        const char *line = buffer + request->head_length;
        const char *newline = memchr(line, '\n', (size_t)(limit - line));
        if (!newline)
            return HTTP_MORE;
        const char *end = newline > line && newline[-1] == '\r' ? newline - 1 : newline;
        request->head_length = (size_t)(newline + 1 - buffer);
        if (end == line) {
            if (!request->has_request_line)
                continue; /* empty lines before a request are ignored (RFC 9112, 2.2) */
            bool host_missing = request->minor_version == 1 && !request->has_host;
            return host_missing ? HTTP_BAD : HTTP_COMPLETE;
        }
        if (!(request->has_request_line ? read_field : read_request_line)(request, line, end))
            return HTTP_BAD;
    }
}
