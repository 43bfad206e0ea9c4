#ifndef WAKEONE_TARGET_H
#define WAKEONE_TARGET_H

/* Where requests go. */

#include <stdbool.h>
#include <sys/socket.h>

struct load_target {
    struct sockaddr_storage address;
    socklen_t address_length;
    char host[272]; /* as it goes into the Host field */
    char path[1024];
};

/* Reads "http://host[:port][/path]" and looks the host up. With the path of a UNIX socket connections
 * go there, and the host is only a name (as with curl); NULL = none. Returns NULL, or what is wrong. */
const char *load_target_parse(struct load_target *target, const char *url, const char *unix_socket);

/* This machine, without the network. */
bool load_target_is_local(const struct load_target *target);

#endif
