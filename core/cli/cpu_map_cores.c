// SPDX-License-Identifier: Apache-2.0
#include "core/cli/cpu_map_cores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "sched/placement.h"

static struct host_cpu fact_of(const struct host_topology *topology, unsigned cpu)
{
	static const struct host_cpu unknown = {TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN,
						TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN};

	return cpu < topology->cpu_count ? topology->cpu[cpu] : unknown;
}

static int compare(const void *a, const void *b, void *topology)
{
	unsigned first = *(const unsigned *)a;
	unsigned second = *(const unsigned *)b;
	struct host_cpu x = fact_of(topology, first);
	struct host_cpu y = fact_of(topology, second);

	if (x.package != y.package)
		return x.package < y.package ? -1 : 1;
	if (x.node != y.node)
		return x.node < y.node ? -1 : 1;
	if (x.cache != y.cache)
		return x.cache < y.cache ? -1 : 1;
	if (x.core != y.core)
		return x.core < y.core ? -1 : 1;
	return first < second ? -1 : first > second;
}

bool core_same_cache(const struct map_core *a, const struct map_core *b)
{
	return a->fact.package == b->fact.package && a->fact.node == b->fact.node &&
	       a->fact.cache == b->fact.cache;
}

static int owner_of(const struct cpu_map *map, unsigned cpu)
{
	if (map->plan == NULL)
		return CPU_NOBODY;
	if (cpu < map->plan->cpu_count)
		return map->plan->owner[cpu];
	return cpulist_has(&map->plan->housekeeping, cpu) ? CPU_HOUSEKEEPING : CPU_NOBODY;
}

static bool same_partitions(const struct machine_config *machine, unsigned a, unsigned b)
{
	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		const struct cpulist *cpus = &machine->partition[i].cpus;

		if (cpulist_has(cpus, a) != cpulist_has(cpus, b))
			return false;
	}
	return true;
}

static bool same_owner(const struct cpu_map *map, unsigned a, unsigned b)
{
	int owner = owner_of(map, a);

	return owner == owner_of(map, b) &&
	       (owner != CPU_SHARED || same_partitions(map->machine, a, b));
}

static bool is_mixed(const struct cpu_map *map, const struct map_core *core)
{
	for (unsigned i = 1; i < core->threads; i++) {
		if (!same_owner(map, core->cpu[0], core->cpu[i]))
			return true;
	}
	return false;
}

bool core_same_owner(const struct cpu_map *map, const struct map_core *a, const struct map_core *b)
{
	bool mixed = is_mixed(map, a);

	if (a->fact.kind != b->fact.kind || mixed != is_mixed(map, b) ||
	    (mixed && a->threads != b->threads))
		return false;
	for (unsigned i = 0; i < (mixed ? a->threads : 1); i++) {
		if (!same_owner(map, a->cpu[i], b->cpu[i]))
			return false;
	}
	return true;
}

/* Puts each core into the first row of its cache that tells the same, or begins one. */
static void find_rows(struct cpu_map *map)
{
	size_t leader[CPULIST_MAX]; /* the first core of each row of this cache */
	size_t rows = 0;

	for (size_t i = 0; i < map->count; i++) {
		size_t row = 0;

		if (i != 0 && !core_same_cache(&map->core[i], &map->core[i - 1]))
			rows = 0;
		while (row < rows && !core_same_owner(map, &map->core[leader[row]], &map->core[i]))
			row++;
		if (row == rows)
			leader[rows++] = i;
		map->core[i].row = leader[row];
	}
}

static int compare_rows(const void *a, const void *b)
{
	const struct map_core *first = a;
	const struct map_core *second = b;

	if (first->row != second->row)
		return first->row < second->row ? -1 : 1;
	return first->cpu < second->cpu ? -1 : first->cpu > second->cpu;
}

