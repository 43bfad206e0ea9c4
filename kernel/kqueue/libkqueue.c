/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* kqueue(2) and kevent(2) for programs, by ioctl of the module's device. */

#include "sys/event.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>

int kqueue(void)
{
	return open(KQUEUE_DEVICE, O_RDWR | O_CLOEXEC);
}

int kevent(int queue, const struct kevent *changes, int nchanges, struct kevent *events,
	   int nevents, const struct timespec *timeout)
{
	struct kqueue_kevent arguments = {
		.changes = (uintptr_t)changes,
		.events = (uintptr_t)events,
		.timeout = (uintptr_t)timeout,
		.nchanges = nchanges,
		.nevents = nevents,
	};

	return ioctl(queue, KQUEUE_KEVENT, &arguments);
}

/* ---- diagnosis of an invalid change ---- */

#define FLAGS                                                                                      \
	(EV_ADD | EV_DELETE | EV_ENABLE | EV_DISABLE | EV_RECEIPT | EV_ONESHOT | EV_CLEAR |        \
	 EV_DISPATCH | EV_WAKEONE | EV_ERROR | EV_EOF)
#define POLICIES (NOTE_REGISTERED | NOTE_FIFO | NOTE_LIFO | NOTE_ROTATE)
#define UNITS	 (NOTE_SECONDS | NOTE_MSECONDS | NOTE_USECONDS | NOTE_NSECONDS)

static const struct {
	short filter;
	const char *name;
	unsigned int fflags;
} filters[] = {
	{ EVFILT_READ, "EVFILT_READ", POLICIES },
	{ EVFILT_WRITE, "EVFILT_WRITE", 0 },
	{ EVFILT_TIMER, "EVFILT_TIMER", UNITS | NOTE_ABSTIME },
	{ EVFILT_USER, "EVFILT_USER", NOTE_FFCTRLMASK | NOTE_FFLAGSMASK | NOTE_TRIGGER },
};

static int is_several(unsigned int bits)
{
	return (bits & (bits - 1)) != 0;
}

const char *kevent_invalid(const struct kevent *change)
{
	static _Thread_local char text[96];
	size_t i = 0;

	while (i < sizeof(filters) / sizeof(*filters) && filters[i].filter != change->filter)
		i++;
	if (i == sizeof(filters) / sizeof(*filters)) {
		snprintf(text, sizeof(text), "unknown filter %d", change->filter);
		return text;
	}
	if (change->flags & ~FLAGS) {
		snprintf(text, sizeof(text), "unknown flag 0x%04x", change->flags & ~FLAGS);
		return text;
	}
	if (change->fflags & ~filters[i].fflags) {
		snprintf(text, sizeof(text), "%s does not support note 0x%08x", filters[i].name,
			 change->fflags & ~filters[i].fflags);
		return text;
	}
	if ((change->flags & EV_WAKEONE) && change->filter != EVFILT_READ)
		return "EV_WAKEONE is supported for EVFILT_READ only";
	if (change->filter == EVFILT_READ && change->fflags && !(change->flags & EV_WAKEONE))
		return "a policy (NOTE_REGISTERED, NOTE_FIFO, NOTE_LIFO, NOTE_ROTATE) requires EV_WAKEONE";
	if (change->filter == EVFILT_READ && is_several(change->fflags))
		return "more than one policy is given";
	if (change->filter == EVFILT_TIMER && is_several(change->fflags & UNITS))
		return "more than one unit of time is given";
	if (change->filter == EVFILT_TIMER && change->data < 0)
		return "data of EVFILT_TIMER is negative";
	return NULL;
}
