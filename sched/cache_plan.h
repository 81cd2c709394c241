// SPDX-License-Identifier: Apache-2.0
/* Cache ways and memory bandwidth by resctrl: who gets which, and whether the hardware has them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct findings;
struct host_facts;
struct machine_config;

/** struct cache_share - masks of one partition, 0 where it asks for none; the same in each cache domain it touches. */
struct cache_share {
	uint64_t l3_mask;
	uint64_t l2_mask;
	unsigned bandwidth_percent;
};

/** struct cache_plan - one share per partition, and the masks left to everybody else. */
struct cache_plan {
	struct cache_share *share;
	size_t count;
	uint64_t l3_rest;
	uint64_t l2_rest;
};

/**
 * cache_plan() - lay exclusive ways out, lowest first in the order of the file.
 * @findings: rules cache-absent, cache-ways, cache-closids, cache-unknown, bandwidth-absent,
 * bandwidth-least.
 *
 * Everybody else keeps at least the fewest ways a mask may have. Partitions under different last-level
 * caches may have the same ways; l3_rest and l2_rest are those that nobody has anywhere. Source: Intel SDM volume 3, 18.19 (cache
 * allocation), kernel Documentation/arch/x86/resctrl.rst. Pure. Returns 0 or -ENOMEM.
 */
int cache_plan(const struct machine_config *machine, const struct host_facts *host,
	       struct cache_plan *ret, struct findings *findings);

void cache_plan_done(struct cache_plan *plan);
