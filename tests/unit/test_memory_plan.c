// SPDX-License-Identifier: Apache-2.0
/* From which nodes memory comes, and whether it is there. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "sched/memory_plan.h"
#include "tests/unit/cut_fixture.h"

void test_memory_plan_register(void);

#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)

/* Two nodes of four CPUs and 8 GiB each: the first keeps 256 MiB (1/32) for the host, the second too. */
static const struct host_shape two_nodes = {.nodes = 2, .cores = 4};
static const struct host_shape one_node = {.cores = 4};

static void plan(struct cut *cut, struct memory_plan *ret)
{
	findings_done(&cut->findings);
	CU_ASSERT_EQUAL_FATAL(memory_plan(&cut->machine, &cut->host, ret, &cut->findings), 0);
}

static void find(struct cut *cut)
{
	struct memory_plan memory = {0};

	plan(cut, &memory);
	memory_plan_done(&memory);
}

static struct partition_config *add(struct cut *cut, const char *name, const char *cpus,
				    uint64_t bytes, uint64_t page_bytes)
{
	struct partition_config *partition = cut_add(cut, name, cpus);

	partition->memory_bytes = bytes;
	partition->page_bytes = page_bytes;
	return partition;
}

static void assert_share(const struct memory_plan *memory, size_t nth, size_t partition, int node,
			 uint64_t bytes)
{
	CU_ASSERT_FATAL(nth < memory->count);
	CU_ASSERT_EQUAL(memory->share[nth].partition, partition);
	CU_ASSERT_EQUAL(memory->share[nth].node, node);
	CU_ASSERT_EQUAL(memory->share[nth].bytes, bytes);
}

static void memory_is_of_the_cpus_node(void)
{
	struct memory_plan memory = {0};
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "near", "2", GIB(1), 4096);
	add(&cut, "far", "5-6", GIB(2), 4096);
	add(&cut, "floats", "", GIB(3), 4096);
	add(&cut, "stated", "", GIB(1), 4096)->memory_node = 1;
	plan(&cut, &memory);
	cut_assert_nothing(&cut);
	CU_ASSERT_EQUAL_FATAL(memory.count, 4);
	assert_share(&memory, 0, 0, 0, GIB(1));
	assert_share(&memory, 1, 1, 1, GIB(2));
	assert_share(&memory, 2, 2, -1, GIB(3));
	assert_share(&memory, 3, 3, 1, GIB(1));
	CU_ASSERT_EQUAL(memory.share[0].page_bytes, 4096);
	memory_plan_done(&memory);
	memory_plan_done(&memory);
	cut_tear_down(&cut);
}

static void spread_partitions_take_the_same_of_each_node(void)
{
	struct memory_plan memory = {0};
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "wide", "3-4", MIB(6), MIB(2))->within = WITHIN_MACHINE;
	add(&cut, "page", "2,5", GIB(1), GIB(1))->within = WITHIN_MACHINE;
	add(&cut, "stated", "1,6", MIB(4), MIB(2))->within = WITHIN_MACHINE;
	cut.partition[2].memory_node = 1;
	host_fixture_pool(&cut.host, 0, MIB(2), 2, 2);
	host_fixture_pool(&cut.host, 1, MIB(2), 3, 3);
	host_fixture_pool(&cut.host, 0, GIB(1), 1, 1);
	plan(&cut, &memory);
	cut_assert_nothing(&cut);
	CU_ASSERT_EQUAL_FATAL(memory.count, 4);
	assert_share(&memory, 0, 0, 0, MIB(4));
	assert_share(&memory, 1, 0, 1, MIB(2));
	assert_share(&memory, 2, 1, 0, GIB(1));
	assert_share(&memory, 3, 2, 1, MIB(4));
	memory_plan_done(&memory);
	cut_tear_down(&cut);
}

