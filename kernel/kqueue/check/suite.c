/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * suite: tests of kqueue(2) and kevent(2), each in a process of its own. Prints "ok NAME" or
 * "not ok NAME: ..."; exit 1 if one is not ok. Requires root: it sets parameters of the module, and
 * restores them.
 */

#include "check.h"

#include <arpa/inet.h>
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
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct timespec at_once = { 0 };
static const struct timespec soon = {
	.tv_nsec = 20000000
}; /* for events that must not arrive */
static const struct timespec long_timeout = { .tv_sec = 5 };

static int queue;
static struct kevent got[8];

/* change(...): 0 or the errno */
static int change(uintptr_t ident, int filter, int flags, unsigned int fflags, int64_t data,
		  void *udata)
{
	struct kevent event;

	EV_SET(&event, ident, filter, flags, fflags, data, udata);
	return kevent(queue, &event, 1, NULL, 0, NULL) < 0 ? errno : 0;
}

static int add(uintptr_t ident, int filter, int flags)
{
	return change(ident, filter, EV_ADD | flags, 0, 0, NULL);
}

static int get_events(const struct timespec *limit)
{
	return kevent(queue, NULL, 0, got, 8, limit);
}

/* ---- descriptors ---- */

static void reads_a_pipe(void)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	CHECK(add((uintptr_t)ends[0], EVFILT_READ, 0) == 0);
	CHECK(get_events(&soon) == 0);
	CHECK(write(ends[1], "12345", 5) == 5);
	CHECK(get_events(&long_timeout) == 1);
	CHECK(got[0].ident == (uintptr_t)ends[0] && got[0].filter == EVFILT_READ &&
	      got[0].data == 5);
	CHECK(get_events(&at_once) == 1 && got[0].data == 5); /* level-triggered */
	CHECK(write(ends[1], "678", 3) == 3);
	CHECK(get_events(&at_once) == 1 && got[0].data == 8);
	CHECK(read(ends[0], got, 8) == 8);
	CHECK(get_events(&soon) == 0);
	close(ends[1]);
	CHECK(get_events(&long_timeout) == 1 && (got[0].flags & EV_EOF) && got[0].data == 0);
}

static void writes_a_pipe(void)
{
	int ends[2];
	static char block[65536]; /* the largest page */
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int64_t room = 16 * (int64_t)page;

	CHECK(pipe2(ends, O_NONBLOCK) == 0);
	CHECK(add((uintptr_t)ends[1], EVFILT_WRITE, 0) == 0);
	CHECK(get_events(&long_timeout) == 1 && got[0].data == room);
	CHECK(write(ends[1], block, page) == (ssize_t)page);
	CHECK(get_events(&long_timeout) == 1 && got[0].data == room - (int64_t)page);
	while (write(ends[1], block, page) > 0)
		;
	CHECK(get_events(&soon) == 0);
	CHECK(read(ends[0], block, page) == (ssize_t)page);
	CHECK(get_events(&long_timeout) == 1);
	close(ends[0]);
	CHECK(get_events(&long_timeout) == 1 && (got[0].flags & EV_EOF));
}

static void reads_sockets(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	size_t i;

	for (i = 0; i < 2; i++) {
		int ends[2];

		CHECK(socketpair(AF_UNIX, types[i], 0, ends) == 0);
		CHECK(add((uintptr_t)ends[0], EVFILT_READ, 0) == 0);
		CHECK(write(ends[1], "12345", 5) == 5 && write(ends[1], "67", 2) == 2);
		CHECK(get_events(&long_timeout) == 1 && got[0].data == 7);
		CHECK(change((uintptr_t)ends[0], EVFILT_READ, EV_DELETE, 0, 0, NULL) == 0);
	}
}

static void reads_tcp(void)
{
	struct linger reset = { 1, 0 };
	int listener = listen_tcp(), client, server;

	client = connect_tcp(listener);
	server = accept_tcp(listener);
	CHECK(add((uintptr_t)server, EVFILT_READ, 0) == 0 &&
	      add((uintptr_t)server, EVFILT_WRITE, EV_ONESHOT) == 0);
	CHECK(get_events(&long_timeout) == 1 && got[0].filter == EVFILT_WRITE && got[0].data > 1000);
	CHECK(get_events(&soon) == 0);
	CHECK(send(client, "123", 3, 0) == 3);
	CHECK(get_events(&long_timeout) == 1 && got[0].data == 3 && !(got[0].flags & EV_EOF));
	CHECK(shutdown(client, SHUT_WR) == 0);
	CHECK(get_events(&long_timeout) == 1 && got[0].data >= 3 && (got[0].flags & EV_EOF) &&
	      got[0].fflags == 0);
	CHECK(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0);
	close(client);
	sleep_ms(50);
	CHECK(get_events(&long_timeout) == 1 && (got[0].flags & EV_EOF) &&
	      (got[0].fflags == ECONNRESET || got[0].fflags == EPIPE));
}

