// SPDX-License-Identifier: Apache-2.0
/* Which CPU is whose, and each way in which a machine cannot be cut. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sched/placement.h"
#include "tests/unit/cut_fixture.h"

void test_placement_register(void);

static const struct host_shape plain = {.cores = 8};
static const struct host_shape smt = {.cores = 4, .threads = 2}; /* CPU 5 is the sibling of 1 */

static void plan(struct cut *cut, struct placement_plan *ret)
{
	findings_done(&cut->findings);
	CU_ASSERT_EQUAL_FATAL(placement_plan(&cut->machine, &cut->host, ret, &cut->findings), 0);
}

/* Plans for the findings alone. */
static void find(struct cut *cut)
{
	struct placement_plan placement = {0};

	plan(cut, &placement);
	placement_plan_done(&placement);
}

static void make_temporal(struct partition_config *partition)
{
	partition->schedule = (struct vcpu_schedule){VCPU_POLICY_DEADLINE, 0, 100000, 1000000, 1000000};
}

static void assert_housekeeping(const struct placement_plan *placement, const char *expected)
{
	char text[CPULIST_TEXT_MAX];

	CU_ASSERT_STRING_EQUAL(cpulist_format(&placement->housekeeping, text, sizeof(text)), expected);
}

static void each_cpu_has_one_owner(void)
{
	struct placement_plan placement = {0};
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut_add(&cut, "plc", "2-3");
	make_temporal(cut_add(&cut, "a", "4"));
	make_temporal(cut_add(&cut, "b", "4-5"));
	cut_add(&cut, "floats", "");
	host_fixture_offline(&cut.host, 7);
	plan(&cut, &placement);
	cut_assert_nothing(&cut);
	static const int owners[] = {CPU_HOUSEKEEPING, CPU_HOUSEKEEPING, 0, 0, CPU_SHARED, 2,
				     CPU_HOUSEKEEPING, CPU_NOBODY};
	CU_ASSERT_EQUAL_FATAL(placement.cpu_count, 8);
	for (unsigned cpu = 0; cpu < 8; cpu++)
		CU_ASSERT_EQUAL(placement.owner[cpu], owners[cpu]);
	assert_housekeeping(&placement, "0-1,6");
	placement_plan_done(&placement);

	/* Stated housekeeping leaves the rest to nobody. */
	cut.machine.housekeeping = cut_cpus("0");
	plan(&cut, &placement);
	cut_assert_nothing(&cut);
	CU_ASSERT_EQUAL(placement.owner[0], CPU_HOUSEKEEPING);
	CU_ASSERT_EQUAL(placement.owner[1], CPU_NOBODY);
	assert_housekeeping(&placement, "0");
	placement_plan_done(&placement);
	placement_plan_done(&placement);
	cut_tear_down(&cut);
}

static void overlap_is_refused_at_the_later_partition(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut_add(&cut, "plc", "2-3");
	cut_add(&cut, "hmi", "3-5");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-overlap",
			"20:11: partitions[1].cpus: CPU already given to partition plc in line 10: "
			"got \"3\"; give each CPU to one partition or to housekeeping");
	CU_ASSERT_EQUAL(cut.findings.item[0].partition, 1);

	/* Two earlier owners are two findings. */
	cut_add(&cut, "big", "2-6");
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 3);
	cut_assert_nth(&cut, 1, FINDING_REFUSED, "cpu-overlap",
		       "30:11: partitions[2].cpus: CPU already given to partition plc in line 10: "
		       "got \"2-3\"; give each CPU to one partition or to housekeeping");
	cut_assert_nth(&cut, 2, FINDING_REFUSED, "cpu-overlap",
		       "30:11: partitions[2].cpus: CPU already given to partition hmi in line 20: "
		       "got \"4-5\"; give each CPU to one partition or to housekeeping");
	cut_tear_down(&cut);
}

