/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kqueue for Linux: what its files share. The README says what holds what, and the order of locks.
 */
#ifndef LINUX_KQUEUE_H
#define LINUX_KQUEUE_H

#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "include/sys/event.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0) || LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
#error "kqueue is for Linux 6.1 to 7.2: on others nobody has looked what it needs"
#endif

#define EV_ACTIONS (EV_ADD | EV_DELETE | EV_ENABLE | EV_DISABLE | EV_RECEIPT)
#define EV_MANNERS (EV_ONESHOT | EV_CLEAR | EV_DISPATCH | EV_WAKEONE)
#define NOTE_POLICIES (NOTE_REGISTERED | NOTE_FIFO | NOTE_LIFO | NOTE_ROTATE)

enum { FILTER_READ, FILTER_WRITE, FILTER_TIMER, FILTER_USER, FILTERS };

struct kqueue {
	/* Held while knotes are changed, and while they are looked through. */
	struct mutex lock;
	struct xarray knotes[FILTERS];	/* by ident */
	unsigned int count;		/* of all of them */
	struct list_head wakeones;	/* those with EV_WAKEONE */

	/* What wakeups touch: active, in the order in which they became so, and whoever sleeps. */
	spinlock_t active_lock;
	struct list_head active;
	struct list_head sleepers;	/* threads in kevent, longest asleep first */
	u64 oldest;			/* since when the first sleeps, ns; 0 = nobody does */
	u64 newest;			/* and the last */

	wait_queue_head_t pollers;	/* whoever polls this queue */
	struct work_struct wake_pollers;
	struct pid *owner;		/* kqueues are not inherited over fork */
	unsigned int watching;		/* kqueues in it; under nesting_lock */
	unsigned int watched;		/* kqueues that it is in */
};

/* A knote on a wait queue of its file: by an entry of its own, or as one of a set (EV_WAKEONE). */
struct hook {
	struct list_head link;		/* in knote->hooks */
	struct knote *kn;
	wait_queue_entry_t wait;
	wait_queue_head_t *head;
	struct wakeset *set;		/* NULL = it has an entry of its own */
	struct list_head member;	/* in set->members */
	u64 turn;			/* when it was the one that was woken */
};

struct knote {
	struct kqueue *kq;
	const struct kfilter *filter;
	struct kevent event;		/* as it was registered */
	struct list_head active;	/* in kq->active */
	bool queued;			/* it is there; under active_lock, as the next */
	bool disabled;

	/* descriptors */
	struct file *file;
	struct list_head hooks;		/* where it waits */
	struct hook first;		/* of them: most have no other */
	struct list_head wakeone;	/* in kq->wakeones */

	/* timers */
	struct hrtimer timer;
	ktime_t period;			/* 0 = once */
	atomic64_t expirations;

	/* the program's own; under kq->lock */
	bool triggered;
};

/* A thread that sleeps in kevent; on its stack. */
struct sleeper {
	struct list_head link;		/* in kq->sleepers */
	struct task_struct *task;
	u64 since;
	bool woken;			/* and not in the list any more */
};

struct kfilter {
	u32 fflags;			/* those that it knows */
	bool on_descriptor;
	/* 0 or an errno; says whether it is ready already. */
	int (*attach)(struct knote *kn, bool *ready);
	void (*detach)(struct knote *kn, bool pass_on);
	/* Told something again: 0 or an errno. */
	int (*change)(struct knote *kn, const struct kevent *change);
	/* Is it ready? Fills in what is told, and takes what EV_CLEAR clears. */
	bool (*ready)(struct knote *kn, struct kevent *told);
};

/* main.c */
extern const struct file_operations kqueue_fops;

/* knote.c */
int kqueue_change(struct kqueue *kq, const struct kevent *change);
void knote_disable(struct knote *kn, bool disabled);
void knote_drop(struct knote *kn, bool pass_on);
void knotes_drop(struct kqueue *kq);
bool knote_activate(struct knote *kn);
bool knote_choose(struct knote *kn, bool oldest);
bool wake_sleeper(struct kqueue *kq, bool oldest);
void note_ages(struct kqueue *kq);

/* filters.c */
extern const struct kfilter kfilters[FILTERS];
__poll_t knote_mask(const struct knote *kn);

/* wakeone.c: a set is all those that watch the same thing with EV_WAKEONE */
int wakeset_join(struct hook *hook, struct file *file, wait_queue_head_t *head);
void wakeset_leave(struct hook *hook, bool pass_on);
void wakeset_pass_on(struct hook *hook);

#endif
