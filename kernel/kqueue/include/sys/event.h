/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kqueue(2) and kevent(2): the interface for programs. Names and numbers are those of FreeBSD's
 * <sys/event.h>, except EV_WAKEONE and the NOTE_ flags of its policies, which no system has; so the
 * same source builds on BSD and here.
 *
 * The kernel module includes this file, too: it accepts exactly what is defined here.
 */
#ifndef _SYS_EVENT_H_
#define _SYS_EVENT_H_

#ifdef __KERNEL__
#include <linux/ioctl.h>
#include <linux/types.h>
#else
#include <stdint.h>
#include <sys/ioctl.h>
#include <time.h>
#endif

/* filters */
#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_TIMER (-7)
#define EVFILT_USER (-11)

struct kevent {
	uintptr_t ident;	/* a descriptor, or any number for EVFILT_TIMER and EVFILT_USER */
	short filter;
	unsigned short flags;
	unsigned int fflags;
	int64_t data;
	void *udata;		/* returned unchanged */
};

#define EV_SET(event, id, which, what, more, amount, mine)			\
	(*(event) = (struct kevent){ (uintptr_t)(id), (which), (what), (more),	\
				     (amount), (mine) })

/* flags: what to do */
#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ENABLE 0x0004
#define EV_DISABLE 0x0008
#define EV_RECEIPT 0x0040	/* return each change as an event, with EV_ERROR; data 0 = success */
/* flags: how it is reported; given with EV_ADD */
#define EV_ONESHOT 0x0010	/* once, then deleted */
#define EV_CLEAR 0x0020		/* edge-triggered */
#define EV_DISPATCH 0x0080	/* once, then disabled */
#define EV_WAKEONE 0x0400	/* of all queues that watch this, wake one: see NOTE_ below */
/* flags: returned */
#define EV_ERROR 0x4000		/* data is the errno of a change */
#define EV_EOF 0x8000		/* fflags is the error of the socket, if there is one */

/*
 * fflags of EVFILT_READ with EV_WAKEONE: which sleeping queue is woken; without one, the policy of
 * the other queues that watch the same file
 */
#define NOTE_REGISTERED 0x0100	/* the one that was added first */
#define NOTE_FIFO 0x0200	/* the one that has slept longest */
#define NOTE_LIFO 0x0400	/* the one that has slept shortest */
#define NOTE_ROTATE 0x0800	/* round robin */

/* fflags of EVFILT_TIMER: the unit of data; default: milliseconds */
#define NOTE_SECONDS 0x0001
#define NOTE_MSECONDS 0x0002
#define NOTE_USECONDS 0x0004
#define NOTE_NSECONDS 0x0008
#define NOTE_ABSTIME 0x0010	/* data is an absolute time, not an interval */

/* fflags of EVFILT_USER: the operation on the 24 user-defined bits */
#define NOTE_FFNOP 0x00000000u
#define NOTE_FFAND 0x40000000u
#define NOTE_FFOR 0x80000000u
#define NOTE_FFCOPY 0xc0000000u
#define NOTE_FFCTRLMASK 0xc0000000u
#define NOTE_FFLAGSMASK 0x00ffffffu
#define NOTE_TRIGGER 0x01000000u

/* Interface of library and module: open of the device is kqueue(2), this ioctl is kevent(2). */
#define KQUEUE_DEVICE "/dev/kqueue"
struct kqueue_kevent {
	uint64_t changes;	/* struct kevent[nchanges] */
	uint64_t events;	/* struct kevent[nevents] */
	uint64_t timeout;	/* struct timespec; 0 = none */
	int32_t nchanges;
	int32_t nevents;
};

#define KQUEUE_KEVENT _IOW('k', 0xe7, struct kqueue_kevent)

#ifndef __KERNEL__
#ifdef __cplusplus
extern "C" {
#endif
/* -1 and errno: ENOENT = the module is not loaded, EACCES = no permission, EMFILE, ENOMEM */
int kqueue(void);
int kevent(int queue, const struct kevent *changes, int nchanges, struct kevent *events,
	   int nevents, const struct timespec *timeout);
/*
 * Why a change failed with EINVAL: a message that names the flag or filter; NULL if its arguments
 * are valid
 */
const char *kevent_invalid(const struct kevent *change);
#ifdef __cplusplus
}
#endif
#endif

#endif
