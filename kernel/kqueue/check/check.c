/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#include "check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PARAMETERS "/sys/module/kqueue/parameters/"

enum { LIMIT_S = 60 };

static const char *running;

void failed(const char *file, int line, const char *condition)
{
	printf("not ok %s: %s:%d: %s\n", running, file, line, condition);
	fflush(stdout);
	exit(1);
}

static int run_one(const struct test *test, void (*set_up)(void))
{
	int status;
	pid_t child;

	running = test->name;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		alarm(LIMIT_S);
		set_up();
		test->run();
		exit(0);
	}
	waitpid(child, &status, 0);
	kill(-child, SIGKILL); /* its children */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (WIFSIGNALED(status))
		printf("not ok %s: signal %d\n", test->name, WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0)
		printf("ok %s\n", test->name);
	return status != 0;
}

int run_tests(const struct test *tests, size_t count, void (*set_up)(void))
{
	int bad = 0;
	size_t i;

	for (i = 0; i < count; i++)
		bad += run_one(&tests[i], set_up);
	printf("%zu passed, %d failed\n", count - (size_t)bad, bad);
	return bad ? 1 : 0;
}

/* ---- the module's parameters ---- */

static char path_before[128], value_before[64];

static void write_parameter(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static void set_back(void)
{
	write_parameter(path_before, value_before);
}

void set_parameter(const char *name, const char *value)
{
	int fd;

	snprintf(path_before, sizeof(path_before), PARAMETERS "%s", name);
	fd = open(path_before, O_RDONLY);
	CHECK(fd >= 0 && read(fd, value_before, sizeof(value_before) - 1) > 0);
	close(fd);
	atexit(set_back);
	write_parameter(path_before, value);
}

/* ---- time ---- */

void sleep_ms(int ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&time, &time) != 0)
		;
}

uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* ---- sockets ---- */

int listen_tcp(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0 &&
	      listen(fd, 1024) == 0);
	return fd;
}

int connect_tcp(int listener)
{
	struct sockaddr_in there;
	socklen_t size = sizeof(there);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0 && getsockname(listener, (struct sockaddr *)&there, &size) == 0);
	CHECK(connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0);
	return fd;
}

/* The listener is non-blocking, and the connection may arrive late. */
int accept_tcp(int listener)
{
	struct pollfd entry = { .fd = listener, .events = POLLIN };
	int fd;

	CHECK(poll(&entry, 1, LIMIT_S * 1000) == 1);
	fd = accept(listener, NULL, NULL);
	CHECK(fd >= 0);
	return fd;
}

union passed {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message(struct iovec *byte, union passed *passed)
{
	return (struct msghdr){ .msg_iov = byte,
				.msg_iovlen = 1,
				.msg_control = passed,
				.msg_controllen = sizeof(passed->space) };
}

void send_descriptor(int socket, int fd)
{
	char nothing = 0;
	struct iovec byte = { &nothing, 1 };
	union passed passed = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr m = message(&byte, &passed);

	memcpy(CMSG_DATA(&passed.header), &fd, sizeof(fd));
	CHECK(sendmsg(socket, &m, 0) == 1);
}

int receive_descriptor(int socket)
{
	char room;
	struct iovec byte = { &room, 1 };
	union passed passed;
	struct msghdr m = message(&byte, &passed);
	int fd;

	CHECK(recvmsg(socket, &m, 0) == 1 && CMSG_FIRSTHDR(&m));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}
