// SPDX-License-Identifier: Apache-2.0
/* The kernel: which one it is, and the work it does on every CPU by itself. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cpumask.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

enum { HUNG_TASK_SECONDS = 600 };

static bool is_preempt_rt_wanted(const struct doctor_subject *subject)
{
	const struct machine_config *machine = subject->machine;

	if (machine == NULL)
		return true;
	for (size_t i = 0; i < machine->partition_count; i++) {
		if (machine->partition[i].require_preempt_rt)
			return true;
	}
	return machine->require_preempt_rt;
}

static void look_preempt_rt(const struct doctor_subject *subject, struct doctor_result *result)
{
	doctor_expect(result, "PREEMPT_RT");
	if (subject->host->kernel.preempt_rt == FACT_UNKNOWN) {
		doctor_say(result, DOCTOR_UNKNOWN, "neither /sys/kernel/realtime nor /proc/version tells");
		return;
	}
	if (subject->host->kernel.preempt_rt == FACT_YES) {
		doctor_say(result, DOCTOR_PASS, "PREEMPT_RT");
		return;
	}
	doctor_say(result, is_preempt_rt_wanted(subject) ? DOCTOR_FAIL : DOCTOR_WARN, "not PREEMPT_RT");
	doctor_advise(result, "apt install linux-image-rt-amd64 # or dnf install kernel-rt; then boot it");
}

static void look_version(const struct doctor_subject *subject, struct doctor_result *result)
{
	doctor_expect(result, "Linux 6.1 or later");
	doctor_judge_version(subject, result, "then boot it");
}

static void look_clocksource(const struct doctor_subject *subject, struct doctor_result *result)
{
	static const char path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
	const char *text = NULL;

	doctor_expect(result, "tsc");
	if (!doctor_text(subject, result, &text, path))
		return;
	if (strcmp(text, "tsc") == 0) {
		doctor_say(result, DOCTOR_PASS, "tsc");
		return;
	}
	bool virtual = strcmp(text, "kvm-clock") == 0 || strncmp(text, "hyperv", 6) == 0;

	doctor_say(result, virtual ? DOCTOR_WARN : DOCTOR_FAIL, "%s", text);
	doctor_advise(result, "echo tsc > %s # where that is refused, dmesg | grep -i tsc tells why", path);
}

/* Whether a watchdog that is on has a real-time CPU among its own. */
static void look_watchdog(const struct doctor_subject *subject, struct doctor_result *result,
			  const char *name, const char *remedy)
{
	struct cpulist watched = {0};
	struct cpulist both;
	char list[128];
	int64_t on = 0;

	doctor_expect(result, "0, or no real-time CPU in watchdog_cpumask");
	if (doctor_no_cpus(subject, result))
		return;
	int error = host_number(&subject->host->files, &on, "/proc/sys/kernel/%s", name);

	if (error == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "this kernel has none");
		return;
	}
	if (!doctor_number(subject, result, &on, "/proc/sys/kernel/%s", name))
		return;
	if (on == 0) {
		doctor_say(result, DOCTOR_PASS, "0");
		return;
	}
	if (!doctor_cpus(subject, result, &watched, "/proc/sys/kernel/watchdog_cpumask"))
		return;
	cpulist_and(&watched, &subject->rt_cpus, &both);
	doctor_list(&watched, list, sizeof(list));
	doctor_say(result, cpulist_empty(&both) ? DOCTOR_PASS : DOCTOR_WARN, "%lld, on CPU %s", (long long)on,
		   list);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "%s", remedy);
}

static void look_nmi_watchdog(const struct doctor_subject *subject, struct doctor_result *result)
{
	look_watchdog(subject, result, "nmi_watchdog", "sysctl -w kernel.nmi_watchdog=0");
}

static void look_soft_watchdog(const struct doctor_subject *subject, struct doctor_result *result)
{
	struct doctor_cpu_text text;
	char remedy[320];

	snprintf(remedy, sizeof(remedy), "sysctl -w kernel.watchdog_cpumask=%s",
		 doctor_housekeeping_text(subject, &text));
	look_watchdog(subject, result, "soft_watchdog", remedy);
}

static void look_timer_migration(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t on = 0;
	int error = host_number(&subject->host->files, &on, "/proc/sys/kernel/timer_migration");

	doctor_expect(result, "0");
	if (error == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "this kernel has none");
		return;
	}
	if (!doctor_number(subject, result, &on, "/proc/sys/kernel/timer_migration"))
		return;
	doctor_say(result, on == 0 ? DOCTOR_PASS : DOCTOR_WARN, "%lld", (long long)on);
	if (on != 0)
		doctor_advise(result, "sysctl -w kernel.timer_migration=0");
}

static void look_hung_task(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t seconds = 0;
	int error = host_number(&subject->host->files, &seconds, "/proc/sys/kernel/hung_task_timeout_secs");

	doctor_expect(result, "0, or %d s and more", HUNG_TASK_SECONDS);
	if (error == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "this kernel has none");
		return;
	}
	if (!doctor_number(subject, result, &seconds, "/proc/sys/kernel/hung_task_timeout_secs"))
		return;
	doctor_say(result, seconds == 0 || seconds >= HUNG_TASK_SECONDS ? DOCTOR_PASS : DOCTOR_WARN, "%lld s",
		   (long long)seconds);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "sysctl -w kernel.hung_task_timeout_secs=%d", HUNG_TASK_SECONDS);
}

