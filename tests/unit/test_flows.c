/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections from their packets, as stories: one packet a piece, "TIME SIDE FLAGS SEQ+LENGTH".
 * TIME is in us; SIDE is c or s (c2, s2: of the second connection, ...; 8 is of another port, 9 has the same
 * port on both sides); FLAGS are of S, A, F, R; "=N" sets the print, which else no other packet has; "^N"
 * the acknowledgment, which else is all that the other side has sent.
 * What comes of it is compared as text.
 */

#include "harness/lib/clock.h"
#include "harness/wire/flows.h"

#include "support.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LONGEST = 8192,
    PORT = 8080,
    CLIENT_PORTS = 40000, /* and the number of the connection */
    OTHER_PORT = 8,
    SAME_PORT = 9,
    CONNECTIONS = 10,
};

static const uint64_t epoch = 1700000000 * NS_PER_S;

/* ---- what is recorded ---- */

struct heard {
    char intervals[LONGEST], connections[LONGEST];
    uint64_t ns[FLOW_INTERVALS], number[FLOW_INTERVALS];         /* by the callback */
    uint64_t over_ns[FLOW_INTERVALS], over_with[FLOW_INTERVALS]; /* by the summaries */
    uint64_t over, sights[FLOW_SIGHTS], counts[FLOW_COUNTS], exchanges;
    uint64_t longest_ns;
};

__attribute__((format(printf, 2, 3))) static void add(char text[LONGEST], const char *format, ...)
{
    size_t length = strlen(text);
    va_list values;
    va_start(values, format);
    vsnprintf(text + length, LONGEST - length, format, values);
    va_end(values);
}

static void add_word(char text[LONGEST], const char *name, uint64_t value)
{
    if (value > 0)
        add(text, "%s%s %" PRIu64, *text ? " " : "", name, value);
}

/* A nanosecond too many would show. */
static void add_us(char text[LONGEST], uint64_t ns)
{
    add(text, "%" PRIu64, ns / NS_PER_US);
    if (ns % NS_PER_US)
        add(text, ".%03" PRIu64, ns % NS_PER_US);
}

static void hear_interval(void *context, enum flow_interval interval, uint64_t ns, uint64_t end_ns)
{
    struct heard *heard = context;
    heard->ns[interval] += ns;
    heard->number[interval]++;
    if (ns > heard->longest_ns)
        heard->longest_ns = ns;
    if (strlen(heard->intervals) > LONGEST / 2)
        return;
    add(heard->intervals, "%s%s ", *heard->intervals ? ", " : "", flow_interval_names[interval]);
    add_us(heard->intervals, ns);
    add(heard->intervals, "@");
    add_us(heard->intervals, end_ns - epoch);
}

static void write_connection(char text[LONGEST], const struct flow_summary *s)
{
    add(text, "%s", *text ? "; " : "");
    if (s->client.port != CLIENT_PORTS + 1)
        add(text, "%d: ", s->client.port == PORT ? SAME_PORT : s->client.port - CLIENT_PORTS);
    add(text, "%s", flow_sight_names[s->sight]);
    add(text, " x%" PRIu32, s->exchanges);
    for (int i = 0; i < FLOW_INTERVALS; i++) {
        if (s->intervals[i] == FLOW_NOT_SEEN)
            continue;
        add(text, " %s ", flow_interval_names[i]);
        add_us(text, s->intervals[i]);
    }
    for (int i = 0; i < FLOW_COUNTS; i++)
        add_word(text, flow_count_names[i], s->counts[i]);
}

static void hear_over(void *context, const struct flow_summary *s)
{
    struct heard *heard = context;
    heard->over++;
    heard->sights[s->sight]++;
    heard->exchanges += s->exchanges;
    for (int i = 0; i < FLOW_COUNTS; i++)
        heard->counts[i] += s->counts[i];
    for (int i = 0; i < FLOW_INTERVALS; i++) {
        if (s->intervals[i] == FLOW_NOT_SEEN)
            continue;
        heard->over_ns[i] += s->intervals[i];
        heard->over_with[i]++;
        if (s->intervals[i] > heard->longest_ns)
            heard->longest_ns = s->intervals[i];
    }
    if (strlen(heard->connections) < LONGEST / 2)
        write_connection(heard->connections, s);
}

static struct flows *open_flows(struct heard *heard, unsigned long most, uint64_t idle_us)
{
    const struct flows_options options = {
        .port = PORT,
        .most = most,
        .idle_ns = idle_us * NS_PER_US,
        .interval = hear_interval,
        .interval_context = heard,
        .over = hear_over,
        .over_context = heard,
    };
    memset(heard, 0, sizeof *heard);
    struct flows *all = flows_open(&options);
    assert_non_null(all);
    return all;
}

/* Totals that the summaries do not have: what came too late for them is "late". */
static void write_totals(char text[LONGEST], const struct heard *heard,
                         const struct flows_totals *t)
{
    static const char *const late[FLOW_COUNTS] = {
        [FLOW_SYN_RETRANSMITTED] = "late_syn_retransmitted",
        [FLOW_RETRANSMITTED] = "late_retransmitted",
        [FLOW_OUT_OF_ORDER] = "late_out_of_order",
        [FLOW_RESETS] = "late_resets",
    };
    *text = '\0';
    add_word(text, "given_up", t->given_up);
    add_word(text, "seen_twice", t->seen_twice);
    add_word(text, "others", t->others);
    for (int i = 0; i < FLOW_COUNTS; i++)
        add_word(text, late[i], t->counts[i] - heard->counts[i]);
}

/* ---- packets from text ---- */

struct teller {
    struct flows *flows;
    uint32_t print;
    uint32_t end[CONNECTIONS][2]; /* of what each side has sent: the other acknowledges it */
};

static struct endpoint endpoint_of(unsigned host, unsigned port)
{
    struct endpoint e = {.address = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = (uint8_t)host}};
    e.port = (uint16_t)port;
    return e;
}

