// SPDX-License-Identifier: Apache-2.0
#include "core/cli/cpu_map.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "core/cli/cpu_map_cores.h"
#include "core/cli/pen.h"
#include "core/config/machine.h"
#include "sched/phrase.h"

enum {
	TITLE_COLUMNS = 20,
	CORES_COLUMN_MAX = CPU_MAP_COLUMNS - CORE_TEXT_MAX, /* where the longest still has room */
};

/*
 * struct drawing - the map and the pen.
 * @label_columns: of the column that says whose cores they are; 0 where nobody is told.
 * @nodes: drawn so far.
 */
struct drawing {
	struct pen pen;
	struct cpu_map map;
	unsigned label_columns;
	struct cpulist nodes;
};

/* struct group - cores from @first to before @end that belong together. */
struct group {
	size_t first;
	size_t end;
};

/* The cores of a row: "1/65..7/71, 9/73". */
static void draw_cores(struct drawing *drawing, struct group row, const char *indent)
{
	unsigned column = drawing->pen.column < CORES_COLUMN_MAX ? drawing->pen.column : CORES_COLUMN_MAX;
	char text[CORE_TEXT_MAX];

	for (size_t i = row.first; i < row.end;) {
		i += core_range(&drawing->map.core[i], row.end - i, text, sizeof(text) - 2);
		if (i < row.end)
			memcpy(text + strlen(text), ",", 2);
		pen_draw_word(&drawing->pen, text, indent, column);
		if (i < row.end && drawing->pen.column < CPU_MAP_COLUMNS)
			pen_draw(&drawing->pen, " ");
	}
	pen_end_line(&drawing->pen);
}

static void draw_row(struct drawing *drawing, struct group row, const char *indent)
{
	const struct cpu_map *map = &drawing->map;
	const struct map_core *core = &map->core[row.first];
	size_t count = row.end - row.first;
	char label[CORE_LABEL_MAX];
	char text[48];

	pen_move(&drawing->pen, TITLE_COLUMNS);
	if (map->plan != NULL) {
		pen_draw(&drawing->pen, core_label(map, core, label, sizeof(label)));
		pen_move(&drawing->pen, TITLE_COLUMNS + drawing->label_columns + 2);
	}
	unsigned column = drawing->pen.column;

	snprintf(text, sizeof(text), "%3zu %s%s", count, map->topology->cores == 0 ? "CPU" : "core",
		 count == 1 ? "" : "s");
	pen_draw(&drawing->pen, text);
	if (map->topology->kinds > 1) {
		snprintf(text, sizeof(text), core->fact.kind < 0 ? ", kind not told" : ", kind %d",
			 core->fact.kind);
		pen_draw(&drawing->pen, text);
		column += 8;
	}
	pen_move(&drawing->pen, column + 11);
	draw_cores(drawing, row, indent);
}

/* The cores from @first on that one row can tell of. */
static struct group row_find(const struct cpu_map *map, size_t first, size_t end)
{
	struct group row = {first, first + 1};

	while (row.end < end && map->core[row.end].row == map->core[first].row)
		row.end++;
	return row;
}

static struct group cache_find(const struct cpu_map *map, size_t first, size_t end)
{
	struct group cache = {first, first + 1};

	while (cache.end < end && core_same_cache(&map->core[first], &map->core[cache.end]))
		cache.end++;
	return cache;
}

static const struct host_cache *cache_fact(const struct cpu_map *map, size_t core)
{
	int cache = map->core[core].fact.cache;

	return cache < 0 || (size_t)cache >= map->topology->cache_count ? NULL :
									  &map->topology->cache[cache];
}

/* Whether two caches are alike, and all cores of both have one owner. */
static bool same_caches(const struct cpu_map *map, struct group a, struct group b)
{
	const struct host_cache *first = cache_fact(map, a.first);
	const struct host_cache *second = cache_fact(map, b.first);

	return first != NULL && second != NULL && first->level == second->level &&
	       first->bytes == second->bytes && a.end - a.first == b.end - b.first &&
	       row_find(map, a.first, a.end).end == a.end &&
	       row_find(map, b.first, b.end).end == b.end &&
	       core_same_owner(map, &map->core[a.first], &map->core[b.first]);
}

