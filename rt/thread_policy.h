// SPDX-License-Identifier: Apache-2.0
/* Scheduling class and CPU affinity of a thread: set, then read back, because some hosts say yes and do no. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/cpulist.h"

struct diag;

enum thread_class {
	THREAD_OTHER,
	THREAD_FIFO,
	THREAD_DEADLINE,
};

/** struct thread_policy - @priority for FIFO, 1 to 98; the CBS triple in ns for DEADLINE. */
struct thread_policy {
	enum thread_class class;
	unsigned priority;
	uint64_t runtime_ns;
	uint64_t deadline_ns;
	uint64_t period_ns;
};

/**
 * thread_policy_set() - give thread @tid a scheduling class, reset on fork, and read it back.
 *
 * Affinity first: the kernel refuses to change the affinity of a DEADLINE thread (EBUSY).
 * Errors carry the field's known causes: no CAP_SYS_NICE, RT_GROUP_SCHED without runtime, a
 * DEADLINE thread pinned inside a larger root domain (EPERM), bandwidth above what the root domain
 * admits (EBUSY). sched_setattr(2); Documentation/scheduler/sched-deadline.rst.
 * Not for vCPU threads, but for the one that promotes them. Returns 0 or -errno.
 */
int thread_policy_set(pid_t tid, const struct thread_policy *policy, struct diag *why);

/**
 * thread_policy_get() - what the kernel says thread @tid runs under. SCHED_RR counts as FIFO, which it
 * is but for its time slices; batch and idle count as OTHER. Returns 0 or -errno.
 */
int thread_policy_get(pid_t tid, struct thread_policy *ret);

/**
 * thread_affinity_set() - allow thread @tid exactly @cpus, and read it back.
 *
 * Returns 0; -EINVAL with @why where a CPU is absent, offline or outside the cgroup's cpuset.
 */
int thread_affinity_set(pid_t tid, const struct cpulist *cpus, struct diag *why);

/** thread_affinity_get() - the CPUs thread @tid may use; 0 is the caller. Returns 0 or -errno. */
int thread_affinity_get(pid_t tid, struct cpulist *ret);

/** thread_class_name() - "SCHED_FIFO" and so on; static. */
const char *thread_class_name(enum thread_class class);