static uint8_t flags_of(const char *letters)
{
    uint8_t flags = 0;
    for (; *letters; letters++)
        flags |= *letters == 'S'   ? PACKET_SYN
                 : *letters == 'A' ? PACKET_ACK
                 : *letters == 'F' ? PACKET_FIN
                 : *letters == 'R' ? PACKET_RST
                                   : 0;
    return flags;
}

static struct packet packet_of(unsigned connection, bool by_server, const char *flags)
{
    struct endpoint client = endpoint_of(1, CLIENT_PORTS + connection);
    struct endpoint server = endpoint_of(2, PORT);
    if (connection == OTHER_PORT)
        server.port = PORT + 1;
    if (connection == SAME_PORT)
        client.port = PORT;
    return (struct packet){
        .from = by_server ? server : client,
        .to = by_server ? client : server,
        .flags = flags_of(flags),
    };
}

static uint32_t number_after(char sign, const char *text, uint32_t other)
{
    const char *at = strchr(text, sign);
    return at ? (uint32_t)strtoul(at + 1, NULL, 10) : other;
}

static void tell(struct teller *t, const char *piece)
{
    long us;
    char side[4] = "", flags[8] = "", rest[40] = "";
    if (sscanf(piece, "%ld %3s %7s %39s", &us, side, flags, rest) != 4)
        fail_msg("not a packet: '%s'", piece);
    unsigned connection = side[1] ? (unsigned)(side[1] - '0') : 1;
    bool by_server = *side == 's';
    struct packet p = packet_of(connection, by_server, flags);
    p.time_ns = epoch + (uint64_t)us * NS_PER_US;
    p.seq = (uint32_t)strtoul(rest, NULL, 10);
    p.length = number_after('+', rest, 0);
    p.print = number_after('=', rest, ++t->print);
    uint32_t *end = t->end[connection];
    end[by_server] = p.seq + p.length + ((p.flags & (PACKET_SYN | PACKET_FIN)) ? 1 : 0);
    p.ack = p.flags & PACKET_ACK ? number_after('^', rest, end[!by_server]) : 0;
    flows_packet(t->flows, &p);
}

static void tell_all(struct flows *flows, const char *packets)
{
    struct teller t = {.flows = flows, .print = 1000000};
    for (int i = 0; i < CONNECTIONS; i++) { /* what was not recorded: as after SHAKE */
        t.end[i][0] = 101;
        t.end[i][1] = 501;
    }
    char text[LONGEST], *next = text;
    snprintf(text, sizeof text, "%s", packets);
    for (char *piece; (piece = strsep(&next, ";"));)
        tell(&t, piece);
}

/* ---- stories ---- */

struct story {
    const char *name, *packets;
    const char *connections; /* as they are over */
    const char *totals;      /* NULL = nothing that is not in them */
    const char *intervals;   /* as they are recorded; NULL = those of `connections` */
    unsigned long most;      /* 0 = 100 */
    unsigned long idle_us;   /* 0 = a minute */
};

/* In all stories the client begins with 100, the server with 500; the handshake takes until 80 us, and
 * is over with the first 20 bytes of a request at 100 us. */
#define SHAKE     "0 c S 100; 50 s SA 500; 80 c A 101; "
#define SHAKEN    " synack 50 handshake 30"
#define ASK       "100 c A 101+20; "
#define CLOSE     "900 s FA 601; 930 c FA 121; 940 s A 602"
#define ANSWER    "300 s A 501+100; "
#define FIRST     " wait 200 first_byte 300"
#define ALL_KNOWN SHAKEN FIRST " response 0 close 30"
#define PLAIN     SHAKE ASK ANSWER CLOSE