static void nodes_that_are_not_there_are_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "plc", "2", MIB(64), 4096)->memory_node = 3;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "node-absent",
			"12:25: partitions[0].memory.node: node 3 is not on this host, which has "
			"memory on nodes 0-1; state a node that is there, or leave memory.node out");
	cut.partition[0].memory_node = 100000;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "node-absent"), 1);
	cut.partition[0].memory_node = 0;
	find(&cut);
	cut_assert_nothing(&cut);

	/* A host of which no node is told. */
	cut.host.topology.node_count = 0;
	find(&cut);
	cut_assert_nth(&cut, 0, FINDING_UNKNOWN, "memory-unknown",
		       "12:25: partitions[0].memory.node: the NUMA nodes of this host are not told; take "
		       "the host's facts again (bulkhead capture)");
	cut.host.topology.node_count = 2;
	cut_tear_down(&cut);
}

static void nodes_without_memory_are_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "plc", "5", MIB(64), 4096);
	cut.host.topology.node[1].memory_bytes = 0;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "node-without-memory",
			"11:13: partitions[0].memory: node 1, that of its CPUs, has no memory; choose CPUs "
			"of a node with memory (0), or state memory: {node: 0} with placement: "
			"{within: machine}");
	cut.partition[0].memory_node = 1;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "node-without-memory"), 1);
	cut.partition[0].memory_node = 0;
	cut.partition[0].within = WITHIN_MACHINE;
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void a_node_of_memory_alone_serves(void)
{
	struct memory_plan memory = {0};
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	for (unsigned cpu = 4; cpu < 8; cpu++)
		host_fixture_offline(&cut.host, cpu);
	add(&cut, "plc", "2", GIB(7), 4096)->memory_node = 1;
	cut.partition[0].within = WITHIN_MACHINE;
	plan(&cut, &memory);
	cut_assert_nothing(&cut);
	assert_share(&memory, 0, 0, 1, GIB(7));
	memory_plan_done(&memory);
	cut_tear_down(&cut);
}

static void remote_memory_is_refused_unless_said(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "plc", "2-3", MIB(64), 4096)->memory_node = 1;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-node",
			"12:25: partitions[0].memory.node: node 1 is remote memory to CPUs 2-3, on node 0: "
			"every cache miss would go to another node; leave memory.node out, or state "
			"placement: {within: machine}");
	cut.partition[0].within = WITHIN_MACHINE;
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void ordinary_pages_are_counted_by_node(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "a", "5", GIB(6), 4096);
	add(&cut, "b", "6", MIB(1792), 4096);
	find(&cut);
	cut_assert_nothing(&cut);

	cut.partition[1].memory_bytes += 4096;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-node",
			"21:13: partitions[1].memory.size: 1835012K of node 1, which has 7.7G in ordinary "
			"pages (8G, less 256M kept for the host), of which a "
			"takes 6G; ask for at most 1792M, or take memory of another node");

	/* Pools are taken off; what none of the file's partitions asks for can be given back. */
	cut.partition[1].memory_bytes = GIB(1);
	host_fixture_pool(&cut.host, 1, MIB(2), 512, 512);
	add(&cut, "c", "7", MIB(100), MIB(2));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-node",
			"21:13: partitions[1].memory.size: 1G of node 1, which has 6.7G in ordinary pages "
			"(8G, less 1G of hugepages and 256M kept for the host), of which a takes 6G; "
			"ask for at most 768M, or take memory of another node; its idle hugepages are "
			"freed by echo 50 > "
			"/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages");
	cut.partition[0].memory_bytes = GIB(6) + MIB(768);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.remedy,
				      "take memory of another node, or make the partitions smaller; its"));
	cut_tear_down(&cut);
}

static void the_boot_node_keeps_more(void)
{
	static const struct host_shape small = {.nodes = 2, .cores = 2, .node_bytes = GIB(1)};
	struct cut cut;

	cut_set_up(&cut, &small);
	add(&cut, "a", "1", GIB(1) - MIB(128), 4096);
	add(&cut, "b", "2", GIB(1) - MIB(32), 4096);
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[0].memory_bytes += 4096;
	cut.partition[1].memory_bytes += 4096;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-node"), 2);
	cut_tear_down(&cut);
}

