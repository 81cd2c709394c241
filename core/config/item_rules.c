// SPDX-License-Identifier: Apache-2.0
#include "core/config/item_rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/units.h"

/* Names the key @name of item @index of @key as what broke a rule; returns -@error. */
static int item_broken(struct violation *ret, enum partition_key key, size_t index, const char *name,
		       const struct text_place *at, int error)
{
	*ret = (struct violation){.key = key, .other = key, .item = at};
	snprintf(ret->item_path, sizeof(ret->item_path), "[%zu].%s", index, name);
	return -error;
}

static int devices_check(const struct partition_config *partition, struct violation *ret,
			 struct diag *why)
{
	for (size_t i = 1; i < partition->device_count; i++) {
		const struct partition_device *device = &partition->device[i];
		size_t first = 0;

		while (strcmp(partition->device[first].address, device->address) != 0)
			first++;
		if (first == i)
			continue;
		diag_set(why, EINVAL, "the same device twice, the first time in line %u",
			 partition->device[first].at.line);
		diag_got(why, device->address, strlen(device->address));
		diag_remedy(why, "remove one of them");
		return item_broken(ret, PARTITION_DEVICES, i, "vfio", &device->at, EINVAL);
	}
	return 0;
}

static int task_broken(const struct guest_tasks *tasks, size_t index, const char *name,
		       struct violation *ret)
{
	return item_broken(ret, PARTITION_TASKS_SET, index, name, &tasks->task[index].at, EINVAL);
}

static int task_name_check(const struct guest_tasks *tasks, size_t index, struct violation *ret,
			   struct diag *why)
{
	const char *name = tasks->task[index].name;
	size_t first = 0;

	while (strcmp(tasks->task[first].name, name) != 0)
		first++;
	if (first == index)
		return 0;
	diag_set(why, EINVAL, "two tasks of one name, the first in line %u",
		 tasks->task[first].at.line);
	diag_got(why, name, strlen(name));
	diag_remedy(why, "rename one of them");
	return task_broken(tasks, index, "name", ret);
}

static int task_times_check(const struct guest_tasks *tasks, size_t index, struct violation *ret,
			    struct diag *why)
{
	const struct guest_task *task = &tasks->task[index];
	bool late = task->deadline_ns > task->period_ns;
	char got[32];
	char most[32];

	if (!late && task->budget_ns <= task->deadline_ns)
		return 0;
	duration_format(late ? task->deadline_ns : task->budget_ns, got, sizeof(got));
	duration_format(late ? task->period_ns : task->deadline_ns, most, sizeof(most));
	diag_set(why, EINVAL, late ? "longer than the period" : "longer than the deadline");
	diag_got(why, got, strlen(got));
	diag_allowed(why, "at most %s", most);
	diag_remedy(why, "keep budget <= deadline <= period");
	return task_broken(tasks, index, late ? "deadline" : "budget", ret);
}

static int task_priority_check(const struct guest_tasks *tasks, size_t index, struct violation *ret,
			       struct diag *why)
{
	bool fixed = tasks->order == TASKS_FIXED_PRIORITY;

	if (fixed == (tasks->task[index].priority != 0))
		return 0;
	if (fixed) {
		diag_set(why, EINVAL, "missing");
		diag_remedy(why, "add it, like priority: 80, or say tasks: {order: edf}");
	} else {
		diag_set(why, EINVAL, "only order fixed-priority has priorities");
		diag_remedy(why, "remove it, or change tasks.order");
	}
	return task_broken(tasks, index, "priority", ret);
}

static int task_vcpu_check(const struct partition_config *partition, size_t index,
			   struct violation *ret, struct diag *why)
{
	const struct guest_task *task = &partition->tasks.task[index];
	char got[16];

	if (task->vcpu < partition->vcpus)
		return 0;
	snprintf(got, sizeof(got), "%u", task->vcpu);
	diag_set(why, ERANGE, "the partition has no such vCPU");
	diag_got(why, got, strlen(got));
	if (partition->vcpus > 1)
		diag_allowed(why, "0 to %u", partition->vcpus - 1);
	else
		diag_allowed(why, "0");
	diag_remedy(why, "name one of its vCPUs, which count from 0, or give it more");
	task_broken(&partition->tasks, index, "vcpu", ret);
	return -ERANGE;
}

/* What a period loses to exits must leave something of a runtime that is stated. */
static int exit_cost_check(const struct partition_config *partition, struct violation *ret,
			   struct diag *why)
{
	uint64_t runtime_ns = partition->schedule.runtime_ns;
	char cost[32];
	char got[32];

	if (partition->tasks.count == 0 || runtime_ns == 0 ||
	    runtime_ns > partition->tasks.exit_cost_ns)
		return 0;
	duration_format(runtime_ns, got, sizeof(got));
	duration_format(partition->tasks.exit_cost_ns, cost, sizeof(cost));
	diag_set(why, EINVAL, "tasks.exit-cost, which is %s, leaves nothing of it", cost);
	diag_got(why, got, strlen(got));
	diag_remedy(why, "give a longer runtime, or leave it out to have it derived");
	*ret = (struct violation){.key = PARTITION_SCHEDULE_RUNTIME,
				  .other = PARTITION_TASKS_EXIT_COST};
	return -EINVAL;
}

int item_rules_check(const struct partition_config *partition, struct violation *ret,
		     struct diag *why)
{
	const struct guest_tasks *tasks = &partition->tasks;
	int error = devices_check(partition, ret, why);

	for (size_t i = 0; i < tasks->count && error == 0; i++) {
		error = task_name_check(tasks, i, ret, why);
		if (error == 0)
			error = task_times_check(tasks, i, ret, why);
		if (error == 0)
			error = task_priority_check(tasks, i, ret, why);
		if (error == 0)
			error = task_vcpu_check(partition, i, ret, why);
	}
	return error == 0 ? exit_cost_check(partition, ret, why) : error;
}