static const struct story plain_stories[] = {
    {"all six intervals",
     SHAKE ASK "150 s A 501; 300 s A 501+60; 340 c A 121; 400 s A 561+40; 410 c A 121; " CLOSE,
     "whole x1" SHAKEN FIRST " response 100 close 30", NULL,
     "synack 50@50, handshake 30@80, wait 200@300, first_byte 300@300, response 100@400, "
     "close 30@930"},
    {"the client acknowledges with its request",
     "0 c S 100; 50 s SA 500; 100 c A 101+20; " ANSWER CLOSE,
     "whole x1 synack 50 handshake 50 wait 200 first_byte 300 response 0 close 30"},
    {"request in three pieces", SHAKE "90 c A 101+5; 95 c A 106+5; 100 c A 111+10; " ANSWER CLOSE,
     "whole x1" ALL_KNOWN},
    {"response in three pieces", SHAKE ASK "300 s A 501+1; 310 s A 502+1; 450 s A 503+98; " CLOSE,
     "whole x1" SHAKEN FIRST " response 150 close 30"},
    {"a response that brings the FIN", SHAKE ASK "300 s FA 501+100; 320 c A 121; 340 c FA 121",
     "whole x1" SHAKEN FIRST " response 0 close 40"},
    {"a response in two pieces, the second brings the FIN",
     SHAKE ASK "300 s A 501+60; 310 s FA 561+40; 320 c A 121; 340 c FA 121",
     "whole x1" SHAKEN FIRST " response 10 close 30"},
    {"kept for three exchanges",
     SHAKE ASK ANSWER "1000 c A 121+20; 1100 s A 601+50; 1110 s A 651+50; "
                      "2000 c A 141+10; 2001 c A 151+10; 2301 s A 701+100; "
                      "3000 c FA 161; 3010 s FA 801; 3020 c A 162",
     "whole x3" SHAKEN FIRST " response 0 close 10", NULL,
     "synack 50@50, handshake 30@80, wait 200@300, first_byte 300@300, response 0@300, "
     "wait 100@1100, response 10@1110, wait 300@2301, response 0@2301, close 10@3010"},
    {"nothing asked", SHAKE "200 c FA 101; 220 s FA 501; 230 c A 102",
     "whole x0" SHAKEN " close 20"},
    {"asked, not answered", SHAKE ASK "200 s FA 501; 220 c FA 121", "whole x0" SHAKEN " close 20"},
    {"the server speaks first", SHAKE "90 s A 501+10; 100 c A 101+20; 300 s A 511+90; " CLOSE,
     "whole x1" ALL_KNOWN},
    {"half-closed by the client before the response",
     SHAKE ASK "110 c FA 121; 300 s A 501+50; 310 s A 551+50; 400 s FA 601; 410 c A 122",
     "whole x1" SHAKEN FIRST " response 10 close 290"},
    {"the request brings the client's FIN", SHAKE "100 c FA 101+20; 300 s FA 501+100; 310 c A 122",
     "whole x1" SHAKEN FIRST " response 0 close 200"},
    {"both FINs at the same time", SHAKE ASK ANSWER "900 s FA 601; 900 c FA 121; 910 c A 602",
     "whole x1" SHAKEN FIRST " response 0 close 0"},
    {"the same port on both sides",
     "0 c9 S 100; 50 s9 SA 500; 80 c9 A 101; 100 c9 A 101+20; 300 s9 A 501+100; 900 s9 FA 601; "
     "930 c9 FA 121; 940 s9 A 602",
     "9: whole x1" ALL_KNOWN},
    {"another port", "0 c8 S 100; 50 s8 SA 500; 80 c8 A 101", "", "others 3"},
    {"another port between", SHAKE "90 c8 S 100; " ASK "110 s8 SA 500; " ANSWER CLOSE,
     "whole x1" ALL_KNOWN, "others 2"},
    {"two at a time",
     "0 c S 100; 10 c2 S 4100; 50 s SA 500; 70 s2 SA 4500; 80 c A 101; 80 c2 A 4101; "
     "100 c A 101+20; 110 c2 A 4101+20; 300 s A 501+100; 300 s2 A 4501+100; "
     "900 s FA 601; 910 s2 FA 4601; 920 c2 FA 4121; 930 c FA 121",
     "2: whole x1 synack 60 handshake 10 wait 190 first_byte 290 response 0 close 10; "
     "whole x1" ALL_KNOWN},
    {"numbers that wrap in the request",
     "0 c S 4294967284; 50 s SA 500; 80 c A 4294967285; 90 c A 4294967285+10; 100 c A "
     "4294967295+10; "
     "300 s A 501+100; 900 s FA 601; 930 c FA 9",
     "whole x1" ALL_KNOWN},
    {"numbers that wrap in the response, with a gap there",
     "0 c S 4294967295; 50 s SA 4294967245; 80 c A 0; 100 c A 0+20; 300 s A 4294967246+20; "
     "310 s A 10+40; 320 s A 4294967266+40; 900 s FA 50; 930 c FA 20",
     "whole x1" SHAKEN FIRST " response 20 close 30 out_of_order 2"},
    {"the client's last number is 2^32 - 1",
     "0 c S 4294967275; 50 s SA 500; 80 c A 4294967276; 100 c A 4294967276+20; 300 s A 501+100; "
     "900 s FA 601; 930 c FA 0; 200930 c FA 0",
     "whole x1" ALL_KNOWN, "late_retransmitted 1"},
};

