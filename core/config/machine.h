// SPDX-License-Identifier: Apache-2.0
/* The machine file: load, check what needs no host, print. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "core/config/partition.h"

struct diag;

/** struct machine_config - one whole machine as asked for; const after load. */
struct machine_config {
	char *file; /* as given, for messages */
	char *name;
	struct cpulist housekeeping; /* empty: all CPUs that are no partition's */
	struct text_place housekeeping_at;
	bool require_preempt_rt; /* host.kernel: preempt-rt */
	struct text_place kernel_at;
	bool repair_drift; /* host.drift: repair */
	struct partition_config *partition;
	size_t partition_count;
};

/**
 * machine_load() - read, resolve profiles, and validate a machine file.
 * @path: the file; "-" is not special.
 * @ret: set on success only; the caller ends it with machine_done().
 * @why: file, line, column, key, got, allowed, remedy; cleared on success.
 *
 * Stage: load. Refuses all that cannot be understood: unknown keys, units, ranges, duplicate names,
 * values that contradict each other. Whose each CPU is, is for the plan. Returns 0, -EINVAL, -ENOENT and other open errors, -E2BIG.
 */
int machine_load(const char *path, struct machine_config *ret, struct diag *why);

/** machine_load_text() - the same from memory; @name stands for the path in messages. */
int machine_load_text(const char *text, size_t length, const char *name, struct machine_config *ret,
		      struct diag *why);

/** machine_find() - a partition by name, or NULL. */
const struct partition_config *machine_find(const struct machine_config *machine, const char *name);

/**
 * machine_to_json() - the resolved machine by the keys of the file, values written as the file
 * writes them. Profiles are dissolved: as YAML it loads to the same machine, less their names.
 *
 * Returns a new reference, NULL without memory.
 */
json_t *machine_to_json(const struct machine_config *machine);

/** machine_write_yaml() - write the same as YAML. Returns 0, -ENOMEM; -EIO when @stream fails. */
int machine_write_yaml(const struct machine_config *machine, FILE *stream);

void machine_done(struct machine_config *machine);
