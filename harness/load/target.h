#ifndef WAKEONE_TARGET_H
#define WAKEONE_TARGET_H

/* Where requests go. */

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
    unsigned count; /* addresses of the host, in the order they are to be tried in */
    struct load_address addresses[TARGET_ADDRESSES];
    unsigned taken;              /* index of the one that connections go to */
    char host[TARGET_AUTHORITY]; /* as it goes into the Host field */
    char path[1024];
    char name[TARGET_AUTHORITY]; /* the host alone, that a certificate must be of */
    bool is_tls;
    char authorization[2 * TARGET_AUTHORITY]; /* the field for the user of the URL, or empty */
    bool is_machine_error;                    /* why it cannot be used: not what is in the URL */
};

/* Reads "http[s]://[user[:password]@]host[:port][/path]" and looks the host up. With the path of a UNIX socket
 * connections go there, and the host is only a name (as with curl); NULL = none. The first address is taken. Returns
 * NULL, or what is wrong. */
const char *load_target_parse(struct load_target *target, const char *url, const char *unix_socket);

/* All addresses are of this machine: of loopback, or of one of its interfaces. */
bool load_target_is_local(const struct load_target *target);

/* An address and port of one is an address and port of the other, and so is TLS. */
bool load_target_is_same_server(const struct load_target *a, const struct load_target *b);

/* Leaves out the addresses of other families. False if none is left. */
bool load_target_keep_family(struct load_target *target, int family);

/* Where a host has several addresses, takes the first that accepts a connection, waiting for `timeout_ns` at most for
 * each. Returns 0, or the errno of the first address if that is not the one taken. If none accepts the first one
 * stays. */
int load_target_choose(struct load_target *target, uint64_t timeout_ns);

/* "127.0.0.1", "::1", "/run/socket" */
void load_target_format(const struct load_target *target, unsigned index, char *text, size_t size);

/* All of them: "::1, 127.0.0.1" */
void load_target_format_all(const struct load_target *target, char *text, size_t size);

static inline const struct load_address *load_target_address(const struct load_target *target)
{
    return &target->addresses[target->taken];
}

#endif
