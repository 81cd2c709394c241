// SPDX-License-Identifier: Apache-2.0
/* The picture of a host, line by line, and that it stays within its width whatever the host. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cli/cpu_map.h"
#include "sched/placement.h"
#include "tests/unit/cut_fixture.h"

void test_cpu_map_register(void);

static const struct host_shape smt = {.cores = 4, .threads = 2};
static const struct host_shape server = {.nodes = 2, .caches = 4, .cores = 4, .threads = 2};

/* The picture as text, for the caller to free; with the owners that placement gives where @planned. */
static char *draw(struct cut *cut, bool planned)
{
	struct placement_plan placement = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	if (planned)
		CU_ASSERT_EQUAL_FATAL(
			placement_plan(&cut->machine, &cut->host, &placement, &cut->findings), 0);
	cpu_map_print(stream, &cut->host.topology, planned ? &placement : NULL,
		      planned ? &cut->machine : NULL);
	placement_plan_done(&placement);
	CU_ASSERT_EQUAL_FATAL(fclose(stream), 0);
	return text;
}

static void assert_picture(struct cut *cut, bool planned, const char *expected)
{
	char *text = draw(cut, planned);

	if (strcmp(text, expected) != 0) {
		printf("\n%s", text);
		CU_FAIL("another picture");
	}
	free(text);
}

/* No line is too wide. Returns the number of lines. */
static unsigned assert_width(struct cut *cut, bool planned)
{
	char *text = draw(cut, planned);
	unsigned lines = 0;
	unsigned columns = 0;

	for (const char *c = text; *c != '\0'; c++) {
		columns += ((unsigned char)*c & 0xc0) != 0x80 && *c != '\n';
		if (*c != '\n')
			continue;
		CU_ASSERT_TRUE(columns <= CPU_MAP_COLUMNS);
		columns = 0;
		lines++;
	}
	free(text);
	return lines;
}

static void owners_stand_beside_their_cores(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "plc", "2,6")->schedule.policy = VCPU_POLICY_DEADLINE;
	cut_add(&cut, "hmi", "2-3")->schedule.policy = VCPU_POLICY_DEADLINE;
	cut_add(&cut, "it", "")->vcpus = 2;
	cut_add(&cut, "log", "")->vcpus = 1;
	host_fixture_pool(&cut.host, 0, UINT64_C(2) << 20, 1024, 1000);
	host_fixture_offline(&cut.host, 5);
	assert_picture(&cut, true,
		       "8 CPUs: 1 package, 1 NUMA node, 1 last-level cache, 4 cores\n"
		       "package 0\n"
		       "└─ node 0: 8G of memory; 1024 pages of 2M, 1000 free\n"
		       "   └─ L3 16M        housekeeping        2 cores  0/4, 1\n"
		       "                    plc+hmi/plc         1 core   2/6\n"
		       "                    hmi/housekeeping    1 core   3/7\n"
		       "offline: CPU 5\n"
		       "without CPUs of their own: it (2 vCPUs) log (1 vCPU)\n");
	cut_tear_down(&cut);
}

static void what_is_alike_is_one_line(void)
{
	struct cut cut;

	cut_set_up(&cut, &server);
	cut_add(&cut, "du", "5-7,37-39");
	cut_add(&cut, "cu", "16-19,48-51");
	cut.machine.housekeeping = cut_cpus("0-3,32-35");
	assert_picture(&cut, true,
		       "64 CPUs: 2 packages, 2 NUMA nodes, 8 last-level caches, 32 cores\n"
		       "package 0\n"
		       "└─ node 0: 8G of memory; no hugepages\n"
		       "   ├─ L3 16M        housekeeping    4 cores  0/32..3/35\n"
		       "   ├─ L3 16M        free            1 core   4/36\n"
		       "   │                du              3 cores  5/37..7/39\n"
		       "   └─ 2 × L3 16M    free            8 cores  8/40..15/47\n"
		       "package 1\n"
		       "└─ node 1: 8G of memory; no hugepages\n"
		       "   ├─ L3 16M        cu              4 cores  16/48..19/51\n"
		       "   └─ 3 × L3 16M    free           12 cores  20/52..31/63\n");
	/* Alike in owner, but not in size. */
	cut.host.topology.cache[3].bytes = UINT64_C(96) << 20;
	cut.host.topology.cache[7].level = 2;
	cut.host.topology.cache[7].bytes = 0;
	assert_picture(&cut, false,
		       "64 CPUs: 2 packages, 2 NUMA nodes, 8 last-level caches, 32 cores\n"
		       "package 0\n"
		       "└─ node 0: 8G of memory; no hugepages\n"
		       "   ├─ 3 × L3 16M     12 cores  0/32..11/43\n"
		       "   └─ L3 96M          4 cores  12/44..15/47\n"
		       "package 1\n"
		       "└─ node 1: 8G of memory; no hugepages\n"
		       "   ├─ 3 × L3 16M     12 cores  16/48..27/59\n"
		       "   └─ L2              4 cores  28/60..31/63\n");
	cut_tear_down(&cut);
}

