/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections and first bytes by tshark and by `wire` (wire_captures.sh).
 *
 * wire_captures compare FILE PORTS REFUSED TSHARK WIRE: for one capture, a line "connection FILE KEY RESULT" for each that
 * either of the two found, and "refused FILE REASON" if `wire` does not read the capture (REFUSED is not empty). RESULT is
 * "equal" (of a first byte: "equal byte"), or why it differs. PORTS are space-separated; TSHARK has its fields, enum field;
 * WIRE the lines of `wire --connections` without the header.
 *
 * wire_captures table LIST LINES: from the captures, lines of "COLLECTION FILE", and all lines of compare to a table in
 * Markdown, and another of what differs, by reason.
 *
 * By tshark, the first byte of a connection whose SYN was captured is the first new byte of the server after a new byte of the
 * client. It is unknown if tshark reports that a segment before it was not captured, unless that segment comes later.
 */

#include "harness/lib/message.h"
#include "harness/lib/output.h"
#include "harness/runs/text.h"
#include "harness/stats/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 16, FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static const long long late_ns = 4000000000;

/* ---- lines ---- */

/* Calls `add` with the fields of each line; missing fields are "". */
static void each_line(const char *path, char separator, void (*add)(char *const *fields))
{
    static char none[] = "";
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    FILE *file = fopen(path, "re");
    if (!file)
        fail("cannot read %s: %s", path, strerror(errno));
    while ((length = getline(&line, &size, file)) > 0) {
        char *fields[PARTS];
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        for (unsigned i = split(line, separator, fields, PARTS); i < PARTS; i++)
            fields[i] = none;
        add(fields);
    }
    free(line);
    fclose(file);
}

/* ---- one capture: connections by both ---- */

enum field {
    STREAM,
    TIME,
    SOURCE,
    SOURCE_IPV6,
    TARGET,
    TARGET_IPV6,
    SOURCE_PORT,
    TARGET_PORT,
    FLAGS,
    LENGTH,
    RETRANSMITTED,
    LOST,
    ACKED_LOST,
    REORDERED,
    FRAGMENT,
    PROTOCOLS,
};

/* By addresses and ports; a capture may have several connections with the same ones. */
struct connection {
    struct named named;
    struct text firsts; /* of wire: first bytes in ns or "", each ends with a newline */
    unsigned by_wire, by_tshark;
    bool late;
};

struct stream {
    struct named named; /* tshark's number */
    struct connection *connection;
    char *server, *server_port;
    bool has_more_than_resets, was_reset, after_reset, retransmitted, lost, reordered, fragmented;
    bool backwards, ended, late, asked, unknown;
    unsigned fins;
    char *last, *begin, *first; /* times: text of nanoseconds since 1970; NULL = none */
};

static struct names streams, connections;
static const char *capture, *refused;
static char *ports;

static bool is_port(const char *port)
{
    char *list = copy_string(ports), *rest = list, *one;
    bool found = false;
    while (!found && (one = strsep(&rest, " ")))
        found = *one && strcmp(one, port) == 0;
    free(list);
    return found;
}

/* Of the innermost header */
static bool is_ipv6(char *const *fields)
{
    const char *at = fields[PROTOCOLS], *outer = strstr(at, ":ipv6:");
    if (outer && strstr(outer + strlen(":ipv6:"), ":ip:"))
        return false;
    while ((at = strstr(at, ":ipv6"))) {
        at += strlen(":ipv6");
        if (*at == '\0' || *at == ':')
            return true;
    }
    return false;
}

static char *address(char *const *fields, enum field ipv4)
{
    return *fields[ipv4] == '\0' || is_ipv6(fields) ? fields[ipv4 + 1] : fields[ipv4];
}

/* "seconds.nanoseconds"; -1 if one end was not seen, or time went backwards */
static long long between(const char *from, const char *to)
{
    long long seconds[2], ns[2];
    if (!from || !to || sscanf(from, "%lld.%lld", &seconds[0], &ns[0]) != 2 ||
        sscanf(to, "%lld.%lld", &seconds[1], &ns[1]) != 2)
        return -1;
    long long length = (seconds[1] - seconds[0]) * 1000000000 + ns[1] - ns[0];
    return length < 0 ? -1 : length;
}

static void set_time(char **to, const char *time)
{
    free(*to);
    *to = copy_string(time);
}

/* As in wire: the side with the port or, if both have it, the side that does not send the SYN */
static bool is_from_server(const struct stream *s, char *const *fields, unsigned flags)
{
    bool from_port = is_port(fields[SOURCE_PORT]);
    if (s->server)
        return strcmp(fields[SOURCE_PORT], s->server_port) == 0 &&
               strcmp(address(fields, SOURCE), s->server) == 0;
    if (from_port != is_port(fields[TARGET_PORT]))
        return from_port;
    return !(flags & SYN) || flags & ACK;
}

