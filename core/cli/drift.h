// SPDX-License-Identifier: Apache-2.0
/*
 * What was applied and does not hold any more: one event when it begins and one when it is over, out of one
 * look after another; and how often it may be put back. Pure: no file, no clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/change.h"

enum {
	DRIFT_REPAIRS_MAX = 5, /* of one setting, within DRIFT_WINDOW_NS */
};

#define DRIFT_WINDOW_NS UINT64_C(60000000000)

/** DRIFT_RETRY_NS - after a repair that did not work: each try at a cpuset partition moves threads, too. */
#define DRIFT_RETRY_NS UINT64_C(10000000000)

/** DRIFT_CPUS - the domain of a CPU that went offline: nothing that apply wrote, so it is not put back. */
#define DRIFT_CPUS "cpus"

enum drift_kind {
	DRIFT_BEGAN,
	DRIFT_OVER,     /* it is again as it was applied, or is wanted no longer */
	DRIFT_GIVEN_UP, /* it was put back as often as allowed: for a while it is left as it is */
};

/**
 * struct drift_event - one of them.
 * @change: the setting, with what was found as its @old: of the look; for DRIFT_OVER of the drift itself.
 * @repaired: of DRIFT_BEGAN: it was put back at once; of DRIFT_OVER: it was put back by us.
 */
struct drift_event {
	enum drift_kind kind;
	const struct change *change;
	bool repaired;
};

/**
 * struct drift_item - a setting that does not hold, or did not a while ago.
 * @active: it does not hold, as of the last look. @seen: in this look.
 * @repaired: it was put back, as of the last look. @failed: the last repair did not work. @given_up: said so already.
 * @at: the last repairs, oldest overwritten first; @tried: how many there were.
 */
struct drift_item {
	struct change change;
	bool active;
	bool seen;
	bool repaired;
	bool failed;
	bool given_up;
	uint64_t at[DRIFT_REPAIRS_MAX];
	uint64_t tried;
};

/** struct drift - all of them; zeros are empty. */
struct drift {
	struct drift_item **item;
	size_t count;
	size_t room;
};

/**
 * struct drift_actions - what to do about them.
 * @repair: put it back; returns whether it is as it was applied now. NULL: nothing is put back.
 * @hindered: whether something keeps it from being put back as yet, so that it is not tried; once that is gone it
 * is, without delay. NULL: nothing does.
 * @tell: an event; borrows.
 */
struct drift_actions {
	bool (*repair)(void *context, const struct change *change);
	bool (*hindered)(void *context, const struct change *change);
	void (*tell)(void *context, const struct drift_event *event);
	void *context;
};

/**
 * drift_look() - compare with the look before.
 * @now: each setting that is wanted, what was found as @old, and whether that @held.
 * @now_ns: CLOCK_MONOTONIC.
 *
 * Returns 0 or -ENOMEM; then events are missing, which the next look makes up for.
 */
int drift_look(struct drift *drift, const struct changes *now, const struct drift_actions *actions,
	       uint64_t now_ns);

/** drift_active() - how many do not hold. */
size_t drift_active(const struct drift *drift);

void drift_done(struct drift *drift);
