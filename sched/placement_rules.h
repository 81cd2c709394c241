// SPDX-License-Identifier: Apache-2.0
/* Within placement: what its rules look at, and the rules of one partition. */
#pragma once

#include <stddef.h>

#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "core/host/topology.h"

struct host_files;
struct machine_config;
struct placement_plan;

/**
 * struct placement_view - a machine laid over a host.
 * @first: by CPU, the first partition in the file that names it; @first_strict: the first of those that
 * do not share cores. CPU_NOBODY where there is none.
 * @sibling: by CPU, the next online one of its core, in a ring; itself where it is alone or its core
 * is not told.
 * @shared: named by several partitions, all with reservations.
 * @contested: given to two owners: refused once, and then left out of what follows from it.
 * @free: online and nobody's, on a core without the boot CPU: what a remedy can offer.
 */
struct placement_view {
	const struct machine_config *machine;
	const struct host_topology *topology;
	const struct host_files *files;
	struct findings *findings;
	struct placement_plan *plan;
	unsigned boot_cpu;
	struct cpulist shared;
	struct cpulist contested;
	struct cpulist free;
	int first[CPULIST_MAX];
	int first_strict[CPULIST_MAX];
	unsigned sibling[CPULIST_MAX];
};

/** placement_claims() - fill in what depends on the file and the topology alone. */
void placement_claims(struct placement_view *view);

/** placement_fact() - what is told of a CPU; all unknown for one that the topology does not have. */
const struct host_cpu *placement_fact(const struct host_topology *topology, unsigned cpu);

/** placement_finding() - begin one at the CPUs of a partition, with place and key. */
struct diag *placement_finding(const struct placement_view *view, enum finding_kind kind,
			       const char *rule, size_t partition);

/** placement_offline_remedy() - how to bring CPUs online. */
void placement_offline_remedy(const struct placement_view *view, const struct cpulist *cpus,
			      struct diag *why);

/** placement_choice() - "choose among 4-7, which are free", or that none is. Returns @buffer. */
char *placement_choice(const struct placement_view *view, char *buffer, size_t size);

/** placement_ownership() - rules cpu-overlap, cpu-absent, cpu-offline, cpu-boot. */
void placement_ownership(const struct placement_view *view, size_t partition);

/** placement_siblings() - rule sibling-shared; needs the plan's owners. */
void placement_siblings(const struct placement_view *view, size_t partition);

/** placement_span() - rules span-cache and span-node. */
void placement_span(const struct placement_view *view, size_t partition);
