// SPDX-License-Identifier: Apache-2.0
#include "sched/group_changes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/group_rules.h"
#include "sched/isolation.h"

#define MEMORY_NODES "/sys/devices/system/node/has_memory"

bool group_isolated(const struct grouping *grouping, size_t partition)
{
	return grouping->isolation->mode[partition] == ISOLATION_CPUSET;
}

static bool is_temporal(const struct partition_config *partition)
{
	return partition->schedule.policy == VCPU_POLICY_DEADLINE;
}

struct diag *group_finding(const struct grouping *grouping, enum finding_kind kind, const char *rule,
			   int partition)
{
	struct diag *why = findings_add(grouping->findings, kind, rule, partition);
	const struct text_place *at;

	if (partition < 0) {
		diag_at(why, grouping->machine->file, 0, 0);
		return why;
	}
	const struct partition_config *config = &grouping->machine->partition[partition];

	at = config->at.isolation.line != 0 ? &config->at.isolation : &config->at.cpus;
	if (at->line == 0)
		at = &config->at.self;
	diag_at(why, grouping->machine->file, at->line, at->column);
	diag_key(why, "partitions[%d]", partition);
	return why;
}

static void say_unknown(const struct grouping *grouping, const char *path, const char *file, int error)
{
	struct diag *why = group_finding(grouping, FINDING_UNKNOWN, "group-unknown", FINDING_MACHINE);

	diag_set(why, -error, "%s/%s could not be read (%s), so that it could not be put back", path, file,
		 host_unknown(error));
	diag_remedy(why, "run as root, or capture the host again with its /sys/fs/cgroup");
}

struct change *group_set(struct grouping *grouping, const char *path, const char *file,
			 enum change_compare compare, const char *value, const char *reason)
{
	const char *old = NULL;
	int error = host_text(&grouping->host->files, &old, "%s/%s", path, file);
	struct change *change;

	if (error != 0 && error != -ENOENT) {
		say_unknown(grouping, path, file, error);
		return NULL;
	}
	change = changes_add(grouping->changes, CHANGE_GROUP_TEXT, "cgroup", "%s/%s", path, file);
	change_text(grouping->changes, change, compare, error == 0 ? old : NULL, "%s", value);
	change_reason(change, "%s", reason);
	return change;
}

bool group_make(struct grouping *grouping, const char *path, const char *type, const char *reason)
{
	const char *old = NULL;
	int error = host_text(&grouping->host->files, &old, "%s/cgroup.type", path);
	struct change *change;

	if (error != 0 && error != -ENOENT) {
		say_unknown(grouping, path, "cgroup.type", error);
		return false;
	}
	change = changes_add(grouping->changes, CHANGE_GROUP, "cgroup", "%s", path);
	change_made(grouping->changes, change, error == 0);
	change_reason(change, "%s", reason);
	return type == NULL ||
	       group_set(grouping, path, "cgroup.type", COMPARE_EXACT, type,
			 strcmp(type, "threaded") == 0 ?
				 "threads of one process sit in several groups only where all of them are threaded" :
				 "only a domain has a limit of memory") != NULL;
}

static void set_list(struct grouping *grouping, const char *path, const char *file,
		     const struct cpulist *list, const char *reason)
{
	char text[CPULIST_TEXT_MAX];

	group_set(grouping, path, file, COMPARE_CPUS, cpulist_format(list, text, sizeof(text)), reason);
}

/* The nodes that a partition's memory comes from: sched/memory_plan.h has the same rule. */
static void nodes_of(const struct grouping *grouping, const struct partition_config *partition,
		     struct cpulist *ret)
{
	const struct host_topology *topology = &grouping->host->topology;

