// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "core/host/topology.h"
#include "core/host/topology_nodes.h"

/* Names of the performance counters of each kind of core, the least powerful first; Linux 5.13. */
static const char *const counters[] = {"cpu_lowpower", "cpu_atom", "cpu_core"};

enum { COUNTERS = sizeof(counters) / sizeof(counters[0]) };

static void kinds_by_counters(const struct host_files *files, struct host_topology *topology)
{
	struct cpulist cpus;

	if (host_cpus(files, &cpus, "/sys/devices/cpu_core/cpus") != 0)
		return;
	for (int kind = 0; kind < COUNTERS; kind++) {
		if (host_cpus(files, &cpus, "/sys/devices/%s/cpus", counters[kind]) != 0)
			continue;
		for (unsigned cpu = cpulist_next(&cpus, 0); cpu < topology->cpu_count;
		     cpu = cpulist_next(&cpus, cpu + 1)) {
			if (cpulist_has(&topology->online, cpu))
				topology->cpu[cpu].kind = kind;
		}
	}
}

/* The lowest kind above @kind that a CPU has; @kind where there is none. */
static int next_kind(const struct host_topology *topology, int kind)
{
	int next = kind;

	for (unsigned cpu = cpulist_next(&topology->online, 0); cpu < topology->cpu_count;
	     cpu = cpulist_next(&topology->online, cpu + 1)) {
		int found = topology->cpu[cpu].kind;

		if (found > kind && (next == kind || found < next))
			next = found;
	}
	return next;
}

void topology_kinds(const struct host_files *files, struct host_topology *topology)
{
	int kind = TOPOLOGY_UNKNOWN;
	int next;

	kinds_by_counters(files, topology);
	for (unsigned cpu = cpulist_next(&topology->online, 0); cpu < topology->cpu_count;
	     cpu = cpulist_next(&topology->online, cpu + 1)) {
		if (topology->cpu[cpu].kind < 0)
			topology->cpu[cpu].kind = 0;
	}
	topology->kinds = 0;
	/* Each round gives the next lowest kind its number, which is never above what it was. */
	while ((next = next_kind(topology, kind)) != kind) {
		for (unsigned cpu = 0; cpu < topology->cpu_count; cpu++) {
			if (topology->cpu[cpu].kind == next)
				topology->cpu[cpu].kind = (int)topology->kinds;
		}
		kind = (int)topology->kinds++;
	}
}
