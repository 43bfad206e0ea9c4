/* SPDX-License-Identifier: BSD-2-Clause */
#include "response.h"

#include <string.h>
#include <strings.h>

static void reset(struct response *r)
{
    memset(r, 0, offsetof(struct response, expect));
}

void response_begin(struct response *r, const struct expect *expect, bool is_head)
{
    reset(r);
    r->expect = expect;
    r->is_head = is_head;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* HTTP/1.x SP 3DIGIT [SP reason]. Statuses from 600 on are invalid, but are counted (RFC 9110, 15). */
static bool read_status_line(struct response *r, const char *line, size_t length)
{
    if (length < 12 || memcmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) || line[8] != ' ')
        return false;
    if (line[9] < '1' || !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]))
        return false;
    if (length > 12 && line[12] != ' ')
        return false;
    r->status = (unsigned)((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
    r->keep_alive = line[7] != '0';
    r->state = RESPONSE_FIELDS;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static unsigned digit_value(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* A number in `base` 10 or 16 below 2^60, and white space. Returns the position behind it, NULL if there is no such
 * number. */
static const char *read_number(const char *at, const char *end, unsigned base, uint64_t *value)
{
    const char *start = at;
    uint64_t n = 0;
    for (; at < end && digit_value(*at) < base; at++) {
        if (n >> 56)
            return NULL;
        n = n * base + digit_value(*at);
    }
    *value = n;
    if (at == start)
        return NULL;
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* True if the comma-separated value contains `option`. */
static bool has_option(const char *at, const char *end, const char *option)
{
    size_t length = strlen(option);
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *option_end = comma ? comma : end;
        while (at < option_end && is_blank(*at))
            at++;
        while (option_end > at && is_blank(option_end[-1]))
            option_end--;
        if ((size_t)(option_end - at) == length && strncasecmp(at, option, length) == 0)
            return true;
        at = comma ? comma + 1 : end;
    }
    return false;
}

/* The same length several times is valid (RFC 9110, 8.6). */
static bool read_length(struct response *r, const char *at, const char *end)
{
    for (;; at++) {
        uint64_t length = 0;
        while (at < end && is_blank(*at))
            at++;
        at = read_number(at, end, 10, &length);
        if (!at || (r->has_length && r->left != length))
            return false;
        r->has_length = true;
        r->left = length;
        if (at == end)
            return true;
        if (*at != ',')
            return false;
    }
}

/* The last encoding delimits the body: chunked, or the end of the connection (RFC 9112, 6.3). "identity" is an obsolete
 * name for no encoding. */
static bool read_encoding(struct response *r, const char *at, const char *end)
{
    while (end > at && (is_blank(end[-1]) || end[-1] == ','))
        end--;
    const char *comma = memrchr(at, ',', (size_t)(end - at));
    const char *last = comma ? comma + 1 : at;
    r->is_chunked = has_option(last, end, "chunked");
    r->is_encoded |= !has_option(last, end, "identity");
    return true;
}

/* "close" takes precedence, in any field (RFC 9112, 9.3). */
static bool read_connection(struct response *r, const char *at, const char *end)
{
    if (has_option(at, end, "close"))
        r->has_close = true;
    if (has_option(at, end, "keep-alive"))
        r->keep_alive = true;
    if (r->has_close)
        r->keep_alive = false;
    return true;
}

static const struct {
    const char *name;
    size_t length;
    bool (*read)(struct response *, const char *, const char *);
} fields[] = {
    {"Content-Length", 14, read_length},
    {"Transfer-Encoding", 17, read_encoding},
    {"Connection", 10, read_connection},
};

/* A line that begins with white space before the first field is ignored (RFC 9112, 2.2). */
static bool read_field(struct response *r, const char *line, size_t length)
{
    const char *end = line + length, *colon = memchr(line, ':', length), *name_end = colon;
    if (is_blank(*line))
        return true;
    if (!colon)
        return r->line_cut;
    while (name_end > line && is_blank(name_end[-1]))
        name_end--;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if ((size_t)(name_end - line) != fields[i].length ||
            strncasecmp(line, fields[i].name, fields[i].length) != 0)
            continue;
        const char *value = colon + 1;
        while (value < end && is_blank(*value))
            value++;
        return !r->line_cut && fields[i].read(r, value, end);
    }
    return true;
}

/* The empty line after the fields: determines what follows (RFC 9112, section 6.3). */
static bool end_of_fields(struct response *r)
{
    if (r->status == 101) { /* what follows is another protocol */
        r->state = RESPONSE_DONE;
        r->keep_alive = false;
    } else if (r->status < 200) { /* an interim response: the final one follows */
        size_t head_bytes = r->head_bytes;
        reset(r);
        r->head_bytes = head_bytes;
    } else if (r->status == 204 || r->status == 304 || r->is_head) {
        r->state = RESPONSE_DONE;
    } else if (r->is_chunked) {
        r->state = RESPONSE_CHUNK_SIZE;
    } else if (r->has_length && !r->is_encoded) {
        r->state = r->left ? RESPONSE_BODY : RESPONSE_DONE;
    } else {
        r->state = RESPONSE_BODY_UNTIL_END;
        r->keep_alive = false;
    }
    return true;
}

static bool read_chunk_size(struct response *r, const char *line, size_t length)
{
    const char *end = line + length, *after = read_number(line, end, 16, &r->left);
    if (!after || (after == end ? r->line_cut : *after != ';'))
        return false;
    r->state = r->left ? RESPONSE_CHUNK_DATA : RESPONSE_TRAILER;
    return true;
}

static bool read_line(struct response *r, const char *line, size_t length)
{
    switch (r->state) {
    case RESPONSE_STATUS_LINE:
        return read_status_line(r, line, length);
    case RESPONSE_FIELDS:
        return end_of_fields(r);
    case RESPONSE_CHUNK_SIZE:
        return read_chunk_size(r, line, length);
    case RESPONSE_CHUNK_END:
        r->state = RESPONSE_CHUNK_SIZE;
        return length == 0;
    case RESPONSE_TRAILER:
        if (length == 0)
            r->state = RESPONSE_DONE;
        return true;
    default:
        return false;
    }
}

/* Keeps the beginning of a line, which may arrive in several pieces. */
static void keep(struct response *r, const char *data, size_t length)
{
    size_t room = RESPONSE_LINE_KEPT - r->line_length;
    if (length > room) {
        length = room;
        r->line_cut = true;
    }
    memcpy(r->line + r->line_length, data, length);
    r->line_length += length;
}

/* The end of a field is known only when the next line begins. */
static bool end_of_line(struct response *r)
{
    size_t length = r->line_length;
    if (length && !r->line_cut && r->line[length - 1] == '\r')
        length--;
    r->field_waits = r->state == RESPONSE_FIELDS && length > 0;
    r->line_length = r->field_waits ? length : 0;
    if (r->field_waits)
        return true;
    bool good = read_line(r, r->line, length);
    r->line_cut = false;
    return good;
}

/* A line that begins with white space continues the field before it (RFC 9112, 5.2). */
static bool begin_line_after_field(struct response *r, char first)
{
    r->field_waits = false;
    if (is_blank(first))
        return true;
    bool good = read_field(r, r->line, r->line_length);
    r->line_length = 0;
    r->line_cut = false;
    return good;
}

/* Consumes one line, or the part of it that has arrived. Returns the position behind it; NULL = malformed. */
static const char *take_line(struct response *r, const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *next = newline ? newline + 1 : end;

    /* The limit of the head does not apply to chunk lines: a chunk-size line is short. */
    r->head_bytes += (size_t)(next - at);
    if (r->state < RESPONSE_BODY && r->head_bytes > RESPONSE_HEAD_LIMIT)
        return NULL;
    if (r->field_waits && !begin_line_after_field(r, *at))
        return NULL;
    keep(r, at, (size_t)((newline ? newline : end) - at));
    return !newline || end_of_line(r) ? next : NULL;
}

static void look_at_body(struct response *r, const char *at, size_t length)
{
    if (r->expect)
        expect_read(r->expect, &r->body, at, length);
}

static const char *take_body(struct response *r, const char *at, const char *end)
{
    uint64_t n = (uint64_t)(end - at);
    if (n > r->left)
        n = r->left;
    look_at_body(r, at, n);
    r->left -= n;
    if (r->left == 0)
        r->state = r->state == RESPONSE_BODY ? RESPONSE_DONE : RESPONSE_CHUNK_END;
    return at + n;
}

/* Data may follow a 101 response (another protocol) and a response to HEAD (a body that some servers send in error). How
 * much of it is read depends on timing, so it must not affect the result. */
static enum response_verdict end_with_surplus(struct response *r)
{
    if (r->status != 101 && !r->is_head)
        return RESPONSE_BAD;
    r->keep_alive = false;
    return RESPONSE_COMPLETE;
}

enum response_verdict response_read(struct response *r, const char *data, size_t length)
{
    const char *at = data, *end = data + length;
    while (at < end) {
        switch (r->state) {
        case RESPONSE_BODY:
        case RESPONSE_CHUNK_DATA:
            at = take_body(r, at, end);
            break;
        case RESPONSE_BODY_UNTIL_END:
            look_at_body(r, at, (size_t)(end - at));
            return RESPONSE_MORE;
        case RESPONSE_DONE:
            return end_with_surplus(r);
        default:
            at = take_line(r, at, end);
            if (!at)
                return RESPONSE_BAD;
        }
    }
    return r->state == RESPONSE_DONE ? RESPONSE_COMPLETE : RESPONSE_MORE;
}

enum response_verdict response_end(struct response *r)
{
    return r->state == RESPONSE_BODY_UNTIL_END ? RESPONSE_COMPLETE : RESPONSE_BAD;
}

bool response_is_as_expected(const struct response *r)
{
    return !r->expect || expect_is_met(r->expect, &r->body);
}
