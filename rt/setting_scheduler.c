// SPDX-License-Identifier: Apache-2.0
/* Settings of the scheduler. */
#include <errno.h>
#include <stdio.h>

#include "core/base/change_compare.h"
#include "core/base/cpulist.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/setting_plan.h"

#define RT_RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
#define RT_PERIOD "/proc/sys/kernel/sched_rt_period_us"
#define FEATURES "/sys/kernel/debug/sched/features"
#define SERVERS "/sys/kernel/debug/sched"

enum { SERVER_PATH_MAX = 96 };

/* A kernel with the fair server (Linux 6.12) throttles groups alone. One that may have them is worth a try else. */
static bool whole_period_helps(const struct host_facts *host)
{
	enum fact groups = doctor_has_rt_groups(host);

	return groups == FACT_NO || (groups == FACT_UNKNOWN && host->kernel.has_fair_server == FACT_NO);
}

/*
 * -1 throttles nothing, and has the kernel admit any SCHED_DEADLINE reservation, so that it will not do
 * where a partition has one: a runtime as long as the period throttles nothing either and keeps admission,
 * but not where groups have limits of their own. A -1 that is there stays: to lower it is refused (EBUSY)
 * once more is reserved than the limit allows, and whoever keeps temporal partitions on their CPUs by
 * affinity alone depends on it.
 */
static void want_no_throttling(const struct setting_plan *plan)
{
	const struct doctor_subject *subject = &plan->subject;
	struct setting setting = {
		.path = RT_RUNTIME, .compare = COMPARE_NUMBER, .value = "-1", .check = "P32-throttling",
		.reason = "a SCHED_FIFO vCPU that does not sleep is taken off its CPU for the rest of each period",
	};
	enum doctor_verdict verdict = setting_judge(plan, setting.check);

	if (verdict == DOCTOR_NOT_APPLICABLE)
		return;
	if (verdict != DOCTOR_PASS && subject->needs_deadline &&
	    (!whole_period_helps(subject->host) || !setting_read(plan, RT_PERIOD, &setting.value)))
		return;
	setting_want(plan, &setting);
}

/* A list of words, of which one is written; writing the other puts it back. */
static void want_deadline_tick(const struct setting_plan *plan)
{
	static const struct setting setting = {
		.path = FEATURES, .compare = COMPARE_WORD, .value = "HRTICK_DL", .check = "P15-deadline-tick",
		.reason = "else a SCHED_DEADLINE vCPU is stopped at the tick after its runtime is used up",
	};
	const char *old = NULL;

	if (setting_judge(plan, setting.check) == DOCTOR_NOT_APPLICABLE || !setting_read(plan, FEATURES, &old))
		return;
	if (change_compare(COMPARE_WORD, "NO_HRTICK_DL", old))
		change_restore(plan->changes, setting_add(plan, &setting, old, setting.value), "NO_HRTICK_DL");
	else if (change_compare(COMPARE_WORD, setting.value, old))
		setting_add(plan, &setting, old, setting.value);
}

/* The path of the first CPU's runtime that cannot be read speaks for all: debugfs is not mounted, mostly. */
static bool want_server_off(const struct setting_plan *plan, const char *server, unsigned cpu,
			    const char *check)
{
	const char *old = NULL;
	char path[SERVER_PATH_MAX];
	const struct setting setting = {
		.path = path, .compare = COMPARE_NUMBER, .value = "0", .check = check,
		.reason = "threads of other classes take up to 50 ms of each second from a SCHED_FIFO vCPU",
	};

	snprintf(path, sizeof(path), SERVERS "/%s/cpu%u/runtime", server, cpu);
	int error = host_text(&plan->subject.host->files, &old, "%s", path);

	if (error == 0)
		setting_add(plan, &setting, old, setting.value);
	else if (error != -ENOENT)
		setting_unknown(plan, path, error);
	return error == 0 || error == -ENOENT;
}

/*
 * Linux 6.12 has the fair server in place of throttling, later kernels one for sched_ext beside it. Off,
 * also where it is the last thing that lets a kworker run beside a vCPU: what it takes it takes at a time of
 * its own choice. P6-starvation tells who has to let them run then.
 */
static void want_servers_off(const struct setting_plan *plan)
{
	const struct doctor_subject *subject = &plan->subject;
	struct cpulist cpus;

	if (subject->host->kernel.has_fair_server == FACT_NO ||
	    setting_judge(plan, "P5-fair-server") == DOCTOR_NOT_APPLICABLE)
		return;
	doctor_fifo_cpus(subject, &cpus);
	for (unsigned cpu = 0; (cpu = cpulist_next(&cpus, cpu)) < CPULIST_MAX; cpu++) {
		if (!want_server_off(plan, "fair_server", cpu, "P5-fair-server") ||
		    !want_server_off(plan, "ext_server", cpu, NULL))
			return;
	}
}

void setting_scheduler(const struct setting_plan *plan)
{
	want_no_throttling(plan);
	want_deadline_tick(plan);
	want_servers_off(plan);
}
