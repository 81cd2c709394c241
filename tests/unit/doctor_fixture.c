// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/doctor_fixture.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


enum { BENCH_CPUS = 4, BENCH_NODES = 1, BENCH_CACHES = 1 };

/* An industrial PC with Debian's real-time kernel, CPUs 2 and 3 set apart. */
static const struct doctor_fact facts[] = {
	{"/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet isolcpus=managed_irq,2-3 nohz=on "
			  "nohz_full=2-3 rcu_nocbs=2-3 irqaffinity=0-1 skew_tick=1 tsc=reliable "
			  "intel_pstate=disable intel_iommu=on"},
	{"/proc/version", "Linux version 6.12.41-rt-amd64 (builder@example) (gcc 14.2.0) "
			  "#1 SMP PREEMPT_RT Debian 6.12.41-1 (2026-01-01)"},
	{"/proc/sys/kernel/osrelease", "6.12.41-rt-amd64"},
	{"/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: A Processor\n"
			  "flags\t\t: fpu tsc msr constant_tsc nonstop_tsc tsc_known_freq monitor vmx arat\n"
			  "bugs\t\t:\n"},
	{"/proc/mounts", "sysfs /sys sysfs rw 0 0\n"
			 "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,favordynmods 0 0\n"
			 "debugfs /sys/kernel/debug debugfs rw 0 0"},
	{"/boot/config-6.12.41-rt-amd64", "CONFIG_NO_HZ_FULL=y\nCONFIG_RCU_NOCB_CPU=y\nCONFIG_PREEMPT_RT=y\n"
					  "CONFIG_RCU_BOOST=y\n"
					  "# CONFIG_RT_GROUP_SCHED is not set\nCONFIG_CPUSETS=y\n"},
	{"/proc/sys/kernel/sched_rt_runtime_us", "950000"},
	{"/proc/sys/kernel/sched_rt_period_us", "1000000"},
	{"/proc/sys/kernel/sched_deadline_period_min_us", "100"},
	{"/proc/sys/kernel/sched_deadline_period_max_us", "4194304"},
	{"/proc/sys/kernel/timer_migration", "0"},
	{"/proc/sys/kernel/nmi_watchdog", "0"},
	{"/proc/sys/kernel/soft_watchdog", "1"},
	{"/proc/sys/kernel/watchdog_cpumask", "0-1"},
	{"/proc/sys/kernel/hung_task_timeout_secs", "600"},
	{"/sys/kernel/rcu_normal", "1"},
	{"/sys/module/rcutree/parameters/kthread_prio", "4"},
	{"/sys/kernel/debug/sched/features", "PLACE_LAG HRTICK_DL NO_HRTICK"},
	{"/sys/kernel/debug/sched/fair_server/cpu2/runtime", "0"},
	{"/sys/kernel/debug/sched/fair_server/cpu2/period", "1000000000"},
	{"/sys/kernel/debug/sched/fair_server/cpu3/runtime", "0"},
	{"/sys/kernel/debug/sched/fair_server/cpu3/period", "1000000000"},
	{"/sys/devices/system/cpu/online", "0-3"},
	{"/sys/devices/system/cpu/present", "0-3"},
	{"/sys/devices/system/cpu/isolated", "2-3"},
	{"/sys/devices/system/cpu/nohz_full", "2-3"},
	{"/sys/devices/system/cpu/vulnerabilities/itlb_multihit", "Not affected"},
	{"/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc"},
	{"/sys/devices/system/machinecheck/machinecheck0/check_interval", "300"},
	{"/sys/devices/system/machinecheck/machinecheck0/ignore_ce", "1"},
	{"/sys/devices/virtual/workqueue/cpumask", "3"},
	{"/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids"},
	{"/sys/fs/cgroup/cpuset.cpus.isolated", "2-3"},
	{"/sys/fs/cgroup/bulkhead.slice/cpuset.cpus.partition", "isolated"},
	{"/sys/fs/cgroup/system.slice/cpuset.cpus.partition", "member"},
	{"/sys/module/kvm/parameters/nx_huge_pages", "never"},
	{"/sys/module/kvm/parameters/nx_huge_pages_recovery_ratio", "0"},
	{"/sys/module/kvm/parameters/kvmclock_periodic_sync", "N"},
	{"/sys/module/kvm/parameters/halt_poll_ns", "0"},
	{"/sys/module/kvm/parameters/pi_inject_timer", "0"},
	{"/sys/module/kvm/parameters/mitigate_smt_rsb", "N"},
	{"/sys/module/kvm_intel/parameters/ple_gap", "0"},
	{"/sys/module/kvm_intel/parameters/enable_apicv", "Y"},
	{"/sys/module/kvm_intel/parameters/preemption_timer", "Y"},
	{"/bulkhead/kvm-capabilities", "KVM_CAP_IRQCHIP 1\nKVM_CAP_X86_DISABLE_EXITS 15"},
	{"/bulkhead/kernel-log", "Linux version 6.12.41-rt-amd64"},
	{"/bulkhead/allowed-cpus", "0-3"},
};

