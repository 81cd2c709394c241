// SPDX-License-Identifier: Apache-2.0
#include "core/host/topology_nodes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/host_parse.h"
#include "core/host/topology.h"
#include "core/host/topology_view.h"

#define NODES "/sys/devices/system/node"

static int by_number(const void *a, const void *b)
{
	unsigned one = ((const struct host_node *)a)->number;
	unsigned other = ((const struct host_node *)b)->number;

	return (one > other) - (one < other);
}

static bool has_node(const struct host_topology *topology, unsigned number)
{
	return number <= INT32_MAX && topology_node(topology, (int)number) != NULL;
}

static void add_node(struct host_topology *topology, unsigned number, uint64_t memory_bytes)
{
	if (number > INT32_MAX || topology->node_count >= VIEW_NODES || has_node(topology, number))
		return;
	topology->node[topology->node_count++] = (struct host_node){
		.number = number,
		/* 0 is also what hwloc says where it was not told */
		.memory_known = memory_bytes > 0,
		.memory_bytes = memory_bytes,
	};
}

/* The nodes that the kernel lists; whether it lists any. */
static bool add_listed(const struct host_files *files, struct host_topology *topology)
{
	const struct host_file *file;
	size_t at = 0;

	while ((file = host_files_next(files, NODES "/node*/cpulist", &at)) != NULL) {
		const char *name = file->path + strlen(NODES "/node");
		char *end = NULL;
		unsigned long number = strtoul(name, &end, 10);

		if (*name >= '0' && *name <= '9' && *end == '/' && number <= INT32_MAX)
			add_node(topology, (unsigned)number, 0);
	}
	return topology->node_count > 0;
}

static void add_viewed(const struct topology_view *view, struct host_topology *topology)
{
	for (unsigned i = 0; i < view->node_count; i++)
		add_node(topology, view->node[i].number, view->node[i].memory_bytes);
}

static struct host_node *find_node(struct host_topology *topology, unsigned number)
{
	struct host_node key = {.number = number};

	return bsearch(&key, topology->node, topology->node_count, sizeof(key), by_number);
}

static void give(struct host_topology *topology, struct host_node *node, const struct cpulist *cpus)
{
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < topology->cpu_count;
	     cpu = cpulist_next(cpus, cpu + 1)) {
		if (!cpulist_has(&topology->online, cpu) ||
		    topology->cpu[cpu].node != TOPOLOGY_UNKNOWN)
			continue;
		topology->cpu[cpu].node = (int)node->number;
		cpulist_add(&node->cpus, cpu);
	}
}

/* By the kernel's lists; whether it has one that could be read. */
static bool give_listed(const struct host_files *files, struct host_topology *topology)
{
	bool any = false;

	for (size_t i = 0; i < topology->node_count; i++) {
		struct host_node *node = &topology->node[i];
		struct cpulist cpus;

		if (host_cpus(files, &cpus, NODES "/node%u/cpulist", node->number) != 0)
			continue;
		give(topology, node, &cpus);
		any = true;
	}
	return any;
}

/* struct nearness - one of hwloc's nodes, in the order in which they are asked for their CPUs. */
struct nearness {
	const struct view_node *node;
	unsigned cpus;
};

static int by_nearness(const void *a, const void *b)
{
	const struct nearness *one = a;
	const struct nearness *other = b;

	if (one->node->ordinary != other->node->ordinary)
		return one->node->ordinary ? -1 : 1;
	if (one->cpus != other->cpus)
		return one->cpus < other->cpus ? -1 : 1;
	return (one->node->number > other->node->number) - (one->node->number < other->node->number);
}

/* By hwloc: ordinary memory first, then the node of the fewest CPUs, then the lowest number. */
static int give_viewed(const struct topology_view *view, struct host_topology *topology)
{
	struct nearness *order = calloc(VIEW_NODES, sizeof(*order));

	if (order == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < view->node_count; i++)
		order[i] = (struct nearness){
			.node = &view->node[i],
			.cpus = cpulist_count(&view->node[i].cpus),
		};
	qsort(order, view->node_count, sizeof(*order), by_nearness);
	for (unsigned i = 0; i < view->node_count; i++) {
		struct host_node *node = find_node(topology, order[i].node->number);

		if (node != NULL)
			give(topology, node, &order[i].node->cpus);
	}
	free(order);
	return 0;
}

