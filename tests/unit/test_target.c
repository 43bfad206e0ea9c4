/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/target.h"

#include "harness/lib/clock.h"
#include "support.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct good {
    const char *name, *host, *path, *address, *port;
    bool local;
    const char *authorization;
};

/* What the name "several" has; NULL after the last one. Of others only numeric ones are known: no test may depend on
 * replies of a name server. */
static const char *const *several;
static int lookup_error;

typedef int look_up_function(const char *, const char *, const struct addrinfo *,
                             struct addrinfo **);

/* Instead of the one in libc. */
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **found)
{
    look_up_function *look_up = (look_up_function *)dlsym(RTLD_NEXT, "getaddrinfo");
    struct addrinfo numeric = *hints, **end = found;
    numeric.ai_flags |= AI_NUMERICHOST;
    if (strcmp(host, "several") != 0)
        return look_up(host, port, &numeric, found);
    if (lookup_error)
        return lookup_error;
    for (const char *const *i = several; *i; i++, end = &(*end)->ai_next)
        assert_int_equal(look_up(*i, port, &numeric, end), 0);
    return 0;
}

static const struct good good_urls[] = {
    {"http://127.0.0.1", "127.0.0.1", "/", "127.0.0.1", "80", true},
    {"http://127.0.0.1/", "127.0.0.1", "/", "127.0.0.1", "80", true},
    {"http://127.0.0.1:8080", "127.0.0.1:8080", "/", "127.0.0.1", "8080", true},
    {"http://127.0.0.1:1/a/b", "127.0.0.1:1", "/a/b", "127.0.0.1", "1", true},
    {"http://127.0.0.1:65535/?a=b:c@d", "127.0.0.1:65535", "/?a=b:c@d", "127.0.0.1", "65535", true},
    {"http://127.0.0.1?a=/b", "127.0.0.1", "/?a=/b", "127.0.0.1", "80", true},
    {"http://127.0.0.1/a#b?c", "127.0.0.1", "/a", "127.0.0.1", "80", true},
    {"http://127.0.0.1#a", "127.0.0.1", "/", "127.0.0.1", "80", true},
    {"http://127.0.0.1:/a", "127.0.0.1:", "/a", "127.0.0.1", "80", true},
    {"http://127.255.255.254", "127.255.255.254", "/", "127.255.255.254", "80", true},
    {"http://128.0.0.1", "128.0.0.1", "/", "128.0.0.1", "80", false},
    {"http://192.0.2.1:81/", "192.0.2.1:81", "/", "192.0.2.1", "81", false},
    {"https://127.0.0.1/a", "127.0.0.1", "/a", "127.0.0.1", "443", true},
    {"HTTPS://[::1]:8443", "[::1]:8443", "/", "::1", "8443", true},
    {"http://[::1]", "[::1]", "/", "::1", "80", true},
    {"http://[::1]:8080/a", "[::1]:8080", "/a", "::1", "8080", true},
    {"http://[2001:db8::1]:81", "[2001:db8::1]:81", "/", "2001:db8::1", "81", false},
    {"HTTP://127.0.0.1/", "127.0.0.1", "/", "127.0.0.1", "80", true},
    {"hTtP://127.0.0.1/", "127.0.0.1", "/", "127.0.0.1", "80", true},
    {"http://0.0.0.0:81/", "0.0.0.0:81", "/", "0.0.0.0", "81", true},
    {"http://[::]:81/", "[::]:81", "/", "::", "81", true},
    {"http://[::ffff:127.0.0.1]:81/", "[::ffff:127.0.0.1]:81", "/", "127.0.0.1", "81", true},
    {"http://[::ffff:7f00:1]/", "[::ffff:7f00:1]", "/", "127.0.0.1", "80", true},
    {"http://[::ffff:192.0.2.1]/", "[::ffff:192.0.2.1]", "/", "192.0.2.1", "80", false},
    {"http://[fe80::1%25lo]:81/", "[fe80::1]:81", "/", "fe80::1%lo", "81", false},
    {"http://[fe80::1%lo]/", "[fe80::1]", "/", "fe80::1%lo", "80", false},
    {"http://me:secret@127.0.0.1:81/a", "127.0.0.1:81", "/a", "127.0.0.1", "81", true,
     "bWU6c2VjcmV0"},
    {"http://me:a@b@[::1]:81/", "[::1]:81", "/", "::1", "81", true, "bWU6YUBi"},
    {"http://me@127.0.0.1", "127.0.0.1", "/", "127.0.0.1", "80", true, "bWU6"},
    {"http://me:@127.0.0.1", "127.0.0.1", "/", "127.0.0.1", "80", true, "bWU6"},
    {"http://:x@127.0.0.1", "127.0.0.1", "/", "127.0.0.1", "80", true, "Ong="},
    {"http://%6de:a%40%3A%2f%00@127.0.0.1", "127.0.0.1", "/", "127.0.0.1", "80", true,
     "bWU6YUA6LwA="},
    {"http://@127.0.0.1", "127.0.0.1", "/", "127.0.0.1", "80", true},
    {"http://127.0.0.1/a@b", "127.0.0.1", "/a@b", "127.0.0.1", "80", true},
};

