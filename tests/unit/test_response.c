/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/response.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

#define OK         "HTTP/1.1 200 OK\r\n"
#define OK10       "HTTP/1.0 200 OK\r\n"
#define CHUNKED    OK "Transfer-Encoding: chunked\r\n\r\n"
#define EMPTY      "Content-Length: 0\r\n\r\n"
#define EMPTY_HEAD "Content-Length: 0\r\n"
#define FORTY      "0000000000000000000000000000000000000000"
#define LONG       FORTY FORTY FORTY FORTY /* more than RESPONSE_LINE_KEPT */

struct row {
    const char *name, *text;
    size_t length;
    enum response_verdict verdict; /* once all bytes are in */
    enum response_verdict at_end;  /* if then the connection ends */
    unsigned status;
    bool keep_alive;
};

#define STAYS     RESPONSE_COMPLETE, RESPONSE_BAD, 200, true
#define CLOSES    RESPONSE_COMPLETE, RESPONSE_BAD, 200, false
#define UNTIL_END RESPONSE_MORE, RESPONSE_COMPLETE, 200, false
#define CUT_SHORT RESPONSE_MORE, RESPONSE_BAD, 200, true
#define SWITCHED  RESPONSE_COMPLETE, RESPONSE_BAD, 101, false
#define NO_STATUS RESPONSE_MORE, RESPONSE_BAD, 0, false
#define IS_BAD    RESPONSE_BAD, RESPONSE_BAD, 0, false

