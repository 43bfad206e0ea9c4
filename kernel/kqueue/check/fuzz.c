/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * fuzz [SECONDS=600]: invalid ioctls: random structures, invalid pointers, sizes and counts. Each
 * must fail with EFAULT or EINVAL (an unknown command: ENOTTY) and no other errno; random changes
 * may also fail for their content (EBADF, ENOENT, EPERM, ENOMEM, ELOOP), or succeed. Prints the
 * counts; exit 1 at the first other result.
 */

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KINDS = 6 };

static int queue;
static char *edge; /* the last byte before an unmapped page */

static uint64_t bits(void)
{
	return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

static uint64_t nowhere(void)
{
	static const uint64_t places[] = { 8, 0xfff, 0x7fffffffffffULL, 0x8000000000000000ULL,
					   0xffffffffffffff00ULL };
	uint64_t at = bits() % 7;

	if (at == 5)
		return (uint64_t)(uintptr_t)edge - bits() % 15;
	return at == 6 ? 0xffff800000000000ULL | bits() : places[at];
}

static void random_change(struct kevent *change)
{
	static const short filters[] = { EVFILT_READ, EVFILT_WRITE, EVFILT_TIMER, EVFILT_USER };

	change->ident = bits() % 3 ? bits() % 12 : bits();
	change->filter = bits() % 4 ? filters[bits() % 4] : (short)bits();
	change->flags = (unsigned short)(bits() % 3 ? bits() & 0x4ff : bits());
	change->fflags = (unsigned int)(bits() % 3 ? 0 : bits());
	change->data = (int64_t)(bits() % 2 ? bits() % 1000 : bits());
	change->udata = NULL;
}

static int call(unsigned long command, void *arguments)
{
	return ioctl(queue, command, arguments) < 0 ? errno : 0;
}

static int is_malformed(int answer)
{
	return answer == EFAULT || answer == EINVAL;
}

/* Checks the result of one attempt; false = not allowed. */
static int attempt(int kind)
{
	struct kevent change, events[2];
	struct timespec at_once = { 0 };
	struct kqueue_kevent arguments = { .timeout = (uintptr_t)&at_once };
	int answer;

	switch (kind) {
	case 0: /* the pointer to the arguments is invalid */
		return is_malformed(call(KQUEUE_KEVENT, (void *)(uintptr_t)nowhere()));
	case 1: /* the pointers in them are */
		arguments.changes = nowhere();
		arguments.nchanges = 1 + (int)(bits() % 1000);
		return is_malformed(call(KQUEUE_KEVENT, &arguments));
	case 2:
		arguments.timeout = nowhere();
		return is_malformed(call(KQUEUE_KEVENT, &arguments));
	case 3: /* negative counts */
		arguments.nchanges = -(int)(bits() % INT32_MAX) - 1;
		arguments.nevents = (int)bits();
		return is_malformed(call(KQUEUE_KEVENT, &arguments));
	case 4: /* the command with another size, and others */
		answer = call(_IOC(bits() % 4, 'k', _IOC_NR(KQUEUE_KEVENT), bits() % 16384 & ~32UL),
			      &arguments);
		return is_malformed(answer) &&
		       call(bits() % 2 ? 0 : (unsigned int)bits() | 1, &arguments) != 0;
	default:
		random_change(&change);
		arguments.changes = (uintptr_t)&change;
		arguments.nchanges = 1;
		arguments.events = bits() % 4 ? (uintptr_t)events : nowhere();
		arguments.nevents = (int)(bits() % 3);
		answer = call(KQUEUE_KEVENT, &arguments);
		return is_malformed(answer) || answer == 0 || answer == EBADF || answer == ENOENT ||
		       answer == EPERM || answer == ELOOP;
	}
}

int main(int count, char **arguments)
{
	uint64_t end = now_ms() + (uint64_t)(count > 1 ? atoi(arguments[1]) : 600) * 1000;
	unsigned long long done[KINDS] = { 0 };
	long page = sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	CHECK(two != MAP_FAILED && munmap(two + page, (size_t)page) == 0);
	edge = two + page - 1;
	queue = kqueue();
	CHECK(queue >= 0);
	for (i = 0; i < 4; i++)
		CHECK(eventfd(1, 0) >= 0);
	while (now_ms() < end) {
		int kind = rand() % KINDS;

		errno = 0;
		if (!attempt(kind)) {
			printf("not ok fuzz: attempt %llu of kind %d: %s\n", done[kind], kind,
			       strerror(errno));
			return 1;
		}
		done[kind]++;
	}
	printf("ok fuzz:");
	for (i = 0; i < KINDS; i++)
		printf(" %llu", done[i]);
	printf(" attempts of %d kinds\n", KINDS);
	return 0;
}
