// SPDX-License-Identifier: Apache-2.0
#include "core/config/schema_json.h"

#include <stdio.h>
#include <string.h>

#include "core/config/value.h"

#define NAME_PATTERN "^[A-Za-z][A-Za-z0-9_-]*$"
#define SIZE_PATTERN "^([0-9]+[KMGT]|0)$"
#define DURATION_PATTERN "^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h)|0)$"
#define ADDRESS_PATTERN "^([0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[01][0-9A-Fa-f]\\.[0-7]$"
#define CPUS_PATTERN "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$"

static json_t *mapping_to_json(const struct schema *schema);

/* Every builder returns a new reference or NULL, and NULL put into an object fails there. */

static json_t *words(const struct choice *choice)
{
	json_t *list = json_array();

	for (; choice->word != NULL; choice++) {
		if (json_array_append_new(list, json_string(choice->word)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *text_type(const struct key *key)
{
	return json_pack("{s:s, s:I, s:I}", "type", "string", "minLength", (json_int_t)key->min,
			 "maxLength", (json_int_t)key->max);
}

static json_t *type_to_json(const struct key *key)
{
	switch (key->type) {
	case VALUE_NAME:
		return json_pack("{s:s, s:s, s:I}", "type", "string", "pattern", NAME_PATTERN,
				 "maxLength", (json_int_t)(key->width - 1));
	case VALUE_TEXT:
		return text_type(key);
	case VALUE_TEXTS:
		return json_pack("{s:[o, {s:s, s:I, s:o}]}", "oneOf", text_type(key), "type",
				 "array", "maxItems", (json_int_t)(key->width / sizeof(char *)),
				 "items", text_type(key));
	case VALUE_NUMBER:
		return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
				 (json_int_t)key->min, "maximum", (json_int_t)key->max);
	case VALUE_SIZE:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", SIZE_PATTERN);
	case VALUE_DURATION:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", DURATION_PATTERN);
	case VALUE_CHOICE:
		return json_pack("{s:o}", "enum", words(key->choices));
	case VALUE_SET:
		return json_pack("{s:s, s:b, s:{s:o}}", "type", "array", "uniqueItems", 1, "items",
				 "enum", words(key->choices));
	case VALUE_TRUTH:
		return json_pack("{s:s}", "type", "boolean");
	case VALUE_CPUS: /* "cpus: 3" is a number to a reader of YAML */
		return json_pack("{s:[s, s], s:s, s:i}", "type", "string", "integer", "pattern",
				 CPUS_PATTERN, "minimum", 0);
	case VALUE_ADDRESS:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", ADDRESS_PATTERN);
	case VALUE_ITEMS:
	case VALUE_LIST:
		return json_pack("{s:s, s:I, s:I, s:o}", "type", "array", "minItems",
				 (json_int_t)key->min, "maxItems", (json_int_t)key->max, "items",
				 mapping_to_json(key->items));
	}
	return NULL;
}

static json_t *key_to_json(const struct key *key)
{
	json_t *type = type_to_json(key);
	char allowed[256];
	char text[640];
	int failed;

	snprintf(text, sizeof(text), "%s Allowed: %s.", key->help,
		 key_allowed(key, allowed, sizeof(allowed)));
	failed = json_object_set_new(type, "description", json_string(text));
	if (failed == 0 && key->fallback != NULL)
		failed = json_object_set_new(type, "default",
					     value_text_to_json(key, key->fallback));
	if (failed != 0) {
		json_decref(type);
		return NULL;
	}
	return type;
}

static json_t *mapping_new(const char *help)
{
	return json_pack("{s:s, s:s, s:b, s:{}}", "type", "object", "description", help,
			 "additionalProperties", 0, "properties");
}

/* The "properties" that @key belongs to: those of the whole mapping or of its section's. */
static json_t *properties_for(const struct schema *schema, const struct key *key, json_t *mapping)
{
	json_t *properties = json_object_get(mapping, "properties");
	size_t length = key_section(key);
	char name[32];

	if (length == 0)
		return properties;
	memcpy(name, key->path, length);
	name[length] = '\0';
	if (json_object_get(properties, name) == NULL &&
	    json_object_set_new(properties, name,
				mapping_new(schema_section(schema, name)->help)) != 0)
		return NULL;
	return json_object_get(json_object_get(properties, name), "properties");
}

/* What a profile may give instead is not required of the file. */
static int required_add(json_t *mapping, const struct schema *schema, const struct key *key)
{
	unsigned flags = schema->profiles ? KEY_REQUIRED | KEY_NOT_IN_PROFILE : KEY_REQUIRED;

	if ((key->flags & flags) != flags)
		return 0;
	if (json_object_get(mapping, "required") == NULL &&
	    json_object_set_new(mapping, "required", json_array()) != 0)
		return -1;
	return json_array_append_new(json_object_get(mapping, "required"), json_string(key->path));
}

static json_t *mapping_to_json(const struct schema *schema)
{
	json_t *mapping = mapping_new(schema->help);
	int failed = mapping == NULL;

	for (size_t i = 0; i < schema->key_count && failed == 0; i++) {
		const struct key *key = &schema->keys[i];

		if ((key->flags & KEY_ONLY_IN_PROFILE) != 0)
			continue;
		failed = json_object_set_new(properties_for(schema, key, mapping), key_name(key),
					     key_to_json(key));
		if (failed == 0)
			failed = required_add(mapping, schema, key);
	}
	if (failed != 0) {
		json_decref(mapping);
		return NULL;
	}
	return mapping;
}

json_t *schema_to_json(void)
{
	json_t *mapping = mapping_to_json(&machine_schema);

	if (json_object_set_new(mapping, "$schema",
				json_string("https://json-schema.org/draft/2020-12/schema")) != 0 ||
	    json_object_set_new(mapping, "title", json_string("Bulkhead machine file")) != 0) {
		json_decref(mapping);
		return NULL;
	}
	return mapping;
}
