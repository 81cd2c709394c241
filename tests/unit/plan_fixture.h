// SPDX-License-Identifier: Apache-2.0
/* A partition and a host to plan for. */
#pragma once

#include "core/base/cpulist.h"
#include "core/base/diag.h"
#include "core/config/partition.h"
#include "core/host/host.h"
#include "core/vmm/launch.h"
#include "core/vmm/launch_plan.h"

/**
 * struct plan_bench - a partition, a host and what comes of them; each test changes what it is about.
 */
struct plan_bench {
	struct partition_config partition;
	struct launch_terms terms;
	struct host_facts host;
	struct launch launch;
	struct launch_notes notes;
	struct diag why;
};

/** plan_set_cpus() - a list as the kernel writes it. */
void plan_set_cpus(struct cpulist *list, const char *text);

/** plan_set_up() - one vCPU of 64M, on a host of four CPUs and 8 GiB, asked for by options. */
void plan_set_up(struct plan_bench *bench);
void plan_tear_down(struct plan_bench *bench);

/** plan_state_cpus() - one vCPU on each. */
void plan_state_cpus(struct plan_bench *bench, const char *text);

/** plan_run() - launch_plan() of the bench. */
int plan_run(struct plan_bench *bench);

void assert_plan_cpus(const struct launch *launch, const int *expected, unsigned count);
void assert_plan_others(const struct launch *launch, const char *expected);

/**
 * assert_plan_refused() - with @error, @key and @text named and a remedy, and nothing left to be freed;
 * tears down.
 */
void assert_plan_refused(struct plan_bench *bench, int error, const char *key, const char *text);
