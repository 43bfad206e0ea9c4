/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/request.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *name;
    struct request request;
    const char *begin,
        *end; /* of its text: before and after the part that depends on whether it is the last */
    size_t end_length;
    bool is_head;
};

#define HEADERS(...)  .headers = {COUNT(((const char *[]){__VA_ARGS__})), {__VA_ARGS__}}
#define BODY(literal) .body = (literal), .body_length = sizeof(literal) - 1
#define LINE(method)  method " /a?b=c HTTP/1.1\r\n"
#define HOST          "Host: h:81\r\n"

static const struct row good_requests[] = {
    {"GET", {0}, LINE("GET") HOST, BYTES("\r\n")},
    {"GET that is asked for", {.method = "GET"}, LINE("GET") HOST, BYTES("\r\n")},
    {"HEAD", {.method = "HEAD"}, LINE("HEAD") HOST, BYTES("\r\n"), true},
    {"head is another method", {.method = "head"}, LINE("head") HOST, BYTES("\r\n")},
    {"HEADS is another method", {.method = "HEADS"}, LINE("HEADS") HOST, BYTES("\r\n")},
    {"a method of odd characters", {.method = "M-X!"}, LINE("M-X!") HOST, BYTES("\r\n")},
    {"POST", {BODY("a=1&b=2")}, LINE("POST") HOST, BYTES("Content-Length: 7\r\n\r\na=1&b=2")},
    {"POST of a body that ends a line",
     {BODY("a\r\n\r\n")},
     LINE("POST") HOST,
     BYTES("Content-Length: 5\r\n\r\na\r\n\r\n")},
    {"POST of bytes",
     {BODY("\0\xff\0")},
     LINE("POST") HOST,
     BYTES("Content-Length: 3\r\n\r\n\0\xff\0")},
    {"POST of nothing", {BODY("")}, LINE("POST") HOST, BYTES("Content-Length: 0\r\n\r\n")},
    {"PUT", {.method = "PUT", BODY("x")}, LINE("PUT") HOST, BYTES("Content-Length: 1\r\n\r\nx")},
    {"POST without a body",
     {.method = "POST"},
     LINE("POST") HOST,
     BYTES("Content-Length: 0\r\n\r\n")},
    {"GET with a body",
     {.method = "GET", BODY("x")},
     LINE("GET") HOST,
     BYTES("Content-Length: 1\r\n\r\nx")},
    {"a header", {HEADERS("X-A: b")}, LINE("GET") HOST, BYTES("X-A: b\r\n\r\n")},
    {"headers",
     {HEADERS("X-A: b", "Accept: */*", "X-A: c")},
     LINE("GET") HOST,
     BYTES("X-A: b\r\nAccept: */*\r\nX-A: c\r\n\r\n")},
    {"headers and a body",
     {HEADERS("Content-Type: text/plain"), BODY("x")},
     LINE("POST") HOST,
     BYTES("Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx")},
    {"a header of odd characters",
     {HEADERS("!#$%&'*+-.^_`|~09azAZ:\ta: \"b\"\t\xc3\xa4 %s%n")},
     LINE("GET") HOST,
     BYTES("!#$%&'*+-.^_`|~09azAZ:\ta: \"b\"\t\xc3\xa4 %s%n\r\n\r\n")},
    {"a header without a blank", {HEADERS("X:y")}, LINE("GET") HOST, BYTES("X:y\r\n\r\n")},
    {"an empty header", {HEADERS("X:")}, LINE("GET") HOST, BYTES("X:\r\n\r\n")},
    {"another host", {HEADERS("Host: other")}, LINE("GET"), BYTES("Host: other\r\n\r\n")},
    {"another host among others",
     {HEADERS("A: b", "hOST:other", "C: d")},
     LINE("GET"),
     BYTES("A: b\r\nhOST:other\r\nC: d\r\n\r\n")},
    {"names that begin like ours",
     {HEADERS("Hosts: a", "X-Host: a", "Connections: b", "Content-Length-X: c", "Transfer: d")},
     LINE("GET") HOST,
     BYTES(
         "Hosts: a\r\nX-Host: a\r\nConnections: b\r\nContent-Length-X: c\r\nTransfer: d\r\n\r\n")},
};

/* In front of the other headers, as `load` has always had it. */
TEST(good_request)
{
    static const char *const says[] = {"Connection: keep-alive\r\n", "Connection: close\r\n"};
    const struct row *row = *state;
    assert_null(request_check(&row->request));
    assert_int_equal(request_is_head(&row->request), row->is_head);
    for (int is_last = 0; is_last < 2; is_last++) {
        char expected[512];
        size_t length = 0;
        int head = snprintf(expected, sizeof expected, "%s%s", row->begin, says[is_last]);
        memcpy(expected + head, row->end, row->end_length);
        char *text = request_text(&row->request, "h:81", "/a?b=c", is_last, &length);
        assert_non_null(text);
        assert_int_equal(length, (size_t)head + row->end_length);
        assert_memory_equal(text, expected, length);
        free(text);
    }
}