static void overlap_with_housekeeping_is_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut.machine.housekeeping = cut_cpus("0-2");
	make_temporal(cut_add(&cut, "plc", "2-3"));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-overlap",
			"10:11: partitions[0].cpus: CPU already given to host.housekeeping in line 3: "
			"got \"2\"; give each CPU to one partition or to housekeeping");
	cut.machine.housekeeping = cut_cpus("0-1");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void reservations_alone_share_cpus(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	make_temporal(cut_add(&cut, "a", "2-3"));
	make_temporal(cut_add(&cut, "b", "2"));
	find(&cut);
	cut_assert_nothing(&cut);
	cut_add(&cut, "fifo", "2");
	make_temporal(cut_add(&cut, "c", "2"));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-overlap",
			"30:11: partitions[2].cpus: CPU already given to partition a in line 10: "
			"got \"2\"; give each CPU to one partition or to housekeeping");
	cut_tear_down(&cut);
}

static void absent_cpus_are_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut_add(&cut, "plc", "6-9");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-absent",
			"10:11: partitions[0].cpus: CPUs 8-9 are not on this host, which has 0-7; choose "
			"among 1-5, which are free");
	cut.partition[0].cpus = cut_cpus("7,4095");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-absent",
			"10:11: partitions[0].cpus: CPU 4095 is not on this host, which has 0-7; choose "
			"among 1-6, which are free");
	cut.partition[0].cpus = cut_cpus("1-8");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-absent",
			"10:11: partitions[0].cpus: CPU 8 is not on this host, which has 0-7; take fewer "
			"CPUs, here or elsewhere: none is free");
	cut.partition[0].cpus = cut_cpus("7");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void offline_cpus_are_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut_add(&cut, "plc", "4-7");
	host_fixture_offline(&cut.host, 5);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-offline",
			"10:11: partitions[0].cpus: CPU 5 is offline; "
			"echo 1 > /sys/devices/system/cpu/cpu5/online");
	host_fixture_offline(&cut.host, 7);
	host_fixture_put(&cut.host, "/sys/devices/system/cpu/smt/control", "off");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-offline",
			"10:11: partitions[0].cpus: CPUs 5,7 are offline; "
			"echo on > /sys/devices/system/cpu/smt/control; chcpu -e 5,7");
	host_fixture_put(&cut.host, "/sys/devices/system/cpu/smt/control", "forceoff");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-offline",
			"10:11: partitions[0].cpus: CPUs 5,7 are offline; "
			"boot without nosmt=force; chcpu -e 5,7");
	cut.partition[0].cpus = cut_cpus("4,6");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void the_boot_cpu_is_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "plc", "0,4");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-boot",
			"10:11: partitions[0].cpus: CPU 0 is the boot CPU, to which timekeeping and "
			"interrupts without another place fall; leave it to housekeeping and choose "
			"among 1-3,5-7, which are free");
	/* Numbers that do not begin at 0: the lowest that is online. */
	host_fixture_offline(&cut.host, 0);
	host_fixture_offline(&cut.host, 4);
	CU_ASSERT_EQUAL(placement_boot_cpu(&cut.host.topology), 1);
	cut.partition[0].cpus = cut_cpus("1,5");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-boot",
			"10:11: partitions[0].cpus: CPU 1 is the boot CPU, to which timekeeping and "
			"interrupts without another place fall; leave it to housekeeping and choose "
			"among 2-3,6-7, which are free");
	cut.partition[0].cpus = cut_cpus("2,6");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void stated_housekeeping_must_be_there(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut_add(&cut, "plc", "4");
	host_fixture_offline(&cut.host, 7);
	cut.machine.housekeeping = cut_cpus("0-1,7,9-10");
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 2);
	cut_assert_nth(&cut, 0, FINDING_REFUSED, "housekeeping-absent",
		       "3:17: host.housekeeping: CPUs 9-10 are not on this host, which has 0-7; name CPUs "
		       "that the host has, or leave host.housekeeping out");
	cut_assert_nth(&cut, 1, FINDING_REFUSED, "housekeeping-absent",
		       "3:17: host.housekeeping: CPU 7 is offline; "
		       "echo 1 > /sys/devices/system/cpu/cpu7/online");
	CU_ASSERT_EQUAL(cut.findings.item[0].partition, FINDING_MACHINE);
	cut.machine.housekeeping = cut_cpus("7");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "housekeeping-absent",
			"3:17: host.housekeeping: CPU 7 is offline; "
			"echo 1 > /sys/devices/system/cpu/cpu7/online");
	cut.machine.housekeeping = cut_cpus("0-1");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void some_cpu_is_left_to_housekeeping(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut.machine.housekeeping_at = (struct text_place){0};
	cut_add(&cut, "a", "0-3");
	cut_add(&cut, "b", "4-7");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "housekeeping-none",
			"10:11: partitions[0].cpus: no CPU is left to housekeeping: partitions take all 8 "
			"that are online (0-7); take CPU 0, the boot CPU's core, out of the partitions");
	cut.partition[0].cpus = cut_cpus("1-3");
	find(&cut);
	cut_assert_nothing(&cut);

	/* A host that says of no CPU that it is online. */
	cut.host.topology.online = cut_cpus("");
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 2);
	CU_ASSERT_EQUAL(cut_count(&cut, "cpu-offline"), 2);
	cut_tear_down(&cut);
}

