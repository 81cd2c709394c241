// SPDX-License-Identifier: Apache-2.0
/* Memory in space: each partition's NUMA nodes, and whether they and their hugepage pools hold it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct findings;
struct host_facts;
struct machine_config;

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
 * @findings: rules node-absent, node-without-memory, memory-node, memory-pool, memory-host, memory-unknown.
 *
 * A partition takes its stated node, else that of its CPUs; where its CPUs lie on several nodes
 * (placement.within: machine) it takes the same share of each, rounded to whole pages. Ordinary pages count
 * against the node's memory less what its hugepage pools hold; hugepages against the pool. Pure.
 * Stage: plan. Returns 0 or -ENOMEM.
 */
int memory_plan(const struct machine_config *machine, const struct host_facts *host,
		struct memory_plan *ret, struct findings *findings);

void memory_plan_done(struct memory_plan *plan);
