// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/config/items.h"
#include "core/config/value.h"

static json_t *choice_to_json(const struct key *key, uint64_t number)
{
	for (const struct choice *choice = key->choices; choice->word != NULL; choice++) {
		if (choice->value == number)
			return json_string(choice->word);
	}
	return json_null();
}

static json_t *set_to_json(const struct key *key, uint64_t bits)
{
	json_t *list = json_array();

	for (const struct choice *choice = key->choices; choice->word != NULL; choice++) {
		if ((bits & choice->value) != 0 &&
		    json_array_append_new(list, json_string(choice->word)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *texts_to_json(const struct key *key, const char *base)
{
	const char *const *texts = (const char *const *)(const void *)(base + key->offset);
	size_t count;
	json_t *list = json_array();

	memcpy(&count, base + key->count_offset, sizeof(count));
	for (size_t i = 0; i < count; i++) {
		if (json_array_append_new(list, json_string(texts[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *text_to_json(const char *at)
{
	const char *text;

	memcpy(&text, at, sizeof(text));
	return json_string(text != NULL ? text : "");
}

/* Whether an item says something by this key, which need not be given. */
static bool item_says(const struct key *key, const void *item)
{
	bool number = key->type == VALUE_NUMBER || key->type == VALUE_SIZE ||
		      key->type == VALUE_DURATION;

	return !number || key->fallback != NULL || value_number(key, item) != key->unset;
}

static json_t *item_to_json(const struct schema *schema, const void *item)
{
	json_t *object = json_object();

	for (size_t i = 0; i < schema->key_count; i++) {
		const struct key *key = &schema->keys[i];

		if (item_says(key, item) &&
		    json_object_set_new(object, key->path, value_to_json(key, item)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *items_to_json(const struct key *key, const void *target)
{
	size_t count;
	const char *items = items_get(key, target, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		if (json_array_append_new(list, item_to_json(key->items,
							     items + i * key->items->size)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *value_to_json(const struct key *key, const void *target)
{
	const char *base = target;
	const char *at = base + key->offset;
	char buffer[CPULIST_TEXT_MAX];

	switch (key->type) {
	case VALUE_NAME:
	case VALUE_ADDRESS:
		return json_string(at);
	case VALUE_TEXT:
		return text_to_json(at);
	case VALUE_TEXTS:
		return texts_to_json(key, base);
	case VALUE_NUMBER:
		return json_integer((json_int_t)value_number(key, target));
	case VALUE_SIZE:
		return json_string(size_format(value_number(key, target), buffer, sizeof(buffer)));
	case VALUE_DURATION:
		return json_string(
			duration_format(value_number(key, target), buffer, sizeof(buffer)));
	case VALUE_CHOICE:
		return choice_to_json(key, value_number(key, target));
	case VALUE_SET:
		return set_to_json(key, value_number(key, target));
	case VALUE_TRUTH:
		return json_boolean(value_number(key, target) != 0);
	case VALUE_CPUS:
		return json_string(cpulist_format((const struct cpulist *)(const void *)at, buffer,
						  sizeof(buffer)));
	case VALUE_ITEMS:
		return items_to_json(key, target);
	case VALUE_LIST:
		break;
	}
	return json_null();
}

json_t *value_text_to_json(const struct key *key, const char *text)
{
	if (key->type == VALUE_NUMBER)
		return json_integer((json_int_t)strtoll(text, NULL, 10));
	if (key->type == VALUE_TRUTH)
		return json_boolean(strcmp(text, "true") == 0);
	return json_string(text);
}
