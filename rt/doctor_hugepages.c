// SPDX-License-Identifier: Apache-2.0
#include "rt/doctor_hugepages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/base/units.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

/*
 * struct site - some nodes, or the whole host, and what is taken there.
 * @nodes: empty for the whole host.
 */
struct site {
	struct cpulist nodes;
	struct host_pool pool;
	uint64_t needed;
};

static uint64_t pages_of(const struct partition_config *partition, uint64_t page_bytes)
{
	if (partition->page_bytes != page_bytes)
		return 0;
	return partition->memory_bytes / page_bytes + (partition->memory_bytes % page_bytes != 0);
}

/* The nodes a partition takes its memory from: the one it states, or those of its CPUs. Empty: any. */
static void nodes_of(const struct doctor_subject *subject, const struct partition_config *partition,
		     struct cpulist *ret)
{
	const struct host_topology *topology = &subject->host->topology;

	*ret = (struct cpulist){0};
	if (partition->memory_node >= 0) {
		cpulist_add(ret, (unsigned)partition->memory_node);
		return;
	}
	for (unsigned cpu = 0; (cpu = cpulist_next(&partition->cpus, cpu)) < CPULIST_MAX; cpu++) {
		if (cpu < topology->cpu_count && topology->cpu[cpu].node >= 0)
			cpulist_add(ret, (unsigned)topology->cpu[cpu].node);
	}
}

static void sum_pools(const struct doctor_subject *subject, const struct cpulist *nodes, size_t kind,
		      struct host_pool *ret)
{
	*ret = (struct host_pool){.page_bytes = ret->page_bytes, .known = true};
	for (unsigned node = 0; (node = cpulist_next(nodes, node)) < CPULIST_MAX; node++) {
		const struct host_node *found = topology_node(&subject->host->topology, (int)node);

		if (found == NULL || !found->pool[kind].known) {
			ret->known = false;
			return;
		}
		ret->total += found->pool[kind].total;
		ret->free += found->pool[kind].free;
	}
}

/* What all partitions together take that get their memory from these nodes and no others. */
static uint64_t needed_within(const struct doctor_subject *subject, const struct cpulist *nodes,
			      uint64_t page_bytes)
{
	const struct machine_config *machine = subject->machine;
	uint64_t pages = 0;

	for (size_t i = 0; i < machine->partition_count; i++) {
		struct cpulist own;

		nodes_of(subject, &machine->partition[i], &own);
		if (!cpulist_empty(nodes) && (cpulist_empty(&own) || !doctor_cpus_within(&own, nodes)))
			continue;
		if (__builtin_add_overflow(pages, pages_of(&machine->partition[i], page_bytes), &pages))
			return UINT64_MAX;
	}
	return pages;
}

static void advise_pool(const struct site *site, struct doctor_result *result)
{
	uint64_t pages = site->pool.total - site->pool.free + site->needed;
	unsigned node = cpulist_next(&site->nodes, 0);

	/* What boot gives is spread over all nodes. */
	if (node < CPULIST_MAX)
		doctor_advise(result, "echo %" PRIu64 " > /sys/devices/system/node/node%u/hugepages/hugepages-%"
			      PRIu64 "kB/nr_hugepages # early, while memory is whole", pages, node,
			      site->pool.page_bytes / 1024);
	else
		doctor_advise(result, "echo %" PRIu64 " > /sys/kernel/mm/hugepages/hugepages-%" PRIu64
			      "kB/nr_hugepages # early, while memory is whole, or boot with hugepagesz=%s "
			      "hugepages=%" PRIu64, pages, site->pool.page_bytes / 1024,
			      site->pool.page_bytes >> 30 != 0 ? "1G" : "2M", pages);
}

/* Whether the site holds all that is taken there, free; else @result says what is missing. */
static bool site_suffices(const struct site *site, struct doctor_result *result)
{
	const struct host_pool *pool = &site->pool;
	struct doctor_cpu_text text;
	char size[32];
	char where[96] = "";

	if (site->needed == 0)
		return true;
	size_format(pool->page_bytes, size, sizeof(size));
	if (!cpulist_empty(&site->nodes))
		snprintf(where, sizeof(where), " of node %s", doctor_cpu_text(&site->nodes, &text));
	if (!pool->known || pool->free > pool->total) {
		doctor_say(result, DOCTOR_UNKNOWN, "the pool of %s pages%s could not be read", size, where);
		return false;
	}
	if (pool->free >= site->needed)
		return true;
	bool in_use = pool->total >= site->needed;

	doctor_say(result, in_use ? DOCTOR_WARN : DOCTOR_FAIL, "%" PRIu64 " of %" PRIu64 " pages of %s%s are free, "
		   "the file takes %" PRIu64, pool->free, pool->total, size, where, site->needed);
	if (in_use)
		doctor_advise(result, "grep -l huge /proc/[0-9]*/maps # names who holds them, partitions that run "
			      "already among them");
	else
		advise_pool(site, result);
	return false;
}

