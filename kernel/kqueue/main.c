// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kqueue for Linux, with EV_WAKEONE: the device. Its open is kqueue(2), its ioctl is kevent(2).
 */

#include "kqueue.h"

#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

/* ---- waiting ---- */

/*
 * Sleeps until a knote becomes active: 0 = one may be active, or -EINTR, -ETIME. A thread that was
 * woken and is interrupted passes the event on, because it may be about to be stopped.
 */
static int kqueue_sleep(struct kqueue *kq, ktime_t *until)
{
	struct sleeper s = { .task = current };
	int error = 0;

	spin_lock_irq(&kq->active_lock);
	if (!list_empty(&kq->active)) {
		spin_unlock_irq(&kq->active_lock);
		return 0;
	}
	s.since = ktime_get_ns();
	list_add_tail(&s.link, &kq->sleepers);
	note_ages(kq);
	spin_unlock_irq(&kq->active_lock);

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (signal_pending(current))
			error = -EINTR;
		if (error || READ_ONCE(s.woken))
			break;
		if (!schedule_hrtimeout(until, HRTIMER_MODE_ABS))
			error = -ETIME;
	}
	__set_current_state(TASK_RUNNING);

	spin_lock_irq(&kq->active_lock);
	if (!s.woken) {
		list_del(&s.link);
		note_ages(kq);
	}
	spin_unlock_irq(&kq->active_lock);
	return s.woken && error == -ETIME ? 0 : error;
}

/* Passes on events that this queue was woken for and has not reported. */
static void pass_on(struct kqueue *kq)
{
	struct knote *kn;
	struct hook *hook;

	mutex_lock(&kq->lock);
	list_for_each_entry(kn, &kq->wakeones, wakeone) {
		if (!READ_ONCE(kn->queued))
			continue;
		list_for_each_entry(hook, &kn->hooks, link)
			wakeset_pass_on(hook);
	}
	mutex_unlock(&kq->lock);
}

/* ---- reporting ---- */

/* Removes the first active knote before the marker that is not disabled; the marker stays. */
static struct knote *take_first(struct kqueue *kq, const struct list_head *marker)
{
	struct knote *kn = NULL;

	spin_lock_irq(&kq->active_lock);
	while (!kn && kq->active.next != marker) {
		kn = list_first_entry(&kq->active, struct knote, active);
		list_del(&kn->active);
		WRITE_ONCE(kn->queued, false);
		if (kn->disabled)
			kn = NULL;
	}
	spin_unlock_irq(&kq->active_lock);
	return kn;
}

static void put_back(struct knote *kn)
{
	spin_lock_irq(&kn->kq->active_lock);
	if (!kn->queued) {
		list_add_tail(&kn->active, &kn->kq->active);
		WRITE_ONCE(kn->queued, true);
	}
	spin_unlock_irq(&kn->kq->active_lock);
}

/*
 * Updates a knote that was reported. True if it may be reported to other threads that sleep in this
 * queue, too.
 */
static bool after_report(struct knote *kn)
{
	if (kn->event.flags & EV_ONESHOT) {
		knote_drop(kn, false);
	} else if (kn->event.flags & EV_DISPATCH) {
		knote_disable(kn, true);
	} else if (!(kn->event.flags & EV_CLEAR)) {
		put_back(kn);
		return !(kn->event.flags & EV_WAKEONE);
	}
	return false;
}

/*
 * Reports ready knotes, `room` events at most: their number, or -EFAULT if not even one could be
 * copied. Knotes that become active meanwhile are after the marker, and reported next time.
 */
static int kqueue_scan(struct kqueue *kq, struct kevent __user *events, int room)
{
	struct list_head marker;
	struct knote *kn;
	bool more = false;
	int n = 0, error = 0;

	spin_lock_irq(&kq->active_lock);
	list_add_tail(&marker, &kq->active);
	spin_unlock_irq(&kq->active_lock);

	while (n < room && (kn = take_first(kq, &marker))) {
		struct kevent event = kn->event;

		if (!kn->filter->ready(kn, &event))
			continue;
		if (copy_to_user(&events[n], &event, sizeof(event))) {
			put_back(kn);
			error = -EFAULT;
			break;
		}
		n++;
		more |= after_report(kn);
	}

	spin_lock_irq(&kq->active_lock);
	more |= kq->active.next != &marker;
	list_del(&marker);
	if (more)
		wake_sleeper(kq, false);
	spin_unlock_irq(&kq->active_lock);
	return n ? n : error;
}

static int scan(struct kqueue *kq, struct kevent __user *events, int room)
{
	int n;

	if (mutex_lock_killable(&kq->lock))
		return -EINTR;
	n = kqueue_scan(kq, events, room);
	mutex_unlock(&kq->lock);
	return n;
}

/* until: NULL = no timeout, 0 = do not wait, else a time of CLOCK_MONOTONIC */
static int wait_for_events(struct kqueue *kq, struct kevent __user *events, int room,
			   ktime_t *until)
{
	bool waits = !until || *until;
	int n, error = 0;

	for (;;) {
		/* A concurrent activation finds the sleeper, or kqueue_sleep() finds the knote. */
		n = list_empty_careful(&kq->active) ? 0 : scan(kq, events, room);
		if (n || !waits || error == -ETIME)
			return n;
		error = kqueue_sleep(kq, until);
		if (error == -EINTR) {
			pass_on(kq);
			return -EINTR;
		}
	}
}

/* ---- kevent(2) ---- */

/*
 * Applies the changes in order. The error of a change is reported as an event if there is room (and
 * kevent does not wait then), and so is each change with EV_RECEIPT; without room the error is
 * returned, and the remaining changes are not applied. The number of events, or an errno.
 */
