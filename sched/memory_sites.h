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
 * @taken: by the partitions that fit so far; @asked: by all.
 */
struct memory_stock {
	bool known;
	uint64_t bytes;
	uint64_t sure_bytes;
	uint64_t taken;
	uint64_t asked;
};

/**
 * struct memory_site - a node, or the whole host.
 * @node: its number, -1 for the host.
 * @memory_bytes: all of it, 0 where it is not known; @pools_bytes: of that, in hugepage pools;
 * @reserve_bytes: of that, kept for the host.
 */
struct memory_site {
	int node;
	uint64_t memory_bytes;
	uint64_t pools_bytes;
	uint64_t reserve_bytes;
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

/**
 * memory_sites_take() - hold all shares against them: those of a node first, since those of any node
 * take what is left.
 * @fits: by share, false at first; set for those that there is room for.
 *
 * Rules memory-node, memory-pool, memory-host, memory-unknown. Pure.
 */
void memory_sites_take(struct memory_sites *sites, const struct machine_config *machine,
		       const struct memory_plan *plan, bool *fits, struct findings *findings);
