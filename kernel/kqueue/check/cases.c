/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * cases: required behaviour of any EV_WAKEONE, checked with the module and, for comparison, with
 * EPOLLEXCLUSIVE. One listener, worker processes with a queue each, all asleep; the cases differ in
 * what a worker does when it is woken.
 *
 * Prints "ok NAME: kqueue: OUTCOME; epoll: OUTCOME", or "not ok" and exit 1 if the outcome of kqueue
 * is not the required one. The outcome of epoll is printed, but not checked.
 */

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 8, STRANDED_MS = 2000, HOLD_MS = 600 };

/* ---- the two backends ---- */

enum { WAKEONE = 1, EDGE = 2 };

struct backend {
	const char *name;
	int (*open)(void);
	void (*watch)(int queue, int fd, int how, unsigned int policy);
	void (*unwatch)(int queue, int fd);
	void (*disable)(int queue, int fd);
	int (*wait)(int queue);
};

static void kqueue_change(int queue, int fd, int flags, unsigned int fflags)
{
	struct kevent event;

	EV_SET(&event, fd, EVFILT_READ, flags, fflags, 0, NULL);
	CHECK(kevent(queue, &event, 1, NULL, 0, NULL) == 0);
}

static void kqueue_watch(int queue, int fd, int how, unsigned int policy)
{
	kqueue_change(queue, fd,
		      EV_ADD | (how & WAKEONE ? EV_WAKEONE : 0) | (how & EDGE ? EV_CLEAR : 0),
		      policy);
}

static void kqueue_unwatch(int queue, int fd)
{
	kqueue_change(queue, fd, EV_DELETE, 0);
}

static void kqueue_disable(int queue, int fd)
{
	kqueue_change(queue, fd, EV_DISABLE, 0);
}

static int kqueue_wait(int queue)
{
	struct kevent event;

	return kevent(queue, NULL, 0, &event, 1, NULL);
}

static int epoll_open(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

static void epoll_watch(int queue, int fd, int how, unsigned int policy)
{
	struct epoll_event event = { .events = EPOLLIN | (how & WAKEONE ? EPOLLEXCLUSIVE : 0u) |
					       (how & EDGE ? EPOLLET : 0u) };

	(void)policy;
	CHECK(epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* EPOLL_CTL_MOD is not supported with EPOLLEXCLUSIVE: disabling removes the item. */
static void epoll_unwatch(int queue, int fd)
{
	CHECK(epoll_ctl(queue, EPOLL_CTL_DEL, fd, NULL) == 0);
}

static int epoll_wait_one(int queue)
{
	struct epoll_event event;

	return epoll_wait(queue, &event, 1, -1);
}

static const struct backend backends[] = {
	{ "kqueue", kqueue, kqueue_watch, kqueue_unwatch, kqueue_disable, kqueue_wait },
	{ "epoll", epoll_open, epoll_watch, epoll_unwatch, epoll_unwatch, epoll_wait_one },
};

static const struct backend *backend;

/* ---- workers ---- */

/* The action of a worker at its first wakeup; after that, or without one, it takes connections. */
enum act {
	TAKES,
	TAKES_ALL,
	TAKES_AND_HOLDS, /* each time */
	DIES,
	STOPS,
	CLOSES,
	DELETES,
	DISABLES,
	LOOKS,	 /* each time, and takes nothing */
	ACCEPTS, /* has no queue: accept(2) that blocks */
};

static struct shared {
	int taken[WORKERS_MAX], returns[WORKERS_MAX], all, last;
} * shared;

static int listener, watched;
static pid_t workers[WORKERS_MAX];
static int count;

static int take(int i)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0)
		return 0;
	close(fd);
	__atomic_fetch_add(&shared->taken[i], 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&shared->last, i, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&shared->all, 1, __ATOMIC_SEQ_CST);
	return 1;
}

static void act(int i, int queue, enum act what)
{
	switch (what) {
	case TAKES:
	case ACCEPTS:
		take(i);
		break;
	case TAKES_ALL:
		while (take(i))
			;
		break;
	case TAKES_AND_HOLDS:
		take(i);
		sleep_ms(HOLD_MS);
		break;
	case DIES:
		kill(getpid(), SIGKILL);
		break;
	case STOPS:
		kill(getpid(), SIGSTOP);
		break;
	case CLOSES:
		close(queue);
		pause();
		break;
	case DELETES:
		backend->unwatch(queue, watched);
		break;
	case DISABLES:
		backend->disable(queue, watched);
		break;
	case LOOKS:
		sleep_ms(200);
		break;
	}
}

static void work(int i, int how, unsigned int policy, enum act what)
{
	int queue = -1;
	int lasting =
		what == TAKES_AND_HOLDS || what == TAKES_ALL || what == LOOKS || what == ACCEPTS;

	if (what != ACCEPTS) {
		queue = backend->open();
		CHECK(queue >= 0);
		backend->watch(queue, watched, how, policy);
	}
	for (;;) {
		if (what != ACCEPTS && backend->wait(queue) <= 0)
			continue;
		__atomic_fetch_add(&shared->returns[i], 1, __ATOMIC_SEQ_CST);
		act(i, queue, what);
		if (!lasting)
			what = TAKES;
	}
}

/* The state of a process, such as "S", and its number of voluntary context switches */
static char state_of(pid_t pid, long *switches)
{
	char path[64], line[256], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		sscanf(line, "State: %c", &state);
		sscanf(line, "voluntary_ctxt_switches: %ld", switches);
	}
	if (file)
		fclose(file);
	return state;
}

