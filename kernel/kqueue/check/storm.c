/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * storm [SECONDS=600] [PROCESSES=12]: random operations from many processes at once: add, delete,
 * enable, disable, wait, close, dup, fork, kill, stop, signals, nested queues, connections, ends
 * of pipes. It checks nothing itself: run it on a kernel that detects errors (KASAN, lockdep,
 * kmemleak). Prints the number of operations.
 */

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 24, PROCESSES_MAX = 64 };

static int listener, slot[SLOTS];
static unsigned long long *done; /* operations of all processes; shared */

/*
 * Not rand(3), whose lock another thread may hold at a fork: the child would deadlock.
 * This is xorshift (G. Marsaglia, "Xorshift RNGs", 2003).
 */
static _Thread_local uint32_t random_state = 1;

static int any(int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return (int)(random_state % (uint32_t)n);
}

static int *random_slot(void)
{
	return &slot[any(SLOTS)];
}

static int make_descriptor(void)
{
	int ends[2];

	switch (any(8)) {
	case 0:
	case 1:
		return kqueue();
	case 2:
		return dup(listener);
	case 3:
		return eventfd((unsigned int)any(2), EFD_NONBLOCK);
	case 4:
		return epoll_create1(0);
	case 5: {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		return signalfd(-1, &set, SFD_NONBLOCK);
	}
	case 6:
		if (pipe2(ends, O_NONBLOCK) != 0)
			return -1;
		break;
	default:
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0)
			return -1;
	}
	close(slot[0]);
	slot[0] = ends[1];
	return ends[0];
}

static void change(void)
{
	static const short filters[] = { EVFILT_READ,  EVFILT_READ,  EVFILT_READ,
					 EVFILT_WRITE, EVFILT_TIMER, EVFILT_USER };
	static const unsigned short flags[] = {
		EV_ADD,	   EV_ADD,    EV_ADD,	  EV_ADD | EV_WAKEONE, EV_ADD | EV_WAKEONE,
		EV_DELETE, EV_ENABLE, EV_DISABLE, EV_ADD | EV_DISABLE, 0
	};
	static const unsigned short manners[] = { 0, 0, 0, EV_CLEAR, EV_ONESHOT, EV_DISPATCH };
	static const unsigned int notes[] = { 0,	 0,	    NOTE_REGISTERED,
					      NOTE_FIFO, NOTE_LIFO, NOTE_ROTATE };
	struct kevent changes[3];
	int i;

	for (i = 0; i < 3; i++) {
		short filter = filters[any(6)];
		unsigned short what = flags[any(10)];

		EV_SET(&changes[i], *random_slot(), filter, what | manners[any(6)], 0, any(5),
		       NULL);
		if (what & EV_WAKEONE) {
			changes[i].filter = EVFILT_READ;
			changes[i].fflags = notes[any(6)];
		}
		if (filter == EVFILT_USER)
			changes[i].fflags = any(2) ? NOTE_TRIGGER : 0;
	}
	kevent(*random_slot(), changes, 1 + any(3), NULL, 0, NULL);
}

static void wait_somewhere(void)
{
	struct timespec limit = { .tv_nsec = any(3) * 1000000 };
	struct kevent events[4];
	struct pollfd entry = { .fd = *random_slot(), .events = POLLIN };

	if (any(4))
		kevent(*random_slot(), NULL, 0, events, 1 + any(4), &limit);
	else
		poll(&entry, 1, any(3));
}

/* A connection that may fail */
static void knock(void)
{
	struct sockaddr_in there;
	socklen_t size = sizeof(there);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (getsockname(listener, (struct sockaddr *)&there, &size) == 0)
		(void)!connect(fd, (struct sockaddr *)&there, size);
	close(*random_slot());
	*random_slot() = fd;
}

static void move_data(void)
{
	static char block[512];
	int fd = *random_slot(), accepted;

	switch (any(4)) {
	case 0:
		(void)!write(fd, block, 8);
		break;
	case 1:
		(void)!read(fd, block, sizeof(block));
		break;
	case 2:
		accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (accepted >= 0) {
			close(*random_slot());
			*random_slot() = accepted;
		}
		break;
	default:
		knock();
	}
}

static void put_into_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	epoll_ctl(*random_slot(), any(3) ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, *random_slot(), &event);
}

static void replace(void)
{
	int *at = random_slot();

	close(*at);
	*at = any(6) ? make_descriptor() : dup(*random_slot());
}

static void step(void)
{
	switch (any(12)) {
	case 0:
	case 1:
	case 2:
	case 3:
		change();
		break;
	case 4:
	case 5:
	case 6:
		wait_somewhere();
		break;
	case 7:
	case 8:
		move_data();
		break;
	case 9:
		put_into_epoll();
		break;
	default:
		replace();
	}
	__atomic_fetch_add(done, 1, __ATOMIC_RELAXED);
}

static void *thread(void *seed)
{
	int i;

	random_state = (uint32_t)(uintptr_t)seed | 1;
	for (i = 0; i < 200; i++)
		step();
	return NULL;
}

/*
 * Runs until it is killed. Occasionally starts a thread, and a short-lived child with all
 * descriptors.
 */
static void storm(unsigned int seed)
{
	pthread_t other;
	int i;

	random_state = seed * 2654435761u | 1;
	for (i = 0; i < SLOTS; i++)
		slot[i] = -1;
	for (;;) {
		step();
		if (any(400) == 0 &&
		    pthread_create(&other, NULL, thread, (void *)(uintptr_t)any(INT32_MAX)) == 0)
			pthread_detach(other);
		if (any(600) == 0 && fork() == 0) {
			for (i = 0; i < 50; i++)
				step();
			_exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static void ignore(int number)
{
	(void)number;
}

static pid_t start(unsigned int seed)
{
	pid_t child = fork();

	if (child == 0)
		storm(seed);
	return child;
}

int main(int count, char **arguments)
{
	uint64_t end = now_ms() + (uint64_t)(count > 1 ? atoi(arguments[1]) : 600) * 1000;
	int processes = count > 2 ? atoi(arguments[2]) : 12, i, kills = 0;
	pid_t child[PROCESSES_MAX];
	unsigned int seed = 1;

	CHECK(processes > 0 && processes <= PROCESSES_MAX);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = ignore }, NULL);
	signal(SIGUSR2, SIG_IGN);
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	listener = listen_tcp();
	for (i = 0; i < processes; i++)
		child[i] = start(seed++);
	while (now_ms() < end) {
		i = any(processes);
		sleep_ms(10);
		switch (any(4)) {
		case 0:
			kill(child[i], SIGKILL);
			waitpid(child[i], NULL, 0);
			child[i] = start(seed++);
			kills++;
			break;
		case 1:
			kill(child[i], SIGSTOP);
			sleep_ms(any(20));
			kill(child[i], SIGCONT);
			break;
		default:
			kill(child[i], any(2) ? SIGUSR1 : SIGUSR2);
		}
	}
	for (i = 0; i < processes; i++)
		kill(child[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	printf("storm: %llu operations, %d processes killed\n", *done, kills);
	return 0;
}