static void hugepages_are_counted_by_pool(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	host_fixture_pool(&cut.host, 1, MIB(2), 1024, 0);
	add(&cut, "a", "4", GIB(1), MIB(2));
	add(&cut, "b", "5", MIB(512), MIB(2));
	add(&cut, "c", "6", MIB(512), MIB(2));
	find(&cut);
	cut_assert_nothing(&cut);
	add(&cut, "d", "7", MIB(2), MIB(2));
	find(&cut);
	cut_assert_only(&cut, FINDING_NOTE, "pool-grows",
			"41:13: partitions[3].memory.size: apply grows the pool of node 1 from 1024 to 1025 "
			"pages of 2M");

	/* Who uses the node's memory now keeps it: 256M are the host's, and 1M more is no page. */
	cut.host.topology.node[1].free_known = true;
	cut.host.topology.node[1].free_bytes = MIB(257);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-pool",
			"41:13: partitions[3].memory.size: 2M in 2M pages of node 1, whose pool has 2G "
			"(1024 pages), of which a (1G), b (512M), c (512M) take 2G; free memory: the pool "
			"lacks 2M, and of what nobody uses now and the host need not keep it can have 0; or "
			"have bulkhead boot reserve the pages");
	cut.host.topology.node[1].free_bytes = MIB(258);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "pool-grows"), 1);
	CU_ASSERT_EQUAL(cut.findings.count, 1);

	/* The one that goes over is refused, not those that still fit. */
	cut.partition[1].memory_bytes = GIB(2);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-pool",
			"21:13: partitions[1].memory.size: 2G in 2M pages of node 1, whose pool has 2G "
			"(1024 pages), of which a takes 1G; free memory: the pool lacks 1.5G, and of what "
			"nobody uses now and the host need not keep it can have 2M; or have bulkhead boot "
			"reserve the pages");

	/* A pool that cannot be read cannot be put back, and so is left alone. */
	host_fixture_put_error(&cut.host, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", EACCES);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-pool",
			"21:13: partitions[1].memory.size: 2G in 2M pages of node 1, whose pool has 2G "
			"(1024 pages), of which a takes 1G; echo 1793 > "
			"/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages");
	cut_tear_down(&cut);
}

/* What a pool takes is no longer there in ordinary pages, whoever asks first. */
static void pools_grow_at_the_cost_of_ordinary_pages(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	host_fixture_pool(&cut.host, 1, MIB(2), 0, 0);
	host_fixture_pool(&cut.host, 1, GIB(1), 1, 1);
	add(&cut, "small", "5", GIB(2), 4096);
	add(&cut, "middle", "6", GIB(1), MIB(2));
	add(&cut, "large", "7", GIB(4), GIB(1));
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 2);
	cut_assert_nth(&cut, 0, FINDING_NOTE, "pool-grows",
		       "21:13: partitions[1].memory.size: apply grows the pool of node 1 from 0 to 512 pages "
		       "of 2M");
	cut_assert_nth(&cut, 1, FINDING_NOTE, "pool-grows",
		       "31:13: partitions[2].memory.size: apply grows the pool of node 1 from 1 to 4 pages of "
		       "1G; have bulkhead boot reserve them: 1G in one piece is promised at boot alone");

	/* 8G, less 256M, 2G and 1G of others, are 4.75G: of 1G pages four. */
	cut.partition[2].memory_bytes = GIB(5);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "pool-grows"), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-pool"), 1);
	CU_ASSERT_EQUAL(cut.findings.count, 2);

	/* And what floats counts, too: 15.5G of both nodes, less 3G for others and 4G of large pages, are 8.5G. */
	cut.partition[2].memory_bytes = GIB(4);
	add(&cut, "floats", "", GIB(8) + MIB(512), 4096);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "pool-grows"), 2);
	CU_ASSERT_EQUAL(cut.findings.count, 2);
	cut.partition[3].memory_bytes += 4096;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-pool"), 1);
	cut_tear_down(&cut);
}

