/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/sources.h"

#include "support.h"

#include <arpa/inet.h>
#include <string.h>

struct good {
    const char *name; /* as it is written */
    uint64_t count;
    const char *first, *second, *last; /* as they come from number 0, 1 and count - 1 */
};

static const struct good good_sources[] = {
    {"127.0.0.0/24", 254, "127.0.0.1", "127.0.0.2", "127.0.0.254"},
    {"127.0.0.9", 1, "127.0.0.9", "127.0.0.9", "127.0.0.9"},
    {"127.0.0.9/32", 1, "127.0.0.9", "127.0.0.9", "127.0.0.9"},
    {"127.0.0.255/32", 1, "127.0.0.255", "127.0.0.255", "127.0.0.255"},
    {"10.1.2.2/31", 2, "10.1.2.2", "10.1.2.3", "10.1.2.3"},
    {"10.1.2.4/30", 2, "10.1.2.5", "10.1.2.6", "10.1.2.6"},
    {"10.1.2.8/29", 6, "10.1.2.9", "10.1.2.10", "10.1.2.14"},
    {"10.1.2.0/23", 510, "10.1.2.1", "10.1.2.2", "10.1.3.254"},
    {"10.1.0.0/16", 65534, "10.1.0.1", "10.1.0.2", "10.1.255.254"},
    {"127.0.0.0/8", 16777214, "127.0.0.1", "127.0.0.2", "127.255.255.254"},
    {"0.0.0.0/0", 4294967294, "0.0.0.1", "0.0.0.2", "255.255.255.254"},
    {"255.255.255.252/30", 2, "255.255.255.253", "255.255.255.254", "255.255.255.254"},
    {"127.0.0.9/24", 254, "127.0.0.1", "127.0.0.2", "127.0.0.254"},
    {"::1", 1, "::1", "::1", "::1"},
    {"::1/128", 1, "::1", "::1", "::1"},
    {"fd00::4/127", 2, "fd00::4", "fd00::5", "fd00::5"},
    {"fd00::8/126", 4, "fd00::8", "fd00::9", "fd00::b"},
    {"fd00::/112", 65536, "fd00::", "fd00::1", "fd00::ffff"},
    {"fd00::2:0/111", 131072, "fd00::2:0", "fd00::2:1", "fd00::3:ffff"},
    {"fd00::/96", 4294967296, "fd00::", "fd00::1", "fd00::ffff:ffff"},
    {"fd00::abcd/112", 65536, "fd00::", "fd00::1", "fd00::ffff"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 2, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

static void assert_address(const struct sources *sources, uint64_t n, const char *expected)
{
    struct sockaddr_storage address, same;
    char text[INET6_ADDRSTRLEN];
    memset(&address, 0xff, sizeof address);
    memset(&same, 0, sizeof same);
    socklen_t length = sources_address(sources, n, &address);
    if (strchr(expected, ':')) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&same;
        in6->sin6_family = AF_INET6;
        assert_int_equal(length, sizeof *in6);
        assert_int_equal(inet_pton(AF_INET6, expected, &in6->sin6_addr), 1);
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&address)->sin6_addr, text, sizeof text);
    } else {
        struct sockaddr_in *in = (struct sockaddr_in *)&same;
        in->sin_family = AF_INET;
        assert_int_equal(length, sizeof *in);
        assert_int_equal(inet_pton(AF_INET, expected, &in->sin_addr), 1);
        inet_ntop(AF_INET, &((struct sockaddr_in *)&address)->sin_addr, text, sizeof text);
    }
    assert_string_equal(text, expected);
    assert_memory_equal(&address, &same, length); /* port 0, scope 0 */
}

TEST(good_source)
{
    static const uint64_t rounds[] = {0, 1, 2, 1000000};
    const struct good *row = *state;
    struct sources sources;
    memset(&sources, 0xff, sizeof sources);
    assert_null(sources_parse(&sources, row->name));
    assert_int_equal(sources.family, strchr(row->name, ':') ? AF_INET6 : AF_INET);
    assert_int_equal(sources.count, row->count);
    for (size_t i = 0; i < COUNT(rounds); i++) {
        uint64_t begin = rounds[i] * row->count;
        assert_address(&sources, begin, row->first);
        assert_address(&sources, begin + 1, row->second);
        assert_address(&sources, begin + row->count - 1, row->last);
    }
}