static void counts_the_backlog(void)
{
	int listener = listen_tcp(), i;

	CHECK(add((uintptr_t)listener, EVFILT_READ, 0) == 0);
	for (i = 1; i <= 3; i++) {
		connect_tcp(listener);
		CHECK(get_events(&long_timeout) == 1 && got[0].data == i);
	}
	accept_tcp(listener);
	CHECK(get_events(&long_timeout) == 1 && got[0].data == 2);
}

/* ---- flags of reporting ---- */

static void clears(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	CHECK(add((uintptr_t)fd, EVFILT_READ, EV_CLEAR) == 0);
	eventfd_write(fd, 1);
	CHECK(get_events(&long_timeout) == 1 && (got[0].flags & EV_CLEAR));
	CHECK(get_events(&soon) == 0);
	eventfd_write(fd, 1);
	CHECK(get_events(&long_timeout) == 1);
	CHECK(get_events(&soon) == 0);
}

static void tells_once(void)
{
	int fd = eventfd(1, 0);

	CHECK(add((uintptr_t)fd, EVFILT_READ, EV_ONESHOT) == 0);
	CHECK(get_events(&long_timeout) == 1);
	CHECK(get_events(&soon) == 0);
	CHECK(change((uintptr_t)fd, EVFILT_READ, EV_DELETE, 0, 0, NULL) == ENOENT);
}

static void dispatches(void)
{
	int fd = eventfd(1, 0);

	CHECK(add((uintptr_t)fd, EVFILT_READ, EV_DISPATCH) == 0);
	CHECK(get_events(&long_timeout) == 1);
	CHECK(get_events(&soon) == 0);
	CHECK(change((uintptr_t)fd, EVFILT_READ, EV_ENABLE, 0, 0, got) == 0);
	CHECK(get_events(&long_timeout) == 1 && got[0].udata == got);
	CHECK(get_events(&soon) == 0);
}

static void disables_and_enables(void)
{
	int fd = eventfd(1, 0);

	CHECK(add((uintptr_t)fd, EVFILT_READ, EV_DISABLE) == 0);
	CHECK(get_events(&soon) == 0);
	CHECK(change((uintptr_t)fd, EVFILT_READ, EV_ENABLE, 0, 0, NULL) == 0);
	CHECK(get_events(&long_timeout) == 1);
	CHECK(change((uintptr_t)fd, EVFILT_READ, EV_DISABLE, 0, 0, NULL) == 0);
	CHECK(get_events(&soon) == 0);
	CHECK(change((uintptr_t)fd, EVFILT_READ, EV_DELETE, 0, 0, NULL) == 0);
	CHECK(change((uintptr_t)fd, EVFILT_READ, EV_ENABLE, 0, 0, NULL) == ENOENT);
}

static void answers_each_change(void)
{
	int fd = eventfd(1, 0);
	struct kevent changes[3];

	EV_SET(&changes[0], fd, EVFILT_READ, EV_ADD | EV_RECEIPT, 0, 0, changes);
	EV_SET(&changes[1], 999, EVFILT_READ, EV_ADD, 0, 0, changes + 1);
	EV_SET(&changes[2], fd, EVFILT_WRITE, EV_ADD, 0, 0, NULL);
	CHECK(kevent(queue, changes, 3, got, 8, &long_timeout) == 2);
	CHECK((got[0].flags & EV_ERROR) && got[0].data == 0 && got[0].udata == changes);
	CHECK((got[1].flags & EV_ERROR) && got[1].data == EBADF && got[1].udata == changes + 1);
	CHECK(get_events(&long_timeout) == 2); /* the third was applied, too */
	/* Without room the first error is returned, and the remaining changes are not applied. */
	changes[0].ident = 999;
	changes[0].flags = EV_ADD;
	changes[2].flags = EV_DELETE;
	CHECK(kevent(queue, changes, 3, NULL, 0, NULL) == -1 && errno == EBADF);
	CHECK(get_events(&long_timeout) == 2);
}

