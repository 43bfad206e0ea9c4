/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slow_link NAMESPACE NAMESPACE DELAY_US [LOSS_PERCENT [SEED]]: a cable between two network namespaces (paths, such as
 * /run/netns/NAME) with a delay and with loss, for kernels without sch_netem.
 *
 * In each namespace it makes a TAP device "slow", which exists as long as this program. A frame that is sent by one device
 * arrives at the other after DELAY_US (0 to 1000000), in order. Each frame is dropped with the probability LOSS_PERCENT / 100
 * (0 to 100), by the generator erand48() from SEED: the same seed drops the same frames of the same sequence.
 *
 * Prints "ready pid=PID", and on SIGTERM a line "passed N dropped N overflowed N refused N" for each direction, the first
 * namespace's frames first. A frame overflows if CAPACITY are on their way, and is refused if the other device is down.
 * Exit status 1 with a message if a device cannot be made.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { CAPACITY = 4096, FRAME = 2048 };
#define NS_PER_S UINT64_C(1000000000)

struct frame {
    uint64_t due_ns;
    size_t length;
    unsigned char bytes[FRAME];
};

/* Frames on their way in one direction: numbers first to next - 1, each in its number modulo CAPACITY */
struct direction {
    int from, to;
    uint64_t first, next, passed, dropped, overflowed, refused;
    struct frame frames[CAPACITY];
};

static struct direction directions[2];
static uint64_t delay_ns;
static double loss;
static unsigned short random_state[3] = {0x330E, 0, 0};
static volatile sig_atomic_t ended;

static void die(const char *what)
{
    fprintf(stderr, "slow_link: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* A device belongs to the namespace in which /dev/net/tun was opened. */
static int open_tap(const char *namespace)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "slow"};
    int net = open(namespace, O_RDONLY | O_CLOEXEC);
    if (net < 0 || setns(net, CLONE_NEWNET) < 0)
        die(namespace);
    close(net);
    int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0)
        die("/dev/net/tun");
    return tap;
}

/* Takes all frames that the device has sent. */
static void take(struct direction *d)
{
    unsigned char bytes[FRAME];
    ssize_t length;
    while ((length = read(d->from, bytes, sizeof bytes)) > 0) {
        if (erand48(random_state) < loss) {
            d->dropped++;
        } else if (d->next - d->first == CAPACITY) {
            d->overflowed++;
        } else {
            struct frame *frame = &d->frames[d->next++ % CAPACITY];
            frame->due_ns = now_ns() + delay_ns;
            frame->length = (size_t)length;
            memcpy(frame->bytes, bytes, (size_t)length);
        }
    }
}

/* Passes on what is due. A device that is down, as the second one is at first, refuses all frames. */
static void pass(struct direction *d)
{
    for (; d->first < d->next; d->first++) {
        const struct frame *frame = &d->frames[d->first % CAPACITY];
        if (frame->due_ns > now_ns())
            return;
        if (write(d->to, frame->bytes, frame->length) == (ssize_t)frame->length)
            d->passed++;
        else
            d->refused++;
    }
}

/* until_due(): how long until the next frame is due; false if none is on its way */
static bool until_due(struct timespec *t)
{
    uint64_t due = UINT64_MAX, now = now_ns();
    for (unsigned i = 0; i < 2; i++) {
        const struct direction *d = &directions[i];
        if (d->first < d->next && d->frames[d->first % CAPACITY].due_ns < due)
            due = d->frames[d->first % CAPACITY].due_ns;
    }
    uint64_t left = due > now ? due - now : 0;
    *t = (struct timespec){(time_t)(left / NS_PER_S), (long)(left % NS_PER_S)};
    return due != UINT64_MAX;
}

static void end(int number)
{
    (void)number;
    ended = 1;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 6) {
        fprintf(stderr, "usage: slow_link NAMESPACE NAMESPACE DELAY_US [LOSS_PERCENT [SEED]]\n");
        return 2;
    }
    delay_ns = strtoull(argv[3], NULL, 10) * 1000;
    loss = argc > 4 ? strtod(argv[4], NULL) / 100 : 0;
    unsigned long seed = argc > 5 ? strtoul(argv[5], NULL, 10) : 1;
    random_state[1] = (unsigned short)seed;
    random_state[2] = (unsigned short)(seed >> 16);
    prctl(PR_SET_TIMERSLACK, 1UL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);

    int a = open_tap(argv[1]), b = open_tap(argv[2]);
    directions[0].from = directions[1].to = a;
    directions[0].to = directions[1].from = b;

    /* Signals arrive in ppoll() only, so that none is missed. */
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, &before);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
    printf("ready pid=%d\n", (int)getpid());
    fflush(stdout);

    struct pollfd polled[2] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    while (!ended) {
        struct timespec left;
        ppoll(polled, 2, until_due(&left) ? &left : NULL, &before);
        for (unsigned i = 0; i < 2; i++) {
            take(&directions[i]);
            pass(&directions[i]);
        }
    }
    for (unsigned i = 0; i < 2; i++)
        printf("passed %ju dropped %ju overflowed %ju refused %ju\n",
               (uintmax_t)directions[i].passed, (uintmax_t)directions[i].dropped,
               (uintmax_t)directions[i].overflowed, (uintmax_t)directions[i].refused);
    return 0;
}
