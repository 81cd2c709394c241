// SPDX-License-Identifier: Apache-2.0
#include "core/cli/flow.h"

#include "irq/device_plan.h"
#include "rt/kernel_plan.h"

int flow_plan(const struct machine_config *machine, const struct host_facts *host,
	      struct machine_plan *ret, struct findings *findings)
{
	int error = kernel_plan(machine, host, findings);

	if (error == 0)
		error = placement_plan(machine, host, &ret->placement, findings);
	if (error == 0)
		error = isolation_plan(machine, host, &ret->isolation, findings);
	if (error == 0)
		error = reservation_plan(machine, host, &ret->reservation, findings);
	if (error == 0)
		error = memory_plan(machine, host, &ret->memory, findings);
	if (error == 0)
		error = cache_plan(machine, host, &ret->cache, findings);
	if (error == 0)
		error = device_plan(machine, host, findings);
	return error;
}

enum flow_verdict flow_verdict(const struct findings *findings)
{
	if (findings_count(findings, FINDING_REFUSED) > 0)
		return FLOW_NOT_HELD;
	return findings->lost || findings_count(findings, FINDING_UNKNOWN) > 0 ? FLOW_UNKNOWN
										: FLOW_HELD;
}

void machine_plan_done(struct machine_plan *plan)
{
	placement_plan_done(&plan->placement);
	memory_plan_done(&plan->memory);
	isolation_plan_done(&plan->isolation);
	reservation_plan_done(&plan->reservation);
	cache_plan_done(&plan->cache);
}
