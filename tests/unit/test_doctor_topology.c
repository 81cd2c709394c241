// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of the CPUs themselves, one spoilt fact at a time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define SMI "/bulkhead/msr/0x34"
#define SMI_LATER "/bulkhead/later/bulkhead/msr/0x34"

void test_doctor_topology_register(void);

static void assert_looks(struct doctor_bench *bench, const char *id, enum doctor_verdict verdict,
			 const char *value)
{
	CU_ASSERT_EQUAL(doctor_look(bench, id), verdict);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench->result.value, value));
}

static void smis_are_counted(void)
{
	struct doctor_bench bench;

	assert_good("P21-smi");
	assert_spoilt("P21-smi", SMI_LATER, "0 19", DOCTOR_FAIL, "2 in 500 ms, 19 since power-on", "turbostat");
	assert_spoilt("P21-smi", SMI, "0 4294967295", DOCTOR_FAIL, "18 in 500 ms", "turbostat");
	assert_spoilt("P21-smi", SMI_LATER, "1 17", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P21-smi", SMI, "0", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P21-smi", SMI, "0 many", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P21-smi", SMI, "99999999999999999999 1", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P21-smi", SMI, NULL, DOCTOR_UNKNOWN, "no such file", "modprobe msr");
	/* A virtual machine has a count of its own, and it stays at 0. */
	assert_spoilt("P21-smi", "/proc/cpuinfo", "vendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor lahf_lm",
		      DOCTOR_UNKNOWN, "virtual machine", "");
	assert_unread("P21-smi", SMI);
	assert_unread("P21-smi", SMI_LATER);
	assert_unread("P21-smi", "/bulkhead/window-ns");
	assert_spoilt("P21-smi", "/bulkhead/window-ns", "0", DOCTOR_UNKNOWN, "time watched", "");
	assert_spoilt("P21-smi", "/bulkhead/window-ns", "1000", DOCTOR_UNKNOWN, "nothing shows in 1 us", "");

	doctor_set_up(&bench);
	doctor_put(&bench, "/proc/cpuinfo", "processor\t: 0\nvendor_id\t: AuthenticAMD\n");
	assert_looks(&bench, "P21-smi", DOCTOR_NOT_APPLICABLE, "AuthenticAMD");
	doctor_put_error(&bench, "/proc/cpuinfo", EACCES);
	assert_looks(&bench, "P21-smi", DOCTOR_UNKNOWN, "vendor");
	doctor_tear_down(&bench);
}

/* A real-time partition of one CPU. */
static void one_partition(struct partition_config *partition, struct machine_config *machine,
			  unsigned cpu)
{
	*partition = (struct partition_config){
		.name = "plc",
		.memory_node = PARTITION_NODE_OWN,
		.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1},
	};
	cpulist_add(&partition->cpus, cpu);
	*machine = (struct machine_config){.partition = partition, .partition_count = 1};
}

static void cpus_are_there_and_online(void)
{
	struct partition_config partition;
	struct machine_config machine;
	struct doctor_bench bench;

	assert_good("S1-cpus-online");
	one_partition(&partition, &machine, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	assert_looks(&bench, "S1-cpus-online", DOCTOR_PASS, "all online");
	cpulist_remove(&bench.host.topology.online, 3);
	assert_looks(&bench, "S1-cpus-online", DOCTOR_FAIL, "CPU 3 is offline");
	CU_ASSERT_STRING_EQUAL(bench.result.remedy, "chcpu -e 3");
	cpulist_add(&partition.cpus, 77);
	assert_looks(&bench, "S1-cpus-online", DOCTOR_FAIL, "no CPU 77");
	bench.host.topology.online = (struct cpulist){0};
	assert_looks(&bench, "S1-cpus-online", DOCTOR_UNKNOWN, "not known");
	doctor_tear_down(&bench);
}

static void cpus_may_be_used(void)
{
	struct doctor_bench bench;

	assert_good("S4-cpus-allowed");
	doctor_set_up(&bench);
	cpulist_remove(&bench.host.topology.allowed, 3);
	/* Isolated CPUs are nobody's until somebody asks for them. */
	assert_looks(&bench, "S4-cpus-allowed", DOCTOR_PASS, "CPU 0-2");
	doctor_put(&bench, "/sys/devices/system/cpu/isolated", "");
	assert_looks(&bench, "S4-cpus-allowed", DOCTOR_PASS, "CPU 0-2");
	doctor_put(&bench, "/sys/fs/cgroup/cpuset.cpus.isolated", "");
	assert_looks(&bench, "S4-cpus-allowed", DOCTOR_WARN, "CPU 0-2");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "taskset -pc 2-3"));
	bench.host.topology.allowed = (struct cpulist){0};
	assert_looks(&bench, "S4-cpus-allowed", DOCTOR_UNKNOWN, "not known");
	doctor_tear_down(&bench);
}

