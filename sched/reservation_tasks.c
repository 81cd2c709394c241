// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/config/machine.h"
#include "sched/reservation.h"
#include "sched/reservation_rules.h"
#include "sched/supply_tasks.h"

/* What one partition's tasks may cost of all work. */
enum { TASKS_WORK_MAX = 2 * DEMAND_WORK_MAX };

/* A partition's tasks: @limit_ppb: what its CPUs have for it alone. */
struct question {
	struct reservation_view *view;
	size_t partition;
	const struct partition_config *config;
	struct vcpu_schedule *schedule;
	uint64_t limit_ppb;
	struct demand_work work;
};

static struct diag *tasks_finding(const struct question *question, enum finding_kind kind,
				  const char *rule)
{
	const struct reservation_view *view = question->view;
	const struct text_place *at = &question->config->at.tasks;
	struct diag *why = findings_add(view->findings, kind, rule, (int)question->partition);

	diag_at(why, view->machine->file, at->line, at->column);
	diag_key(why, "partitions[%zu].tasks", question->partition);
	return why;
}

static struct diag *task_finding(const struct question *question, size_t task)
{
	struct diag *why = tasks_finding(question, FINDING_REFUSED, "reservation-tasks");
	const struct text_place *at = &question->config->tasks.task[task].at;

	if (at->line != 0)
		diag_at(why, question->view->machine->file, at->line, at->column);
	diag_key(why, "partitions[%zu].tasks.set[%zu]", question->partition, task);
	return why;
}

/* What a task needs together with those that go before it: with EDF all of its vCPU do. */
static uint64_t load_ppb(const struct guest_tasks *tasks, const struct guest_task *task)
{
	struct ratio ratio[PARTITION_TASKS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < tasks->count && i < PARTITION_TASKS_MAX; i++) {
		const struct guest_task *other = &tasks->task[i];

		if (other->vcpu == task->vcpu && (tasks->order == TASKS_EDF ||
						  other->priority >= task->priority))
			ratio[count++] = (struct ratio){other->budget_ns, other->period_ns};
	}
	return ratio_sum_ppb(ratio, count);
}

/* What the verdict says of its task, in words; @supply: the name of what does not suffice. */
static void verdict_say(const struct question *question, const struct supply_verdict *verdict,
			const char *supply, struct diag *why)
{
	const struct guest_task *task = &question->config->tasks.task[verdict->task];
	char percent[RESERVATION_PERCENT_MAX];
	char late[32];
	char within[32];

	duration_format(verdict->late_ns, late, sizeof(late));
	duration_format(verdict->interval_ns != 0 ? verdict->interval_ns : task->deadline_ns, within,
			sizeof(within));
	if (verdict->undecided)
		diag_set(why, EDOM, "undecided within bounded time whether task %s of vCPU %u meets its "
			 "deadline with %s", task->name, task->vcpu, supply);
	else if (verdict->late_ns == UINT64_MAX)
		diag_set(why, EDOM, "task %s of vCPU %u is late without bound with %s: together with those "
			 "that go before it, it needs %s", task->name, task->vcpu, supply,
			 reservation_percent(load_ppb(&question->config->tasks, task), true, percent));
	else if (verdict->interval_ns != 0)
		diag_set(why, EDOM, "task %s of vCPU %u can miss its deadline with %s, which is %s "
			 "short of what all tasks need within %s", task->name, task->vcpu, supply,
			 late, within);
	else
		diag_set(why, EDOM, "task %s of vCPU %u can be %s late with %s: its deadline is %s",
			 task->name, task->vcpu, late, supply, within);
}

static void reservation_say(const struct question *question, const struct supply *supply,
			    char *buffer, size_t size)
{
	uint64_t cost_ns = question->config->tasks.exit_cost_ns;
	struct ratio ratio = {supply->runtime_ns, supply->period_ns};
	char percent[RESERVATION_PERCENT_MAX];
	char runtime[32];
	char period[32];
	char cost[32];
	int used;

	duration_format(supply->runtime_ns, runtime, sizeof(runtime));
	duration_format(supply->period_ns, period, sizeof(period));
	duration_format(cost_ns, cost, sizeof(cost));
	used = snprintf(buffer, size, "%s of each %s (%s)", runtime, period,
			reservation_percent(ratio_sum_ppb(&ratio, 1), true, percent));
	if (cost_ns != 0 && used > 0 && (size_t)used < size)
		snprintf(buffer + used, size - (size_t)used, ", %s of it for exits", cost);
}

static int derive(struct question *question, uint64_t period_ns, uint64_t limit_ppb,
		  struct supply *ret, struct supply_verdict *why)
{
	const struct reservation_view *view = question->view;
	struct supply_range range = {
		.deadline_ns = period_ns != 0 ? question->schedule->deadline_ns : 0,
		.period_ns = period_ns, .limit_ppb = limit_ppb,
		.period_min_ns = view->period_min_ns, .period_max_ns = view->period_max_ns,
	};

	if (period_ns != 0 && (period_ns < range.period_min_ns || period_ns > range.period_max_ns)) {
		*why = (struct supply_verdict){.task = SIZE_MAX};
		return -EDOM;
	}
	return supply_derive_within(&question->config->tasks, question->config->vcpus, &range,
				    &question->work, ret, why);
}

/* The least that would do, with any period, for a remedy. */
static int least_remedy(struct question *question, struct diag *why)
{
	struct supply_verdict ignored;
	struct supply supply;
	char text[128];
	int error = derive(question, 0, question->limit_ppb, &supply, &ignored);

	if (error == -ENOMEM)
		return error;
	if (error != 0) {
		diag_remedy(why, "give the tasks less to do or later deadlines: no reservation that the "
			    "CPU has serves them");
		return 0;
	}
	reservation_say(question, &supply, text, sizeof(text));
	diag_remedy(why, "reserve %s, the least that serves all tasks", text);
	return 0;
}

