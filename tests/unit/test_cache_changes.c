// SPDX-License-Identifier: Apache-2.0
/*
 * resctrl groups as changes. The hosts are made by hand, after the kernel's documentation: no machine with
 * cache allocation has been tried.
 */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/change_compare.h"
#include "sched/cache_plan.h"
#include "sched/group_changes.h"
#include "tests/unit/changes_fixture.h"
#include "tests/unit/cut_fixture.h"

void test_cache_changes_register(void);

#define R "/sys/fs/resctrl/"

/* Two packages of four CPUs, each with an L3 of 11 ways. */
static const struct host_shape two_caches = {.nodes = 2, .cores = 4};

struct bench {
	struct cut cut;
	struct cache_plan cache;
	struct changes changes;
};

static void set_up(struct bench *bench)
{
	struct host_facts *host;

	*bench = (struct bench){0};
	cut_set_up(&bench->cut, &two_caches);
	host = &bench->cut.host;
	host_fixture_put(host, R "schemata", "    MB:0=100;1=100\n    L3:0=7ff;1=7ff");
	host_fixture_put(host, R "cpus_list", "0-7");
	host_fixture_put(host, R "info/L3/num_closids", "16");
	host_fixture_put(host, R "info/L3/cbm_mask", "7ff");
	host_fixture_put(host, R "info/L3/min_cbm_bits", "1");
	host_fixture_put(host, R "info/MB/num_closids", "8");
	host_fixture_put(host, R "info/MB/min_bandwidth", "10");
	host_fixture_put(host, R "info/MB/bandwidth_gran", "10");
}

/* The numbers by which resctrl calls the caches. */
static void number_caches(struct bench *bench, unsigned level)
{
	char path[96];
	char text[8];

	for (unsigned cpu = 0; cpu < 8; cpu++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cache/index%u/level", cpu, level);
		snprintf(text, sizeof(text), "%u", level);
		host_fixture_put(&bench->cut.host, path, text);
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cache/index%u/id", cpu, level);
		host_fixture_put(&bench->cut.host, path, cpu < 4 ? "0" : "1");
	}
}

static void add(struct bench *bench, const char *name, const char *cpus, unsigned ways, unsigned percent)
{
	struct partition_config *partition = cut_add(&bench->cut, name, cpus);

	partition->cache = (struct cache_request){.l3_ways = ways, .bandwidth_percent = percent};
	partition->at.cache = (struct text_place){5, 7};
}

static void plan_into(struct bench *bench, struct changes *ret)
{
	findings_done(&bench->cut.findings);
	cache_plan_done(&bench->cache);
	CU_ASSERT_EQUAL_FATAL(cache_plan(&bench->cut.machine, &bench->cut.host, &bench->cache,
					 &bench->cut.findings), 0);
	CU_ASSERT_EQUAL_FATAL(bench->cut.findings.count, 0);
	CU_ASSERT_EQUAL_FATAL(cache_changes(&bench->cut.machine, &bench->cut.host, &bench->cache, ret,
					    &bench->cut.findings), 0);
}

static void plan(struct bench *bench)
{
	changes_done(&bench->changes);
	plan_into(bench, &bench->changes);
}

static void tear_down(struct bench *bench)
{
	changes_done(&bench->changes);
	cache_plan_done(&bench->cache);
	cut_tear_down(&bench->cut);
}

static void assert_nth(const struct bench *bench, size_t nth, const char *path, const char *value)
{
	CU_ASSERT_FATAL(nth < bench->changes.count);
	const struct change *change = &bench->changes.item[nth];

	CU_ASSERT_STRING_EQUAL(change->path, path);
	CU_ASSERT_STRING_EQUAL(change->domain, "cache");
	CU_ASSERT_NOT_EQUAL(change->reason[0], '\0');
	if (value == NULL) {
		CU_ASSERT_PTR_NULL(change->value);
		CU_ASSERT_EQUAL(change->kind, CHANGE_FOLDER);
	} else {
		CU_ASSERT_STRING_EQUAL(change->value, value);
		CU_ASSERT_EQUAL(change->kind, CHANGE_TEXT);
	}
}

static void the_default_group_gives_up_first(void)
{
	struct bench bench;

	set_up(&bench);
	number_caches(&bench, 3);
	add(&bench, "plc", "2-3", 4, 0);
	add(&bench, "cnc", "1", 0, 45);
	plan(&bench);
	CU_ASSERT_EQUAL(bench.cut.findings.count, 0);
	CU_ASSERT_EQUAL(bench.changes.count, 7);
	assert_nth(&bench, 0, R "schemata", "L3:0=7f0;1=7ff\n");
	CU_ASSERT_STRING_EQUAL(bench.changes.item[0].restore,
			       "    MB:0=100;1=100\n    L3:0=7ff;1=7ff\n");
	assert_nth(&bench, 1, R "bulkhead-plc", NULL);
	assert_nth(&bench, 2, R "bulkhead-plc/schemata", "L3:0=00f;1=7ff\n");
	assert_nth(&bench, 3, R "bulkhead-plc/cpus_list", "2-3");
	assert_nth(&bench, 4, R "bulkhead-cnc", NULL);
	assert_nth(&bench, 5, R "bulkhead-cnc/schemata", "MB:0= 50;1=100\nL3:0=7f0;1=7ff\n");
	assert_nth(&bench, 6, R "bulkhead-cnc/cpus_list", "1");
	tear_down(&bench);
}

