// SPDX-License-Identifier: Apache-2.0
#include "core/cli/drift.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void item_free(struct drift_item *item)
{
	if (item == NULL)
		return;
	change_done(&item->change);
	free(item);
}

static struct drift_item *find(const struct drift *drift, const struct change *change)
{
	for (size_t i = 0; i < drift->count; i++) {
		if (change_same(&drift->item[i]->change, change))
			return drift->item[i];
	}
	return NULL;
}

static struct drift_item *add(struct drift *drift)
{
	struct drift_item *item;

	if (drift->count == drift->room) {
		size_t room = drift->room == 0 ? 16 : 2 * drift->room;
		struct drift_item **larger = reallocarray(drift->item, room, sizeof(struct drift_item *));

		if (larger == NULL)
			return NULL;
		drift->item = larger;
		drift->room = room;
	}
	item = calloc(1, sizeof(*item));
	if (item != NULL)
		drift->item[drift->count++] = item;
	return item;
}

/* Takes what was found in this look. */
static int take_change(struct drift_item *item, const struct change *change)
{
	struct change copy;

	if (change_copy(change, &copy) != 0)
		return -ENOMEM;
	change_done(&item->change);
	item->change = copy;
	return 0;
}

static bool may_repair(const struct drift_item *item, uint64_t now_ns)
{
	return item->tried < DRIFT_REPAIRS_MAX ||
	       now_ns - item->at[item->tried % DRIFT_REPAIRS_MAX] >= DRIFT_WINDOW_NS;
}

static uint64_t last_repair_ns(const struct drift_item *item)
{
	return item->tried == 0 ? 0 : item->at[(item->tried - 1) % DRIFT_REPAIRS_MAX];
}

static void tell(const struct drift_item *item, const struct drift_actions *actions, enum drift_kind kind)
{
	const struct drift_event event = {
		.kind = kind, .change = &item->change, .repaired = item->repaired,
	};

	actions->tell(actions->context, &event);
}

/* Returns whether it may not be tried now. */
static bool repair(struct drift_item *item, const struct drift_actions *actions, uint64_t now_ns)
{
	item->repaired = false;
	if (actions->repair == NULL || strcmp(item->change.domain, DRIFT_CPUS) == 0)
		return false;
	if (actions->hindered != NULL && actions->hindered(actions->context, &item->change)) {
		item->failed = false;
		return false;
	}
	if (item->failed && now_ns - last_repair_ns(item) < DRIFT_RETRY_NS)
		return item->given_up;
	if (!may_repair(item, now_ns))
		return true;
	item->at[item->tried++ % DRIFT_REPAIRS_MAX] = now_ns;
	item->given_up = false;
	item->repaired = actions->repair(actions->context, &item->change);
	item->failed = !item->repaired;
	return false;
}

static void broken(struct drift_item *item, const struct drift_actions *actions, uint64_t now_ns)
{
	bool began = !item->active;
	bool too_often = repair(item, actions, now_ns);

	item->active = true;
	if (began)
		tell(item, actions, DRIFT_BEGAN);
	if (too_often && !item->given_up)
		tell(item, actions, DRIFT_GIVEN_UP);
	item->given_up = too_often;
}

static void over(struct drift_item *item, const struct drift_actions *actions)
{
	item->active = false;
	tell(item, actions, DRIFT_OVER);
}

static int look_at(struct drift *drift, const struct change *change, const struct drift_actions *actions,
		   uint64_t now_ns)
{
	struct drift_item *item = find(drift, change);

	if (change->held) {
		if (item != NULL && item->active)
			over(item, actions);
		return 0;
	}
	if (item == NULL)
		item = add(drift);
	if (item == NULL || take_change(item, change) != 0)
		return -ENOMEM;
	item->seen = true;
	broken(item, actions, now_ns);
	return 0;
}

/* What was not seen not to hold is over; what nobody put back for long is forgotten. */
static void sweep(struct drift *drift, const struct drift_actions *actions, uint64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < drift->count; i++) {
		struct drift_item *item = drift->item[i];

		if (item->active && !item->seen)
			over(item, actions);
		if (item->active || (item->tried > 0 && now_ns - last_repair_ns(item) < DRIFT_WINDOW_NS))
			drift->item[kept++] = item;
		else
			item_free(item);
	}
	drift->count = kept;
}

int drift_look(struct drift *drift, const struct changes *now, const struct drift_actions *actions,
	       uint64_t now_ns)
{
	int error = 0;

	for (size_t i = 0; i < drift->count; i++)
		drift->item[i]->seen = false;
	for (size_t i = 0; error == 0 && i < now->count; i++)
		error = look_at(drift, &now->item[i], actions, now_ns);
	/* A look that was cut short proves nothing to be over. */
	if (error == 0)
		sweep(drift, actions, now_ns);
	return error;
}

size_t drift_active(const struct drift *drift)
{
	size_t count = 0;

	for (size_t i = 0; i < drift->count; i++)
		count += drift->item[i]->active;
	return count;
}

void drift_done(struct drift *drift)
{
	for (size_t i = 0; i < drift->count; i++)
		item_free(drift->item[i]);
	free(drift->item);
	*drift = (struct drift){0};
}
