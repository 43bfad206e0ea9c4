#include "target.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

bool load_target_is_local(const struct load_target *target)
{
    if (target->address.ss_family == AF_UNIX)
        return true;
    if (target->address.ss_family == AF_INET) {
        const struct sockaddr_in *a = (const struct sockaddr_in *)&target->address;
        return (ntohl(a->sin_addr.s_addr) >> 24) == 127;
    }
    const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)&target->address;
    return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
}

/* 1 to 65535 in digits, as getaddrinfo(3) does not ask for. */
static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);
    return digits > 0 && digits <= 5 && text[digits] == '\0' && port >= 1 && port <= 65535;
}

/* Splits "host[:port]" or "[v6]:port" in place. */
static const char *split_port(char *authority, char **host, const char **port)
{
    char *colon, *end;
    *host = authority;
    *port = "80";
    if (authority[0] == '[') {
        end = strchr(authority, ']');
        if (!end || (end[1] != '\0' && end[1] != ':'))
            return "an address in [brackets] ends with ] or ]:port";
        colon = end[1] ? end + 1 : NULL;
        *host = authority + 1;
        *end = '\0';
    } else {
        colon = strchr(authority, ':');
    }
    if (colon)
        *colon = '\0';
    if (colon && colon[1]) /* none behind the colon is the default one (RFC 3986, 3.2.3) */
        *port = colon + 1;
    if (!is_port(*port))
        return "its port is not a number from 1 to 65535";
    return **host ? NULL : "there is no host in it";
}

static const char *set_unix_address(struct load_target *target, const char *path)
{
    struct sockaddr_un *address = (struct sockaddr_un *)&target->address;
    if (strlen(path) >= sizeof address->sun_path)
        return "the path of the UNIX socket is longer than 107 bytes";
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
    target->address_length = sizeof *address;
    return NULL;
}

static const char *look_up(struct load_target *target, const char *host, const char *port)
{
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int error = getaddrinfo(host, port, &hints, &found);
    if (error)
        return gai_strerror(error);
    memcpy(&target->address, found->ai_addr, found->ai_addrlen);
    target->address_length = found->ai_addrlen;
    freeaddrinfo(found);
    return NULL;
}

const char *load_target_parse(struct load_target *target, const char *url, const char *unix_socket)
{
    static const char scheme[] = "http://";
    char authority[256], *host;
    const char *port;

    memset(target, 0, sizeof *target);
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return "it must begin with http://";
    url += sizeof scheme - 1;
    size_t length = strcspn(url, "/?#");
    const char *path = url + length;
    if (length >= sizeof authority || strlen(path) + 2 > sizeof target->path)
        return "it is too long";
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "it has blanks or control characters in it";
    memcpy(authority, url, length);
    authority[length] = '\0';
    snprintf(target->host, sizeof target->host, "%s", authority);
    snprintf(target->path, sizeof target->path, "%s%.*s", *path == '/' ? "" : "/",
             (int)strcspn(path, "#"), path);
    const char *wrong = split_port(authority, &host, &port);
    if (wrong)
        return wrong;
    return unix_socket ? set_unix_address(target, unix_socket) : look_up(target, host, port);
}