static const struct story lost_stories[] = {
    {"SYN retransmitted",
     "0 c S 100; 1000 c S 100; 1050 s SA 500; 1080 c A 101; 1100 c A 101+20; 1300 s A 501+100; "
     "1900 s FA 601; 1930 c FA 121",
     "whole x1 synack 1050 handshake 30 wait 200 first_byte 1300 response 0 close 30 "
     "syn_retransmitted 1"},
    {"SYN retransmitted three times, never answered",
     "0 c S 100; 1000000 c S 100; 3000000 c S 100; 7000000 c S 100",
     "half_open x0 syn_retransmitted 3"},
    {"SYN/ACK retransmitted",
     "0 c S 100; 50 s SA 500; 1000050 s SA 500; 1000080 c A 101; 1000100 c A 101+20; "
     "1000300 s A 501+100; 1000900 s FA 601; 1000930 c FA 121",
     "whole x1 synack 50 handshake 1000030 wait 200 first_byte 1000300 response 0 close 30 "
     "retransmitted 1"},
    {"SYN and SYN/ACK retransmitted",
     "0 c S 100; 50 s SA 500; 1000000 c S 100; 1000050 s SA 500; 1000080 c A 101; "
     "1000100 c FA 101; 1000110 s FA 501",
     "whole x0 synack 50 handshake 1000030 close 10 syn_retransmitted 1 retransmitted 1"},
    {"a late SYN changes nothing", SHAKE "90 c S 100; " ASK ANSWER CLOSE,
     "whole x1" ALL_KNOWN " syn_retransmitted 1"},
    {"request retransmitted",
     SHAKE ASK "200100 c A 101+20; 200300 s A 501+100; 200900 s FA 601; 200930 c FA 121",
     "whole x1" SHAKEN " wait 200200 first_byte 200300 response 0 close 30 retransmitted 1"},
    {"request retransmitted after the response", SHAKE ASK ANSWER "310 c A 101+20; " CLOSE,
     "whole x1" ALL_KNOWN " retransmitted 1"},
    {"response retransmitted", SHAKE ASK ANSWER "600 s A 501+100; " CLOSE,
     "whole x1" ALL_KNOWN " retransmitted 1"},
    {"part of the response retransmitted",
     SHAKE ASK ANSWER "600 s A 551+50; 610 s A 501+10; " CLOSE,
     "whole x1" ALL_KNOWN " retransmitted 2"},
    {"retransmitted with new bytes behind", SHAKE ASK "300 s A 501+60; 600 s A 501+100; " CLOSE,
     "whole x1" SHAKEN FIRST " response 300 close 30 retransmitted 1"},
    {"the response's middle is lost and comes again",
     SHAKE ASK "300 s A 501+20; 320 s A 541+60; 500 s A 521+20; " CLOSE,
     "whole x1" SHAKEN FIRST " response 200 close 30 out_of_order 2"},
    {"the gap is filled in two pieces",
     SHAKE ASK "300 s A 501+20; 320 s A 541+60; 400 s A 521+10; 500 s A 531+10; " CLOSE,
     "whole x1" SHAKEN FIRST " response 200 close 30 out_of_order 3"},
    {"the gap is filled, its second half first",
     SHAKE ASK "300 s A 501+20; 320 s A 541+60; 400 s A 531+10; 500 s A 521+10; " CLOSE,
     "whole x1" SHAKEN FIRST " response 200 close 30 out_of_order 3"},
    {"the gap is filled twice",
     SHAKE ASK "300 s A 501+20; 320 s A 541+60; 400 s A 521+20; 500 s A 521+20; " CLOSE,
     "whole x1" SHAKEN FIRST " response 100 close 30 retransmitted 1 out_of_order 2"},
    {"the gap is filled, with new bytes behind",
     SHAKE ASK "300 s A 501+20; 320 s A 541+20; 400 s A 521+60; 500 s A 581+20; " CLOSE,
     "whole x1" SHAKEN FIRST " response 200 close 30 out_of_order 2"},
    {"the request's pieces change places", SHAKE "90 c A 111+10; 100 c A 101+10; " ANSWER CLOSE,
     "whole x1" ALL_KNOWN " out_of_order 2"},
    {"the response's pieces change places", SHAKE ASK "300 s A 551+50; 310 s A 501+50; " CLOSE,
     "whole x1" SHAKEN FIRST " response 10 close 30 out_of_order 2"},
    {"gaps on both sides",
     SHAKE "90 c A 111+10; 100 c A 101+10; 300 s A 551+50; 310 s A 501+50; " CLOSE,
     "whole x1" SHAKEN FIRST " response 10 close 30 out_of_order 4"},
    {"FIN retransmitted",
     SHAKE ASK ANSWER "900 s FA 601; 200900 s FA 601; 200930 c FA 121; 200940 s A 602",
     "whole x1" SHAKEN FIRST " response 0 close 200030 retransmitted 1"},
    {"response and FIN retransmitted in one segment",
     SHAKE ASK "300 s FA 501+100; 200300 s FA 501+100; 200330 c FA 121",
     "whole x1" SHAKEN FIRST " response 0 close 200030 retransmitted 1"},
    {"response retransmitted, now with the FIN",
     SHAKE ASK ANSWER "200300 s FA 501+100; 200330 c FA 121",
     "whole x1" SHAKEN FIRST " response 0 close 30 retransmitted 1"},
    {"the FIN overtakes the response's last piece",
     SHAKE ASK "300 s A 501+60; 310 s FA 601; 400 s A 561+40; 500 c FA 121",
     "whole x1" SHAKEN FIRST " response 100 close 190 out_of_order 2"},
    {"the response's first piece comes last",
     SHAKE ASK "300 s A 521+60; 310 s A 581+20; 500 s A 501+20; " CLOSE,
     "whole x1" SHAKEN FIRST " response 200 close 30 out_of_order 2"},
    {"the response's first piece comes last, after two gaps",
     SHAKE ASK "300 s A 521+20; 310 s A 561+40; 320 s A 501+20; 330 s A 541+20; " CLOSE,
     "whole x1" SHAKEN FIRST " response 30 close 30 retransmitted 1 out_of_order 3"},
    {"a keep-alive probe is nothing", SHAKE ASK ANSWER "400 c A 120; " CLOSE, "whole x1" ALL_KNOWN},
};

