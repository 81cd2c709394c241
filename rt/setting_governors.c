// SPDX-License-Identifier: Apache-2.0
/* The frequency of partition CPUs. CPUs that share a clock share a governor: one file under several paths. */
#include <stdio.h>

#include "core/base/change_compare.h"
#include "core/base/cpulist.h"
#include "core/host/host.h"
#include "rt/setting_plan.h"

#define CPUFREQ "/sys/devices/system/cpu/cpu%u/cpufreq"

enum { GOVERNOR_PATH_MAX = 96 };

/* A kernel built without that governor refuses it. */
static bool has_performance(const struct setting_plan *plan, unsigned cpu)
{
	const char *governors = NULL;

	return host_text(&plan->subject.host->files, &governors, CPUFREQ "/scaling_available_governors",
			 cpu) != 0 || change_compare(COMPARE_WORD, "performance", governors);
}

void setting_governors(const struct setting_plan *plan)
{
	struct cpulist cpus;

	cpulist_and(&plan->cpus->partitions, &plan->subject.host->topology.online, &cpus);
	for (unsigned cpu = 0; (cpu = cpulist_next(&cpus, cpu)) < CPULIST_MAX; cpu++) {
		char path[GOVERNOR_PATH_MAX];
		const struct setting setting = {
			.path = path, .compare = COMPARE_EXACT, .value = "performance", .check = "P22-governor",
			.reason = "a lowered frequency makes the first work after idling slow, and each change takes time",
		};

		snprintf(path, sizeof(path), CPUFREQ "/scaling_governor", cpu);
		if (has_performance(plan, cpu))
			setting_want(plan, &setting);
	}
}
