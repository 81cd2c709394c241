// SPDX-License-Identifier: Apache-2.0
/* A partition in the making: fallbacks, then profiles, then the partition's own keys. */
#pragma once

#include "core/config/profile.h"

/** draft_start() - put the schema's fallbacks into a zeroed draft. Returns 0 or -ENOMEM. */
int draft_start(struct partition_draft *draft);

/**
 * draft_check_given() - refuse keys that contradict each other by being given at all.
 * @given: one per key of partition_schema.
 * @prefix: put before a key's path in messages.
 *
 * Returns 0 or -EINVAL with @why complete.
 */
int draft_check_given(const struct partition_draft *draft, const struct value_place *given,
		      const char *prefix, struct diag *why);

/**
 * draft_finish() - derive what follows from other values, and hand the partition over.
 * @ret: owns what @draft owned, which is left empty.
 */
void draft_finish(struct partition_draft *draft, struct partition_config *ret);

/**
 * draft_keep_places() - put into a finished partition the lines that other floors show for its values:
 * the file's own, or the one that names the profile.
 */
void draft_keep_places(const struct value_place *given, struct partition_config *config);

/** draft_of() - a draft that shows @partition by the keys of the schema; borrows all of it. */
struct partition_draft draft_of(const struct partition_config *partition);

void draft_done(struct partition_draft *draft);
