// SPDX-License-Identifier: Apache-2.0
/* Settings of a kernel for real-time partitions: which, to what, and why not others. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rt/host_changes.h"
#include "tests/unit/changes_fixture.h"
#include "tests/unit/doctor_fixture.h"

#define RT_RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
#define FEATURES "/sys/kernel/debug/sched/features"
#define SERVER(cpu) "/sys/kernel/debug/sched/fair_server/cpu" cpu "/runtime"
#define NMI_WATCHDOG "/proc/sys/kernel/nmi_watchdog"
#define WATCHED "/proc/sys/kernel/watchdog_cpumask"
#define WORKQUEUES "/sys/devices/virtual/workqueue/cpumask"
#define KSM "/sys/kernel/mm/ksm/run"
#define THP "/sys/kernel/mm/transparent_hugepage"
#define KVM "/sys/module/kvm/parameters"
#define SPLIT KVM "/nx_huge_pages"
#define RATIO KVM "/nx_huge_pages_recovery_ratio"
#define INJECT KVM "/pi_inject_timer"
#define ITLB_BUG "/sys/devices/system/cpu/vulnerabilities/itlb_multihit"
#define GOVERNOR(cpu) "/sys/devices/system/cpu/cpu" cpu "/cpufreq/scaling_governor"
#define GOVERNORS(cpu) "/sys/devices/system/cpu/cpu" cpu "/cpufreq/scaling_available_governors"
#define RELEASE "/proc/sys/kernel/osrelease"
#define CONFIG(release) "/boot/config-" release

void test_setting_changes_register(void);

/* The doctor's good host, cut into a SCHED_FIFO partition on CPU 3 and, with @deadline, another one on CPU 2. */
static void set_up(struct change_bench *bench, bool deadline)
{
	struct doctor_bench good;

	doctor_set_up(&good);
	*bench = (struct change_bench){.host = good.host};
	change_bench_cut(bench, deadline ? "3" : "2-3", deadline ? "2" : "");
}

static void put(struct change_bench *bench, const char *path, const char *text)
{
	if (text == NULL)
		host_files_remove(&bench->host.files, path);
	else
		CU_ASSERT_EQUAL_FATAL(host_files_put(&bench->host.files, path, text), 0);
}

static void plan(struct change_bench *bench)
{
	change_bench_plan(bench, setting_changes);
}

/* The setting is wanted, and so; @value NULL: it is not wanted. */
static void assert_wanted(const struct change_bench *bench, const char *path, const char *value, bool held)
{
	const struct change *change = changes_find(&bench->changes, path);

	if ((change == NULL) != (value == NULL) ||
	    (change != NULL && (strcmp(change->value, value) != 0 || change->held != held)))
		fprintf(stderr, "%s: %s%s\n", path, change == NULL ? "not wanted" : change->value,
			change != NULL && change->held ? ", held" : "");
	CU_ASSERT_EQUAL(change == NULL, value == NULL);
	if (change == NULL || value == NULL)
		return;
	CU_ASSERT_STRING_EQUAL(change->value, value);
	CU_ASSERT_EQUAL(change->held, held);
	CU_ASSERT_EQUAL(change->kind, CHANGE_TEXT);
	CU_ASSERT_STRING_EQUAL(change->domain, "kernel");
	CU_ASSERT_NOT_EQUAL(change->reason[0], '\0');
	CU_ASSERT_PTR_NULL(strchr(change->reason, '.'));
}

static bool is_unknown(const struct change_bench *bench, const char *path)
{
	for (size_t i = 0; i < bench->findings.count; i++) {
		const struct finding *finding = &bench->findings.item[i];

		if (finding->kind == FINDING_UNKNOWN && strcmp(finding->rule, "setting-unknown") == 0 &&
		    strstr(finding->diag.text, path) != NULL && finding->diag.remedy[0] != '\0')
			return true;
	}
	return false;
}

/* A good host is asked for what it is already: the same settings as a bad one, each of them held. */
static void a_good_host_stays_as_it_is(void)
{
	struct change_bench bench;

	for (int deadline = 0; deadline < 2; deadline++) {
		set_up(&bench, deadline);
		plan(&bench);
		CU_ASSERT_TRUE(bench.changes.count > 15);
		assert_changes_held(&bench.changes, "the good host");
		CU_ASSERT_EQUAL(bench.findings.count, 0);
		change_bench_done(&bench);
	}
}

