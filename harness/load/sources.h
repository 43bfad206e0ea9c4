#ifndef WAKEONE_SOURCES_H
#define WAKEONE_SOURCES_H

/*
 * Addresses that connections come from, each in turn. One source address has some 28,000 ports
 * towards one target (net.ipv4.ip_local_port_range); a range such as 127.0.0.0/24 has 254 times as
 * many.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct sources {
    int family; /* AF_INET, AF_INET6; 0 = the kernel chooses */
    uint64_t
        count; /* addresses; network and broadcast address of an IPv4 range are not among them */
    struct in6_addr first; /* an IPv4 address is in the first four bytes */
};

/* Reads "127.0.0.0/24", "127.0.0.9", "fd00::/112", "::1": 2^32 addresses at most. What is behind the
 * prefix does not matter. Returns NULL, or what is wrong. */
const char *sources_parse(struct sources *sources, const char *text);

/* The n-th address (counted round and round), with port 0. Returns its length. There must be one. */
socklen_t sources_address(const struct sources *sources, uint64_t n,
                          struct sockaddr_storage *address);

/* NULL, or which of the first and the last address this machine cannot connect from. */
const char *sources_check(const struct sources *sources);

#endif
