// SPDX-License-Identifier: Apache-2.0
/* Cache ways laid out, and refused where the hardware has no more of them. */
#include <CUnit/CUnit.h>
#include <errno.h>

#include "sched/cache_plan.h"
#include "tests/unit/cut_fixture.h"

void test_cache_plan_register(void);

static const struct host_shape one_cache = {.cores = 8};
static const struct host_shape two_caches = {.cores = 4, .caches = 2};

/* An L3 of 11 ways and 16 classes, none of less than one way; bandwidth in 8 classes. */
static void set_up(struct cut *cut, const struct host_shape *shape)
{
	cut_set_up(cut, shape);
	cut->host.l3 = (struct host_resctrl){FACT_YES, 16, 11, 1};
	cut->host.l2 = (struct host_resctrl){.supported = FACT_NO};
	cut->host.bandwidth = (struct host_resctrl){.supported = FACT_YES, .closids = 8};
}

static void add(struct cut *cut, const char *cpus, unsigned l3_ways)
{
	struct partition_config *partition = cut_add(cut, "plc", cpus);

	partition->cache.l3_ways = l3_ways;
	partition->at.cache = (struct text_place){5, 7};
}

static void plan(struct cut *cut, struct cache_plan *ret)
{
	findings_done(&cut->findings);
	CU_ASSERT_EQUAL_FATAL(cache_plan(&cut->machine, &cut->host, ret, &cut->findings), 0);
	CU_ASSERT_EQUAL_FATAL(ret->count, cut->machine.partition_count);
}

static void find(struct cut *cut)
{
	struct cache_plan cache = {0};

	plan(cut, &cache);
	cache_plan_done(&cache);
	cache_plan_done(&cache);
}

static void ways_are_laid_out_from_the_lowest(void)
{
	struct cache_plan cache = {0};
	struct cut cut;

	set_up(&cut, &one_cache);
	add(&cut, "2", 4);
	add(&cut, "3", 0);
	add(&cut, "4", 3);
	cut.partition[1].cache.bandwidth_percent = 20;
	plan(&cut, &cache);
	CU_ASSERT_EQUAL(cache.share[0].l3_mask, 0x00f);
	CU_ASSERT_EQUAL(cache.share[1].l3_mask, 0);
	CU_ASSERT_EQUAL(cache.share[1].bandwidth_percent, 20);
	CU_ASSERT_EQUAL(cache.share[2].l3_mask, 0x070);
	CU_ASSERT_EQUAL(cache.l3_rest, 0x780);
	CU_ASSERT_EQUAL(cache.l2_rest, 0);
	cut_assert_nothing(&cut);
	cache_plan_done(&cache);
	cut_tear_down(&cut);
}

static void caches_apart_have_the_same_ways_to_give(void)
{
	struct cache_plan cache = {0};
	struct cut cut;

	set_up(&cut, &two_caches);
	add(&cut, "2", 6);
	add(&cut, "5", 4);
	add(&cut, "3,6", 3);
	add(&cut, "", 1);
	plan(&cut, &cache);
	CU_ASSERT_EQUAL(cache.share[0].l3_mask, 0x03f);
	CU_ASSERT_EQUAL(cache.share[1].l3_mask, 0x00f);
	CU_ASSERT_EQUAL(cache.share[2].l3_mask, 0x1c0);
	CU_ASSERT_EQUAL(cache.share[3].l3_mask, 0x200);
	CU_ASSERT_EQUAL(cache.l3_rest, 0x400);
	cut_assert_nothing(&cut);
	cache_plan_done(&cache);
	cut_tear_down(&cut);
}

static void everybody_else_keeps_some(void)
{
	struct cut cut;

	set_up(&cut, &one_cache);
	add(&cut, "2", 10);
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[0].cache.l3_ways = 11;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-ways"), 1);
	cut.partition[0].cache.l3_ways = 10;
	add(&cut, "3", 1);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-ways"), 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].partition, 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].diag.line, 5);
	cut.partition[0].cache.l3_ways = 4000000000U;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-ways"), 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].partition, 0);
	cut_tear_down(&cut);
}