	if (partition->memory_node >= 0 && partition->memory_node < CPULIST_MAX)
		cpulist_add(ret, (unsigned)partition->memory_node);
	if (partition->memory_node != PARTITION_NODE_OWN)
		return;
	for (unsigned cpu = cpulist_next(&partition->cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(&partition->cpus, cpu + 1)) {
		int node = cpu < topology->cpu_count ? topology->cpu[cpu].node : TOPOLOGY_UNKNOWN;

		if (node >= 0 && node < CPULIST_MAX)
			cpulist_add(ret, (unsigned)node);
	}
}

/* The kernel takes no node without memory into cpuset.mems. */
static void find_nodes(struct grouping *grouping)
{
	const struct host_topology *topology = &grouping->host->topology;

	if (host_cpus(&grouping->host->files, &grouping->nodes, MEMORY_NODES) == 0)
		return;
	grouping->nodes = (struct cpulist){0};
	for (size_t i = 0; i < topology->node_count; i++) {
		const struct host_node *node = &topology->node[i];

		if (node->number < CPULIST_MAX && (!node->memory_known || node->memory_bytes != 0))
			cpulist_add(&grouping->nodes, node->number);
	}
}

/*
 * The group of everything that is no vCPU, before any partition takes CPUs out of it: one that it has too
 * would be invalid. What populates a guest's memory runs there, so that it has all nodes.
 */
static void io_group(struct grouping *grouping)
{
	static const char path[] = GROUP_MOUNT "/bulkhead.io";
	struct cpulist cpus;

	cpulist_minus(&grouping->cpus->housekeeping, &grouping->isolated, &cpus);
	if (!group_make(grouping, path, "threaded",
			"the threads of partitions that are no vCPUs have a group of their own"))
		return;
	set_list(grouping, path, "cpuset.cpus", &cpus,
		 "what is no vCPU stays on housekeeping CPUs");
	if (!cpulist_empty(&grouping->nodes))
		set_list(grouping, path, "cpuset.mems", &grouping->nodes,
			 "the memory of every guest is filled from here");
}

/*
 * The averages of a group's pressure are kept by a timer and a worker on its CPUs, every two seconds; Linux 6.1
 * can do without where it keeps any (Documentation/admin-guide/cgroup-v2.rst, cgroup.pressure).
 */
static void no_pressure(struct grouping *grouping, const char *path)
{
	const char *text;

	if (host_text(&grouping->host->files, &text, "/proc/pressure/cpu") == 0)
		group_set(grouping, path, "cgroup.pressure", COMPARE_NUMBER, "0",
			  "keeping averages of its pressure interrupts these CPUs every two seconds");
}

static void vcpu_group(struct grouping *grouping, const char *path, const struct cpulist *cpus,
		       const struct cpulist *nodes, const char *reason)
{
	struct cpulist mems;

	if (!group_make(grouping, path, "threaded", reason))
		return;
	no_pressure(grouping, path);
	set_list(grouping, path, "cpuset.cpus", cpus, "these CPUs are for its vCPUs");
	cpulist_and(nodes, &grouping->nodes, &mems);
	if (!cpulist_empty(&mems))
		set_list(grouping, path, "cpuset.mems", &mems,
			 "what KVM allocates for a vCPU comes from the node of its memory");
}

static void spatial_group(struct grouping *grouping, size_t index)
{
	const struct partition_config *partition = &grouping->machine->partition[index];
	struct cpulist nodes = {0};
	char path[GROUP_PATH_MAX];
	char reason[128];

	nodes_of(grouping, partition, &nodes);
	group_of_vcpu(grouping->machine, grouping->isolation, index,
		      cpulist_next(&partition->cpus, 0), path);
	snprintf(reason, sizeof(reason), "the vCPUs of partition %s have CPUs to themselves",
		 partition->name);
	vcpu_group(grouping, path, &partition->cpus, &nodes, reason);
}

/* The first partition with a reservation on a CPU, and the nodes of all of them. */
static bool sharers_of(const struct grouping *grouping, unsigned cpu, size_t *ret_first,
		       struct cpulist *ret_nodes)
{
	bool found = false;

