/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kqueue for Linux: internal declarations. The README documents references and the lock order.
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
#error "kqueue supports Linux 6.1 to 7.2: it was not ported to other versions"
#endif

#define EV_ACTIONS (EV_ADD | EV_DELETE | EV_ENABLE | EV_DISABLE | EV_RECEIPT)
#define EV_MANNERS (EV_ONESHOT | EV_CLEAR | EV_DISPATCH | EV_WAKEONE)
#define NOTE_POLICIES (NOTE_REGISTERED | NOTE_FIFO | NOTE_LIFO | NOTE_ROTATE)

enum { FILTER_READ, FILTER_WRITE, FILTER_TIMER, FILTER_USER, FILTERS };

struct kqueue {
	/* Protects knotes while they are changed or scanned. */
	struct mutex lock;
	struct xarray knotes[FILTERS];	/* by ident */
	unsigned int count;		/* of all of them */
	struct list_head wakeones;	/* those with EV_WAKEONE */

	/* Used by wakeups: active knotes, in order of activation, and sleeping threads. */
	spinlock_t active_lock;
	struct list_head active;
	struct list_head sleepers;	/* threads in kevent, longest asleep first */
	u64 oldest;			/* start of the first one's sleep, ns; 0 = no sleeper */
	u64 newest;			/* of the last one's */

	wait_queue_head_t pollers;	/* tasks that poll this queue */
	struct work_struct wake_pollers;
	struct pid *owner;		/* kqueues are not inherited over fork */
	unsigned int watching;		/* kqueues in it; under nesting_lock */
	unsigned int watched;		/* kqueues that it is in */
};

/* A knote on a wait queue of its file: with its own entry, or as a member of a set (EV_WAKEONE). */
struct hook {
	struct list_head link;		/* in knote->hooks */
	struct knote *kn;
	wait_queue_entry_t wait;
	wait_queue_head_t *head;
	struct wakeset *set;		/* NULL = it has an entry of its own */
	struct list_head member;	/* in set->members */
	u64 turn;			/* sequence number of its last wakeup */
};

struct knote {
	struct kqueue *kq;
	const struct kfilter *filter;
	struct kevent event;		/* as it was registered */
	struct list_head active;	/* in kq->active */
	bool queued;			/* on that list; protected by active_lock, as the next */
	bool disabled;

	/* descriptors */
	struct file *file;
	struct list_head hooks;		/* on the wait queues of the file */
	struct hook first;		/* the first of them; most knotes have only one */
	struct list_head wakeone;	/* in kq->wakeones */

	/* timers */
	struct hrtimer timer;
	ktime_t period;			/* 0 = once */
	atomic64_t expirations;

	/* user events; protected by kq->lock */
	bool triggered;
};

/* A thread that sleeps in kevent; on its stack. */
struct sleeper {
	struct list_head link;		/* in kq->sleepers */
	struct task_struct *task;
	u64 since;
	bool woken;			/* and removed from the list */
};

struct kfilter {
	u32 fflags;			/* supported fflags */
	bool on_descriptor;
	/* 0 or an errno; sets *ready if it is already ready. */
	int (*attach)(struct knote *kn, bool *ready);
	void (*detach)(struct knote *kn, bool pass_on);
	/* Modifies a registered knote: 0 or an errno. */
	int (*change)(struct knote *kn, const struct kevent *change);
	/* Whether it is ready. Fills in the event, and resets what EV_CLEAR clears. */
	bool (*ready)(struct knote *kn, struct kevent *event);
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

/* wakeone.c: a set is all hooks with EV_WAKEONE on the same wait queue */
int wakeset_join(struct hook *hook, struct file *file, wait_queue_head_t *head);
void wakeset_leave(struct hook *hook, bool pass_on);
void wakeset_pass_on(struct hook *hook);

#endif