static const struct story part_stories[] = {
    {"SYN only", "0 c S 100", "half_open x0"},
    {"SYN and SYN/ACK", "0 c S 100; 50 s SA 500", "half_open x0 synack 50"},
    {"handshake only", "0 c S 100; 50 s SA 500; 80 c A 101", "unfinished x0" SHAKEN},
    {"asked", SHAKE "100 c A 101+20", "unfinished x0" SHAKEN},
    {"the response is not at its end", SHAKE ASK "300 s A 501+100", "unfinished x1" SHAKEN FIRST},
    {"closed by one side", SHAKE ASK ANSWER "900 s FA 601",
     "unfinished x1" SHAKEN FIRST " response 0"},
    {"SYN/ACK was not captured", "0 c S 100; 80 c A 101; 100 c A 101+20", "unfinished x0"},
    {"SYN/ACK was not captured, the rest was", "0 c S 100; 80 c A 101; " ASK ANSWER CLOSE,
     "whole x1 wait 200 first_byte 300 response 0 close 30"},
    {"the handshake's ACK was not captured", "0 c S 100; 50 s SA 500; 300 s A 501+10",
     "unfinished x0 synack 50"},
    {"refused", "0 c S 100; 50 s RA 0", "whole x0 resets 1"},
    {"refused, tried again with the same number", "0 c S 100; 50 s RA 0; 600 c S 100; 650 s RA 0",
     "whole x0 resets 1", "late_syn_retransmitted 1 late_resets 1"},
    {"reset before the request", SHAKE "200 c R 101", "whole x0" SHAKEN " resets 1"},
    {"reset in the middle of the exchange", SHAKE ASK "200 s R 501", "whole x0" SHAKEN " resets 1"},
    {"reset instead of a FIN", SHAKE ASK "300 s A 501+50; 350 s A 551+50; 900 c R 121",
     "whole x1" SHAKEN FIRST " response 50 resets 1"},
    {"reset after one FIN", SHAKE ASK ANSWER "900 s FA 601; 930 c R 121",
     "whole x1" SHAKEN FIRST " response 0 resets 1"},
    {"begun before: all of an exchange", ASK ANSWER CLOSE,
     "partial x1 wait 200 response 0 close 30"},
    {"begun before: SYN/ACK comes first", "50 s SA 500; 80 c A 101; " ASK ANSWER CLOSE,
     "partial x1 wait 200 response 0 close 30"},
    {"begun before: the end of a response", ANSWER CLOSE, "partial x0 close 30"},
    {"begun before: the end of a response, and an exchange",
     ANSWER "400 c A 121+20; 500 s A 601+10; 900 s FA 611; 930 c FA 141",
     "partial x1 wait 100 response 0 close 30"},
    {"begun before: an ACK", "940 c A 602", "partial x0"},
    {"begun before: FINs", CLOSE, "partial x0 close 30"},
    {"begun before, and unfinished", ASK ANSWER "400 c A 121", "partial x1 wait 200"},
    {"a reset of nothing", "900 c R 121", ""},
    {"a piece of the response was not captured at all",
     SHAKE ASK "300 s A 501+20; 320 s A 541+60; " CLOSE,
     "whole x1" SHAKEN FIRST " close 30 out_of_order 1"},
    {"the response's first piece was not captured", SHAKE ASK "320 s A 541+60; " CLOSE,
     "whole x1" SHAKEN " close 30 out_of_order 1"},
    {"the response was not captured, the FIN behind it was",
     SHAKE ASK "150 s A 501; 10000000 s FA 1001; 10000030 c FA 121",
     "whole x0" SHAKEN " close 30 out_of_order 1"},
    {"the response was not captured, its acknowledgment and a reset were",
     SHAKE ASK "10000000 c A 121^1001; 10000010 s A 1001; 10000020 s RA 1001",
     "whole x0" SHAKEN " resets 1"},
    {"the request was not captured, the FIN behind it was",
     SHAKE "10000000 c FA 121; 10000010 s A 501+100; 10000020 s FA 601",
     "whole x0" SHAKEN " close 20 out_of_order 1"},
    {"a request in two pieces: the second was not captured, the FIN behind it was",
     SHAKE ASK "150 c FA 141; " ANSWER "900 s FA 601",
     "whole x1" SHAKEN " first_byte 300 response 0 close 750 out_of_order 1"},
    {"the response's last piece was not captured, the next request acknowledges it",
     SHAKE ASK "300 s A 501+50; 400 c A 121+20^601; 500 s A 601+50; 600 c FA 141; 610 s FA 651",
     "whole x2" SHAKEN FIRST " close 10", NULL,
     "synack 50@50, handshake 30@80, wait 200@300, first_byte 300@300, wait 100@500, "
     "response 0@500, close 10@610"},
    {"the next response's first piece was not captured",
     SHAKE ASK ANSWER "400 c A 121+20; 10000000 s A 701+50; 10000010 c FA 141; 10000020 s FA 751",
     "whole x2" SHAKEN FIRST " response 0 close 10 out_of_order 1", NULL,
     "synack 50@50, handshake 30@80, wait 200@300, first_byte 300@300, response 0@300, "
     "close 10@10000020"},
    {"the response's last piece was not captured, the client's FIN acknowledges it",
     SHAKE ASK "300 s A 501+50; 900 c FA 121^601; 930 s FA 601",
     "whole x1" SHAKEN FIRST " close 30 out_of_order 1"},
    {"the response's last piece was not captured, the client's reset acknowledges it",
     SHAKE ASK "300 s A 501+50; 900 c RA 121^601", "whole x1" SHAKEN FIRST " resets 1"},
    {"the response's last piece was not captured, the server's reset stands behind it",
     SHAKE ASK "300 s A 501+50; 900 s RA 601", "whole x1" SHAKEN FIRST " resets 1"},
    {"a request acknowledges what cannot be",
     SHAKE ASK ANSWER "400 c A 121+20^3000000000; 500 s A 601+50; 600 c FA 141; 610 s FA 651",
     "whole x2" SHAKEN FIRST " response 0 close 10", NULL,
     "synack 50@50, handshake 30@80, wait 200@300, first_byte 300@300, response 0@300, "
     "wait 100@500, response 0@500, close 10@610"},
    {"begun before: the response's first piece was not captured",
     "100 c A 101+20^501; 10000000 s A 601+50; 10000010 c FA 121; 10000020 s FA 651",
     "partial x1 close 10"},
    {"begun before: the response was not captured, the FIN behind it was",
     "100 c A 101+20^501; 10000000 s FA 601; 10000010 c FA 121", "partial x0 close 10"},
    {"the SYN brings the request (RFC 7413)",
     "0 c S 100+20; 50 s SA 500; 200 s A 501+100; 210 c A 121; " CLOSE,
     "whole x1 synack 50 handshake 160 wait 200 first_byte 200 response 0 close 30"},
    {"the SYN brings a part of the request",
     "0 c S 100+10; 50 s SA 500; 80 c A 111+10; 300 s A 501+100; " CLOSE,
     "whole x1 synack 50 handshake 30 wait 220 first_byte 300 response 0 close 30"},
    {"the SYN/ACK brings the response", "0 c S 100+20; 50 s SA 500+100; 80 c A 121; " CLOSE,
     "whole x1 synack 50 handshake 30 wait 50 first_byte 50 response 0 close 30"},
    {"the SYN brings the request, and comes twice",
     "0 c S 100+20; 1000000 c S 100+20; 1000050 s SA 500; 1000080 c A 121; 1000300 s FA 501+100; "
     "1000330 c FA 121",
     "whole x1 synack 1000050 handshake 30 wait 1000300 first_byte 1000300 response 0 close 30 "
     "syn_retransmitted 1"},
    {"the SYN brings the request, which the server does not take",
     "0 c S 100+20; 50 s SA 500; 80 c A 101; " ASK ANSWER CLOSE,
     "whole x1 synack 50 handshake 30 wait 300 first_byte 300 response 0 close 30 retransmitted 1"},
    {"the request's last piece was not captured, but is acknowledged",
     SHAKE "100 c A 101+10; 300 s A 501+100^121; 900 c R 121",
     "whole x1" SHAKEN " first_byte 300 response 0 resets 1"},
};

