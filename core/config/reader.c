// SPDX-License-Identifier: Apache-2.0
#include "core/config/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/document.h"
#include "core/config/items.h"
#include "core/config/suggestion.h"
#include "core/config/value.h"

/* struct seen - what this mapping gave already: a bit per key and per section of the schema. */
struct seen {
	uint64_t keys;
	uint64_t sections;
};

_Static_assert(PARTITION_KEYS <= 64 && MACHINE_KEYS <= 64, "struct seen has a bit per key");

/* The key @path of this mapping; the mapping's own name, where that is empty, goes without the dot
 * that joins it to a key. */
static void key_say(const struct mapping_reader *reader, const char *path)
{
	size_t length = strlen(reader->prefix);

	if (*path == '\0' && length != 0)
		length--;
	diag_key(reader->why, "%.*s%s", (int)length, reader->prefix, path);
}

int mapping_refuse(const struct mapping_reader *reader, const struct node *node, const char *path,
		   const char *text)
{
	diag_at(reader->why, reader->file, node->line, node->column);
	key_say(reader, path);
	diag_set(reader->why, EINVAL, "%s", text);
	if (node->kind == NODE_SCALAR)
		diag_got(reader->why, node->text, strlen(node->text));
	return -EINVAL;
}

static int unknown_refuse(const struct mapping_reader *reader, const struct node *key,
			  const struct section *section)
{
	struct suggestion suggestion;

	suggestion_find(reader->schema, section, reader->refused, key->text, &suggestion);
	diag_at(reader->why, reader->file, key->line, key->column);
	key_say(reader, section != NULL ? section->name : "");
	diag_set(reader->why, EINVAL, "unknown key");
	diag_got(reader->why, key->text, strlen(key->text));
	diag_allowed(reader->why, "%s", suggestion.names);
	if (suggestion.nearest != NULL)
		diag_remedy(reader->why, "write %.*s", (int)suggestion.nearest_length,
			    suggestion.nearest);
	else
		diag_remedy(reader->why, "remove it");
	return -EINVAL;
}

static int item_check_required(const struct mapping_reader *reader, const struct node *node)
{
	for (size_t i = 0; i < reader->schema->key_count; i++) {
		const struct key *key = &reader->schema->keys[i];

		if ((key->flags & KEY_REQUIRED) == 0 || reader->given[i].file != NULL)
			continue;
		mapping_refuse(reader, node, key->path, "missing");
		diag_remedy(reader->why, "add it, like %s", key->example);
		return -EINVAL;
	}
	return 0;
}

static int item_read(const struct mapping_reader *outer, const struct key *key, size_t index,
		     const struct node *node, char *item)
{
	struct value_place given[ITEM_KEYS_MAX] = {0};
	struct text_place at = {node->line, node->column};
	struct mapping_reader reader = *outer;
	char prefix[96];

	snprintf(prefix, sizeof(prefix), "%s%s[%zu].", outer->prefix, key->path, index);
	reader.schema = key->items;
	reader.refused = 0;
	reader.prefix = prefix;
	reader.target = item;
	reader.given = given;
	memcpy(item + key->items->place_offset, &at, sizeof(at));
	int error = mapping_read(&reader, node);
	return error == 0 ? item_check_required(&reader, node) : error;
}

static int items_read(const struct mapping_reader *reader, const struct key *key,
		      const struct node *list)
{
	size_t index = 0;
	size_t count;
	int error = value_check_list(key, list, &count, reader->why);

	if (error != 0)
		return error;
	if (items_start(key, count, reader->target) != 0)
		return diag_set(reader->why, ENOMEM, "not enough memory");
	char *items = items_get(key, reader->target, &count);
	for (const struct node *node = list->child; node != NULL && error == 0; node = node->next) {
		error = item_read(reader, key, index, node, items + index * key->items->size);
		index++;
	}
	return error;
}