static void real_time_vcpus_have_cpus_also_where_none_is_stated(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut.machine.housekeeping_at = (struct text_place){0};
	cut_add(&cut, "plc", "4-7");
	cut_add(&cut, "motion", "");
	cut.partition[1].at.self = (struct text_place){18, 5};
	cut.partition[1].vcpus = 3;
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[1].vcpus = 4;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "cpu-short",
			"18:5: partitions[1].vcpus: 4 real-time vCPUs, and 3 CPUs are left for them: of 8 "
			"online, the others are stated partitions' or housekeeping's; give it fewer vCPUs or "
			"policy: other, or take CPUs from other partitions");
	cut.partition[1].schedule.policy = VCPU_POLICY_OTHER;
	find(&cut);
	cut_assert_nothing(&cut);

	/* All of them together, and beside housekeeping that is stated. */
	cut.partition[1].schedule.policy = VCPU_POLICY_FIFO;
	cut.partition[1].vcpus = 2;
	cut_add(&cut, "safety", "");
	cut.partition[2].vcpus = 1;
	find(&cut);
	cut_assert_nothing(&cut);
	cut.machine.housekeeping = cut_cpus("0-1");
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "cpu-short"), 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].partition, 2);
	cut_tear_down(&cut);
}

static void a_core_is_not_shared_with_housekeeping(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "plc", "2-3,7");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"10:11: partitions[0].cpus: CPU 2 is on one core with CPU 6, which is left to "
			"housekeeping; take the siblings too (cpus: 2-3,6-7); or leave them idle by a host.housekeeping without them; or state placement: {siblings: shared}");

	/* A sibling that is nobody's harms nobody; one that is stated to be housekeeping's does. */
	cut.machine.housekeeping = cut_cpus("0-1,4-5");
	find(&cut);
	cut_assert_nothing(&cut);
	cut.machine.housekeeping = cut_cpus("0,4,6");
	cut.partition[0].cpus = cut_cpus("2");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"10:11: partitions[0].cpus: CPU 2 is on one core with CPU 6, which "
			"host.housekeeping in line 3 has; take the siblings too (cpus: 2,6); or leave "
			"them idle by a host.housekeeping without them; or state placement: "
			"{siblings: shared}");
	cut.partition[0].share_cores = true;
	find(&cut);
	cut_assert_nothing(&cut);

	/* The boot CPU's core is not to be had whole. */
	cut.machine.housekeeping = cut_cpus("");
	cut.partition[0].share_cores = false;
	cut.partition[0].cpus = cut_cpus("4");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"10:11: partitions[0].cpus: CPU 4 is on one core with CPU 0, which is left to "
			"housekeeping; leave the boot CPU's core to housekeeping and choose among "
			"1-3,5-7, which are free, by whole cores; or state placement: {siblings: shared}");

	/* That CPU has work of the host's own also where host.housekeeping leaves it out. */
	cut.machine.housekeeping = cut_cpus("1,5");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"10:11: partitions[0].cpus: CPU 4 is on one core with CPU 0, which is the boot CPU, "
			"to which interrupts without another place fall; leave the boot CPU's core to "
			"housekeeping and choose among 2-3,6-7, which are free, by whole cores; or state "
			"placement: {siblings: shared}");
	cut.machine.housekeeping = cut_cpus("");

	/* An offline sibling is nobody's. */
	host_fixture_offline(&cut.host, 7);
	cut.partition[0].cpus = cut_cpus("3");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void a_core_is_not_shared_between_partitions(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "plc", "2,3,7");
	cut_add(&cut, "hmi", "1,5-6");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"20:11: partitions[1].cpus: CPU 6 is on one core with CPU 2, which partition plc "
			"in line 10 has; give the whole core of CPUs 2,6 to one partition; or state "
			"placement: {siblings: shared} in both partitions");
	cut.partition[0].share_cores = true;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"20:11: partitions[1].cpus: CPU 6 is on one core with CPU 2, which partition plc "
			"in line 10 has; give the whole core of CPUs 2,6 to one partition; or state "
			"placement: {siblings: shared} here too");
	cut.partition[0].share_cores = false;
	cut.partition[1].share_cores = true;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "sibling-shared"), 1);
	cut.partition[0].share_cores = true;
	find(&cut);
	cut_assert_nothing(&cut);

	/* A third that does not share is refused, or refuses, whoever came between. */
	cut.partition[0].cpus = cut_cpus("2");
	cut.partition[0].share_cores = false;
	cut.machine.housekeeping = cut_cpus("0,4");
	cut.partition[1].cpus = cut_cpus("1,5");
	cut_add(&cut, "last", "6")->share_cores = true;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"30:11: partitions[2].cpus: CPU 6 is on one core with CPU 2, which partition plc "
			"in line 10 has; give the whole core of CPUs 2,6 to one partition; or state "
			"placement: {siblings: shared} in the other partition too");
	cut_tear_down(&cut);
}