static const struct story again_stories[] = {
    {"the port again, after the end",
     PLAIN "; 1000 c S 7100; 1050 s SA 9500; 1080 c A 7101; 1100 c FA 7101; 1110 s FA 9501",
     "whole x1" ALL_KNOWN "; whole x0" SHAKEN " close 10"},
    {"the port again, long after the end",
     PLAIN "; 5001000 c S 7100; 5001050 s SA 9500; 5001080 c A 7101",
     "whole x1" ALL_KNOWN "; unfinished x0" SHAKEN},
    {"the port again, without an end",
     SHAKE ASK ANSWER
     "1000 c S 7100; 1050 s SA 9500; 1080 c A 7101; 1100 c FA 7101; 1110 s FA 9501",
     "unfinished x1" SHAKEN FIRST "; whole x0" SHAKEN " close 10"},
    {"the port again, after a SYN only", "0 c S 100; 1000 c S 7100; 1050 s SA 9500; 1080 c A 7101",
     "half_open x0; unfinished x0" SHAKEN},
    {"the port again, after one begun before", ASK "1000 c S 7100; 1050 s SA 9500; 1080 c A 7101",
     "partial x0; unfinished x0" SHAKEN},
    {"the port again, after a reset",
     SHAKE "200 c R 101; 1000 c S 7100; 1050 s SA 9500; 1080 c A 7101",
     "whole x0" SHAKEN " resets 1; unfinished x0" SHAKEN},
    {"a late ACK", PLAIN "; 990 c A 602", "whole x1" ALL_KNOWN},
    {"a late reset", PLAIN "; 990 c R 122", "whole x1" ALL_KNOWN, "late_resets 1"},
    {"a late FIN", PLAIN "; 200930 c FA 121", "whole x1" ALL_KNOWN, "late_retransmitted 1"},
    {"FINs that come late, and ever later",
     PLAIN "; 200930 c FA 121; 600930 c FA 121; 1400930 c FA 121; 3000930 c FA 121",
     "whole x1" ALL_KNOWN, "late_retransmitted 4"},
    {"late data", SHAKE ASK "200 c R 121; 300 s A 501+100; 310 c R 121",
     "whole x0" SHAKEN " resets 1", "late_resets 1"},
    {"requests and responses after a reset are none",
     SHAKE ASK "200 c R 121; 300 c A 121+20; 400 s A 501+100", "whole x0" SHAKEN " resets 1"},
    {"each packet twice",
     "0 c S 100=1; 1 c S 100=1; 50 s SA 500=2; 51 s SA 500=2; 80 c A 101=3; 81 c A 101=3; "
     "100 c A 101+20=4; 101 c A 101+20=4; 300 s A 501+100=5; 301 s A 501+100=5; "
     "900 s FA 601=6; 901 s FA 601=6; 930 c FA 121=7; 931 c FA 121=7; 940 s A 602=8; 941 s A 602=8",
     "whole x1" ALL_KNOWN, "seen_twice 8"},
    {"twice, and two at a time",
     "0 c S 100=1; 0 c2 S 100=1; 1 c S 100=1; 1 c2 S 100=1; 2 c R 101; 3 c2 R 101",
     "whole x0 resets 1; 2: whole x0 resets 1", "seen_twice 2"},
    {"twice in 1 ms", "0 c S 100=1; 1000 c S 100=1", "half_open x0", "seen_twice 1"},
    {"twice, not within 1 ms", "0 c S 100=1; 1001 c S 100=1", "half_open x0 syn_retransmitted 1"},
    {"the same again after 200 ms",
     SHAKE "100 c A 101+20=4; 200100 c A 101+20=4; 200300 s A 501+100; 200900 s FA 601; "
           "200930 c FA 121",
     "whole x1" SHAKEN " wait 200200 first_byte 200300 response 0 close 30 retransmitted 1"},
    {"the same again after 200 ms, just when the other side spoke",
     "0 c S 100; 50 s SA 500=1; 200000 c S 100; 200050 s SA 500=1; 200080 c A 101",
     "unfinished x0 synack 50 handshake 200030 syn_retransmitted 1 retransmitted 1"},
    {"the same, seen twice, again after 200 ms, seen twice",
     SHAKE "100 c A 101+20=4; 101 c A 101+20=4; 200100 c A 101+20=4; 200101 c A 101+20=4; "
           "200300 s A 501+100; 200900 s FA 601; 200930 c FA 121",
     "whole x1" SHAKEN " wait 200200 first_byte 200300 response 0 close 30 retransmitted 1",
     "seen_twice 2"},
    {"twice, two packets at once on their way",
     SHAKE "100 c A 101+10=4; 101 c A 111+10=5; 102 c A 101+10=4; 103 c A 111+10=5",
     "unfinished x0" SHAKEN, "seen_twice 2"},
    {"a copy that is a little earlier", "10 c S 100=1; 9 c S 100=1", "half_open x0",
     "seen_twice 1"},
};

static const struct story bound_stories[] = {
    {"silent too long", "0 c S 100; 1000001 c2 S 100; 1000002 s2 SA 500",
     "half_open x0; 2: half_open x0 synack 1", "given_up 1", .idle_us = 1000000},
    {"silent, but not too long", "0 c S 100; 1000000 c2 S 100; 1000000 s SA 500",
     "2: half_open x0; half_open x0 synack 1000000", .idle_us = 1000000},
    {"silent, in the middle of an exchange", SHAKE ASK ANSWER "2000000 c2 S 100",
     "unfinished x1" SHAKEN FIRST "; 2: half_open x0", "given_up 1", .idle_us = 1000000},
    {"given up, and then it speaks", "0 c S 100; 2000000 s SA 500; 2000030 c A 101",
     "half_open x0; partial x0", "given_up 1", .idle_us = 1000000},
    {"silent for an hour, by the options' leave", "0 c S 100; 3600000000 s SA 500",
     "half_open x0 synack 3600000000", .idle_us = 18446744073709551},
    {"one too many", "0 c S 100; 1 c2 S 100; 2 c3 S 100; 3 c4 S 100",
     "half_open x0; 2: half_open x0; "
     "3: half_open x0; 4: half_open x0",
     "given_up 1", .most = 3},
    {"one too many: the one that was silent longest",
     "0 c S 100; 1 c2 S 100; 2 s SA 500; 3 c3 S 100",
     "2: half_open x0; half_open x0 synack 2; 3: half_open x0", "given_up 1", .most = 2},
    {"one too many: those that are over go first", "0 c S 100; 1 c2 S 100; 2 c2 R 101; 3 c3 S 100",
     "2: whole x0 resets 1; half_open x0; 3: half_open x0", .most = 2},
    {"room for one", "0 c S 100; 1 c2 S 100; 2 c3 S 100; 3 c3 R 101; 4 c S 7100",
     "half_open x0; 2: half_open x0; 3: whole x0 resets 1; half_open x0", "given_up 2", .most = 1},
};