static void begin_stream(struct stream *s, char *const *fields, bool from_server)
{
    enum field server = from_server ? SOURCE : TARGET, client = from_server ? TARGET : SOURCE;
    enum field server_port = from_server ? SOURCE_PORT : TARGET_PORT,
               client_port = from_server ? TARGET_PORT : SOURCE_PORT;
    s->server = copy_string(address(fields, server));
    s->server_port = copy_string(fields[server_port]);
    char *key = format_string("%s,%s,%s,%s", address(fields, client), fields[client_port],
                              s->server, s->server_port);
    s->connection = names_add(&connections, key, sizeof *s->connection);
    free(key);
}

static void note_end(struct stream *s, const char *time, unsigned flags)
{
    long long pause = between(s->last, time);
    s->backwards |= s->last && pause < 0;
    s->late |= s->ended && pause > late_ns;
    set_time(&s->last, time);
    s->fins += (flags & FIN) != 0;
    s->ended |= flags & RST || (flags & FIN && s->fins > 1);
}

/* Bytes of one side */
static void note_bytes(struct stream *s, char *const *fields, bool from_server)
{
    bool new = *fields[RETRANSMITTED] == '\0';
    if (!from_server) {
        s->asked |= new;
    } else if (new && s->asked && !s->first) {
        set_time(&s->first, fields[TIME]);
        s->unknown = *fields[LOST] != '\0';
    } else if (s->first && *fields[REORDERED]) {
        s->unknown = false;
    }
}

static void add_packet(char *const *fields)
{
    unsigned flags = (unsigned)strtoul(fields[FLAGS], NULL, 16);
    if (*fields[STREAM] == '\0' || (!is_port(fields[SOURCE_PORT]) && !is_port(fields[TARGET_PORT])))
        return; /* a port of an outer header */
    struct stream *s = names_add(&streams, fields[STREAM], sizeof *s);
    bool reset = flags & RST, from_server = is_from_server(s, fields, flags);
    if (!s->connection)
        begin_stream(s, fields, from_server);
    s->has_more_than_resets |= !reset;
    s->after_reset |= !reset && s->was_reset;
    s->was_reset |= reset;
    s->retransmitted |= *fields[RETRANSMITTED] != '\0';
    s->lost |= *fields[LOST] || *fields[ACKED_LOST];
    s->reordered |= *fields[REORDERED] != '\0';
    s->fragmented |= strcmp(fields[FRAGMENT], "1") == 0 || strcmp(fields[FRAGMENT], "True") == 0;
    note_end(s, fields[TIME], flags);
    if ((flags & (SYN | ACK)) == SYN && !from_server && !s->begin)
        set_time(&s->begin, fields[TIME]);
    if (strtoul(fields[LENGTH], NULL, 10) > 0)
        note_bytes(s, fields, from_server);
}

static void add_connection(char *const *fields)
{
    char *key = format_string("%s,%s,%s,%s", fields[1], fields[2], fields[3], fields[4]);
    struct connection *c = names_add(&connections, key, sizeof *c);
    text_add(&c->firsts, "%s\n", fields[10]);
    c->by_wire++;
    free(key);
}

/* The first that applies */
static const char *reason(const struct stream *s)
{
    return s->after_reset     ? "goes on after a reset"
           : s->fragmented    ? "IP fragments"
           : s->backwards     ? "time goes backwards"
           : s->lost          ? "bytes were not captured"
           : s->reordered     ? "segments changed places"
           : s->retransmitted ? "retransmissions"
                              : "other";
}

static void print_result(const struct connection *c, const char *result, const char *more)
{
    printf("connection\t%s\t%s\t%s%s\n", capture, c->named.name, result, more);
}

static void print_stream(const struct stream *s)
{
    struct connection *c = s->connection;
    char first[32] = "";
    long long ns = s->unknown ? -1 : between(s->begin, s->first);
    if (ns >= 0)
        snprintf(first, sizeof first, "%lld", ns);
    c->late |= s->late;
    if (++c->by_tshark > c->by_wire) {
        print_result(c, *refused ? "not read: " : "only tshark: ", *refused ? refused : reason(s));
        return;
    }
    const char *by_wire = text_of(&c->firsts);
    for (unsigned i = 1; i < c->by_tshark; i++)
        by_wire = strchr(by_wire, '\n') + 1;
    int length = (int)strcspn(by_wire, "\n");
    if ((size_t)length == strlen(first) && strncmp(by_wire, first, (size_t)length) == 0) {
        print_result(c, "equal", *first ? " byte" : "");
        return;
    }
    char *values = format_string("%s (tshark %s, wire %.*s)", reason(s), first, length, by_wire);
    print_result(c, "differs: ", values);
    free(values);
}

