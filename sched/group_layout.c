// SPDX-License-Identifier: Apache-2.0
#include "sched/group_layout.h"

#include <stdio.h>

#include "core/config/machine.h"
#include "sched/isolation.h"

char *group_of_process(const struct machine_config *machine, const struct isolation_plan *isolation,
		       size_t partition, char ret[GROUP_PATH_MAX])
{
	if (isolation->mode[partition] == ISOLATION_CPUSET)
		snprintf(ret, GROUP_PATH_MAX, "%s/bulkhead.io", GROUP_MOUNT);
	else
		snprintf(ret, GROUP_PATH_MAX, "%s/bulkhead-%s", GROUP_MOUNT,
			 machine->partition[partition].name);
	return ret;
}

char *group_of_vcpu(const struct machine_config *machine, const struct isolation_plan *isolation,
		    size_t partition, unsigned cpu, char ret[GROUP_PATH_MAX])
{
	const struct partition_config *config = &machine->partition[partition];

	ret[0] = '\0';
	if (isolation->mode[partition] != ISOLATION_CPUSET)
		return ret;
	if (config->schedule.policy == VCPU_POLICY_DEADLINE)
		snprintf(ret, GROUP_PATH_MAX, "%s/bulkhead.cpu%u", GROUP_MOUNT, cpu);
	else
		snprintf(ret, GROUP_PATH_MAX, "%s/bulkhead-%s", GROUP_MOUNT, config->name);
	return ret;
}