static void siblings_belong_together(void)
{
	struct partition_config partition;
	struct machine_config machine;
	struct doctor_bench bench;

	assert_good("S2-siblings");
	doctor_set_up(&bench);
	/* Two cores of two threads: 0 and 2, 1 and 3. */
	bench.host.topology.cpu[2].core = 0;
	bench.host.topology.cpu[3].core = 1;
	assert_looks(&bench, "S2-siblings", DOCTOR_FAIL, "CPU 2-3 shares its core with 0-1");
	/* Somebody must do the housekeeping: CPU 0 at least. */
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "whole cores"));
	one_partition(&partition, &machine, 3);
	bench.machine = &machine;
	assert_looks(&bench, "S2-siblings", DOCTOR_FAIL, "CPU 3 shares its core with 1");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "chcpu -d 1 "));
	cpulist_add(&partition.cpus, 1);
	assert_looks(&bench, "S2-siblings", DOCTOR_PASS, "none");
	cpulist_remove(&partition.cpus, 1);
	partition.share_cores = true;
	assert_looks(&bench, "S2-siblings", DOCTOR_PASS, "none");
	partition.share_cores = false;
	cpulist_remove(&bench.host.topology.online, 1);
	assert_looks(&bench, "S2-siblings", DOCTOR_PASS, "none");
	bench.host.topology.cpu[3].core = TOPOLOGY_UNKNOWN;
	assert_looks(&bench, "S2-siblings", DOCTOR_UNKNOWN, "cores of CPU 3");
	doctor_tear_down(&bench);
}

static void two_partitions_do_not_share_a_core(void)
{
	struct partition_config partitions[2];
	struct machine_config machine;
	struct doctor_bench bench;

	one_partition(&partitions[0], &machine, 2);
	one_partition(&partitions[1], &machine, 3);
	machine = (struct machine_config){.partition = partitions, .partition_count = 2};
	doctor_set_up(&bench);
	bench.machine = &machine;
	assert_looks(&bench, "S2-siblings", DOCTOR_PASS, "none");
	bench.host.topology.cpu[3].core = 2;
	assert_looks(&bench, "S2-siblings", DOCTOR_FAIL, "CPU 2-3 shares its core with another partition");
	doctor_tear_down(&bench);
}

static void partitions_stay_on_a_node(void)
{
	struct partition_config partition;
	struct machine_config machine;
	struct doctor_bench bench;

	one_partition(&partition, &machine, 3);
	doctor_set_up(&bench);
	assert_looks(&bench, "S3-nodes", DOCTOR_NOT_APPLICABLE, "one node");
	free(bench.host.topology.node);
	bench.host.topology.node = calloc(2, sizeof(struct host_node));
	CU_ASSERT_PTR_NOT_NULL_FATAL(bench.host.topology.node);
	bench.host.topology.node_count = 2;
	bench.host.topology.node[1].number = 4;
	bench.host.topology.cpu[3].node = 4;
	assert_looks(&bench, "S3-nodes", DOCTOR_NOT_APPLICABLE, "no file");
	bench.machine = &machine;
	assert_looks(&bench, "S3-nodes", DOCTOR_PASS, "so it is");
	partition.memory_node = 0;
	assert_looks(&bench, "S3-nodes", DOCTOR_WARN, "plc on nodes 0,4");
	partition.memory_node = PARTITION_NODE_OWN;
	cpulist_add(&partition.cpus, 2);
	assert_looks(&bench, "S3-nodes", DOCTOR_WARN, "plc on nodes 0,4");
	partition.cpus = (struct cpulist){0};
	cpulist_add(&partition.cpus, 4000);
	assert_looks(&bench, "S3-nodes", DOCTOR_UNKNOWN, "not known");
	doctor_tear_down(&bench);
}

void test_doctor_topology_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_topology", NULL, NULL);

	CU_ADD_TEST(suite, smis_are_counted);
	CU_ADD_TEST(suite, cpus_are_there_and_online);
	CU_ADD_TEST(suite, cpus_may_be_used);
	CU_ADD_TEST(suite, siblings_belong_together);
	CU_ADD_TEST(suite, two_partitions_do_not_share_a_core);
	CU_ADD_TEST(suite, partitions_stay_on_a_node);
}