static void masks_have_a_least_width(void)
{
	struct cut cut;

	set_up(&cut, &one_cache);
	cut.host.l3.ways_min = 2;
	add(&cut, "2", 1);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-ways"), 1);
	cut.partition[0].cache.l3_ways = 10;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-ways"), 1);
	cut.partition[0].cache.l3_ways = 9;
	find(&cut);
	cut_assert_nothing(&cut);
	/* CPUID does not tell it: what depends on it is unknown, what does not is decided. */
	cut.host.l3.ways_min = 0;
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[0].cache.l3_ways = 10;
	find(&cut);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_UNKNOWN), 1);
	cut.partition[0].cache.l3_ways = 11;
	find(&cut);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_REFUSED), 1);
	cut_tear_down(&cut);
}

static void what_cannot_be_divided_is_refused(void)
{
	struct cut cut;

	set_up(&cut, &one_cache);
	add(&cut, "2", 0);
	cut.partition[0].cache.l2_ways = 2;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-absent"), 1);
	cut.partition[0].cache = (struct cache_request){.l3_ways = 2};
	host_fixture_put(&cut.host, "/boot/config-6.1.0-37-rt-amd64", "# CONFIG_X86_CPU_RESCTRL is not set");
	cut.host.l3 = (struct host_resctrl){FACT_YES, 16, 11, 1};
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-absent"), 1);
	cut.host.l3 = (struct host_resctrl){0};
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-unknown"), 1);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_UNKNOWN), 1);
	cut_tear_down(&cut);
}

static void hostile_numbers_of_ways_are_unknown(void)
{
	static const unsigned ways[] = {0, 65, 4000000000U};
	struct cut cut;

	set_up(&cut, &one_cache);
	add(&cut, "2", 2);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		cut.host.l3.ways = ways[i];
		find(&cut);
		CU_ASSERT_EQUAL(cut_count(&cut, "cache-unknown"), 1);
	}
	cut.host.l3.ways = 64;
	cut.partition[0].cache.l3_ways = 63;
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void bandwidth_is_limited_by_percent_or_not(void)
{
	struct cut cut;

	set_up(&cut, &one_cache);
	add(&cut, "2", 0);
	cut.partition[0].cache.bandwidth_percent = 5;
	find(&cut);
	cut_assert_nothing(&cut);
	host_fixture_put(&cut.host, "/sys/fs/resctrl/info/MB/min_bandwidth", "10");
	cut.host.bandwidth = (struct host_resctrl){.supported = FACT_YES, .closids = 8};
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "bandwidth-least"), 1);
	cut.host.bandwidth.supported = FACT_NO;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "bandwidth-absent"), 1);
	cut.host.bandwidth.supported = FACT_UNKNOWN;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-unknown"), 1);
	cut_tear_down(&cut);
}

static void classes_of_service_run_out(void)
{
	struct cut cut;

	set_up(&cut, &one_cache);
	cut.host.bandwidth.closids = 3;
	add(&cut, "2", 1);
	add(&cut, "3", 1);
	find(&cut);
	cut_assert_nothing(&cut);
	add(&cut, "4", 1);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-closids"), 1);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	cut.host.bandwidth.closids = 0;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "cache-unknown"), 1);
	cut_tear_down(&cut);
}

void test_cache_plan_register(void)
{
	CU_pSuite suite = CU_add_suite("test_cache_plan", NULL, NULL);

	CU_ADD_TEST(suite, ways_are_laid_out_from_the_lowest);
	CU_ADD_TEST(suite, caches_apart_have_the_same_ways_to_give);
	CU_ADD_TEST(suite, everybody_else_keeps_some);
	CU_ADD_TEST(suite, masks_have_a_least_width);
	CU_ADD_TEST(suite, what_cannot_be_divided_is_refused);
	CU_ADD_TEST(suite, hostile_numbers_of_ways_are_unknown);
	CU_ADD_TEST(suite, bandwidth_is_limited_by_percent_or_not);
	CU_ADD_TEST(suite, classes_of_service_run_out);
}
