// SPDX-License-Identifier: Apache-2.0
/* Within the candidates: memory small enough to be there, whatever else is asked of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct candidate_partition;
struct host_facts;
struct memory_sites;

/** candidate_memory_in() - whether a node has ordinary pages for partitions; unknown counts as yes. */
bool candidate_memory_in(const struct memory_sites *sites, int node);

/**
 * candidate_memory_choose() - size, pages and node.
 * @most_bytes: no more than this.
 * @hugepages: from a pool of the node's, where it has enough that are free.
 * @partition: @cpus and @node are set; takes the rest. Pure.
 */
void candidate_memory_choose(const struct host_facts *host, const struct memory_sites *sites,
			     uint64_t most_bytes, bool hugepages,
			     struct candidate_partition *partition);
