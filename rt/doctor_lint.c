// SPDX-License-Identifier: Apache-2.0
/* Parameters of the kernel's command line that do nothing, or do more than was meant. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"

enum { VALUE_MAX = 256 };

/* A parameter's value; -ENOENT where it is not given; else says unknown. */
static int parameter(const struct doctor_subject *subject, struct doctor_result *result,
		     const char *name, char *value)
{
	int error = host_parameter(subject->host, name, value, VALUE_MAX);

	if (error != 0 && error != -ENOENT)
		doctor_unknown(result, "/proc/cmdline", error);
	return error;
}

/* Whether one of the words between commas is @word. */
static bool has_word(const char *text, const char *word)
{
	for (;;) {
		size_t length = strcspn(text, ",");

		if (length == strlen(word) && strncmp(text, word, length) == 0)
			return true;
		if (text[length] == '\0')
			return false;
		text += length + 1;
	}
}

static void look_skew_tick(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	int error = parameter(subject, result, "skew_tick", value);

	doctor_expect(result, "skew_tick=1");
	if (error != 0 && error != -ENOENT)
		return;
	if (error == 0 && strcmp(value, "1") == 0) {
		doctor_say(result, DOCTOR_PASS, "skew_tick=1");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "%s%s", error == 0 ? "skew_tick=" : "no skew_tick",
		   error == 0 ? value : "");
	doctor_advise(result, "add skew_tick=1 to the kernel command line and reboot");
}

static void look_tsc(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	int error = parameter(subject, result, "tsc", value);

	doctor_expect(result, "tsc=reliable");
	if (error != 0 && error != -ENOENT)
		return;
	if (error == 0 && strcmp(value, "reliable") == 0) {
		doctor_say(result, DOCTOR_PASS, "tsc=reliable");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "%s%s%s", error == 0 ? "tsc=" : "no tsc=reliable",
		   error == 0 ? value : "", error == 0 && strcmp(value, "nowatchdog") == 0 ?
		   ", which leaves each CPU's timer on TSC_ADJUST" : "");
	doctor_advise(result, "add tsc=reliable to the kernel command line and reboot, where the firmware leaves "
		      "the TSC alone: bulkhead latency shows it");
}

static void look_scaling_driver(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	const char *vendor = subject->host->cpu_vendor;
	int intel = parameter(subject, result, "intel_pstate", value);
	int amd = intel == 0 || intel == -ENOENT ? parameter(subject, result, "amd_pstate", value) : intel;

	doctor_expect(result, "the driver of this CPU's vendor, or none");
	if (amd != 0 && amd != -ENOENT)
		return;
	if (intel != 0 && amd != 0) {
		doctor_say(result, DOCTOR_PASS, "none");
		return;
	}
	if (vendor[0] == '\0') {
		doctor_say(result, DOCTOR_UNKNOWN, "the CPU's vendor is not known");
		return;
	}
	bool wrong = (intel == 0 && strcmp(vendor, "GenuineIntel") != 0) ||
		     (amd == 0 && strcmp(vendor, "AuthenticAMD") != 0);

	doctor_say(result, wrong ? DOCTOR_WARN : DOCTOR_PASS, "%s on %s",
		   intel == 0 && amd == 0 ? "intel_pstate and amd_pstate" : intel == 0 ? "intel_pstate" :
		   "amd_pstate", vendor);
	if (wrong)
		doctor_advise(result, "replace it on the kernel command line by %s=disable and reboot",
			      strcmp(vendor, "AuthenticAMD") == 0 ? "amd_pstate" : "intel_pstate");
}

static void look_idle(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	int error = parameter(subject, result, "idle", value);

	doctor_expect(result, "no idle=poll");
	if (error != 0 && error != -ENOENT)
		return;
	if (error != 0 || strcmp(value, "poll") != 0) {
		doctor_say(result, DOCTOR_PASS, "%s%s", error == 0 ? "idle=" : "not given",
			   error == 0 ? value : "");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "idle=poll");
	doctor_advise(result, "take idle=poll off the kernel command line; partitions with "
		      "hold-cpu-dma-latency: true keep idle states shallow while they run");
}

