// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Knotes: the objects that a kqueue watches, their changes and activation.
 */

#include "kqueue.h"

#include <linux/file.h>
#include <linux/module.h>
#include <linux/slab.h>

static unsigned int max_knotes = 1 << 20;
module_param(max_knotes, uint, 0644);
MODULE_PARM_DESC(max_knotes, "limit per kqueue (1048576)");

/* ---- activation: may be called from a wakeup ---- */

/* active_lock is held, here and in the next two functions. */
void note_ages(struct kqueue *kq)
{
	struct sleeper *first = list_first_entry_or_null(&kq->sleepers, struct sleeper, link);

	WRITE_ONCE(kq->oldest, first ? first->since : 0);
	WRITE_ONCE(kq->newest,
		   first ? list_last_entry(&kq->sleepers, struct sleeper, link)->since : 0);
}

/* A sleeper takes the lock before it returns, so it is valid until this returns. */
bool wake_sleeper(struct kqueue *kq, bool oldest)
{
	struct sleeper *s;

	if (list_empty(&kq->sleepers))
		return false;
	s = oldest ? list_first_entry(&kq->sleepers, struct sleeper, link)
		   : list_last_entry(&kq->sleepers, struct sleeper, link);
	list_del(&s->link);
	note_ages(kq);
	WRITE_ONCE(s->woken, true);
	wake_up_process(s->task);
	return true;
}

/*
 * Pollers of this queue are woken when a knote becomes active, as on BSD, and by a work item: the
 * queue may be in an epoll that is in this queue, and an event must not circulate for ever.
 */
static bool activate(struct knote *kn, bool oldest)
{
	struct kqueue *kq = kn->kq;

	if (!kn->queued) {
		list_add_tail(&kn->active, &kq->active);
		WRITE_ONCE(kn->queued, true);
		/* A poller adds itself before it reads the list under the lock held here. */
		if (waitqueue_active(&kq->pollers))
			schedule_work(&kq->wake_pollers);
	}
	return wake_sleeper(kq, oldest);
}

/* The knote may be ready: wakes one thread in kevent, the last that went to sleep. */
bool knote_activate(struct knote *kn)
{
	unsigned long flags;
	bool woken = false;

	spin_lock_irqsave(&kn->kq->active_lock, flags);
	if (!kn->disabled)
		woken = activate(kn, false);
	spin_unlock_irqrestore(&kn->kq->active_lock, flags);
	return woken;
}

/* The same, but only if the queue has a sleeper. */
bool knote_choose(struct knote *kn, bool oldest)
{
	unsigned long flags;
	bool woken = false;

	spin_lock_irqsave(&kn->kq->active_lock, flags);
	if (!kn->disabled && !list_empty(&kn->kq->sleepers))
		woken = activate(kn, oldest);
	spin_unlock_irqrestore(&kn->kq->active_lock, flags);
	return woken;
}

/* ---- changes: kq->lock is held ---- */

static int filter_index(short filter)
{
	switch (filter) {
	case EVFILT_READ:
		return FILTER_READ;
	case EVFILT_WRITE:
		return FILTER_WRITE;
	case EVFILT_TIMER:
		return FILTER_TIMER;
	case EVFILT_USER:
		return FILTER_USER;
	}
	return -1;
}

static bool is_valid_change(const struct kevent *change, int which)
{
	/* Flags that were returned with an event are accepted as input, as on BSD. */
	if (change->flags & ~(EV_ACTIONS | EV_MANNERS | EV_ERROR | EV_EOF))
		return false;
	if (change->fflags & ~kfilters[which].fflags)
		return false;
	if (which != FILTER_READ)
		return !(change->flags & EV_WAKEONE);
	return !change->fflags || ((change->flags & EV_WAKEONE) && is_power_of_2(change->fflags));
}

static struct xarray *knotes_of(const struct knote *kn)
{
	return &kn->kq->knotes[kn->filter - kfilters];
}

static void forget(struct knote *kn)
{
	struct kqueue *kq = kn->kq;

	spin_lock_irq(&kq->active_lock);
	if (kn->queued)
		list_del(&kn->active);
	spin_unlock_irq(&kq->active_lock);
	xa_erase(knotes_of(kn), kn->event.ident);
	list_del(&kn->wakeone);
	kq->count--;
	if (kn->file)
		fput(kn->file);
	kfree(kn);
}

