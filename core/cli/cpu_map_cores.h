// SPDX-License-Identifier: Apache-2.0
/* Within the CPU map: its cores in the order in which they are printed, and whose they are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/cpulist.h"
#include "core/host/topology.h"

struct machine_config;
struct placement_plan;

enum { CORE_LABEL_MAX = 37, CORE_TEXT_MAX = 52 };

/**
 * struct map_core - online CPUs of one core, @threads of them.
 * @fact: what they have in common.
 * @row: the same for all cores of one cache that one row can tell of.
 */
struct map_core {
	const unsigned *cpu;
	unsigned threads;
	size_t row;
	struct host_cpu fact;
};

/**
 * struct cpu_map - @core: by package, node, cache, and number, @count of them.
 * @cpu: what they point into.
 */
struct cpu_map {
	const struct host_topology *topology;
	const struct placement_plan *plan;
	const struct machine_config *machine;
	size_t count;
	struct map_core core[CPULIST_MAX];
	unsigned cpu[CPULIST_MAX];
};

/** cpu_map_find() - fill in @count and @core. */
void cpu_map_find(struct cpu_map *map);

/** core_same_cache() - both under one cache, of one node and one package. */
bool core_same_cache(const struct map_core *a, const struct map_core *b);

/** core_same_owner() - of one kind, and of one owner, or of the same owners CPU by CPU. */
bool core_same_owner(const struct cpu_map *map, const struct map_core *a, const struct map_core *b);

/** core_label() - whose it is: "plc", "plc/housekeeping" CPU by CPU, "a+b" shared. Returns @buffer. */
char *core_label(const struct cpu_map *map, const struct map_core *core, char *buffer, size_t size);

/**
 * core_range() - how many of the @count cores from @core on can be written as one, and that text: "2-9",
 * "1/65..7/71", "0/64..62/126 by 2".
 */
size_t core_range(const struct map_core *core, size_t count, char *buffer, size_t size);
