// SPDX-License-Identifier: Apache-2.0
/* How far an apply or revert is, for those who wait at a terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct change;

/**
 * struct change_progress - @verb: "applying". @total: how many changes are expected.
 * The rest is its own.
 */
struct change_progress {
	const char *verb;
	size_t total;
	size_t begun;
	uint64_t silent_until_ns;
	bool shown;
};

/** change_progress_step() - for struct borrow's @progress, with a struct change_progress as its context. */
void change_progress_step(void *context, const struct change *change, bool restoring);

/** change_progress_end() - clear the line again. */
void change_progress_end(struct change_progress *progress);
