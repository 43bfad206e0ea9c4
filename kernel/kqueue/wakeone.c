// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * EV_WAKEONE: of all queues that watch something, one is woken.
 *
 *	connection --> wait queue --> set --> kqueue 0 (busy)
 *		       of the file     |      kqueue 1 (asleep)  <-- the policy chooses
 *				       |      kqueue 2 (asleep)
 *
 * The set has one entry on the wait queue, for all its members. When something comes it looks for
 * a member whose kqueue has a sleeper, activates that one's knote and leaves the others alone; if
 * none has a sleeper, all are activated, and whoever waits next looks for itself. End of file and
 * errors go to all. A sleeper that was woken is none any more, so that a burst of k wakes
 * min(k, sleepers).
 *
 * Whoever is chosen may not take what there is: it is over its limit, or gone, or stopped. Where
 * that can be seen (the knote is deleted or disabled, the queue closed, a signal interrupts the
 * wait) it is passed on at once. Where it cannot (the program was stopped after kevent returned) a
 * timer does: what is still ready pass_on_ms after the last wakeup wakes somebody else.
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
	void *key;		 /* what head was */
	wait_queue_entry_t wait;
	__poll_t mask;
	struct delayed_work pass_on;

	spinlock_t lock;	  /* the rest */
	struct list_head members; /* in the order of their registration */
	u32 policy;
	u64 turns;
	unsigned long last; /* jiffies of the last wakeup */
};

static DEFINE_MUTEX(sets_lock); /* who is in which set */
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
MODULE_PARM_DESC(policy, "whom EV_WAKEONE wakes: registered, fifo, lifo or rotate (registered)");

static unsigned int pass_on_ms = 100;
module_param(pass_on_ms, uint, 0644);
MODULE_PARM_DESC(pass_on_ms,
		 "what nobody has taken after so many ms wakes another; 0 = never (100)");

static unsigned long patience(void)
{
	return msecs_to_jiffies(READ_ONCE(pass_on_ms));
}

/* Of those with a sleeper, the one that the policy prefers. set->lock is held. */
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
 * A sleeper that is gone by the time it is to be woken is asleep for nobody: the next look does
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
		if (patience())
			schedule_delayed_work(&set->pass_on, patience());
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

/* One that sleeps; where nobody does, whoever comes next. set->lock is held. */
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
	/* Where it is not said what has come, it may be anything. */
	if (!what || (what & (EPOLLERR | EPOLLHUP | EPOLLRDHUP | POLLFREE)))
		activate_all(set);
	else if (what & set->mask)
		wake(set);
	spin_unlock_irqrestore(&set->lock, flags);

	if (what & POLLFREE) {
		list_del_init(&wait->entry);
		/* The last access: whoever sees it may free the set. */
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
	unsigned long due = READ_ONCE(set->last) + patience();

	if (!patience())
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
	schedule_delayed_work(&set->pass_on, patience());
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
 * 0, ENOMEM, or EINVAL where the others have another policy. The set pins the file, as each of its
 * knotes does.
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

/* With pass_on: what it was woken for, and has not taken, another may have been waiting for. */
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
 * The same without leaving: it was woken, and cannot come. Whoever is busy will look, since it
 * stays where it is.
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
