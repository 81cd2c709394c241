// SPDX-License-Identifier: Apache-2.0
#include "core/host/topology.h"

#include <stdlib.h>

void topology_siblings(const struct host_topology *topology, unsigned cpu, struct cpulist *ret)
{
	*ret = (struct cpulist){0};
	cpulist_add(ret, cpu);
	if (cpu >= topology->cpu_count || topology->cpu[cpu].core == TOPOLOGY_UNKNOWN)
		return;
	for (unsigned other = 0; other < topology->cpu_count; other++) {
		if (topology->cpu[other].core == topology->cpu[cpu].core)
			cpulist_add(ret, other);
	}
}

void topology_cores_of(const struct host_topology *topology, const struct cpulist *cpus,
		       struct cpulist *ret)
{
	/* Cores are numbered by their lowest CPU, so there are fewer of them than CPUs. */
	struct cpulist cores = {0};
	struct cpulist all = *cpus;

	for (unsigned cpu = cpulist_next(cpus, 0); cpu < topology->cpu_count;
	     cpu = cpulist_next(cpus, cpu + 1)) {
		if (topology->cpu[cpu].core != TOPOLOGY_UNKNOWN)
			cpulist_add(&cores, (unsigned)topology->cpu[cpu].core);
	}
	for (unsigned cpu = 0; cpu < topology->cpu_count; cpu++) {
		int core = topology->cpu[cpu].core;

		if (core != TOPOLOGY_UNKNOWN && cpulist_has(&cores, (unsigned)core))
			cpulist_add(&all, cpu);
	}
	*ret = all;
}

const struct host_node *topology_node(const struct host_topology *topology, int number)
{
	for (size_t i = 0; i < topology->node_count; i++) {
		if (number >= 0 && topology->node[i].number == (unsigned)number)
			return &topology->node[i];
	}
	return NULL;
}

void topology_done(struct host_topology *topology)
{
	free(topology->cpu);
	free(topology->node);
	free(topology->cache);
	*topology = (struct host_topology){0};
}
