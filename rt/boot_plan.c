// SPDX-License-Identifier: Apache-2.0
#include "rt/boot_plan.h"

#include <stdlib.h>

int boot_plan(const struct machine_config *machine, const struct host_facts *host,
	      const struct cpu_division *cpus, const struct cpulist *isolcpus, struct boot_plan *ret,
	      struct findings *findings)
{
	(void)machine, (void)host, (void)cpus, (void)isolcpus, (void)ret, (void)findings;
	return 0;
}

void boot_plan_done(struct boot_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->parameter[i].text);
	free(plan->parameter);
	*plan = (struct boot_plan){0};
}
