// SPDX-License-Identifier: Apache-2.0
/* What a real-time CPU does while it has nothing to do, and how fast it then is. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

#define CPU "/sys/devices/system/cpu/"
#define DRIVER CPU "cpuidle/current_driver"

enum {
	SHALLOW_US = 2,   /* polling and C1; C1E and deeper take longer to leave */
	STATES_MAX = 16,  /* CPUIDLE_STATE_MAX is 10 */
	NO_LIMIT = INT32_MAX,
};

/*
 * The wake-up latency user space allows a CPU, us: 0 in the file is no limit, and "n/a" is none at all
 * (kernel Documentation/ABI/testing/sysfs-devices-power).
 */
static int read_limit(const struct host_files *files, unsigned cpu, int64_t *ret)
{
	const char *text = NULL;
	int error = host_text(files, &text, CPU "cpu%u/power/pm_qos_resume_latency_us", cpu);

	*ret = NO_LIMIT;
	if (error == -ENOENT)
		return 0;
	if (error == 0 && strcmp(text, "n/a") == 0) {
		*ret = 0;
		return 0;
	}
	if (error == 0)
		error = host_number(files, ret, CPU "cpu%u/power/pm_qos_resume_latency_us", cpu);
	if (error == 0 && *ret < 0)
		error = -EINVAL;
	if (error == 0 && *ret == 0)
		*ret = NO_LIMIT;
	return error;
}

/* struct deepest - the deepest idle state a CPU may enter; @latency_us -1 where it has none. */
struct deepest {
	int64_t latency_us;
	char name[32];
};

/* Returns 1 where the CPU has no such state, 0, or what kept it from being read. */
static int consider_state(const struct host_files *files, unsigned cpu, unsigned state, int64_t limit,
			  struct deepest *deepest)
{
	const char *name = NULL;
	int64_t latency = 0;
	bool disabled = false;
	int error = host_number(files, &latency, CPU "cpu%u/cpuidle/state%u/latency", cpu, state);

	if (error == -ENOENT)
		return 1;
	if (error == 0 && latency < 0)
		error = -EINVAL;
	if (error == 0)
		error = host_truth(files, &disabled, CPU "cpu%u/cpuidle/state%u/disable", cpu, state);
	if (error != 0 || disabled || latency > limit || latency <= deepest->latency_us)
		return error;
	deepest->latency_us = latency;
	if (host_text(files, &name, CPU "cpu%u/cpuidle/state%u/name", cpu, state) != 0)
		name = "?";
	snprintf(deepest->name, sizeof(deepest->name), "%.24s", name);
	return 0;
}

/* Returns 1 where the CPU has no idle states, 0, or what kept them from being read. */
static int find_deepest(const struct host_files *files, unsigned cpu, struct deepest *ret)
{
	int64_t limit = NO_LIMIT;
	int error = read_limit(files, cpu, &limit);
	unsigned state = 0;

	*ret = (struct deepest){.latency_us = -1};
	while (error == 0 && state < STATES_MAX)
		error = consider_state(files, cpu, state++, limit, ret);
	return error == 1 && state > 1 ? 0 : error;
}

/* Whether each real-time partition of the file holds all CPUs awake for as long as it runs. */
static bool held_by_partitions(const struct doctor_subject *subject)
{
	const struct machine_config *machine = subject->machine;

	if (machine == NULL)
		return false;
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (partition->schedule.policy != VCPU_POLICY_OTHER && !partition->hold_cpu_dma_latency)
			return false;
	}
	return true;
}

/* CPUs without idle states of a driver halt, which is C1 at most: unless there is a driver. */
static void say_without_states(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *driver = NULL;
	int error = host_text(&subject->host->files, &driver, DRIVER);

	if (error == -ENOENT || (error == 0 && strcmp(driver, "none") == 0))
		doctor_say(result, DOCTOR_PASS, "no idle driver: CPUs halt and no more");
	else if (error != 0)
		doctor_unknown(result, DRIVER, error);
	else
		doctor_say(result, DOCTOR_UNKNOWN, "driver %s, but no idle states are told", driver);
}

/* struct idle_states - what all real-time CPUs come to. @deep: those that may sleep deeply. */
struct idle_states {
	struct deepest worst;
	struct cpulist deep;
};

/* Returns as find_deepest(). */
static int read_idle_states(const struct doctor_subject *subject, struct idle_states *ret)
{
	struct cpulist cpus;

	*ret = (struct idle_states){.worst.latency_us = -1};
	cpulist_and(&subject->rt_cpus, &subject->host->topology.online, &cpus);
	for (unsigned cpu = 0; (cpu = cpulist_next(&cpus, cpu)) < CPULIST_MAX; cpu++) {
		struct deepest one;
		int error = find_deepest(&subject->host->files, cpu, &one);

		if (error != 0)
			return error;
		if (one.latency_us > SHALLOW_US)
			cpulist_add(&ret->deep, cpu);
		if (one.latency_us > ret->worst.latency_us)
			ret->worst = one;
	}
	return 0;
}

