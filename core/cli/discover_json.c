// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "core/base/units.h"
#include "core/cli/discover.h"
#include "core/host/host.h"

/* An array of @count items, each made by its index; NULL without memory. */
static json_t *array_of(const struct discovery *discovery, size_t count,
			json_t *(*item)(const struct discovery *discovery, size_t index))
{
	json_t *array = json_array();
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = json_array_append_new(array, item(discovery, i));
	if (error == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *cpus_json(const struct cpulist *cpus)
{
	char text[CPULIST_TEXT_MAX];

	return json_string(cpulist_format(cpus, text, sizeof(text)));
}

/* A number that is not told is null. */
static json_t *number_or_null(int number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static json_t *partition_json(const char *name, const struct candidate_partition *partition)
{
	char size[32];
	char pages[32];

	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:b}", "name", name, "cpus",
			 cpus_json(&partition->cpus), "node", number_or_null(partition->node), "memory",
			 size_format(partition->memory_bytes, size, sizeof(size)), "pages",
			 size_format(partition->page_bytes, pages, sizeof(pages)), "memory-known",
			 partition->memory_known ? 1 : 0);
}

/* Those that there are; a partition that floats has no cpus. */
static json_t *partitions_json(const struct candidates *candidates)
{
	json_t *array = json_array();
	int error = 0;

	if (!cpulist_empty(&candidates->real_time.cpus))
		error |= json_array_append_new(array, partition_json("rt", &candidates->real_time));
	if (candidates->best_effort.memory_bytes != 0)
		error |= json_array_append_new(array,
					       partition_json("panel", &candidates->best_effort));
	if (error == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *domain_json(const struct discovery *discovery, size_t index)
{
	const struct candidate_domain *domain = &discovery->candidates.domain[index];
	const struct host_topology *topology = &discovery->host->topology;
	bool told = domain->cache >= 0 && (size_t)domain->cache < topology->cache_count;
	const struct host_cache *cache = told ? &topology->cache[domain->cache] : NULL;

	return json_pack("{s:o, s:o, s:o, s:i, s:o, s:o}", "cpus", cpus_json(&domain->cpus), "free",
			 cpus_json(&domain->free), "node", number_or_null(domain->node), "cores",
			 (int)domain->cores, "cache-level",
			 cache != NULL ? json_integer(cache->level) : json_null(), "cache-bytes",
			 cache != NULL && cache->bytes != 0 ? json_integer((json_int_t)cache->bytes) :
							      json_null());
}

/* Each node has HOST_POOLS of them. */
static json_t *pool_json(const struct discovery *discovery, size_t index)
{
	const struct host_node *node = &discovery->host->topology.node[index / HOST_POOLS];
	const struct host_pool *pool = &node->pool[index % HOST_POOLS];

	return json_pack("{s:i, s:s, s:o, s:o}", "node", (int)node->number, "pages",
			 index % HOST_POOLS == 0 ? "2M" : "1G", "total",
			 pool->known ? json_integer((json_int_t)pool->total) : json_null(), "free",
			 pool->known ? json_integer((json_int_t)pool->free) : json_null());
}

static json_t *device_json(const struct discovery *discovery, size_t index)
{
	const struct passthrough_device *device = &discovery->passthrough.device[index];
	const struct host_pci *pci = device->pci;
	char driver[sizeof(pci->driver)];
	char class[16];
	char id[16];

	snprintf(driver, sizeof(driver), "%s", pci->driver);
	snprintf(class, sizeof(class), "0x%06x", pci->class & 0xffffff);
	snprintf(id, sizeof(id), "%04x:%04x", pci->vendor & 0xffff, pci->device & 0xffff);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:i, s:o, s:i}", "address", pci->address, "kind",
			 passthrough_class(pci->class), "class", class, "id", id, "node",
			 number_or_null(pci->node), "group", pci->group, "driver",
			 *driver != '\0' ? json_string(discover_printable(driver)) : json_null(),
			 "group-mates", (int)device->mates);
}

static json_t *unknown_json(const struct discovery *discovery, size_t index)
{
	return json_string(discovery->unknown[index]);
}

static const char *lack_name(enum candidates_lack lack)
{
	switch (lack) {
	case CANDIDATES_ENOUGH:
		break;
	case CANDIDATES_ONE_CPU:
		return "one-cpu";
	case CANDIDATES_ONE_CORE:
		return "one-core";
	case CANDIDATES_NO_WHOLE:
		return "no-whole-core";
	case CANDIDATES_UNTOLD:
		return "untold";
	}
	return NULL;
}

json_t *discover_json(const struct discovery *discovery, const char *file)
{
	const struct candidates *candidates = &discovery->candidates;

	return json_pack("{s:s, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "machine", "discovered", "lack",
			 lack_name(candidates->lack), "housekeeping",
			 cpus_json(&candidates->housekeeping), "partitions", partitions_json(candidates),
			 "domains", array_of(discovery, candidates->domain_count, domain_json), "pools",
			 array_of(discovery, discovery->host->topology.node_count * HOST_POOLS,
				  pool_json),
			 "devices", array_of(discovery, discovery->passthrough.count, device_json),
			 "unknown", array_of(discovery, discovery->unknown_count, unknown_json), "file",
			 file);
}
