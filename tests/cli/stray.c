/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stray PORT: sends one segment without SYN to 127.0.0.1:PORT, of a connection that does not exist,
 * like a retransmission that arrives after the end of the connection. A socket in repair mode is
 * connected without a handshake, and leaving repair makes it probe its peer's window (Linux 3.5,
 * TCP_REPAIR; requires CAP_NET_ADMIN).
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { REPAIR_OFF, REPAIR_ON };

static int repair(int fd, int on)
{
    return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on);
}

int main(int argc, char **argv)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in to = from;
    if (argc != 2) {
        fputs("usage: stray PORT\n", stderr);
        return 2;
    }
    to.sin_port = htons((uint16_t)atoi(argv[1]));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        repair(fd, REPAIR_ON) != 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0 ||
        repair(fd, REPAIR_OFF) != 0) {
        perror("stray");
        return 1;
    }
    return 0;
}