/* Asleep, and stays asleep */
static void wait_until_asleep(int i)
{
	long before = -1, now = -2;
	int still = 0;

	while (still < 3) {
		char state = state_of(workers[i], &now);

		still = state == 'S' && now == before ? still + 1 : 0;
		before = now;
		sleep_ms(5);
	}
}

static void start(int how, unsigned int policy, enum act what)
{
	workers[count] = fork();
	if (workers[count] == 0)
		work(count, how, policy, what);
	wait_until_asleep(count++);
}

static void start_many(int n, int how, enum act what)
{
	while (n-- > 0)
		start(how, 0, what);
}

static int taken(void)
{
	return __atomic_load_n(&shared->all, __ATOMIC_SEQ_CST);
}

/* Waits until so many connections were taken; false = they are stranded */
static int wait_until_taken(int n)
{
	uint64_t end = now_ms() + STRANDED_MS;

	while (taken() < n && now_ms() < end)
		sleep_ms(1);
	return taken() >= n;
}

/* ---- the cases: each returns its outcome ---- */

static char outcome[128];

static const char *who_has_it(void)
{
	connect_tcp(listener);
	if (!wait_until_taken(1))
		return "stranded";
	return shared->last == 0 ? "the first has it" : "another has it";
}

/* The first worker does something other than take the connection. */
static const char *first_of_three(enum act what)
{
	start(WAKEONE, 0, what);
	start_many(2, WAKEONE, TAKES);
	return who_has_it();
}

static const char *killed(void)
{
	return first_of_three(DIES);
}
static const char *stopped(void)
{
	return first_of_three(STOPS);
}
static const char *closed_its_queue(void)
{
	return first_of_three(CLOSES);
}
static const char *deleted_the_event(void)
{
	return first_of_three(DELETES);
}
static const char *disabled_the_event(void)
{
	return first_of_three(DISABLES);
}

static const char *stopped_asleep(void)
{
	start_many(3, WAKEONE, TAKES);
	kill(workers[0], SIGSTOP);
	sleep_ms(50);
	return who_has_it();
}

static const char *busy(void)
{
	start(WAKEONE, 0, TAKES_AND_HOLDS);
	start_many(2, WAKEONE, TAKES);
	connect_tcp(listener);
	wait_until_taken(1);
	connect_tcp(listener);
	if (!wait_until_taken(2))
		return "stranded";
	return shared->taken[0] == 1 && shared->returns[1] + shared->returns[2] == 1
		       ? "one of the others has it"
		       : "not so";
}