static void cpus_add(struct cpulist *list, unsigned first, unsigned last)
{
	for (unsigned cpu = first; cpu <= last; cpu++)
		cpulist_add(list, cpu);
}

/* Four cores of one thread under one cache on one node, as hwloc would tell them. */
static void topology_set_up(struct host_topology *topology)
{
	*topology = (struct host_topology){
		.cpu = calloc(BENCH_CPUS, sizeof(topology->cpu[0])),
		.cpu_count = BENCH_CPUS,
		.node = calloc(BENCH_NODES, sizeof(topology->node[0])),
		.node_count = BENCH_NODES,
		.cache = calloc(BENCH_CACHES, sizeof(topology->cache[0])),
		.cache_count = BENCH_CACHES,
		.packages = 1,
		.cores = BENCH_CPUS,
		.kinds = 1,
	};
	CU_ASSERT_FATAL(topology->cpu != NULL && topology->node != NULL && topology->cache != NULL);
	for (unsigned cpu = 0; cpu < BENCH_CPUS; cpu++)
		topology->cpu[cpu].core = (int)cpu;
	cpus_add(&topology->present, 0, BENCH_CPUS - 1);
	cpus_add(&topology->node[0].cpus, 0, BENCH_CPUS - 1);
	cpus_add(&topology->cache[0].cpus, 0, BENCH_CPUS - 1);
	topology->online = topology->allowed = topology->present;
	topology->node[0].memory_known = true;
	topology->node[0].memory_bytes = UINT64_C(16) << 30;
	topology->cache[0].level = 3;
	topology->cache[0].bytes = UINT64_C(8) << 20;
}

static void put_all(struct doctor_bench *bench, const struct doctor_fact *fact, size_t count)
{
	for (size_t i = 0; i < count; i++)
		doctor_put(bench, fact[i].path, fact[i].text);
}

void doctor_set_up(struct doctor_bench *bench)
{
	doctor_set_up_empty(bench);
	bench->host.files.complete = true;
	topology_set_up(&bench->host.topology);
	put_all(bench, facts, sizeof(facts) / sizeof(facts[0]));
	put_all(bench, doctor_facts_more.fact, doctor_facts_more.count);
}

void doctor_set_up_empty(struct doctor_bench *bench)
{
	*bench = (struct doctor_bench){.host.groups = HOST_ALL};
}

void doctor_tear_down(struct doctor_bench *bench)
{
	host_facts_done(&bench->host);
}

void doctor_put(struct doctor_bench *bench, const char *path, const char *text)
{
	CU_ASSERT_EQUAL_FATAL(host_files_put(&bench->host.files, path, text), 0);
}

void doctor_put_error(struct doctor_bench *bench, const char *path, int error)
{
	CU_ASSERT_EQUAL_FATAL(host_files_put_error(&bench->host.files, path, error), 0);
}

void doctor_remove(struct doctor_bench *bench, const char *path)
{
	host_files_remove(&bench->host.files, path);
}