static void look_workqueues(const struct doctor_subject *subject, struct doctor_result *result)
{
	static const char path[] = "/sys/devices/virtual/workqueue/cpumask";
	struct cpulist allowed = {0};
	struct cpulist both;
	const char *text = NULL;
	char list[128];
	char mask[256];

	doctor_expect(result, "no real-time CPU");
	if (doctor_no_cpus(subject, result) || !doctor_text(subject, result, &text, path))
		return;
	if (cpumask_parse(text, &allowed) != 0) {
		doctor_unknown(result, path, -EINVAL);
		return;
	}
	cpulist_and(&allowed, &subject->host->topology.online, &allowed);
	cpulist_and(&allowed, &subject->rt_cpus, &both);
	doctor_say(result, cpulist_empty(&both) ? DOCTOR_PASS : DOCTOR_WARN, "CPU %s",
		   doctor_list(&allowed, list, sizeof(list)));
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "echo %s > %s",
			      cpumask_format(&subject->housekeeping, mask, sizeof(mask)), path);
}

static void look_machine_check_polling(const struct doctor_subject *subject,
				       struct doctor_result *result)
{
	static const char folder[] = "/sys/devices/system/machinecheck/machinecheck0";
	const char *text = NULL;
	int64_t interval = 0;
	int64_t ignored = 0;
	int error = host_text(&subject->host->files, &text, "%s/check_interval", folder);

	doctor_expect(result, "ignore_ce 1, or check_interval 0");
	if (error == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "this host polls for none");
		return;
	}
	if (!doctor_number(subject, result, &ignored, "%s/ignore_ce", folder) ||
	    !doctor_number(subject, result, &interval, "%s/check_interval", folder))
		return;
	doctor_say(result, ignored != 0 || interval == 0 ? DOCTOR_PASS : DOCTOR_WARN,
		   "ignore_ce %lld, check_interval %lld s", (long long)ignored, (long long)interval);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "echo 1 > %s/ignore_ce # for all CPUs; or mce=ignore_ce on the kernel command "
			      "line", folder);
}

static void look_rcu_normal(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t normal = 0;

	doctor_expect(result, "1");
	if (!doctor_number(subject, result, &normal, "/sys/kernel/rcu_normal"))
		return;
	doctor_say(result, normal == 1 ? DOCTOR_PASS : DOCTOR_WARN, "%lld", (long long)normal);
	if (normal != 1)
		doctor_advise(result, "echo 1 > /sys/kernel/rcu_normal # rcupdate.rcu_normal_after_boot=1 on the "
			      "kernel command line keeps it");
}

static void look_bare_metal(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *product = NULL;
	enum fact virtual = doctor_is_virtual(subject->host);

	doctor_expect(result, "no hypervisor below");
	if (virtual == FACT_UNKNOWN) {
		const char *text = NULL;
		int error = host_text(&subject->host->files, &text, "/proc/cpuinfo");

		doctor_unknown(result, "/proc/cpuinfo", error != 0 ? error : -EINVAL);
		return;
	}
	if (virtual == FACT_NO) {
		doctor_say(result, DOCTOR_PASS, "none seen");
		return;
	}
	if (host_text(&subject->host->files, &product, "/sys/class/dmi/id/product_name") != 0)
		product = "of an unknown kind";
	doctor_say(result, DOCTOR_WARN, "a virtual machine, %.64s", product);
	doctor_advise(result, "systemd-detect-virt # run real-time partitions on the hardware itself, or isolate this "
		      "machine's CPUs on the host below and look with bulkhead doctor there");
}

static const struct doctor_check checks[] = {
	{"K1-preempt-rt", DOCTOR_STALLS, "kernel with PREEMPT_RT",
	 "Without it interrupt handlers and code under spinlocks keep a vCPU from its CPU for as long as they "
	 "like, milliseconds at times.", look_preempt_rt},
	{"K2-kernel-version", DOCTOR_BREAKS, "kernel release",
	 "Bulkhead is tested from Linux 6.1 on; earlier ones lack what it stands on.", look_version},
	{"K3-clocksource", DOCTOR_STALLS, "the kernel's clock",
	 "Any other clock than the TSC takes microseconds to read, on buses that all CPUs share.",
	 look_clocksource},
	{"K4-nmi-watchdog", DOCTOR_JITTER, "NMI watchdog",
	 "A counter of each CPU interrupts it every few seconds, and nothing can hold that off.",
	 look_nmi_watchdog},
	{"K5-soft-watchdog", DOCTOR_JITTER, "soft lockup watchdog",
	 "Every 4 seconds a timer and a thread of highest priority run on each CPU.", look_soft_watchdog},
	{"K6-timer-migration", DOCTOR_CARE, "timers that move to busy CPUs (timer_migration)",
	 "Timers of idle CPUs move to busy ones, and a CPU whose guest never sleeps is always busy.",
	 look_timer_migration},
	{"K7-hung-task", DOCTOR_CARE, "watch for hung tasks",
	 "A thread walks over all others each time the timeout passes.", look_hung_task},
	{"K8-workqueues", DOCTOR_JITTER, "CPUs of unbound kernel work",
	 "Work of the whole kernel that is bound to no CPU may run on these.", look_workqueues},
	{"K9-machine-check-polling", DOCTOR_JITTER, "polling for corrected machine checks",
	 "A timer on each CPU reads the error registers of its memory and buses, some of them slowly.",
	 look_machine_check_polling},
	{"K10-rcu-normal", DOCTOR_JITTER, "expedited RCU grace periods",
	 "Expedited grace periods interrupt every CPU that runs anything.", look_rcu_normal},
	{"K11-bare-metal", DOCTOR_STALLS, "hardware below the kernel",
	 "A virtual machine's CPUs are threads of another host, which stops them when it likes, and no other check "
	 "sees what happens there.", look_bare_metal},
};

const struct doctor_table doctor_kernel = {checks, sizeof(checks) / sizeof(checks[0])};