static void empty_and_impossible_pools_are_told(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "a", "2", GIB(2), GIB(1));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-pool",
			"11:13: partitions[0].memory.size: 2G in 1G pages of node 0, whose pool of them is "
			"empty; echo 2 > "
			"/sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages  # early: "
			"1G in one piece is soon gone");
	cut.partition[0].memory_bytes = GIB(8);
	host_fixture_pool(&cut.host, 0, GIB(1), 3, 3);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-pool",
			"11:13: partitions[0].memory.size: 8G in 1G pages of node 0, whose pool has 3G (3 "
			"pages); ask for at most 7G: a larger pool would not leave room for the rest; or take "
			"memory of another node");
	/* What others have in small pages is not to be had for large ones. */
	add(&cut, "b", "3", GIB(5), 4096);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 2);
	cut_assert_nth(&cut, 0, FINDING_REFUSED, "memory-pool",
		       "11:13: partitions[0].memory.size: 8G in 1G pages of node 0, whose pool has 3G (3 "
		       "pages); ask for at most 3G: a larger pool would not leave room for the rest; or take "
		       "memory of another node");
	host_fixture_pool(&cut.host, 0, GIB(1), 0, 0);
	cut.partition[1].memory_bytes = GIB(7);
	find(&cut);
	cut_assert_nth(&cut, 0, FINDING_REFUSED, "memory-pool",
		       "11:13: partitions[0].memory.size: 8G in 1G pages of node 0, whose pool of them is "
		       "empty; make the partitions smaller: a larger pool would not leave room for the rest; "
		       "or take memory of another node");
	host_fixture_pool(&cut.host, 0, GIB(1), 3, 3);
	cut.machine.partition_count = 1;
	cut.partition[0].memory_bytes = GIB(3);
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void many_takers_are_counted(void)
{
	struct cut cut;

	cut_set_up(&cut, &one_node);
	for (unsigned i = 0; i < 5; i++)
		add(&cut, "p", "1", MIB(1024), 4096);
	add(&cut, "last", "1", GIB(3), 4096);
	find(&cut);
	CU_ASSERT_EQUAL_FATAL(cut.findings.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text,
				      ", of which p (1G), p (1G), p (1G) and 2 more take 5G"));
	cut_tear_down(&cut);
}

static void floating_partitions_take_what_is_left(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "floats", "", GIB(10), 4096);
	add(&cut, "pinned", "5", GIB(5), 4096);
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[1].memory_bytes = GIB(6);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-host",
			"11:13: partitions[0].memory.size: 10G of the host, which has 15.5G in ordinary "
			"pages (16G, less 512M kept for the host), of which pinned "
			"takes 6G; ask for at most 9728M");
	cut.partition[0].page_bytes = MIB(2);
	cut.partition[0].memory_bytes = MIB(8);
	host_fixture_pool(&cut.host, 0, MIB(2), 2, 2);
	host_fixture_pool(&cut.host, 1, MIB(2), 1, 1);
	find(&cut);
	cut_assert_only(&cut, FINDING_NOTE, "pool-grows",
			"11:13: partitions[0].memory.size: apply grows the pool of node 0 from 2 to 3 pages "
			"of 2M");
	cut.host.topology.node[0].free_known = cut.host.topology.node[1].free_known = true;
	cut.host.topology.node[1].free_bytes = MIB(258);
	find(&cut);
	cut_assert_only(&cut, FINDING_NOTE, "pool-grows",
			"11:13: partitions[0].memory.size: apply grows the pool of node 1 from 1 to 2 pages "
			"of 2M");
	cut.host.topology.node[1].free_bytes = MIB(256);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-pool",
			"11:13: partitions[0].memory.size: 8M in 2M pages of the host, whose pool has 6M "
			"(3 pages); free memory: the pool lacks 2M, and of what nobody uses now and the host "
			"need not keep it can have 0; or have bulkhead boot reserve the pages");
	cut.partition[0].memory_bytes = MIB(6);
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

