// SPDX-License-Identifier: Apache-2.0
/* One mapping of the file, read by a schema: known keys, each once, each with a legal value. */
#pragma once

#include "core/config/schema.h"

struct diag;
struct node;

/** struct value_place - where a key's value was given; @file NULL where it was not. */
struct value_place {
	const char *file; /* borrowed from its document */
	unsigned line;
	unsigned column;
};

/**
 * struct mapping_reader - what a mapping is read with.
 * @refused: enum key_flags; keys with one of these do not belong in this mapping.
 * @file: of the mapping, for messages; must outlive @given.
 * @prefix: put before a key's path in messages, like "partitions[0].".
 * @target: the structure the schema is for, all its keys valid or zero.
 * @given: one per key of the schema; what this mapping gives is recorded.
 */
struct mapping_reader {
	const struct schema *schema;
	unsigned refused;
	const char *file;
	const char *prefix;
	void *target;
	struct value_place *given;
	struct diag *why;
};

/**
 * mapping_read() - lay the values of @mapping over those in the reader's target.
 *
 * Pure. Returns 0, -EINVAL, -ERANGE, -E2BIG or -ENOMEM, with the reader's @why complete.
 */
int mapping_read(const struct mapping_reader *reader, const struct node *mapping);

/** mapping_refuse() - a refusal of @node under @path, complete with file, line, column and key. */
int mapping_refuse(const struct mapping_reader *reader, const struct node *node, const char *path,
		   const char *text);
