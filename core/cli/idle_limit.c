// SPDX-License-Identifier: Apache-2.0
#include "core/cli/idle_limit.h"

#include <stdio.h>

#include "core/base/borrow.h"
#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/cpulist.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/cli/run_folder.h"

static bool limit_read(unsigned cpu, char *text, size_t size)
{
	char path[80];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/power/pm_qos_resume_latency_us", cpu);
	return sys_read_file(path, text, size) > 0;
}

/* The run's CPUs; empty where one is anybody's, or a neighbour's as well, who would lose its limit with ours. */
static void own_cpus(const struct partition_run *run, struct cpulist *ret)
{
	struct cpulist shared;

	*ret = (struct cpulist){0};
	for (unsigned i = 0; i < run->launch.vcpus; i++) {
		if (run->launch.vcpu_cpu[i] >= 0)
			cpulist_add(ret, (unsigned)run->launch.vcpu_cpu[i]);
	}
	if (cpulist_count(ret) != run->launch.vcpus)
		*ret = (struct cpulist){0};
	for (size_t i = 0; i < run->machine.partition_count; i++) {
		const struct partition_config *neighbour = &run->machine.partition[i];

		cpulist_and(ret, &neighbour->cpus, &shared);
		if (neighbour != run->partition && !cpulist_empty(&shared))
			*ret = (struct cpulist){0};
	}
}

static bool plan_limits(const struct cpulist *cpus, struct changes *ret)
{
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX; cpu = cpulist_next(cpus, cpu + 1)) {
		struct change *change;
		char now[32];

		if (!limit_read(cpu, now, sizeof(now)))
			return false;
		change = changes_add(ret, CHANGE_TEXT, "kernel",
				     "/sys/devices/system/cpu/cpu%u/power/pm_qos_resume_latency_us", cpu);
		change_text(ret, change, COMPARE_EXACT, now, "n/a");
		change_reason(change, "CPU %u wakes at once while its partition runs", cpu);
	}
	return ret->count > 0 && !ret->lost;
}

static struct borrow journal(const struct run_folder *folder, char path[RUN_PATH_MAX])
{
	return (struct borrow){.folder = run_path(folder->name, "borrowed", path)};
}

void idle_limit_hold(struct partition_run *run, const struct run_folder *folder, bool *ret_held)
{
	_cleanup_(changes_done) struct changes changes = {0};
	struct borrow_result result = {0};
	struct cpulist cpus;
	struct diag why = {0};
	char path[RUN_PATH_MAX];
	char line[1500];
	const struct borrow borrow = journal(folder, path);

	*ret_held = false;
	if (!run->launch.hold_cpu_dma_latency)
		return;
	own_cpus(run, &cpus);
	if (!plan_limits(&cpus, &changes))
		return;
	if (borrow_apply(&borrow, &changes, &result, &why) != 0) {
		fprintf(stderr, "bulkhead: note: every CPU is kept awake, not this partition's alone: %s\n",
			diag_format(&why, line, sizeof(line)));
		return;
	}
	run->launch.hold_cpu_dma_latency = false;
	*ret_held = true;
}

void idle_limit_return(const struct run_folder *folder)
{
	struct borrow_result result = {0};
	struct diag why = {0};
	char path[RUN_PATH_MAX];
	const struct borrow borrow = journal(folder, path);

	if (borrow_revert(&borrow, &result, &why) != 0)
		refusal_print(&why);
}