/* What floats can come from nowhere else: one pool, and one number of pages for all. */
static void one_node_is_the_whole_host(void)
{
	struct cut cut;

	cut_set_up(&cut, &one_node);
	add(&cut, "floats", "", MIB(6), MIB(2));
	add(&cut, "pinned", "2", MIB(4), MIB(2));
	host_fixture_pool(&cut.host, 0, MIB(2), 4, 4);
	find(&cut);
	cut_assert_only(&cut, FINDING_NOTE, "pool-grows",
			"21:13: partitions[1].memory.size: apply grows the pool of node 0 from 4 to 5 pages "
			"of 2M");
	cut.partition[0].page_bytes = 4096;
	cut.partition[0].memory_bytes = GIB(8);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "memory-host",
			"11:13: partitions[0].memory.size: 8G of node 0, which has 7.7G in ordinary pages "
			"(8G, less 8M of hugepages and 256M kept for the host); ask for at most 7928M; its "
			"idle hugepages are freed by echo 2 > "
			"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	cut_tear_down(&cut);
}

static void unknown_amounts_are_unknown(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "plc", "5", MIB(64), 4096);
	cut.host.topology.node[1].memory_known = false;
	find(&cut);
	cut_assert_only(&cut, FINDING_UNKNOWN, "memory-unknown",
			"11:13: partitions[0].memory.size: how much memory node 1 has in 4K pages is not "
			"told; take the host's facts again (bulkhead capture)");

	/* A pool of unknown size may hold all of the node; what even an empty one cannot mend is refused. */
	cut.host.topology.node[1].memory_known = true;
	cut.host.topology.node[1].pool[1].known = false;
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-unknown"), 1);
	cut.partition[0].memory_bytes = GIB(8);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-node"), 1);
	cut.partition[0].page_bytes = GIB(1);
	find(&cut);
	cut_assert_only(&cut, FINDING_UNKNOWN, "memory-unknown",
			"11:13: partitions[0].memory.size: how much memory node 1 has in 1G pages is not "
			"told; take the host's facts again (bulkhead capture)");

	/* Whose node is not told: neither its own nor whether a stated one is remote. */
	cut.host.topology.node[1].pool[1].known = true;
	cut.partition[0].memory_bytes = MIB(64);
	cut.partition[0].page_bytes = 4096;
	cut.host.topology.cpu[5].node = TOPOLOGY_UNKNOWN;
	find(&cut);
	cut_assert_only(&cut, FINDING_UNKNOWN, "memory-unknown",
			"11:13: partitions[0].memory: the NUMA node of CPU 5 is not told; take the host's "
			"facts again (bulkhead capture)");
	cut.partition[0].memory_node = 1;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-unknown"), 1);
	cut.partition[0].within = WITHIN_MACHINE;
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

/* Free memory is in ordinary pages, whatever the pools hold. */
static void what_is_free_is_there_without_the_pools(void)
{
	struct cut cut;
	struct host_node *node;

	cut_set_up(&cut, &two_nodes);
	node = &cut.host.topology.node[1];
	node->pool[0].known = node->pool[1].known = false;
	node->ordinary_known = true;
	node->ordinary_bytes = GIB(2);
	add(&cut, "plc", "5", GIB(1), 4096);
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[0].memory_bytes = GIB(2);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-unknown"), 1);
	cut.partition[0].memory_bytes = GIB(1024);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-node"), 1);
	cut_tear_down(&cut);
}