static void cache_title(const struct cpu_map *map, size_t core, size_t count, char *buffer, size_t size)
{
	const struct host_cache *cache = cache_fact(map, core);
	char bytes[PHRASE_SIZE_MAX] = "";
	char times[32] = "";

	if (cache == NULL) {
		snprintf(buffer, size, "cache ?");
		return;
	}
	if (cache->bytes != 0)
		phrase_size(cache->bytes, bytes, sizeof(bytes));
	if (count > 1)
		snprintf(times, sizeof(times), "%zu × ", count);
	snprintf(buffer, size, "%sL%u %s", times, cache->level, bytes);
}

/* The cache at @first, and those after it that are alike; @ret_count of them. */
static struct group alike_find(const struct cpu_map *map, size_t first, size_t end, size_t *ret_count)
{
	struct group cache = cache_find(map, first, end);
	struct group alike = cache;

	*ret_count = 1;
	while (alike.end < end) {
		struct group next = cache_find(map, alike.end, end);

		if (!same_caches(map, cache, next))
			break;
		alike.end = next.end;
		++*ret_count;
	}
	return alike;
}

/* Draws the cache at @first, or several that are alike as one row. Returns where the next begins. */
static size_t draw_cache(struct drawing *drawing, size_t first, size_t end, const char *indent)
{
	const struct cpu_map *map = &drawing->map;
	size_t count;
	struct group caches = alike_find(map, first, end, &count);
	struct group row = count > 1 ? caches : row_find(map, first, caches.end);
	char title[96];
	char below[32];

	cache_title(map, first, count, title, sizeof(title));
	pen_draw(&drawing->pen, indent);
	pen_draw(&drawing->pen, caches.end < end ? "├─ " : "└─ ");
	pen_draw(&drawing->pen, title);
	snprintf(below, sizeof(below), "%s%s", indent, caches.end < end ? "│" : " ");
	draw_row(drawing, row, below);
	while (row.end < caches.end) {
		row = row_find(map, row.end, caches.end);
		pen_draw(&drawing->pen, below);
		draw_row(drawing, row, below);
	}
	return caches.end;
}

static void draw_pool(struct drawing *drawing, const struct host_pool *pool, const char *name)
{
	char text[96];

	if (!pool->known)
		snprintf(text, sizeof(text), "; pages of %s not told", name);
	else if (pool->total == 0)
		return;
	else
		snprintf(text, sizeof(text), "; %" PRIu64 " pages of %s, %" PRIu64 " free", pool->total,
			 name, pool->free);
	pen_draw(&drawing->pen, text);
}

static void draw_memory(struct drawing *drawing, const struct host_node *node)
{
	char bytes[PHRASE_SIZE_MAX];

	if (!node->memory_known) {
		pen_draw(&drawing->pen, "memory not told");
	} else if (node->memory_bytes == 0) {
		pen_draw(&drawing->pen, "no memory");
		return;
	} else {
		pen_draw(&drawing->pen, phrase_size(node->memory_bytes, bytes, sizeof(bytes)));
		pen_draw(&drawing->pen, " of memory");
	}
	draw_pool(drawing, &node->pool[0], "2M");
	draw_pool(drawing, &node->pool[1], "1G");
	if (node->pool[0].known && node->pool[0].total == 0 && node->pool[1].known &&
	    node->pool[1].total == 0)
		pen_draw(&drawing->pen, "; no hugepages");
}

static void draw_node_title(struct drawing *drawing, int number)
{
	const struct host_node *node = topology_node(drawing->map.topology, number);
	char text[32];

	if (number < 0) {
		pen_draw(&drawing->pen, "node not told");
	} else {
		snprintf(text, sizeof(text), "node %d: ", number);
		pen_draw(&drawing->pen, text);
		if (node == NULL)
			pen_draw(&drawing->pen, "memory not told");
		else if (cpulist_has(&drawing->nodes, node->number))
			pen_draw(&drawing->pen, "as above");
		else
			draw_memory(drawing, node);
		cpulist_add(&drawing->nodes, (unsigned)number);
	}
	pen_end_line(&drawing->pen);
}

/* Draws the node at @first. Returns where the next begins. */
static size_t draw_node(struct drawing *drawing, size_t first, size_t end)
{
	const struct map_core *core = drawing->map.core;
	size_t next = first;

	while (next < end && core[next].fact.node == core[first].fact.node)
		next++;
	pen_draw(&drawing->pen, next < end ? "├─ " : "└─ ");
	draw_node_title(drawing, core[first].fact.node);
	for (size_t i = first; i < next;)
		i = draw_cache(drawing, i, next, next < end ? "│  " : "   ");
	return next;
}