TEST(good_url)
{
    const struct good *row = *state;
    struct load_target target;
    char address[64], port[8];
    assert_null(load_target_parse(&target, row->name, NULL));
    assert_string_equal(target.host, row->host);
    assert_string_equal(target.path, row->path);
    assert_int_equal(load_target_is_local(&target), row->local);
    assert_int_equal(getnameinfo((const struct sockaddr *)&load_target_address(&target)->address,
                                 load_target_address(&target)->length, address, sizeof address,
                                 port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV),
                     0);
    assert_string_equal(address, row->address);
    assert_string_equal(port, row->port);
    if (row->authorization)
        assert_string_equal(target.authorization + strlen("Authorization: Basic "),
                            row->authorization);
    else
        assert_string_equal(target.authorization, "");
}

static const char *const bad_urls[] = {
    "",
    "127.0.0.1:80",
    "httpss://127.0.0.1/",
    "http:/127.0.0.1/",
    "http://",
    "http:///a",
    "http://:80/",
    "http://[]/",
    "http://[::1",
    "http://[::1]80",
    "http://[::1]x:80",
    "http://::1/",
    "http://127.0.0.1:x",
    "http://127.0.0.1:80x",
    "http://127.0.0.1:http",
    "http://127.0.0.1:80:80",
    "http://127.0.0.1:-1",
    "http://127.0.0.1:+80",
    "http://127.0.0.1:0",
    "http://127.0.0.1:65536",
    "http://127.0.0.1:65616",
    "http://127.0.0.1:18446744073709551696",
    "http://127.0.0.1/a b",
    "http://127.0.0.1/\tb",
    "http://127.0.0.1/\x7f",
    "http://127.0.0.1 /",
    "http://me:secret@",
    "http://me:secret@/",
    "http://me:secret80/",
    "http://me:%4.0.0.1/",
    "http://me%:x.0.0.1/",
    "http://me:%g0.0.0.1/",
    "http://me:secret.0.0.1:x/",
    "httpx://127.0.0.1/",
};

TEST(bad_url)
{
    const char *const *url = *state;
    struct load_target target;
    const char *wrong = load_target_parse(&target, *url, NULL);
    assert_non_null(wrong);
    assert_true(strlen(wrong) > 0);
}

/* The path and its NUL fill their room exactly, or do not. */
TEST(path_as_long_as_its_room)
{
    static const char begin[] = "http://127.0.0.1";
    struct load_target target;
    char url[sizeof begin + sizeof target.path];
    size_t longest = sizeof begin - 1 + sizeof target.path - 2;
    memset(url, 'a', sizeof url);
    memcpy(url, begin, sizeof begin - 1);
    url[sizeof begin - 1] = '/';
    url[longest] = '\0';
    assert_null(load_target_parse(&target, url, NULL));
    assert_string_equal(target.path, url + sizeof begin - 1);
    url[longest] = 'a';
    url[longest + 1] = '\0';
    assert_non_null(load_target_parse(&target, url, NULL));
}

TEST(host_that_is_too_long)
{
    struct load_target target;
    char url[1024];
    snprintf(url, sizeof url, "http://%0300d/", 0);
    assert_string_equal(load_target_parse(&target, url, NULL), "too long");
}

/* What it can be longest as. */
TEST(user_that_is_as_long_as_its_room)
{
    struct load_target target;
    char url[TARGET_AUTHORITY + 8];
    int longest = TARGET_AUTHORITY - 1 - (int)strlen(":@127.0.0.1");
    snprintf(url, sizeof url, "http://%0*d:@127.0.0.1", longest, 0);
    assert_null(load_target_parse(&target, url, NULL));
    assert_string_equal(target.host, "127.0.0.1");
    assert_int_equal(strlen(target.authorization),
                     strlen("Authorization: Basic ") + (size_t)(longest + 1 + 2) / 3 * 4);
    snprintf(url, sizeof url, "http://%0*d@127.0.0.1", longest + 1, 0);
    assert_null(load_target_parse(&target, url, NULL));
    assert_int_equal(strlen(target.authorization),
                     strlen("Authorization: Basic ") + (size_t)(longest + 2 + 2) / 3 * 4);
}