static void takes_what_came_back(void)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	close(ends[1]);
	CHECK(add((uintptr_t)ends[0], EVFILT_READ, EV_CLEAR) == 0);
	CHECK(get_events(&long_timeout) == 1 && (got[0].flags & EV_EOF));
	got[0].flags |= EV_ADD;
	CHECK(kevent(queue, got, 1, NULL, 0, NULL) == 0);
}

static void tells_no_more_than_there_is_room_for(void)
{
	int i, first[3];

	for (i = 0; i < 3; i++) {
		first[i] = eventfd(1, 0);
		CHECK(add((uintptr_t)first[i], EVFILT_READ, 0) == 0);
	}
	CHECK(kevent(queue, NULL, 0, got, 2, &long_timeout) == 2);
	CHECK(kevent(queue, NULL, 0, got + 2, 2, &long_timeout) == 2);
	CHECK(got[0].ident != got[1].ident && got[2].ident != got[0].ident &&
	      got[2].ident != got[1].ident);
	CHECK(get_events(&long_timeout) == 3);
}

/* ---- timers ---- */

static void times(void)
{
	CHECK(change(1, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 10, NULL) == 0);
	CHECK(get_events(&long_timeout) == 1 && got[0].ident == 1 && got[0].data == 1);
	CHECK(get_events(&soon) == 0 && change(1, EVFILT_TIMER, EV_DELETE, 0, 0, NULL) == ENOENT);
	CHECK(change(2, EVFILT_TIMER, EV_ADD, NOTE_USECONDS, 1000, NULL) == 0);
	sleep_ms(100);
	CHECK(get_events(&long_timeout) == 1 && got[0].data >= 90);
	CHECK(get_events(&long_timeout) == 1 && got[0].data >= 1);
	CHECK(change(2, EVFILT_TIMER, EV_ADD, NOTE_SECONDS, 100, NULL) == 0); /* changed */
	CHECK(get_events(&soon) == 0);
	CHECK(change(2, EVFILT_TIMER, EV_DELETE, 0, 0, NULL) == 0);
	CHECK(change(3, EVFILT_TIMER, EV_ADD, NOTE_NSECONDS, 1, NULL) == 0); /* is no storm */
	CHECK(get_events(&long_timeout) == 1 && get_events(&long_timeout) == 1);
	CHECK(change(3, EVFILT_TIMER, EV_DELETE, 0, 0, NULL) == 0);
	CHECK(change(4, EVFILT_TIMER, EV_ADD, NOTE_SECONDS | NOTE_ABSTIME, 1, NULL) ==
	      0); /* in 1970 */
	CHECK(get_events(&long_timeout) == 1 && get_events(&soon) == 0);
	CHECK(change(5, EVFILT_TIMER, EV_ADD, 0, -1, NULL) == EINVAL);
	CHECK(change(5, EVFILT_TIMER, EV_ADD, NOTE_SECONDS, INT64_MAX, NULL) == EINVAL);
	CHECK(change(5, EVFILT_TIMER, EV_ADD, NOTE_SECONDS | NOTE_USECONDS, 1, NULL) == EINVAL);
	CHECK(change(5, EVFILT_TIMER, EV_DELETE, 0, 0, NULL) == ENOENT);
}

/* ---- user events ---- */

static void triggers(void)
{
	CHECK(change(7, EVFILT_USER, EV_ADD, NOTE_FFCOPY | 6, 0, NULL) == 0);
	CHECK(get_events(&soon) == 0);
	CHECK(change(7, EVFILT_USER, 0, NOTE_FFOR | NOTE_TRIGGER | 1, 9, got) == 0);
	CHECK(get_events(&long_timeout) == 1 && got[0].fflags == 7 && got[0].data == 9);
	CHECK(get_events(&long_timeout) == 1);
	CHECK(change(7, EVFILT_USER, 0, NOTE_FFAND | 3, 0, NULL) == 0);
	CHECK(get_events(&long_timeout) == 1 && got[0].fflags == 3);
	CHECK(change(7, EVFILT_USER, EV_DELETE, 0, 0, NULL) == 0);
	CHECK(change(8, EVFILT_USER, EV_ADD | EV_CLEAR, NOTE_TRIGGER, 0, NULL) == 0);
	CHECK(get_events(&long_timeout) == 1 && get_events(&soon) == 0);
	CHECK(change(8, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL) == 0);
	CHECK(get_events(&long_timeout) == 1 && get_events(&soon) == 0);
}

static void *trigger_soon(void *unused)
{
	(void)unused;
	sleep_ms(30);
	change(1, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL);
	return NULL;
}