static void what_is_not_told_is_said(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "plc", "2,6");
	cpulist_add(&cut.host.topology.present, 9);
	cpulist_add(&cut.host.topology.online, 9);
	cut.host.topology.cpu[7].core = cut.host.topology.cpu[7].cache = TOPOLOGY_UNKNOWN;
	cut.host.topology.cpu[0].node = 7;
	cut.host.topology.node[0].memory_known = false;
	cut.host.topology.node[0].pool[1].known = false;
	assert_picture(&cut, true,
		       "9 CPUs: 1 package, 1 NUMA node, 1 last-level cache, 4 cores\n"
		       "package not told\n"
		       "└─ node not told\n"
		       "   └─ cache ?       housekeeping    1 core   9\n"
		       "package 0\n"
		       "├─ node 0: memory not told; pages of 1G not told\n"
		       "│  ├─ cache ?       housekeeping    1 core   7\n"
		       "│  └─ L3 16M        housekeeping    3 cores  4, 1/5, 3\n"
		       "│                   plc             1 core   2/6\n"
		       "└─ node 7: memory not told\n"
		       "   └─ L3 16M        housekeeping    1 core   0\n");
	cut_tear_down(&cut);
}

static void nodes_need_not_be_of_one_package(void)
{
	static const struct host_shape shape = {.nodes = 3, .cores = 2};
	struct cut cut;

	cut_set_up(&cut, &shape);
	for (unsigned cpu = 2; cpu < 4; cpu++)
		cut.host.topology.cpu[cpu].node = 0;
	host_fixture_offline(&cut.host, 4);
	host_fixture_offline(&cut.host, 5);
	assert_picture(&cut, false,
		       "6 CPUs: 3 packages, 3 NUMA nodes, 3 last-level caches, 6 cores\n"
		       "package 0\n"
		       "└─ node 0: 8G of memory; no hugepages\n"
		       "   └─ L3 16M          2 cores  0-1\n"
		       "package 1\n"
		       "└─ node 0: as above\n"
		       "   └─ L3 16M          2 cores  2-3\n"
		       "node 1, without CPUs: 8G of memory; no hugepages\n"
		       "node 2, without CPUs: 8G of memory; no hugepages\n"
		       "offline: CPUs 4-5\n");
	cut_tear_down(&cut);
}

static void kinds_of_core_are_told_apart(void)
{
	static const struct host_shape shape = {.cores = 6};
	struct cut cut;

	cut_set_up(&cut, &shape);
	cut.host.topology.kinds = 2;
	for (unsigned cpu = 0; cpu < 4; cpu++)
		cut.host.topology.cpu[cpu].kind = 1;
	cut_add(&cut, "plc", "1-2,4");
	assert_picture(&cut, true,
		       "6 CPUs: 1 package, 1 NUMA node, 1 last-level cache, 6 cores\n"
		       "2 kinds of core, 0 the least powerful\n"
		       "package 0\n"
		       "└─ node 0: 8G of memory; no hugepages\n"
		       "   └─ L3 16M        housekeeping    2 cores, kind 1  0, 3\n"
		       "                    plc             2 cores, kind 1  1-2\n"
		       "                    plc             1 core, kind 0   4\n"
		       "                    housekeeping    1 core, kind 0   5\n");
	cut_tear_down(&cut);
}

static void what_is_not_told_is_not_counted(void)
{
	static const struct host_shape shape = {.cores = 4};
	struct host_topology *topology;
	struct cut cut;

	cut_set_up(&cut, &shape);
	topology = &cut.host.topology;
	for (unsigned cpu = 0; cpu < 4; cpu++)
		topology->cpu[cpu].package = topology->cpu[cpu].cache = topology->cpu[cpu].core =
			TOPOLOGY_UNKNOWN;
	topology->packages = topology->cores = 0;
	topology->cache_count = 0;
	topology->node[0].memory_bytes = 0;
	assert_picture(&cut, false,
		       "4 CPUs: packages not told, 1 NUMA node, last-level caches not told, cores not told\n"
		       "package not told\n"
		       "└─ node 0: no memory\n"
		       "   └─ cache ?         4 CPUs   0-3\n");
	cut_tear_down(&cut);
}