static void read_memory(const struct host_files *files, struct host_node *node)
{
	const char *text = NULL;
	uint64_t bytes = 0;

	if (host_text(files, &text, NODES "/node%u/meminfo", node->number) != 0 ||
	    host_meminfo_bytes(text, "MemTotal", &bytes) != 0)
		return;
	node->memory_known = true;
	node->memory_bytes = bytes;
}

/* What is free now, and what the kernel lets go of for whoever needs it: cached parts of files. */
static void read_free(const struct host_files *files, struct host_node *node)
{
	static const char *const cached[] = {"Active(file)", "Inactive(file)"};
	const char *text = NULL;
	uint64_t bytes = 0;

	if (host_text(files, &text, NODES "/node%u/meminfo", node->number) != 0 ||
	    host_meminfo_bytes(text, "MemFree", &node->free_bytes) != 0)
		return;
	node->free_known = true;
	for (size_t i = 0; i < sizeof(cached) / sizeof(cached[0]); i++) {
		if (host_meminfo_bytes(text, cached[i], &bytes) == 0 &&
		    __builtin_add_overflow(node->free_bytes, bytes, &node->free_bytes))
			node->free_bytes = UINT64_MAX;
	}
}

static const struct view_node *find_viewed(const struct topology_view *view, unsigned number)
{
	for (unsigned i = 0; i < view->node_count; i++) {
		if (view->node[i].number == number)
			return &view->node[i];
	}
	return NULL;
}

/*
 * Where a tree does not speak of a node's pools, hwloc may: it knows how many pages there are, not how many
 * of them are free, so that only an empty pool is known.
 */
static void take_empty_pools(const struct host_files *files, const struct view_node *told,
			     struct host_node *node)
{
	const char *text = NULL;

	if (told == NULL || !told->huge_pages_told)
		return;
	for (size_t i = 0; i < HOST_POOLS; i++) {
		if (!node->pool[i].known && told->huge_pages[i] == 0 &&
		    host_text(files, &text, NODES "/node%u/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages",
			      node->number, node->pool[i].page_bytes / 1024) == -ENODATA)
			node->pool[i].known = true;
	}
}

/*
 * Without the pools, memory that is free is in ordinary pages for certain. Of an XML file, which says no
 * more, hwloc's own count stands: it was taken on the host itself.
 */
static void take_ordinary(const struct host_files *files, const struct view_node *told,
			  struct host_node *node)
{
	const char *text = NULL;

	if (node->pool[0].known && node->pool[1].known)
		return;
	if (host_text(files, &text, NODES "/node%u/meminfo", node->number) == 0) {
		node->ordinary_known = host_meminfo_bytes(text, "MemFree", &node->ordinary_bytes) == 0;
	} else if (files->count == 0 && told != NULL && told->ordinary_bytes > 0) {
		node->ordinary_known = true;
		node->ordinary_bytes = told->ordinary_bytes;
	}
}

int topology_nodes(const struct host_files *files, const struct topology_view *view,
		   struct host_topology *topology)
{
	bool listed;

	topology->node = calloc(VIEW_NODES, sizeof(*topology->node));
	if (topology->node == NULL)
		return -ENOMEM;
	listed = add_listed(files, topology);
	if (!listed)
		add_viewed(view, topology);
	qsort(topology->node, topology->node_count, sizeof(*topology->node), by_number);
	if (!give_listed(files, topology) && give_viewed(view, topology) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < topology->node_count; i++) {
		struct host_node *node = &topology->node[i];
		const struct view_node *told = find_viewed(view, node->number);

		read_memory(files, node);
		read_free(files, node);
		/* A kernel without NUMA has the pools of its one node as the host's. */
		host_pools_read(files, listed ? (int)node->number : -1, node->pool);
		take_empty_pools(files, told, node);
		take_ordinary(files, told, node);
	}
	return 0;
}