/* Each address that an interface has is this machine's, and its neighbours are not. */
TEST(own_addresses_are_local)
{
    struct ifaddrs *all;
    unsigned found = 0;
    assert_int_equal(getifaddrs(&all), 0);
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        struct load_target target = {.count = 1};
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&target.addresses[0].address, i->ifa_addr, sizeof(struct sockaddr_in));
        assert_true(load_target_is_local(&target));
        found++;
    }
    freeifaddrs(all);
    if (found == 0)
        skip();
}

static const struct {
    const char *name, *addresses[20];
    const char *all;
    bool is_local;
} names[] = {
    {"one", {"127.0.0.1"}, "127.0.0.1", true},
    {"two", {"127.0.0.2", "127.0.0.1"}, "127.0.0.2, 127.0.0.1", true},
    {"twice the same", {"127.0.0.1", "127.0.0.1"}, "127.0.0.1", true},
    {"the same, mapped", {"127.0.0.1", "::ffff:127.0.0.1"}, "127.0.0.1", true},
    {"of two families", {"::1", "127.0.0.1"}, "::1, 127.0.0.1", true},
    {"one is not of this machine", {"127.0.0.1", "192.0.2.1"}, "127.0.0.1, 192.0.2.1", false},
    {"the first is not of this machine",
     {"2001:db8::1", "127.0.0.1"},
     "2001:db8::1, 127.0.0.1",
     false},
    {"more than there is room for",
     {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7",
      "127.0.0.8", "127.0.0.9", "127.0.1.0", "127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4",
      "127.0.1.5", "127.0.1.6", "127.0.1.7"},
     "127.0.0.1, 127.0.0.2, 127.0.0.3, 127.0.0.4, 127.0.0.5, 127.0.0.6, 127.0.0.7, 127.0.0.8, "
     "127.0.0.9, 127.0.1.0, 127.0.1.1, 127.0.1.2, 127.0.1.3, 127.0.1.4, 127.0.1.5, 127.0.1.6",
     true},
};

TEST(addresses_of_a_name)
{
    const __typeof__(*names) *row = *state;
    struct load_target target;
    char all[512], cut[12];
    several = row->addresses;
    assert_null(load_target_parse(&target, "http://several/", NULL));
    load_target_format_all(&target, all, sizeof all);
    assert_string_equal(all, row->all);
    load_target_format_all(&target, cut, sizeof cut);
    assert_memory_equal(cut, row->all, strlen(cut));
    assert_int_equal(load_target_is_local(&target), row->is_local);
}

TEST(one_family_is_kept)
{
    static const char *const both[] = {"::1", "127.0.0.1", "127.0.0.2", NULL};
    struct load_target target;
    char all[64];
    several = both;
    assert_null(load_target_parse(&target, "http://several/", NULL));
    assert_true(load_target_keep_family(&target, AF_INET));
    load_target_format_all(&target, all, sizeof all);
    assert_string_equal(all, "127.0.0.1, 127.0.0.2");
    assert_false(load_target_keep_family(&target, AF_INET6));
}

static const struct {
    const char *name;
    int error;
    bool is_machine_error;
} lookup_errors[] = {
    {"no such name", EAI_NONAME, false}, {"no answer", EAI_AGAIN, true},
    {"refused", EAI_FAIL, true},         {"no descriptor", EAI_SYSTEM, true},
    {"no memory", EAI_MEMORY, true},
};

TEST(whose_error_a_failed_lookup_is)
{
    const __typeof__(*lookup_errors) *row = *state;
    struct load_target target;
    lookup_error = row->error;
    errno = EMFILE;
    const char *wrong = load_target_parse(&target, "http://several/", NULL);
    lookup_error = 0;
    assert_non_null(wrong);
    assert_string_not_equal(wrong, "System error");
    assert_int_equal(target.is_machine_error, row->is_machine_error);
}

/* A listener on a free port of 127.0.0.1; and the URL of that port. */
static int open_listener(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(url, size, "http://several:%u/", ntohs(address.sin_port));
    return fd;
}

/* Only 127.0.0.1 accepts; 0 = no error is reported. */
static const struct {
    const char *name, *addresses[4];
    unsigned taken;
    int error;
} choices[] = {
    {"the first", {"127.0.0.1", "127.0.0.2"}, 0, 0},
    {"the second", {"127.0.0.2", "127.0.0.1"}, 1, ECONNREFUSED},
    {"the last", {"127.0.0.2", "127.0.0.3", "127.0.0.1"}, 2, ECONNREFUSED},
    {"none", {"127.0.0.2", "127.0.0.3"}, 0, 0},
};

