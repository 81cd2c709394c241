// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of what the scheduler grants. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define SERVER "/sys/kernel/debug/sched/fair_server/"
#define RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
#define PERIOD "/proc/sys/kernel/sched_rt_period_us"
#define RELEASE "/proc/sys/kernel/osrelease"
#define CONFIG "/boot/config-6.12.41-rt-amd64"

void test_doctor_deadline_register(void);

static void fair_server(void)
{
	struct doctor_bench bench;

	assert_good("P5-fair-server");
	assert_spoilt("P5-fair-server", SERVER "cpu3/runtime", "50000000", DOCTOR_FAIL,
		      "up to 50000 us per period on CPU 3",
		      "for c in 3; do echo 0 > /sys/kernel/debug/sched/fair_server/cpu$c/runtime; done");
	assert_spoilt("P5-fair-server", SERVER "cpu3/runtime", NULL, DOCTOR_UNKNOWN, "cpu3", "");
	assert_unread("P5-fair-server", SERVER "cpu2/runtime");

	doctor_set_up(&bench);
	for (unsigned cpu = 2; cpu <= 3; cpu++) {
		doctor_remove(&bench, cpu == 2 ? SERVER "cpu2/runtime" : SERVER "cpu3/runtime");
		doctor_remove(&bench, cpu == 2 ? SERVER "cpu2/period" : SERVER "cpu3/period");
	}
	CU_ASSERT_EQUAL(doctor_look(&bench, "P5-fair-server"), DOCTOR_UNKNOWN);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "mount -t debugfs none /sys/kernel/debug"));
	doctor_put(&bench, RELEASE, "6.1.0-37-rt-amd64");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P5-fair-server"), DOCTOR_PASS);
	doctor_tear_down(&bench);
}

/* On the CPUs of SCHED_DEADLINE partitions the server takes what their reservations leave. */
static void fair_server_beside_deadlines(void)
{
	struct partition_config partition[2] = {
		{.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}},
		{.schedule = {.policy = VCPU_POLICY_DEADLINE}},
	};
	struct machine_config machine = {.partition = partition, .partition_count = 2};
	struct doctor_bench bench;

	cpulist_add(&partition[0].cpus, 2);
	cpulist_add(&partition[1].cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, SERVER "cpu3/runtime", "50000000");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P5-fair-server"), DOCTOR_PASS);
	doctor_put(&bench, SERVER "cpu2/runtime", "50000000");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P5-fair-server"), DOCTOR_FAIL);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "for c in 2;"));
	doctor_tear_down(&bench);
}

static void tick(void)
{
	static const char path[] = "/sys/kernel/debug/sched/features";

	assert_good("P15-deadline-tick");
	assert_spoilt("P15-deadline-tick", path, "PLACE_LAG NO_HRTICK_DL", DOCTOR_WARN, "NO_HRTICK_DL",
		      "echo HRTICK_DL > /sys/kernel/debug/sched/features");
	assert_spoilt("P15-deadline-tick", path, "PLACE_LAG", DOCTOR_UNKNOWN, "does not say", "");
	assert_unread("P15-deadline-tick", path);
}

