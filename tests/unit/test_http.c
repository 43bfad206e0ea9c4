/* SPDX-License-Identifier: BSD-2-Clause */
#include "servers/http.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

#define GET11 "GET / HTTP/1.1\r\nHost: x\r\n"
#define GET10 "GET / HTTP/1.0\r\n"
#define END   "\r\n"

struct good {
    const char *name, *head, *body;
    bool keep_alive, is_head;
};

static const struct good good_requests[] = {
    {"1.1 stays", GET11 END, "", true, false},
    {"1.0 closes", GET10 END, "", false, false},
    {"1.0 with keep-alive stays", GET10 "Connection: keep-alive\r\n" END, "", true, false},
    {"1.0 with Keep-Alive stays", GET10 "connection: Keep-Alive\r\n" END, "", true, false},
    {"1.1 with close closes", GET11 "Connection: close\r\n" END, "", false, false},
    {"close before keep-alive", GET11 "Connection: close, keep-alive\r\n" END, "", false, false},
    {"close after keep-alive", GET11 "Connection: keep-alive ,\tclose\r\n" END, "", false, false},
    {"close in a field before", GET11 "Connection: close\r\nConnection: keep-alive\r\n" END, "",
     false, false},
    {"close in a field after", GET10 "Connection: keep-alive\r\nConnection: close\r\n" END, "",
     false, false},
    {"options that are unknown", GET11 "Connection: closed, x-close,, upgrade\r\n" END, "", true,
     false},
    {"HEAD", "HEAD / HTTP/1.1\r\nHost: x\r\n" END, "", true, true},
    {"HEADER is not HEAD", "HEADER / HTTP/1.1\r\nHost: x\r\n" END, "", true, false},
    {"methods are case-sensitive", "head / HTTP/1.1\r\nHost: x\r\n" END, "", true, false},
    {"any token is a method", "!#$%&'*+-.^_`|~09 * HTTP/1.1\r\nHost: x\r\n" END, "", true, false},
    {"a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" END, "12345", true, false},
    {"no body", GET11 "Content-Length: 0\r\n" END, "", true, false},
    {"body length twice, equal", GET11 "Content-Length: 2\r\ncontent-length:02\r\n" END, "ab", true,
     false},
    {"empty lines before it", "\n\r\n\n" GET11 END, "", true, false},
    {"lines that end with LF", "GET / HTTP/1.1\nHost: x\nConnection: close\n\n", "", false, false},
    {"no white space after the colon", "GET / HTTP/1.1\r\nHost:x\r\nX:\r\n" END, "", true, false},
    {"white space around the value", GET11 "Connection: \t close\t \r\n" END, "", false, false},
    {"bytes above 127 in target and value", "GET /\xc3\xa4 HTTP/1.1\r\nHost: \xff\r\n" END, "",
     true, false},
    {"a field of another name", GET11 "X-Host: y\r\nHosts: z\r\n" END, "", true, false},
};

struct bad {
    const char *name, *text;
    size_t length;
};

static const struct bad bad_requests[] = {
    {"no method", BYTES(" / HTTP/1.1\r\nHost: x\r\n" END)},
    {"a method that is no token", BYTES("G(T / HTTP/1.1\r\nHost: x\r\n" END)},
    {"no target", BYTES("GET  HTTP/1.1\r\nHost: x\r\n" END)},
    {"only a method", BYTES("GET\r\n" END)},
    {"HTTP/0.9", BYTES("GET /\r\n" END)},
    {"HTTP/2.0", BYTES("GET / HTTP/2.0\r\nHost: x\r\n" END)},
    {"HTTP/1.2", BYTES("GET / HTTP/1.2\r\nHost: x\r\n" END)},
    {"HTTP/1.10", BYTES("GET / HTTP/1.10\r\nHost: x\r\n" END)},
    {"http/1.1", BYTES("GET / http/1.1\r\nHost: x\r\n" END)},
    {"two blanks before the version", BYTES("GET /  HTTP/1.1\r\nHost: x\r\n" END)},
    {"a blank after the version", BYTES("GET / HTTP/1.1 \r\nHost: x\r\n" END)},
    {"a control character in the target", BYTES("GET /\x01 HTTP/1.1\r\nHost: x\r\n" END)},
    {"DEL in the target", BYTES("GET /\x7f HTTP/1.1\r\nHost: x\r\n" END)},
    {"NUL in the target", BYTES("GET /\0 HTTP/1.1\r\nHost: x\r\n" END)},
    {"no Host in 1.1", BYTES("GET / HTTP/1.1\r\n" END)},
    {"two Hosts", BYTES(GET11 "Host: x\r\n" END)},
    {"two Hosts in 1.0", BYTES(GET10 "Host: x\r\nhost: y\r\n" END)},
    {"body lengths that differ", BYTES(GET11 "Content-Length: 1\r\nContent-Length: 2\r\n" END)},
    {"a list of body lengths", BYTES(GET11 "Content-Length: 1, 1\r\n" END)},
    {"an empty body length", BYTES(GET11 "Content-Length: \r\n" END)},
    {"a negative body length", BYTES(GET11 "Content-Length: -1\r\n" END)},
    {"a signed body length", BYTES(GET11 "Content-Length: +1\r\n" END)},
    {"a hexadecimal body length", BYTES(GET11 "Content-Length: 0x1\r\n" END)},
    {"a body length of 19 digits", BYTES(GET11 "Content-Length: 1000000000000000000\r\n" END)},
    {"Transfer-Encoding", BYTES(GET11 "Transfer-Encoding: chunked\r\n" END)},
    {"Transfer-Encoding with a length",
     BYTES(GET11 "Content-Length: 1\r\nTRANSFER-ENCODING: identity\r\n" END)},
    {"NUL in a value", BYTES(GET11 "X: a\0b\r\n" END)},
    {"CR in a value", BYTES(GET11 "X: a\rb\r\n" END)},
    {"DEL in a value", BYTES(GET11 "X: a\x7f\r\n" END)},
    {"CR before the end of line", BYTES(GET11 "X: a\r\r\n" END)},
    {"a folded line", BYTES(GET11 "X: a\r\n b\r\n" END)},
    {"a blank before the colon", BYTES(GET11 "X : a\r\n" END)},
    {"a field without a colon", BYTES(GET11 "X\r\n" END)},
    {"a field without a name", BYTES(GET11 ": a\r\n" END)},
};

