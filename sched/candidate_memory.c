// SPDX-License-Identifier: Apache-2.0
#include "sched/candidate_memory.h"

#include "core/host/host.h"
#include "sched/candidates.h"
#include "sched/memory_sites.h"

#define SMALLEST (UINT64_C(16) << 20) /* of a partition's memory */
#define PLENTY (4 * SMALLEST)         /* a node with less is as good as one without */

enum { SHARE = 8 }; /* a proposal takes no more than one part in so many */

static const struct memory_site *site_of(const struct memory_sites *sites, int node)
{
	for (size_t i = 0; i < sites->count; i++) {
		if (node >= 0 && sites->node[i].node == node)
			return &sites->node[i];
	}
	return &sites->host;
}

bool candidate_memory_in(const struct memory_sites *sites, int node)
{
	const struct memory_site *site = site_of(sites, node);

	return site != &sites->host && site->stock[STOCK_ORDINARY].bytes >= PLENTY;
}

/* The node that surely has most of it, or @otherwise. */
static int richest(const struct memory_sites *sites, int otherwise)
{
	uint64_t most = PLENTY - 1;

	for (size_t i = 0; i < sites->count; i++) {
		const struct memory_stock *stock = &sites->node[i].stock[STOCK_ORDINARY];

		if (stock->known && stock->bytes > most) {
			most = stock->bytes;
			otherwise = sites->node[i].node;
		}
	}
	return otherwise;
}

static uint64_t power_of_two_below(uint64_t bytes)
{
	return bytes == 0 ? 0 : UINT64_C(1) << (63 - __builtin_clzll(bytes));
}

static uint64_t within(uint64_t bytes, uint64_t most_bytes)
{
	uint64_t size = power_of_two_below(bytes);

	return size > most_bytes ? most_bytes : size < SMALLEST ? SMALLEST : size;
}

/* What is free of a pool now; pools are held against their total, but a start needs free ones. */
static uint64_t free_bytes(const struct host_facts *host, const struct memory_site *site, size_t kind)
{
	const struct host_node *node = topology_node(&host->topology, site->node);
	const struct host_pool *pool = node != NULL ? &node->pool[kind] : NULL;
	uint64_t bytes = 0;

	if (pool != NULL && !pool->known && host->topology.node_count == 1)
		pool = &host->memory.pool[kind];
	if (pool == NULL || !pool->known || !site->stock[kind].known ||
	    __builtin_mul_overflow(pool->free, pool->page_bytes, &bytes))
		return 0;
	return bytes < site->stock[kind].bytes ? bytes : site->stock[kind].bytes;
}

static bool choose_hugepages(const struct host_facts *host, const struct memory_site *site,
			     uint64_t most_bytes, struct candidate_partition *partition)
{
	static const uint64_t page_bytes[HOST_POOLS] = {UINT64_C(2) << 20, UINT64_C(1) << 30};

	for (size_t kind = 0; kind < HOST_POOLS; kind++) {
		uint64_t bytes = free_bytes(host, site, kind);
		uint64_t least = page_bytes[kind] > SMALLEST ? page_bytes[kind] : SMALLEST;

		if (bytes < least)
			continue;
		partition->page_bytes = page_bytes[kind];
		partition->memory_bytes = within(bytes / 2, most_bytes);
		if (partition->memory_bytes < least)
			partition->memory_bytes = least;
		partition->memory_known = true;
		return true;
	}
	return false;
}

void candidate_memory_choose(const struct host_facts *host, const struct memory_sites *sites,
			     uint64_t most_bytes, bool hugepages,
			     struct candidate_partition *partition)
{
	const struct memory_stock *stock;
	int own = partition->node;
	uint64_t sure;

	if (hugepages && own >= 0 &&
	    choose_hugepages(host, site_of(sites, own), most_bytes, partition))
		return;
	if (own >= 0 && !candidate_memory_in(sites, own))
		partition->node = richest(sites, own);
	partition->remote = partition->node != own;
	stock = &site_of(sites, partition->node)->stock[STOCK_ORDINARY];
	sure = stock->known ? stock->bytes : stock->sure_bytes;
	partition->page_bytes = 4096;
	partition->memory_known = stock->known || sure >= SMALLEST;
	partition->memory_bytes = within(sure / SHARE, most_bytes);
}
