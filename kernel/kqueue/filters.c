// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The filters: descriptors (read, write), timers, and user events.
 */

#include "kqueue.h"

#include <linux/eventpoll.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/pipe_fs_i.h>
#include <linux/slab.h>
#include <net/sock.h>
#include <net/tcp.h>

/* ---- descriptors ---- */

static DEFINE_MUTEX(nesting_lock);

/*
 * A kqueue in a kqueue must not contain a kqueue, and no kqueue contains itself: references and
 * wakeups have no cycle.
 */
static int nest(struct knote *kn)
{
	struct kqueue *inner;
	int error = 0;

	if (kn->file->f_op != &kqueue_fops)
		return 0;
	inner = kn->file->private_data;
	mutex_lock(&nesting_lock);
	if (inner == kn->kq)
		error = -EINVAL;
	else if (inner->watching || kn->kq->watched)
		error = -ELOOP;
	if (!error) {
		inner->watched++;
		kn->kq->watching++;
	}
	mutex_unlock(&nesting_lock);
	return error;
}

static void unnest(struct knote *kn)
{
	struct kqueue *inner = kn->file->private_data;

	if (kn->file->f_op != &kqueue_fops)
		return;
	mutex_lock(&nesting_lock);
	inner->watched--;
	kn->kq->watching--;
	mutex_unlock(&nesting_lock);
}

/* The poll(2) events that make a knote of a descriptor ready */
__poll_t knote_mask(const struct knote *kn)
{
	__poll_t mask = EPOLLERR | EPOLLHUP;

	if (kn->filter == &kfilters[FILTER_READ])
		return mask | EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	return mask | EPOLLOUT | EPOLLWRNORM;
}

static int hook_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct hook *hook = container_of(wait, struct hook, wait);
	__poll_t what = key_to_poll(key);

	if (!what || (what & (knote_mask(hook->kn) | POLLFREE)))
		knote_activate(hook->kn);
	if (what & POLLFREE) {
		list_del_init(&wait->entry);
		/* The last access: after it the hook may be freed. */
		smp_store_release(&hook->head, NULL);
	}
	return 0;
}

struct attaching {
	poll_table table;
	struct knote *kn;
	int error;
};

static void free_hook(struct hook *hook)
{
	if (hook != &hook->kn->first)
		kfree(hook);
}

/* Called by the file's poll for each wait queue: one, or separate ones for reading and writing. */
static void attach_to(struct file *file, wait_queue_head_t *head, poll_table *table)
{
	struct attaching *attaching = container_of(table, struct attaching, table);
	struct knote *kn = attaching->kn;
	struct hook *hook;

	if (attaching->error || !head)
		return;
	hook = list_empty(&kn->hooks) ? &kn->first : kzalloc(sizeof(*hook), GFP_KERNEL_ACCOUNT);
	if (!hook) {
		attaching->error = -ENOMEM;
		return;
	}
	hook->kn = kn;
	if (kn->event.flags & EV_WAKEONE) {
		attaching->error = wakeset_join(hook, kn->file, head);
		if (attaching->error) {
			free_hook(hook);
			return;
		}
	} else {
		hook->head = head;
		init_waitqueue_func_entry(&hook->wait, hook_wake);
		add_wait_queue(head, &hook->wait);
	}
	list_add_tail(&hook->link, &kn->hooks);
}

static void unhook(struct hook *hook)
{
	wait_queue_head_t *head;

	rcu_read_lock(); /* the head may go with POLLFREE, and is freed after a grace period then */
	head = smp_load_acquire(&hook->head);
	if (head)
		remove_wait_queue(head, &hook->wait);
	rcu_read_unlock();
}

static void descriptor_detach(struct knote *kn, bool pass_on)
{
	struct hook *hook, *next;

	list_for_each_entry_safe(hook, next, &kn->hooks, link) {
		if (hook->set)
			wakeset_leave(hook, pass_on && !kn->disabled);
		else
			unhook(hook);
		free_hook(hook);
	}
	unnest(kn);
}

static int descriptor_attach(struct knote *kn, bool *ready)
{
	struct attaching attaching = { .kn = kn };

	if (!file_can_poll(kn->file))
		return -EPERM;
	attaching.error = nest(kn);
	if (attaching.error)
		return attaching.error;
	init_poll_funcptr(&attaching.table, attach_to);
	*ready = vfs_poll(kn->file, &attaching.table) & knote_mask(kn);
	if (attaching.error)
		descriptor_detach(kn, false);
	return attaching.error;
}

