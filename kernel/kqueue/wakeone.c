// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * EV_WAKEONE: of all queues that watch a file, one is woken.
 *
 *	connection --> wait queue --> set --> kqueue 0 (busy)
 *		       of the file     |      kqueue 1 (asleep)  <-- the policy chooses
 *				       |      kqueue 2 (asleep)
 *
 * The set has one entry on the wait queue, for all its members. On an event it selects a member
 * whose kqueue has a sleeper and activates only that member's knote; if there is no sleeper, all
 * are activated, and the next thread that waits checks for itself. End of file and errors activate
 * all. A sleeper that was woken is removed from the list, so that a burst of k wakes
 * min(k, sleepers).
 *
 * The selected process may not handle the event: it is over its limit, has ended, or is stopped. If
 * that is detectable (the knote is deleted or disabled, the queue closed, a signal interrupts the
 * wait), the event is passed on at once. If not (the process was stopped after kevent returned), a
 * timer passes it on: a file that is still ready pass_on_ms after the last wakeup wakes another.
 */

#include "kqueue.h"

#include <linux/file.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>

struct wakeset {
	struct hlist_node node; /* in sets, by head */
	struct file *file;
	wait_queue_head_t *head; /* NULL when the kernel has freed it (POLLFREE) */
	void *key;		 /* the initial value of head */
	wait_queue_entry_t wait;
	__poll_t mask;
	struct delayed_work pass_on;

	spinlock_t lock;	  /* protects the members below */
	struct list_head members; /* in the order of registration */
	u32 policy;
	u64 turns;
	unsigned long last; /* jiffies of the last wakeup */
};

static DEFINE_MUTEX(sets_lock); /* membership of sets */
static DEFINE_HASHTABLE(sets, 6);

static const struct {
	const char *name;
	u32 policy;
} policies[] = {
	{ "registered", NOTE_REGISTERED },
	{ "fifo", NOTE_FIFO },
	{ "lifo", NOTE_LIFO },
	{ "rotate", NOTE_ROTATE },
};

static u32 default_policy = NOTE_REGISTERED;

static int set_policy(const char *value, const struct kernel_param *kp)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		if (sysfs_streq(value, policies[i].name)) {
			WRITE_ONCE(default_policy, policies[i].policy);
			return 0;
		}
	}
	return -EINVAL;
}

static int get_policy(char *buffer, const struct kernel_param *kp)
{
	size_t i = 0;

	while (policies[i].policy != READ_ONCE(default_policy))
		i++;
	return sprintf(buffer, "%s\n", policies[i].name);
}

static const struct kernel_param_ops policy_ops = { .set = set_policy, .get = get_policy };
module_param_cb(policy, &policy_ops, NULL, 0644);
MODULE_PARM_DESC(policy,
		 "which sleeper EV_WAKEONE wakes: registered, fifo, lifo or rotate (registered)");

static unsigned int pass_on_ms = 100;
module_param(pass_on_ms, uint, 0644);
MODULE_PARM_DESC(pass_on_ms,
		 "an event that is not handled after so many ms wakes another; 0 = never (100)");

static unsigned long pass_on_delay(void)
{
	return msecs_to_jiffies(READ_ONCE(pass_on_ms));
}

/* The member with a sleeper that the policy selects. set->lock is held. */
static struct hook *prefer(struct wakeset *set, const struct kqueue *except)
{
	struct hook *hook, *best = NULL;
	u64 best_key = 0;

	list_for_each_entry(hook, &set->members, member) {
		const struct kqueue *kq = hook->kn->kq;
		u64 since =
			set->policy == NOTE_LIFO ? READ_ONCE(kq->newest) : READ_ONCE(kq->oldest);
		u64 key = set->policy == NOTE_ROTATE ? hook->turn : since;

		if (!since || kq == except || READ_ONCE(hook->kn->disabled))
			continue;
		if (set->policy == NOTE_REGISTERED)
			return hook;
		if (!best || (set->policy == NOTE_LIFO ? key > best_key : key < best_key)) {
			best = hook;
			best_key = key;
		}
	}
	return best;
}

/*
 * A sleeper may have been woken before knote_choose() takes the lock: then the next iteration does
 * not find it. set->lock is held.
 */
static bool wake_one(struct wakeset *set, const struct kqueue *except)
{
	struct hook *hook;

	while ((hook = prefer(set, except))) {
		if (!knote_choose(hook->kn, set->policy != NOTE_LIFO))
			continue;
		hook->turn = ++set->turns;
		WRITE_ONCE(set->last, jiffies);
		if (pass_on_delay())
			schedule_delayed_work(&set->pass_on, pass_on_delay());
		return true;
	}
	return false;
}

static void activate_all(struct wakeset *set)
{
	struct hook *hook;

	list_for_each_entry(hook, &set->members, member)
		knote_activate(hook->kn);
}

