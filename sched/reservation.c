// SPDX-License-Identifier: Apache-2.0
#include "sched/reservation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/config/machine.h"
#include "sched/reservation_rules.h"

enum { RUNTIME_MIN_NS = 1024 }; /* kernel/sched/deadline.c, __checkparam_dl(): DL_SCALE bits */

/* What all questions about one machine may cost together: some tenths of a second. */
#define WORK_MAX (UINT64_C(1) << 26)

struct diag *reservation_finding(const struct reservation_view *view, enum finding_kind kind,
				 const char *rule, size_t partition)
{
	const struct text_place *at = &view->machine->partition[partition].at.schedule;
	struct diag *why = findings_add(view->findings, kind, rule, (int)partition);

	diag_at(why, view->machine->file, at->line, at->column);
	diag_key(why, "partitions[%zu].schedule", partition);
	return why;
}

static void period_refuse(const struct reservation_view *view, size_t partition)
{
	const struct vcpu_schedule *schedule = &view->plan->schedule[partition];
	struct diag *why = reservation_finding(view, FINDING_REFUSED, "reservation-period", partition);
	char least[32];
	char most[32];
	char got[32];

	duration_format(schedule->period_ns, got, sizeof(got));
	duration_format(view->period_min_ns, least, sizeof(least));
	duration_format(view->period_max_ns, most, sizeof(most));
	diag_set(why, ERANGE, "the kernel takes periods from %s to %s "
		 "(sched_deadline_period_{min,max}_us)", least, most);
	diag_got(why, got, strlen(got));
	diag_allowed(why, "%s to %s", least, most);
	if (schedule->period_ns < view->period_min_ns)
		diag_remedy(why, "give a longer period, or echo %" PRIu64
			    " > /proc/sys/kernel/sched_deadline_period_min_us", schedule->period_ns / 1000);
	else
		diag_remedy(why, "give a shorter period, or echo %" PRIu64
			    " > /proc/sys/kernel/sched_deadline_period_max_us",
			    schedule->period_ns / 1000 + (schedule->period_ns % 1000 != 0));
}

static void runtime_refuse(const struct reservation_view *view, size_t partition)
{
	const struct vcpu_schedule *schedule = &view->plan->schedule[partition];
	struct diag *why = reservation_finding(view, FINDING_REFUSED, "reservation-runtime", partition);
	char runtime[32];
	char deadline[32];
	char period[32];

	duration_format(schedule->runtime_ns, runtime, sizeof(runtime));
	duration_format(schedule->deadline_ns, deadline, sizeof(deadline));
	duration_format(schedule->period_ns, period, sizeof(period));
	diag_set(why, ERANGE, "a runtime of %s, a deadline of %s and a period of %s are no reservation "
		 "to the kernel", runtime, deadline, period);
	diag_got(why, runtime, strlen(runtime));
	diag_allowed(why, "from %dns to the deadline", RUNTIME_MIN_NS);
	diag_remedy(why, "keep %dns <= runtime <= deadline <= period", RUNTIME_MIN_NS);
}

/* What the kernel asks of a reservation by itself, before any sum. */
static bool triple_check(const struct reservation_view *view, size_t partition)
{
	const struct vcpu_schedule *schedule = &view->plan->schedule[partition];

	if (schedule->period_ns < view->period_min_ns || schedule->period_ns > view->period_max_ns) {
		period_refuse(view, partition);
		return false;
	}
	if (schedule->runtime_ns < RUNTIME_MIN_NS || schedule->runtime_ns > schedule->deadline_ns ||
	    schedule->deadline_ns > schedule->period_ns) {
		runtime_refuse(view, partition);
		return false;
	}
	return true;
}

static int partition_plan(struct reservation_view *view, size_t partition)
{
	const struct partition_config *config = &view->machine->partition[partition];
	const struct vcpu_schedule *schedule = &view->plan->schedule[partition];
	bool derived = schedule->runtime_ns == 0 && config->tasks.count != 0;

	if (config->schedule.policy != VCPU_POLICY_DEADLINE)
		return config->tasks.count == 0 ? 0 : reservation_tasks(view, partition);
	if (!derived && !triple_check(view, partition))
		return 0;
	view->counted[partition] = true;
	return config->tasks.count == 0 ? 0 : reservation_tasks(view, partition);
}

static bool has_reservations(const struct machine_config *machine)
{
	for (size_t i = 0; i < machine->partition_count; i++) {
		if (machine->partition[i].schedule.policy == VCPU_POLICY_DEADLINE)
			return true;
	}
	return false;
}

static int rules_all(struct reservation_view *view)
{
	const struct machine_config *machine = view->machine;
	int error = 0;

	if (has_reservations(machine))
		reservation_facts(view);
	for (size_t i = 0; i < machine->partition_count && error == 0; i++)
		error = partition_plan(view, i);
	if (error == 0)
		error = reservation_loads(view);
	if (error == 0)
		error = reservation_floats(view);
	if (error == 0)
		reservation_server_note(view);
	return error;
}

static int plan_make(const struct machine_config *machine, const struct host_facts *host,
		     struct reservation_plan *plan, struct findings *findings)
{
	size_t count = machine->partition_count;
	_cleanup_free_ struct reservation_view *view = calloc(1, sizeof(*view));
	_cleanup_free_ bool *counted = calloc(count + 1, sizeof(*counted));

	plan->count = count;
	plan->schedule = calloc(count + 1, sizeof(*plan->schedule));
	if (view == NULL || counted == NULL || plan->schedule == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		plan->schedule[i] = machine->partition[i].schedule;
	view->machine = machine;
	view->host = host;
	view->findings = findings;
	view->plan = plan;
	view->counted = counted;
	view->work.left = WORK_MAX;
	return rules_all(view);
}

int reservation_plan(const struct machine_config *machine, const struct host_facts *host,
		     struct reservation_plan *ret, struct findings *findings)
{
	struct reservation_plan plan = {0};
	int error = plan_make(machine, host, &plan, findings);

	if (error != 0)
		reservation_plan_done(&plan);
	else
		*ret = plan;
	return error;
}

void reservation_plan_done(struct reservation_plan *plan)
{
	free(plan->schedule);
	free(plan->load);
	*plan = (struct reservation_plan){0};
}
