// SPDX-License-Identifier: Apache-2.0
/* Within the candidates: the host's cores, and which of them a partition could have. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/cpulist.h"

struct host_facts;
struct memory_sites;

enum core_use {
	CORE_UNFIT, /* no partition can have it */
	CORE_FREE,
	CORE_HOUSEKEEPING,
	CORE_REAL_TIME,
	CORE_BEST_EFFORT,
};

/**
 * struct candidate_core - one core with CPUs that are online; a CPU whose core is not told is one alone.
 * @cpus: those that are online. @isolated: all of them are in the kernel's list of isolated CPUs.
 * @cache, @node, @kind: as in struct host_cpu. @node_has_memory: enough for a partition.
 */
struct candidate_core {
	struct cpulist cpus;
	int cache;
	int node;
	int kind;
	bool isolated;
	bool node_has_memory;
	enum core_use use;
};

/**
 * struct candidate_cores - all of them, in the order of their lowest CPU.
 * @usable: CPUs that are online and that this process may use, or might but for what Bulkhead applied; @usable_cores: cores with any of them.
 * @boot: the core of the boot CPU, which housekeeping has; where that may not be used, the first that may;
 * NULL where none may.
 * @untold: some CPU that may be used is of an unknown core, cache or node.
 */
struct candidate_cores {
	struct candidate_core *core;
	size_t count;
	struct cpulist usable;
	unsigned usable_cores;
	struct candidate_core *boot;
	bool untold;
};

/**
 * candidate_cores_find() - find them; a core is free that is whole, and told about.
 * @ret: set on success; ended with candidate_cores_done(). Pure. Returns 0 or -ENOMEM.
 */
int candidate_cores_find(const struct host_facts *host, const struct memory_sites *sites,
			 struct candidate_cores *ret);

/** candidate_cores_free() - how many are free. */
unsigned candidate_cores_free(const struct candidate_cores *cores);

void candidate_cores_done(struct candidate_cores *cores);
