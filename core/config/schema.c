// SPDX-License-Identifier: Apache-2.0
#include "core/config/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/units.h"

const struct key *schema_find(const struct schema *schema, const char *path)
{
	for (size_t i = 0; i < schema->key_count; i++) {
		if (strcmp(schema->keys[i].path, path) == 0)
			return &schema->keys[i];
	}
	return NULL;
}

const struct section *schema_section(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->section_count; i++) {
		if (strcmp(schema->sections[i].name, name) == 0)
			return &schema->sections[i];
	}
	return NULL;
}

size_t key_section(const struct key *key)
{
	const char *dot = strchr(key->path, '.');

	return dot != NULL ? (size_t)(dot - key->path) : 0;
}

const char *key_name(const struct key *key)
{
	size_t section = key_section(key);

	return section != 0 ? key->path + section + 1 : key->path;
}

static char *choices_format(const struct choice *choices, const char *before, char *buffer,
			    size_t size)
{
	size_t used = (size_t)snprintf(buffer, size, "%s", before);

	for (const struct choice *choice = choices; choice->word != NULL && used < size; choice++) {
		const char *joint = choice[1].word == NULL ? " or " : ", ";

		used += (size_t)snprintf(buffer + used, size - used, "%s%s",
					 choice == choices ? "" : joint, choice->word);
	}
	return buffer;
}

static char *items_format(const struct key *key, char *buffer, size_t size)
{
	size_t used = (size_t)snprintf(buffer, size, "a list of %" PRIu64 " to %" PRIu64 " mappings with",
				       key->min, key->max);

	for (size_t i = 0; i < key->items->key_count && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s %s", i == 0 ? "" : ",",
					 key->items->keys[i].path);
	return buffer;
}

static char *range_format(const struct key *key, char *(*format)(uint64_t, char *, size_t),
			  char *buffer, size_t size)
{
	char least[32];
	char most[32];

	snprintf(buffer, size, "%s to %s", format(key->min, least, sizeof(least)),
		 format(key->max, most, sizeof(most)));
	return buffer;
}

static char *number_format(uint64_t number, char *buffer, size_t size)
{
	snprintf(buffer, size, "%" PRIu64, number);
	return buffer;
}

char *key_allowed(const struct key *key, char *buffer, size_t size)
{
	switch (key->type) {
	case VALUE_NAME:
		snprintf(buffer, size, "a letter, then letters, digits, - and _, at most %zu in all",
			 key->width - 1);
		break;
	case VALUE_TEXT:
		snprintf(buffer, size, "text of %" PRIu64 " to %" PRIu64 " bytes", key->min, key->max);
		break;
	case VALUE_TEXTS:
		snprintf(buffer, size, "a text or a list of at most %zu", key->width / sizeof(char *));
		break;
	case VALUE_NUMBER:
		return range_format(key, number_format, buffer, size);
	case VALUE_SIZE:
		return range_format(key, size_format, buffer, size);
	case VALUE_DURATION:
		return range_format(key, duration_format, buffer, size);
	case VALUE_CHOICE:
		return choices_format(key->choices, "", buffer, size);
	case VALUE_SET:
		return choices_format(key->choices, "a list of ", buffer, size);
	case VALUE_TRUTH:
		snprintf(buffer, size, "true or false");
		break;
	case VALUE_CPUS:
		snprintf(buffer, size, "CPU numbers and ascending ranges like 2-5,8, below %d",
			 CPULIST_MAX);
		break;
	case VALUE_ADDRESS:
		snprintf(buffer, size, "a PCI address like 0000:03:00.0 or 03:00.0");
		break;
	case VALUE_ITEMS:
		return items_format(key, buffer, size);
	case VALUE_LIST:
		snprintf(buffer, size, "a list of %" PRIu64 " to %" PRIu64, key->min, key->max);
		break;
	}
	return buffer;
}
