// SPDX-License-Identifier: Apache-2.0
/* What a plan asks of the host beside its CPUs: memory, hugepages, the kernel. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "tests/unit/plan_fixture.h"

void test_launch_plan_host_register(void);

static void memory_beyond_the_host_is_refused(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	bench.partition.memory_bytes = UINT64_C(6) << 30;
	CU_ASSERT_EQUAL(plan_run(&bench), 0);
	plan_tear_down(&bench);

	plan_set_up(&bench);
	bench.partition.memory_bytes = (UINT64_C(6) << 30) + 4096;
	assert_plan_refused(&bench, ENOMEM, "--memory", "6144M are available of 8192M");

	plan_set_up(&bench);
	bench.terms.file = "machine.yaml";
	bench.partition.memory_bytes = UINT64_C(1) << 44;
	assert_plan_refused(&bench, ENOMEM, "memory.size", "16T");
}

/* What cannot be read is not taken for enough. */
static void memory_that_is_unknown_is_refused(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	bench.host.memory.available_bytes.known = false;
	assert_plan_refused(&bench, ENODATA, "--memory", "cannot be read");

	plan_set_up(&bench);
	bench.partition.page_bytes = 2 << 20;
	bench.host.memory.pool[0] = (struct host_pool){.page_bytes = 2 << 20, .free = 64};
	assert_plan_refused(&bench, ENODATA, "--pages", "cannot be read");

	plan_set_up(&bench);
	bench.partition.require_preempt_rt = true;
	bench.host.kernel.preempt_rt = FACT_UNKNOWN;
	assert_plan_refused(&bench, ENOTSUP, "host.kernel", "cannot be read");
}

static void hugepages_that_are_not_reserved_are_refused(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	bench.partition.page_bytes = 2 << 20;
	bench.host.memory.pool[0].free = 32;
	CU_ASSERT_EQUAL(plan_run(&bench), 0);
	CU_ASSERT_EQUAL(bench.launch.page_bytes, 2 << 20);
	plan_tear_down(&bench);

	plan_set_up(&bench);
	bench.partition.page_bytes = 2 << 20;
	bench.host.memory.pool[0].free = 31;
	CU_ASSERT_EQUAL(plan_run(&bench), -ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.why.remedy, "hugepages-2048kB/nr_hugepages"));
	plan_tear_down(&bench);

	/* Reserved pages are no part of what is available, so that is not asked. */
	plan_set_up(&bench);
	bench.partition.page_bytes = 1 << 30;
	bench.partition.memory_bytes = UINT64_C(7) << 30;
	bench.host.memory.pool[1].free = 7;
	bench.host.memory.available_bytes.value = INT64_C(1) << 20;
	CU_ASSERT_EQUAL(plan_run(&bench), 0);
	plan_tear_down(&bench);

	plan_set_up(&bench);
	bench.partition.page_bytes = 1 << 30;
	bench.partition.memory_bytes = UINT64_C(2) << 30;
	bench.host.memory.pool[0].free = 100000;
	CU_ASSERT_EQUAL(plan_run(&bench), -ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.why.text, "1G"));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.why.remedy, "hugepages-1048576kB/nr_hugepages"));
	plan_tear_down(&bench);
}

static void preempt_rt_is_held_against_the_host(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	bench.partition.require_preempt_rt = true;
	bench.host.kernel.preempt_rt = FACT_YES;
	CU_ASSERT_EQUAL(plan_run(&bench), 0);
	CU_ASSERT_EQUAL(bench.notes.count, 0);
	plan_tear_down(&bench);

	plan_set_up(&bench);
	bench.partition.require_preempt_rt = true;
	assert_plan_refused(&bench, ENOTSUP, "host.kernel", "not PREEMPT_RT");

	plan_set_up(&bench);
	bench.partition.require_preempt_rt = true;
	bench.terms.best_effort = true;
	CU_ASSERT_EQUAL(plan_run(&bench), 0);
	CU_ASSERT_EQUAL(bench.notes.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.notes.text[0], "PREEMPT_RT"));
	CU_ASSERT_TRUE(bench.launch.best_effort);
	plan_tear_down(&bench);
}

static void devices_are_refused_or_left_out(void)
{
	struct partition_device device = {.address = "0000:03:00.0"};
	struct plan_bench bench;

	plan_set_up(&bench);
	bench.partition.device = &device;
	bench.partition.device_count = 1;
	CU_ASSERT_EQUAL(plan_run(&bench), -ENOTSUP);
	CU_ASSERT_STRING_EQUAL(bench.why.got, "0000:03:00.0");
	CU_ASSERT_NOT_EQUAL(bench.why.remedy[0], '\0');
	bench.terms.best_effort = true;
	CU_ASSERT_EQUAL(plan_run(&bench), 0);
	CU_ASSERT_EQUAL(bench.notes.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.notes.text[0], "without its 1 device:"));
	bench.partition.device = NULL;
	bench.partition.device_count = 0;
	plan_tear_down(&bench);
}

void test_launch_plan_host_register(void)
{
	CU_pSuite suite = CU_add_suite("launch_plan_host", NULL, NULL);

	CU_ADD_TEST(suite, memory_beyond_the_host_is_refused);
	CU_ADD_TEST(suite, memory_that_is_unknown_is_refused);
	CU_ADD_TEST(suite, hugepages_that_are_not_reserved_are_refused);
	CU_ADD_TEST(suite, devices_are_refused_or_left_out);
	CU_ADD_TEST(suite, preempt_rt_is_held_against_the_host);
}