static const char *burst_of(int connections, int n)
{
	int i, busy_ones = 0;

	start_many(n, WAKEONE, TAKES_AND_HOLDS);
	for (i = 0; i < connections; i++)
		connect_tcp(listener);
	if (!wait_until_taken(connections))
		return "stranded";
	for (i = 0; i < n; i++)
		busy_ones += shared->taken[i] > 0;
	snprintf(outcome, sizeof(outcome), "%d of %d workers for %d connections", busy_ones, n,
		 connections);
	return outcome;
}

static const char *burst(void)
{
	return burst_of(4, 6);
}

static const char *burst_of_more(void)
{
	return burst_of(5, 3);
}

static const char *mixed(void)
{
	long before[6], now;
	int i, woken[3] = { 0 };
	static const int group[6] = { 0, 0, 1, 1, 1, 2 };

	start_many(2, 0, LOOKS);
	start_many(3, WAKEONE, LOOKS);
	fcntl(listener, F_SETFL, 0);
	start(0, 0, ACCEPTS);
	for (i = 0; i < 6; i++)
		state_of(workers[i], &before[i]);
	connect_tcp(listener);
	wait_until_taken(1);
	sleep_ms(60);
	for (i = 0; i < 6; i++) {
		state_of(workers[i], &now);
		woken[group[i]] += now != before[i];
	}
	snprintf(outcome, sizeof(outcome), "%d of 2 plain, %d of 3 wakeone, %d accept", woken[0],
		 woken[1], woken[2]);
	return outcome;
}

static const char *in_flux(void)
{
	first_of_three(DISABLES);
	connect_tcp(listener);
	if (!wait_until_taken(2))
		return "stranded";
	return shared->taken[0] == 0 && shared->returns[0] == 1 ? "it does not count" : "it counts";
}

static const char *end_of_file(void)
{
	int ends[2], i, n = 0;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	watched = ends[0];
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	for (i = 0; i < 3; i++) {
		workers[count] = fork();
		if (workers[count] == 0) {
			close(ends[1]);
			work(count, WAKEONE, 0, LOOKS);
		}
		wait_until_asleep(count++);
	}
	close(ends[1]);
	sleep_ms(400);
	for (i = 0; i < 3; i++)
		n += shared->returns[i] > 0;
	snprintf(outcome, sizeof(outcome), "%d of 3 are notified", n);
	return outcome;
}

static const char *edge(enum act what)
{
	start_many(3, WAKEONE | EDGE, what);
	kill(workers[0], SIGSTOP);
	kill(workers[1], SIGSTOP);
	kill(workers[2], SIGSTOP);
	sleep_ms(50);
	connect_tcp(listener);
	connect_tcp(listener);
	kill(workers[0], SIGCONT);
	kill(workers[1], SIGCONT);
	kill(workers[2], SIGCONT);
	wait_until_taken(2);
	snprintf(outcome, sizeof(outcome), "%d of 2 are taken", taken());
	return outcome;
}

static const char *edge_that_drains(void)
{
	return edge(TAKES_ALL);
}
static const char *edge_that_takes_one(void)
{
	return edge(TAKES);
}

/* Connections one at a time: which of the n workers takes the k-th? */
static const char *order(unsigned int policy, int (*winner)(int k, int n))
{
	enum { WORKERS = 5, CONNECTIONS = 40 };
	int k, i, right = 0, fd;

	/* On an emulated CPU a worker may be slow: no passing on. */
	set_parameter("pass_on_ms", "0");
	for (i = 0; i < WORKERS; i++)
		start(WAKEONE, policy, TAKES);
	for (k = 0; k < CONNECTIONS; k++) {
		fd = connect_tcp(listener);
		if (!wait_until_taken(k + 1))
			return "stranded";
		close(fd);
		right += shared->last == winner(k, WORKERS);
		wait_until_asleep(shared->last);
	}
	for (i = 0, k = 0; i < WORKERS; i++)
		k += shared->returns[i];
	snprintf(outcome, sizeof(outcome), "%d of %d in order, %d woken", right, CONNECTIONS, k);
	return outcome;
}

