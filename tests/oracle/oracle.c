// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/oracle.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "tests/oracle/time_oracle.h"

/* struct trial - what is judged, and where the offence is told. */
struct trial {
	const struct machine_config *machine;
	const struct host_facts *host;
	const struct machine_plan *plan;
	char *text;
	size_t size;
};

static int offence(struct trial *trial, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int offence(struct trial *trial, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(trial->text, trial->size, format, arguments);
	va_end(arguments);
	return 1;
}

static bool is_temporal(const struct partition_config *partition)
{
	return partition->schedule.policy == VCPU_POLICY_DEADLINE;
}

static unsigned boot_cpu(const struct host_facts *host)
{
	return cpulist_next(&host->topology.online, 0);
}

static int core_of(const struct host_facts *host, unsigned cpu)
{
	return cpu < host->topology.cpu_count ? host->topology.cpu[cpu].core : TOPOLOGY_UNKNOWN;
}

static int judge_cpu(struct trial *trial, const struct partition_config *partition, unsigned cpu)
{
	if (!cpulist_has(&trial->host->topology.online, cpu))
		return offence(trial, "%s has CPU %u, which is not online", partition->name, cpu);
	if (cpu == boot_cpu(trial->host))
		return offence(trial, "%s has the boot CPU %u", partition->name, cpu);
	if (cpulist_has(&trial->plan->placement.housekeeping, cpu))
		return offence(trial, "%s has CPU %u of housekeeping", partition->name, cpu);
	for (size_t i = 0; i < trial->machine->partition_count; i++) {
		const struct partition_config *other = &trial->machine->partition[i];

		if (other != partition && cpulist_has(&other->cpus, cpu) &&
		    !(is_temporal(other) && is_temporal(partition)))
			return offence(trial, "CPU %u is %s's and %s's", cpu, partition->name,
				       other->name);
	}
	return 0;
}

/* Who else runs on the core of one of a partition's CPUs. */
static int judge_sibling(struct trial *trial, const struct partition_config *partition, unsigned cpu,
			 unsigned sibling)
{
	if (!partition->share_cores && cpulist_has(&trial->plan->placement.housekeeping, sibling))
		return offence(trial, "CPU %u of %s shares a core with CPU %u of housekeeping", cpu,
			       partition->name, sibling);
	for (size_t i = 0; i < trial->machine->partition_count; i++) {
		const struct partition_config *other = &trial->machine->partition[i];

		if (other != partition && cpulist_has(&other->cpus, sibling) &&
		    !(other->share_cores && partition->share_cores))
			return offence(trial, "CPU %u of %s shares a core with CPU %u of %s", cpu,
				       partition->name, sibling, other->name);
	}
	return 0;
}

static int judge_core(struct trial *trial, const struct partition_config *partition, unsigned cpu)
{
	int core = core_of(trial->host, cpu);

	for (unsigned other = 0; core >= 0 && other < trial->host->topology.cpu_count; other++) {
		if (other != cpu && core_of(trial->host, other) == core &&
		    judge_sibling(trial, partition, cpu, other) != 0)
			return 1;
	}
	return 0;
}

/* Each two CPUs of a partition against what placement.within promises. */
static int judge_span(struct trial *trial, const struct partition_config *partition, unsigned a,
		      unsigned b)
{
	const struct host_cpu *first = &trial->host->topology.cpu[a];
	const struct host_cpu *second = &trial->host->topology.cpu[b];

	if (partition->within != WITHIN_MACHINE && first->node != second->node)
		return offence(trial, "%s lies on nodes %d and %d", partition->name, first->node,
			       second->node);
	if (partition->within == WITHIN_CACHE && first->cache != second->cache)
		return offence(trial, "%s lies under caches %d and %d", partition->name, first->cache,
			       second->cache);
	return 0;
}

static int judge_space(struct trial *trial)
{
	const struct machine_config *machine = trial->machine;

	if (cpulist_empty(&trial->plan->placement.housekeeping))
		return offence(trial, "no housekeeping CPU");
	for (unsigned cpu = 0; cpu < CPULIST_MAX; cpu++) {
		if (cpulist_has(&trial->plan->placement.housekeeping, cpu) &&
		    !cpulist_has(&trial->host->topology.online, cpu))
			return offence(trial, "housekeeping CPU %u is not online", cpu);
	}
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		for (unsigned a = 0; a < CPULIST_MAX; a++) {
			if (!cpulist_has(&partition->cpus, a))
				continue;
			if (judge_cpu(trial, partition, a) != 0 || judge_core(trial, partition, a) != 0)
				return 1;
			for (unsigned b = 0; b < a; b++) {
				if (cpulist_has(&partition->cpus, b) &&
				    judge_span(trial, partition, a, b) != 0)
					return 1;
			}
		}
	}
	return 0;
}

