/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * strand kqueue|epoll [CONNECTIONS=10000] [WORKERS=8] [POLICY=registered]
 *
 * Connections one at a time. Every 50 ms, right after a connection was made, a random worker is
 * killed or stopped; half of the workers are excluded. Only when the connection was answered, or
 * after a timeout of one second (it is stranded if it is still in the backlog then), a killed worker
 * is replaced, and a worker that was stopped for 300 ms is continued: both check the listener, and
 * would accept a stranded connection. Prints one line of counts; exit 1 if any was stranded.
 */

#include "check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, BLOW_MS = 50, STOP_MS = 300, STRANDED_MS = 1000 };

static int with_kqueue, listener, workers, kills, stops;
static unsigned int policy;
static pid_t worker[WORKERS_MAX];
static uint64_t continue_at[WORKERS_MAX]; /* 0 = it is not stopped */

static int open_queue(void)
{
	struct epoll_event item = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	struct kevent change;
	int queue;

	if (!with_kqueue) {
		queue = epoll_create1(0);
		CHECK(epoll_ctl(queue, EPOLL_CTL_ADD, listener, &item) == 0);
		return queue;
	}
	queue = kqueue();
	EV_SET(&change, listener, EVFILT_READ, EV_ADD | EV_WAKEONE, policy, 0, NULL);
	CHECK(kevent(queue, &change, 1, NULL, 0, NULL) == 0);
	return queue;
}

static void work(void)
{
	int queue = open_queue();

	for (;;) {
		struct epoll_event item;
		struct kevent event;
		int fd;

		if (with_kqueue ? kevent(queue, NULL, 0, &event, 1, NULL) < 1
				: epoll_wait(queue, &item, 1, -1) < 1)
			continue;
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		CHECK(send(fd, "1", 1, MSG_NOSIGNAL) <= 1);
		close(fd);
	}
}

static void start(int i)
{
	fflush(stdout);
	worker[i] = fork();
	if (worker[i] == 0)
		work();
}

/* Kills or stops a worker; half of them are excluded. */
static void strike(uint64_t now)
{
	int i = rand() % workers, j, well = 0;

	for (j = 0; j < workers; j++)
		well += worker[j] && !continue_at[j];
	if (!worker[i] || continue_at[i] || well <= workers / 2)
		return;
	if (rand() % 2) {
		kill(worker[i], SIGKILL);
		waitpid(worker[i], NULL, 0);
		worker[i] = 0;
		kills++;
	} else {
		kill(worker[i], SIGSTOP);
		continue_at[i] = now + STOP_MS;
		stops++;
	}
}

/* Not while a connection waits: a worker that starts to watch checks the listener and accepts it. */
static void repair(uint64_t now)
{
	int i;

	for (i = 0; i < workers; i++) {
		if (!worker[i])
			start(i);
		if (continue_at[i] && now >= continue_at[i]) {
			kill(worker[i], SIGCONT);
			continue_at[i] = 0;
		}
	}
}

/*
 * 1 = it waits in the backlog. A connection that was accepted may remain unanswered: its worker was
 * killed or stopped.
 */
static int is_stranded(void)
{
	static uint64_t next;
	int fd = connect_tcp(listener), stranded;
	struct pollfd answer = { .fd = fd, .events = POLLIN };
	struct pollfd backlog = { .fd = listener, .events = POLLIN };

	/* The target may be the worker that was woken and has not accepted yet. */
	if (now_ms() >= next) {
		strike(now_ms());
		next = now_ms() + BLOW_MS;
	}
	stranded = poll(&answer, 1, STRANDED_MS) == 0 && poll(&backlog, 1, 0) == 1;
	close(fd);
	return stranded;
}

static unsigned int policy_called(const char *name)
{
	return strcmp(name, "fifo") == 0     ? NOTE_FIFO
	       : strcmp(name, "lifo") == 0   ? NOTE_LIFO
	       : strcmp(name, "rotate") == 0 ? NOTE_ROTATE
					     : NOTE_REGISTERED;
}

int main(int count, char **arguments)
{
	int connections = count > 2 ? atoi(arguments[2]) : 10000, i, stranded = 0;

	CHECK(count > 1);
	with_kqueue = strcmp(arguments[1], "kqueue") == 0;
	workers = count > 3 ? atoi(arguments[3]) : 8;
	policy = policy_called(count > 4 ? arguments[4] : "");
	CHECK(workers > 1 && workers <= WORKERS_MAX);
	srand(1);
	signal(SIGPIPE, SIG_IGN);
	listener = listen_tcp();
	for (i = 0; i < workers; i++)
		start(i);
	for (i = 0; i < connections; i++) {
		stranded += is_stranded();
		repair(now_ms());
		sleep_ms(rand() % 4);
	}
	for (i = 0; i < workers; i++)
		kill(worker[i], SIGKILL);
	printf("%s %s: %d of %d connections stranded, %d workers killed, %d stopped\n", arguments[1],
	       count > 4 ? arguments[4] : "registered", stranded, connections, kills, stops);
	return stranded > 0;
}