TEST(as_many_headers_as_there_is_room_for)
{
    struct request request = {.headers.count = TEXT_LIST_MAX};
    char expected[TEXT_LIST_MAX * 6 + 3];
    size_t length = 0;
    for (unsigned i = 0; i < TEXT_LIST_MAX; i++) {
        request.headers.texts[i] = "A: b";
        strcpy(expected + i * 6, "A: b\r\n\r\n");
    }
    assert_null(request_check(&request));
    char *text = request_text(&request, "h", "/", false, &length);
    assert_non_null(text);
    assert_true(length > sizeof expected);
    assert_memory_equal(text + length - (sizeof expected - 1), expected, sizeof expected - 1);
    free(text);
}

/* Its length is a size_t, its text is not cut. */
TEST(large_body)
{
    enum { SIZE = 3000000 };
    char *body = malloc(SIZE);
    size_t length = 0;
    assert_non_null(body);
    for (size_t i = 0; i < SIZE; i++)
        body[i] = (char)random_number();
    struct request request = {.body = body, .body_length = SIZE};
    char *text = request_text(&request, "h", "/", false, &length);
    assert_non_null(text);
    assert_true(length > SIZE);
    assert_memory_equal(text + length - SIZE, body, SIZE);
    assert_memory_equal(text + length - SIZE - 27, "Content-Length: 3000000\r\n\r\n", 27);
    free(text);
    free(body);
}

struct bad {
    const char *name;
    struct request request;
};

static const struct bad bad_requests[] = {
    {"two hosts", {HEADERS("Host: a", "X: y", "hOST: b")}},
    {"no method", {.method = ""}},
    {"a method with a blank", {.method = "GET x"}},
    {"a blank before the method", {.method = " GET"}},
    {"a blank after the method", {.method = "GET "}},
    {"a method of blanks", {.method = "  "}},
    {"a method with TAB", {.method = "GET\t"}},
    {"a method with CR LF", {.method = "GET\r\nX:"}},
    {"a method with a slash", {.method = "GET/"}},
    {"a method with a colon", {.method = "GET:"}},
    {"a method that is not ASCII", {.method = "\xc3\xa4"}},
    {"an empty header", {HEADERS("")}},
    {"no colon", {HEADERS("X")}},
    {"no colon, but a value", {HEADERS("X y")}},
    {"no name", {HEADERS(": y")}},
    {"a colon only", {HEADERS(":")}},
    {"a blank before the name", {HEADERS(" X: y")}},
    {"TAB before the name", {HEADERS("\tX: y")}},
    {"a blank before the colon", {HEADERS("X : y")}},
    {"a blank in the name", {HEADERS("X Y: z")}},
    {"a slash in the name", {HEADERS("X/Y: z")}},
    {"a name in quotes", {HEADERS("\"X\": z")}},
    {"a name that is not ASCII", {HEADERS("\xc3\xa4: z")}},
    {"CR LF at the end", {HEADERS("X: y\r\n")}},
    {"CR LF in the value", {HEADERS("X: y\r\nZ: z")}},
    {"CR in the value", {HEADERS("X: y\rz")}},
    {"LF in the value", {HEADERS("X: y\nz")}},
    {"LF in the name", {HEADERS("X\nY: z")}},
    {"a folded line", {HEADERS("X: y\r\n z")}},
    {"a control character in the value", {HEADERS("X: \x01")}},
    {"DEL in the value", {HEADERS("X: \x7f")}},
    {"the last of several", {HEADERS("A: b", "C: d", "E")}},
    {"Connection", {HEADERS("Connection: close")}},
    {"connection", {HEADERS("connection: keep-alive")}},
    {"CONNECTION", {HEADERS("CONNECTION:close")}},
    {"an empty Connection", {HEADERS("Connection:")}},
    {"Content-Length", {HEADERS("Content-Length: 0"), BODY("")}},
    {"content-length", {HEADERS("content-length: 5")}},
    {"cOnTeNt-LeNgTh", {HEADERS("cOnTeNt-LeNgTh:5")}},
    {"Transfer-Encoding", {HEADERS("Transfer-Encoding: chunked")}},
    {"TRANSFER-encoding", {HEADERS("A: b", "TRANSFER-encoding: chunked")}},
};

TEST(bad_request)
{
    const struct bad *row = *state;
    const char *wrong = request_check(&row->request);
    assert_non_null(wrong);
    assert_true(strlen(wrong) > 0);
}

static const struct {
    const char *name;
    struct request request;
    bool is_idempotent;
} idempotence[] = {
    {"GET by default", {0}, true},
    {"HEAD", {.method = "HEAD"}, true},
    {"PUT with a body", {.method = "PUT", BODY("x")}, true},
    {"DELETE", {.method = "DELETE"}, true},
    {"OPTIONS", {.method = "OPTIONS"}, true},
    {"TRACE", {.method = "TRACE"}, true},
    {"POST by its body", {BODY("x")}, false},
    {"POST", {.method = "POST"}, false},
    {"PATCH", {.method = "PATCH"}, false},
    {"get is another method", {.method = "get"}, false},
    {"unknown", {.method = "BREW"}, false},
};

TEST(what_may_be_made_twice)
{
    const __typeof__(*idempotence) *row = *state;
    assert_int_equal(request_is_idempotent(&row->request), row->is_idempotent);
}

int main(void)
{
    ADD_ROWS(good_request, good_requests);
    ADD(as_many_headers_as_there_is_room_for);
    ADD(large_body);
    ADD_ROWS(bad_request, bad_requests);
    ADD_ROWS(what_may_be_made_twice, idempotence);
    return run_added(NULL, NULL);
}