/* After detach no wakeup can find it: detach has waited for concurrent ones. */
void knote_drop(struct knote *kn, bool pass_on)
{
	kn->filter->detach(kn, pass_on);
	forget(kn);
}

void knotes_drop(struct kqueue *kq)
{
	struct knote *kn;
	unsigned long ident;
	int i;

	for (i = 0; i < FILTERS; i++)
		xa_for_each(&kq->knotes[i], ident, kn)
			knote_drop(kn, true);
}

/* A state that is reset by reporting it (the count of a timer) activates the knote itself. */
static bool is_ready(struct knote *kn)
{
	struct kevent event = kn->event;

	return kn->filter->on_descriptor ? kn->filter->ready(kn, &event) : kn->triggered;
}

/* Takes ownership of the file. */
static int knote_add(struct kqueue *kq, int which, const struct kevent *change, struct file *file)
{
	struct knote *kn;
	int error = -ENOMEM;
	bool ready = false;

	if (kq->count >= READ_ONCE(max_knotes))
		goto put;
	kn = kzalloc(sizeof(*kn), GFP_KERNEL_ACCOUNT);
	if (!kn)
		goto put;
	kn->kq = kq;
	kn->filter = &kfilters[which];
	kn->event = *change;
	kn->event.flags &= EV_MANNERS;
	kn->file = file;
	kn->disabled = change->flags & EV_DISABLE;
	INIT_LIST_HEAD(&kn->hooks);
	INIT_LIST_HEAD(&kn->wakeone);
	error = xa_insert(&kq->knotes[which], change->ident, kn, GFP_KERNEL_ACCOUNT);
	if (error) {
		kfree(kn);
		goto put;
	}
	kq->count++;
	if (kn->event.flags & EV_WAKEONE)
		list_add_tail(&kn->wakeone, &kq->wakeones);
	error = kn->filter->attach(kn, &ready);
	if (error)
		forget(kn);
	else if (ready)
		knote_activate(kn);
	return error;
put:
	if (file)
		fput(file);
	return error;
}

void knote_disable(struct knote *kn, bool disabled)
{
	spin_lock_irq(&kn->kq->active_lock);
	WRITE_ONCE(kn->disabled, disabled);
	spin_unlock_irq(&kn->kq->active_lock);
}

static int knote_change(struct knote *kn, const struct kevent *change)
{
	int error = 0;

	if (change->flags & EV_DELETE) {
		knote_drop(kn, true);
		return 0;
	}
	kn->event.udata = change->udata;
	if (kn->filter->change)
		error = kn->filter->change(kn, change);
	if (error)
		return error;
	if (change->flags & EV_ENABLE)
		knote_disable(kn, false);
	if (change->flags & EV_DISABLE) {
		struct hook *hook;

		knote_disable(kn, true);
		list_for_each_entry(hook, &kn->hooks, link) {
			if (hook->set)
				wakeset_pass_on(hook);
		}
	} else if (is_ready(kn)) {
		knote_activate(kn);
	}
	return 0;
}

/*
 * 0 or: EINVAL unknown or conflicting flags; EBADF, EPERM of the descriptor (EPERM: it does not
 * support poll); ENOENT no such knote; ENOMEM; ELOOP more than two nested kqueues.
 */
int kqueue_change(struct kqueue *kq, const struct kevent *change)
{
	int which = filter_index(change->filter);
	struct file *file = NULL;
	struct knote *kn;

	if (which < 0 || !is_valid_change(change, which))
		return -EINVAL;
	kn = xa_load(&kq->knotes[which], change->ident);
	if (kfilters[which].on_descriptor && !(change->flags & EV_DELETE)) {
		if (change->ident > INT_MAX)
			return -EBADF;
		file = fget(change->ident);
		if (!file)
			return -EBADF;
		/* The descriptor was closed, and its number reused. */
		if (kn && kn->file != file) {
			knote_drop(kn, true);
			kn = NULL;
		}
	}
	if (!kn && (change->flags & EV_ADD) && !(change->flags & EV_DELETE))
		return knote_add(kq, which, change, file);
	if (file)
		fput(file);
	return kn ? knote_change(kn, change) : -ENOENT;
}