static s64 queued_bytes(struct sock *sk)
{
	unsigned long flags;
	struct sk_buff *skb;
	s64 sum = 0;

	spin_lock_irqsave(&sk->sk_receive_queue.lock, flags);
	skb_queue_walk(&sk->sk_receive_queue, skb)
		sum += skb->len;
	spin_unlock_irqrestore(&sk->sk_receive_queue.lock, flags);
	return sum;
}

static bool is_tcp(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP &&
	       (sk->sk_family == AF_INET || sk->sk_family == AF_INET6);
}

/* Pending connections of a listener, otherwise bytes */
static s64 socket_to_read(struct sock *sk)
{
	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		return is_tcp(sk) ? READ_ONCE(sk->sk_ack_backlog)
				  : skb_queue_len_lockless(&sk->sk_receive_queue);
	return is_tcp(sk) ? tcp_inq(sk) : queued_bytes(sk);
}

static s64 pipe_to_read(struct pipe_inode_info *pipe)
{
	unsigned int i;
	s64 sum = 0;

	pipe_lock(pipe);
	for (i = pipe->tail; i != pipe->head; i++)
		sum += pipe->bufs[i & (pipe->ring_size - 1)].len;
	pipe_unlock(pipe);
	return sum;
}

static s64 pipe_to_write(struct pipe_inode_info *pipe)
{
	s64 slots;

	pipe_lock(pipe);
	slots = (s64)pipe->max_usage - (unsigned int)(pipe->head - pipe->tail);
	pipe_unlock(pipe);
	return slots > 0 ? slots * PAGE_SIZE : 0;
}

/*
 * The available amount; 1 if the file is ready but does not report an amount.
 */
static s64 amount(const struct knote *kn)
{
	bool reads = kn->filter == &kfilters[FILTER_READ];
	struct socket *socket = sock_from_file(kn->file);
	struct inode *inode = file_inode(kn->file);
	s64 sum = 0;

	if (socket && socket->sk)
		sum = reads ? socket_to_read(socket->sk) : sk_stream_wspace(socket->sk);
	else if (S_ISFIFO(inode->i_mode) && inode->i_pipe)
		sum = reads ? pipe_to_read(inode->i_pipe) : pipe_to_write(inode->i_pipe);
	return max_t(s64, sum, 1);
}

static bool descriptor_ready(struct knote *kn, struct kevent *event)
{
	__poll_t found = vfs_poll(kn->file, NULL) & knote_mask(kn);
	struct socket *socket = sock_from_file(kn->file);
	bool ends = found & (EPOLLHUP | EPOLLERR | EPOLLRDHUP);

	if (!found)
		return false;
	event->fflags = 0;
	if (ends) {
		event->flags |= EV_EOF;
		if (socket && socket->sk)
			event->fflags = READ_ONCE(socket->sk->sk_err);
	}
	event->data = ends && !(found & (EPOLLIN | EPOLLOUT)) ? 0 : amount(kn);
	return true;
}

/* ---- timers ---- */

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*expired)(struct hrtimer *),
			  clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = expired;
}
#endif

static enum hrtimer_restart timer_expired(struct hrtimer *timer)
{
	struct knote *kn = container_of(timer, struct knote, timer);

	atomic64_set(&kn->expirations, 1);
	knote_activate(kn);
	/*
	 * It is restarted when this expiration is reported, and missed ones are counted then: a
	 * period of 1 ns causes no interrupt storm.
	 */
	return HRTIMER_NORESTART;
}

#define TIMER_UNITS (NOTE_SECONDS | NOTE_MSECONDS | NOTE_USECONDS | NOTE_NSECONDS)

/* 0, or -EINVAL: negative, out of range, or more than one unit */
static int timer_interval(const struct kevent *event, ktime_t *interval)
{
	u32 unit = event->fflags & ~NOTE_ABSTIME;
	s64 ns = unit == NOTE_SECONDS	 ? NSEC_PER_SEC
		 : unit == NOTE_USECONDS ? NSEC_PER_USEC
		 : unit == NOTE_NSECONDS ? 1
					 : NSEC_PER_MSEC;

	if ((unit && !is_power_of_2(unit)) || event->data < 0 || event->data > KTIME_MAX / ns)
		return -EINVAL;
	*interval = event->data * ns;
	return 0;
}

