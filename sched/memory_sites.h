// SPDX-License-Identifier: Apache-2.0
/* Within the memory plan: what each NUMA node has of each kind of page, and who takes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/host/topology.h"
#include "sched/memory_plan.h"

struct findings;
struct host_facts;
struct machine_config;

enum {
	STOCK_ORDINARY = HOST_POOLS, /* kinds of page below it: the pools, in their order */
	STOCK_KINDS,
};

/**
 * struct memory_stock - pages of one kind in one place.
 * @known: else @bytes is the most that it can be, and @sure_bytes are there for certain.
 * @writable: a pool whose size the kernel offers and tells, so that it can be changed and put back.
 * @grown_bytes: of @bytes, what memory_sites_grow() added.
 * @taken: by the partitions that fit so far; @asked: by all.
 */
struct memory_stock {
	bool known;
	bool writable;
	uint64_t bytes;
	uint64_t grown_bytes;
	uint64_t sure_bytes;
	uint64_t taken;
	uint64_t asked;
};

/**
 * struct memory_site - a node, or the whole host.
 * @node: its number, -1 for the host.
 * @memory_bytes: all of it, 0 where it is not known; @pools_bytes: of that, in hugepage pools;
 * @reserve_bytes: of that, kept for the host. @free_bytes: nobody's now; UINT64_MAX where that is not told.
 */
struct memory_site {
	int node;
	uint64_t memory_bytes;
	uint64_t pools_bytes;
	uint64_t reserve_bytes;
	uint64_t free_bytes;
	struct memory_stock stock[STOCK_KINDS];
};

/** struct memory_sites - @node in the order of the topology, @count of them, and the host as a whole. */
struct memory_sites {
	struct memory_site *node;
	size_t count;
	struct memory_site host;
};

/** memory_sites_find() - what there is; ended with memory_sites_done(). Pure. Returns 0 or -ENOMEM. */
int memory_sites_find(const struct host_facts *host, struct memory_sites *ret);

void memory_sites_done(struct memory_sites *sites);

/** memory_kind() - of pages of that size, an index of struct memory_site.stock. */
size_t memory_kind(uint64_t page_bytes);

/** memory_page_bytes() - of a kind of hugepage. */
uint64_t memory_page_bytes(size_t kind);

/** memory_site_of() - the site that a share of that node takes from; of any node (-1): the host, or its one node. */
struct memory_site *memory_site_of(struct memory_sites *sites, int node);

/**
 * memory_sites_grow() - what apply makes of pools that are too small: note who asks for how much, and move
 * whole pages from a node's ordinary memory to its pools, as many as all shares together lack.
 *
 * A pool grows by all that it lacks or not at all: only where the node has as much that nobody has now and
 * that no partition asks for in ordinary pages, beside what is kept for the host. What floats is made of the
 * nodes with most room. Pure, and a fixed point: pools that were grown so lack nothing.
 */
void memory_sites_grow(struct memory_sites *sites, const struct memory_plan *plan);

/**
 * memory_sites_room() - by how many bytes more apply can enlarge a pool, in whole pages.
 * @unused: whether what somebody uses now is left out; without, all that the file's partitions leave counts.
 */
uint64_t memory_sites_room(const struct memory_sites *sites, const struct memory_site *site, size_t kind,
			   bool unused);

/**
 * memory_sites_take() - after memory_sites_grow(), hold all shares against them: those of a node first, since
 * those of any node take what is left.
 * @fits: by share, false at first; set for those that there is room for.
 *
 * Rules memory-node, memory-pool, memory-host, memory-unknown; notes pool-grows. Pure.
 */
void memory_sites_take(struct memory_sites *sites, const struct machine_config *machine,
		       const struct memory_plan *plan, bool *fits, struct findings *findings);