static void temporal_partitions_share_cpus_but_not_cores(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut.machine.housekeeping = cut_cpus("0,4");
	make_temporal(cut_add(&cut, "a", "2"));
	make_temporal(cut_add(&cut, "b", "2"));
	find(&cut);
	cut_assert_nothing(&cut);

	/* Both on both siblings: the one runs beside the other. */
	cut.partition[0].cpus = cut.partition[1].cpus = cut_cpus("2,6");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"20:11: partitions[1].cpus: CPUs 2,6 are on one core with CPUs 2,6, which partition "
			"a in line 10 has; give the whole core of CPUs 2,6 to one partition, or one CPU of "
			"each core to both; or state placement: {siblings: shared} in both partitions");
	cut.partition[0].share_cores = cut.partition[1].share_cores = true;
	find(&cut);
	cut_assert_nothing(&cut);

	/* The third is late, and beside the first and the second. */
	cut.partition[0].cpus = cut.partition[1].cpus = cut_cpus("2");
	make_temporal(cut_add(&cut, "c", "6"));
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "sibling-shared"), 1);
	cut.partition[2].share_cores = true;
	cut.partition[1].share_cores = false;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "sibling-shared",
			"30:11: partitions[2].cpus: CPU 6 is on one core with CPU 2, which partition b in "
			"line 20 has; give the whole core of CPUs 2,6 to one partition, or one CPU of each "
			"core to both; or state placement: {siblings: shared} in the other partition too");
	cut_tear_down(&cut);
}

static void an_overlap_is_told_once(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "a", "2,6");
	cut_add(&cut, "b", "2,6");
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "cpu-overlap"), 1);
	cut_tear_down(&cut);
}

