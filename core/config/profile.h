// SPDX-License-Identifier: Apache-2.0
/* Profiles: files of partition keys that partitions, and other profiles, take their values from. */
#pragma once

#include "core/config/document.h"
#include "core/config/reader.h"

enum { PROFILE_CHAIN_MAX = 8 }; /* profiles in a row, each inheriting the next */

/** struct profile - one loaded profile; @parent is NULL at the end of its chain of @length. */
struct profile {
	struct document document;
	char *name; /* as resolved: a built-in's name or a path */
	const struct profile *parent;
	unsigned length;
	struct profile *next;
};

/** struct profile_store - all profiles a machine file named, each loaded once; zeros are empty. */
struct profile_store {
	struct profile *first;
};

/**
 * profile_find() - a profile, with all that it inherits, loaded where it is not yet.
 * @name: a built-in's name, or a path with a slash, relative to the folder of @from.
 * @from: the file that names it; borrowed.
 * @at: the node that names it, for messages about the name itself.
 * @ret: set on success; owned by the store.
 *
 * Stage: load. Returns 0; -ENOENT no such profile; -ELOOP it inherits itself; what reading it says.
 */
int profile_find(struct profile_store *store, const char *name, const char *from,
		 const struct value_place *at, const struct profile **ret, struct diag *why);

/**
 * profile_apply() - lay the values of @profile, its parents' first, over @draft.
 * @given: one per key of partition_schema.
 *
 * Returns as mapping_read().
 */
int profile_apply(const struct profile *profile, struct partition_draft *draft,
		  struct value_place *given, struct diag *why);

void profile_store_done(struct profile_store *store);
