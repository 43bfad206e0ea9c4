#include "harness/load/target.h"

#include "support.h"

#include <netdb.h>
#include <string.h>

struct good {
    const char *name, *host, *path, *address, *port;
    bool local;
};

/* Numeric hosts only: no test may depend on what a name server says. */
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
    {"http://[::1]", "[::1]", "/", "::1", "80", true},
    {"http://[::1]:8080/a", "[::1]:8080", "/a", "::1", "8080", true},
    {"http://[2001:db8::1]:81", "[2001:db8::1]:81", "/", "2001:db8::1", "81", false},
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
    assert_int_equal(getnameinfo((const struct sockaddr *)&target.address, target.address_length,
                                 address, sizeof address, port, sizeof port,
                                 NI_NUMERICHOST | NI_NUMERICSERV),
                     0);
    assert_string_equal(address, row->address);
    assert_string_equal(port, row->port);
}

static const char *const bad_urls[] = {
    "",
    "127.0.0.1:80",
    "https://127.0.0.1/",
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
    assert_string_equal(load_target_parse(&target, url, NULL), "it is too long");
}

int main(void)
{
    ADD_ROWS(good_url, good_urls);
    ADD_ROWS(bad_url, bad_urls);
    ADD(path_as_long_as_its_room);
    ADD(host_that_is_too_long);
    return run_added(NULL, NULL);
}
