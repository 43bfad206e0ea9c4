/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

union rights {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

static struct msghdr rights_message(struct iovec *byte, union rights *rights)
{
    return (struct msghdr){.msg_iov = byte,
                           .msg_iovlen = 1,
                           .msg_control = rights->space,
                           .msg_controllen = sizeof rights->space};
}

int channel_open(int ends[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    return 0;
}

bool channel_send(int channel, int fd)
{
    char nothing = 0;
    struct iovec byte = {&nothing, 1};
    union rights rights = {0};
    struct msghdr message = rights_message(&byte, &rights);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(channel, &message, MSG_NOSIGNAL) == 1;
}

enum channel_verdict channel_receive(int channel, int *fd)
{
    char nothing;
    struct iovec byte = {&nothing, 1};
    union rights rights;
    struct msghdr message = rights_message(&byte, &rights);
    ssize_t n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EAGAIN)
        return CHANNEL_EMPTY;
    if (n <= 0)
        return CHANNEL_ENDED;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return CHANNEL_LOST;
    memcpy(fd, CMSG_DATA(header), sizeof *fd);
    return CHANNEL_GOT;
}