void doctor_remove_all(struct doctor_bench *bench, const char *pattern)
{
	const struct host_file *file;
	size_t at = 0;

	host_files_sort(&bench->host.files);
	while ((file = host_files_next(&bench->host.files, pattern, &at)) != NULL) {
		char *path = strdup(file->path);

		CU_ASSERT_PTR_NOT_NULL_FATAL(path);
		host_files_remove(&bench->host.files, path);
		free(path);
		at = 0;
	}
}

const struct doctor_check *doctor_check_find(const char *id)
{
	const struct doctor_check *check;

	for (size_t i = 0; (check = doctor_check_at(i)) != NULL; i++) {
		if (strcmp(check->id, id) == 0)
			return check;
	}
	fprintf(stderr, "no check is called %s\n", id);
	CU_FAIL_FATAL("no check of that name");
	return NULL;
}

enum doctor_verdict doctor_look(struct doctor_bench *bench, const char *id)
{
	const struct doctor_check *check = doctor_check_find(id);

	host_files_sort(&bench->host.files);
	free(bench->host.pci);
	bench->host.pci = NULL;
	bench->host.pci_count = 0;
	CU_ASSERT_EQUAL_FATAL(host_facts_parse(&bench->host), 0);
	doctor_subject_init(&bench->subject, &bench->host, bench->machine);
	bench->result = (struct doctor_result){0};
	check->look(&bench->subject, &bench->result);
	assert_sound(check, &bench->result);
	return bench->result.verdict;
}

/* Says which check it was: a suite of a hundred of them is no use without. */
static void assert_verdict(const char *id, const struct doctor_result *result,
			   enum doctor_verdict expected)
{
	CU_ASSERT_EQUAL(result->verdict, expected);
	if (result->verdict != expected)
		fprintf(stderr, "%s: %s, not %s: \"%s\"\n", id, doctor_verdict_name(result->verdict),
			doctor_verdict_name(expected), result->value);
}

static void assert_holds(const char *id, const char *field, const char *text, const char *part)
{
	CU_ASSERT_PTR_NOT_NULL(strstr(text, part));
	if (strstr(text, part) == NULL)
		fprintf(stderr, "%s: %s \"%s\" does not hold \"%s\"\n", id, field, text, part);
}

void assert_good(const char *id)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_look(&bench, id);
	assert_verdict(id, &bench.result, DOCTOR_PASS);
	doctor_tear_down(&bench);
}

void assert_spoilt(const char *id, const char *path, const char *text, enum doctor_verdict verdict,
		   const char *value, const char *remedy)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	if (text != NULL)
		doctor_put(&bench, path, text);
	else
		doctor_remove(&bench, path);
	doctor_look(&bench, id);
	assert_verdict(id, &bench.result, verdict);
	assert_holds(id, "value", bench.result.value, value);
	assert_holds(id, "remedy", bench.result.remedy, remedy);
	doctor_tear_down(&bench);
}

void assert_unread(const char *id, const char *path)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put_error(&bench, path, EACCES);
	doctor_look(&bench, id);
	assert_verdict(id, &bench.result, DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);

	doctor_set_up(&bench);
	doctor_remove(&bench, path);
	bench.host.files.complete = false;
	doctor_look(&bench, id);
	assert_verdict(id, &bench.result, DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static bool is_plain_line(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

void assert_sound(const struct doctor_check *check, const struct doctor_result *result)
{
	bool wrong = result->verdict == DOCTOR_FAIL || result->verdict == DOCTOR_WARN;
	bool sound = (unsigned)result->verdict < DOCTOR_VERDICTS &&
		     (result->value[0] != '\0' || result->verdict == DOCTOR_NOT_APPLICABLE) &&
		     (!wrong || (result->remedy[0] != '\0' && result->expected[0] != '\0')) &&
		     (result->verdict != DOCTOR_PASS || result->remedy[0] == '\0') &&
		     is_plain_line(result->value) && is_plain_line(result->expected) &&
		     is_plain_line(result->remedy);

	CU_ASSERT_TRUE(sound);
	if (!sound)
		fprintf(stderr, "%s: %s, value \"%s\", expected \"%s\", remedy \"%s\"\n", check->id,
			doctor_verdict_name(result->verdict), result->value, result->expected,
			result->remedy);
}
