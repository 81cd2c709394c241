// SPDX-License-Identifier: Apache-2.0
/* Values of keys: from the file's tree into a structure, and back out of it. */
#pragma once

#include <jansson.h>

#include "core/config/schema.h"

struct diag;
struct node;

/**
 * value_read() - convert @node and store it at @key's place in @target.
 * @target: the structure @key's table is for; what the key held before is released first.
 * @why: line, column, reason and legal values; the caller adds file and key.
 *
 * Not for VALUE_ITEMS, which mapping_read() reads. Pure. Returns 0, -EINVAL, -ERANGE, -E2BIG,
 * -ENOMEM; on failure the key holds zeros or its old value.
 */
int value_read(const struct key *key, const struct node *node, void *target, struct diag *why);

/**
 * value_check_list() - that @node is a list of as many items as @key takes.
 * @ret_count: set on success only.
 *
 * Returns 0, -EINVAL or -E2BIG with @why; the caller adds file and key.
 */
int value_check_list(const struct key *key, const struct node *node, size_t *ret_count,
		     struct diag *why);

/** value_fallback() - put @key's fallback, or what it is unset, in place of what it holds. 0 or -ENOMEM. */
int value_fallback(const struct key *key, void *target);

/** value_done() - release what @key holds and leave zeros. */
void value_done(const struct key *key, void *target);

/** value_number() - the number that a key of an integer type holds. */
uint64_t value_number(const struct key *key, const void *target);

/**
 * value_to_json() - what @key holds, as the machine file would write it: sizes, durations and CPU
 * lists are texts with their units. Returns a new reference, NULL without memory.
 */
json_t *value_to_json(const struct key *key, const void *target);

/** value_text_to_json() - a text of the tables, like a fallback, as JSON of @key's type. */
json_t *value_text_to_json(const struct key *key, const char *text);

/**
 * value_check_range() - hold a number against @key's range.
 * @got: how the user wrote it, or NULL.
 *
 * Returns 0 or -ERANGE with @why.
 */
int value_check_range(const struct key *key, uint64_t number, const char *got, struct diag *why);