static void wakes_a_thread(void)
{
	pthread_t thread;

	CHECK(change(1, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, NULL) == 0);
	CHECK(pthread_create(&thread, NULL, trigger_soon, NULL) == 0);
	CHECK(kevent(queue, NULL, 0, got, 8, NULL) == 1);
	pthread_join(thread, NULL);
}

/* ---- errors ---- */

static void refuses(void)
{
	static const struct {
		int filter, flags;
		unsigned int fflags;
	} wrong[] = {
		{ -3, EV_ADD, 0 },
		{ 0, EV_ADD, 0 },
		{ EVFILT_READ, EV_ADD | 0x0100, 0 },
		{ EVFILT_READ, EV_ADD, 1 },
		{ EVFILT_READ, EV_ADD, NOTE_FIFO },
		{ EVFILT_READ, EV_ADD | EV_WAKEONE, NOTE_FIFO | NOTE_LIFO },
		{ EVFILT_WRITE, EV_ADD | EV_WAKEONE, 0 },
		{ EVFILT_TIMER, EV_ADD, 0x100 },
	};
	int file = open("/tmp/regular", O_RDWR | O_CREAT, 0600), ends[2];
	size_t i;

	CHECK(pipe(ends) == 0);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct kevent event;

		EV_SET(&event, ends[0], wrong[i].filter, wrong[i].flags, wrong[i].fflags, 0, NULL);
		CHECK(kevent(queue, &event, 1, NULL, 0, NULL) == -1 && errno == EINVAL);
		CHECK(kevent_invalid(&event) != NULL);
	}
	CHECK(file >= 0 && add((uintptr_t)file, EVFILT_READ, 0) == EPERM);
	CHECK(add(999, EVFILT_READ, 0) == EBADF && add((uintptr_t)-1, EVFILT_READ, 0) == EBADF);
	CHECK(add((uintptr_t)queue, EVFILT_READ, 0) == EINVAL);
	CHECK(change((uintptr_t)ends[0], EVFILT_READ, EV_DELETE, 0, 0, NULL) == ENOENT);
	CHECK(kevent(queue, (void *)8, 1, NULL, 0, NULL) == -1 && errno == EFAULT);
	CHECK(kevent(queue, NULL, -1, NULL, 0, NULL) == -1 && errno == EINVAL);
	CHECK(kevent(queue, NULL, 0, got, -1, NULL) == -1 && errno == EINVAL);
	CHECK(kevent(queue, NULL, 0, got, 8, &(struct timespec){ .tv_nsec = -1 }) == -1 &&
	      errno == EINVAL);
	CHECK(kevent(queue, NULL, 0, got, 8, (void *)8) == -1 && errno == EFAULT);
	CHECK(ioctl(queue, FIONREAD, got) == -1 && errno == ENOTTY);
	CHECK(kevent(queue, NULL, 0, NULL, 0, NULL) == 0);
}

/* An event that could not be copied is reported later. */
static void keeps_what_it_could_not_tell(void)
{
	int fd = eventfd(1, 0);

	CHECK(add((uintptr_t)fd, EVFILT_READ, EV_CLEAR) == 0);
	CHECK(kevent(queue, NULL, 0, (void *)8, 1, &long_timeout) == -1 && errno == EFAULT);
	CHECK(get_events(&long_timeout) == 1);
}

static void is_full(void)
{
	int i;

	set_parameter("max_knotes", "3");
	for (i = 0; i < 3; i++)
		CHECK(change((uintptr_t)i, EVFILT_USER, EV_ADD, 0, 0, NULL) == 0);
	CHECK(change(3, EVFILT_USER, EV_ADD, 0, 0, NULL) == ENOMEM);
	CHECK(change(0, EVFILT_USER, EV_DELETE, 0, 0, NULL) == 0);
	CHECK(change(3, EVFILT_USER, EV_ADD, 0, 0, NULL) == 0);
}

static void handler(int number)
{
	(void)number;
}

static void is_interrupted(void)
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(SIGALRM, &action, NULL);
	ualarm(20000, 0);
	CHECK(kevent(queue, NULL, 0, got, 8, &long_timeout) == -1 && errno == EINTR);
}

static void ends_in_time(void)
{
	uint64_t from = now_ms();

	CHECK(kevent(queue, NULL, 0, got, 8, &(struct timespec){ .tv_nsec = 60000000 }) == 0);
	CHECK(now_ms() - from >= 60);
}

