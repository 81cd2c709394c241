// SPDX-License-Identifier: Apache-2.0
/* What each node has of each kind of page. */
#include <errno.h>
#include <stdlib.h>

#include "core/host/host.h"
#include "sched/memory_sites.h"
#include "sched/placement.h"

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t product(uint64_t a, uint64_t b)
{
	uint64_t result;

	return __builtin_mul_overflow(a, b, &result) ? UINT64_MAX : result;
}

/* Fills a site from its memory, its pools, and what the host keeps of it. */
static void site_fill(struct memory_site *site, bool memory_known, uint64_t memory_bytes,
		      const struct host_pool *pool, uint64_t reserve_least)
{
	struct memory_stock *ordinary = &site->stock[STOCK_ORDINARY];
	uint64_t part = memory_bytes / MEMORY_RESERVE_PART;

	ordinary->known = memory_known;
	for (size_t i = 0; i < HOST_POOLS; i++) {
		struct memory_stock *stock = &site->stock[i];

		stock->known = pool[i].known;
		stock->bytes = pool[i].known ? product(pool[i].total, pool[i].page_bytes) : UINT64_MAX;
		if (pool[i].known)
			site->pools_bytes = sum(site->pools_bytes, stock->bytes);
		else
			ordinary->known = false;
	}
	ordinary->bytes = UINT64_MAX;
	if (!memory_known)
		return;
	site->memory_bytes = memory_bytes;
	site->reserve_bytes = part > reserve_least ? part : reserve_least;
	ordinary->bytes = difference(memory_bytes, sum(site->pools_bytes, site->reserve_bytes));
}

/* Where the pools are not told, what is there in ordinary pages for certain. */
static void site_tell(struct memory_site *site, uint64_t ordinary_bytes)
{
	struct memory_stock *ordinary = &site->stock[STOCK_ORDINARY];
	uint64_t sure = difference(ordinary_bytes, site->reserve_bytes);

	ordinary->sure_bytes = sure < ordinary->bytes ? sure : ordinary->bytes;
}

static void site_pool(const struct host_files *files, int node, struct memory_site *site)
{
	const char *text = NULL;

	for (size_t i = 0; i < HOST_POOLS; i++) {
		unsigned kilobytes = (unsigned)(memory_page_bytes(i) / 1024);

		site->stock[i].writable =
			host_text(files, &text, "/sys/devices/system/node/node%d/hugepages/"
				  "hugepages-%ukB/nr_hugepages", node, kilobytes) == 0 ||
			host_text(files, &text, "/sys/kernel/mm/hugepages/hugepages-%ukB/nr_hugepages",
				  kilobytes) == 0;
	}
}

static void node_fill(const struct host_facts *host, const struct host_node *node,
		      struct memory_site *ret)
{
	const struct host_memory *whole = &host->memory;
	struct host_pool pool[HOST_POOLS];
	bool memory_known = node->memory_known;
	uint64_t memory_bytes = node->memory_bytes;
	bool boot = cpulist_has(&node->cpus, placement_boot_cpu(&host->topology));
	/* A kernel without NUMA counts for the host alone, and that is its one node. */
	bool only = host->topology.node_count == 1;

	ret->node = (int)node->number;
	for (size_t i = 0; i < HOST_POOLS; i++)
		pool[i] = only && whole->pool[i].known ? whole->pool[i] : node->pool[i];
	if (!memory_known && only && whole->total_bytes.known && whole->total_bytes.value > 0) {
		memory_known = true;
		memory_bytes = (uint64_t)whole->total_bytes.value;
	}
	site_fill(ret, memory_known, memory_bytes, pool, boot ? MEMORY_RESERVE_BOOT : 0);
	site_pool(&host->files, ret->node, ret);
	ret->free_bytes = node->free_known ? node->free_bytes : UINT64_MAX;
	if (!node->free_known && only && whole->available_bytes.known && whole->available_bytes.value >= 0)
		ret->free_bytes = (uint64_t)whole->available_bytes.value;
	if (node->ordinary_known)
		site_tell(ret, node->ordinary_bytes);
	else if (only && whole->available_bytes.known && whole->available_bytes.value > 0)
		site_tell(ret, (uint64_t)whole->available_bytes.value);
}

/* The host where its nodes do not tell all: its own totals. */
static void host_fill(const struct host_facts *host, struct memory_site *ret)
{
	const struct fact_number *total = &host->memory.total_bytes;
	bool known = total->known && total->value >= 0;

	*ret = (struct memory_site){.node = -1, .free_bytes = UINT64_MAX};
	site_pool(&host->files, -1, ret);
	site_fill(ret, known, known ? (uint64_t)total->value : 0, host->memory.pool,
		  MEMORY_RESERVE_BOOT);
	if (host->memory.available_bytes.known && host->memory.available_bytes.value > 0)
		site_tell(ret, (uint64_t)host->memory.available_bytes.value);
}

static void host_sum(struct memory_sites *sites)
{
	struct memory_site total = {.node = -1, .free_bytes = UINT64_MAX};

	for (size_t kind = 0; kind < HOST_POOLS; kind++)
		total.stock[kind].writable = sites->host.stock[kind].writable;
	for (size_t kind = 0; kind < STOCK_KINDS; kind++)
		total.stock[kind].known = sites->count != 0;
	for (size_t i = 0; i < sites->count; i++) {
		const struct memory_site *site = &sites->node[i];

		total.memory_bytes = sum(total.memory_bytes, site->memory_bytes);
		total.pools_bytes = sum(total.pools_bytes, site->pools_bytes);
		total.reserve_bytes = sum(total.reserve_bytes, site->reserve_bytes);
		for (size_t kind = 0; kind < STOCK_KINDS; kind++) {
			struct memory_stock *stock = &total.stock[kind];

			stock->known &= site->stock[kind].known;
			stock->bytes = sum(stock->bytes, site->stock[kind].bytes);
			stock->sure_bytes = sum(stock->sure_bytes, site->stock[kind].sure_bytes);
		}
	}
	if (total.stock[STOCK_ORDINARY].known) {
		sites->host = total;
		return;
	}
	for (size_t kind = 0; kind < STOCK_ORDINARY; kind++) {
		if (total.stock[kind].known)
			sites->host.stock[kind] = total.stock[kind];
	}
}

int memory_sites_find(const struct host_facts *host, struct memory_sites *ret)
{
	const struct host_topology *topology = &host->topology;

	*ret = (struct memory_sites){0};
	ret->node = calloc(topology->node_count + 1, sizeof(*ret->node));
	if (ret->node == NULL)
		return -ENOMEM;
	ret->count = topology->node_count;
	for (size_t i = 0; i < ret->count; i++)
		node_fill(host, &topology->node[i], &ret->node[i]);
	host_fill(host, &ret->host);
	host_sum(ret);
	return 0;
}

void memory_sites_done(struct memory_sites *sites)
{
	free(sites->node);
	*sites = (struct memory_sites){0};
}
