// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "core/config/draft.h"
#include "core/config/machine.h"
#include "core/config/rules.h"
#include "core/config/value.h"

/* Puts @value, taken over, at @key's path under @object. Returns 0, or -1 without memory. */
static int member_set(json_t *object, const struct key *key, json_t *value)
{
	size_t length = key_section(key);
	json_t *section;
	char name[32];

	if (length == 0)
		return json_object_set_new(object, key->path, value);
	memcpy(name, key->path, length);
	name[length] = '\0';
	section = json_object_get(object, name);
	if (section == NULL) {
		section = json_object();
		if (json_object_set_new(object, name, section) != 0) {
			json_decref(value);
			return -1;
		}
	}
	return json_object_set_new(section, key_name(key), value);
}

static json_t *partition_to_json(const struct partition_config *partition)
{
	struct partition_draft draft = draft_of(partition);
	json_t *object = json_object();

	for (enum partition_key i = 0; i < PARTITION_KEYS; i++) {
		const struct key *key = &partition_schema.keys[i];

		if (!partition_key_applies(partition, i))
			continue;
		if (member_set(object, key, value_to_json(key, &draft)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *partitions_to_json(const struct machine_config *machine)
{
	json_t *list = json_array();

	for (size_t i = 0; i < machine->partition_count; i++) {
		if (json_array_append_new(list, partition_to_json(&machine->partition[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *machine_to_json(const struct machine_config *machine)
{
	struct machine_draft draft = {
		.housekeeping = machine->housekeeping,
		.require_preempt_rt = machine->require_preempt_rt,
		.repair_drift = machine->repair_drift,
	};
	json_t *object = json_object();
	int failed = 0;

	strncpy(draft.name, machine->name, sizeof(draft.name) - 1);
	for (enum machine_key i = 0; i < MACHINE_KEYS && failed == 0; i++) {
		const struct key *key = &machine_schema.keys[i];

		if (i == MACHINE_HOUSEKEEPING && cpulist_empty(&machine->housekeeping))
			continue;
		failed = member_set(object, key,
				    i == MACHINE_PARTITIONS ? partitions_to_json(machine)
							    : value_to_json(key, &draft));
	}
	if (failed != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}