/* ---- lifetimes ---- */

static void outlives_a_close(void)
{
	int ends[2], again[2];

	CHECK(pipe(ends) == 0);
	CHECK(add((uintptr_t)ends[0], EVFILT_READ, 0) == 0);
	close(ends[0]);
	CHECK(write(ends[1], "1", 1) == 1); /* the knote holds the file: no SIGPIPE */
	CHECK(get_events(&long_timeout) == 1);
	/* The number is reused: the old knote is dropped when the new one is added. */
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, again) == 0 && again[0] == ends[0]);
	CHECK(add((uintptr_t)again[0], EVFILT_READ, 0) == 0);
	CHECK(get_events(&soon) == 0);
	signal(SIGPIPE, SIG_IGN);
	CHECK(write(ends[1], "1", 1) == -1 && errno == EPIPE);
}

static void deletes_what_was_closed(void)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	CHECK(add((uintptr_t)ends[0], EVFILT_READ, 0) == 0);
	close(ends[0]);
	CHECK(change((uintptr_t)ends[0], EVFILT_READ, EV_DELETE, 0, 0, NULL) == 0);
	signal(SIGPIPE, SIG_IGN);
	CHECK(write(ends[1], "1", 1) == -1 && errno == EPIPE);
}

static void watches_a_duplicate(void)
{
	int fd = eventfd(1, 0), other = dup(fd);

	CHECK(add((uintptr_t)fd, EVFILT_READ, 0) == 0 &&
	      add((uintptr_t)other, EVFILT_READ, 0) == 0);
	CHECK(get_events(&long_timeout) == 2);
	close(fd);
	CHECK(get_events(&long_timeout) == 2);
}

static void is_not_inherited(void)
{
	int fd = eventfd(1, 0), status;
	pid_t child;

	CHECK(add((uintptr_t)fd, EVFILT_READ, 0) == 0);
	child = fork();
	if (child == 0)
		_exit(kevent(queue, NULL, 0, got, 8, &at_once) == -1 && errno == EBADF ? 0 : 1);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(get_events(&long_timeout) == 1);
}

/*
 * The knotes of a process that ends are dropped, although its child still has the descriptor: the
 * pipe is closed then.
 */
static void ends_with_its_program(void)
{
	int ends[2];
	pid_t owner;

	signal(SIGPIPE, SIG_IGN);
	CHECK(pipe(ends) == 0);
	owner = fork();
	if (owner == 0) {
		queue = kqueue();
		add((uintptr_t)ends[0], EVFILT_READ, 0);
		close(ends[0]);
		if (fork() == 0) {
			sleep_ms(2000);
			_exit(0);
		}
		_exit(0);
	}
	close(ends[0]);
	CHECK(waitpid(owner, NULL, 0) == owner);
	sleep_ms(20);
	CHECK(write(ends[1], "1", 1) == -1 && errno == EPIPE);
}

/* The wait queue of a signalfd is freed with the process (POLLFREE). */
static void outlives_a_wait_queue(void)
{
	sigset_t set;
	pid_t child;
	int ends[2];

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	child = fork();
	if (child == 0) {
		int fd = signalfd(-1, &set, 0), own = kqueue(), epoll = epoll_create1(0);
		struct kevent event;

		EV_SET(&event, fd, EVFILT_READ, EV_ADD, 0, 0, NULL);
		kevent(own, &event, 1, NULL, 0, NULL);
		EV_SET(&event, epoll, EVFILT_READ, EV_ADD, 0, 0, NULL);
		kevent(own, &event, 1, NULL, 0, NULL);
		send_descriptor(ends[1], own);
		_exit(0);
	}
	CHECK(receive_descriptor(ends[0]) >= 0);
	CHECK(waitpid(child, NULL, 0) == child);
	sleep_ms(20);
}

/* ---- a queue in a queue ---- */

static void is_watched(void)
{
	int fd = eventfd(0, EFD_NONBLOCK), inner = queue, outer = kqueue(), third = kqueue();
	struct kevent event;

	CHECK(add((uintptr_t)fd, EVFILT_READ, 0) == 0);
	EV_SET(&event, inner, EVFILT_READ, EV_ADD, 0, 0, NULL);
	CHECK(kevent(outer, &event, 1, got, 0, NULL) == 0);
	CHECK(kevent(outer, NULL, 0, got, 8, &soon) == 0);
	eventfd_write(fd, 1);
	CHECK(kevent(outer, NULL, 0, got, 8, &long_timeout) == 1 && got[0].ident == (uintptr_t)inner);
	EV_SET(&event, outer, EVFILT_READ, EV_ADD, 0, 0, NULL);
	CHECK(kevent(third, &event, 1, NULL, 0, NULL) == -1 && errno == ELOOP);
	CHECK(kevent(inner, &event, 1, NULL, 0, NULL) == -1 && errno == ELOOP);
	close(outer); /* nothing is nested any more */
	outer = kqueue();
	EV_SET(&event, outer, EVFILT_READ, EV_ADD, 0, 0, NULL);
	CHECK(kevent(inner, &event, 1, NULL, 0, NULL) == 0);
}

