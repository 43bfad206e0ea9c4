/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SOURCES_H
#define WAKEONE_SOURCES_H

/*
 * Source addresses of connections, used round robin. One source address has about 28,000 ports towards one target
 * (net.ipv4.ip_local_port_range); a range such as 127.0.0.0/24 has 254 times as many.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct sources {
    int family; /* AF_INET, AF_INET6; 0 = the kernel chooses */
    uint64_t
        count; /* number of addresses, without network and broadcast address of an IPv4 range */
    struct in6_addr first; /* an IPv4 address is in the first four bytes */
};

/* Parses "127.0.0.0/24", "127.0.0.9", "fd00::/112", "::1": 2^32 addresses at most. Host bits are ignored. Returns NULL, or
 * an error message. */
const char *sources_parse(struct sources *sources, const char *text);

/* Address n modulo the count, with port 0. Returns its length. `count` must not be 0. */
socklen_t sources_address(const struct sources *sources, uint64_t n,
                          struct sockaddr_storage *address);

/* NULL, or an error message if this machine cannot bind to the first or the last address. */
const char *sources_check(const struct sources *sources);

#endif