/* What a server has after `length` bytes of the text have come. */
static enum http_verdict read_up_to(struct http_request *request, const char *text, size_t length)
{
    char *buffer = exact_copy(text, length);
    enum http_verdict verdict = http_read_head(request, buffer, length);
    free(buffer);
    return verdict;
}

static void assert_complete(const struct good *row, const struct http_request *request)
{
    assert_int_equal(request->head_length, strlen(row->head));
    assert_int_equal(request->body_length, strlen(row->body));
    assert_int_equal(request->keep_alive, row->keep_alive);
    assert_int_equal(request->is_head, row->is_head);
}

TEST(good_request)
{
    const struct good *row = *state;
    struct http_request request = {0};
    assert_int_equal(read_up_to(&request, row->head, strlen(row->head)), HTTP_COMPLETE);
    assert_complete(row, &request);
}

TEST(good_request_in_pieces)
{
    const struct good *row = *state;
    size_t length = strlen(row->head);
    struct http_request bytewise = {0};
    for (size_t split = 0; split < length; split++) {
        struct http_request request = {0};
        assert_int_equal(read_up_to(&request, row->head, split), HTTP_MORE);
        assert_int_equal(read_up_to(&request, row->head, length), HTTP_COMPLETE);
        assert_complete(row, &request);
        assert_int_equal(read_up_to(&bytewise, row->head, split), HTTP_MORE);
    }
    assert_int_equal(read_up_to(&bytewise, row->head, length), HTTP_COMPLETE);
    assert_complete(row, &bytewise);
}

TEST(bad_request)
{
    const struct bad *row = *state;
    struct http_request request = {0};
    assert_int_equal(read_up_to(&request, row->text, row->length), HTTP_BAD);
}

TEST(bad_request_in_pieces)
{
    const struct bad *row = *state;
    struct http_request bytewise = {0};
    enum http_verdict last = HTTP_MORE;
    for (size_t split = 0; split <= row->length; split++) {
        struct http_request request = {0};
        if (read_up_to(&request, row->text, split) == HTTP_MORE)
            assert_int_equal(read_up_to(&request, row->text, row->length), HTTP_BAD);
        if (last == HTTP_MORE)
            last = read_up_to(&bytewise, row->text, split);
    }
    assert_int_equal(last, HTTP_BAD);
}

/* Any request after any other: the second begins where the first's body ends. */
TEST(pipelined_requests)
{
    for (const struct good *a = good_requests; a < good_requests + COUNT(good_requests); a++)
        for (const struct good *b = good_requests; b < good_requests + COUNT(good_requests); b++) {
            char text[512];
            struct http_request first = {0}, second = {0};
            int length = snprintf(text, sizeof text, "%s%s%s", a->head, a->body, b->head);
            assert_int_equal(read_up_to(&first, text, (size_t)length), HTTP_COMPLETE);
            assert_int_equal(first.head_length, strlen(a->head));
            size_t begin = first.head_length + first.body_length;
            assert_int_equal(read_up_to(&second, text + begin, (size_t)length - begin),
                             HTTP_COMPLETE);
            assert_complete(b, &second);
        }
}

TEST(largest_body_length)
{
    static const char head[] = GET11 "Content-Length: 999999999999999999\r\n" END;
    struct http_request request = {0};
    assert_int_equal(read_up_to(&request, head, strlen(head)), HTTP_COMPLETE);
    assert_int_equal(request.body_length, 999999999999999999);
}

int main(void)
{
    ADD_ROWS(good_request, good_requests);
    ADD_ROWS(good_request_in_pieces, good_requests);
    ADD_ROWS(bad_request, bad_requests);
    ADD_ROWS(bad_request_in_pieces, bad_requests);
    ADD(pipelined_requests);
    ADD(largest_body_length);
    return run_added(NULL, NULL);
}