static void is_polled(void)
{
	int fd = eventfd(0, EFD_NONBLOCK), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd entry = { .fd = queue, .events = POLLIN };

	CHECK(add((uintptr_t)fd, EVFILT_READ, 0) == 0);
	CHECK(poll(&entry, 1, 20) == 0);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, queue, &event) == 0);
	CHECK(epoll_wait(epoll, &event, 1, 20) == 0);
	eventfd_write(fd, 1);
	CHECK(epoll_wait(epoll, &event, 1, 5000) == 1);
	CHECK(poll(&entry, 1, 5000) == 1);
	/* A cycle: the epoll that contains this queue, in this queue. */
	CHECK(add((uintptr_t)epoll, EVFILT_READ, 0) == 0);
	CHECK(get_events(&long_timeout) == 2);
	eventfd_write(fd, 1);
	CHECK(get_events(&long_timeout) == 2);
}

/* The same cycle without a waiter: one event wakes a poller once, not for ever. */
static void goes_round_once(void)
{
	int epoll = epoll_create1(0), observer = epoll_create1(0), i, seen = 0;
	struct epoll_event event = { .events = EPOLLIN };

	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, queue, &event) == 0);
	event.events = EPOLLIN | EPOLLET;
	CHECK(epoll_ctl(observer, EPOLL_CTL_ADD, queue, &event) == 0);
	CHECK(add((uintptr_t)epoll, EVFILT_READ, 0) == 0);
	CHECK(change(1, EVFILT_USER, EV_ADD, NOTE_TRIGGER, 0, NULL) == 0);
	for (i = 0; i < 50; i++)
		seen += epoll_wait(observer, &event, 1, 10);
	CHECK(seen >= 1 && seen <= 2); /* the event, and the epoll in this queue */
}

static void *take_one(void *unused)
{
	struct kevent mine;

	(void)unused;
	return (void *)(intptr_t)kevent(queue, NULL, 0, &mine, 1, &long_timeout);
}

/* Two threads sleep in one queue, two events occur: each thread gets one. */
static void shares_out_among_threads(void)
{
	pthread_t threads[2];
	void *taken;
	int i;

	for (i = 0; i < 2; i++) {
		CHECK(change((uintptr_t)i, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, NULL) == 0);
		CHECK(pthread_create(&threads[i], NULL, take_one, NULL) == 0);
	}
	sleep_ms(50);
	for (i = 0; i < 2; i++)
		CHECK(change((uintptr_t)i, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL) == 0);
	for (i = 0; i < 2; i++) {
		CHECK(pthread_join(threads[i], &taken) == 0);
		CHECK((intptr_t)taken == 1);
	}
}

static const struct test tests[] = {
	TEST(reads_a_pipe),
	TEST(writes_a_pipe),
	TEST(reads_sockets),
	TEST(reads_tcp),
	TEST(counts_the_backlog),
	TEST(clears),
	TEST(tells_once),
	TEST(dispatches),
	TEST(disables_and_enables),
	TEST(answers_each_change),
	TEST(takes_what_came_back),
	TEST(tells_no_more_than_there_is_room_for),
	TEST(times),
	TEST(triggers),
	TEST(wakes_a_thread),
	TEST(refuses),
	TEST(keeps_what_it_could_not_tell),
	TEST(is_full),
	TEST(is_interrupted),
	TEST(ends_in_time),
	TEST(outlives_a_close),
	TEST(deletes_what_was_closed),
	TEST(watches_a_duplicate),
	TEST(is_not_inherited),
	TEST(ends_with_its_program),
	TEST(outlives_a_wait_queue),
	TEST(is_watched),
	TEST(is_polled),
	TEST(goes_round_once),
	TEST(shares_out_among_threads),
};

static void set_up(void)
{
	queue = kqueue();
	CHECK(queue >= 0);
}

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), set_up);
}
