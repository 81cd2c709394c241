// SPDX-License-Identifier: Apache-2.0
#include "sched/candidate_cores.h"

#include <errno.h>
#include <stdlib.h>

#include "core/config/partition.h"
#include "core/host/host.h"
#include "sched/candidate_memory.h"
#include "sched/group_layout.h"
#include "sched/placement.h"

static const struct host_cpu untold_cpu = {TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN,
					   TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN};

static bool core_told(const struct host_cpu *cpu)
{
	return cpu->core >= 0 && cpu->core < CPULIST_MAX;
}

/* The core of a CPU, begun where it is the first of it. @core_of: by the topology's number, or -1. */
static struct candidate_core *core_at(struct candidate_cores *cores, const struct host_cpu *cpu,
				      int *core_of)
{
	struct candidate_core *core;

	if (core_told(cpu) && core_of[cpu->core] >= 0)
		return &cores->core[core_of[cpu->core]];
	if (core_told(cpu))
		core_of[cpu->core] = (int)cores->count;
	core = &cores->core[cores->count++];
	*core = (struct candidate_core){
		.cache = cpu->cache,
		.node = cpu->node,
		.kind = cpu->kind,
		.use = core_told(cpu) && cpu->node >= 0 ? CORE_FREE : CORE_UNFIT,
	};
	return core;
}

/* What the threads of a core do not agree on is not told. */
static void core_join(struct candidate_core *core, const struct host_cpu *cpu, unsigned number)
{
	cpulist_add(&core->cpus, number);
	if (cpu->cache != core->cache)
		core->cache = TOPOLOGY_UNKNOWN;
	if (cpu->node != core->node)
		core->use = CORE_UNFIT;
	if (cpu->kind < core->kind)
		core->kind = cpu->kind;
}

static void gather(const struct host_topology *topology, struct candidate_cores *cores)
{
	int core_of[CPULIST_MAX];

	for (unsigned i = 0; i < CPULIST_MAX; i++)
		core_of[i] = -1;
	for (unsigned i = cpulist_next(&topology->online, 0); i < CPULIST_MAX;
	     i = cpulist_next(&topology->online, i + 1)) {
		const struct host_cpu *cpu = i < topology->cpu_count ? &topology->cpu[i] : &untold_cpu;

		core_join(core_at(cores, cpu, core_of), cpu, i);
		if (cpulist_has(&cores->usable, i))
			cores->untold |= !core_told(cpu) || cpu->cache < 0 || cpu->node < 0;
	}
}

static void judge(const struct host_facts *host, const struct memory_sites *sites,
		  struct candidate_cores *cores, struct candidate_core *core)
{
	unsigned boot = placement_boot_cpu(&host->topology);
	unsigned cpus = cpulist_count(&core->cpus);
	struct cpulist rest;

	cpulist_and(&core->cpus, &cores->usable, &rest);
	if (!cpulist_empty(&rest)) {
		cores->usable_cores++;
		if (cores->boot == NULL || cpulist_has(&core->cpus, boot))
			cores->boot = core;
	}
	cpulist_minus(&core->cpus, &cores->usable, &rest);
	/* Threads of a core share its caches, but no plan takes that for granted. */
	if (!cpulist_empty(&rest) || cpus > PARTITION_VCPUS_MAX / 2 || (core->cache < 0 && cpus > 1))
		core->use = CORE_UNFIT;
	core->node_has_memory = core->node >= 0 && candidate_memory_in(sites, core->node);
	cpulist_minus(&core->cpus, &host->kernel.isolated, &rest);
	core->isolated = host->kernel.isolated_known && cpulist_empty(&rest);
}

int candidate_cores_find(const struct host_facts *host, const struct memory_sites *sites,
			 struct candidate_cores *ret)
{
	const struct host_topology *topology = &host->topology;
	unsigned online = cpulist_count(&topology->online);

	*ret = (struct candidate_cores){.core = calloc((size_t)online + 1, sizeof(*ret->core))};
	if (ret->core == NULL)
		return -ENOMEM;
	group_partition_cpus(&host->files, &ret->usable);
	cpulist_or(&ret->usable, &topology->allowed, &ret->usable);
	cpulist_and(&ret->usable, &topology->online, &ret->usable);
	gather(topology, ret);
	for (size_t i = 0; i < ret->count; i++)
		judge(host, sites, ret, &ret->core[i]);
	if (ret->boot != NULL)
		ret->boot->use = CORE_HOUSEKEEPING;
	return 0;
}

unsigned candidate_cores_free(const struct candidate_cores *cores)
{
	unsigned count = 0;

	for (size_t i = 0; i < cores->count; i++)
		count += cores->core[i].use == CORE_FREE;
	return count;
}

void candidate_cores_done(struct candidate_cores *cores)
{
	free(cores->core);
	*cores = (struct candidate_cores){0};
}
