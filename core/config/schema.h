// SPDX-License-Identifier: Apache-2.0
/*
 * The keys of a machine file as data. The loader, the printers and "bulkhead schema" all work from
 * these tables, so what is described is what is accepted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/partition.h"

struct node;
struct schema;

enum value_type {
	VALUE_NAME,     /* char[width] */
	VALUE_TEXT,     /* char *, owned */
	VALUE_TEXTS,    /* char *[], owned, and a size_t count; a single text is a list of one */
	VALUE_NUMBER,   /* unsigned integer of @width bytes, as are the next four */
	VALUE_SIZE,     /* bytes */
	VALUE_DURATION, /* nanoseconds */
	VALUE_CHOICE,   /* one of @choices */
	VALUE_SET,      /* the bits of a list of @choices */
	VALUE_TRUTH,    /* bool */
	VALUE_CPUS,     /* struct cpulist */
	VALUE_ADDRESS,  /* char[width]: a PCI address, with its domain and in lower case */
	VALUE_ITEMS,    /* a list of mappings: an owned array of the structure @items is for */
	VALUE_LIST,     /* const struct node *, borrowed: a list whose items are read elsewhere */
};

/** struct choice - one word that may be given; a list ends with a NULL word. */
struct choice {
	const char *word;
	uint64_t value;
	const char *help;
};

enum key_flags {
	KEY_REQUIRED = 1,       /* must come from the file or a profile */
	KEY_NOT_IN_PROFILE = 2, /* says which partition this is, not what kind of partition */
	KEY_ONLY_IN_PROFILE = 4,
};

/**
 * struct key - one key that holds a value.
 * @path: "size" in section "memory" is "memory.size".
 * @offset, @width: where its value lies in the structure the table is for.
 * @count_offset: VALUE_TEXTS, whose @width gives the room, and VALUE_ITEMS: where the count lies.
 * @min, @max: numbers, sizes and durations: the value; texts: the length in bytes; lists: the items;
 * a @max of 0 means that nothing is checked.
 * @choices: VALUE_CHOICE and VALUE_SET.
 * @items: VALUE_ITEMS and VALUE_LIST: what each item is.
 * @fallback: the value, as text, where nothing gives one; NULL leaves zeros.
 * @unset: what a number is, instead of 0, where nothing gives one and there is no @fallback.
 * @example: how a required key of an item may look, for who left it out.
 * @place_offset: where in struct partition_config its line and column are kept; 0: nowhere.
 */
struct key {
	const char *path;
	enum value_type type;
	unsigned flags;
	size_t offset;
	size_t width;
	size_t count_offset;
	size_t place_offset;
	uint64_t min;
	uint64_t max;
	const struct choice *choices;
	const struct schema *items;
	const char *fallback;
	uint64_t unset;
	const char *example;
	const char *help;
};

/**
 * struct section - a mapping of keys.
 * @whole: its keys are one value: a file that gives one of them drops all that a profile gave.
 */
struct section {
	const char *name;
	bool whole;
	const char *help;
};

/**
 * struct schema - the keys of one kind of mapping.
 * @help: what such a mapping is.
 * @profiles: a profile may give what is required here.
 * @size, @place_offset: VALUE_ITEMS: size of the structure, and where in it the struct text_place of
 * the item is kept. Such an item is flat: it has no sections.
 */
struct schema {
	const struct key *keys;
	size_t key_count;
	const struct section *sections;
	size_t section_count;
	const char *help;
	bool profiles;
	size_t size;
	size_t place_offset;
};

enum { ITEM_KEYS_MAX = 16 }; /* keys of an item of a VALUE_ITEMS */

/** struct machine_draft - what the top of a machine file says, before it is a machine. */
struct machine_draft {
	char name[64];
	struct cpulist housekeeping;
	bool require_preempt_rt;
	bool repair_drift;
	const struct node *partitions;
};

/** struct partition_draft - a partition while values of profiles and file are laid together. */
struct partition_draft {
	struct partition_config config;
	bool seal_port;
	char *inherits; /* profiles only */
};

/** enum machine_key, enum partition_key - indexes into the tables. */
enum machine_key {
	MACHINE_NAME,
	MACHINE_HOUSEKEEPING,
	MACHINE_KERNEL,
	MACHINE_DRIFT,
	MACHINE_PARTITIONS,
	MACHINE_KEYS,
};

enum partition_key {
	PARTITION_NAME,
	PARTITION_PROFILE,
	PARTITION_INHERITS,
	PARTITION_CPUS,
	PARTITION_VCPUS,
	PARTITION_PLACEMENT_WITHIN,
	PARTITION_PLACEMENT_SIBLINGS,
	PARTITION_ISOLATION,
	PARTITION_MEMORY_SIZE,
	PARTITION_MEMORY_PAGES,
	PARTITION_MEMORY_NODE,
	PARTITION_MEMORY_MAX,
	PARTITION_WEIGHT_CPU,
	PARTITION_WEIGHT_IO,
	PARTITION_SCHEDULE_POLICY,
	PARTITION_SCHEDULE_PRIORITY,
	PARTITION_SCHEDULE_RUNTIME,
	PARTITION_SCHEDULE_DEADLINE,
	PARTITION_SCHEDULE_PERIOD,
	PARTITION_TASKS_ORDER,
	PARTITION_TASKS_EXIT_COST,
	PARTITION_TASKS_SET,
	PARTITION_CACHE_L3_WAYS,
	PARTITION_CACHE_L2_WAYS,
	PARTITION_CACHE_MEMORY_BANDWIDTH,
	PARTITION_BOOT_KERNEL,
	PARTITION_BOOT_INITRD,
	PARTITION_BOOT_CMDLINE,
	PARTITION_DEVICES,
	PARTITION_INTERRUPTS_POSTED,
	PARTITION_EXITS_DISABLE,
	PARTITION_EXITS_BUDGET,
	PARTITION_CLOCK_KVMCLOCK,
	PARTITION_SEAL_AFTER,
	PARTITION_SEAL_PORT,
	PARTITION_LATENCY_BUDGET,
	PARTITION_ON_REBOOT,
	PARTITION_ON_CRASH,
	PARTITION_AUTOSTART,
	PARTITION_EXIT_PORT,
	PARTITION_LOCK_MEMORY,
	PARTITION_HOLD_CPU_DMA_LATENCY,
	PARTITION_KEYS,
};

extern const struct schema machine_schema;
extern const struct schema partition_schema; /* of partitions and of profiles */

/** schema_find() - the key with this path, or NULL. */
const struct key *schema_find(const struct schema *schema, const char *path);

/** schema_section() - the section of this name, or NULL. */
const struct section *schema_section(const struct schema *schema, const char *name);

/** key_section() - length of the section's name at the start of a key's path; 0 for none. */
size_t key_section(const struct key *key);

/** key_name() - the last part of a key's path. */
const char *key_name(const struct key *key);

/** key_allowed() - one phrase for what a key takes, from its type and range. Returns @buffer. */
char *key_allowed(const struct key *key, char *buffer, size_t size);