TEST(first_address_that_accepts)
{
    const __typeof__(*choices) *row = *state;
    struct load_target target;
    char url[64];
    int listener = open_listener(url, sizeof url);
    several = row->addresses;
    assert_null(load_target_parse(&target, url, NULL));
    assert_int_equal(load_target_choose(&target, NS_PER_S), row->error);
    assert_int_equal(target.taken, row->taken);
    close(listener);
}

/* The server counts connections. */
TEST(the_only_address_is_not_tried)
{
    static const char *const one[] = {"127.0.0.1", NULL};
    struct load_target target;
    char url[64];
    int listener = open_listener(url, sizeof url);
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    several = one;
    assert_null(load_target_parse(&target, url, NULL));
    assert_int_equal(load_target_choose(&target, NS_PER_S), 0);
    assert_int_equal(poll(&ready, 1, 0), 0);
    close(listener);
}

/* Its queue is full, so that a SYN gets no answer. */
TEST(address_that_does_not_answer)
{
    static const char *const two[] = {"127.0.0.2", "127.0.0.1", NULL};
    struct load_target target;
    struct sockaddr_in address;
    char url[64];
    int listener = open_listener(url, sizeof url), full = socket(AF_INET, SOCK_STREAM, 0);
    int waiting[2];
    socklen_t length = sizeof address;
    several = two;
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    if (bind(full, (struct sockaddr *)&address, length) != 0)
        skip();
    assert_int_equal(listen(full, 0), 0);
    for (int i = 0; i < 2; i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(waiting[i], (struct sockaddr *)&address, length);
    }
    assert_null(load_target_parse(&target, url, NULL));
    /* ETIMEDOUT, but where the kernel is set to refuse (tcp_abort_on_overflow) */
    assert_int_not_equal(load_target_choose(&target, 50 * NS_PER_MS), 0);
    assert_int_equal(target.taken, 1);
    for (int i = 0; i < 2; i++)
        close(waiting[i]);
    close(full);
    close(listener);
}

TEST(unix_socket)
{
    struct load_target target;
    char text[128], url[] = "http://name/a";
    assert_null(load_target_parse(&target, url, "/run/socket"));
    load_target_format(&target, 0, text, sizeof text);
    assert_string_equal(text, "/run/socket");
    assert_true(load_target_is_local(&target));
    assert_int_equal(load_target_choose(&target, NS_PER_S), 0);
}

/* The name that a certificate must be of has no brackets, port, or zone. */
TEST(certificate_name_is_the_host_alone)
{
    static const char *const urls[][2] = {
        {"https://127.0.0.1:81/", "127.0.0.1"},
        {"https://[::1]/", "::1"},
        {"https://[fe80::1%25lo]:81/", "fe80::1"},
        {"https://me:secret@127.0.0.2/", "127.0.0.2"},
    };
    struct load_target target;
    for (size_t i = 0; i < COUNT(urls); i++) {
        assert_null(load_target_parse(&target, urls[i][0], NULL));
        assert_true(target.is_tls);
        assert_string_equal(target.name, urls[i][1]);
    }
}

TEST(same_server_is_address_port_and_tls)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"http://127.0.0.1:81/", "http://127.0.0.1:81/x", true},
        {"http://127.0.0.1:81/", "http://127.0.0.1:82/", false},
        {"http://127.0.0.1:81/", "https://127.0.0.1:81/", false},
        {"http://127.0.0.1/", "http://127.0.0.1:80/", true},
        {"http://127.0.0.1/", "http://127.0.0.2/", false},
        {"http://127.0.0.1/", "http://[::1]/", false},
        {"http://127.0.0.1/", "http://[::ffff:127.0.0.1]/", true},
    };
    struct load_target a, b;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_null(load_target_parse(&a, pairs[i].a, NULL));
        assert_null(load_target_parse(&b, pairs[i].b, NULL));
        assert_int_equal(load_target_is_same_server(&a, &b), pairs[i].same);
        assert_int_equal(load_target_is_same_server(&b, &a), pairs[i].same);
    }
}

int main(void)
{
    ADD(certificate_name_is_the_host_alone);
    ADD(same_server_is_address_port_and_tls);
    ADD_ROWS(good_url, good_urls);
    ADD_ROWS(bad_url, bad_urls);
    ADD(path_as_long_as_its_room);
    ADD(host_that_is_too_long);
    ADD(user_that_is_as_long_as_its_room);
    ADD(own_addresses_are_local);
    ADD_ROWS(addresses_of_a_name, names);
    ADD(one_family_is_kept);
    ADD_ROWS(whose_error_a_failed_lookup_is, lookup_errors);
    ADD_ROWS(first_address_that_accepts, choices);
    ADD(the_only_address_is_not_tried);
    ADD(address_that_does_not_answer);
    ADD(unix_socket);
    return run_added(NULL, NULL);
}
