// SPDX-License-Identifier: Apache-2.0
/* The control groups of one VMM, opened by who may and entered by who could not open them. */
#pragma once

#include <stddef.h>

#include "core/config/partition.h"

struct cpulist;
struct diag;
struct partition_run;

/**
 * struct vmm_groups - made by vmm_groups_open().
 * @fd: all that are open, @count of them.
 * @process: among them, of the VMM's cgroup.procs; -1: it stays where its parent is.
 */
struct vmm_groups {
	int fd[PARTITION_VCPUS_MAX + 1];
	size_t count;
	int process;
};

/**
 * vmm_groups_open() - open the groups that apply has made for a partition, and name them in its launch record.
 * @ret: ended with vmm_groups_done(), also after a failure.
 *
 * Where the plan keeps the CPUs by a cpuset and apply has not been here, that is noted on standard error, and
 * the vCPUs go by affinity alone. A one-off run has no groups. Stage: apply. Returns 0 or -errno with @why; with
 * best effort what cannot be opened is as if it were not there.
 */
int vmm_groups_open(struct partition_run *run, struct vmm_groups *ret, struct diag *why);
void vmm_groups_done(struct vmm_groups *groups);

/**
 * vmm_groups_granted() - the CPUs that a partition's vCPUs get by their groups, whatever this process itself may
 * use: of the run's host snapshot. Pure.
 */
void vmm_groups_granted(const struct partition_run *run, struct cpulist *ret);