/* Whoever holds it now may let go at any time: that softens the verdict, and does not turn it. */
static bool held_now(const struct doctor_subject *subject)
{
	int64_t latency = 0;

	return host_number(&subject->host->files, &latency, "/bulkhead/cpu-dma-latency") == 0 &&
		latency <= SHALLOW_US;
}

static void say_deep(const struct doctor_subject *subject, const struct idle_states *states,
		     struct doctor_result *result)
{
	bool held = held_now(subject);
	struct doctor_cpu_text text;

	doctor_say(result, subject->machine == NULL || held ? DOCTOR_WARN : DOCTOR_FAIL,
		   "%s of %" PRId64 " us on CPU %s%s", states->worst.name, states->worst.latency_us,
		   doctor_cpu_text(&states->deep, &text),
		   held ? "; for now somebody holds /dev/cpu_dma_latency" : "");
	doctor_advise(result, "cpupower -c %s idle-set -D %d # or in the file hold-cpu-dma-latency: true, which "
		      "keeps all CPUs awake while the partition runs", text.text, SHALLOW_US + 1);
}

static void look_idle_states(const struct doctor_subject *subject, struct doctor_result *result)
{
	struct idle_states states;

	doctor_expect(result, "no state that takes over %d us to leave", SHALLOW_US);
	if (doctor_no_cpus(subject, result))
		return;
	int error = read_idle_states(subject, &states);
	const struct deepest *worst = &states.worst;

	if (error > 0)
		say_without_states(subject, result);
	else if (error < 0)
		doctor_unknown(result, CPU "cpu*/cpuidle", error);
	else if (!cpulist_empty(&states.deep) && !held_by_partitions(subject))
		say_deep(subject, &states, result);
	else if (!cpulist_empty(&states.deep))
		doctor_say(result, DOCTOR_PASS, "%s of %" PRId64 " us, from which partitions keep the host while "
			   "they run", worst->name, worst->latency_us);
	else if (worst->latency_us < 0)
		doctor_say(result, DOCTOR_PASS, "no state is enabled");
	else
		doctor_say(result, DOCTOR_PASS, "%s of %" PRId64 " us at most", worst->name, worst->latency_us);
}

static void look_governor(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_files *files = &subject->host->files;
	struct doctor_items slow = {0};
	struct doctor_cpu_text text;
	const char *driver = "?";
	struct cpulist cpus;
	unsigned scaled = 0;

	doctor_expect(result, "performance");
	if (doctor_no_cpus(subject, result))
		return;
	cpulist_and(&subject->rt_cpus, &subject->host->topology.online, &cpus);
	for (unsigned cpu = 0; (cpu = cpulist_next(&cpus, cpu)) < CPULIST_MAX; cpu++) {
		const char *governor = NULL;
		int error = host_text(files, &governor, CPU "cpu%u/cpufreq/scaling_governor", cpu);

		if (error == -ENOENT)
			continue;
		if (error != 0) {
			doctor_unknown(result, CPU "cpu*/cpufreq/scaling_governor", error);
			return;
		}
		scaled++;
		host_text(files, &driver, CPU "cpu%u/cpufreq/scaling_driver", cpu);
		if (strcmp(governor, "performance") != 0)
			doctor_items_add(&slow, "%.20s on %u", governor, cpu);
	}
	if (scaled == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "the kernel does not scale the frequency");
		return;
	}
	doctor_say(result, slow.count > 0 ? DOCTOR_WARN : DOCTOR_PASS, "%s, driver %.32s",
		   slow.count > 0 ? doctor_items_end(&slow) : "performance", driver);
	if (slow.count > 0)
		doctor_advise(result, "cpupower -c %s frequency-set -g performance",
			      doctor_cpu_text(&cpus, &text));
}

static const struct doctor_check checks[] = {
	{"P22-idle-states", DOCTOR_JITTER, "idle states of real-time CPUs",
	 "A CPU that sleeps deeply takes tens to hundreds of microseconds to answer an interrupt.",
	 look_idle_states},
	{"P22-governor", DOCTOR_JITTER, "frequency of real-time CPUs",
	 "A governor that lowers the frequency of an idle CPU makes the first work after it slow, and each "
	 "change takes time.", look_governor},
};

const struct doctor_table doctor_idle = {checks, sizeof(checks) / sizeof(checks[0])};