/* Pages that are free and promised to somebody who has not touched them yet are nobody else's. */
static void take_reserved(const struct doctor_subject *subject, struct host_pool *pool)
{
	int64_t reserved = 0;
	int error = host_number(&subject->host->files, &reserved,
				"/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/resv_hugepages",
				pool->page_bytes / 1024);

	if (error == -ENOENT)
		return;
	pool->known &= error == 0 && reserved >= 0;
	if (pool->known)
		pool->free = pool->free > (uint64_t)reserved ? pool->free - (uint64_t)reserved : 0;
}

static bool host_suffices(const struct doctor_subject *subject, size_t kind,
			  struct doctor_result *result)
{
	struct site site = {.pool = subject->host->memory.pool[kind]};

	if (site.pool.known && site.pool.free > 0)
		take_reserved(subject, &site.pool);

	site.needed = needed_within(subject, &site.nodes, site.pool.page_bytes);
	return site_suffices(&site, result);
}

/* The nodes of each partition hold it, and all others that have no further nodes than these. */
static bool nodes_suffice(const struct doctor_subject *subject, size_t kind,
			  struct doctor_result *result)
{
	const struct machine_config *machine = subject->machine;

	for (size_t i = 0; i < machine->partition_count; i++) {
		struct site site = {.pool.page_bytes = subject->host->memory.pool[kind].page_bytes};

		nodes_of(subject, &machine->partition[i], &site.nodes);
		if (cpulist_empty(&site.nodes) ||
		    pages_of(&machine->partition[i], site.pool.page_bytes) == 0)
			continue;
		sum_pools(subject, &site.nodes, kind, &site.pool);
		site.needed = needed_within(subject, &site.nodes, site.pool.page_bytes);
		if (!site_suffices(&site, result))
			return false;
	}
	return true;
}

static void look_in_general(const struct doctor_subject *subject, struct doctor_result *result)
{
	struct doctor_items items = {0};
	bool known = true;
	bool any = false;

	doctor_expect(result, "some free pages, to be taken by partitions");
	for (size_t i = 0; i < HOST_POOLS; i++) {
		struct host_pool pool = subject->host->memory.pool[i];
		char size[32];

		if (pool.known && pool.free > 0)
			take_reserved(subject, &pool);
		known &= pool.known;
		any |= pool.known && pool.free > 0 && pool.total > 0;
		if (pool.known && pool.total > 0)
			doctor_items_add(&items, "%" PRIu64 " of %" PRIu64 " pages of %s are free", pool.free,
					 pool.total, size_format(pool.page_bytes, size, sizeof(size)));
	}
	if (any) {
		doctor_say(result, DOCTOR_PASS, "%s", doctor_items_end(&items));
		return;
	}
	if (!known) {
		doctor_say(result, DOCTOR_UNKNOWN, "the hugepage pools could not be read");
		return;
	}
	if (items.count > 0) {
		doctor_say(result, DOCTOR_WARN, "%s", doctor_items_end(&items));
		doctor_advise(result, "grep -l huge /proc/[0-9]*/maps # names who holds them, partitions that run among "
			      "them");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "no pool has a page");
	doctor_advise(result, "echo 512 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages # for 1 GiB of "
		      "partitions");
}

void doctor_look_hugepages(const struct doctor_subject *subject, struct doctor_result *result)
{
	if (!subject->needs_hugepages) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition takes hugepages");
		return;
	}
	if (subject->machine == NULL) {
		look_in_general(subject, result);
		return;
	}
	doctor_expect(result, "as many free pages as the file takes, on the nodes it takes them from");
	for (size_t kind = 0; kind < HOST_POOLS; kind++) {
		if (!host_suffices(subject, kind, result))
			return;
		if (subject->host->topology.node_count > 1 && !nodes_suffice(subject, kind, result))
			return;
	}
	doctor_say(result, DOCTOR_PASS, "enough pages are free");
}
