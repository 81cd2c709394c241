// SPDX-License-Identifier: Apache-2.0
/* What the scheduler takes from real-time threads, and what it grants SCHED_DEADLINE ones. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"

enum { THROTTLING_LEFT = 6 << 16 | 12 << 8 }; /* from here on only groups are throttled */

static void advise_fair_server(struct doctor_result *result, const struct cpulist *cpus)
{
	char words[256];

	doctor_advise(result, "for c in %s; do echo 0 > /sys/kernel/debug/sched/fair_server/cpu$c/runtime; done",
		      doctor_shell_cpus(cpus, words, sizeof(words)));
}

/* A kernel that has the server shows it in debugfs alone. */
static void say_server_unread(const struct host_facts *host, struct doctor_result *result,
			      const char *path, int error)
{
	doctor_unknown(result, path, error);
	if (error == -ENODEV || (error == -ENODATA && host->files.complete))
		doctor_advise(result, "mount -t debugfs none /sys/kernel/debug # its folder sched is there on a "
			      "kernel with CONFIG_SCHED_DEBUG=y, or Linux 6.15 and later");
}

/* Of the others the server takes what their reservations leave. */
void doctor_fifo_cpus(const struct doctor_subject *subject, struct cpulist *ret)
{
	const struct machine_config *machine = subject->machine;

	*ret = machine == NULL ? subject->rt_cpus : (struct cpulist){0};
	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		if (machine->partition[i].schedule.policy == VCPU_POLICY_FIFO)
			cpulist_or(ret, &machine->partition[i].cpus, ret);
	}
	cpulist_and(ret, &subject->host->topology.online, ret);
}

static void look_fair_server(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_facts *host = subject->host;
	struct cpulist reserved = {0};
	struct cpulist cpus;
	char list[128];
	uint64_t most = 0;

	doctor_expect(result, "runtime 0 on every CPU of a SCHED_FIFO partition");
	if (subject->fifo_priority == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_FIFO");
		return;
	}
	if (doctor_no_cpus(subject, result))
		return;
	if (host->kernel.has_fair_server == FACT_NO) {
		doctor_say(result, DOCTOR_PASS, "Linux %s has no fair server", host->kernel.release);
		return;
	}
	doctor_fifo_cpus(subject, &cpus);
	for (unsigned cpu = 0; (cpu = cpulist_next(&cpus, cpu)) < CPULIST_MAX; cpu++) {
		char path[64];
		uint64_t runtime = 0;
		uint64_t period = 0;
		int error = host_fair_server(host, cpu, &runtime, &period);

		snprintf(path, sizeof(path), "/sys/kernel/debug/sched/fair_server/cpu%u", cpu);
		if (error != 0) {
			say_server_unread(host, result, path, error);
			return;
		}
		if (runtime == 0)
			continue;
		cpulist_add(&reserved, cpu);
		most = runtime > most ? runtime : most;
	}
	if (cpulist_empty(&reserved)) {
		doctor_say(result, DOCTOR_PASS, "runtime 0");
		return;
	}
	doctor_say(result, DOCTOR_FAIL, "up to %llu us per period on CPU %s",
		   (unsigned long long)(most / 1000), doctor_list(&reserved, list, sizeof(list)));
	advise_fair_server(result, &reserved);
}

static bool rt_runtime(const struct doctor_subject *subject, struct doctor_result *result,
		       int64_t *ret_runtime, int64_t *ret_period)
{
	if (!doctor_number(subject, result, ret_runtime, "/proc/sys/kernel/sched_rt_runtime_us") ||
	    !doctor_number(subject, result, ret_period, "/proc/sys/kernel/sched_rt_period_us"))
		return false;
	if (*ret_runtime >= -1 && *ret_period > 0 && *ret_runtime <= *ret_period)
		return true;
	doctor_unknown(result, "/proc/sys/kernel/sched_rt_runtime_us", -EINVAL);
	return false;
}

/* A limit as long as the period admits up to 100 % and throttles nothing, but where groups have their own. */
static void advise_limit(const struct doctor_subject *subject, struct doctor_result *result,
			 int64_t period)
{
	const struct host_facts *host = subject->host;
	bool throttles = host->kernel.version < THROTTLING_LEFT; /* an unknown one is 0 */

	if (subject->fifo_priority == 0 || (!throttles && doctor_has_rt_groups(host) == FACT_NO))
		doctor_advise(result, "sysctl -w kernel.sched_rt_runtime_us=%lld",
			      (long long)(period - period / 20));
	else if (doctor_has_rt_groups(host) == FACT_NO)
		doctor_advise(result, "sysctl -w kernel.sched_rt_runtime_us=%lld # all of the period: nothing is "
			      "throttled then, and no more than that admitted", (long long)period);
	else
		doctor_advise(result, "bulkhead check FILE # -1 keeps SCHED_FIFO partitions from being throttled on "
			      "this kernel: let nothing but partitions be SCHED_DEADLINE");
}

