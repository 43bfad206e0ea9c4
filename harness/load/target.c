/* SPDX-License-Identifier: BSD-2-Clause */
#include "target.h"

#include "harness/lib/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- local addresses ---- */

static bool is_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
    if (!a || a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)b)->sin_addr.s_addr;
    return a->sa_family == AF_INET6 &&
           IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
                              &((const struct sockaddr_in6 *)b)->sin6_addr);
}

/* bind(2) is no test: with ip_nonlocal_bind it accepts every address. */
static bool is_of_an_interface(const struct sockaddr *address)
{
    struct ifaddrs *all;
    bool found = false;
    if (getifaddrs(&all) != 0)
        return false;
    for (const struct ifaddrs *i = all; i && !found; i = i->ifa_next)
        found = is_same_host(i->ifa_addr, address);
    freeifaddrs(all);
    return found;
}

/* The kernel connects 0.0.0.0 and :: to loopback. */
static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        uint32_t host = ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr);
        return host >> 24 == 127 || host == INADDR_ANY;
    }
    const struct in6_addr *host = &((const struct sockaddr_in6 *)address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(host) || IN6_IS_ADDR_UNSPECIFIED(host);
}

bool load_target_is_local(const struct load_target *target)
{
    for (unsigned i = 0; i < target->count; i++) {
        const struct sockaddr *address = (const struct sockaddr *)&target->addresses[i].address;
        if (address->sa_family != AF_UNIX && !is_loopback(address) && !is_of_an_interface(address))
            return false;
    }
    return true;
}

/* ---- addresses ---- */

static const char *set_unix_address(struct load_target *target, const char *path)
{
    struct sockaddr_un *address = (struct sockaddr_un *)&target->addresses[0].address;
    if (strlen(path) >= sizeof address->sun_path)
        return "path of the UNIX socket longer than 107 bytes";
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
    target->addresses[0].length = sizeof *address;
    target->count = 1;
    return NULL;
}

/* ::ffff:127.0.0.1 is an IPv4 address, also without IPv6 support. */
static void unmap(struct load_address *a)
{
    const struct sockaddr_in6 mapped = *(const struct sockaddr_in6 *)&a->address;
    struct sockaddr_in *plain = (struct sockaddr_in *)&a->address;
    if (mapped.sin6_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&mapped.sin6_addr))
        return;
    memset(a, 0, sizeof *a);
    plain->sin_family = AF_INET;
    plain->sin_port = mapped.sin6_port;
    memcpy(&plain->sin_addr, &mapped.sin6_addr.s6_addr[12], sizeof plain->sin_addr);
    a->length = sizeof *plain;
}

/* A host may be listed twice in /etc/hosts. */
static void add_address(struct load_target *target, const struct addrinfo *found)
{
    struct load_address *a = &target->addresses[target->count];
    if (target->count == TARGET_ADDRESSES || found->ai_addrlen > sizeof a->address)
        return;
    memset(a, 0, sizeof *a);
    memcpy(&a->address, found->ai_addr, found->ai_addrlen);
    a->length = found->ai_addrlen;
    unmap(a);
    for (unsigned i = 0; i < target->count; i++)
        if (target->addresses[i].length == a->length &&
            memcmp(&target->addresses[i].address, &a->address, a->length) == 0)
            return;
    target->count++;
}

/* A resolver's answer about the name is an error of the URL; failing to reach the resolver is not. */
static bool is_machine_error(int error)
{
    static const int others[] = {EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_SYSTEM};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (error == others[i])
            return true;
    return false;
}

static const char *look_up(struct load_target *target, const char *host, const char *port)
{
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int error = getaddrinfo(host, port, &hints, &found);
    target->is_machine_error = is_machine_error(error);
    if (error)
        return error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
    for (const struct addrinfo *i = found; i; i = i->ai_next)
        add_address(target, i);
    freeaddrinfo(found);
    return NULL;
}

bool load_target_is_same_server(const struct load_target *a, const struct load_target *b)
{
    for (unsigned i = 0; a->is_tls == b->is_tls && i < a->count; i++)
        for (unsigned j = 0; j < b->count; j++)
            if (a->addresses[i].length == b->addresses[j].length &&
                memcmp(&a->addresses[i].address, &b->addresses[j].address,
                       a->addresses[i].length) == 0)
                return true;
    return false;
}

bool load_target_keep_family(struct load_target *target, int family)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < target->count; i++)
        if (target->addresses[i].address.ss_family == family)
            target->addresses[kept++] = target->addresses[i];
    target->count = kept;
    return kept > 0;
}

/* Returns 0, or the errno of the failed connect. */
static int try_to_connect(const struct load_address *a, uint64_t timeout_ns)
{
    int error = 0, wait_ms = (int)((timeout_ns + NS_PER_MS - 1) / NS_PER_MS);
    socklen_t size = sizeof error;
    int fd = socket(a->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)&a->address, a->length) != 0)
        error = errno;
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    if (error == EINPROGRESS && poll(&one, 1, wait_ms) == 1)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    else if (error == EINPROGRESS)
        error = ETIMEDOUT;
    close(fd);
    return error;
}

int load_target_choose(struct load_target *target, uint64_t timeout_ns)
{
    int first_error = 0;
    for (unsigned i = 0; target->count > 1 && i < target->count; i++) {
        int error = try_to_connect(&target->addresses[i], timeout_ns);
        if (i == 0)
            first_error = error;
        if (error == 0) {
            target->taken = i;
            return first_error;
        }
    }
    return 0;
}