/* struct bad_setting - on the good host with @bad; @also a second bad file that the check needs. */
struct bad_setting {
	const char *path;
	const char *bad;
	const char *value;
	const char *check;
	const char *restore;
	bool deadline;
	const char *also[2];
};

static const struct bad_setting bad_settings[] = {
	{FEATURES, "PLACE_LAG NO_HRTICK_DL NO_HRTICK", "HRTICK_DL", "P15-deadline-tick", "NO_HRTICK_DL", true, {0}},
	{SERVER("3"), "50000000", "0", "P5-fair-server", NULL, false, {0}},
	{"/sys/kernel/debug/sched/ext_server/cpu3/runtime", "50000000", "0", NULL, NULL, false, {0}},
	{"/proc/sys/kernel/timer_migration", "1", "0", "K6-timer-migration", NULL, false, {0}},
	{NMI_WATCHDOG, "1", "0", "K4-nmi-watchdog", NULL, false, {WATCHED, "0-3"}},
	{WATCHED, "0-3", "0-1", "K5-soft-watchdog", NULL, false, {0}},
	{"/proc/sys/kernel/hung_task_timeout_secs", "120", "600", "K7-hung-task", NULL, false, {0}},
	{"/sys/devices/system/machinecheck/machinecheck0/ignore_ce", "0", "1", "K9-machine-check-polling", NULL,
	 false, {0}},
	{"/sys/kernel/rcu_normal", "0", "1", "K10-rcu-normal", NULL, false, {0}},
	{WORKQUEUES, "f", "3", "K8-workqueues", NULL, false, {0}},
	{"/sys/devices/virtual/workqueue/writeback/cpumask", "f", "3", NULL, NULL, false, {0}},
	{"/proc/sys/kernel/numa_balancing", "1", "0", "P26-numa-balancing", NULL, false, {0}},
	{"/proc/sys/vm/stat_interval", "1", "10", "P26-stat-interval", NULL, false, {0}},
	{"/proc/sys/vm/compaction_proactiveness", "20", "0", NULL, NULL, false, {0}},
	{KSM, "1", "2", "P26-ksm", NULL, false, {0}},
	{THP "/enabled", "[always] madvise never", "never", "P26-thp", "always", false, {0}},
	{THP "/shmem_enabled", "always within_size [advise] never deny force", "never", "P26-thp", "advise", false, {0}},
	{THP "/hugepages-64kB/enabled", "[always] inherit madvise never", "never", "P26-thp", "always", false, {0}},
	{KVM "/halt_poll_ns", "200000", "0", "H2-halt-polling", NULL, true, {0}},
	{INJECT, "1", "0", "P9-guest-timer", NULL, false, {0}},
	{SPLIT, "Y", "N", "P1-nx-huge-pages", NULL, false, {RATIO, "60"}},
	{RATIO, "60", "0", "P1-nx-huge-pages", NULL, false, {SPLIT, "Y"}},
	{GOVERNOR("2"), "powersave", "performance", "P22-governor", NULL, false, {0}},
};

enum { BAD_SETTINGS = sizeof(bad_settings) / sizeof(bad_settings[0]) };

static void set_up_bad(struct change_bench *bench, const struct bad_setting *setting)
{
	set_up(bench, setting->deadline);
	put(bench, setting->path, setting->bad);
	if (setting->also[0] != NULL)
		put(bench, setting->also[0], setting->also[1]);
	if (strcmp(setting->path, RATIO) == 0)
		put(bench, ITLB_BUG, "KVM: Mitigation: Split huge pages");
}

static void what_is_bad_is_set(void)
{
	for (size_t i = 0; i < BAD_SETTINGS; i++) {
		const struct bad_setting *setting = &bad_settings[i];
		struct change_bench bench;

		set_up_bad(&bench, setting);
		plan(&bench);
		assert_wanted(&bench, setting->path, setting->value, false);
		const struct change *change = changes_find(&bench.changes, setting->path);

		CU_ASSERT_PTR_NOT_NULL_FATAL(change);
		CU_ASSERT_STRING_EQUAL(change->old, setting->bad);
		if (setting->restore != NULL)
			CU_ASSERT_STRING_EQUAL_FATAL(change->restore, setting->restore);
		CU_ASSERT_EQUAL(setting->restore == NULL, change->restore == NULL);
		CU_ASSERT_EQUAL(setting->check == NULL, change->check == NULL);
		if (setting->check != NULL)
			CU_ASSERT_STRING_EQUAL(change->check, setting->check);
		CU_ASSERT_EQUAL(bench.findings.count, 0);
		assert_fixed_point(&bench, setting_changes, setting->path);
		change_bench_done(&bench);
	}
}