static void compare(char *const *arguments)
{
    capture = arguments[0];
    ports = arguments[1];
    refused = arguments[2];
    each_line(arguments[3], '\t', add_packet);
    each_line(arguments[4], ',', add_connection);
    if (*refused)
        printf("refused\t%s\t%s\n", capture, refused);
    for (unsigned i = 0; i < streams.count; i++) {
        const struct stream *s = (const struct stream *)streams.all[i];
        if (s->has_more_than_resets)
            print_stream(s);
    }
    for (unsigned i = 0; i < connections.count; i++) {
        const struct connection *c = (const struct connection *)connections.all[i];
        for (unsigned n = c->by_tshark; n < c->by_wire; n++)
            print_result(c, "only wire", c->late ? ": packets 4 s and more after the end" : "");
    }
}

/* ---- all captures: the tables ---- */

struct collection {
    struct named named;
    unsigned captures, with_connections, equal, with_byte, different, crashes;
};

struct capture {
    struct named named;
    struct collection *collection;
    bool has_connections;
};

struct reason {
    struct named named;
    unsigned count;
    struct text where;
};

static struct names collections, captures, reasons, places; /* places: a reason and a collection */

static void add_capture(char *const *fields)
{
    struct collection *collection = names_add(&collections, fields[0], sizeof *collection);
    struct capture *one = names_add(&captures, fields[1], sizeof *one);
    one->collection = collection;
    collection->captures++;
}

static void cut_at(char *text, const char *at)
{
    char *end = strstr(text, at);
    if (end)
        *end = '\0';
}

static void add_reason(char *result, const struct collection *collection)
{
    static const char *const details[] = {" (tshark", ": try ", " of which libpcap",
                                          " which libpcap"};
    for (unsigned i = 0; i < sizeof details / sizeof *details; i++)
        cut_at(result, details[i]);
    struct reason *r = names_add(&reasons, result, sizeof *r);
    char *place = format_string("%s\t%s", result, collection->named.name);
    if (!names_find(&places, place))
        text_add(&r->where, "%s%s", r->count ? ", " : "", collection->named.name);
    names_add(&places, place, sizeof(struct named));
    r->count++;
    free(place);
}

static void add_result(char *const *fields)
{
    struct capture *one = names_find(&captures, fields[1]);
    if (!one)
        return;
    struct collection *c = one->collection;
    c->crashes += strcmp(fields[0], "crash") == 0;
    if (strcmp(fields[0], "connection") != 0)
        return;
    c->with_connections += !one->has_connections;
    one->has_connections = true;
    if (strncmp(fields[3], "equal", strlen("equal")) == 0) {
        c->equal++;
        c->with_byte += strcmp(fields[3], "equal byte") == 0;
    } else {
        c->different++;
        add_reason(fields[3], c);
    }
}

static void print_row(const char *name, const struct collection *c)
{
    printf("| %s | %u | %u | %u | %u | %u | %u | %u |\n", name, c->captures, c->with_connections,
           c->equal + c->different, c->equal, c->with_byte, c->different, c->crashes);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct named *const *)a)->name, (*(struct named *const *)b)->name);
}

static void table(char *const *arguments)
{
    struct collection all = {.captures = 0};
    each_line(arguments[0], '\t', add_capture);
    each_line(arguments[1], '\t', add_result);
    puts("| collection | captures | with connections | connections | equal | of them with a first "
         "byte | different | crashes |");
    puts("|---|---|---|---|---|---|---|---|");
    for (unsigned i = 0; i < collections.count; i++) {
        const struct collection *c = (const struct collection *)collections.all[i];
        print_row(c->named.name, c);
        all.captures += c->captures;
        all.with_connections += c->with_connections;
        all.equal += c->equal;
        all.with_byte += c->with_byte;
        all.different += c->different;
        all.crashes += c->crashes;
    }
    print_row("all", &all);
    puts("\n| reason | connections | collections |\n|---|---|---|");
    if (reasons.count > 0)
        qsort(reasons.all, reasons.count, sizeof(struct named *), by_name);
    for (unsigned i = 0; i < reasons.count; i++) {
        const struct reason *r = (const struct reason *)reasons.all[i];
        printf("| %s | %u | %s |\n", r->named.name, r->count, text_of(&r->where));
    }
}

int main(int argc, char **argv)
{
    output_begin();
    if (argc == 7 && strcmp(argv[1], "compare") == 0)
        compare(argv + 2);
    else if (argc == 4 && strcmp(argv[1], "table") == 0)
        table(argv + 2);
    else
        fail_usage("takes 'compare FILE PORTS REFUSED TSHARK WIRE' or 'table LIST LINES'");
    return EXIT_DONE;
}
