// SPDX-License-Identifier: Apache-2.0
/* What a host must be booted with: the kernel's command line, and the files that make it so at each boot. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct cpu_division;
struct cpulist;
struct findings;
struct host_facts;
struct machine_config;

/** struct boot_parameter - one parameter, "nohz_full=2-3", and why; @live: whether the running kernel has it so. */
struct boot_parameter {
	char *text;
	char reason[256];
	bool live;
};

/** struct boot_plan - in the order in which they are written; zeros are empty. */
struct boot_plan {
	struct boot_parameter *parameter;
	size_t count;
};

/**
 * boot_plan() - parameters for a machine on a host; only those that the running kernel's release knows.
 * @isolcpus: CPUs of partitions that are isolated by isolcpus=domain, of isolation_plan(); else empty.
 * @findings: boot-old (a parameter left out since the kernel does not know it) and others, notes mostly.
 *
 * Pure. Stage: plan. Returns 0 or -ENOMEM.
 */
int boot_plan(const struct machine_config *machine, const struct host_facts *host,
	      const struct cpu_division *cpus, const struct cpulist *isolcpus, struct boot_plan *ret,
	      struct findings *findings);

void boot_plan_done(struct boot_plan *plan);
