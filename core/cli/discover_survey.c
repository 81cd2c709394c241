// SPDX-License-Identifier: Apache-2.0
/* What else the host has, for whoever goes on from the first file: comments. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/cli/discover.h"
#include "core/host/host.h"
#include "sched/phrase.h"

enum {
	LINES_MAX = 64,  /* of one table */
	CORES_NAMED = 8, /* as examples of siblings */
	LIST = 40,       /* CPUs in a table */
};

static const char *const fact_word[] = {
	[FACT_UNKNOWN] = "unknown", [FACT_NO] = "no", [FACT_YES] = "yes",
};

static void more(size_t count, FILE *stream)
{
	if (count > LINES_MAX)
		discover_comment(stream, "  ... and %zu more (bulkhead discover --json)", count - LINES_MAX);
}

/* "L3 32M", "" where nothing is told. */
static void cache_text(const struct host_topology *topology, int index, char *buffer, size_t size)
{
	const struct host_cache *cache;
	char bytes[PHRASE_SIZE_MAX];

	buffer[0] = '\0';
	if (index < 0 || (size_t)index >= topology->cache_count)
		return;
	cache = &topology->cache[index];
	snprintf(buffer, size, "L%u %s", cache->level,
		 cache->bytes == 0 ? "" : phrase_size(cache->bytes, bytes, sizeof(bytes)));
}

static const char *kind_text(const struct host_topology *topology,
			     const struct candidate_domain *domain)
{
	if (topology->kinds < 2)
		return "";
	if (domain->kind_least != domain->kind_most)
		return "  of several kinds";
	return domain->kind_most == 0 ? "  least powerful" : "  more powerful";
}

static void write_domain(const struct host_topology *topology,
			 const struct candidate_domain *domain, FILE *stream)
{
	char cache[32];
	char node[16] = "?";
	char cpus[LIST];
	char free[LIST];

	cache_text(topology, domain->cache, cache, sizeof(cache));
	if (domain->node >= 0)
		snprintf(node, sizeof(node), "%d", domain->node);
	discover_comment(stream, "  %-9s node %-3s %3u core%s  CPUs %-24s%s%s%s",
			 *cache != '\0' ? cache : "?", node, domain->cores, domain->cores == 1 ? " " : "s",
			 phrase_list(&domain->cpus, cpus, sizeof(cpus)), kind_text(topology, domain),
			 cpulist_empty(&domain->free) ? "" : "  free ",
			 phrase_list(&domain->free, free, sizeof(free)));
}

/* A few cores, as an example of how siblings are numbered here. */
static void write_siblings(const struct host_topology *topology, FILE *stream)
{
	struct cpulist left = topology->online;
	struct cpulist core;
	char text[100] = "";
	char list[24];
	unsigned named = 0;

	for (unsigned cpu = cpulist_next(&left, 0); cpu < CPULIST_MAX && named < CORES_NAMED;
	     cpu = cpulist_next(&left, cpu + 1)) {
		size_t used = strlen(text);

		topology_siblings(topology, cpu, &core);
		cpulist_minus(&left, &core, &left);
		if (cpulist_count(&core) < 2)
			continue;
		snprintf(text + used, sizeof(text) - used, "%s%s", named++ == 0 ? "" : "  ",
			 phrase_list(&core, list, sizeof(list)));
	}
	if (named == 0)
		discover_comment(stream, "SMT: no core has two threads online.");
	else
		discover_comment(stream, "SMT siblings, core by core: %s%s", text,
				 named == CORES_NAMED ? "  ..." : "");
}

static void write_cpus(const struct discovery *discovery, FILE *stream)
{
	const struct candidates *candidates = &discovery->candidates;
	const struct host_kernel *kernel = &discovery->host->kernel;
	char list[64];

	discover_comment(stream, "CPUs by last-level cache; a partition's stay under one, unless "
			 "placement.within says otherwise:");
	for (size_t i = 0; i < candidates->domain_count && i < LINES_MAX; i++)
		write_domain(&discovery->host->topology, &candidates->domain[i], stream);
	more(candidates->domain_count, stream);
	write_siblings(&discovery->host->topology, stream);
	if (kernel->isolated_known && !cpulist_empty(&kernel->isolated))
		discover_comment(stream, "Isolated by the kernel now (isolcpus=): %s",
				 phrase_list(&kernel->isolated, list, sizeof(list)));
	if (kernel->nohz_full_known && !cpulist_empty(&kernel->nohz_full))
		discover_comment(stream, "Without a tick (nohz_full=): %s",
				 phrase_list(&kernel->nohz_full, list, sizeof(list)));
}

static void pool_text(const struct host_pool *pool, char *buffer, size_t size)
{
	if (pool->known)
		snprintf(buffer, size, "%" PRIu64 " of %" PRIu64 " free", pool->free, pool->total);
	else
		snprintf(buffer, size, "unknown");
}

static void write_node(const struct host_node *node, FILE *stream)
{
	char memory[PHRASE_SIZE_MAX] = "unknown";
	char small[64];
	char large[64];

	if (node->memory_known)
		phrase_size(node->memory_bytes, memory, sizeof(memory));
	pool_text(&node->pool[0], small, sizeof(small));
	pool_text(&node->pool[1], large, sizeof(large));
	discover_comment(stream, "  node %-3u memory %-8s 2M pages: %s; 1G pages: %s%s", node->number, memory,
			 small, large, cpulist_empty(&node->cpus) ? "; no CPUs" : "");
}