static int the_first(int k, int n)
{
	(void)k, (void)n;
	return 0;
}
static int the_last(int k, int n)
{
	(void)k;
	return n - 1;
}
static int each_in_turn(int k, int n)
{
	return k % n;
}

static const char *registered(void)
{
	return order(NOTE_REGISTERED, the_first);
}
static const char *fifo(void)
{
	return order(NOTE_FIFO, each_in_turn);
}
static const char *lifo(void)
{
	return order(NOTE_LIFO, the_last);
}
static const char *rotate(void)
{
	return order(NOTE_ROTATE, each_in_turn);
}

/* The case numbers of docs/ev_wakeone.md */
static const struct {
	const char *name;
	const char *(*run)(void);
	const char *must_be; /* with kqueue */
	int kqueue_only;
} cases[] = {
	{ "1 killed when it was woken", killed, "another has it", 0 },
	{ "1 stopped when it was woken", stopped, "another has it", 0 },
	{ "1 stopped before it was woken", stopped_asleep, "another has it", 0 },
	{ "1 closed its queue when it was woken", closed_its_queue, "another has it", 0 },
	{ "1 deleted the event when it was woken", deleted_the_event, "another has it", 0 },
	{ "1 disabled the event when it was woken", disabled_the_event, "another has it", 1 },
	{ "2 busy", busy, "one of the others has it", 0 },
	{ "3 a burst", burst, "4 of 6 workers for 4 connections", 0 },
	{ "3 a burst of more than there are", burst_of_more, "3 of 3 workers for 5 connections",
	  0 },
	{ "4 plain, wakeone and accept", mixed, "2 of 2 plain, 1 of 3 wakeone, 1 accept", 0 },
	{ "5 disabled", in_flux, "it does not count", 1 },
	{ "6 end of file", end_of_file, "3 of 3 are notified", 0 },
	{ "7 edge, drained", edge_that_drains, "2 of 2 are taken", 0 },
	{ "7 edge, not drained", edge_that_takes_one, "2 of 2 are taken", 0 },
	{ "8 registered", registered, "40 of 40 in order, 40 woken", 0 },
	{ "8 fifo", fifo, "40 of 40 in order, 40 woken", 1 },
	{ "8 lifo", lifo, "40 of 40 in order, 40 woken", 1 },
	{ "8 rotate", rotate, "40 of 40 in order, 40 woken", 1 },
};

/* Runs a case in its own process group; the outcome is written to the pipe */
static void run_case(const char *(*run)(void), const struct backend *on, char *text, size_t size)
{
	int ends[2], status;
	ssize_t n;
	pid_t child;

	CHECK(pipe(ends) == 0);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		const char *what;

		setpgid(0, 0);
		alarm(120);
		backend = on;
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		watched = listener = listen_tcp();
		what = run();
		CHECK(write(ends[1], what, strlen(what)) > 0);
		exit(0);
	}
	close(ends[1]);
	waitpid(child, &status, 0);
	kill(-child, SIGKILL);
	n = read(ends[0], text, size - 1);
	close(ends[0]);
	snprintf(text + (n > 0 ? n : 0), size - (size_t)(n > 0 ? n : 0), "%s",
		 n > 0 ? "" : "failed");
}

int main(void)
{
	size_t i;
	int bad = 0;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char here[128], there[128] = "-";
		int right;

		run_case(cases[i].run, &backends[0], here, sizeof(here));
		if (!cases[i].kqueue_only)
			run_case(cases[i].run, &backends[1], there, sizeof(there));
		right = strcmp(here, cases[i].must_be) == 0;
		bad += !right;
		printf("%sok %s: kqueue: %s; epoll: %s\n", right ? "" : "not ", cases[i].name, here,
		       there);
	}
	printf("%zu passed, %d failed\n", i - (size_t)bad, bad);
	return bad ? 1 : 0;
}
