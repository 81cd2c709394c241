// SPDX-License-Identifier: Apache-2.0
/* By what each partition's CPUs are isolated, and whether the host and its neighbours allow it. */
#pragma once

#include <stddef.h>

#include "core/config/partition.h"

struct findings;
struct host_facts;
struct machine_config;

/** struct isolation_plan - @mode: one per partition; never ISOLATION_ANY, ISOLATION_AFFINITY where it floats. */
struct isolation_plan {
	enum isolation *mode;
	size_t count;
};

/**
 * isolation_plan() - choose where the file leaves it open, and refuse contradictions.
 * @findings: rules isolation-cgroup, isolation-isolcpus-missing, isolation-isolcpus-conflict,
 * isolation-deadline, isolation-mixed, isolation-cpus (a mode stated without CPUs), isolation-unknown; note
 * isolation-affinity.
 *
 * Facts of Linux 6.1 that it keeps to: a cpuset partition over CPUs of isolcpus=domain is invalid
 * ("partition config conflicts with housekeeping setup"), and together with isolcpus=domain elsewhere can
 * crash the kernel; a pinned SCHED_DEADLINE thread is admitted in a one-CPU cpuset partition alone, so
 * neither isolcpus=domain nor affinity carries a temporal partition, but where sched_rt_runtime_us is -1
 * and the kernel tests nothing; one that floats is admitted where it may run on its whole root domain, so
 * not beside CPUs that affinity alone keeps it off. Temporal partitions that share a CPU are all or none of
 * them in its cpuset. Where isolcpus=domain is on the command line, no partition that leaves it
 * open gets a cpuset. Pure. Returns 0 or -ENOMEM.
 */
int isolation_plan(const struct machine_config *machine, const struct host_facts *host,
		   struct isolation_plan *ret, struct findings *findings);

void isolation_plan_done(struct isolation_plan *plan);
