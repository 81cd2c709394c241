// SPDX-License-Identifier: Apache-2.0
/* What apply changes so that partitions have their CPUs, memory and cache to themselves. */
#pragma once

struct changes;
struct cpu_division;
struct findings;
struct host_facts;
struct machine_config;
struct cache_plan;
struct isolation_plan;
struct memory_plan;

/**
 * group_changes() - control groups as sched/group_layout.h says; and, where systemd runs the host, what keeps
 * it from taking the controllers away: an empty slice, bulkhead.slice, that asks for them.
 * @findings: group-unknown; group-foreign (another group has a partition's CPUs); group-absent (no cgroup
 * version 2 where it is looked for: a note, but for partitions with a cpuset); note group-weight (a limit or
 * weight that is not kept).
 *
 * Only for partitions whose isolation is a cpuset, and for best-effort ones where cgroup version 2 is there.
 * Pure. Stage: plan. Returns 0 or -ENOMEM.
 */
int group_changes(const struct machine_config *machine, const struct host_facts *host,
		  const struct cpu_division *cpus, const struct isolation_plan *isolation,
		  struct changes *ret, struct findings *findings);

/** hugepage_changes() - pools that are too small, by node. @findings: hugepage-unknown. As group_changes(). */
int hugepage_changes(const struct machine_config *machine, const struct host_facts *host,
		     const struct memory_plan *memory, struct changes *ret, struct findings *findings);

/**
 * cache_changes() - a resctrl group for each partition with ways or bandwidth of its own, its CPUs in it, and
 * the default group's ways without theirs. @findings: cache-unmounted; cache-cpus (no CPUs
 * to give it to, or two partitions that ask for one CPU); cache-unknown. As group_changes().
 */
int cache_changes(const struct machine_config *machine, const struct host_facts *host,
		  const struct cache_plan *cache, struct changes *ret, struct findings *findings);
