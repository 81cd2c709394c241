// SPDX-License-Identifier: Apache-2.0
/* Pools that apply makes larger. */
#include "sched/memory_sites.h"

#include <stdint.h>

static const uint64_t page_sizes[HOST_POOLS] = {UINT64_C(2) << 20, UINT64_C(1) << 30};

size_t memory_kind(uint64_t page_bytes)
{
	for (size_t i = 0; i < HOST_POOLS; i++) {
		if (page_sizes[i] == page_bytes)
			return i;
	}
	return STOCK_ORDINARY;
}

uint64_t memory_page_bytes(size_t kind)
{
	return page_sizes[kind];
}

struct memory_site *memory_site_of(struct memory_sites *sites, int node)
{
	if (node < 0 && sites->count == 1)
		return &sites->node[0];
	for (size_t i = 0; i < sites->count; i++) {
		if (node >= 0 && sites->node[i].node == node)
			return &sites->node[i];
	}
	return &sites->host;
}

static void add(uint64_t *to, uint64_t bytes)
{
	if (__builtin_add_overflow(*to, bytes, to))
		*to = UINT64_MAX;
}

static uint64_t less(uint64_t from, uint64_t bytes)
{
	return from > bytes ? from - bytes : 0;
}

static void ask_all(struct memory_sites *sites, const struct memory_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct memory_share *share = &plan->share[i];
		size_t kind = memory_kind(share->page_bytes);
		struct memory_site *site = memory_site_of(sites, share->node);

		add(&site->stock[kind].asked, share->bytes);
		if (site != &sites->host)
			add(&sites->host.stock[kind].asked, share->bytes);
	}
}

static uint64_t node_room(const struct memory_sites *sites, const struct memory_site *site, size_t kind,
			  bool unused)
{
	const struct memory_stock *ordinary = &site->stock[STOCK_ORDINARY];
	const struct memory_stock *everywhere = &sites->host.stock[STOCK_ORDINARY];
	uint64_t most = less(ordinary->bytes, ordinary->asked);
	uint64_t now = less(site->free_bytes, site->reserve_bytes);
	uint64_t beside_floats = less(everywhere->bytes, everywhere->asked);

	if (!site->stock[kind].known || !site->stock[kind].writable || !ordinary->known)
		return 0;
	for (size_t i = 0; i < HOST_POOLS; i++)
		now = less(now, site->stock[i].grown_bytes);
	if (unused && site->free_bytes != UINT64_MAX)
		most = now < most ? now : most;
	if (everywhere->known)
		most = beside_floats < most ? beside_floats : most;
	return most / page_sizes[kind] * page_sizes[kind];
}

uint64_t memory_sites_room(const struct memory_sites *sites, const struct memory_site *site, size_t kind,
			   bool unused)
{
	uint64_t all = 0;

	if (site != &sites->host)
		return node_room(sites, site, kind, unused);
	for (size_t i = 0; i < sites->count; i++)
		add(&all, node_room(sites, &sites->node[i], kind, unused));
	return all;
}

static uint64_t room(const struct memory_sites *sites, const struct memory_site *site, size_t kind)
{
	return node_room(sites, site, kind, true);
}

static void move(struct memory_site *site, size_t kind, uint64_t bytes)
{
	struct memory_stock *ordinary = &site->stock[STOCK_ORDINARY];

	add(&site->stock[kind].bytes, bytes);
	add(&site->stock[kind].grown_bytes, bytes);
	add(&site->pools_bytes, bytes);
	ordinary->bytes = less(ordinary->bytes, bytes);
	ordinary->sure_bytes = less(ordinary->sure_bytes, bytes);
}

static void grow(struct memory_sites *sites, struct memory_site *site, size_t kind, uint64_t bytes)
{
	move(site, kind, bytes);
	move(&sites->host, kind, bytes);
}

static void grow_nodes(struct memory_sites *sites, size_t kind)
{
	for (size_t i = 0; i < sites->count; i++) {
		struct memory_stock *stock = &sites->node[i].stock[kind];
		uint64_t lacks = less(stock->asked, stock->bytes);

		if (lacks != 0 && lacks <= room(sites, &sites->node[i], kind))
			grow(sites, &sites->node[i], kind, lacks);
	}
}

static struct memory_site *roomiest(struct memory_sites *sites, size_t kind)
{
	struct memory_site *most = NULL;

	for (size_t i = 0; i < sites->count; i++) {
		if (most == NULL || room(sites, &sites->node[i], kind) > room(sites, most, kind))
			most = &sites->node[i];
	}
	return most;
}

/* What no node holds of the shares that may come from any: what the nodes have beyond their own shares serves. */
static uint64_t floats_lack(const struct memory_sites *sites, size_t kind)
{
	uint64_t floats = sites->host.stock[kind].asked;

	for (size_t i = 0; i < sites->count; i++) {
		const struct memory_stock *stock = &sites->node[i].stock[kind];

		floats = less(floats, stock->asked);
	}
	for (size_t i = 0; i < sites->count; i++) {
		const struct memory_stock *stock = &sites->node[i].stock[kind];

		floats = less(floats, less(stock->bytes, stock->asked));
	}
	return floats;
}

static void grow_floats(struct memory_sites *sites, size_t kind)
{
	uint64_t lacks = floats_lack(sites, kind);

	if (sites->count < 2 || memory_sites_room(sites, &sites->host, kind, true) < lacks)
		return;
	while (lacks != 0) {
		struct memory_site *site = roomiest(sites, kind);
		uint64_t bytes = room(sites, site, kind);

		if (bytes == 0)
			return;
		bytes = bytes < lacks ? bytes : lacks;
		grow(sites, site, kind, bytes);
		lacks -= bytes;
	}
}

void memory_sites_grow(struct memory_sites *sites, const struct memory_plan *plan)
{
	ask_all(sites, plan);
	for (size_t kind = 0; kind < HOST_POOLS; kind++)
		grow_nodes(sites, kind);
	for (size_t kind = 0; kind < HOST_POOLS; kind++)
		grow_floats(sites, kind);
}