/* CPU numbers that leave gaps, as where nodes or siblings take turns. */
static void strides_are_written_out(void)
{
	static const struct host_shape shape = {.cores = 4, .threads = 2};
	struct cut cut;

	cut_set_up(&cut, &shape);
	for (unsigned cpu = 0; cpu < 8; cpu++)
		cut.host.topology.cpu[cpu].core = (int)cpu / 2;
	assert_picture(&cut, false,
		       "8 CPUs: 1 package, 1 NUMA node, 1 last-level cache, 4 cores\n"
		       "package 0\n"
		       "└─ node 0: 8G of memory; no hugepages\n"
		       "   └─ L3 16M          4 cores  0/1..6/7\n");
	for (unsigned cpu = 0; cpu < 8; cpu++) {
		cut.host.topology.cpu[cpu].core = (int)cpu;
		cut.host.topology.cpu[cpu].cache = (int)cpu % 2;
	}
	assert_picture(&cut, false,
		       "8 CPUs: 1 package, 1 NUMA node, 1 last-level cache, 4 cores\n"
		       "package 0\n"
		       "└─ node 0: 8G of memory; no hugepages\n"
		       "   ├─ L3 16M          4 cores  0..6 by 2\n"
		       "   └─ cache ?         4 cores  1..7 by 2\n");
	cut_tear_down(&cut);
}

static void shared_cpus_without_names(void)
{
	struct placement_plan placement = {0};
	struct cut cut;
	char *text = NULL;
	size_t size = 0;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "a", "2,6")->schedule.policy = VCPU_POLICY_DEADLINE;
	cut_add(&cut, "b", "2,6")->schedule.policy = VCPU_POLICY_DEADLINE;
	cut_add(&cut, "c", "3,7");
	CU_ASSERT_EQUAL_FATAL(placement_plan(&cut.machine, &cut.host, &placement, &cut.findings), 0);
	FILE *stream = open_memstream(&text, &size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	cpu_map_print(stream, &cut.host.topology, &placement, NULL);
	fclose(stream);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  shared          1 core   2/6\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  partition 2     1 core   3/7\n"));
	free(text);
	placement_plan_done(&placement);
	cut_tear_down(&cut);
}

static void wide_hosts_stay_within_the_width(void)
{
	static const struct host_shape shapes[] = {
		{.nodes = 4, .caches = 16, .cores = 8, .threads = 2},
		{.nodes = 1, .caches = 1, .cores = 512, .threads = 8},
		{.nodes = 16, .caches = 16, .cores = 16},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct cut cut;

		cut_set_up(&cut, &shapes[i]);
		cut.host.topology.kinds = 3;
		CU_ASSERT_TRUE(assert_width(&cut, false) <= 100);
		for (unsigned k = 0; k < CUT_PARTITIONS; k++) {
			struct partition_config *partition =
				cut_add(&cut, "a-name-as-long-as-they-may-be-x", "");

			partition->vcpus = 64;
			partition->schedule.policy = VCPU_POLICY_DEADLINE;
			/* No two next to each other, and no stride. */
			for (unsigned cpu = 1 + k; k != 0 && cpu < 1000; cpu += 5 + cpu % (k + 2))
				cpulist_add(&partition->cpus, cpu);
		}
		host_fixture_offline(&cut.host, 77);
		CU_ASSERT_TRUE(assert_width(&cut, true) > 8);
		cut_tear_down(&cut);
	}
}

static void no_cpu_at_all_is_no_picture(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut.host.topology.online = cut_cpus("");
	assert_picture(&cut, false,
		       "8 CPUs: 1 package, 1 NUMA node, 1 last-level cache, 4 cores\n"
		       "node 0, without CPUs: 8G of memory; no hugepages\n"
		       "offline: CPUs 0-7\n");
	cut_tear_down(&cut);
}

void test_cpu_map_register(void)
{
	CU_pSuite suite = CU_add_suite("cpu_map", NULL, NULL);

	CU_ADD_TEST(suite, owners_stand_beside_their_cores);
	CU_ADD_TEST(suite, what_is_alike_is_one_line);
	CU_ADD_TEST(suite, what_is_not_told_is_said);
	CU_ADD_TEST(suite, nodes_need_not_be_of_one_package);
	CU_ADD_TEST(suite, kinds_of_core_are_told_apart);
	CU_ADD_TEST(suite, what_is_not_told_is_not_counted);
	CU_ADD_TEST(suite, strides_are_written_out);
	CU_ADD_TEST(suite, shared_cpus_without_names);
	CU_ADD_TEST(suite, wide_hosts_stay_within_the_width);
	CU_ADD_TEST(suite, no_cpu_at_all_is_no_picture);
}
