/* SPDX-License-Identifier: BSD-2-Clause */
#include "sources.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than there are ports, and few enough that a count never overflows. */
static const unsigned HOST_BITS_MAX = 32;

static unsigned address_bits(int family)
{
    return family == AF_INET ? 32 : 128;
}

/* Adds n to an address, a big-endian number. */
static void add(unsigned char *bytes, unsigned count, uint64_t n)
{
    for (unsigned i = count; i-- > 0; n >>= 8) {
        n += bytes[i];
        bytes[i] = (unsigned char)n;
    }
}

static void clear_bits(unsigned char *bytes, unsigned count, unsigned bits)
{
    for (unsigned i = count; i-- > 0 && bits > 0;) {
        unsigned here = bits < 8 ? bits : 8;
        bytes[i] &= (unsigned char)(0xff << here);
        bits -= here;
    }
}

static bool read_prefix(const char *text, unsigned most, unsigned *prefix)
{
    size_t digits = strspn(text, "0123456789");
    *prefix = (unsigned)strtoul(text, NULL, 10);
    return digits >= 1 && digits <= 3 && text[digits] == '\0' && *prefix <= most;
}

const char *sources_parse(struct sources *sources, const char *text)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);

    memset(sources, 0, sizeof *sources);
    if (length >= sizeof address)
        return "too long for an address";
    memcpy(address, text, length);
    address[length] = '\0';
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;
    unsigned bits = address_bits(family), prefix = bits;
    if (inet_pton(family, address, &sources->first) != 1)
        return "not an address such as 127.0.0.0/24 or ::1";
    if (slash && !read_prefix(slash + 1, bits, &prefix))
        return "invalid prefix length after /";
    if (bits - prefix > HOST_BITS_MAX)
        return "more than 2^32 addresses";
    unsigned host_bits = bits - prefix;
    clear_bits(sources->first.s6_addr, bits / 8, host_bits);
    sources->family = family;
    sources->count = UINT64_C(1) << host_bits;
    if (family == AF_INET && host_bits >= 2) { /* without network and broadcast address */
        add(sources->first.s6_addr, bits / 8, 1);
        sources->count -= 2;
    }
    return NULL;
}

socklen_t sources_address(const struct sources *sources, uint64_t n,
                          struct sockaddr_storage *address)
{
    struct in6_addr bytes = sources->first;
    add(bytes.s6_addr, address_bits(sources->family) / 8, n % sources->count);
    memset(address, 0, sizeof *address);
    address->ss_family = (sa_family_t)sources->family;
    if (sources->family == AF_INET) {
        memcpy(&((struct sockaddr_in *)address)->sin_addr, &bytes, sizeof(struct in_addr));
        return sizeof(struct sockaddr_in);
    }
    ((struct sockaddr_in6 *)address)->sin6_addr = bytes;
    return sizeof(struct sockaddr_in6);
}

static bool can_bind(const struct sources *sources, uint64_t n)
{
    struct sockaddr_storage address;
    socklen_t length = sources_address(sources, n, &address);
    int fd = socket(sources->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool bound = bind(fd, (const struct sockaddr *)&address, length) == 0;
    close(fd);
    return bound;
}

const char *sources_check(const struct sources *sources)
{
    static char message_buffer[128];
    const uint64_t ends[] = {0, sources->count - 1};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sockaddr_storage address;
        char text[INET6_ADDRSTRLEN];
        if (can_bind(sources, ends[i]))
            continue;
        int error = errno;
        sources_address(sources, ends[i], &address);
        const void *bytes = sources->family == AF_INET
                                ? (const void *)&((struct sockaddr_in *)&address)->sin_addr
                                : (const void *)&((struct sockaddr_in6 *)&address)->sin6_addr;
        inet_ntop(sources->family, bytes, text, sizeof text);
        snprintf(message_buffer, sizeof message_buffer, "cannot bind to %s: %s", text,
                 strerror(error));
        return message_buffer;
    }
    return NULL;
}
