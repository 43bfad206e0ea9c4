/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * floor PORT CONNECTIONS COUNT: a minimal load generator, which measures nothing and checks nothing: the lower bound of the
 * cost of `load` (harness/validate/load_cost.sh). One epoll loop; socket, connect, send, recv, close, COUNT times, CONNECTIONS
 * at a time, to 127.0.0.1.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
static struct sockaddr_in target = {.sin_family = AF_INET};
static int queue;
static char received[64 * 1024];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void begin(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd < 0)
        die("socket");
    /* on loopback the handshake is complete when connect(2) returns, although it returns EINPROGRESS */
    (void)!connect(fd, (struct sockaddr *)&target, sizeof target);
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
        die("send");
    epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv)
{
    struct epoll_event ready[256];
    if (argc != 4) {
        fputs("usage: floor PORT CONNECTIONS COUNT\n", stderr);
        return 2;
    }
    target.sin_port = htons((uint16_t)atoi(argv[1]));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    long open = atol(argv[2]), count = atol(argv[3]), begun = 0, ended = 0;
    queue = epoll_create1(EPOLL_CLOEXEC);
    for (; begun < open && begun < count; begun++)
        begin();
    while (ended < count) {
        int n = epoll_wait(queue, ready, 256, -1);
        for (int i = 0; i < n; i++, ended++) {
            if (recv(ready[i].data.fd, received, sizeof received, 0) <= 0)
                die("recv");
            close(ready[i].data.fd);
            if (begun < count) {
                begin();
                begun++;
            }
        }
    }
    return 0;
}