/* Every address of the prefix but the network's and the broadcast address, once a round. */
TEST(each_ipv4_address_in_turn)
{
    for (unsigned prefix = 20; prefix <= 30; prefix++) {
        char text[32];
        struct sources sources;
        uint32_t size = UINT32_C(1) << (32 - prefix), network = 0x0a010000;
        snprintf(text, sizeof text, "10.1.0.0/%u", prefix);
        assert_null(sources_parse(&sources, text));
        for (uint32_t n = 0; n < 2 * size; n++) {
            struct sockaddr_storage address;
            sources_address(&sources, n, &address);
            assert_int_equal(ntohl(((struct sockaddr_in *)&address)->sin_addr.s_addr),
                             network + 1 + n % (size - 2));
        }
    }
}

/* What has more than 2^32 addresses is refused too. */
static const char *const bad_sources[] = {
    "",
    " ",
    "/",
    "/24",
    "127.0.0.0/",
    "127.0.0.0/33",
    "127.0.0.0/-1",
    "127.0.0.0/+8",
    "127.0.0.0/ 8",
    "127.0.0.0/8 ",
    "127.0.0.0/8x",
    "127.0.0.0/0x8",
    "127.0.0.0/8.5",
    "127.0.0.0/24/24",
    "127.0.0.0//24",
    "127.0.0.0/256",
    "127.0.0.0/4294967320",
    "127.0.0.0/18446744073709551640",
    "127.0.0.0/255.255.255.0",
    "127.0.0.256",
    "127.0.0",
    "127.1/8",
    "127.0.0.0.0",
    "127.0.0.-1",
    "127.0.0.1:80",
    " 127.0.0.1",
    "127.0.0.1 ",
    "127.0.0.1,127.0.0.2",
    "127.0.0.1-127.0.0.9",
    "127.0.0.x",
    "localhost",
    "eth0",
    "*",
    ":",
    ":::",
    "::1::",
    "::g",
    "::12345",
    "[::1]",
    "[::1]/128",
    "::/129",
    "::/1000",
    "::/-1",
    "::/x",
    "::1%lo",
    "::127.0.0.256",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "fd00::/95",
    "fd00::/64",
    "::/0",
    "00000000000000000000000000000000000000000000000000000000000127.0.0.1",
    "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001",
};

TEST(bad_source)
{
    const char *const *text = *state;
    struct sources sources;
    const char *wrong = sources_parse(&sources, *text);
    assert_non_null(wrong);
    assert_true(strlen(wrong) > 0);
}

/* All of 127.0.0.0/8 is this machine's. No machine has all of those that are for documentation (RFC 5737,
 * 3849). */
struct checked {
    const char *name;
    const char *missing; /* address; NULL = available */
};

static const struct checked checks[] = {
    {"127.0.0.0/24", NULL},
    {"127.0.0.9", NULL},
    {"127.0.0.0/8", NULL},
    {"192.0.2.0/24", "192.0.2."},
    {"198.51.100.7", "198.51.100.7"},
    {"203.0.113.6/31", "203.0.113.6"},
    {"2001:db8::5", "2001:db8::5"},
    {"0.0.0.0/0", "0.0.0.1"},
};

TEST(check_of_what_this_machine_has)
{
    const struct checked *row = *state;
    struct sources sources;
    assert_null(sources_parse(&sources, row->name));
    const char *wrong = sources_check(&sources);
    if (row->missing) {
        assert_non_null(wrong);
        assert_non_null(strstr(wrong, row->missing));
    } else {
        assert_null(wrong);
    }
}

TEST(check_of_the_last_one)
{
    struct sources sources;
    assert_null(sources_parse(&sources, "127.255.255.254"));
    sources.count = 2;
    assert_null(sources_check(&sources));
    sources.count = 3;
    const char *wrong = sources_check(&sources);
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, "128.0.0.0"));
}

int main(void)
{
    ADD_ROWS(good_source, good_sources);
    ADD(each_ipv4_address_in_turn);
    ADD_ROWS(bad_source, bad_sources);
    ADD_ROWS(check_of_what_this_machine_has, checks);
    ADD(check_of_the_last_one);
    return run_added(NULL, NULL);
}
