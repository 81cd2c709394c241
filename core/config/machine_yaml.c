// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "core/base/cleanup.h"
#include "core/config/machine.h"

static void emitter_done(yaml_emitter_t *emitter)
{
	yaml_emitter_delete(emitter);
}

static void object_done(json_t **object)
{
	json_decref(*object);
}

/* libyaml's write handler: 1 for success. */
static int write_to(void *stream, unsigned char *bytes, size_t size)
{
	return fwrite(bytes, 1, size, stream) == size;
}

/* Whether every reader of YAML takes @text, unquoted, for just this text. */
static bool is_plain(const char *text)
{
	static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "y", "n",
					    "null"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return false;
	}
	return (isalnum((unsigned char)text[0]) || text[0] == '/') &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_./,")] == '\0';
}

/* yaml_emitter_emit() takes the event over, successful or not. */
static int scalar_emit(yaml_emitter_t *emitter, const char *text, bool quoted)
{
	yaml_event_t event;
	yaml_char_t *value = (yaml_char_t *)strdup(text);
	int done = 0;

	if (value != NULL &&
	    yaml_scalar_event_initialize(&event, NULL, NULL, value, (int)strlen(text), 1, 1,
					 quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
						: YAML_PLAIN_SCALAR_STYLE) != 0)
		done = yaml_emitter_emit(emitter, &event);
	free(value);
	return done;
}

static int tree_emit(yaml_emitter_t *emitter, json_t *tree);

static int mapping_emit(yaml_emitter_t *emitter, json_t *object)
{
	yaml_event_t event;
	const char *key;
	json_t *value;

	if (yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) == 0 ||
	    yaml_emitter_emit(emitter, &event) == 0)
		return 0;
	json_object_foreach(object, key, value)
	{
		if (scalar_emit(emitter, key, false) == 0 || tree_emit(emitter, value) == 0)
			return 0;
	}
	return yaml_mapping_end_event_initialize(&event) != 0 && yaml_emitter_emit(emitter, &event) != 0;
}

static int list_emit(yaml_emitter_t *emitter, json_t *list)
{
	bool flow = json_is_string(json_array_get(list, 0));
	yaml_event_t event;
	json_t *value;
	size_t index;

	if (yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
						 flow ? YAML_FLOW_SEQUENCE_STYLE
						      : YAML_BLOCK_SEQUENCE_STYLE) == 0 ||
	    yaml_emitter_emit(emitter, &event) == 0)
		return 0;
	json_array_foreach(list, index, value)
	{
		if (tree_emit(emitter, value) == 0)
			return 0;
	}
	return yaml_sequence_end_event_initialize(&event) != 0 && yaml_emitter_emit(emitter, &event) != 0;
}

static int tree_emit(yaml_emitter_t *emitter, json_t *tree)
{
	char number[32];

	if (json_is_object(tree))
		return mapping_emit(emitter, tree);
	if (json_is_array(tree))
		return list_emit(emitter, tree);
	if (json_is_string(tree))
		return scalar_emit(emitter, json_string_value(tree),
				   !is_plain(json_string_value(tree)));
	if (json_is_boolean(tree))
		return scalar_emit(emitter, json_is_true(tree) ? "true" : "false", false);
	snprintf(number, sizeof(number), "%" PRId64, (int64_t)json_integer_value(tree));
	return scalar_emit(emitter, number, false);
}

static int document_emit(yaml_emitter_t *emitter, json_t *tree)
{
	yaml_event_t event;

	return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) != 0 &&
	       yaml_emitter_emit(emitter, &event) != 0 &&
	       yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) != 0 &&
	       yaml_emitter_emit(emitter, &event) != 0 && tree_emit(emitter, tree) != 0 &&
	       yaml_document_end_event_initialize(&event, 1) != 0 &&
	       yaml_emitter_emit(emitter, &event) != 0 &&
	       yaml_stream_end_event_initialize(&event) != 0 &&
	       yaml_emitter_emit(emitter, &event) != 0 && yaml_emitter_flush(emitter) != 0;
}

int machine_write_yaml(const struct machine_config *machine, FILE *stream)
{
	_cleanup_(object_done) json_t *tree = machine_to_json(machine);
	_cleanup_(emitter_done) yaml_emitter_t emitter;

	if (yaml_emitter_initialize(&emitter) == 0)
		return -ENOMEM;
	if (tree == NULL)
		return -ENOMEM;
	yaml_emitter_set_output(&emitter, write_to, stream);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	if (document_emit(&emitter, tree) == 0)
		return emitter.error == YAML_MEMORY_ERROR ? -ENOMEM : -EIO;
	return 0;
}