	for (size_t i = 0; i < grouping->machine->partition_count; i++) {
		const struct partition_config *partition = &grouping->machine->partition[i];

		if (!group_isolated(grouping, i) || !is_temporal(partition) ||
		    !cpulist_has(&partition->cpus, cpu))
			continue;
		if (!found)
			*ret_first = i;
		found = true;
		nodes_of(grouping, partition, ret_nodes);
	}
	return found;
}

static void temporal_group(struct grouping *grouping, unsigned cpu)
{
	struct cpulist nodes = {0};
	struct cpulist cpus = {0};
	char path[GROUP_PATH_MAX];
	size_t first;

	if (!sharers_of(grouping, cpu, &first, &nodes))
		return;
	cpulist_add(&cpus, cpu);
	group_of_vcpu(grouping->machine, grouping->isolation, first, cpu, path);
	vcpu_group(grouping, path, &cpus, &nodes,
		   "vCPUs with reservations are admitted on a CPU that is a partition root by itself");
}

/*
 * @value: "isolated" or "root". One that is invalid now reads "root invalid (...)", which nobody can write:
 * its first word puts it back.
 */
static void partition_file(struct grouping *grouping, const char *path, const char *value,
			   const char *reason)
{
	struct change *change = group_set(grouping, path, "cpuset.cpus.partition", COMPARE_EXACT, value,
					  reason);
	char word[32];
	size_t length;

	if (change == NULL)
		return;
	change->check = "P16-partitions";
	if (change->old == NULL)
		return;
	length = strcspn(change->old, " ");
	if (change->old[length] == '\0' || length >= sizeof(word))
		return;
	memcpy(word, change->old, length);
	word[length] = '\0';
	change_restore(grouping->changes, change, word);
}

static void spatial_partition(struct grouping *grouping, size_t index)
{
	const struct partition_config *partition = &grouping->machine->partition[index];
	char path[GROUP_PATH_MAX];
	char reason[128];

	group_of_vcpu(grouping->machine, grouping->isolation, index,
		      cpulist_next(&partition->cpus, 0), path);
	snprintf(reason, sizeof(reason), "nothing else runs on the CPUs of partition %s, and nothing is "
		 "balanced there", partition->name);
	partition_file(grouping, path, "isolated", reason);
}

static void temporal_partition(struct grouping *grouping, unsigned cpu)
{
	struct cpulist nodes = {0};
	char path[GROUP_PATH_MAX];
	size_t first;

	if (!sharers_of(grouping, cpu, &first, &nodes))
		return;
	group_of_vcpu(grouping->machine, grouping->isolation, first, cpu, path);
	partition_file(grouping, path, "root",
		       "the kernel admits a pinned SCHED_DEADLINE thread in a root domain of one CPU alone");
}

/*
 * First all lists of CPUs, then all partitions: each list is cut before anybody takes the CPUs that it
 * loses, also where an earlier file had them cut otherwise.
 */
static void vcpu_groups(struct grouping *grouping)
{
	const struct machine_config *machine = grouping->machine;

	for (unsigned files = 0; files < 2; files++) {
		for (size_t i = 0; i < machine->partition_count; i++) {
			if (group_isolated(grouping, i) && !is_temporal(&machine->partition[i]))
				(files == 0 ? spatial_group : spatial_partition)(grouping, i);
		}
		for (unsigned cpu = cpulist_next(&grouping->isolated, 0); cpu < CPULIST_MAX;
		     cpu = cpulist_next(&grouping->isolated, cpu + 1))
			(files == 0 ? temporal_group : temporal_partition)(grouping, cpu);
	}
}

static const char *no_groups(const struct host_cgroup *cgroup)
{
	switch (cgroup->mode) {
	case CGROUP_V1:
		return "the host mounts cgroup version 1";
	case CGROUP_HYBRID:
		return "the controllers are cgroup version 1's on this host";
	case CGROUP_NONE:
		return "the host mounts no cgroup";
	case CGROUP_UNKNOWN:
		return "whether the host has cgroup version 2 could not be read";
	case CGROUP_V2:
		break;
	}
	return strcmp(cgroup->mount, GROUP_MOUNT) == 0 ? NULL :
	       "cgroup version 2 is not mounted at " GROUP_MOUNT;
}

/* Without groups, all that is left is the affinity of each thread. */
static void say_uncut(const struct grouping *grouping, const char *reason)
{
	for (size_t i = 0; i < grouping->machine->partition_count; i++) {
		bool refused = group_isolated(grouping, i);
		struct diag *why = group_finding(grouping, refused ? FINDING_REFUSED : FINDING_NOTE,
						 "group-absent", (int)i);

		diag_set(why, ENOTSUP, "partition %s has no control group: %s",
			 grouping->machine->partition[i].name, reason);
		diag_remedy(why, "boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all");
	}
}

int group_changes(const struct machine_config *machine, const struct host_facts *host,
		  const struct cpu_division *cpus, const struct isolation_plan *isolation,
		  struct changes *ret, struct findings *findings)
{
	struct grouping grouping = {
		.machine = machine,
		.host = host,
		.cpus = cpus,
		.isolation = isolation,
		.changes = ret,
		.findings = findings,
	};
	const char *absent = no_groups(&host->cgroup);

	if (absent != NULL) {
		say_uncut(&grouping, absent);
		return 0;
	}
	for (size_t i = 0; i < machine->partition_count; i++) {
		if (group_isolated(&grouping, i))
			cpulist_or(&grouping.isolated, &machine->partition[i].cpus, &grouping.isolated);
	}
	grouping.wanted[GROUP_CPUSET] = !cpulist_empty(&grouping.isolated);
	find_nodes(&grouping);
	group_shares_want(&grouping);
	group_foreign(&grouping);
	group_controllers(&grouping);
	if (grouping.wanted[GROUP_CPUSET]) {
		io_group(&grouping);
		vcpu_groups(&grouping);
	}
	group_shares(&grouping);
	return ret->lost ? -ENOMEM : 0;
}