static const struct story clock_stories[] = {
    {"packets change places by a microsecond: request and response",
     SHAKE "100 c A 101+20; 99 s A 501+50; 400 s A 551+50; " CLOSE,
     "whole x1" SHAKEN " first_byte 99 response 301 close 30"},
    {"packets change places by a microsecond: SYN and SYN/ACK",
     "10 c S 100; 9 s SA 500; 80 c A 101; 100 c FA 101; 110 s FA 501",
     "whole x0 handshake 71 close 10"},
    {"packets change places by a microsecond: SYN/ACK and ACK",
     "0 c S 100; 50 s SA 500; 49 c A 101; 100 c FA 101; 110 s FA 501",
     "whole x0 synack 50 close 10"},
    {"packets change places by a microsecond: the response",
     SHAKE ASK "300 s A 501+60; 299 s A 561+40; " CLOSE, "whole x1" SHAKEN FIRST " close 30"},
    {"packets change places by a microsecond: FINs", SHAKE ASK ANSWER "900 s FA 601; 899 c FA 121",
     "whole x1" SHAKEN FIRST " response 0"},
    {"a clock set back by a second, between connections",
     "2000000 c S 100; 2000050 s SA 500; 1000000 c2 S 100; 1000050 s2 SA 500; 2000080 c A 101",
     "2: half_open x0 synack 50; unfinished x0" SHAKEN},
    {"a clock that begins at 0", "-1700000000000000 c S 100; -1699999999999950 s SA 500",
     "half_open x0 synack 50"},
};

static void check_sums(const struct heard *heard, const struct flows_totals *totals,
                       bool has_intervals)
{
    uint64_t sights = 0;
    for (int i = 0; i < FLOW_SIGHTS; i++) {
        assert_int_equal(heard->sights[i], totals->sights[i]);
        sights += totals->sights[i];
    }
    assert_int_equal(heard->over, sights);
    assert_int_equal(heard->exchanges, totals->exchanges);
    for (int i = 0; i < FLOW_INTERVALS && !has_intervals; i++) {
        assert_int_equal(heard->number[i], heard->over_with[i]);
        assert_int_equal(heard->ns[i], heard->over_ns[i]);
    }
}

TEST(story)
{
    const struct story *story = *state;
    static struct heard heard;
    char totals[LONGEST];
    struct flows *all = open_flows(&heard, story->most ? story->most : 100,
                                   story->idle_us ? story->idle_us : 60000000);
    tell_all(all, story->packets);
    flows_end(all);
    write_totals(totals, &heard, flows_totals(all));
    assert_string_equal(heard.connections, story->connections);
    assert_string_equal(totals, story->totals ? story->totals : "");
    if (story->intervals)
        assert_string_equal(heard.intervals, story->intervals);
    check_sums(&heard, flows_totals(all), story->intervals != NULL);
    assert_int_equal(flows_open_count(all), 0);
    flows_close(all);
}

/* ---- a connection's names ---- */

static void keep_summary(void *context, const struct flow_summary *summary)
{
    *(struct flow_summary *)context = *summary;
}

TEST(summary_names_both_ends)
{
    struct flow_summary kept = {0};
    const struct flows_options options = {
        .port = PORT, .most = 1, .idle_ns = NS_PER_S, .over = keep_summary, .over_context = &kept};
    const struct packet syn = packet_of(1, false, "S");
    struct flows *all = flows_open(&options);
    assert_non_null(all);
    tell_all(all, "0 s SA 500; 50 c A 101");
    assert_int_equal(flows_open_count(all), 1);
    flows_end(all);
    assert_memory_equal(&kept.client, &syn.from, sizeof syn.from);
    assert_memory_equal(&kept.server, &syn.to, sizeof syn.to);
    assert_int_equal(kept.begin_ns, epoch);
    flows_close(all);
}

TEST(works_without_callbacks)
{
    const struct flows_options options = {.port = PORT, .most = 2, .idle_ns = NS_PER_S};
    struct flows *all = flows_open(&options);
    assert_non_null(all);
    tell_all(all, PLAIN "; 950 c2 S 1; 960 c3 S 1; 970 c4 S 1; 2000000 c5 S 1");
    flows_end(all);
    assert_int_equal(flows_totals(all)->sights[FLOW_WHOLE], 1);
    assert_int_equal(flows_totals(all)->sights[FLOW_HALF_OPEN], 4);
    assert_int_equal(flows_totals(all)->given_up, 3);
    assert_int_equal(flows_totals(all)->exchanges, 1);
    flows_close(all);
    flows_close(NULL);
}

TEST(names_are_there)
{
    for (int i = 0; i < FLOW_INTERVALS; i++)
        assert_non_null(flow_interval_names[i]);
    for (int i = 0; i < FLOW_COUNTS; i++)
        assert_non_null(flow_count_names[i]);
    for (int i = 0; i < FLOW_SIGHTS; i++)
        assert_non_null(flow_sight_names[i]);
}

/* ---- memory ---- */

static const unsigned long million = 1000000, two_hundred_mib = 200UL << 20;

#ifdef __SANITIZE_ADDRESS__
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

static unsigned long resident_bytes(void)
{
    unsigned long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &all, &resident), 2);
    fclose(file);
    return resident * (unsigned long)sysconf(_SC_PAGESIZE);
}

