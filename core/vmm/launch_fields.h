// SPDX-License-Identifier: Apache-2.0
/* The keys of a launch record: one table, by which it is written and read, so that the two agree. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** enum launch_field_type - how a key's value stands in JSON, and where it goes in struct launch. */
enum launch_field_type {
	FIELD_VERSION,
	FIELD_TEXT,    /* char *: up to max bytes */
	FIELD_NAME,    /* char[PARTITION_NAME_MAX] */
	FIELD_TEXTS,   /* initrd */
	FIELD_CPUS,    /* vcpu_cpu and vcpus */
	FIELD_GROUPS,  /* vcpu_group; as many as the CPUs, which come before it */
	FIELD_CPULIST, /* text as Linux writes it; "" is empty */
	FIELD_U64,
	FIELD_UNSIGNED,
	FIELD_INT,
	FIELD_BOOL,
	FIELD_CHOICE,  /* an enum by name */
};

/**
 * struct launch_field - one key.
 * @offset: of the member in struct launch, where the type has one.
 * @min, @max: of a number; bytes of a text; items of a list.
 * @choices: names of an enum's values, in order, ended by NULL.
 */
struct launch_field {
	const char *key;
	enum launch_field_type type;
	size_t offset;
	int64_t min;
	int64_t max;
	const char *const *choices;
};

enum { LAUNCH_FIELDS = 30 };

/** launch_fields - every key, in the order they are written. */
extern const struct launch_field launch_fields[LAUNCH_FIELDS];
