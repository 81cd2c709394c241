// SPDX-License-Identifier: Apache-2.0
/* From what was asked for and what the host is, one launch record: every choice made here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/cpulist.h"

struct diag;
struct host_facts;
struct launch;
struct partition_config;
struct vcpu_schedule;

enum { LAUNCH_NOTES_MAX = 4, LAUNCH_NOTE_BYTES = 256 };

/** struct launch_notes - what was chosen otherwise than a reader would expect, one sentence each. */
struct launch_notes {
	char text[LAUNCH_NOTES_MAX][LAUNCH_NOTE_BYTES];
	size_t count;
};

/**
 * struct launch_terms - what a plan must know beside partition and host.
 * @file: the machine file, for messages; NULL for a one-off run.
 * @housekeeping: CPUs for all threads that are no vCPU; empty: those that no partition has.
 * @taken: CPUs of the machine's other partitions.
 * @granted: CPUs that vCPUs get by their control groups, though this process may not use them.
 * @best_effort: what cannot be had is noted instead of refused.
 * @policy_stated: whether somebody asked for the schedule; a schedule that nobody asked for is not
 * forced on vCPUs that have no CPU of their own.
 * @schedule: as planned, where the partition left parts of it to be derived; NULL: the partition's own.
 */
struct launch_terms {
	const char *file;
	struct cpulist housekeeping;
	struct cpulist taken;
	struct cpulist granted;
	bool best_effort;
	bool policy_stated;
	const struct vcpu_schedule *schedule;
};

/**
 * launch_plan() - resolve a partition against the host.
 * @ret: set on success; ended with launch_done(). Descriptors are left at -1.
 * @notes: zeroed by the caller.
 * @why: place in the file, key, numbers and remedy of the first thing that cannot be.
 *
 * Pure. CPUs that are absent, offline or not allowed, memory beyond the host or its hugepages, a
 * kernel without PREEMPT_RT where one is required are refused. vCPUs without stated CPUs get the
 * highest free ones, one each, if at least one CPU stays for the rest; else they float, which is
 * noted. SCHED_DEADLINE vCPUs without stated CPUs always float: the kernel admits no pinned ones
 * (Documentation/scheduler/sched-deadline.rst, section 5).
 * Returns 0, -ENODEV for CPUs, -ENOMEM for memory, -ENOTSUP for the kernel.
 */
int launch_plan(const struct partition_config *partition, const struct launch_terms *terms,
		const struct host_facts *host, struct launch *ret, struct launch_notes *notes,
		struct diag *why);