/* Connection `number` of any number: they differ in the address. */
static struct packet numbered(uint32_t number, bool by_server, const char *flags)
{
    struct packet p = packet_of(1, by_server, flags);
    memcpy((by_server ? &p.to : &p.from)->address + 12, &number, sizeof number);
    p.time_ns = epoch + number * NS_PER_US;
    p.seq = by_server ? 500 : 100;
    p.print = p.seq;
    return p;
}

static void flood(struct flows *all, unsigned long begin, unsigned long end)
{
    for (unsigned long i = begin; i < end; i++) {
        struct packet syn = numbered((uint32_t)i, false, "S");
        struct packet synack = numbered((uint32_t)i, true, "SA");
        flows_packet(all, &syn);
        flows_packet(all, &synack);
    }
}

TEST(million_half_open)
{
    static struct heard heard;
    unsigned long before = resident_bytes();
    struct flows *all = open_flows(&heard, million, 3600 * NS_PER_S / NS_PER_US);
    const struct flows_totals *totals = flows_totals(all);
    flood(all, 0, million);
    assert_int_equal(flows_open_count(all), million);
    assert_int_equal(totals->given_up, 0);
    unsigned long memory = flows_memory(all);
    assert_true(memory <= two_hundred_mib);
    flood(all, million, million + million / 10);
    assert_int_equal(flows_open_count(all), million);
    assert_int_equal(totals->given_up, million / 10);
    assert_int_equal(flows_memory(all), memory);
    unsigned long after = resident_bytes();
    if (!is_sanitized)
        assert_true(after - before <= two_hundred_mib);
    flows_end(all);
    assert_int_equal(totals->sights[FLOW_HALF_OPEN], million + million / 10);
    assert_int_equal(heard.over, million + million / 10);
    assert_int_equal(heard.number[FLOW_SYNACK], million + million / 10);
    flows_close(all);
}

/* What is over gives its place back: as many connections as one likes, one after the other. */
TEST(memory_does_not_grow)
{
    static struct heard heard;
    struct flows *all = open_flows(&heard, 100000, 60000000);
    unsigned long memory = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        struct packet syn = numbered(i, false, "S"), rst = numbered(i, true, "RA");
        flows_packet(all, &syn);
        flows_packet(all, &rst);
        assert_int_equal(flows_open_count(all), 0);
        if (i == 100000)
            memory = flows_memory(all);
    }
    assert_int_equal(flows_memory(all), memory);
    assert_int_equal(flows_totals(all)->sights[FLOW_WHOLE], 300000);
    assert_int_equal(flows_totals(all)->given_up, 0);
    flows_close(all);
}

/* ---- anything ---- */

struct soup {
    const char *name;
    unsigned long most;
    unsigned connections, step_us, back_us; /* time goes on by up to step_us, and back by back_us */
    uint64_t idle_us;
    bool is_same_port;
};

static const struct soup soups[] = {
    {"many connections", 5000, 2000, 50, 0, 60000000, false},
    {"more than there is room for", 64, 2000, 50, 0, 60000000, false},
    {"one at a time", 1, 20, 50, 0, 60000000, false},
    {"few connections, much of each", 10, 3, 100, 0, 60000000, false},
    {"slowly", 200, 300, 20000, 0, 500000, false},
    {"time goes back a little", 100, 50, 20, 10, 60000000, false},
    {"the same port on both sides", 100, 50, 50, 0, 60000000, true},
};

static struct packet random_packet(const struct soup *soup, uint64_t time_ns)
{
    static const char *const kinds[] = {"S", "SA", "A", "A", "A", "FA", "F", "R", "RA", "SFRA", ""};
    bool by_server = random_number() % 2;
    uint32_t number = (uint32_t)(random_number() % soup->connections);
    struct packet p = numbered(number, by_server, kinds[random_number() % COUNT(kinds)]);
    if (soup->is_same_port)
        p.from.port = p.to.port = PORT;
    p.time_ns = time_ns;
    p.seq = (uint32_t)(random_number() % 3 ? random_number() % 40 - 20 : random_number());
    p.ack = (uint32_t)(random_number() % 40 - 20);
    p.length = (uint32_t)(random_number() % 2 ? random_number() % 30 : 0);
    p.print = (uint32_t)(random_number() % 8);
    return p;
}

TEST(soup)
{
    static const unsigned packets = 300000;
    const struct soup *soup = *state;
    static struct heard heard;
    struct flows *all = open_flows(&heard, soup->most, soup->idle_us);
    uint64_t time_ns = epoch, begun = 0;
    for (unsigned i = 0; i < packets; i++) {
        time_ns += random_number() % (soup->step_us * NS_PER_US);
        struct packet p = random_packet(soup, time_ns);
        if (soup->back_us)
            p.time_ns -= random_number() % (soup->back_us * NS_PER_US);
        flows_packet(all, &p);
        uint64_t now = heard.over + flows_open_count(all);
        assert_in_range(now, begun, begun + 1);
        assert_true(flows_open_count(all) <= soup->most);
        begun = now;
    }
    flows_end(all);
    check_sums(&heard, flows_totals(all), true);
    assert_int_equal(heard.over, begun);
    assert_int_equal(flows_open_count(all), 0);
    assert_true(heard.longest_ns <= time_ns - epoch + soup->back_us * NS_PER_US);
    assert_true(heard.number[FLOW_WAIT] <= heard.exchanges);
    for (int i = 0; i < FLOW_INTERVALS; i++)
        assert_true(heard.over_with[i] <= heard.number[i] && heard.over_ns[i] <= heard.ns[i]);
    flows_close(all);
}

int main(void)
{
    ADD_ROWS(story, plain_stories);
    ADD_ROWS(story, lost_stories);
    ADD_ROWS(story, part_stories);
    ADD_ROWS(story, again_stories);
    ADD_ROWS(story, bound_stories);
    ADD_ROWS(story, clock_stories);
    ADD(summary_names_both_ends);
    ADD(works_without_callbacks);
    ADD(names_are_there);
    ADD(million_half_open);
    ADD(memory_does_not_grow);
    ADD_ROWS(soup, soups);
    return run_added(NULL, NULL);
}