/* Wakes one sleeper; without one, activates all members. set->lock is held. */
static void wake(struct wakeset *set)
{
	if (!wake_one(set, NULL))
		activate_all(set);
}

static int wakeset_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct wakeset *set = container_of(wait, struct wakeset, wait);
	__poll_t what = key_to_poll(key);
	unsigned long flags;

	spin_lock_irqsave(&set->lock, flags);
	/* A wakeup without a key may be for any event. */
	if (!what || (what & (EPOLLERR | EPOLLHUP | EPOLLRDHUP | POLLFREE)))
		activate_all(set);
	else if (what & set->mask)
		wake(set);
	spin_unlock_irqrestore(&set->lock, flags);

	if (what & POLLFREE) {
		list_del_init(&wait->entry);
		/* The last access: after it the set may be freed. */
		smp_store_release(&set->head, NULL);
	}
	return 0;
}

static bool is_ready(const struct wakeset *set)
{
	return vfs_poll(set->file, NULL) & set->mask;
}

static void pass_on_late(struct work_struct *work)
{
	struct wakeset *set = container_of(to_delayed_work(work), struct wakeset, pass_on);
	unsigned long due = READ_ONCE(set->last) + pass_on_delay();

	if (!pass_on_delay())
		return;
	if (time_before(jiffies, due)) {
		schedule_delayed_work(&set->pass_on, due - jiffies);
		return;
	}
	if (!is_ready(set))
		return;
	spin_lock_irq(&set->lock);
	wake(set);
	spin_unlock_irq(&set->lock);
	schedule_delayed_work(&set->pass_on, pass_on_delay());
}

static struct wakeset *find_set(const wait_queue_head_t *head)
{
	struct wakeset *set;

	hash_for_each_possible(sets, set, node, (unsigned long)head) {
		if (set->key == head && READ_ONCE(set->head))
			return set;
	}
	return NULL;
}

static struct wakeset *new_set(struct file *file, wait_queue_head_t *head, __poll_t mask)
{
	struct wakeset *set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);

	if (!set)
		return NULL;
	set->file = get_file(file);
	set->head = head;
	set->key = head;
	set->mask = mask;
	set->policy = READ_ONCE(default_policy);
	spin_lock_init(&set->lock);
	INIT_LIST_HEAD(&set->members);
	INIT_DELAYED_WORK(&set->pass_on, pass_on_late);
	init_waitqueue_func_entry(&set->wait, wakeset_wake);
	hash_add(sets, &set->node, (unsigned long)head);
	add_wait_queue(head, &set->wait);
	return set;
}

static void free_set(struct wakeset *set)
{
	wait_queue_head_t *head;

	hash_del(&set->node);
	rcu_read_lock(); /* the head may go with POLLFREE, and is freed after a grace period then */
	head = smp_load_acquire(&set->head);
	if (head)
		remove_wait_queue(head, &set->wait);
	rcu_read_unlock();
	cancel_delayed_work_sync(&set->pass_on);
	fput(set->file);
	kfree(set);
}

/*
 * 0, ENOMEM, or EINVAL if the other members have another policy. The set holds a reference to the
 * file, as each of its knotes does.
 */
int wakeset_join(struct hook *hook, struct file *file, wait_queue_head_t *head)
{
	u32 policy = hook->kn->event.fflags & NOTE_POLICIES;
	struct wakeset *set;
	int error = 0;

	mutex_lock(&sets_lock);
	set = find_set(head);
	if (!set) {
		set = new_set(file, head, knote_mask(hook->kn));
		if (set && policy)
			set->policy = policy;
	}
	if (!set)
		error = -ENOMEM;
	else if (policy && policy != set->policy)
		error = -EINVAL;
	if (!error) {
		spin_lock_irq(&set->lock);
		list_add_tail(&hook->member, &set->members);
		spin_unlock_irq(&set->lock);
		hook->set = set;
	}
	mutex_unlock(&sets_lock);
	return error;
}

/* With pass_on: an event that it was woken for and has not handled wakes another member. */
void wakeset_leave(struct hook *hook, bool pass_on)
{
	struct wakeset *set = hook->set;
	bool empty;

	mutex_lock(&sets_lock);
	spin_lock_irq(&set->lock);
	list_del(&hook->member);
	empty = list_empty(&set->members);
	spin_unlock_irq(&set->lock);
	if (empty) {
		free_set(set);
	} else if (pass_on && is_ready(set)) {
		spin_lock_irq(&set->lock);
		wake(set);
		spin_unlock_irq(&set->lock);
	}
	mutex_unlock(&sets_lock);
}

/*
 * The same without leaving, for a member that was woken and cannot handle the event. Busy members
 * need no activation: the knote stays active.
 */
void wakeset_pass_on(struct hook *hook)
{
	struct wakeset *set = hook->set;

	if (!is_ready(set))
		return;
	spin_lock_irq(&set->lock);
	wake_one(set, hook->kn->kq);
	spin_unlock_irq(&set->lock);
}