static void a_host_without_numa_counts_as_a_whole(void)
{
	struct cut cut;

	cut_set_up(&cut, &one_node);
	host_fixture_pool(&cut.host, 0, MIB(2), 32, 32);
	cut.host.topology.node[0].memory_known = false;
	for (unsigned i = 0; i < HOST_POOLS; i++)
		cut.host.topology.node[0].pool[i] = (struct host_pool){0};
	add(&cut, "a", "2", MIB(64), MIB(2));
	add(&cut, "b", "3", MIB(64), 4096);
	add(&cut, "floats", "", MIB(64), 4096);
	find(&cut);
	cut_assert_nothing(&cut);
	host_fixture_put_error(&cut.host, "/proc/meminfo", EACCES);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 2);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-unknown"), 2);
	cut_tear_down(&cut);
}

static void offline_cpus_are_left_to_placement(void)
{
	struct memory_plan memory = {0};
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	add(&cut, "gone", "5,99", MIB(64), 4096);
	host_fixture_offline(&cut.host, 5);
	plan(&cut, &memory);
	cut_assert_nothing(&cut);
	assert_share(&memory, 0, 0, -1, MIB(64));
	memory_plan_done(&memory);
	cut_tear_down(&cut);
}

static void sums_do_not_wrap(void)
{
	struct cut cut;

	cut_set_up(&cut, &two_nodes);
	for (unsigned i = 0; i < 4; i++)
		add(&cut, "huge", "5", UINT64_C(1) << 62, i % 2 == 0 ? MIB(2) : 4096);
	add(&cut, "floats", "", INT64_MAX, GIB(1));
	add(&cut, "floats", "", INT64_MAX, GIB(1));
	cut.host.topology.node[1].pool[0].total = INT64_MAX;
	cut.host.topology.node[1].memory_bytes = UINT64_MAX;
	find(&cut);
	/* A pool said to be larger than can be leaves no ordinary page; the 2M ones then fit. */
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-node"), 2);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-pool"), 2);
	CU_ASSERT_EQUAL(cut.findings.count, 4);

	/* Nothing known: nothing is held against a limit, and nothing wraps in the sum. */
	for (unsigned i = 0; i < 2; i++) {
		cut.host.topology.node[i].memory_known = false;
		cut.host.topology.node[i].pool[0].known = cut.host.topology.node[i].pool[1].known = false;
	}
	host_fixture_put_error(&cut.host, "/proc/meminfo", EACCES);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "memory-unknown"), cut.findings.count - cut_count(&cut, "memory-pool"));
	cut_tear_down(&cut);
}

void test_memory_plan_register(void)
{
	CU_pSuite suite = CU_add_suite("memory_plan", NULL, NULL);

	CU_ADD_TEST(suite, memory_is_of_the_cpus_node);
	CU_ADD_TEST(suite, spread_partitions_take_the_same_of_each_node);
	CU_ADD_TEST(suite, nodes_that_are_not_there_are_refused);
	CU_ADD_TEST(suite, nodes_without_memory_are_refused);
	CU_ADD_TEST(suite, a_node_of_memory_alone_serves);
	CU_ADD_TEST(suite, remote_memory_is_refused_unless_said);
	CU_ADD_TEST(suite, ordinary_pages_are_counted_by_node);
	CU_ADD_TEST(suite, the_boot_node_keeps_more);
	CU_ADD_TEST(suite, hugepages_are_counted_by_pool);
	CU_ADD_TEST(suite, pools_grow_at_the_cost_of_ordinary_pages);
	CU_ADD_TEST(suite, empty_and_impossible_pools_are_told);
	CU_ADD_TEST(suite, many_takers_are_counted);
	CU_ADD_TEST(suite, floating_partitions_take_what_is_left);
	CU_ADD_TEST(suite, one_node_is_the_whole_host);
	CU_ADD_TEST(suite, unknown_amounts_are_unknown);
	CU_ADD_TEST(suite, what_is_free_is_there_without_the_pools);
	CU_ADD_TEST(suite, a_host_without_numa_counts_as_a_whole);
	CU_ADD_TEST(suite, offline_cpus_are_left_to_placement);
	CU_ADD_TEST(suite, sums_do_not_wrap);
}
