// SPDX-License-Identifier: Apache-2.0
#include "core/config/suggestion.h"

#include <stdio.h>
#include <string.h>

enum {
	WORD_MAX = 24,    /* no key is longer */
	DISTANCE_MAX = 2, /* edits that still look like a slip */
};

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, row by row; words longer than WORD_MAX are far from everything. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned row[WORD_MAX + 1];

	if (a_length > WORD_MAX || b_length > WORD_MAX)
		return DISTANCE_MAX + 1;
	for (unsigned j = 0; j <= b_length; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a_length; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			unsigned substituted = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(substituted, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b_length];
}

/* The name that @key has in the mapping of @section; NULL where it has none. */
static const char *name_in(const struct key *key, const struct section *section, size_t *ret_length)
{
	size_t prefix = key_section(key);

	if (section == NULL) {
		*ret_length = prefix != 0 ? prefix : strlen(key->path);
		return key->path;
	}
	if (prefix != strlen(section->name) || strncmp(key->path, section->name, prefix) != 0)
		return NULL;
	*ret_length = strlen(key->path) - prefix - 1;
	return key->path + prefix + 1;
}

void suggestion_find(const struct schema *schema, const struct section *section, unsigned refused,
		     const char *word, struct suggestion *ret)
{
	unsigned best = DISTANCE_MAX + 1;
	const char *last = NULL;
	size_t last_length = 0;
	size_t used = 0;

	*ret = (struct suggestion){0};
	for (size_t i = 0; i < schema->key_count; i++) {
		size_t length;
		const char *name = name_in(&schema->keys[i], section, &length);

		if (name == NULL || (schema->keys[i].flags & refused) != 0)
			continue;
		/* Keys of one section stand together and name it once. */
		if (last != NULL && length == last_length && strncmp(name, last, length) == 0)
			continue;
		last = name;
		last_length = length;
		if (used < sizeof(ret->names))
			used += (size_t)snprintf(ret->names + used, sizeof(ret->names) - used,
						 "%s%.*s", used == 0 ? "" : ", ", (int)length, name);
		unsigned edits = distance(word, strlen(word), name, length);
		/* In a short word two slips make another word. */
		if (edits < best && edits * 3 <= strlen(word)) {
			best = edits;
			ret->nearest = name;
			ret->nearest_length = length;
		}
	}
}