static void look_interrupt_remapping(const struct doctor_subject *subject, struct doctor_result *result)
{
	static const struct {
		const char *name, *word;
		bool breaks;
	} bad[] = {
		{"intremap", "off", true}, {"nointremap", "", true}, {"intel_iommu", "off", true},
		{"amd_iommu", "off", true}, {"iommu", "off", true}, {"intremap", "nopost", false},
		{"amd_iommu_intr", "legacy", false},
	};
	char value[VALUE_MAX];

	doctor_expect(result, "interrupt remapping and posting left on");
	if (!subject->needs_devices) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition has a device");
		return;
	}
	doctor_say(result, DOCTOR_PASS, "left on");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int error = parameter(subject, result, bad[i].name, value);

		if (error != 0 && error != -ENOENT)
			return;
		if (error != 0 || (bad[i].word[0] != '\0' && !has_word(value, bad[i].word)))
			continue;
		doctor_say(result, bad[i].breaks ? DOCTOR_FAIL : DOCTOR_WARN, "%s%s%s", bad[i].name,
			   bad[i].word[0] != '\0' ? "=" : "", value);
		doctor_advise(result, "take %s%s%s off the kernel command line and reboot", bad[i].name,
			      bad[i].word[0] != '\0' ? "=" : "", bad[i].word);
		return;
	}
}

static void look_machine_checks(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	int error = parameter(subject, result, "mce", value);
	int none = error == 0 || error == -ENOENT ? parameter(subject, result, "nomce", value) : error;

	doctor_expect(result, "no mce=off");
	if (none != 0 && none != -ENOENT)
		return;
	if (error == 0)
		error = parameter(subject, result, "mce", value);
	if (none != 0 && (error != 0 || !has_word(value, "off"))) {
		doctor_say(result, DOCTOR_PASS, "%s%s", error == 0 ? "mce=" : "not given",
			   error == 0 ? value : "");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "%s", none == 0 ? "nomce" : "mce=off");
	doctor_advise(result, "replace %s on the kernel command line by mce=ignore_ce and reboot",
		      none == 0 ? "nomce" : "mce=off");
}

/* The log keeps its beginning only for some time: without it, that nothing is said tells nothing. */
static void look_unknown(const struct doctor_subject *subject, struct doctor_result *result)
{
	static const char words[] = "Unknown kernel command line parameters";
	const char *log = NULL;
	const char *line;

	doctor_expect(result, "none");
	if (!doctor_text(subject, result, &log, "/bulkhead/kernel-log"))
		return;
	line = strstr(log, words);
	if (line == NULL) {
		bool whole = strstr(log, "Linux version ") != NULL;

		doctor_say(result, whole ? DOCTOR_PASS : DOCTOR_UNKNOWN,
			   whole ? "none" : "the kernel log no longer has its beginning");
		if (!whole)
			doctor_advise(result, "journalctl -k -b | grep '%s'", words);
		return;
	}
	line += sizeof(words) - 1;
	line += strspn(line, " :");
	doctor_say(result, DOCTOR_WARN, "%.*s", (int)strcspn(line, "\n"), line);
	doctor_advise(result, "cat /proc/cmdline # take them off it, or correct their spelling; some are meant for init or "
		      "a daemon");
}

/* struct misplaced - what people write on the kernel's command line though it takes no such parameter. */
struct misplaced {
	const char *name;
	const char *instead;
};

static const struct misplaced misplaced[] = {
	{"sched_rt_runtime", "sysctl.kernel.sched_rt_runtime_us=N"},
	{"sched_rt_runtime_us", "sysctl.kernel.sched_rt_runtime_us=N"},
	{"sched_rt_period_us", "sysctl.kernel.sched_rt_period_us=N"},
	{"timer_migration", "sysctl.kernel.timer_migration=0"},
	{"hung_task_timeout_secs", "sysctl.kernel.hung_task_timeout_secs=600"},
	{"kthread_cpus", "nohz_full=LIST, which keeps kernel threads off those CPUs"},
	{"numa_balancing_enable", "numa_balancing=disable"},
	{"stat_interval", "sysctl.vm.stat_interval=10"},
	{"swappiness", "sysctl.vm.swappiness=10"},
	{"isolcpu", "isolcpus=LIST"},
	{"isolated_cpus", "isolcpus=LIST"},
	{"rcu_nocb", "rcu_nocbs=LIST"},
	{"nohz_full_cpus", "nohz_full=LIST"},
	{"irq_affinity", "irqaffinity=LIST"},
	{"hugepagesize", "hugepagesz=SIZE"},
	{"default_hugepagesize", "default_hugepagesz=SIZE"},
	{"nr_hugepages", "hugepages=N"},
	{"max_cstate", "processor.max_cstate=N"},
};

static void look_misplaced(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];

	doctor_expect(result, "none");
	doctor_say(result, DOCTOR_PASS, "none");
	for (size_t i = 0; i < sizeof(misplaced) / sizeof(misplaced[0]); i++) {
		int error = parameter(subject, result, misplaced[i].name, value);

		if (error == -ENOENT)
			continue;
		if (error != 0)
			return;
		doctor_say(result, DOCTOR_WARN, "%s=%s", misplaced[i].name, value);
		doctor_advise(result, "replace %s on the kernel command line by %s", misplaced[i].name,
			      misplaced[i].instead);
		return;
	}
}

