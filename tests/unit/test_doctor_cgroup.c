// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of control groups. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define GROUP "/sys/fs/cgroup/bulkhead.slice"
#define PARTITION GROUP "/cpuset.cpus.partition"
#define CONFIG "/boot/config-6.12.41-rt-amd64"

void test_doctor_cgroup_register(void);

static void cpuset_controller(void)
{
	struct partition_config partition = {.isolation = ISOLATION_ISOLCPUS};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	assert_good("P16-cpuset");
	assert_spoilt("P16-cpuset", "/proc/mounts", "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0",
		      DOCTOR_WARN, "cgroup v1", "systemd.unified_cgroup_hierarchy=1");
	assert_spoilt("P16-cpuset", "/proc/mounts", "", DOCTOR_WARN, "no cgroups", "reboot");
	assert_spoilt("P16-cpuset", "/sys/fs/cgroup/cgroup.controllers", "cpu io", DOCTOR_WARN,
		      "without cpuset", "reboot");
	assert_unread("P16-cpuset", "/proc/mounts");
	assert_unread("P16-cpuset", "/sys/fs/cgroup/cgroup.controllers");

	doctor_set_up(&bench);
	bench.machine = &machine;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-cpuset"), DOCTOR_NOT_APPLICABLE);
	partition.isolation = ISOLATION_ANY;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-cpuset"), DOCTOR_NOT_APPLICABLE);
	cpulist_add(&partition.cpus, 3);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-cpuset"), DOCTOR_PASS);
	doctor_put(&bench, "/sys/fs/cgroup/cgroup.controllers", "cpu io");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-cpuset"), DOCTOR_WARN);
	partition.isolation = ISOLATION_CPUSET;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-cpuset"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

/* Each of the kernel's own words has advice of its own. */
static void invalid_partitions(void)
{
	static const struct {
		const char *state, *remedy;
	} rows[] = {
		{"root invalid (Invalid cpu list in cpuset.cpus.exclusive)", "cpuset.cpus.exclusive"},
		{"root invalid (Parent is an invalid partition root)", GROUP "/../cpuset.cpus.partition"},
		{"root invalid (Parent is not a partition root)", "echo root > " GROUP "/../"},
		{"isolated invalid (Cpu list in cpuset.cpus not exclusive)", "grep . " GROUP "/../*/"},
		{"root invalid (Parent unable to distribute cpu downstream)", "cpuset.cpus.effective"},
		{"isolated invalid (No cpu available due to hotplug)", "/sys/devices/system/cpu/offline"},
		{"root invalid (cpuset.cpus is empty)", "write its CPUs"},
		{"root invalid (cpuset.cpus and cpuset.cpus.exclusive are empty)", "write its CPUs"},
		{"isolated invalid (partition config conflicts with housekeeping setup)", "isolcpus=domain"},
		{"isolated invalid (Enable partition not permitted)", "as root"},
		{"isolated invalid", "cat " PARTITION},
		{"isolated invalid (a reason of later kernels)", "cat " PARTITION},
		{"isolated invalid (%s%n%s)", "cat " PARTITION},
	};

	assert_good("P16-partitions");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_spoilt("P16-partitions", PARTITION, rows[i].state, DOCTOR_FAIL, rows[i].state,
			      rows[i].remedy);
	assert_spoilt("P16-partitions", PARTITION, "something", DOCTOR_UNKNOWN, PARTITION, "");
	assert_unread("P16-partitions", PARTITION);
	assert_unread("P16-partitions", "/proc/mounts");
}

/* A folder's name goes into a command only where a shell takes it for one word. */
static void a_hostile_folder_is_no_command(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put(&bench, "/sys/fs/cgroup/a;reboot/cpuset.cpus.partition",
		   "root invalid (cpuset.cpus is empty)");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-partitions"), DOCTOR_FAIL);
	CU_ASSERT_PTR_NULL(strstr(bench.result.remedy, "reboot"));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.value, "a;reboot"));
	doctor_tear_down(&bench);
}