static void unknown_siblings_are_unknown(void)
{
	struct cut cut;

	cut_set_up(&cut, &smt);
	cut_add(&cut, "plc", "2");
	cut.host.topology.cpu[2].core = TOPOLOGY_UNKNOWN;
	find(&cut);
	cut_assert_only(&cut, FINDING_UNKNOWN, "topology-unknown",
			"10:11: partitions[0].cpus: which CPUs share a core with CPU 2 is not told; take "
			"the host's facts again (bulkhead capture), or state placement: {siblings: shared}");
	cut.partition[0].share_cores = true;
	find(&cut);
	cut_assert_nothing(&cut);

	/* Online, but no fact about it at all. */
	cut.partition[0].share_cores = false;
	cut.partition[0].cpus = cut_cpus("9");
	cpulist_add(&cut.host.topology.present, 9);
	cpulist_add(&cut.host.topology.online, 9);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "topology-unknown"), 1);
	cut_tear_down(&cut);
}

static void caches_are_not_spanned_unless_said(void)
{
	static const struct host_shape shape = {.caches = 2, .cores = 8};
	struct cut cut;

	cut_set_up(&cut, &shape);
	cut_add(&cut, "du", "2-9");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "span-cache",
			"10:11: partitions[0].cpus: CPUs 2-9 lie under two last-level caches (0-7 and "
			"8-15); choose 8 out of 8-15; or state placement: {within: node}");
	cut.partition[0].within = WITHIN_NODE;
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[0].within = WITHIN_CACHE;
	cut.partition[0].cpus = cut_cpus("8-15");
	find(&cut);
	cut_assert_nothing(&cut);

	/* Too many for any of them. */
	cut.partition[0].cpus = cut_cpus("7-15");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "span-cache",
			"10:11: partitions[0].cpus: CPUs 7-15 lie under two last-level caches (0-7 and "
			"8-15); take fewer CPUs, within one last-level cache, where no more than 8 are "
			"free; or state placement: {within: node}");
	cut_tear_down(&cut);
}

static void nodes_are_not_spanned_unless_said(void)
{
	static const struct host_shape shape = {.nodes = 2, .cores = 4};
	struct cut cut;

	cut_set_up(&cut, &shape);
	cut_add(&cut, "du", "2-5");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "span-node",
			"10:11: partitions[0].cpus: CPUs 2-5 lie on two NUMA nodes (0 with CPUs 0-3 and 1 "
			"with CPUs 4-7); choose 4 out of 4-7; or state placement: "
			"{within: machine}");
	cut.partition[0].within = WITHIN_NODE;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "span-node"), 1);
	cut.partition[0].within = WITHIN_MACHINE;
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[0].within = WITHIN_NODE;
	cut.partition[0].cpus = cut_cpus("4-7");
	find(&cut);
	cut_assert_nothing(&cut);

	/* Sub-NUMA clustering: one cache lies over both nodes. */
	for (unsigned cpu = 0; cpu < 8; cpu++)
		cut.host.topology.cpu[cpu].cache = 0;
	cut.host.topology.cache_count = 1;
	cut.host.topology.cache[0].cpus = cut_cpus("0-7");
	cut.partition[0].within = WITHIN_CACHE;
	cut.partition[0].cpus = cut_cpus("3-4");
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "span-node"), 1);
	cut_tear_down(&cut);
}

static void many_domains_are_counted(void)
{
	static const struct host_shape shape = {.caches = 6, .cores = 2};
	struct cut cut;

	cut_set_up(&cut, &shape);
	cut_add(&cut, "du", "1-11");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "span-cache",
			"10:11: partitions[0].cpus: CPUs 1-11 lie under 6 last-level caches (0-1, 2-3, "
			"4-5, 6-7 and 2 more); take fewer CPUs, within one last-level cache, where no more "
			"than 2 are free; or state placement: {within: node}");
	cut.partition[0].cpus = cut_cpus("2-6");
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "span-cache"), 1);
	cut_tear_down(&cut);
}