/* struct stray - the first thread that may use several isolated CPUs and no others. */
struct stray {
	const struct host_thread *thread;
	int error;
	size_t count;
};

static struct stray stray_find(const struct host_threads *threads, const struct cpulist *isolated,
			       const struct cpulist *online)
{
	struct stray found = {0};

	for (size_t i = 0; i < threads->count; i++) {
		const struct host_thread *thread = &threads->thread[i];
		struct cpulist usable;
		struct cpulist outside;

		if (thread->kernel)
			continue;
		if (thread->error != 0) {
			found.error = -thread->error;
			continue;
		}
		cpulist_and(&thread->cpus, online, &usable);
		cpulist_minus(&usable, isolated, &outside);
		if (cpulist_count(&usable) < 2 || !cpulist_empty(&outside))
			continue;
		found.thread = found.thread != NULL ? found.thread : thread;
		found.count++;
	}
	return found;
}

static void look_isolated_masks(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_facts *host = subject->host;
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct cpulist isolated;
	char list[128];

	doctor_expect(result, "one CPU, or one that the scheduler balances");
	if (!host->kernel.isolated_known) {
		const char *text = NULL;
		int error = host_text(&host->files, &text, "/sys/devices/system/cpu/isolated");

		doctor_unknown(result, "/sys/devices/system/cpu/isolated", error != 0 ? error : -EINVAL);
		return;
	}
	doctor_partition_cpus(host, true, &isolated);
	cpulist_or(&isolated, &host->kernel.isolated, &isolated);
	if (cpulist_empty(&isolated)) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no CPU is isolated");
		return;
	}
	int error = threads_parse(&host->files, &threads);

	if (error != 0) {
		doctor_unknown(result, "/proc/PID/task", error);
		return;
	}
	struct stray stray = stray_find(&threads, &isolated, &host->topology.online);

	if (stray.thread != NULL) {
		doctor_list(&stray.thread->cpus, list, sizeof(list));
		doctor_say(result, DOCTOR_FAIL, "%s (%u) may use %s%s", stray.thread->name, stray.thread->tid,
			   list, stray.count > 1 ? ", and others do likewise" : "");
		doctor_advise(result, "taskset -p -c %u %u # a CPU of its own for each of its threads",
			      cpulist_next(&stray.thread->cpus, 0), stray.thread->tid);
		return;
	}
	if (stray.error != 0) {
		doctor_unknown(result, "/proc/PID/task/TID/status", stray.error);
		return;
	}
	doctor_say(result, DOCTOR_PASS, "no thread may use several isolated CPUs and no others");
}

static const struct doctor_check checks[] = {
	{"P17-isolated-masks", DOCTOR_STALLS, "threads on several isolated CPUs",
	 "Isolated CPUs are not balanced: threads that may use several of them all run on the first.",
	 look_isolated_masks},
	{"P25-unknown-parameters", DOCTOR_CARE, "parameters this kernel does not know",
	 "A parameter that the kernel does not know is dropped, and what it was to do is not done.",
	 look_unknown},
	{"P25-misplaced-parameters", DOCTOR_CARE, "settings that are no kernel parameters",
	 "Some settings are often given on the kernel command line, where they do nothing.", look_misplaced},
	{"C7-skew-tick", DOCTOR_JITTER, "ticks apart from each other (skew_tick)",
	 "The ticks of all CPUs come at once and wait for the same locks.", look_skew_tick},
	{"C8-tsc-reliable", DOCTOR_JITTER, "timers that watch the TSC",
	 "The kernel compares the TSC with another clock on one CPU after the other, isolated ones too.",
	 look_tsc},
	{"C9-scaling-driver", DOCTOR_CARE, "frequency driver on the kernel command line",
	 "A parameter for the other vendor's driver leaves this CPU's frequency changing as before.",
	 look_scaling_driver},
	{"C10-idle-poll", DOCTOR_CARE, "idle CPUs that spin (idle=poll)",
	 "All CPUs draw full power at all times, and the heat costs the real-time ones their frequency.",
	 look_idle},
	{"C11-interrupt-remapping", DOCTOR_BREAKS, "interrupt remapping on the kernel command line",
	 "A device is passed through safely only with interrupt remapping, and without exits only with posting.",
	 look_interrupt_remapping},
	{"C12-machine-checks", DOCTOR_CARE, "machine checks (mce=off)",
	 "Memory and CPU errors go unseen until something is wrong; the polling alone can be turned off.",
	 look_machine_checks},
};

const struct doctor_table doctor_lint = {checks, sizeof(checks) / sizeof(checks[0])};
