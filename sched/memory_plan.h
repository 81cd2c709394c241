// SPDX-License-Identifier: Apache-2.0
/* Memory in space: each partition's NUMA nodes, and whether they and their hugepage pools hold it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct findings;
struct host_facts;
struct machine_config;

/*
 * What a plan leaves to the host of each node's ordinary pages. A locked page is never reclaimed, so a
 * node that partitions fill leaves the OOM killer as the only way out; and from its low watermark on
 * (min_free_kbytes, at most 5 % of a small host and far less of a large one) allocations wake kswapd on
 * the node's CPUs, to find nothing. Besides, the host's own programs, its page cache, and of each
 * partition the page tables and some 3 MiB of its process are there: mostly on the boot CPU's node.
 */
#define MEMORY_RESERVE_PART 32                    /* of each node: one part in so many */
#define MEMORY_RESERVE_BOOT (UINT64_C(128) << 20) /* at least, on the boot CPU's node */

/** struct memory_share - @bytes of one partition from one node (its number; -1: from any, the partition floats). */
struct memory_share {
	size_t partition;
	int node;
	uint64_t bytes;
	uint64_t page_bytes;
};

/** struct memory_plan - @count shares, in the order of the partitions, one or more of each. */
struct memory_plan {
	struct memory_share *share;
	size_t count;
};

/**
 * memory_plan() - say from which nodes each partition's memory comes.
 * @ret: set on success; ended with memory_plan_done().
 * @findings: rules node-absent, node-without-memory, memory-node (remote from the CPUs, or more than the
 * node has), memory-pool, memory-host, memory-unknown; notes pool-grows (apply enlarges a hugepage pool).
 *
 * A partition takes its stated node, else that of its CPUs; where its CPUs lie on several nodes
 * (placement.within: machine) it takes the same share of each, rounded to whole pages. Ordinary pages count
 * against the node's memory less what its hugepage pools hold and the host keeps; hugepages against the
 * pool's total, in use or not, and what apply can add to it. A partition without CPUs of its own and without
 * a stated node takes what the others leave on any node. Pure.
 * Stage: plan. Returns 0 or -ENOMEM.
 */
int memory_plan(const struct machine_config *machine, const struct host_facts *host,
		struct memory_plan *ret, struct findings *findings);

void memory_plan_done(struct memory_plan *plan);