static int timer_start(struct knote *kn, const struct kevent *event)
{
	bool absolute = event->fflags & NOTE_ABSTIME;
	enum hrtimer_mode mode = absolute ? HRTIMER_MODE_ABS : HRTIMER_MODE_REL;
	clockid_t clock = absolute ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	ktime_t interval;
	int error = timer_interval(event, &interval);

	if (error)
		return error;
	hrtimer_setup(&kn->timer, timer_expired, clock, mode);
	kn->event.fflags = event->fflags;
	kn->event.data = event->data;
	kn->event.flags |= EV_CLEAR;
	/* Absolute timers expire once; a period of 0 would expire forever. */
	kn->period = absolute || (kn->event.flags & EV_ONESHOT) ? 0 : max_t(ktime_t, interval, 1);
	hrtimer_start(&kn->timer, interval, mode);
	return 0;
}

static int timer_attach(struct knote *kn, bool *ready)
{
	return timer_start(kn, &kn->event);
}

static void timer_detach(struct knote *kn, bool pass_on)
{
	hrtimer_cancel(&kn->timer);
}

static int timer_change(struct knote *kn, const struct kevent *change)
{
	ktime_t interval;

	if (!(change->flags & EV_ADD))
		return 0;
	if (timer_interval(change, &interval))
		return -EINVAL;
	hrtimer_cancel(&kn->timer);
	atomic64_set(&kn->expirations, 0);
	return timer_start(kn, change);
}

static bool timer_ready(struct knote *kn, struct kevent *event)
{
	event->data = atomic64_xchg(&kn->expirations, 0);
	if (!event->data)
		return false;
	if (kn->period) {
		event->data += hrtimer_forward_now(&kn->timer, kn->period) - 1;
		hrtimer_restart(&kn->timer);
	}
	return true;
}

/* ---- user events ---- */

static int user_change(struct knote *kn, const struct kevent *change)
{
	u32 bits = change->fflags & NOTE_FFLAGSMASK;
	u32 *own = &kn->event.fflags;

	switch (change->fflags & NOTE_FFCTRLMASK) {
	case NOTE_FFAND:
		*own &= bits;
		break;
	case NOTE_FFOR:
		*own |= bits;
		break;
	case NOTE_FFCOPY:
		*own = bits;
		break;
	}
	kn->event.data = change->data;
	if (change->fflags & NOTE_TRIGGER)
		kn->triggered = true;
	return 0;
}

static int user_attach(struct knote *kn, bool *ready)
{
	kn->triggered = kn->event.fflags & NOTE_TRIGGER;
	*ready = kn->triggered;
	kn->event.fflags &= NOTE_FFLAGSMASK;
	return 0;
}

static void user_detach(struct knote *kn, bool pass_on)
{
}

static bool user_ready(struct knote *kn, struct kevent *event)
{
	if (!kn->triggered)
		return false;
	if (kn->event.flags & EV_CLEAR) {
		kn->triggered = false;
		kn->event.fflags = 0;
		kn->event.data = 0;
	}
	return true;
}

const struct kfilter kfilters[FILTERS] = {
	[FILTER_READ] = {
		.fflags = NOTE_POLICIES,
		.on_descriptor = true,
		.attach = descriptor_attach,
		.detach = descriptor_detach,
		.ready = descriptor_ready,
	},
	[FILTER_WRITE] = {
		.on_descriptor = true,
		.attach = descriptor_attach,
		.detach = descriptor_detach,
		.ready = descriptor_ready,
	},
	[FILTER_TIMER] = {
		.fflags = TIMER_UNITS | NOTE_ABSTIME,
		.attach = timer_attach,
		.detach = timer_detach,
		.change = timer_change,
		.ready = timer_ready,
	},
	[FILTER_USER] = {
		.fflags = NOTE_FFCTRLMASK | NOTE_FFLAGSMASK | NOTE_TRIGGER,
		.attach = user_attach,
		.detach = user_detach,
		.change = user_change,
		.ready = user_ready,
	},
};
