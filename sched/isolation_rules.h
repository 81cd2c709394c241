// SPDX-License-Identifier: Apache-2.0
/* Within isolation: what the modes of several partitions mean for each other. */
#pragma once

#include <stddef.h>

#include "core/base/findings.h"
#include "core/config/partition.h"

struct machine_config;

/** isolation_finding() - begin one at a partition's isolation; at its CPUs where the mode is a fallback. */
struct diag *isolation_finding(const struct machine_config *machine, struct findings *findings,
			       enum finding_kind kind, const char *rule, size_t index);

/**
 * isolation_shared() - rule isolation-mixed for temporal partitions that share a CPU: a CPU in a cpuset
 * partition runs no thread of another cgroup.
 * @mode: one per partition.
 */
void isolation_shared(const struct machine_config *machine, const enum isolation *mode,
		      struct findings *findings);

/**
 * isolation_floating() - rule isolation-deadline for temporal partitions without CPUs of their own: the
 * kernel admits a SCHED_DEADLINE thread only where it may run on its whole root domain, which every CPU is in
 * that neither a cpuset partition nor isolcpus=domain takes out (kernel/sched/core.c,
 * __sched_setscheduler()).
 * @domain: the CPUs of isolcpus=domain.
 */
void isolation_floating(const struct machine_config *machine, const enum isolation *mode,
			const struct cpulist *domain, struct findings *findings);