static void what_is_not_there_is_not_wanted(void)
{
	for (size_t i = 0; i < BAD_SETTINGS; i++) {
		struct change_bench bench;

		set_up_bad(&bench, &bad_settings[i]);
		put(&bench, bad_settings[i].path, NULL);
		plan(&bench);
		assert_wanted(&bench, bad_settings[i].path, NULL, false);
		CU_ASSERT_FALSE(is_unknown(&bench, bad_settings[i].path));
		change_bench_done(&bench);
	}
}

static void what_cannot_be_read_is_not_written(void)
{
	static const int error[] = {EACCES, ENODATA, EIO};

	for (size_t i = 0; i < BAD_SETTINGS; i++) {
		struct change_bench bench;

		set_up_bad(&bench, &bad_settings[i]);
		CU_ASSERT_EQUAL_FATAL(host_files_put_error(&bench.host.files, bad_settings[i].path, error[i % 3]), 0);
		plan(&bench);
		assert_wanted(&bench, bad_settings[i].path, NULL, false);
		CU_ASSERT_TRUE(is_unknown(&bench, bad_settings[i].path));
		if (!is_unknown(&bench, bad_settings[i].path))
			fprintf(stderr, "%s is not said to be unknown\n", bad_settings[i].path);
		change_bench_done(&bench);
	}
}

static void masks_that_are_none_are_not_written(void)
{
	static const char *const path[] = {WATCHED, WORKQUEUES};

	for (size_t i = 0; i < 2; i++) {
		struct change_bench bench;

		set_up(&bench, false);
		put(&bench, path[i], "3-x");
		plan(&bench);
		assert_wanted(&bench, path[i], NULL, false);
		CU_ASSERT_TRUE(is_unknown(&bench, path[i]));
		change_bench_done(&bench);
	}
}

