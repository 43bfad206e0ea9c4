/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TARGET_H
#define WAKEONE_TARGET_H

/* The target of requests: URL and addresses. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { TARGET_ADDRESSES = 16, TARGET_AUTHORITY = 256 };

struct load_address {
    struct sockaddr_storage address;
    socklen_t length;
};

struct load_target {
    unsigned count; /* addresses of the host, in the order of preference */
    struct load_address addresses[TARGET_ADDRESSES];
    unsigned taken;              /* index of the one in use */
    char host[TARGET_AUTHORITY]; /* value of the Host field */
    char path[1024];
    char name[TARGET_AUTHORITY]; /* host without port, to be verified in the certificate */
    bool is_tls;
    char authorization[2 * TARGET_AUTHORITY]; /* header field for the user in the URL, or empty */
    bool is_machine_error;                    /* the last error was the machine's, not the URL's */
};

/* Parses "http[s]://[user[:password]@]host[:port][/path]" and resolves the host. With a path in `unix_socket` (NULL = none)
 * connections go there, and the host is only used as a name, as with curl. Selects the first address. Returns NULL, or an
 * error message. */
const char *load_target_parse(struct load_target *target, const char *url, const char *unix_socket);

/* True if all addresses are local: loopback, or of one of the interfaces. */
bool load_target_is_local(const struct load_target *target);

/* True if they share an address and port, and both or neither use TLS. */
bool load_target_is_same_server(const struct load_target *a, const struct load_target *b);

/* Removes the addresses of other families. False if none is left. */
bool load_target_keep_family(struct load_target *target, int family);

/* If a host has several addresses, selects the first one that accepts a connection, with a timeout of `timeout_ns` for
 * each. Returns 0, or the errno of the first address if that was not selected. If none accepts, the first one remains
 * selected. */
int load_target_choose(struct load_target *target, uint64_t timeout_ns);

/* "127.0.0.1", "::1", "/run/socket" */
void load_target_format(const struct load_target *target, unsigned index, char *text, size_t size);

/* All addresses: "::1, 127.0.0.1" */
void load_target_format_all(const struct load_target *target, char *text, size_t size);

static inline const struct load_address *load_target_address(const struct load_target *target)
{
    return &target->addresses[target->taken];
}

#endif
