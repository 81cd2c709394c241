// SPDX-License-Identifier: Apache-2.0
/* What may stand where an unknown key stands, and which of it was probably meant. */
#pragma once

#include "core/config/schema.h"

/** struct suggestion - @nearest borrows from the schema; NULL where nothing is near. */
struct suggestion {
	char names[256];
	const char *nearest;
	size_t nearest_length;
};

/**
 * suggestion_find() - the legal keys of a mapping, and the one nearest to @word.
 * @section: NULL for the schema's top.
 * @refused: enum key_flags; keys with one of these are not legal here.
 */
void suggestion_find(const struct schema *schema, const struct section *section, unsigned refused,
		     const char *word, struct suggestion *ret);