static void without_partitions_nothing_is_wanted(void)
{
	struct change_bench bench;

	set_up(&bench, false);
	change_bench_cut(&bench, "", "");
	put(&bench, KSM, "1");
	plan(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	CU_ASSERT_EQUAL(bench.findings.count, 0);
	change_bench_done(&bench);
}

/* What only one kind of partition needs stays as it is for the other. */
static void each_kind_has_its_own(void)
{
	struct change_bench bench;

	set_up(&bench, false);
	put(&bench, FEATURES, "NO_HRTICK_DL");
	put(&bench, KVM "/halt_poll_ns", "200000");
	plan(&bench);
	assert_wanted(&bench, FEATURES, NULL, false);
	assert_wanted(&bench, KVM "/halt_poll_ns", NULL, false);
	change_bench_cut(&bench, "", "2-3");
	put(&bench, SERVER("3"), "50000000");
	put(&bench, INJECT, "1");
	plan(&bench);
	assert_wanted(&bench, FEATURES, "HRTICK_DL", false);
	assert_wanted(&bench, KVM "/halt_poll_ns", "0", false);
	assert_wanted(&bench, SERVER("3"), NULL, false);
	assert_wanted(&bench, RT_RUNTIME, NULL, false);
	assert_wanted(&bench, INJECT, NULL, false);
	/* The fair server of a CPU whose vCPUs are SCHED_DEADLINE takes only what their reservations leave. */
	change_bench_cut(&bench, "3", "2");
	put(&bench, SERVER("2"), "50000000");
	plan(&bench);
	assert_wanted(&bench, SERVER("3"), "0", false);
	assert_wanted(&bench, SERVER("2"), NULL, false);
	change_bench_done(&bench);
}

static void throttling_ends_as_far_as_admission_allows(void)
{
	static const struct {
		const char *release;
		const char *config;
		const char *old;
		const char *value;
		bool deadline;
		bool held;
	} cases[] = {
		{"6.1.0", "CONFIG_X=y\n", "950000", "-1", false, false},
		{"6.1.0", "CONFIG_X=y\n", "-1", "-1", false, true},
		{"6.1.0", "CONFIG_X=y\n", "1000000", "1000000", false, true},
		{"6.1.0", "CONFIG_X=y\n", "950000", "1000000", true, false},
		{"6.1.0", "CONFIG_X=y\n", "-1", "-1", true, true},
		{"6.1.0", "CONFIG_RT_GROUP_SCHED=y\n", "950000", "-1", false, false},
		{"6.1.0", "CONFIG_RT_GROUP_SCHED=y\n", "950000", NULL, true, false},
		{"6.12.0", "CONFIG_X=y\n", "950000", "950000", false, true},
		{"6.12.0", "CONFIG_X=y\n", "950000", "950000", true, true},
		{"6.12.0", "CONFIG_RT_GROUP_SCHED=y\n", "950000", "-1", false, false},
		{"6.12.0", NULL, "950000", "-1", false, false},
		{"6.12.0", NULL, "950000", NULL, true, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct change_bench bench;
		char config[64];

		set_up(&bench, cases[i].deadline);
		snprintf(config, sizeof(config), "/boot/config-%s", cases[i].release);
		put(&bench, RELEASE, cases[i].release);
		put(&bench, config, cases[i].config);
		put(&bench, RT_RUNTIME, cases[i].old);
		plan(&bench);
		assert_wanted(&bench, RT_RUNTIME, cases[i].value, cases[i].held);
		assert_fixed_point(&bench, setting_changes, cases[i].release);
		change_bench_done(&bench);
	}
}

static void remove_fair_server(struct change_bench *bench)
{
	put(bench, SERVER("2"), NULL);
	put(bench, SERVER("3"), NULL);
	put(bench, "/sys/kernel/debug/sched/fair_server/cpu2/period", NULL);
	put(bench, "/sys/kernel/debug/sched/fair_server/cpu3/period", NULL);
}

/* An older kernel whose configuration nobody tells throttles in any case, and may do so no more. */
static void throttling_of_an_unknown_kind_is_ended_too(void)
{
	struct change_bench bench;

	set_up(&bench, true);
	remove_fair_server(&bench);
	put(&bench, RELEASE, "6.1.0");
	plan(&bench);
	assert_wanted(&bench, RT_RUNTIME, "1000000", false);
	put(&bench, RT_RUNTIME, "1000000");
	plan(&bench);
	assert_wanted(&bench, RT_RUNTIME, "1000000", true);
	change_bench_done(&bench);
}

static void debugfs_that_is_not_mounted_is_named(void)
{
	struct change_bench bench;

	set_up(&bench, true);
	CU_ASSERT_EQUAL_FATAL(host_files_put_error(&bench.host.files, FEATURES, ENODEV), 0);
	CU_ASSERT_EQUAL_FATAL(host_files_put_error(&bench.host.files, SERVER("3"), ENODEV), 0);
	plan(&bench);
	CU_ASSERT_TRUE(is_unknown(&bench, FEATURES));
	CU_ASSERT_TRUE(is_unknown(&bench, SERVER("3")));
	CU_ASSERT_EQUAL_FATAL(bench.findings.count, 2);
	CU_ASSERT_STRING_EQUAL(bench.findings.item[0].diag.remedy, "mount -t debugfs none /sys/kernel/debug");
	/* A kernel without the server has nothing to be asked for there. */
	put(&bench, RELEASE, "6.1.0");
	remove_fair_server(&bench);
	plan(&bench);
	CU_ASSERT_FALSE(is_unknown(&bench, SERVER("3")));
	change_bench_done(&bench);
}

static void what_is_good_enough_stays(void)
{
	struct change_bench bench;

	set_up(&bench, false);
	/* No real-time CPU is watched. */
	put(&bench, NMI_WATCHDOG, "1");
	put(&bench, "/proc/sys/kernel/hung_task_timeout_secs", "0");
	put(&bench, "/proc/sys/vm/stat_interval", "120");
	put(&bench, "/sys/devices/system/machinecheck/machinecheck0/check_interval", "0");
	put(&bench, "/sys/devices/system/machinecheck/machinecheck0/ignore_ce", "0");
	put(&bench, SPLIT, "never");
	put(&bench, THP "/hugepages-64kB/enabled", "always [inherit] madvise never");
	put(&bench, THP "/shmem_enabled", "always within_size advise never [deny] force");
	plan(&bench);
	assert_wanted(&bench, NMI_WATCHDOG, "1", true);
	assert_wanted(&bench, "/proc/sys/kernel/hung_task_timeout_secs", "0", true);
	assert_wanted(&bench, "/proc/sys/vm/stat_interval", "120", true);
	assert_wanted(&bench, "/sys/devices/system/machinecheck/machinecheck0/ignore_ce", "0", true);
	assert_wanted(&bench, SPLIT, "never", true);
	assert_wanted(&bench, RATIO, NULL, false);
	assert_wanted(&bench, THP "/hugepages-64kB/enabled", "inherit", true);
	assert_wanted(&bench, THP "/shmem_enabled", "deny", true);
	CU_ASSERT_EQUAL(changes_pending(&bench.changes), 0);
	change_bench_done(&bench);
}

static void masks_lose_partition_cpus_alone(void)
{
	struct change_bench bench;

	set_up(&bench, false);
	put(&bench, WATCHED, "1-3,64-67");
	put(&bench, WORKQUEUES, "ff,ffffffff,0000000e");
	plan(&bench);
	assert_wanted(&bench, WATCHED, "1,64-67", false);
	assert_wanted(&bench, WORKQUEUES, "ff,ffffffff,00000002", false);
	/* Nothing else is left: all of housekeeping. */
	put(&bench, WATCHED, "2-3");
	put(&bench, WORKQUEUES, "c");
	plan(&bench);
	assert_wanted(&bench, WATCHED, "0-1", false);
	assert_wanted(&bench, WORKQUEUES, "3", false);
	change_bench_done(&bench);
}

static void pages_that_were_merged_are_parted(void)
{
	struct change_bench bench;

	set_up(&bench, false);
	put(&bench, "/sys/kernel/mm/ksm/pages_shared", "12");
	plan(&bench);
	assert_wanted(&bench, KSM, "2", false);
	change_bench_done(&bench);
}

static void what_the_kernel_would_refuse_is_not_asked(void)
{
	struct change_bench bench;

	set_up(&bench, true);
	put(&bench, INJECT, "-1");
	put(&bench, GOVERNOR("2"), "powersave");
	put(&bench, GOVERNORS("2"), "schedutil powersave");
	put(&bench, GOVERNOR("3"), "powersave");
	put(&bench, GOVERNORS("3"), "performance powersave");
	put(&bench, FEATURES, "PLACE_LAG HRTICK");
	plan(&bench);
	assert_wanted(&bench, INJECT, NULL, false);
	assert_wanted(&bench, GOVERNOR("2"), NULL, false);
	assert_wanted(&bench, GOVERNOR("3"), "performance", false);
	assert_wanted(&bench, GOVERNOR("0"), NULL, false);
	assert_wanted(&bench, FEATURES, NULL, false);
	change_bench_done(&bench);
}

/* Without a file the doctor's own idea of a host decides. */
static void a_host_without_a_file_is_served_too(void)
{
	struct change_bench bench;
	struct changes changes = {0};

	set_up(&bench, false);
	put(&bench, KSM, "1");
	put(&bench, SERVER("2"), "50000000");
	plan(&bench);
	CU_ASSERT_EQUAL(setting_changes(NULL, &bench.host, &bench.cpus, &changes, &bench.findings), 0);
	CU_ASSERT_PTR_NOT_NULL(changes_find(&changes, KSM));
	CU_ASSERT_PTR_NOT_NULL(changes_find(&changes, SERVER("2")));
	CU_ASSERT_EQUAL(bench.findings.count, 0);
	changes_done(&changes);
	change_bench_done(&bench);
}

static void a_changed_host_asks_for_the_same_again(void)
{
	assert_fixed_points(setting_changes);
}

void test_setting_changes_register(void)
{
	CU_pSuite suite = CU_add_suite("test_setting_changes", NULL, NULL);

	CU_ADD_TEST(suite, a_good_host_stays_as_it_is);
	CU_ADD_TEST(suite, what_is_bad_is_set);
	CU_ADD_TEST(suite, what_is_not_there_is_not_wanted);
	CU_ADD_TEST(suite, what_cannot_be_read_is_not_written);
	CU_ADD_TEST(suite, masks_that_are_none_are_not_written);
	CU_ADD_TEST(suite, without_partitions_nothing_is_wanted);
	CU_ADD_TEST(suite, each_kind_has_its_own);
	CU_ADD_TEST(suite, throttling_ends_as_far_as_admission_allows);
	CU_ADD_TEST(suite, throttling_of_an_unknown_kind_is_ended_too);
	CU_ADD_TEST(suite, debugfs_that_is_not_mounted_is_named);
	CU_ADD_TEST(suite, what_is_good_enough_stays);
	CU_ADD_TEST(suite, masks_lose_partition_cpus_alone);
	CU_ADD_TEST(suite, pages_that_were_merged_are_parted);
	CU_ADD_TEST(suite, what_the_kernel_would_refuse_is_not_asked);
	CU_ADD_TEST(suite, a_host_without_a_file_is_served_too);
	CU_ADD_TEST(suite, a_changed_host_asks_for_the_same_again);
}
