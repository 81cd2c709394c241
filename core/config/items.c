// SPDX-License-Identifier: Apache-2.0
#include "core/config/items.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/value.h"

static void items_set(const struct key *key, void *target, void *items, size_t count)
{
	memcpy((char *)target + key->offset, &items, sizeof(items));
	memcpy((char *)target + key->count_offset, &count, sizeof(count));
}

void *items_get(const struct key *key, const void *target, size_t *ret_count)
{
	void *items;

	memcpy(&items, (const char *)target + key->offset, sizeof(items));
	memcpy(ret_count, (const char *)target + key->count_offset, sizeof(*ret_count));
	return items;
}

static int item_start(const struct schema *schema, void *item)
{
	int error = 0;

	for (size_t i = 0; i < schema->key_count && error == 0; i++)
		error = value_fallback(&schema->keys[i], item);
	return error;
}

int items_start(const struct key *key, size_t count, void *target)
{
	char *items = NULL;
	int error = 0;

	items_done(key, target);
	if (count == 0)
		return 0;
	items = calloc(count, key->items->size);
	if (items == NULL)
		return -ENOMEM;
	items_set(key, target, items, count);
	for (size_t i = 0; i < count && error == 0; i++)
		error = item_start(key->items, items + i * key->items->size);
	return error;
}

static void item_done(const struct schema *schema, void *item)
{
	for (size_t i = 0; i < schema->key_count; i++)
		value_done(&schema->keys[i], item);
}

void items_done(const struct key *key, void *target)
{
	size_t count;
	char *items = items_get(key, target, &count);

	for (size_t i = 0; i < count; i++)
		item_done(key->items, items + i * key->items->size);
	free(items);
	items_set(key, target, NULL, 0);
}
