// SPDX-License-Identifier: Apache-2.0
#include "sched/memory_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/memory_sites.h"
#include "sched/phrase.h"

/* struct planning - what the steps of a plan share. */
struct planning {
	const struct machine_config *machine;
	const struct host_topology *topology;
	const struct memory_sites *sites;
	struct findings *findings;
};

static struct diag *node_finding(const struct planning *planning, size_t index,
				 enum finding_kind kind, const char *rule)
{
	const struct partition_config *partition = &planning->machine->partition[index];
	bool stated = partition->memory_node != PARTITION_NODE_OWN;
	const struct text_place *at = stated ? &partition->at.node : &partition->at.memory;
	struct diag *why = findings_add(planning->findings, kind, rule, (int)index);

	diag_at(why, planning->machine->file, at->line, at->column);
	diag_key(why, stated ? "partitions[%zu].memory.node" : "partitions[%zu].memory", index);
	return why;
}

static bool is_empty(const struct memory_site *site)
{
	return site->memory_bytes == 0 && site->stock[STOCK_ORDINARY].bytes == 0;
}

/* The nodes with memory, "0-1,3", for remedies. */
static char *memory_nodes(const struct planning *planning, char *buffer, size_t size)
{
	struct cpulist nodes = {0};

	for (size_t i = 0; i < planning->sites->count; i++) {
		const struct memory_site *site = &planning->sites->node[i];

		if (!is_empty(site))
			cpulist_add(&nodes, (unsigned)site->node);
	}
	return phrase_list(&nodes, buffer, size);
}

/* The nodes of the CPUs that are there; CPUs that are not are placement's to refuse. */
static void cpu_nodes(const struct planning *planning, size_t index, struct cpulist *ret,
		      struct cpulist *ret_untold)
{
	struct cpulist cpus;