void load_target_format(const struct load_target *target, unsigned index, char *text, size_t size)
{
    const struct load_address *a = &target->addresses[index];
    char host[NI_MAXHOST] = "?";
    if (a->address.ss_family == AF_UNIX)
        snprintf(host, sizeof host, "%s", ((const struct sockaddr_un *)&a->address)->sun_path);
    else
        getnameinfo((const struct sockaddr *)&a->address, a->length, host, sizeof host, NULL, 0,
                    NI_NUMERICHOST);
    snprintf(text, size, "%s", host);
}

void load_target_format_all(const struct load_target *target, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < target->count && used + 3 < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s", i ? ", " : "");
        load_target_format(target, i, text + used, size - used);
        used += strlen(text + used);
    }
}

/* ---- the URL ---- */

/* 1 to 65535 in digits, which getaddrinfo(3) does not check. */
static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);
    return digits > 0 && digits <= 5 && text[digits] == '\0' && port >= 1 && port <= 65535;
}

/* Splits "host[:port]" or "[v6]:port" in place; *port holds the default port on entry. */
static const char *split_port(char *authority, char **host, const char **port)
{
    char *colon, *end;
    *host = authority;
    if (authority[0] == '[') {
        end = strchr(authority, ']');
        if (!end || (end[1] != '\0' && end[1] != ':'))
            return "an address in [brackets] must end with ] or ]:port";
        colon = end[1] ? end + 1 : NULL;
        *host = authority + 1;
        *end = '\0';
    } else {
        colon = strchr(authority, ':');
    }
    if (colon)
        *colon = '\0';
    if (colon && colon[1]) /* an empty port is the default port (RFC 3986, 3.2.3) */
        *port = colon + 1;
    if (!is_port(*port))
        return "the port must be a number from 1 to 65535";
    return **host ? NULL : "missing host";
}

/* The zone of an address such as [fe80::1%25eth0] is local to this machine (RFC 6874): it is removed from the Host field,
 * and passed to the resolver as %eth0. */
static void split_zone(char *host_field, char *host)
{
    char *zone = strchr(host_field, '%'), *end = strchr(host_field, ']');
    if (host_field[0] != '[' || !zone || !end || zone > end)
        return;
    memmove(zone, end, strlen(end) + 1);
    zone = strchr(host, '%');
    if (strncmp(zone, "%25", 3) == 0)
        memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Decodes %XX in place. Returns the length, which may include NULs; 0 = a % is not followed by two digits. */
static size_t percent_decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = hex_value(from[1]), low = high < 0 ? -1 : hex_value(from[2]);
        if (low < 0)
            return 0;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    return (size_t)(to - text);
}

/* RFC 4648, 4 */
static void base64(const char *from, size_t length, char *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        uint32_t bits = 0;
        for (size_t j = i; j < i + 3; j++)
            bits = bits << 8 | (j < length ? (unsigned char)from[j] : 0);
        for (size_t j = 0; j < 4; j++)
            *to++ = i + j > length ? '=' : digits[bits >> (18 - 6 * j) & 63];
    }
    *to = '\0';
}

/* "user[:password]" becomes a header field, as with curl (RFC 7617); without a colon the password is empty. */
static const char *set_authorization(struct load_target *target, char *user)
{
    static const char field[] = "Authorization: Basic ";
    char credentials[TARGET_AUTHORITY + 1];
    if (*user == '\0')
        return NULL;
    snprintf(credentials, sizeof credentials, "%s%s", user, strchr(user, ':') ? "" : ":");
    size_t length = percent_decode(credentials);
    if (length == 0)
        return "a % in user or password must be followed by two hexadecimal digits";
    memcpy(target->authorization, field, sizeof field);
    base64(credentials, length, target->authorization + sizeof field - 1);
    return NULL;
}

const char *load_target_parse(struct load_target *target, const char *url, const char *unix_socket)
{
    static const char http[] = "http://", https[] = "https://";
    char authority[TARGET_AUTHORITY], *user = authority, *host_field = authority, *host;
    const char *port = "80";

    memset(target, 0, sizeof *target);
    target->is_tls = strncasecmp(url, https, sizeof https - 1) == 0;
    if (target->is_tls)
        port = "443";
    else if (strncasecmp(url, http, sizeof http - 1) != 0)
        return "must begin with http:// or https://";
    url += (target->is_tls ? sizeof https : sizeof http) - 1;
    size_t length = strcspn(url, "/?#");
    const char *path = url + length;
    if (length >= sizeof authority || strlen(path) + 2 > sizeof target->path)
        return "too long";
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "contains spaces or control characters";
    memcpy(authority, url, length);
    authority[length] = '\0';
    char *at = strrchr(authority, '@');
    if (at) {
        *at = '\0';
        host_field = at + 1;
    }
    snprintf(target->host, sizeof target->host, "%s", host_field);
    snprintf(target->path, sizeof target->path, "%s%.*s", *path == '/' ? "" : "/",
             (int)strcspn(path, "#"), path);
    const char *wrong = at ? set_authorization(target, user) : NULL;
    if (!wrong)
        wrong = split_port(host_field, &host, &port);
    if (wrong)
        return wrong;
    snprintf(target->name, sizeof target->name, "%.*s", (int)strcspn(host, "%"), host);
    split_zone(target->host, host);
    return unix_socket ? set_unix_address(target, unix_socket) : look_up(target, host, port);
}
