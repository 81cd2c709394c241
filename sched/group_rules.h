// SPDX-License-Identifier: Apache-2.0
/* Within the planning of control groups: what its parts share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/change.h"
#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "sched/group_layout.h"

struct cpu_division;
struct host_facts;
struct isolation_plan;
struct machine_config;
struct partition_config;

#define GROUP_ROOT_CONTROL GROUP_MOUNT "/cgroup.subtree_control"
#define GROUP_SLICE GROUP_MOUNT "/bulkhead.slice"

/** enum group_controller - those that any of the groups needs, in the order in which they are asked for. */
enum group_controller {
	GROUP_CPUSET,
	GROUP_CPU,
	GROUP_IO,
	GROUP_MEMORY,
	GROUP_CONTROLLERS,
};

/**
 * struct grouping - a plan in the making.
 * @isolated: the CPUs of all partitions whose isolation is a cpuset.
 * @nodes: NUMA nodes with memory; empty where they are not told.
 * @wanted: the controllers that are needed and that the host has.
 */
struct grouping {
	const struct machine_config *machine;
	const struct host_facts *host;
	const struct cpu_division *cpus;
	const struct isolation_plan *isolation;
	struct changes *changes;
	struct findings *findings;
	struct cpulist isolated;
	struct cpulist nodes;
	bool wanted[GROUP_CONTROLLERS];
};

/** group_controller_name() - "cpuset". */
const char *group_controller_name(enum group_controller controller);

/** group_isolated() - whether a partition has CPUs in a cpuset partition. */
bool group_isolated(const struct grouping *grouping, size_t partition);

/** group_finding() - begin one about a partition, at its isolation or its CPUs, or about the machine. */
struct diag *group_finding(const struct grouping *grouping, enum finding_kind kind, const char *rule,
			   int partition);

/**
 * group_make() - a group, and the type it shall have.
 * @path: absolute. @type: "threaded" or "domain"; NULL where it is left alone.
 *
 * Returns whether the rest can be planned: not where what is there could not be read, which is told.
 */
bool group_make(struct grouping *grouping, const char *path, const char *type, const char *reason);

/** group_set() - one of its files. Returns the change, or NULL where the old value could not be read. */
struct change *group_set(struct grouping *grouping, const char *path, const char *file,
			 enum change_compare compare, const char *value, const char *reason);

/** group_foreign() - rule group-foreign: no other group may have a CPU of an isolated partition. */
void group_foreign(struct grouping *grouping);

/** group_controllers() - turn those that are wanted on at the root; under systemd, so that they stay. */
void group_controllers(struct grouping *grouping);

/** group_shares_want() - which controllers the partitions without cpusets need; notes group-weight. */
void group_shares_want(struct grouping *grouping);

/** group_shares() - the groups of partitions without cpusets of their own: memory.max and weights. */
void group_shares(struct grouping *grouping);