static void admission(void)
{
	struct doctor_bench bench;

	assert_good("P15-deadline-admission");
	assert_spoilt("P15-deadline-admission", RUNTIME, "-1", DOCTOR_WARN, "-1",
		      "sysctl -w kernel.sched_rt_runtime_us=950000");
	assert_spoilt("P15-deadline-admission", RUNTIME, "0", DOCTOR_FAIL, "0 of 1000000", "sysctl");
	assert_spoilt("P15-deadline-admission", RUNTIME, "2000000", DOCTOR_UNKNOWN, "runtime", "");
	assert_spoilt("P15-deadline-admission", PERIOD, "many", DOCTOR_UNKNOWN, "period", "");
	assert_unread("P15-deadline-admission", RUNTIME);
	assert_unread("P15-deadline-admission", PERIOD);

	/* Where the number also throttles SCHED_FIFO, the whole period is right for both. */
	doctor_set_up(&bench);
	doctor_put(&bench, RELEASE, "6.1.0-37-rt-amd64");
	doctor_put(&bench, "/boot/config-6.1.0-37-rt-amd64", "CONFIG_PREEMPT_RT=y\n");
	doctor_put(&bench, RUNTIME, "-1");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P15-deadline-admission"), DOCTOR_WARN);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "sched_rt_runtime_us=1000000 #"));
	doctor_put(&bench, RUNTIME, "1000000");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P15-deadline-admission"), DOCTOR_PASS);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P32-throttling"), DOCTOR_PASS);
	/* But for the root group, which keeps its own limit. */
	doctor_put(&bench, "/boot/config-6.1.0-37-rt-amd64", "CONFIG_RT_GROUP_SCHED=y\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P32-throttling"), DOCTOR_FAIL);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.value, "root group"));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "sched_rt_runtime_us=-1"));
	doctor_put_error(&bench, "/boot/config-6.1.0-37-rt-amd64", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P32-throttling"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static void partitions_for_deadlines(void)
{
	assert_good("P15-deadline-cpuset");
	assert_spoilt("P15-deadline-cpuset", "/proc/mounts", "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0",
		      DOCTOR_WARN, "cgroup v1", "systemd.unified_cgroup_hierarchy=1");
	assert_spoilt("P15-deadline-cpuset", "/proc/mounts",
		      "cgroup /c cgroup rw,cpuset 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0", DOCTOR_WARN,
		      "v1 hierarchy's", "cgroup_no_v1=all");
	assert_spoilt("P15-deadline-cpuset", "/sys/fs/cgroup/cgroup.controllers", "cpu memory", DOCTOR_WARN,
		      "without cpuset", "CONFIG_CPUSETS");
	assert_unread("P15-deadline-cpuset", "/proc/mounts");
	assert_unread("P15-deadline-cpuset", "/sys/fs/cgroup/cgroup.controllers");
}

static void throttling(void)
{
	struct doctor_bench bench;

	assert_good("P32-throttling");
	assert_spoilt("P32-throttling", CONFIG, "CONFIG_RT_GROUP_SCHED=y\n", DOCTOR_FAIL, "950000 of 1000000",
		      "sysctl -w kernel.sched_rt_runtime_us=-1");
	assert_spoilt("P32-throttling", RUNTIME, "-1", DOCTOR_PASS, "-1", "");
	assert_unread("P32-throttling", RUNTIME);
	assert_unread("P32-throttling", CONFIG);
	doctor_set_up(&bench);
	doctor_put(&bench, RELEASE, "6.11.1");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P32-throttling"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

static void throttled_before(void)
{
	assert_good("P32-throttled");
	assert_spoilt("P32-throttled", "/bulkhead/kernel-log", "sched: RT throttling activated", DOCTOR_WARN,
		      "RT throttling activated", "grep");
	assert_spoilt("P32-throttled", "/bulkhead/kernel-log", "hrtimer: interrupt took 9000 ns", DOCTOR_UNKNOWN,
		      "no longer has its beginning", "journalctl");
	assert_unread("P32-throttled", "/bulkhead/kernel-log");
}

static void kernel_for_deadlines(void)
{
	struct doctor_bench bench;

	assert_good("P33-deadline-kernel");
	assert_spoilt("P33-deadline-kernel", RELEASE, "5.4.0-rt", DOCTOR_FAIL, "Linux 5.4.0-rt", "6.1");
	assert_spoilt("P33-deadline-kernel", RELEASE, "none", DOCTOR_UNKNOWN, "release", "");
	doctor_set_up(&bench);
	doctor_put_error(&bench, RELEASE, EACCES);
	doctor_put_error(&bench, "/proc/version", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P33-deadline-kernel"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

void test_doctor_deadline_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_deadline", NULL, NULL);

	CU_add_test(suite, "fair server", fair_server);
	CU_add_test(suite, "fair server beside deadlines", fair_server_beside_deadlines);
	CU_add_test(suite, "admission", admission);
	CU_add_test(suite, "tick", tick);
	CU_add_test(suite, "partitions for deadlines", partitions_for_deadlines);
	CU_add_test(suite, "throttling", throttling);
	CU_add_test(suite, "throttled before", throttled_before);
	CU_add_test(suite, "kernel for deadlines", kernel_for_deadlines);
}