/* A pool is set, not added to: what it has already counts. */
static void write_pool_remedy(const struct host_topology *topology, int number, FILE *stream)
{
	const struct host_node *node = topology_node(topology, number);
	const uint64_t wanted = 256;

	if (node == NULL || !node->pool[0].known || node->pool[0].free >= wanted)
		return;
	discover_comment(stream, "For memory: {size: 512M, pages: 2M} of node %d, which spares TLB misses:",
			 number);
	discover_comment(stream, "  echo %" PRIu64 " > /sys/devices/system/node/node%d/hugepages/"
			 "hugepages-2048kB/nr_hugepages", node->pool[0].total - node->pool[0].free + wanted,
			 number);
}

static void write_memory(const struct discovery *discovery, FILE *stream)
{
	const struct host_topology *topology = &discovery->host->topology;
	int node = discovery->candidates.real_time.node;

	discover_comment(stream, "Memory and hugepages by NUMA node:");
	for (size_t i = 0; i < topology->node_count && i < LINES_MAX; i++)
		write_node(&topology->node[i], stream);
	more(topology->node_count, stream);
	write_pool_remedy(topology, node < 0 ? 0 : node, stream);
	discover_comment(stream, "1G pages are best had at boot: hugepagesz=1G hugepages=4");
}

static void write_allocation(const char *what, const char *key, const struct host_resctrl *level,
			     FILE *stream)
{
	if (level->supported == FACT_YES && level->ways != 0)
		discover_comment(stream, "  %-18s %u ways, %u classes of service: cache: {%s: 2}", what,
				 level->ways, level->closids, key);
	else
		discover_comment(stream, "  %-18s %s", what, fact_word[level->supported]);
}

static void write_abilities(const struct discovery *discovery, FILE *stream)
{
	const struct host_facts *host = discovery->host;

	discover_comment(stream, "What the host can do:");
	write_allocation("divide L3", "l3-ways", &host->l3, stream);
	write_allocation("divide L2", "l2-ways", &host->l2, stream);
	discover_comment(stream, "  %-18s %s", "limit bandwidth", fact_word[host->bandwidth.supported]);
	discover_comment(stream, "  %-18s %s", "cpuset partitions",
			 host->cgroup.mode == CGROUP_UNKNOWN ? "unknown" :
			 host->cgroup.mode != CGROUP_V2 ? "no: they need cgroup version 2" :
							  fact_word[host->cgroup.cpuset]);
	discover_comment(stream, "  %-18s %s", "post interrupts", fact_word[host->posted_interrupts]);
}

static void write_device(const struct passthrough_device *device, FILE *stream)
{
	const struct host_pci *pci = device->pci;
	char node[16] = "-";
	char mates[48] = "";

	if (pci->node >= 0)
		snprintf(node, sizeof(node), "%d", pci->node);
	if (device->mates != 0)
		snprintf(mates, sizeof(mates), "  with %zu more of its group", device->mates);
	discover_comment(stream, "  %s  %-17s node %-3s group %-4d driver %s%s", pci->address,
			 passthrough_class(pci->class), node, pci->group,
			 pci->driver[0] == '\0' ? "-" : pci->driver, mates);
}

static void write_devices(const struct discovery *discovery, FILE *stream)
{
	const struct passthrough *passthrough = &discovery->passthrough;

	if (discovery->host->iommu == FACT_NO) {
		discover_comment(stream, "Passthrough: none, as no IOMMU is in use. Enable VT-d or AMD-Vi in "
				 "the firmware;");
		discover_comment(stream, "on Intel also boot with intel_iommu=on iommu=pt.");
		return;
	}
	if (discovery->host->iommu == FACT_UNKNOWN) {
		discover_comment(stream, "Passthrough: unknown, as the IOMMU groups could not be read.");
		return;
	}
	discover_comment(stream, "Passthrough, by devices: [{vfio: \"ADDRESS\"}]; the host loses what it "
			 "passes on, its disks too:");
	for (size_t i = 0; i < passthrough->count && i < LINES_MAX; i++)
		write_device(&passthrough->device[i], stream);
	more(passthrough->count, stream);
	if (passthrough->count == 0)
		discover_comment(stream, "  none");
	if (passthrough->shared != 0)
		discover_comment(stream, "  %zu other%s an IOMMU group with what the host keeps",
				 passthrough->shared, passthrough->shared == 1 ? " shares" : "s share");
}

void discover_write_survey(const struct discovery *discovery, FILE *stream)
{
	fputs("\n", stream);
	write_cpus(discovery, stream);
	discover_comment(stream, "%s", "");
	write_memory(discovery, stream);
	discover_comment(stream, "%s", "");
	write_abilities(discovery, stream);
	discover_comment(stream, "%s", "");
	write_devices(discovery, stream);
	if (discovery->unknown_count == 0)
		return;
	discover_comment(stream, "%s", "");
	discover_comment(stream, "Could not be read, and nothing above relies on it:");
	for (size_t i = 0; i < discovery->unknown_count; i++)
		discover_comment(stream, "  %s", discovery->unknown[i]);
}
