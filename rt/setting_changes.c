// SPDX-License-Identifier: Apache-2.0
/*
 * The settings of a running kernel, and the order in which they are written. What can be set only when the
 * kernel boots or a module is loaded is not among them: rt/boot_plan.h.
 */
#include "rt/host_changes.h"

#include <errno.h>

#include "core/base/cpulist.h"
#include "core/host/host.h"
#include "rt/setting_plan.h"

#define WORKQUEUE "/sys/devices/virtual/workqueue"

static const struct setting kernel_settings[] = {
	{"/proc/sys/kernel/timer_migration", COMPARE_NUMBER, "0", "K6-timer-migration",
	 "timers of idle CPUs move to busy ones, and a CPU whose guest never sleeps is always busy", NULL},
	{"/proc/sys/kernel/nmi_watchdog", COMPARE_NUMBER, "0", "K4-nmi-watchdog",
	 "the NMI watchdog interrupts each CPU every few seconds, whatever runs there", NULL},
	{"/proc/sys/kernel/hung_task_timeout_secs", COMPARE_NUMBER, "600", "K7-hung-task",
	 "a thread walks over all others each time this passes", NULL},
	{"/sys/devices/system/machinecheck/machinecheck0/ignore_ce", COMPARE_NUMBER, "1",
	 "K9-machine-check-polling",
	 "a timer on each CPU polls for corrected errors; one file stands for all CPUs", NULL},
	{"/sys/kernel/rcu_normal", COMPARE_NUMBER, "1", "K10-rcu-normal",
	 "expedited RCU grace periods interrupt every CPU that runs anything", NULL},
};

static const struct setting memory_settings[] = {
	{"/proc/sys/kernel/numa_balancing", COMPARE_NUMBER, "0", "P26-numa-balancing",
	 "balancing takes pages out of page tables and waits for the faults, in guest memory as well", NULL},
	{"/proc/sys/vm/stat_interval", COMPARE_NUMBER, "10", "P26-stat-interval",
	 "each CPU folds its memory statistics in a kernel worker at this interval", NULL},
	{"/proc/sys/vm/compaction_proactiveness", COMPARE_NUMBER, "0", NULL,
	 "compaction in advance has every CPU empty its lists of pages", NULL},
	/* 2 and not 0, which would leave pages merged, to be copied at a guest's next write. */
	{"/sys/kernel/mm/ksm/run", COMPARE_NUMBER, "2", "P26-ksm",
	 "merging changes page tables under running guests, and the first write to a merged page copies it", NULL},
};

static void want_watchdog_off_partitions(const struct setting_plan *plan)
{
	/* A list when read and when written: proc_do_large_bitmap() of the kernel. */
	setting_want_off_partitions(plan, &(struct setting){
		.path = "/proc/sys/kernel/watchdog_cpumask", .compare = COMPARE_CPUS, .check = "K5-soft-watchdog",
		.reason = "every 4 seconds a timer and a thread of highest priority run on each of these CPUs",
	});
}

/* Those that user space may see have a mask each, which the kernel cuts by the one of all of them. */
static void want_workqueues_off_partitions(const struct setting_plan *plan)
{
	static const char reason[] = "work of the kernel that is bound to no CPU may run on these";
	const struct host_file *file;
	size_t at = 0;

	setting_want_off_partitions(plan, &(struct setting){
		.path = WORKQUEUE "/cpumask", .compare = COMPARE_MASK, .check = "K8-workqueues", .reason = reason,
	});
	while ((file = host_files_next(&plan->subject.host->files, WORKQUEUE "/*/cpumask", &at)) != NULL)
		setting_want_off_partitions(plan, &(struct setting){
			.path = file->path, .compare = COMPARE_MASK, .reason = reason,
		});
}

int setting_changes(const struct machine_config *machine, const struct host_facts *host,
		    const struct cpu_division *cpus, struct changes *ret, struct findings *findings)
{
	struct setting_plan plan = {.cpus = cpus, .changes = ret, .findings = findings};

	if (cpulist_empty(&cpus->partitions))
		return 0;
	doctor_subject_init(&plan.subject, host, machine);
	plan.subject.rt_cpus = cpus->partitions;
	plan.subject.housekeeping = cpus->housekeeping;

	setting_scheduler(&plan);
	setting_want_all(&plan, kernel_settings, sizeof(kernel_settings) / sizeof(kernel_settings[0]));
	want_watchdog_off_partitions(&plan);
	want_workqueues_off_partitions(&plan);
	setting_want_all(&plan, memory_settings, sizeof(memory_settings) / sizeof(memory_settings[0]));
	setting_hugepages(&plan);
	setting_kvm(&plan);
	setting_governors(&plan);
	return ret->lost ? -ENOMEM : 0;
}
