// SPDX-License-Identifier: Apache-2.0
/* What a VALUE_ITEMS key holds: an array of structures that another schema describes. */
#pragma once

#include "core/config/schema.h"

/** items_get() - the first of @ret_count items; NULL where there are none. They stay the key's. */
void *items_get(const struct key *key, const void *target, size_t *ret_count);

/**
 * items_start() - give the key @count items, all with their keys' fallbacks, in place of what it held.
 *
 * Returns 0 or -ENOMEM, when the key holds none or unfinished ones, to be released as ever.
 */
int items_start(const struct key *key, size_t count, void *target);

/** items_done() - release all items; leaves none. */
void items_done(const struct key *key, void *target);