static void partitions_several_levels_down(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put(&bench, "/sys/fs/cgroup/a/b/c/cpuset.cpus.partition",
		   "root invalid (Parent is not a partition root)");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-partitions"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

/* A group that apply made for vCPUs and somebody took its CPUs from; others' groups may be members. */
static void a_group_of_vcpus_is_a_partition(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead-plc/cgroup.type", "threaded");
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead-plc/cpuset.cpus.partition", "isolated");
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead.io/cgroup.type", "threaded");
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead.io/cpuset.cpus.partition", "member");
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead-panel/cgroup.type", "domain");
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead-panel/cpuset.cpus.partition", "member");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-partitions"), DOCTOR_PASS);
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead-plc/cpuset.cpus.partition", "member");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-partitions"), DOCTOR_FAIL);
	doctor_put_error(&bench, "/sys/fs/cgroup/bulkhead-plc/cgroup.type", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-partitions"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static void isolcpus_beside_partitions(void)
{
	struct doctor_bench bench;

	assert_good("P16-isolcpus");
	assert_spoilt("P16-isolcpus", "/proc/cmdline", "isolcpus=2-3", DOCTOR_FAIL, "isolcpus=2-3 and 1",
		      "isolcpus=managed_irq,2-3");
	assert_spoilt("P16-isolcpus", "/proc/cmdline", "isolcpus=domain,managed_irq,2-3", DOCTOR_FAIL,
		      "1 cpuset partition", "reboot");
	/* A flag the kernel does not know is none, and without flags domain is meant. */
	assert_spoilt("P16-isolcpus", "/proc/cmdline", "isolcpus=io_queue,2-3", DOCTOR_FAIL, "1 cpuset partition",
		      "isolcpus=managed_irq,2-3");
	assert_spoilt("P16-isolcpus", "/proc/cmdline", "quiet", DOCTOR_PASS, "no isolcpus", "");
	assert_unread("P16-isolcpus", "/proc/cmdline");
	doctor_set_up(&bench);
	doctor_put(&bench, "/proc/cmdline", "isolcpus=2-3");
	doctor_put_error(&bench, PARTITION, EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-isolcpus"), DOCTOR_UNKNOWN);
	doctor_put(&bench, PARTITION, "member");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P16-isolcpus"), DOCTOR_PASS);
	doctor_tear_down(&bench);
}

static void real_time_groups(void)
{
	struct doctor_bench bench;

	assert_good("P18-rt-groups");
	assert_spoilt("P18-rt-groups", CONFIG, "CONFIG_RT_GROUP_SCHED=y\n", DOCTOR_FAIL,
		      "CONFIG_RT_GROUP_SCHED=y", "rt_group_sched=0");
	assert_spoilt("P18-rt-groups", CONFIG,
		      "CONFIG_RT_GROUP_SCHED=y\nCONFIG_RT_GROUP_SCHED_DEFAULT_DISABLED=y\n", DOCTOR_PASS,
		      "turned off", "");
	assert_unread("P18-rt-groups", CONFIG);

	doctor_set_up(&bench);
	doctor_put(&bench, CONFIG, "CONFIG_RT_GROUP_SCHED=y\n");
	doctor_put(&bench, "/proc/mounts", "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P18-rt-groups"), DOCTOR_FAIL);
	doctor_put(&bench, "/sys/fs/cgroup/cpu/cpu.rt_runtime_us", "950000");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P18-rt-groups"), DOCTOR_WARN);
	doctor_tear_down(&bench);

	doctor_set_up(&bench);
	doctor_put(&bench, CONFIG, "CONFIG_RT_GROUP_SCHED=y\n");
	doctor_put(&bench, "/proc/cmdline", "rt_group_sched=0");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P18-rt-groups"), DOCTOR_FAIL);
	doctor_put(&bench, "/proc/sys/kernel/osrelease", "6.18.1");
	doctor_put(&bench, "/boot/config-6.18.1", "CONFIG_RT_GROUP_SCHED=y\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P18-rt-groups"), DOCTOR_PASS);
	doctor_put(&bench, "/proc/cmdline", "rt_group_sched=off");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P18-rt-groups"), DOCTOR_FAIL);
	doctor_put(&bench, "/proc/cmdline", "rt_group_sched=1");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P18-rt-groups"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

void test_doctor_cgroup_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_cgroup", NULL, NULL);

	CU_add_test(suite, "cpuset controller", cpuset_controller);
	CU_add_test(suite, "invalid partitions", invalid_partitions);
	CU_add_test(suite, "a hostile folder is no command", a_hostile_folder_is_no_command);
	CU_add_test(suite, "partitions several levels down", partitions_several_levels_down);
	CU_add_test(suite, "a group of vCPUs is a partition", a_group_of_vcpus_is_a_partition);
	CU_add_test(suite, "isolcpus beside partitions", isolcpus_beside_partitions);
	CU_add_test(suite, "real-time groups", real_time_groups);
}
