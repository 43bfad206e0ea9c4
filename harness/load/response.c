#include "response.h"

#include <string.h>
#include <strings.h>

void response_reset(struct response *r)
{
    memset(r, 0, offsetof(struct response, line));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* HTTP/1.x SP 3DIGIT [SP reason] */
static bool read_status_line(struct response *r, const char *line, size_t length)
{
    if (length < 12 || memcmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) || line[8] != ' ')
        return false;
    if (line[9] < '1' || line[9] > '5' || !is_digit(line[10]) || !is_digit(line[11]))
        return false;
    if (length > 12 && line[12] != ' ')
        return false;
    r->status = (unsigned)((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
    r->keep_alive = line[7] != '0';
    r->state = RESPONSE_FIELDS;
    return true;
}

/* A number in `base` 10 or 16 at the start of the text, as large as 2^60; what may follow it is
 * white space or one of `ends`. */
static bool read_number(const char *at, const char *end, unsigned base, const char *ends,
                        uint64_t *value)
{
    const char *start = at;
    uint64_t n = 0;
    for (; at < end; at++) {
        unsigned digit = is_digit(*at) ? (unsigned)(*at - '0')
                         : (*at | 0x20) >= 'a' && (*at | 0x20) <= 'f'
                             ? (unsigned)((*at | 0x20) - 'a') + 10
                             : base;
        if (digit >= base)
            break;
        if (n >> 56)
            return false;
        n = n * base + digit;
    }
    *value = n;
    return at > start && (at == end || *at == ' ' || *at == '\t' || strchr(ends, *at));
}

/* True if `word` is one of the comma-separated options of the value. */
static bool has_option(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);
    for (; at + length <= end; at++)
        if (strncasecmp(at, word, length) == 0)
            return true;
    return false;
}

static bool read_length(struct response *r, const char *at, const char *end)
{
    r->has_length = true;
    return read_number(at, end, 10, "", &r->left);
}

static bool read_encoding(struct response *r, const char *at, const char *end)
{
    r->is_chunked = has_option(at, end, "chunked");
    return r->is_chunked;
}

static bool read_connection(struct response *r, const char *at, const char *end)
{
    if (has_option(at, end, "close"))
        r->keep_alive = false;
    else if (has_option(at, end, "keep-alive"))
        r->keep_alive = true;
    return true;
}

static const struct {
    const char *name;
    size_t length;
    bool (*read)(struct response *, const char *, const char *);
} fields[] = {
    {"Content-Length:", 15, read_length},
    {"Transfer-Encoding:", 18, read_encoding},
    {"Connection:", 11, read_connection},
};

static bool read_field(struct response *r, const char *line, size_t length)
{
    const char *end = line + length;
    if (!memchr(line, ':', length))
        return length >= RESPONSE_LINE_KEPT; /* of a long line only the beginning was kept */
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (length < fields[i].length || strncasecmp(line, fields[i].name, fields[i].length) != 0)
            continue;
        const char *value = line + fields[i].length;
        while (value < end && (*value == ' ' || *value == '\t'))
            value++;
        return fields[i].read(r, value, end);
    }
    return true;
}

/* The empty line after the fields: what comes now (RFC 9112, section 6.3)? */
static bool end_of_fields(struct response *r)
{
    if (r->status < 200) { /* an interim response: the real one follows */
        size_t head_bytes = r->head_bytes;
        response_reset(r);
        r->head_bytes = head_bytes;
    } else if (r->status == 204 || r->status == 304) {
        r->state = RESPONSE_DONE;
    } else if (r->is_chunked) {
        r->state = RESPONSE_CHUNK_SIZE;
    } else if (r->has_length) {
        r->state = r->left ? RESPONSE_BODY : RESPONSE_DONE;
    } else {
        r->state = RESPONSE_BODY_UNTIL_END;
        r->keep_alive = false;
    }
    return true;
}

static bool read_chunk_size(struct response *r, const char *line, size_t length)
{
    if (!read_number(line, line + length, 16, ";", &r->left))
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
        return length ? read_field(r, line, length) : end_of_fields(r);
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

/* Keeps the beginning of a line that comes in pieces. */
static void keep(struct response *r, const char *data, size_t length)
{
    size_t room = RESPONSE_LINE_KEPT - r->line_length;
    if (length > room)
        length = room;
    memcpy(r->line + r->line_length, data, length);
    r->line_length += length;
}

/* Takes one line, or the part of it that is there. Returns how far it came; NULL = bad. */
static const char *take_line(struct response *r, const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *next = newline ? newline + 1 : end;
    const char *line = at;
    size_t length = (size_t)((newline ? newline : end) - at);

    /* Chunks have no head to be limited by: a chunk's size line is short. */
    r->head_bytes += (size_t)(next - at);
    if (r->state < RESPONSE_BODY && r->head_bytes > RESPONSE_HEAD_LIMIT)
        return NULL;
    if (r->line_length || !newline) {
        keep(r, at, length);
        if (!newline)
            return next;
        line = r->line;
        length = r->line_length;
        r->line_length = 0;
    }
    if (length && line[length - 1] == '\r')
        length--;
    return read_line(r, line, length) ? next : NULL;
}

static const char *skip_body(struct response *r, const char *at, const char *end)
{
    uint64_t n = (uint64_t)(end - at);
    if (n > r->left)
        n = r->left;
    r->left -= n;
    if (r->left == 0)
        r->state = r->state == RESPONSE_BODY ? RESPONSE_DONE : RESPONSE_CHUNK_END;
    return at + n;
}

enum response_verdict response_read(struct response *r, const char *data, size_t length)
{
    const char *at = data, *end = data + length;
    while (at < end) {
        switch (r->state) {
        case RESPONSE_BODY:
        case RESPONSE_CHUNK_DATA:
            at = skip_body(r, at, end);
            break;
        case RESPONSE_BODY_UNTIL_END:
            return RESPONSE_MORE;
        case RESPONSE_DONE:
            return RESPONSE_BAD;
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