static bool has_cpu_on(const struct trial *trial, const struct partition_config *partition, int node)
{
	for (unsigned cpu = 0; cpu < trial->host->topology.cpu_count; cpu++) {
		if (cpulist_has(&partition->cpus, cpu) && trial->host->topology.cpu[cpu].node == node)
			return true;
	}
	return false;
}

static int judge_share(struct trial *trial, const struct memory_share *share)
{
	const struct partition_config *partition = &trial->machine->partition[share->partition];

	if (share->page_bytes != partition->page_bytes || share->bytes % share->page_bytes != 0)
		return offence(trial, "%s has %" PRIu64 " bytes that are not whole pages",
			       partition->name, share->bytes);
	if (share->node == -1)
		return cpulist_empty(&partition->cpus) ? 0 :
			offence(trial, "%s has CPUs, and memory from anywhere", partition->name);
	if (partition->memory_node != PARTITION_NODE_OWN)
		return share->node == partition->memory_node ? 0 :
			offence(trial, "%s asked for memory of node %d and has it of node %d",
				partition->name, partition->memory_node, share->node);
	if (!has_cpu_on(trial, partition, share->node))
		return offence(trial, "%s has memory of node %d and no CPU there", partition->name,
			       share->node);
	return 0;
}

/* What all shares take of one node in pages of one size. */
static unsigned __int128 taken(const struct trial *trial, int node, uint64_t page_bytes)
{
	unsigned __int128 sum = 0;

	for (size_t i = 0; i < trial->plan->memory.count; i++) {
		const struct memory_share *share = &trial->plan->memory.share[i];

		if (share->node == node && share->page_bytes == page_bytes)
			sum += share->bytes;
	}
	return sum;
}

/* What a pool holds once apply has enlarged it; a pool that cannot be read cannot be put back, nor enlarged. */
static unsigned __int128 pool_after(const struct trial *trial, const struct host_node *node, int nth)
{
	const struct host_pool *pool = &node->pool[nth];
	unsigned __int128 held = (unsigned __int128)pool->total * pool->page_bytes;
	unsigned __int128 asked = taken(trial, (int)node->number, pool->page_bytes);
	const char *text;

	if (asked <= held ||
	    host_text(&trial->host->files, &text,
		      "/sys/devices/system/node/node%u/hugepages/hugepages-%ukB/nr_hugepages",
		      node->number, (unsigned)(pool->page_bytes / 1024)) != 0)
		return held;
	return asked;
}

static uint64_t kept_for_host(const struct trial *trial, const struct host_node *node)
{
	uint64_t part = node->memory_bytes / 32;

	return cpulist_has(&node->cpus, boot_cpu(trial->host)) && part < 128 << 20 ? 128 << 20 : part;
}

static int judge_node(struct trial *trial, const struct host_node *node)
{
	int number = (int)node->number;
	unsigned __int128 plain = taken(trial, number, 4096);
	unsigned __int128 pooled = 0;
	unsigned __int128 grown = 0;
	uint64_t kept = kept_for_host(trial, node);

	for (int i = 0; i < HOST_POOLS; i++) {
		const struct host_pool *pool = &node->pool[i];
		unsigned __int128 huge = taken(trial, number, pool->page_bytes);
		unsigned __int128 held = (unsigned __int128)pool->total * pool->page_bytes;

		if (huge != 0 && (!pool->known || huge > pool_after(trial, node, i)))
			return offence(trial, "node %d gives more hugepages than it has", number);
		if (!pool->known)
			continue;
		pooled += pool_after(trial, node, i);
		grown += pool_after(trial, node, i) - held;
	}
	if (plain != 0 && (!node->memory_known || plain + pooled > node->memory_bytes))
		return offence(trial, "node %d gives more memory than it has", number);
	if (grown == 0)
		return 0;
	if (!node->memory_known || plain + pooled + kept > node->memory_bytes)
		return offence(trial, "the pools of node %d grow beyond its memory", number);
	if (node->free_known && grown + kept > node->free_bytes)
		return offence(trial, "the pools of node %d grow by more than is free", number);
	return 0;
}

