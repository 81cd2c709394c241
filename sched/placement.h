// SPDX-License-Identifier: Apache-2.0
/* CPUs in space: which CPU is whose, and whether the machine can be cut there. */
#pragma once

#include <stddef.h>

#include "core/base/cpulist.h"

struct findings;
struct host_facts;
struct host_topology;
struct machine_config;

enum {
	CPU_NOBODY = -1,
	CPU_HOUSEKEEPING = -2,
	CPU_SHARED = -3, /* several temporal partitions' */
};

/**
 * struct placement_plan - who has each CPU.
 * @owner: by CPU number, @cpu_count of them: a partition's index or an enum above.
 * @housekeeping: as stated and online; else all online CPUs that are no partition's.
 */
struct placement_plan {
	int *owner;
	size_t cpu_count;
	struct cpulist housekeeping;
};

/** placement_boot_cpu() - CPU 0, or the lowest that is online; CPULIST_MAX where none is. */
unsigned placement_boot_cpu(const struct host_topology *topology);

/**
 * placement_plan() - give each CPU its owner, and refuse what cannot be cut so.
 * @machine, @host: read only, not kept.
 * @ret: set on success; ended with placement_plan_done().
 * @findings: rules cpu-overlap, cpu-absent, cpu-offline, cpu-boot, cpu-short (real-time vCPUs that
 * Bulkhead is to find CPUs for), housekeeping-none, housekeeping-absent, sibling-shared, span-cache,
 * span-node, topology-unknown.
 *
 * CPUs overlap only between partitions that both have SCHED_DEADLINE reservations. Pure; the time grows
 * with CPUs plus the CPUs partitions state. Stage: plan. Returns 0 or -ENOMEM.
 */
int placement_plan(const struct machine_config *machine, const struct host_facts *host,
		   struct placement_plan *ret, struct findings *findings);

void placement_plan_done(struct placement_plan *plan);
