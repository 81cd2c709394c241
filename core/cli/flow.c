// SPDX-License-Identifier: Apache-2.0
#include "core/cli/flow.h"

#include <errno.h>

#include "core/base/borrow.h"
#include "core/cli/commands.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "irq/device_plan.h"
#include "irq/interrupt_changes.h"
#include "rt/host_changes.h"
#include "rt/kernel_plan.h"
#include "sched/group_calls.h"
#include "sched/group_changes.h"

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

/* CPUs that a file leaves to nobody stay idle, as siblings of a partition's should; a floating partition may use them. */
static void add_idle(const struct machine_config *machine, const struct host_facts *host,
		     struct cpu_division *division)
{
	struct cpulist idle;

	cpulist_minus(&host->topology.online, &machine->housekeeping, &idle);
	for (size_t i = 0; i < machine->partition_count; i++) {
		if (cpulist_empty(&machine->partition[i].cpus))
			return;
		cpulist_minus(&idle, &machine->partition[i].cpus, &idle);
	}
	cpulist_or(&division->partitions, &idle, &division->partitions);
}

void flow_division(const struct machine_config *machine, const struct host_facts *host,
		   struct cpu_division *ret)
{
	*ret = (struct cpu_division){.housekeeping = host->topology.online};
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (partition->schedule.policy != VCPU_POLICY_OTHER)
			cpulist_or(&ret->partitions, &partition->cpus, &ret->partitions);
	}
	if (!cpulist_empty(&machine->housekeeping) && !cpulist_empty(&ret->partitions)) {
		add_idle(machine, host, ret);
		cpulist_and(&ret->housekeeping, &machine->housekeeping, &ret->housekeeping);
	}
	cpulist_minus(&ret->housekeeping, &ret->partitions, &ret->housekeeping);
}

/* Memory first, while no group narrows where it may come from; the CPUs are closed last, once they are empty. */
int flow_changes(const struct machine_config *machine, const struct machine_plan *plan,
		 const struct host_facts *host, struct changes *ret, struct findings *findings)
{
	struct cpu_division cpus;
	int error;

	flow_division(machine, host, &cpus);
	error = hugepage_changes(machine, host, &plan->memory, ret, findings);
	if (error == 0)
		error = setting_changes(machine, host, &cpus, ret, findings);
	if (error == 0)
		error = thread_changes(machine, host, &cpus, ret, findings);
	if (error == 0)
		error = interrupt_changes(host, &cpus, ret, findings);
	if (error == 0)
		error = group_changes(machine, host, &cpus, &plan->isolation, ret, findings);
	if (error == 0)
		error = cache_changes(machine, host, &plan->cache, ret, findings);
	return error == 0 && ret->lost ? -ENOMEM : error;
}

static int write_change(const struct change *change, const char *text, struct diag *why)
{
	bool is_group = change->kind == CHANGE_GROUP || change->kind == CHANGE_GROUP_TEXT;

	return is_group ? group_write(change, text, why) : borrow_write(change, text, why);
}

static int remove_change(const struct change *change, struct diag *why)
{
	return change->kind == CHANGE_GROUP ? group_remove(change, why) : borrow_remove(change, why);
}

const struct borrow_calls *flow_calls(void)
{
	static const struct borrow_calls calls = {.write = write_change, .remove = remove_change};

	return &calls;
}

enum flow_verdict flow_verdict(const struct findings *findings)
{
	if (findings_count(findings, FINDING_REFUSED) > 0)
		return FLOW_NOT_HELD;
	return findings->lost || findings_count(findings, FINDING_UNKNOWN) > 0 ? FLOW_UNKNOWN
										: FLOW_HELD;
}

const char *flow_verdict_name(enum flow_verdict verdict)
{
	switch (verdict) {
	case FLOW_HELD:
		return "held";
	case FLOW_NOT_HELD:
		return "not-held";
	case FLOW_UNKNOWN:
		return "unknown";
	}
	return "";
}

int flow_verdict_status(enum flow_verdict verdict)
{
	switch (verdict) {
	case FLOW_HELD:
		return COMMAND_HELD;
	case FLOW_NOT_HELD:
		return COMMAND_NOT_HELD;
	case FLOW_UNKNOWN:
		break;
	}
	return COMMAND_UNKNOWN;
}

void machine_plan_done(struct machine_plan *plan)
{
	placement_plan_done(&plan->placement);
	memory_plan_done(&plan->memory);
	isolation_plan_done(&plan->isolation);
	reservation_plan_done(&plan->reservation);
	cache_plan_done(&plan->cache);
}