static const struct row good_responses[] = {
    {"empty body", BYTES(OK EMPTY), STAYS},
    {"body by length", BYTES(OK "Content-Length: 5\r\n\r\n12345"), STAYS},
    {"length in odd writing", BYTES(OK "content-LENGTH:\t05 \r\n\r\n12345"), STAYS},
    {"body by length, cut short", BYTES(OK "Content-Length: 5\r\n\r\n1234"), CUT_SHORT},
    {"equal lengths twice", BYTES(OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"), STAYS},
    {"body until the end", BYTES(OK "\r\nHTTP/1.1 200"), UNTIL_END},
    {"body until the end, empty", BYTES(OK "\r\n"), UNTIL_END},
    {"keep-alive means nothing until the end", BYTES(OK "Connection: keep-alive\r\n\r\n"),
     UNTIL_END},
    {"lines that end with LF", BYTES("HTTP/1.1 200 OK\nContent-Length: 1\n\nx"), STAYS},
    {"no reason, no blank", BYTES("HTTP/1.1 200\r\n" EMPTY), STAYS},
    {"no reason", BYTES("HTTP/1.1 200 \r\n" EMPTY), STAYS},
    {"status 404", BYTES("HTTP/1.1 404 Not Found\r\n" EMPTY), RESPONSE_COMPLETE, RESPONSE_BAD, 404,
     true},
    {"status 599", BYTES("HTTP/1.1 599 x\r\n" EMPTY), RESPONSE_COMPLETE, RESPONSE_BAD, 599, true},
    {"204 has no body", BYTES("HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n"), RESPONSE_COMPLETE,
     RESPONSE_BAD, 204, true},
    {"304 has no body", BYTES("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n"), RESPONSE_COMPLETE,
     RESPONSE_BAD, 304, true},
    {"an interim response", BYTES("HTTP/1.1 100 Continue\r\n\r\n" OK EMPTY), STAYS},
    {"early hints", BYTES("HTTP/1.1 103 x\r\nLink: </a>; rel=preload\r\n\r\n" OK EMPTY), STAYS},
    {"interim responses with fields",
     BYTES("HTTP/1.0 103 x\r\nConnection: close\r\nContent-Length: 9\r\n\r\nHTTP/1.1 102 x\r\n"
           "Transfer-Encoding: chunked\r\n\r\n" OK EMPTY),
     STAYS},
    {"only an interim response", BYTES("HTTP/1.1 100 Continue\r\n\r\n"), NO_STATUS},
    {"chunks", BYTES(CHUNKED "3\r\nabc\r\n0a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"),
     STAYS},
    {"no chunks", BYTES(CHUNKED "0\r\n\r\n"), STAYS},
    {"a chunk that looks like its end", BYTES(CHUNKED "5\r\n0\r\n\r\n\r\n0\r\n\r\n"), STAYS},
    {"chunks with extensions", BYTES(CHUNKED "1;a=b;c=\"d\"\r\nx\r\n0 ; a\r\n\r\n"), STAYS},
    {"a long chunk extension", BYTES(CHUNKED "1;" LONG "\r\nx\r\n0\r\n\r\n"), STAYS},
    {"trailers", BYTES(CHUNKED "0\r\nX: y\r\nContent-Length: 9\r\n\r\n"), STAYS},
    {"a long trailer", BYTES(CHUNKED "0\r\nX: " LONG "\r\n\r\n"), STAYS},
    {"chunks cut short", BYTES(CHUNKED "3\r\nabc\r\n"), CUT_SHORT},
    {"trailers cut short", BYTES(CHUNKED "0\r\nX: y\r\n"), CUT_SHORT},
    {"chunks win over a length before",
     BYTES(OK "Content-Length: 9\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n0\r\n\r\n"), STAYS},
    {"chunks win over a length after",
     BYTES(OK "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n"), STAYS},
    {"1.1 with close", BYTES(OK "Connection: close\r\n" EMPTY), CLOSES},
    {"1.1 with CLOSE", BYTES(OK "connection:CLOSE\r\n" EMPTY), CLOSES},
    {"1.0", BYTES(OK10 EMPTY), CLOSES},
    {"1.0 with keep-alive", BYTES(OK10 "Connection: Keep-Alive\r\n" EMPTY), STAYS},
    {"close before keep-alive", BYTES(OK "Connection: close, keep-alive\r\n" EMPTY), CLOSES},
    {"close after keep-alive", BYTES(OK10 "Connection: keep-alive, close\r\n" EMPTY), CLOSES},
    {"close in a field before", BYTES(OK "Connection: close\r\nConnection: keep-alive\r\n" EMPTY),
     CLOSES},
    {"options are whole words", BYTES(OK "Connection: x-close, closed\r\n" EMPTY), STAYS},
    {"status 600", BYTES("HTTP/1.1 600 x\r\n" EMPTY), RESPONSE_COMPLETE, RESPONSE_BAD, 600, true},
    {"status 999", BYTES("HTTP/1.1 999 x\r\n" EMPTY), RESPONSE_COMPLETE, RESPONSE_BAD, 999, true},
    {"another protocol follows", BYTES("HTTP/1.1 101 x\r\nUpgrade: x\r\n\r\n"), SWITCHED},
    {"a folded field", BYTES(OK "X: a\r\n b\r\n" EMPTY), STAYS},
    {"folded with a tab", BYTES(OK "X: a\r\n\tb\r\n" EMPTY), STAYS},
    {"folded twice, with LF", BYTES("HTTP/1.1 200 OK\nX: a\n b\n  c\n" EMPTY), STAYS},
    {"folded into blanks", BYTES(OK "X: a\r\n  \r\n" EMPTY), STAYS},
    {"folded last", BYTES(OK EMPTY_HEAD "X: a\r\n b: c\r\n\r\n"), STAYS},
    {"a folded length", BYTES(OK "Content-Length:\r\n 5\r\n\r\n12345"), STAYS},
    {"a length that is folded text", BYTES(OK "X: a\r\n Content-Length: 5\r\n" EMPTY), STAYS},
    {"folded chunks", BYTES(OK "Transfer-Encoding: gzip,\r\n\tchunked\r\n\r\n0\r\n\r\n"), STAYS},
    {"a folded close", BYTES(OK "Connection: x,\r\n close\r\n" EMPTY), CLOSES},
    {"a close that is folded text", BYTES(OK "X: a\r\n Connection: close\r\n" EMPTY), STAYS},
    {"a long folded field", BYTES(OK "X: " LONG "\r\n " LONG "\r\n" EMPTY), STAYS},
    {"a field as long as what is kept, folded",
     BYTES(OK "X: " FORTY FORTY "0000000000000000000000000000000000000\r\n a\r\n" EMPTY), STAYS},
    {"folded in an interim response", BYTES("HTTP/1.1 103 x\r\nLink: a,\r\n b\r\n\r\n" OK EMPTY),
     STAYS},
    {"folded trailers", BYTES(CHUNKED "0\r\nX: y\r\n z\r\n\r\n"), STAYS},
    {"a blank line before the fields is passed over (RFC 9112, 2.2)",
     BYTES(OK " nothing\r\n" EMPTY), STAYS},
    {"a field before the fields is passed over", BYTES(OK " Content-Length: 5\r\n" EMPTY), STAYS},
    {"a blank before the colon", BYTES(OK "Content-Length : 5\r\n\r\n12345"), STAYS},
    {"equal lengths in one field", BYTES(OK "Content-Length: 1, 1\r\n\r\nx"), STAYS},
    {"an encoding that is none of ours", BYTES(OK "Transfer-Encoding: gzip\r\n\r\nx"), UNTIL_END},
    {"chunked is not the last encoding",
     BYTES(OK "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"), UNTIL_END},
    {"nor in the last field",
     BYTES(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n"), UNTIL_END},
    {"chunked in the last field",
     BYTES(OK "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), STAYS},
    {"unchunked is not chunked", BYTES(OK "Transfer-Encoding: unchunked\r\n\r\n0\r\n\r\n"),
     UNTIL_END},
    {"an encoding wins over a length",
     BYTES(OK "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nxy"), UNTIL_END},
    {"identity is no encoding",
     BYTES(OK "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx"), STAYS},
    {"a long reason", BYTES("HTTP/1.1 200 " LONG "\r\n" EMPTY), STAYS},
    {"a long field", BYTES(OK "X: " LONG "\r\n" EMPTY), STAYS},
    {"a long field name", BYTES(OK LONG ": x\r\n" EMPTY), STAYS},
    {"nothing", BYTES(""), NO_STATUS},
    {"part of a status line", BYTES("HTTP/1.1 200"), NO_STATUS},
};

/* What comes behind is not looked at. */
static const struct row followed_responses[] = {
    {"another protocol follows at once",
     BYTES("HTTP/1.1 101 x\r\nConnection: keep-alive, Upgrade\r\nContent-Length: "
           "5\r\n\r\n\x01\r\nHTTP/1.1 200 OK\r\n"),
     SWITCHED},
    {"another protocol after an interim response",
     BYTES("HTTP/1.1 100 x\r\n\r\nHTTP/1.1 101 x\r\n\r\n\x01"), SWITCHED},
};

static const struct row bad_responses[] = {
    {"another protocol", BYTES("SSH-2.0-OpenSSH_9.2\r\n"), IS_BAD},
    {"an empty line first", BYTES("\r\n" OK EMPTY), IS_BAD},
    {"HTTP/2", BYTES("HTTP/2 200 OK\r\n"), IS_BAD},
    {"HTTP/2.0", BYTES("HTTP/2.0 200 OK\r\n"), IS_BAD},
    {"HTTP/1.x", BYTES("HTTP/1.x 200 OK\r\n"), IS_BAD},
    {"http/1.1", BYTES("http/1.1 200 OK\r\n"), IS_BAD},
    {"no status", BYTES("HTTP/1.1 OK\r\n"), IS_BAD},
    {"a status of two digits", BYTES("HTTP/1.1 20 OK\r\n"), IS_BAD},
    {"a status of four digits", BYTES("HTTP/1.1 2000 OK\r\n"), IS_BAD},
    {"status 099", BYTES("HTTP/1.1 099 OK\r\n"), IS_BAD},
    {"status 0", BYTES("HTTP/1.1 000 OK\r\n"), IS_BAD},
    {"two blanks before the status", BYTES("HTTP/1.1  200 OK\r\n"), IS_BAD},
    {"a field without a colon", BYTES(OK "Server\r\n" EMPTY), IS_BAD},
    {"no length", BYTES(OK "Content-Length:\r\n\r\n"), IS_BAD},
    {"a negative length", BYTES(OK "Content-Length: -1\r\n\r\n"), IS_BAD},
    {"a hexadecimal length", BYTES(OK "Content-Length: 1a\r\n\r\n"), IS_BAD},
    {"a length beyond 2^64", BYTES(OK "Content-Length: 18446744073709551617\r\n\r\nx"), IS_BAD},
    {"NUL after a length", BYTES(OK "Content-Length: 1\0\r\n\r\nx"), IS_BAD},
    {"a second number after a length", BYTES(OK "Content-Length: 1 2\r\n\r\nx"), IS_BAD},
    {"lengths that differ", BYTES(OK "Content-Length: 2\r\nContent-Length: 1\r\n\r\nx"), IS_BAD},
    {"lengths in one field that differ", BYTES(OK "Content-Length: 1, 2\r\n\r\nxy"), IS_BAD},
    {"a length that folds into two", BYTES(OK "Content-Length: 1\r\n 2\r\n\r\nx"), IS_BAD},
    {"a folded length in a line too long", BYTES(OK "Content-Length: 1,\r\n " LONG "\r\n\r\nx"),
     IS_BAD},
    {"a folded field without a colon", BYTES(OK "Server\r\n x\r\n" EMPTY), IS_BAD},
    {"no chunk size", BYTES(CHUNKED "\r\n"), IS_BAD},
    {"a chunk size that is none", BYTES(CHUNKED "g\r\n"), IS_BAD},
    {"a chunk size beyond 2^64", BYTES(CHUNKED "10000000000000001\r\nx\r\n0\r\n\r\n"), IS_BAD},
    {"NUL after a chunk size", BYTES(CHUNKED "1\0\r\nx\r\n0\r\n\r\n"), IS_BAD},
    {"a chunk longer than its size", BYTES(CHUNKED "1\r\nxy\r\n0\r\n\r\n"), IS_BAD},
    {"a chunk size in a line too long", BYTES(CHUNKED LONG "1\r\nx\r\n0\r\n\r\n"), IS_BAD},
    {"a length in a line too long", BYTES(OK "Content-Length: " LONG "1\r\n\r\nx"), IS_BAD},
    {"surplus after an empty body", BYTES(OK EMPTY "x"), IS_BAD},
    {"surplus after a body", BYTES(OK "Content-Length: 1\r\n\r\nxy"), IS_BAD},
    {"surplus after chunks", BYTES(CHUNKED "0\r\n\r\n\r\n"), IS_BAD},
    {"surplus after 204", BYTES("HTTP/1.1 204 x\r\n\r\nx"), IS_BAD},
    {"a second response", BYTES(OK EMPTY OK EMPTY), IS_BAD},
};

/* As it comes from recv(2): in a buffer that holds these bytes only. */
static enum response_verdict receive(struct response *r, const char *data, size_t length)
{
    char *buffer = exact_copy(data, length);
    enum response_verdict verdict = response_read(r, buffer, length);
    free(buffer);
    return verdict;
}

/* In pieces of `first` bytes, then of `size` each, until all are in or it is bad. */
static enum response_verdict receive_pieces(struct response *r, const struct row *row, size_t first,
                                            size_t size)
{
    memset(r, 0xff, sizeof *r);
    response_begin(r, NULL, false);
    enum response_verdict verdict = receive(r, row->text, first);
    for (size_t at = first; at < row->length && verdict != RESPONSE_BAD; at += size)
        verdict = receive(r, row->text + at, row->length - at < size ? row->length - at : size);
    return verdict;
}

static void assert_read(const struct row *row, size_t first, size_t size)
{
    struct response r;
    assert_int_equal(receive_pieces(&r, row, first, size), row->verdict);
    if (row->verdict == RESPONSE_BAD)
        return;
    assert_int_equal(r.status, row->status);
    if (r.state > RESPONSE_FIELDS)
        assert_int_equal(r.keep_alive, row->keep_alive);
    assert_int_equal(response_is_untouched(&r), row->length == 0);
    assert_int_equal(response_end(&r), row->at_end);
}

TEST(read_at_once)
{
    const struct row *row = *state;
    assert_read(row, row->length, row->length);
}

TEST(read_in_pieces)
{
    const struct row *row = *state;
    assert_read(row, 0, 1);
    for (size_t split = 0; split < row->length; split++)
        assert_read(row, split, row->length - split);
}

TEST(no_beginning_of_it_is_complete)
{
    const struct row *row = *state;
    for (size_t length = 0; length < row->length; length++) {
        struct response r;
        response_begin(&r, NULL, false);
        assert_int_equal(receive(&r, row->text, length), RESPONSE_MORE);
    }
}

struct end {
    const char *name;
    enum response_state state;
    enum response_verdict verdict;
};

static const struct end ends[] = {
    {"status line", RESPONSE_STATUS_LINE, RESPONSE_BAD},
    {"fields", RESPONSE_FIELDS, RESPONSE_BAD},
    {"body", RESPONSE_BODY, RESPONSE_BAD},
    {"body until the end", RESPONSE_BODY_UNTIL_END, RESPONSE_COMPLETE},
    {"chunk size", RESPONSE_CHUNK_SIZE, RESPONSE_BAD},
    {"chunk data", RESPONSE_CHUNK_DATA, RESPONSE_BAD},
    {"chunk end", RESPONSE_CHUNK_END, RESPONSE_BAD},
    {"trailer", RESPONSE_TRAILER, RESPONSE_BAD},
    {"done", RESPONSE_DONE, RESPONSE_BAD},
};

TEST(end_in_state)
{
    const struct end *row = *state;
    struct response r = {.state = row->state, .left = 1};
    assert_int_equal(response_end(&r), row->verdict);
}

/* A head of just so many bytes: `begin`, and one field that fills it. */
static char *head_of_length(const char *begin, size_t length)
{
    char *head = malloc(length + 1);
    size_t field = length - strlen(begin) - 4;
    assert_non_null(head);
    sprintf(head, "%sX:%*s\r\n\r\n", begin, (int)field - 2, "");
    assert_int_equal(strlen(head), length);
    return head;
}

struct limit {
    const char *name, *begin;
    size_t length;
    enum response_verdict verdict;
};

static const struct limit limits[] = {
    {"at the limit", OK "Content-Length: 0\r\n", RESPONSE_HEAD_LIMIT, RESPONSE_COMPLETE},
    {"over the limit", OK "Content-Length: 0\r\n", RESPONSE_HEAD_LIMIT + 1, RESPONSE_BAD},
    {"at the limit with an interim one", "HTTP/1.1 100 x\r\n\r\n" OK "Content-Length: 0\r\n",
     RESPONSE_HEAD_LIMIT, RESPONSE_COMPLETE},
    {"over the limit with an interim one", "HTTP/1.1 100 x\r\n\r\n" OK "Content-Length: 0\r\n",
     RESPONSE_HEAD_LIMIT + 1, RESPONSE_BAD},
};

TEST(head_limit)
{
    const struct limit *limit = *state;
    char *head = head_of_length(limit->begin, limit->length);
    struct row row = {.text = head, .length = limit->length};
    struct response r;
    assert_int_equal(receive_pieces(&r, &row, row.length, 1), limit->verdict);
    assert_int_equal(receive_pieces(&r, &row, 0, 1), limit->verdict);
    assert_int_equal(receive_pieces(&r, &row, 0, 1000), limit->verdict);
    free(head);
}

TEST(line_without_end)
{
    struct response r;
    response_begin(&r, NULL, false);
    for (int i = 0; i < RESPONSE_HEAD_LIMIT; i++)
        assert_int_equal(receive(&r, "x", 1), RESPONSE_MORE);
    assert_int_equal(receive(&r, "x", 1), RESPONSE_BAD);
}

/* Lines about as long as what is kept of them: pieces must not change the line. */
TEST(option_near_the_end_of_what_is_kept)
{
    for (int blanks = RESPONSE_LINE_KEPT - 40; blanks < RESPONSE_LINE_KEPT + 10; blanks++) {
        char text[512];
        int length = snprintf(text, sizeof text, OK "Connection: keep-alive,%*sclose\r\n" EMPTY,
                              blanks, "");
        struct row row = {.text = text, .length = (size_t)length};
        struct response whole, pieces;
        enum response_verdict verdict = receive_pieces(&whole, &row, row.length, 1);
        for (size_t size = 1; size <= row.length; size++) {
            assert_int_equal(receive_pieces(&pieces, &row, 0, size), verdict);
            assert_int_equal(pieces.keep_alive, whole.keep_alive);
        }
    }
}

static const struct {
    const char *name, *text;
    size_t length;
    const char *expected; /* NULL = any */
    uint64_t expected_length;
    bool is_head, is_as_expected;
} bodies[] = {
    {"by length", BYTES(OK "Content-Length: 5\r\n\r\n12345"), "234", 5, false, true},
    {"too short", BYTES(OK "Content-Length: 4\r\n\r\n1234"), "234", 5, false, false},
    {"another text", BYTES(OK "Content-Length: 5\r\n\r\n12435"), "234", 5, false, false},
    {"only the head has it", BYTES(OK "X: 234\r\nContent-Length: 1\r\n\r\n1"), "234",
     EXPECT_ANY_LENGTH, false, false},
    {"over two chunks", BYTES(CHUNKED "2\r\n12\r\n3\r\n345\r\n0\r\n\r\n"), "234", 5, false, true},
    {"a chunk's size is not the body", BYTES(CHUNKED "2\r\nab\r\n0\r\n\r\n"), "2", 2, false, false},
    {"until the end", BYTES(OK "\r\n12345"), "345", 5, false, true},
    {"an empty one", BYTES(OK EMPTY), NULL, 0, false, true},
    {"HEAD", BYTES(OK "Content-Length: 5\r\n\r\n"), NULL, 0, true, true},
    {"HEAD, chunked", BYTES(CHUNKED), NULL, 0, true, true},
    {"HEAD after an interim response", BYTES("HTTP/1.1 100 x\r\n\r\n" CHUNKED), NULL, 0, true,
     true},
};

TEST(body_as_expected)
{
    const __typeof__(*bodies) *row = *state;
    struct expect expect;
    assert_true(expect_set(&expect, row->expected, row->expected_length));
    for (size_t size = 1; size <= row->length; size++) {
        struct response r;
        enum response_verdict verdict = RESPONSE_MORE;
        response_begin(&r, &expect, row->is_head);
        for (size_t at = 0; at < row->length; at += size)
            verdict = receive(&r, row->text + at,
                              row->length - at < size ? row->length - at : size);
        assert_int_not_equal(verdict, RESPONSE_BAD);
        assert_int_equal(response_is_as_expected(&r), row->is_as_expected);
    }
}

TEST(body_after_the_answer_to_head_is_not_read)
{
    struct response r;
    response_begin(&r, NULL, true);
    assert_int_equal(receive(&r, BYTES(OK "Content-Length: 5\r\n\r\n12345")), RESPONSE_COMPLETE);
    assert_int_equal(r.status, 200);
    assert_false(r.keep_alive);
    response_begin(&r, NULL, true);
    assert_int_equal(receive(&r, BYTES(OK "Content-Length: 5\r\n\r\n")), RESPONSE_COMPLETE);
    assert_true(r.keep_alive);
    assert_int_equal(receive(&r, BYTES("12345")), RESPONSE_COMPLETE);
    assert_false(r.keep_alive);
}

int main(void)
{
    ADD_ROWS(body_as_expected, bodies);
    ADD(body_after_the_answer_to_head_is_not_read);
    ADD_ROWS(read_at_once, good_responses);
    ADD_ROWS(read_in_pieces, good_responses);
    ADD_ROWS(no_beginning_of_it_is_complete, good_responses);
    ADD_ROWS(read_at_once, followed_responses);
    ADD_ROWS(read_in_pieces, followed_responses);
    ADD_ROWS(read_at_once, bad_responses);
    ADD_ROWS(read_in_pieces, bad_responses);
    ADD_ROWS(end_in_state, ends);
    ADD_ROWS(head_limit, limits);
    ADD(line_without_end);
    ADD(option_near_the_end_of_what_is_kept);
    return run_added(NULL, NULL);
}