/* Not even the whole CPU, or not within what the CPU has for partitions. */
static int derive_refuse(struct question *question, const struct supply_verdict *verdict)
{
	struct supply_verdict ignored;
	struct supply supply;
	struct diag *why;
	char percent[RESERVATION_PERCENT_MAX];
	char text[128];
	int error;

	if (verdict->task != SIZE_MAX) {
		why = task_finding(question, verdict->task);
		verdict_say(question, verdict, "the whole CPU", why);
		diag_remedy(why, "give the tasks less to do, later deadlines, or more vCPUs");
		return 0;
	}
	error = derive(question, question->schedule->period_ns, RESERVATION_PPB, &supply, &ignored);
	if (error == -ENOMEM)
		return error;
	why = tasks_finding(question, FINDING_REFUSED, "reservation-tasks");
	reservation_percent(question->limit_ppb, false, percent);
	if (error == 0) {
		reservation_say(question, &supply, text, sizeof(text));
		diag_set(why, EDOM, "its tasks need %s, and its CPU has %s for partitions", text,
			 percent);
	} else {
		char cost[32];

		duration_format(question->config->tasks.exit_cost_ns, cost, sizeof(cost));
		diag_set(why, EDOM, "%s serves its tasks, with %s of each period lost to exits",
			 verdict->undecided ? "within bounded time, no reservation was found that"
					    : "no reservation", cost);
	}
	diag_remedy(why, question->schedule->period_ns == 0
				 ? "give the tasks less to do or later deadlines"
				 : "give the tasks less to do or later deadlines, or leave the period out");
	return 0;
}

static int tasks_derive(struct question *question)
{
	struct vcpu_schedule *schedule = question->schedule;
	struct supply_verdict verdict;
	struct supply supply;
	struct diag *note;
	char text[128];
	int error = derive(question, schedule->period_ns, question->limit_ppb, &supply, &verdict);

	if (error == -EDOM) {
		question->view->counted[question->partition] = false;
		return derive_refuse(question, &verdict);
	}
	if (error != 0)
		return error;
	schedule->runtime_ns = supply.runtime_ns;
	schedule->deadline_ns = supply.deadline_ns;
	schedule->period_ns = supply.period_ns;
	note = tasks_finding(question, FINDING_NOTE, "reservation-derived");
	reservation_say(question, &supply, text, sizeof(text));
	diag_set(note, 0, "reserved for its tasks: %s", text);
	return 0;
}

/* One finding per vCPU whose tasks do not fit. */
static int tasks_check(struct question *question, const struct supply *supply, const char *name)
{
	const struct partition_config *config = question->config;

	for (unsigned vcpu = 0; vcpu < PARTITION_VCPUS_MAX; vcpu++) {
		struct supply_verdict verdict =
			supply_check_within(&config->tasks, vcpu, supply, &question->work);
		struct diag *why;
		int error = 0;

		if (verdict.task == SIZE_MAX)
			continue;
		why = task_finding(question, verdict.task);
		verdict_say(question, &verdict, name, why);
		if (config->schedule.policy == VCPU_POLICY_DEADLINE)
			error = least_remedy(question, why);
		else
			diag_remedy(why, "give the tasks less to do, later deadlines, or more vCPUs");
		if (error != 0)
			return error;
	}
	return 0;
}

static int stated_check(struct question *question)
{
	const struct vcpu_schedule *schedule = question->schedule;
	uint64_t cost_ns = question->config->tasks.exit_cost_ns;
	struct supply supply = {schedule->runtime_ns, schedule->deadline_ns, schedule->period_ns};
	char text[128];

	reservation_say(question, &supply, text, sizeof(text));
	supply.runtime_ns = cost_ns < supply.runtime_ns ? supply.runtime_ns - cost_ns : 0;
	return tasks_check(question, &supply, text);
}

static void limit_find(struct question *question)
{
	const struct cpulist *cpus = &question->config->cpus;

	question->limit_ppb = RESERVATION_PPB;
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX; cpu = cpulist_next(cpus, cpu + 1)) {
		uint64_t limit = reservation_limit(question->view, cpu);

		if (limit < question->limit_ppb)
			question->limit_ppb = limit;
	}
}

/* Several reservations over several CPUs are kept with bounded lateness, not without any. */
static void float_refuse(const struct question *question)
{
	struct diag *why = tasks_finding(question, FINDING_REFUSED, "reservation-tasks");

	question->view->counted[question->partition] = question->schedule->runtime_ns != 0;
	diag_set(why, EDOM, "its vCPUs float: reservations that share several CPUs are kept on average "
		 "only, and no deadline of its tasks can be promised");
	diag_remedy(why, "state its cpus, one for each vCPU");
}

static int question_answer(struct question *question)
{
	static const struct supply whole_cpu = {1, 1, 1};

	if (question->config->schedule.policy != VCPU_POLICY_DEADLINE)
		return tasks_check(question, &whole_cpu, "the whole CPU");
	if (cpulist_empty(&question->config->cpus)) {
		float_refuse(question);
		return 0;
	}
	limit_find(question);
	if (question->schedule->runtime_ns == 0)
		return tasks_derive(question);
	return stated_check(question);
}

int reservation_tasks(struct reservation_view *view, size_t partition)
{
	struct question question = {
		.view = view,
		.partition = partition,
		.config = &view->machine->partition[partition],
		.schedule = &view->plan->schedule[partition],
		.work = demand_work_split(&view->work, TASKS_WORK_MAX),
	};
	int error = question_answer(&question);

	view->work.left += question.work.left;
	return error;
}