static int make_changes(struct kqueue *kq, const struct kqueue_kevent *args)
{
	const struct kevent __user *changes = u64_to_user_ptr(args->changes);
	struct kevent __user *events = u64_to_user_ptr(args->events);
	struct kevent change;
	int i, error, reported = 0;

	for (i = 0; i < args->nchanges; i++) {
		if (copy_from_user(&change, &changes[i], sizeof(change)))
			return -EFAULT;
		if (mutex_lock_killable(&kq->lock))
			return -EINTR;
		error = kqueue_change(kq, &change);
		mutex_unlock(&kq->lock);
		if (error || (change.flags & EV_RECEIPT)) {
			if (reported == args->nevents)
				return error ? error : reported;
			change.flags = EV_ERROR;
			change.data = -error;
			if (copy_to_user(&events[reported++], &change, sizeof(change)))
				return -EFAULT;
		}
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return reported;
}

/* Converts a relative timeout to an absolute time. */
static int read_timeout(u64 pointer, ktime_t *until)
{
	struct timespec64 timeout;

	if (get_timespec64(&timeout, u64_to_user_ptr(pointer)))
		return -EFAULT;
	if (!timespec64_valid(&timeout))
		return -EINVAL;
	*until = timespec64_to_ktime(timeout);
	if (*until)
		*until = ktime_add_safe(ktime_get(), *until);
	return 0;
}

/* Also matches programs that were built with another layout of the struct. */
static bool is_kevent(unsigned int command)
{
	return _IOC_TYPE(command) == _IOC_TYPE(KQUEUE_KEVENT) &&
	       _IOC_NR(command) == _IOC_NR(KQUEUE_KEVENT);
}

static long kqueue_ioctl(struct file *file, unsigned int command, unsigned long pointer)
{
	struct kqueue *kq = file->private_data;
	struct kqueue_kevent args;
	ktime_t until;
	int n;

	if (command != KQUEUE_KEVENT)
		return is_kevent(command) ? -EINVAL : -ENOTTY;
	if (task_tgid(current) != kq->owner)
		return -EBADF;
	if (copy_from_user(&args, (void __user *)pointer, sizeof(args)))
		return -EFAULT;
	if (args.nchanges < 0 || args.nevents < 0)
		return -EINVAL;
	if (args.timeout) {
		int error = read_timeout(args.timeout, &until);

		if (error)
			return error;
	}
	n = make_changes(kq, &args);
	if (n || !args.nevents)
		return n;
	return wait_for_events(kq, u64_to_user_ptr(args.events), args.nevents,
			       args.timeout ? &until : NULL);
}

/* ---- the device ---- */

/*
 * Checks only whether the list is empty: an active knote may not be ready any more. Nested queues
 * are not scanned.
 */
static __poll_t kqueue_poll(struct file *file, poll_table *table)
{
	struct kqueue *kq = file->private_data;
	bool active;

	poll_wait(file, &kq->pollers, table);
	spin_lock_irq(&kq->active_lock);
	active = !list_empty(&kq->active);
	spin_unlock_irq(&kq->active_lock);
	return active ? EPOLLIN | EPOLLRDNORM : 0;
}

static void wake_pollers(struct work_struct *work)
{
	struct kqueue *kq = container_of(work, struct kqueue, wake_pollers);

	wake_up_interruptible_poll(&kq->pollers, EPOLLIN | EPOLLRDNORM);
}

static int kqueue_open(struct inode *inode, struct file *file)
{
	struct kqueue *kq = kzalloc(sizeof(*kq), GFP_KERNEL_ACCOUNT);
	int i;

	if (!kq)
		return -ENOMEM;
	mutex_init(&kq->lock);
	for (i = 0; i < FILTERS; i++)
		xa_init(&kq->knotes[i]);
	INIT_LIST_HEAD(&kq->wakeones);
	spin_lock_init(&kq->active_lock);
	INIT_LIST_HEAD(&kq->active);
	INIT_LIST_HEAD(&kq->sleepers);
	init_waitqueue_head(&kq->pollers);
	INIT_WORK(&kq->wake_pollers, wake_pollers);
	kq->owner = get_pid(task_tgid(current));
	file->private_data = kq;
	return stream_open(inode, file);
}

/*
 * Knotes are dropped when the process that opened the queue ends, even if a child still has the
 * descriptor.
 */
static int kqueue_flush(struct file *file, fl_owner_t id)
{
	struct kqueue *kq = file->private_data;

	if (task_tgid(current) == kq->owner && (current->flags & PF_EXITING)) {
		mutex_lock(&kq->lock);
		knotes_drop(kq);
		mutex_unlock(&kq->lock);
	}
	return 0;
}

static int kqueue_release(struct inode *inode, struct file *file)
{
	struct kqueue *kq = file->private_data;

	knotes_drop(kq);
	cancel_work_sync(&kq->wake_pollers);
	put_pid(kq->owner);
	kfree(kq);
	return 0;
}

const struct file_operations kqueue_fops = {
	.owner = THIS_MODULE,
	.open = kqueue_open,
	.flush = kqueue_flush,
	.release = kqueue_release,
	.poll = kqueue_poll,
	.unlocked_ioctl = kqueue_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kqueue",
	.fops = &kqueue_fops,
	.mode = 0600,
};

module_misc_device(device);

MODULE_DESCRIPTION("kqueue(2) and kevent(2) with EV_WAKEONE");
MODULE_AUTHOR("wakeone");
MODULE_LICENSE("Dual BSD/GPL");
