// SPDX-License-Identifier: Apache-2.0
/*
 * Which control group each thread of a partition belongs in. One place knows the names.
 *
 * Linux 6.1 makes a cpuset partition valid only below a partition root, and lets the threads of one process
 * sit apart only within one threaded subtree. So the groups of vCPUs are threaded children of the root
 * group, which is both:
 *
 *   /sys/fs/cgroup/bulkhead.io         threaded, housekeeping CPUs: all threads of a VMM but its vCPUs
 *   /sys/fs/cgroup/bulkhead-NAME       threaded, isolated: the vCPUs of a spatial partition
 *   /sys/fs/cgroup/bulkhead.cpuN       threaded, root partition of one CPU: the vCPUs of all temporal partitions
 *                                      there, since a pinned SCHED_DEADLINE thread is admitted nowhere else
 *   /sys/fs/cgroup/bulkhead-NAME       a domain, for a partition without a cpuset of its own: the whole VMM, with
 *                                      its memory.max and weights
 *
 * A process enters by its process identifier, first its whole, then each vCPU by its thread identifier: from
 * outside the threaded subtree a single thread may not (EOPNOTSUPP).
 */
#pragma once

#include <stddef.h>

struct cpulist;
struct host_files;
struct isolation_plan;
struct machine_config;

#define GROUP_MOUNT "/sys/fs/cgroup"

enum { GROUP_PATH_MAX = 96 };

/** group_of_process() - the group of a partition's VMM, absolute. Returns @ret. Pure. */
char *group_of_process(const struct machine_config *machine, const struct isolation_plan *isolation,
		       size_t partition, char ret[GROUP_PATH_MAX]);

/**
 * group_partition_cpus() - the CPUs that valid cpuset partitions of Bulkhead's have on a host, of whichever file.
 * No process in another group may use them, nor is that anybody's who plans. Pure.
 */
void group_partition_cpus(const struct host_files *files, struct cpulist *ret);

/** group_of_vcpu() - the group of the vCPU on host CPU @cpu; "" where it stays with its process. Returns @ret. */
char *group_of_vcpu(const struct machine_config *machine, const struct isolation_plan *isolation,
		    size_t partition, unsigned cpu, char ret[GROUP_PATH_MAX]);