/* All that is taken of all nodes together, from one or from any, in pages of any size. */
static int judge_whole(struct trial *trial)
{
	const struct host_topology *topology = &trial->host->topology;
	unsigned __int128 memory = 0;
	unsigned __int128 asked = 0;

	for (size_t i = 0; i < topology->node_count; i++) {
		if (!topology->node[i].memory_known)
			return 0;
		memory += topology->node[i].memory_bytes;
	}
	for (size_t i = 0; i < trial->plan->memory.count; i++)
		asked += trial->plan->memory.share[i].bytes;
	return asked <= memory ? 0 : offence(trial, "more memory than the host has");
}

static int judge_memory(struct trial *trial)
{
	const struct memory_plan *plan = &trial->plan->memory;

	for (size_t i = 0; i < trial->machine->partition_count; i++) {
		unsigned __int128 sum = 0;

		for (size_t j = 0; j < plan->count; j++)
			sum += plan->share[j].partition == i ? plan->share[j].bytes : 0;
		if (sum != trial->machine->partition[i].memory_bytes)
			return offence(trial, "%s has not the memory it asked for",
				       trial->machine->partition[i].name);
	}
	for (size_t i = 0; i < plan->count; i++) {
		const struct memory_share *share = &plan->share[i];

		if (share->node != -1 && topology_node(&trial->host->topology, share->node) == NULL)
			return offence(trial, "there is no node %d", share->node);
		if (judge_share(trial, share) != 0)
			return 1;
	}
	for (size_t i = 0; i < trial->host->topology.node_count; i++) {
		if (judge_node(trial, &trial->host->topology.node[i]) != 0)
			return 1;
	}
	return judge_whole(trial);
}

/* A mask of consecutive ones within the hardware's ways, and not too few. */
static int judge_mask(struct trial *trial, uint64_t mask, unsigned asked,
		      const struct host_resctrl *cache)
{
	unsigned ones = (unsigned)__builtin_popcountll(mask);

	if (mask == 0)
		return asked == 0 ? 0 : offence(trial, "ways asked for and not given");
	if (ones < asked || ones < cache->ways_min || (cache->ways < 64 && mask >> cache->ways != 0))
		return offence(trial, "mask 0x%" PRIx64 " for %u ways of %u", mask, asked, cache->ways);
	mask >>= __builtin_ctzll(mask);
	if ((mask & (mask + 1)) != 0)
		return offence(trial, "a mask with a hole");
	return 0;
}

/* Whether two partitions have a CPU each under one last-level cache; one without CPUs is everywhere. */
static bool share_cache(const struct trial *trial, size_t a, size_t b)
{
	const struct cpulist *first = &trial->machine->partition[a].cpus;
	const struct cpulist *second = &trial->machine->partition[b].cpus;
	const struct host_topology *topology = &trial->host->topology;

	if (cpulist_empty(first) || cpulist_empty(second))
		return true;
	for (unsigned i = 0; i < topology->cpu_count; i++) {
		for (unsigned j = 0; cpulist_has(first, i) && j < topology->cpu_count; j++) {
			if (cpulist_has(second, j) && topology->cpu[i].cache == topology->cpu[j].cache)
				return true;
		}
	}
	return false;
}

static int judge_cache(struct trial *trial)
{
	const struct cache_plan *plan = &trial->plan->cache;
	unsigned groups = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct cache_share *share = &plan->share[i];
		const struct cache_request *asked = &trial->machine->partition[i].cache;

		if (judge_mask(trial, share->l3_mask, asked->l3_ways, &trial->host->l3) != 0 ||
		    judge_mask(trial, share->l2_mask, asked->l2_ways, &trial->host->l2) != 0)
			return 1;
		groups += share->l3_mask != 0 || share->l2_mask != 0 || share->bandwidth_percent != 0;
		for (size_t j = 0; j < i; j++) {
			if (((share->l3_mask & plan->share[j].l3_mask) != 0 && share_cache(trial, i, j)) ||
			    (share->l2_mask & plan->share[j].l2_mask) != 0)
				return offence(trial, "partitions %zu and %zu share cache ways", j, i);
		}
		if ((share->l3_mask & plan->l3_rest) != 0 || (share->l2_mask & plan->l2_rest) != 0)
			return offence(trial, "everybody else shares the ways of partition %zu", i);
		if ((share->l3_mask != 0 && plan->l3_rest == 0) ||
		    (share->l2_mask != 0 && plan->l2_rest == 0))
			return offence(trial, "no ways are left to everybody else");
		if ((share->l3_mask != 0 && groups + 1 > trial->host->l3.closids) ||
		    (share->l2_mask != 0 && groups + 1 > trial->host->l2.closids))
			return offence(trial, "more groups than classes of service");
	}
	return 0;
}