void cpu_map_find(struct cpu_map *map)
{
	struct host_topology topology = *map->topology; /* for qsort_r(), which takes nothing const */
	size_t cpus = 0;

	for (unsigned cpu = cpulist_next(&topology.online, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(&topology.online, cpu + 1))
		map->cpu[cpus++] = cpu;
	qsort_r(map->cpu, cpus, sizeof(map->cpu[0]), compare, &topology);
	map->count = 0;
	for (size_t i = 0; i < cpus; i++) {
		struct map_core core = {&map->cpu[i], 1, 0, fact_of(&topology, map->cpu[i])};
		struct map_core *last = map->count == 0 ? NULL : &map->core[map->count - 1];

		/* A core that is not told is a core alone. */
		if (last != NULL && core.fact.core != TOPOLOGY_UNKNOWN &&
		    core.fact.core == last->fact.core && core_same_cache(&core, last))
			last->threads++;
		else
			map->core[map->count++] = core;
	}
	find_rows(map);
	qsort(map->core, map->count, sizeof(map->core[0]), compare_rows);
}

/* Appends text, cutting it off with dots where @buffer ends. */
static void append(char *buffer, size_t size, const char *text)
{
	size_t used = strlen(buffer);

	if (snprintf(buffer + used, size - used, "%s", text) >= (int)(size - used))
		memcpy(buffer + size - 4, "...", 4);
}

static void append_sharers(const struct cpu_map *map, unsigned cpu, char *buffer, size_t size)
{
	const char *plus = "";

	for (size_t i = 0; i < map->machine->partition_count; i++) {
		const struct partition_config *partition = &map->machine->partition[i];

		if (!cpulist_has(&partition->cpus, cpu))
			continue;
		append(buffer, size, plus);
		append(buffer, size, partition->name);
		plus = "+";
	}
}

static void append_owner(const struct cpu_map *map, unsigned cpu, char *buffer, size_t size)
{
	int owner = owner_of(map, cpu);
	char number[32];

	if (owner == CPU_HOUSEKEEPING) {
		append(buffer, size, "housekeeping");
	} else if (owner == CPU_NOBODY) {
		append(buffer, size, "free");
	} else if (owner == CPU_SHARED) {
		if (map->machine != NULL)
			append_sharers(map, cpu, buffer, size);
		else
			append(buffer, size, "shared");
	} else if (map->machine != NULL && (size_t)owner < map->machine->partition_count) {
		append(buffer, size, map->machine->partition[owner].name);
	} else {
		snprintf(number, sizeof(number), "partition %d", owner);
		append(buffer, size, number);
	}
}

char *core_label(const struct cpu_map *map, const struct map_core *core, char *buffer, size_t size)
{
	bool mixed = is_mixed(map, core);

	buffer[0] = '\0';
	for (unsigned i = 0; i < (mixed ? core->threads : 1); i++) {
		if (i != 0)
			append(buffer, size, "/");
		append_owner(map, core->cpu[i], buffer, size);
	}
	return buffer;
}

/* By how much each CPU number of @next lies above that of @core; 0 where they differ in that. */
static unsigned stride(const struct map_core *core, const struct map_core *next)
{
	unsigned distance = next->cpu[0] - core->cpu[0];

	if (next->threads != core->threads || next->cpu[0] < core->cpu[0])
		return 0;
	for (unsigned i = 1; i < core->threads; i++) {
		if (next->cpu[i] - core->cpu[i] != distance)
			return 0;
	}
	return distance;
}

/* "1/65"; one with many threads ends in dots. */
static char *core_text(const struct map_core *core, char *buffer, size_t size)
{
	char number[16];

	buffer[0] = '\0';
	for (unsigned i = 0; i < core->threads; i++) {
		snprintf(number, sizeof(number), i == 0 ? "%u" : "/%u", core->cpu[i]);
		append(buffer, size, number);
	}
	return buffer;
}

size_t core_range(const struct map_core *core, size_t count, char *buffer, size_t size)
{
	unsigned step = count > 1 ? stride(&core[0], &core[1]) : 0;
	size_t length = 1;
	char first[20];
	char last[20];

	while (step != 0 && length < count && stride(&core[length - 1], &core[length]) == step)
		length++;
	core_text(&core[0], first, sizeof(first));
	if (core->threads == 1 && step == 1) {
		snprintf(buffer, size, "%s-%u", first, core[length - 1].cpu[0]);
		return length;
	}
	if (length < 3) {
		snprintf(buffer, size, "%s", first);
		return 1;
	}
	core_text(&core[length - 1], last, sizeof(last));
	/* Siblings side by side leave no gap: 0/1..6/7. */
	bool gapless = step == 1 || (step == core->threads && core->cpu[core->threads - 1] ==
								      core->cpu[0] + core->threads - 1);
	if (gapless)
		snprintf(buffer, size, "%s..%s", first, last);
	else
		snprintf(buffer, size, "%s..%s by %u", first, last, step);
	return length;
}