static size_t draw_package(struct drawing *drawing, size_t first)
{
	const struct cpu_map *map = &drawing->map;
	int package = map->core[first].fact.package;
	size_t end = first;
	char text[32];

	while (end < map->count && map->core[end].fact.package == package)
		end++;
	snprintf(text, sizeof(text), package < 0 ? "package not told" : "package %d", package);
	pen_draw(&drawing->pen, text);
	pen_end_line(&drawing->pen);
	for (size_t i = first; i < end;)
		i = draw_node(drawing, i, end);
	return end;
}

static void draw_count(struct drawing *drawing, const char *before, size_t count, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%zu %s%s", before, count, name, count == 1 ? "" : "s");
	pen_draw(&drawing->pen, text);
}

/* There are CPUs: where none of these is counted, they are not told. */
static void draw_told(struct drawing *drawing, const char *before, size_t count, const char *name)
{
	char text[64];

	if (count != 0) {
		draw_count(drawing, before, count, name);
		return;
	}
	snprintf(text, sizeof(text), "%s%ss not told", before, name);
	pen_draw(&drawing->pen, text);
}

static void draw_summary(struct drawing *drawing)
{
	const struct host_topology *topology = drawing->map.topology;

	draw_count(drawing, "", cpulist_count(&topology->present), "CPU");
	draw_told(drawing, ": ", topology->packages, "package");
	draw_told(drawing, ", ", topology->node_count, "NUMA node");
	draw_told(drawing, ", ", topology->cache_count, "last-level cache");
	draw_told(drawing, ", ", topology->cores, "core");
	pen_end_line(&drawing->pen);
	if (topology->kinds > 1) {
		draw_count(drawing, "", topology->kinds, "kind");
		pen_draw(&drawing->pen, " of core, 0 the least powerful");
		pen_end_line(&drawing->pen);
	}
}

/* What has no place among the cores: memory without CPUs, CPUs that are off, partitions without CPUs. */
static void draw_rest(struct drawing *drawing)
{
	const struct host_topology *topology = drawing->map.topology;
	struct cpulist offline;
	char text[80];

	for (size_t i = 0; i < topology->node_count; i++) {
		const struct host_node *node = &topology->node[i];

		if (cpulist_has(&drawing->nodes, node->number))
			continue;
		snprintf(text, sizeof(text), "node %u, without CPUs: ", node->number);
		pen_draw(&drawing->pen, text);
		draw_memory(drawing, node);
		pen_end_line(&drawing->pen);
	}
	cpulist_minus(&topology->present, &topology->online, &offline);
	if (!cpulist_empty(&offline)) {
		pen_draw(&drawing->pen, "offline: ");
		pen_draw(&drawing->pen, phrase_cpus(&offline, text, sizeof(text)));
		pen_end_line(&drawing->pen);
	}
}

static void draw_floating(struct drawing *drawing)
{
	static const char title[] = "without CPUs of their own:";
	const struct machine_config *machine = drawing->map.machine;
	char text[64];

	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (!cpulist_empty(&partition->cpus))
			continue;
		if (drawing->pen.column == 0)
			pen_draw(&drawing->pen, title);
		snprintf(text, sizeof(text), " %s (%u vCPU%s)", partition->name, partition->vcpus,
			 partition->vcpus == 1 ? "" : "s");
		pen_draw_word(&drawing->pen, text, "", sizeof(title) - 2);
	}
	if (drawing->pen.column != 0)
		pen_end_line(&drawing->pen);
}

static unsigned longest_label(const struct cpu_map *map)
{
	unsigned longest = 0;
	char label[CORE_LABEL_MAX];

	for (size_t i = 0; i < map->count; i++) {
		if (i != 0 && core_same_owner(map, &map->core[i - 1], &map->core[i]))
			continue;
		unsigned length = (unsigned)strlen(core_label(map, &map->core[i], label, sizeof(label)));

		longest = length > longest ? length : longest;
	}
	return longest;
}

void cpu_map_print(FILE *stream, const struct host_topology *topology,
		   const struct placement_plan *plan, const struct machine_config *machine)
{
	struct drawing drawing = {.pen = {.stream = stream, .columns = CPU_MAP_COLUMNS}};

	drawing.map.topology = topology;
	drawing.map.plan = plan;
	drawing.map.machine = machine;
	cpu_map_find(&drawing.map);
	drawing.label_columns = longest_label(&drawing.map);
	draw_summary(&drawing);
	for (size_t i = 0; i < drawing.map.count;)
		i = draw_package(&drawing, i);
	draw_rest(&drawing);
	draw_floating(&drawing);
}
