// SPDX-License-Identifier: Apache-2.0
#include "sched/group_changes.h"

int group_changes(const struct machine_config *machine, const struct host_facts *host,
		  const struct cpu_division *cpus, const struct isolation_plan *isolation,
		  struct changes *ret, struct findings *findings)
{
	(void)machine, (void)host, (void)cpus, (void)isolation, (void)ret, (void)findings;
	return 0;
}
