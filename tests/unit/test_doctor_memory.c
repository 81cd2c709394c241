// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of memory, one spoilt fact at a time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define KSM "/sys/kernel/mm/ksm/"
#define THP "/sys/kernel/mm/transparent_hugepage/enabled"
#define NUMA "/proc/sys/kernel/numa_balancing"
#define STAT_INTERVAL "/proc/sys/vm/stat_interval"
#define SWAPS "/proc/swaps"
#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define POOL_1G "/sys/kernel/mm/hugepages/hugepages-1048576kB/"

void test_doctor_memory_register(void);

static void merging(void)
{
	assert_good("P26-ksm");
	assert_spoilt("P26-ksm", KSM "run", "1", DOCTOR_FAIL, "run 1", "echo 2 > /sys/kernel/mm/ksm/run");
	assert_spoilt("P26-ksm", KSM "run", "2", DOCTOR_PASS, "run 2", "");
	assert_spoilt("P26-ksm", KSM "run", "7", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P26-ksm", KSM "run", "yes", DOCTOR_UNKNOWN, "not understood", "");
	/* Stopping leaves merged what was. */
	assert_spoilt("P26-ksm", KSM "pages_shared", "12", DOCTOR_WARN, "12 pages shared", "echo 2 >");
	assert_spoilt("P26-ksm", KSM "run", NULL, DOCTOR_PASS, "no KSM", "");
	assert_unread("P26-ksm", KSM "run");
	assert_unread("P26-ksm", KSM "pages_shared");
}

static void transparent_hugepages(void)
{
	assert_good("P26-thp");
	assert_spoilt("P26-thp", THP, "[always] madvise never", DOCTOR_FAIL, "always", "echo never > ");
	/* Each size of its own. */
	assert_spoilt("P26-thp", "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled",
		      "[always] inherit madvise never", DOCTOR_WARN, "hugepages-64kB", "echo never > ");
	assert_spoilt("P26-thp", "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled",
		      "always [inherit] madvise never", DOCTOR_PASS, "never", "");
	assert_spoilt("P26-thp", "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
		      "always [within_size] advise never deny force", DOCTOR_WARN, "shmem_enabled", "echo never > ");
	assert_spoilt("P26-thp", THP, "always [madvise] never", DOCTOR_WARN, "madvise", "transparent_hugepage=never");
	assert_spoilt("P26-thp", THP, "always madvise never", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P26-thp", THP, NULL, DOCTOR_PASS, "no transparent", "");
	assert_unread("P26-thp", THP);
}

static void balancing(void)
{
	assert_good("P26-numa-balancing");
	assert_spoilt("P26-numa-balancing", NUMA, "1", DOCTOR_FAIL, "1", "sysctl -w kernel.numa_balancing=0");
	assert_spoilt("P26-numa-balancing", NUMA, "2", DOCTOR_FAIL, "2", "sysctl");
	assert_spoilt("P26-numa-balancing", NUMA, "", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P26-numa-balancing", NUMA, NULL, DOCTOR_PASS, "does not balance", "");
	assert_unread("P26-numa-balancing", NUMA);
}

static void statistics_interval(void)
{
	assert_good("P26-stat-interval");
	assert_spoilt("P26-stat-interval", STAT_INTERVAL, "1", DOCTOR_WARN, "1 s", "sysctl -w vm.stat_interval=10");
	assert_spoilt("P26-stat-interval", STAT_INTERVAL, "120", DOCTOR_PASS, "120 s", "");
	assert_spoilt("P26-stat-interval", STAT_INTERVAL, "long", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P26-stat-interval", STAT_INTERVAL, NULL, DOCTOR_UNKNOWN, "no such file", "");
	assert_unread("P26-stat-interval", STAT_INTERVAL);
}

static void swap(void)
{
	assert_good("P26-swap");
	assert_spoilt("P26-swap", SWAPS, "Filename\tType\tSize\n/dev/sda3 partition 1 0 -2\n/swap\\040file file 1 0 -3",
		      DOCTOR_WARN, "/dev/sda3, /swap\\040file", "swapoff -a");
	assert_spoilt("P26-swap", SWAPS, "", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P26-swap", SWAPS, NULL, DOCTOR_PASS, "no swap", "");
	assert_unread("P26-swap", SWAPS);
}

static void pools_in_general(void)
{
	struct doctor_bench bench;

	assert_good("M1-hugepages");
	assert_spoilt("M1-hugepages", POOL "nr_hugepages", "0", DOCTOR_WARN, "no pool has a page", "echo 512 > ");
	assert_spoilt("M1-hugepages", POOL "free_hugepages", "0", DOCTOR_WARN, "0 of", "/maps");
	/* Free, and promised to somebody. */
	assert_spoilt("M1-hugepages", POOL "resv_hugepages", "100000", DOCTOR_WARN, "0 of", "/maps");
	doctor_set_up(&bench);
	doctor_put_error(&bench, POOL "resv_hugepages", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "M1-hugepages"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
	doctor_set_up(&bench);
	doctor_put(&bench, POOL "nr_hugepages", "0");
	doctor_put_error(&bench, POOL_1G "nr_hugepages", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "M1-hugepages"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static void assert_pool(struct doctor_bench *bench, enum doctor_verdict verdict, const char *value)
{
	CU_ASSERT_EQUAL(doctor_look(bench, "M1-hugepages"), verdict);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench->result.value, value));
}

static void pools_for_a_file(void)
{
	struct partition_config partitions[2] = {
		{.memory_bytes = UINT64_C(512) << 20, .page_bytes = UINT64_C(2) << 20, .memory_node = -1},
		{.memory_bytes = UINT64_C(512) << 20, .page_bytes = UINT64_C(2) << 20, .memory_node = -1},
	};
	struct machine_config machine = {.partition = partitions, .partition_count = 2};
	struct doctor_bench bench;

	doctor_set_up(&bench);
	bench.machine = &machine;
	assert_pool(&bench, DOCTOR_PASS, "enough");
	doctor_put(&bench, POOL "free_hugepages", "100");
	assert_pool(&bench, DOCTOR_WARN, "100 of 512 pages of 2M are free, the file takes 512");
	doctor_put(&bench, POOL "nr_hugepages", "511");
	assert_pool(&bench, DOCTOR_FAIL, "100 of 511");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "echo 923 > " POOL "nr_hugepages"));
	doctor_put_error(&bench, POOL "nr_hugepages", EACCES);
	assert_pool(&bench, DOCTOR_UNKNOWN, "pool of 2M pages");
	/* What is not needed need not be known. */
	partitions[0].page_bytes = partitions[1].page_bytes = UINT64_C(1) << 30;
	assert_pool(&bench, DOCTOR_FAIL, "0 of 0 pages of 1G are free, the file takes 2");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "hugepagesz=1G hugepages=2"));
	partitions[0].page_bytes = partitions[1].page_bytes = 4096;
	assert_pool(&bench, DOCTOR_NOT_APPLICABLE, "no partition");
	doctor_tear_down(&bench);
}

/* A second node, with CPU 3 and pools of its own. */
static void add_node(struct host_topology *topology, uint64_t first_free, uint64_t second_free)
{
	struct host_node *nodes = calloc(2, sizeof(*nodes));

	CU_ASSERT_PTR_NOT_NULL_FATAL(nodes);
	free(topology->node);
	topology->node = nodes;
	topology->node_count = 2;
	nodes[0].pool[0] = (struct host_pool){UINT64_C(2) << 20, true, 256, first_free};
	nodes[1].pool[0] = (struct host_pool){UINT64_C(2) << 20, true, 256, second_free};
	nodes[1].number = 1;
	topology->cpu[3].node = 1;
}

/* What the whole host has free says nothing about one node. */
static void pools_of_nodes(void)
{
	struct partition_config partition = {
		.memory_bytes = UINT64_C(256) << 20, .page_bytes = UINT64_C(2) << 20, .memory_node = 1,
	};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	doctor_set_up(&bench);
	bench.machine = &machine;
	add_node(&bench.host.topology, 256, 100);
	assert_pool(&bench, DOCTOR_WARN, "100 of 256 pages of 2M of node 1 are free, the file takes 128");
	bench.host.topology.node[1].pool[0].total = 100;
	assert_pool(&bench, DOCTOR_FAIL, "100 of 100 pages of 2M of node 1");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "echo 128 > /sys/devices/system/node/node1/hugepages/"
							   "hugepages-2048kB/nr_hugepages"));
	partition.memory_node = -1;
	cpulist_add(&partition.cpus, 3);
	assert_pool(&bench, DOCTOR_FAIL, "of node 1");
	cpulist_add(&partition.cpus, 2);
	assert_pool(&bench, DOCTOR_PASS, "enough");
	bench.host.topology.node[1].pool[0].known = false;
	assert_pool(&bench, DOCTOR_UNKNOWN, "of node 0-1 could not be read");
	partition.memory_node = 7;
	assert_pool(&bench, DOCTOR_UNKNOWN, "of node 7");
	doctor_tear_down(&bench);
}

void test_doctor_memory_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_memory", NULL, NULL);

	CU_ADD_TEST(suite, merging);
	CU_ADD_TEST(suite, transparent_hugepages);
	CU_ADD_TEST(suite, balancing);
	CU_ADD_TEST(suite, statistics_interval);
	CU_ADD_TEST(suite, swap);
	CU_ADD_TEST(suite, pools_in_general);
	CU_ADD_TEST(suite, pools_for_a_file);
	CU_ADD_TEST(suite, pools_of_nodes);
}