static void unknown_domains_are_unknown(void)
{
	struct cut cut;

	cut_set_up(&cut, &plain);
	cut_add(&cut, "plc", "2-3");
	cut.host.topology.cpu[3].cache = TOPOLOGY_UNKNOWN;
	find(&cut);
	cut_assert_only(&cut, FINDING_UNKNOWN, "topology-unknown",
			"10:11: partitions[0].cpus: whether CPUs 2-3 share one last-level cache is not "
			"told; take the host's facts again (bulkhead capture), or state placement: "
			"{within: node}");
	cut.host.topology.cpu[2].node = cut.host.topology.cpu[3].node = TOPOLOGY_UNKNOWN;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "topology-unknown"), 2);
	cut.partition[0].within = WITHIN_NODE;
	find(&cut);
	cut_assert_only(&cut, FINDING_UNKNOWN, "topology-unknown",
			"10:11: partitions[0].cpus: whether CPUs 2-3 share one NUMA node is not told; take "
			"the host's facts again (bulkhead capture), or state placement: {within: machine}");
	cut.partition[0].within = WITHIN_MACHINE;
	find(&cut);
	cut_assert_nothing(&cut);

	/* One CPU spans nothing. */
	cut.partition[0].within = WITHIN_CACHE;
	cut.partition[0].cpus = cut_cpus("3");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void long_lists_are_cut_between_cpus(void)
{
	static const struct host_shape shape = {.cores = 256, .threads = 2};
	struct cut cut;
	char named[384];

	cut_set_up(&cut, &shape);
	cut_add(&cut, "odd", "1");
	for (unsigned cpu = 1; cpu < 256; cpu += 2)
		cpulist_add(&cut.partition[0].cpus, cpu);
	find(&cut);
	CU_ASSERT_EQUAL_FATAL(cut.findings.count, 1);
	snprintf(named, sizeof(named), "%s", cut.findings.item[0].diag.text);
	CU_ASSERT_PTR_NOT_NULL(strstr(named, "CPUs 1,3,5,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(named, ",... are on one core with CPUs 257,259,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(named, ",..., which are left to housekeeping"));
	cut_tear_down(&cut);
}

void test_placement_register(void)
{
	CU_pSuite suite = CU_add_suite("placement", NULL, NULL);

	CU_ADD_TEST(suite, each_cpu_has_one_owner);
	CU_ADD_TEST(suite, overlap_is_refused_at_the_later_partition);
	CU_ADD_TEST(suite, overlap_with_housekeeping_is_refused);
	CU_ADD_TEST(suite, reservations_alone_share_cpus);
	CU_ADD_TEST(suite, absent_cpus_are_refused);
	CU_ADD_TEST(suite, offline_cpus_are_refused);
	CU_ADD_TEST(suite, the_boot_cpu_is_refused);
	CU_ADD_TEST(suite, stated_housekeeping_must_be_there);
	CU_ADD_TEST(suite, some_cpu_is_left_to_housekeeping);
	CU_ADD_TEST(suite, real_time_vcpus_have_cpus_also_where_none_is_stated);
	CU_ADD_TEST(suite, a_core_is_not_shared_with_housekeeping);
	CU_ADD_TEST(suite, a_core_is_not_shared_between_partitions);
	CU_ADD_TEST(suite, temporal_partitions_share_cpus_but_not_cores);
	CU_ADD_TEST(suite, an_overlap_is_told_once);
	CU_ADD_TEST(suite, unknown_siblings_are_unknown);
	CU_ADD_TEST(suite, caches_are_not_spanned_unless_said);
	CU_ADD_TEST(suite, nodes_are_not_spanned_unless_said);
	CU_ADD_TEST(suite, many_domains_are_counted);
	CU_ADD_TEST(suite, unknown_domains_are_unknown);
	CU_ADD_TEST(suite, long_lists_are_cut_between_cpus);
}