static void groups_that_are_there_are_planned_the_same(void)
{
	struct changes again = {0};
	struct bench bench;

	set_up(&bench);
	number_caches(&bench, 3);
	add(&bench, "plc", "2-3", 4, 30);
	add(&bench, "cnc", "6", 2, 0);
	plan(&bench);
	changes_make_so(&bench.changes, &bench.cut.host.files);
	/* As the kernel pads them, or, from some version on, does not. */
	host_fixture_put(&bench.cut.host, R "bulkhead-plc/schemata", "    MB:0= 30;1=100\n    L3:0=00f;1=7f0");
	host_fixture_put(&bench.cut.host, R "bulkhead-cnc/schemata", "MB:0=100;1=100\nL3:0=7f0;1=3");
	plan_into(&bench, &again);
	assert_changes_alike(&bench.changes, &again);
	assert_changes_held(&again, "made by hand");
	changes_done(&again);
	tear_down(&bench);
}

static void caches_without_numbers_are_all_meant(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "plc", "2", 4, 20);
	plan(&bench);
	assert_nth(&bench, 0, R "schemata", "L3:0=7f0;1=7f0\n");
	assert_nth(&bench, 2, R "bulkhead-plc/schemata", "MB:0= 20;1= 20\nL3:0=00f;1=00f\n");
	tear_down(&bench);
}

static void code_and_data_have_the_same_ways(void)
{
	struct bench bench;

	set_up(&bench);
	number_caches(&bench, 3);
	host_fixture_put(&bench.cut.host, R "schemata", "L3DATA:0=7ff;1=7ff\nL3CODE:0=7ff;1=7ff\nSMBA:0=2048\n"
							"what:is=this\nL3:;=x;0");
	add(&bench, "plc", "2", 4, 0);
	plan(&bench);
	assert_nth(&bench, 0, R "schemata", "L3DATA:0=7f0;1=7ff\nL3CODE:0=7f0;1=7ff\n");
	tear_down(&bench);
}

static void nothing_is_asked_for_nothing_is_changed(void)
{
	struct bench bench;

	set_up(&bench);
	host_fixture_put(&bench.cut.host, R "schemata", NULL);
	add(&bench, "plc", "2", 0, 0);
	plan(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	CU_ASSERT_EQUAL(bench.cut.findings.count, 0);
	tear_down(&bench);
}

static void resctrl_must_be_mounted_and_readable(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "plc", "2", 4, 0);
	host_fixture_put(&bench.cut.host, R "schemata", NULL);
	plan(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	CU_ASSERT_EQUAL_FATAL(bench.cut.findings.count, 1);
	CU_ASSERT_EQUAL(bench.cut.findings.item[0].kind, FINDING_REFUSED);
	CU_ASSERT_STRING_EQUAL(bench.cut.findings.item[0].rule, "cache-unmounted");
	CU_ASSERT_STRING_EQUAL(bench.cut.findings.item[0].diag.remedy,
			       "mount -t resctrl resctrl /sys/fs/resctrl");
	host_fixture_put_error(&bench.cut.host, R "schemata", EACCES);
	plan(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "cache-unknown"), 1);
	CU_ASSERT_EQUAL(findings_count(&bench.cut.findings, FINDING_UNKNOWN), 1);
	tear_down(&bench);
}

static void cache_is_given_to_cpus(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "floats", "", 1, 0);
	plan(&bench);
	cut_assert_only(&bench.cut, FINDING_REFUSED, "cache-cpus",
			"5:7: partitions[0].cache: cache and bandwidth are given to CPUs, and partition floats "
			"states none; state cpus, or leave cache out");
	bench.cut.machine.partition_count = 0;
	add(&bench, "a", "3", 1, 0);
	add(&bench, "b", "3", 0, 50);
	plan(&bench);
	cut_assert_only(&bench.cut, FINDING_REFUSED, "cache-cpus",
			"5:7: partitions[1].cache: cache and bandwidth are given to CPUs, and partition a has "
			"some of CPU 3, too; leave cache out of one of the two");
	tear_down(&bench);
}

static void lines_are_the_same_however_they_are_padded(void)
{
	CU_ASSERT_TRUE(change_compare(COMPARE_LINES, "L3:0=00f;1=7ff\n", "MB:0= 50\n    L3:0=f;1=7ff"));
	CU_ASSERT_TRUE(change_compare(COMPARE_LINES, "MB:0=50", "    MB:0= 50\n"));
	CU_ASSERT_TRUE(change_compare(COMPARE_LINES, "L3:0=0", "L3:0=000"));
	CU_ASSERT_FALSE(change_compare(COMPARE_LINES, "L3:0=f0", "L3:0=f"));
	CU_ASSERT_FALSE(change_compare(COMPARE_LINES, "L3:0=0f", "L3:0=f0"));
	CU_ASSERT_FALSE(change_compare(COMPARE_LINES, "L3:0=f;1=f", "L3:0=f"));
	CU_ASSERT_FALSE(change_compare(COMPARE_LINES, "L3:10=f", "L3:1=f"));
}

void test_cache_changes_register(void)
{
	CU_pSuite suite = CU_add_suite("cache_changes", NULL, NULL);

	CU_ADD_TEST(suite, the_default_group_gives_up_first);
	CU_ADD_TEST(suite, groups_that_are_there_are_planned_the_same);
	CU_ADD_TEST(suite, caches_without_numbers_are_all_meant);
	CU_ADD_TEST(suite, code_and_data_have_the_same_ways);
	CU_ADD_TEST(suite, nothing_is_asked_for_nothing_is_changed);
	CU_ADD_TEST(suite, resctrl_must_be_mounted_and_readable);
	CU_ADD_TEST(suite, cache_is_given_to_cpus);
	CU_ADD_TEST(suite, lines_are_the_same_however_they_are_padded);
}
