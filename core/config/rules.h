// SPDX-License-Identifier: Apache-2.0
/* The rules between the values of a partition, which no single key can keep. */
#pragma once

#include "core/config/schema.h"

struct diag;

/**
 * struct violation - what broke a rule.
 * @key: the key at fault.
 * @other: the key it disagrees with; equals @key where there is none.
 * @item: where the item at fault stands in the file that gave @key, borrowed from it; NULL where the
 * fault is no item's.
 * @item_path: "[2].priority", to be added to the key's path.
 */
struct violation {
	enum partition_key key;
	enum partition_key other;
	const struct text_place *item;
	char item_path[32];
};

/**
 * rules_check() - hold a complete partition against the rules.
 * @ret: set when a rule is broken.
 * @why: reason, legal values, remedy; the caller adds place and key.
 *
 * Pure. Returns 0, -EINVAL or -ERANGE.
 */
int rules_check(const struct partition_config *partition, struct violation *ret, struct diag *why);

/** partition_key_applies() - whether a key says anything about this resolved partition. */
bool partition_key_applies(const struct partition_config *partition, enum partition_key key);