	*ret = (struct cpulist){0};
	*ret_untold = (struct cpulist){0};
	cpulist_and(&planning->machine->partition[index].cpus, &planning->topology->online, &cpus);
	for (unsigned cpu = cpulist_next(&cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(&cpus, cpu + 1)) {
		int node = cpu < planning->topology->cpu_count ? planning->topology->cpu[cpu].node :
								 TOPOLOGY_UNKNOWN;

		if (node < 0 || node >= CPULIST_MAX)
			cpulist_add(ret_untold, cpu);
		else
			cpulist_add(ret, (unsigned)node);
	}
}

static void refuse_absent(const struct planning *planning, size_t index, int node)
{
	char nodes[PHRASE_CPUS_MAX];
	struct diag *why;

	if (planning->topology->node_count == 0) {
		why = node_finding(planning, index, FINDING_UNKNOWN, "memory-unknown");
		diag_set(why, ENODATA, "the NUMA nodes of this host are not told");
		diag_remedy(why, "take the host's facts again (bulkhead capture)");
		return;
	}
	why = node_finding(planning, index, FINDING_REFUSED, "node-absent");
	memory_nodes(planning, nodes, sizeof(nodes));
	diag_set(why, ENODEV, "node %d is not on this host, which has memory on node%s %s", node,
		 strpbrk(nodes, ",-") == NULL ? "" : "s", nodes);
	diag_remedy(why, "state a node that is there, or leave memory.node out");
}

static void refuse_empty(const struct planning *planning, size_t index, unsigned node)
{
	bool stated = planning->machine->partition[index].memory_node != PARTITION_NODE_OWN;
	char nodes[PHRASE_CPUS_MAX];
	struct diag *why = node_finding(planning, index, FINDING_REFUSED, "node-without-memory");

	diag_set(why, ENODEV, "node %u%s has no memory", node, stated ? "" : ", that of its CPUs,");
	memory_nodes(planning, nodes, sizeof(nodes));
	if (*nodes == '\0')
		diag_remedy(why, "take the host's facts again (bulkhead capture): none of its nodes has any");
	else
		diag_remedy(why, "choose CPUs of a node with memory (%s), or state memory: {node: %.*s} with "
			    "placement: {within: machine}", nodes, (int)strcspn(nodes, ",-"), nodes);
}

/* Memory of a node on which none of the partition's CPUs lies: each miss crosses to another node. */
static void remote_check(const struct planning *planning, size_t index, const struct cpulist *own)
{
	const struct partition_config *partition = &planning->machine->partition[index];
	char cpus[PHRASE_CPUS_MAX];
	char nodes[PHRASE_CPUS_MAX];

	if (partition->within == WITHIN_MACHINE || cpulist_empty(own) ||
	    cpulist_has(own, (unsigned)partition->memory_node))
		return;
	struct diag *why = node_finding(planning, index, FINDING_REFUSED, "memory-node");

	phrase_list(own, nodes, sizeof(nodes));
	diag_set(why, EINVAL, "node %d is remote memory to %s, on node %s: every cache miss would go to "
		 "another node", partition->memory_node,
		 phrase_cpus(&partition->cpus, cpus, sizeof(cpus)), nodes);
	diag_remedy(why, "leave memory.node out, or state placement: {within: machine}");
}

static const struct memory_site *site_find(const struct planning *planning, unsigned node)
{
	for (size_t i = 0; i < planning->sites->count; i++) {
		if (planning->sites->node[i].node == (int)node)
			return &planning->sites->node[i];
	}
	return NULL;
}

/* Drops, with the reason, what is no node with memory. */
static void homes_check(const struct planning *planning, size_t index, struct cpulist *homes)
{
	for (unsigned node = cpulist_next(homes, 0); node < CPULIST_MAX;
	     node = cpulist_next(homes, node + 1)) {
		const struct memory_site *site = site_find(planning, node);

		if (site != NULL && !is_empty(site))
			continue;
		cpulist_remove(homes, node);
		if (site != NULL)
			refuse_empty(planning, index, node);
		else
			refuse_absent(planning, index, (int)node);
	}
}

static void homes_find(const struct planning *planning, size_t index, struct cpulist *ret)
{
	const struct partition_config *partition = &planning->machine->partition[index];
	struct cpulist untold;
	struct cpulist own;
	char cpus[PHRASE_CPUS_MAX];

	cpu_nodes(planning, index, &own, &untold);
	*ret = own;
	if (!cpulist_empty(&untold) &&
	    (partition->memory_node == PARTITION_NODE_OWN || partition->within != WITHIN_MACHINE)) {
		struct diag *why =
			node_finding(planning, index, FINDING_UNKNOWN, "memory-unknown");

		diag_set(why, ENODATA, "the NUMA node of %s is not told",
			 phrase_cpus(&untold, cpus, sizeof(cpus)));
		diag_remedy(why, "take the host's facts again (bulkhead capture)");
	}
	if (partition->memory_node != PARTITION_NODE_OWN)
		*ret = (struct cpulist){0};
	if (partition->memory_node >= CPULIST_MAX)
		refuse_absent(planning, index, partition->memory_node);
	else if (partition->memory_node >= 0)
		cpulist_add(ret, (unsigned)partition->memory_node);
	homes_check(planning, index, ret);
	if (partition->memory_node != PARTITION_NODE_OWN && !cpulist_empty(ret))
		remote_check(planning, index, &own);
}

/* Appends one partition's shares: the same of each home in whole pages, the first ones the odd pages. */
static void shares_add(const struct partition_config *partition, size_t index,
		       const struct cpulist *homes, struct memory_plan *plan)
{
	unsigned count = cpulist_count(homes);
	uint64_t page_bytes = partition->page_bytes != 0 ? partition->page_bytes : 4096;
	uint64_t pages = partition->memory_bytes / page_bytes;
	unsigned done = 0;

	if (count == 0) {
		plan->share[plan->count++] = (struct memory_share){
			.partition = index,
			.node = -1,
			.bytes = partition->memory_bytes,
			.page_bytes = page_bytes,
		};
		return;
	}
	for (unsigned node = cpulist_next(homes, 0); node < CPULIST_MAX;
	     node = cpulist_next(homes, node + 1)) {
		uint64_t part = pages / count + (done++ < pages % count);

		/* More nodes than pages: the last ones give none. */
		if (part == 0 && done > 1)
			return;
		plan->share[plan->count++] = (struct memory_share){
			.partition = index,
			.node = (int)node,
			.bytes = part * page_bytes,
			.page_bytes = page_bytes,
		};
	}
}

/* Room for every share: no partition has more than one of each node. */
static int shares_find(const struct planning *planning, struct memory_plan *plan)
{
	size_t partitions = planning->machine->partition_count;
	size_t each = planning->topology->node_count != 0 ? planning->topology->node_count : 1;

	plan->share = calloc(partitions + 1, each * sizeof(*plan->share));
	if (plan->share == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < partitions; i++) {
		struct cpulist homes;

		homes_find(planning, i, &homes);
		shares_add(&planning->machine->partition[i], i, &homes, plan);
	}
	return 0;
}

static int plan_make(const struct machine_config *machine, const struct host_facts *host,
		     struct memory_plan *plan, struct findings *findings)
{
	_cleanup_(memory_sites_done) struct memory_sites sites = {0};
	_cleanup_free_ bool *fits = NULL;
	struct planning planning = {
		.machine = machine,
		.topology = &host->topology,
		.sites = &sites,
		.findings = findings,
	};
	int error = memory_sites_find(host, &sites);

	if (error == 0)
		error = shares_find(&planning, plan);
	if (error != 0)
		return error;
	fits = calloc(plan->count + 1, sizeof(*fits));
	if (fits == NULL)
		return -ENOMEM;
	memory_sites_grow(&sites, plan);
	memory_sites_take(&sites, machine, plan, fits, findings);
	return 0;
}

int memory_plan(const struct machine_config *machine, const struct host_facts *host,
		struct memory_plan *ret, struct findings *findings)
{
	struct memory_plan plan = {0};
	int error = plan_make(machine, host, &plan, findings);

	if (error != 0)
		memory_plan_done(&plan);
	else
		*ret = plan;
	return error;
}

void memory_plan_done(struct memory_plan *plan)
{
	free(plan->share);
	*plan = (struct memory_plan){0};
}