static void look_admission(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t runtime = 0;
	int64_t period = 0;

	doctor_expect(result, "a limit, as 950000 of 1000000 us, not -1");
	if (!subject->needs_deadline) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_DEADLINE");
		return;
	}
	if (!rt_runtime(subject, result, &runtime, &period))
		return;
	if (runtime > 0) {
		doctor_say(result, DOCTOR_PASS, "%lld of %lld us", (long long)runtime, (long long)period);
		return;
	}
	if (runtime == 0) {
		doctor_say(result, DOCTOR_FAIL, "0 of %lld us", (long long)period);
		doctor_advise(result, "sysctl -w kernel.sched_rt_runtime_us=%lld",
			      (long long)(period - period / 20));
		return;
	}
	doctor_say(result, DOCTOR_WARN, "-1: the kernel admits any reservation");
	advise_limit(subject, result, period);
}

static void look_deadline_cpuset(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_cgroup *cgroup = &subject->host->cgroup;

	doctor_expect(result, "cgroup v2 with the cpuset controller");
	if (!subject->needs_deadline) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_DEADLINE");
		return;
	}
	if (cgroup->mode == CGROUP_UNKNOWN || (cgroup->mode == CGROUP_V2 && cgroup->cpuset == FACT_UNKNOWN)) {
		doctor_say(result, DOCTOR_UNKNOWN, "the cgroup hierarchies are not known");
		return;
	}
	if (cgroup->mode == CGROUP_V2 && cgroup->cpuset == FACT_YES) {
		doctor_say(result, DOCTOR_PASS, "cgroup v2 with cpuset");
		return;
	}
	doctor_say(result, subject->machine != NULL ? DOCTOR_FAIL : DOCTOR_WARN, "%s",
		   cgroup->mode == CGROUP_V2 ? "cgroup v2 without cpuset" :
		   cgroup->mode == CGROUP_HYBRID ? "cpuset is a cgroup v1 hierarchy's" :
		   cgroup->mode == CGROUP_V1 ? "cgroup v1" : "no cgroups");
	doctor_advise(result, cgroup->mode == CGROUP_V2 ?
		      "use a kernel with CONFIG_CPUSETS=y and no cgroup_disable=cpuset on its command line" :
		      "add systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all to the kernel command line and "
		      "reboot");
}

/*
 * kernel/sched/features.h: without HRTICK_DL a runtime that is used up is noticed at the next tick. What was
 * taken too much is paid back in the next periods, so sums hold; who shares the CPU is served late.
 */
static void look_deadline_tick(const struct doctor_subject *subject, struct doctor_result *result)
{
	static const char path[] = "/sys/kernel/debug/sched/features";
	const char *features = NULL;

	doctor_expect(result, "HRTICK_DL");
	if (!subject->needs_deadline) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_DEADLINE");
		return;
	}
	if (!doctor_text(subject, result, &features, path)) {
		if (host_text(&subject->host->files, &features, "%s", path) == -ENODEV)
			doctor_advise(result, "mount -t debugfs none /sys/kernel/debug");
		return;
	}
	if (strstr(features, "HRTICK_DL") == NULL) {
		doctor_say(result, DOCTOR_UNKNOWN, "%s does not say HRTICK_DL", path);
		return;
	}
	if (strstr(features, "NO_HRTICK_DL") == NULL) {
		doctor_say(result, DOCTOR_PASS, "HRTICK_DL");
		return;
	}
	doctor_say(result, subject->machine != NULL ? DOCTOR_FAIL : DOCTOR_WARN, "NO_HRTICK_DL");
	doctor_advise(result, "echo HRTICK_DL > %s", path);
}

static void look_deadline_version(const struct doctor_subject *subject, struct doctor_result *result)
{
	doctor_expect(result, "Linux 6.1 or later");
	if (!subject->needs_deadline) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_DEADLINE");
		return;
	}
	doctor_judge_version(subject, result, "or give the partitions schedule: {policy: fifo}");
}

