// SPDX-License-Identifier: Apache-2.0
/* What a first machine file for a host would say: who gets which CPUs, and memory of what size. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"

struct host_facts;

enum {
	/* Cores from which on housekeeping, or a partition, is proposed a second one. */
	CANDIDATES_HOUSEKEEPING_CORES = 8,
	CANDIDATES_PARTITION_CORES = 4,
};

/** enum candidates_lack - why no partition has CPUs of its own. */
enum candidates_lack {
	CANDIDATES_ENOUGH,
	CANDIDATES_ONE_CPU,  /* no more than one may be used */
	CANDIDATES_ONE_CORE, /* no more than one core may be used, and its threads are siblings */
	CANDIDATES_NO_WHOLE, /* no whole core beside housekeeping: of each, a sibling may not be used */
	CANDIDATES_UNTOLD,   /* which CPUs share a core, a cache or a node is not told */
};

/**
 * struct candidate_partition - one that would work.
 * @cpus: whole cores under one last-level cache of one node; empty where it floats.
 * @cores: how many cores those are.
 * @node: its memory's: that of @cpus, or where that has none, @remote; -1 where it floats.
 * @memory_bytes: 0 where none is proposed. @memory_known: else it is the smallest that a partition has.
 */
struct candidate_partition {
	struct cpulist cpus;
	unsigned cores;
	int node;
	bool remote;
	uint64_t memory_bytes;
	uint64_t page_bytes;
	bool memory_known;
};

/**
 * struct candidate_domain - the cores under one last-level cache; where that is not told, of one node.
 * @cache: its index in the topology, or TOPOLOGY_UNKNOWN; @node likewise.
 * @cpus: that are online; @free: of them, whole cores that the proposal leaves to further partitions.
 * @cores: how many those of @cpus are. @kind_least, @kind_most: of its cores.
 */
struct candidate_domain {
	int cache;
	int node;
	struct cpulist cpus;
	struct cpulist free;
	unsigned cores;
	int kind_least;
	int kind_most;
};

/**
 * struct candidates - the proposal.
 * @housekeeping: the boot CPU's core, and on larger hosts a second; empty where nothing is to be stated.
 * @real_time: without CPUs where @lack says why. @best_effort: floats there; elsewhere it has CPUs,
 * or no memory where no core is left for it.
 * @domain: in the order of their lowest CPU.
 */
struct candidates {
	enum candidates_lack lack;
	struct cpulist housekeeping;
	struct candidate_partition real_time;
	struct candidate_partition best_effort;
	struct candidate_domain *domain;
	size_t domain_count;
};

/**
 * candidates_choose() - choose them.
 * @host: read only, not kept.
 * @ret: set on success; ended with candidates_done().
 *
 * Only CPUs that are online and that this process may use. The real-time partition goes where the kernel
 * already isolates CPUs (isolcpus=domain), to the most powerful kind of core, to a node with memory, away
 * from housekeeping's cache, in this order; the best-effort one to the least powerful cores, away from
 * both. A machine of them is refused by no plan on @host. Pure. Returns 0 or -ENOMEM.
 */
int candidates_choose(const struct host_facts *host, struct candidates *ret);

void candidates_done(struct candidates *candidates);