static int value_take(const struct mapping_reader *reader, const struct node *value,
		      const struct key *key, struct seen *seen)
{
	size_t index = (size_t)(key - reader->schema->keys);

	if ((key->flags & reader->refused) != 0) {
		mapping_refuse(reader, value->key, key->path,
			       (key->flags & KEY_NOT_IN_PROFILE) != 0
				       ? "this key does not belong in a profile"
				       : "this key belongs in a profile only");
		diag_remedy(reader->why, (key->flags & KEY_NOT_IN_PROFILE) != 0
						 ? "give it in the partition"
						 : "a partition names its profile with the key profile");
		return -EINVAL;
	}
	if ((seen->keys >> index & 1) != 0) {
		mapping_refuse(reader, value->key, key->path, "key given twice");
		diag_remedy(reader->why, "remove one of them");
		return -EINVAL;
	}
	seen->keys |= UINT64_C(1) << index;
	diag_key(reader->why, "%s%s", reader->prefix, key->path);
	diag_at(reader->why, reader->file, value->line, value->column);
	int error = key->type == VALUE_ITEMS ? items_read(reader, key, value)
					     : value_read(key, value, reader->target, reader->why);
	if (error == 0)
		reader->given[index] =
			(struct value_place){reader->file, value->line, value->column};
	return error;
}

/* Forgets what was laid below for a section that is one value. */
static int section_clear(const struct mapping_reader *reader, const struct section *section)
{
	size_t length = strlen(section->name);

	for (size_t i = 0; i < reader->schema->key_count; i++) {
		const struct key *key = &reader->schema->keys[i];

		if (key_section(key) != length || strncmp(key->path, section->name, length) != 0)
			continue;
		reader->given[i] = (struct value_place){0};
		if (value_fallback(key, reader->target) != 0)
			return diag_set(reader->why, ENOMEM, "not enough memory");
	}
	return 0;
}

static int section_take(const struct mapping_reader *reader, const struct node *mapping,
			const struct section *section, struct seen *seen)
{
	uint64_t bit = UINT64_C(1) << (section - reader->schema->sections);
	char path[64];

	if ((seen->sections & bit) != 0) {
		mapping_refuse(reader, mapping->key, section->name, "key given twice");
		diag_remedy(reader->why, "put both into one mapping");
		return -EINVAL;
	}
	seen->sections |= bit;
	if (mapping->kind != NODE_MAPPING) {
		mapping_refuse(reader, mapping, section->name,
			       node_is_nothing(mapping) ? "no value" : "not a mapping");
		diag_allowed(reader->why, "a mapping like {KEY: VALUE}");
		return -EINVAL;
	}
	int error = section->whole ? section_clear(reader, section) : 0;
	for (const struct node *value = mapping->child; value != NULL && error == 0;
	     value = value->next) {
		snprintf(path, sizeof(path), "%s.%s", section->name, value->key->text);
		const struct key *key = schema_find(reader->schema, path);

		error = key != NULL ? value_take(reader, value, key, seen)
				    : unknown_refuse(reader, value->key, section);
	}
	return error;
}

int mapping_read(const struct mapping_reader *reader, const struct node *mapping)
{
	struct seen seen = {0};
	int error = 0;

	if (mapping->kind != NODE_MAPPING) {
		mapping_refuse(reader, mapping, "", "not a mapping");
		diag_allowed(reader->why, "lines of KEY: VALUE");
		return -EINVAL;
	}
	for (const struct node *value = mapping->child; value != NULL && error == 0;
	     value = value->next) {
		const char *name = value->key->text;
		const struct section *section = schema_section(reader->schema, name);
		const struct key *key = strchr(name, '.') == NULL
						? schema_find(reader->schema, name)
						: NULL;

		if (section != NULL)
			error = section_take(reader, value, section, &seen);
		else if (key != NULL)
			error = value_take(reader, value, key, &seen);
		else
			error = unknown_refuse(reader, value->key, NULL);
	}
	return error;
}