/* Whether @address is passed to the partition, and to no other. */
static bool is_passed(const struct partition_config *partition, const char *address)
{
	for (size_t i = 0; i < partition->device_count; i++) {
		if (strcmp(partition->device[i].address, address) == 0)
			return true;
	}
	return false;
}

static int judge_group(struct trial *trial, const struct partition_config *partition,
		       const struct host_pci *device)
{
	for (size_t i = 0; i < trial->host->pci_count; i++) {
		const struct host_pci *other = &trial->host->pci[i];

		if (other != device && other->group == device->group && !other->bridge &&
		    other->driver[0] != '\0' && strcmp(other->driver, "vfio-pci") != 0 &&
		    !is_passed(partition, other->address))
			return offence(trial, "%s shares its IOMMU group with %s", device->address,
				       other->address);
	}
	for (size_t i = 0; i < trial->machine->partition_count; i++) {
		const struct partition_config *other = &trial->machine->partition[i];

		for (size_t j = 0; other != partition && j < other->device_count; j++) {
			const struct host_pci *its = host_pci_find(trial->host,
								   other->device[j].address);

			if (its == NULL || its == device || its->group == device->group)
				return offence(trial, "%s and %s are in one group", device->address,
					       other->device[j].address);
		}
	}
	return 0;
}

static int judge_devices(struct trial *trial)
{
	for (size_t i = 0; i < trial->machine->partition_count; i++) {
		const struct partition_config *partition = &trial->machine->partition[i];

		if (partition->posted_interrupts && trial->host->posted_interrupts != FACT_YES)
			return offence(trial, "%s needs posted interrupts", partition->name);
		for (size_t j = 0; j < partition->device_count; j++) {
			const struct partition_device *asked = &partition->device[j];
			const struct host_pci *device = host_pci_find(trial->host, asked->address);

			if (device == NULL || device->bridge || device->group < 0)
				return offence(trial, "%s cannot be passed through", asked->address);
			if (!asked->any_node && device->node >= 0 &&
			    !cpulist_empty(&partition->cpus) &&
			    !has_cpu_on(trial, partition, device->node))
				return offence(trial, "%s is far from %s", asked->address,
					       partition->name);
			if (judge_group(trial, partition, device) != 0)
				return 1;
		}
	}
	return 0;
}

static int judge_kernel(struct trial *trial)
{
	const struct host_facts *host = trial->host;

	for (size_t i = 0; i < trial->machine->partition_count; i++) {
		const struct partition_config *partition = &trial->machine->partition[i];
		enum isolation mode = trial->plan->isolation.mode[i];
		struct cpulist shared;

		if (partition->require_preempt_rt && host->kernel.preempt_rt != FACT_YES)
			return offence(trial, "%s needs PREEMPT_RT", partition->name);
		if (partition->isolation != ISOLATION_ANY && partition->isolation != mode)
			return offence(trial, "%s is not isolated as asked", partition->name);
		if (mode == ISOLATION_CPUSET && host->cgroup.cpuset != FACT_YES)
			return offence(trial, "%s needs cpuset partitions", partition->name);
		cpulist_minus(&partition->cpus, &host->kernel.isolated, &shared);
		if (mode == ISOLATION_ISOLCPUS && !cpulist_empty(&shared))
			return offence(trial, "%s is not in isolcpus", partition->name);
		if (is_temporal(partition) && !cpulist_empty(&partition->cpus) &&
		    mode != ISOLATION_CPUSET)
			return offence(trial, "%s is temporal and no cpuset partition", partition->name);
	}
	return 0;
}

int oracle_judge(const struct machine_config *machine, const struct host_facts *host,
		 const struct machine_plan *plan, char *text, size_t size)
{
	struct trial trial = {machine, host, plan, text, size};

	if (judge_space(&trial) != 0 || judge_memory(&trial) != 0 || judge_cache(&trial) != 0 ||
	    judge_devices(&trial) != 0 || judge_kernel(&trial) != 0)
		return 1;
	return time_oracle_judge(machine, host, plan, text, size);
}
