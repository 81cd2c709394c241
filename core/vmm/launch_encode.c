// SPDX-License-Identifier: Apache-2.0
#include <jansson.h>
#include <stdlib.h>

#include "core/vmm/launch.h"
#include "core/vmm/launch_fields.h"

static json_t *texts_json(const struct launch *launch)
{
	json_t *list = json_array();

	for (size_t i = 0; i < launch->initrd_count; i++)
		json_array_append_new(list, json_string(launch->initrd[i]));
	return list;
}

static json_t *numbers_json(const int *number, unsigned count)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(list, json_integer(number[i]));
	return list;
}

static json_t *field_json(const struct launch_field *field, const struct launch *launch)
{
	const void *from = (const char *)launch + field->offset;
	char text[CPULIST_TEXT_MAX];

	switch (field->type) {
	case FIELD_VERSION:
		return json_integer(LAUNCH_VERSION);
	case FIELD_TEXT:
		return json_string(*(char *const *)from);
	case FIELD_NAME:
		return json_string(from);
	case FIELD_TEXTS:
		return texts_json(launch);
	case FIELD_CPUS:
		return numbers_json(launch->vcpu_cpu, launch->vcpus);
	case FIELD_GROUPS:
		return numbers_json(launch->vcpu_group, launch->vcpus);
	case FIELD_CPULIST:
		return json_string(cpulist_format(from, text, sizeof(text)));
	case FIELD_U64:
		return json_integer((json_int_t) * (const uint64_t *)from);
	case FIELD_UNSIGNED:
		return json_integer(*(const unsigned *)from);
	case FIELD_INT:
		return json_integer(*(const int *)from);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)from);
	case FIELD_CHOICE:
		return json_string(field->choices[*(const unsigned *)from]);
	}
	return NULL;
}

char *launch_encode(const struct launch *launch)
{
	json_t *record = json_object();
	char *text = NULL;
	bool whole = record != NULL;

	for (size_t i = 0; i < LAUNCH_FIELDS && whole; i++)
		whole = json_object_set_new(record, launch_fields[i].key, field_json(&launch_fields[i], launch)) == 0;
	if (whole)
		text = json_dumps(record, JSON_INDENT(2));
	json_decref(record);
	return text;
}