static void look_throttling(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t runtime = 0;
	int64_t period = 0;

	doctor_expect(result, "sched_rt_runtime_us -1 or the whole period, or Linux 6.12; with "
		      "CONFIG_RT_GROUP_SCHED -1 alone");
	if (subject->fifo_priority == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_FIFO");
		return;
	}
	if (!rt_runtime(subject, result, &runtime, &period))
		return;
	enum fact throttles = doctor_throttles(subject->host);

	if (throttles == FACT_NO) {
		doctor_say(result, DOCTOR_PASS, runtime == -1 || runtime == period ? "%lld: no limit" :
			   "%lld, which Linux %s does not apply to SCHED_FIFO", (long long)runtime,
			   subject->host->kernel.release);
		return;
	}
	if (throttles == FACT_UNKNOWN) {
		doctor_say(result, DOCTOR_UNKNOWN, "%lld; whether this kernel applies it to SCHED_FIFO is not "
			   "known: no release, or no kernel configuration", (long long)runtime);
		doctor_advise(result, "zcat /proc/config.gz | grep RT_GROUP_SCHED # or look in the kernel's package");
		return;
	}
	doctor_say(result, subject->needs_exits_disabled ? DOCTOR_FAIL : DOCTOR_WARN, "%lld of %lld us%s",
		   (long long)runtime, (long long)period, runtime == period ?
		   ", but the root group keeps the limit it got at boot" : "");
	if (subject->needs_deadline && doctor_has_rt_groups(subject->host) == FACT_NO)
		advise_limit(subject, result, period);
	else
		doctor_advise(result, "sysctl -w kernel.sched_rt_runtime_us=-1 # and keep what spins at low priority: "
			      "nothing stops it then");
}

static void look_throttled(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *log = NULL;

	doctor_expect(result, "never said in the kernel log");
	if (!doctor_text(subject, result, &log, "/bulkhead/kernel-log"))
		return;
	if (strstr(log, "RT throttling activated") == NULL) {
		/* It is said once: a log that has lost its beginning may have lost that as well. */
		bool whole = strstr(log, "Linux version ") != NULL;

		doctor_say(result, whole ? DOCTOR_PASS : DOCTOR_UNKNOWN, "not in the kernel log%s",
			   whole ? "" : ", which no longer has its beginning");
		if (!whole)
			doctor_advise(result, "journalctl -k -b | grep 'RT throttling activated'");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "sched: RT throttling activated");
	doctor_advise(result, "grep -rs sched_rt_runtime_us /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d "
		      "/etc/tuned # find who sets it");
}

static const struct doctor_check checks[] = {
	{"P5-fair-server", DOCTOR_STALLS, "deadline server of the fair class",
	 "Since Linux 6.12 ordinary threads take up to 50 ms of each second from a SCHED_FIFO vCPU that does not "
	 "sleep, whatever sched_rt_runtime_us says.", look_fair_server},
	{"P15-deadline-admission", DOCTOR_CARE, "admission of SCHED_DEADLINE reservations",
	 "With sched_rt_runtime_us -1 the kernel lets anybody reserve more time than there is, and then all "
	 "reservations miss.", look_admission},
	{"P15-deadline-cpuset", DOCTOR_BREAKS, "CPUs of SCHED_DEADLINE partitions",
	 "A SCHED_DEADLINE thread must be allowed all CPUs of its root domain; only a cgroup v2 cpuset partition "
	 "makes one of single CPUs.", look_deadline_cpuset},
	{"P15-deadline-tick", DOCTOR_STALLS, "end of a SCHED_DEADLINE runtime",
	 "Unless the scheduler feature HRTICK_DL is on, a vCPU that does not stop by itself is stopped at the next "
	 "tick, up to 4 ms after its runtime is used up.", look_deadline_tick},
	{"P32-throttling", DOCTOR_STALLS, "throttling of SCHED_FIFO threads",
	 "A vCPU that does not sleep is taken off its CPU for the rest of each second.", look_throttling},
	{"P32-throttled", DOCTOR_CARE, "throttling so far",
	 "The kernel has taken real-time threads off their CPUs since it booted.", look_throttled},
	{"P33-deadline-kernel", DOCTOR_BREAKS, "kernel for SCHED_DEADLINE",
	 "Older real-time kernels freeze when SCHED_DEADLINE and SCHED_FIFO threads share a mutex.",
	 look_deadline_version},
};

const struct doctor_table doctor_deadline = {checks, sizeof(checks) / sizeof(checks[0])};
