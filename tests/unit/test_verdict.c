// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <string.h>

#include "latency/verdict.h"

void test_verdict_register(void);

/* 1 GHz: a cycle is a nanosecond. */
static const struct verdict_terms terms = { .budget_ns = 1000, .tsc_khz = 1000000 };
static struct probe_result result;
static struct verdict_result verdict;

static struct probe_measure *measured(enum probe_measurement measurement, uint64_t cycles)
{
	struct probe_measure *measure = &result.measure[measurement];

	*measure = (struct probe_measure){ .state = PROBE_MEASURED };
	histogram_add(&measure->histogram, cycles);
	return measure;
}

static enum verdict judge(enum probe_measurement measurement, const struct verdict_terms *by)
{
	verdict_judge(&result.measure[measurement], measurement, by, &verdict);
	CU_ASSERT_NOT_EQUAL(strlen(verdict.reason), 0);
	return verdict.verdict;
}

static enum verdict judge_run(uint32_t asked)
{
	verdict_judge_run(&result, asked, &terms, &verdict);
	CU_ASSERT_NOT_EQUAL(strlen(verdict.reason), 0);
	return verdict.verdict;
}

static void cycles_are_rounded_up(void)
{
	CU_ASSERT_EQUAL(cycles_to_ns(0, 2400000), 0);
	CU_ASSERT_EQUAL(cycles_to_ns(1, 2400000), 1);
	CU_ASSERT_EQUAL(cycles_to_ns(2400000, 2400000), 1000000);
	CU_ASSERT_EQUAL(cycles_to_ns(2400001, 2400000), 1000001);
	CU_ASSERT_EQUAL(cycles_to_ns(UINT64_MAX, 1), UINT64_MAX);
	CU_ASSERT_EQUAL(cycles_to_ns(UINT64_MAX, 1000000), UINT64_MAX);
}

static void the_edge_holds(void)
{
	measured(PROBE_TIMER, 1000);
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_HELD);
	measured(PROBE_TIMER, 1001);
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_DID_NOT_HOLD);
	measured(PROBE_TIMER, UINT64_MAX);
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_DID_NOT_HOLD);
}

static void what_is_unknown_is_no_pass(void)
{
	struct verdict_terms by = terms;

	result = (struct probe_result){ 0 };
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_COULD_NOT_TELL);
	result.measure[PROBE_TIMER].state = PROBE_MEASURED;
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_COULD_NOT_TELL);
	result.measure[PROBE_TIMER].state = PROBE_UNSUPPORTED;
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_COULD_NOT_TELL);
	measured(PROBE_TIMER, 10);
	by.tsc_khz = 0;
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &by), VERDICT_COULD_NOT_TELL);
	measured(PROBE_TIMER, 10)->histogram.lost = 1;
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_COULD_NOT_TELL);
	measured(PROBE_TIMER, 2000)->histogram.lost = 1;
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &terms), VERDICT_DID_NOT_HOLD);
}

static void emulation_tells_nothing(void)
{
	struct verdict_terms by = terms;

	by.emulated = true;
	measured(PROBE_TIMER, 10);
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &by), VERDICT_COULD_NOT_TELL);
	measured(PROBE_TIMER, 10000);
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &by), VERDICT_COULD_NOT_TELL);
}

static void without_budget_nothing_is_asked(void)
{
	struct verdict_terms by = terms;

	by.budget_ns = 0;
	measured(PROBE_TIMER, 10);
	CU_ASSERT_EQUAL(judge(PROBE_TIMER, &by), VERDICT_NOT_ASKED);
	measured(PROBE_PIO, 10000);
	CU_ASSERT_EQUAL(judge(PROBE_PIO, &terms), VERDICT_NOT_ASKED);
	verdict_judge_run(&result, UINT32_MAX, &by, &verdict);
	CU_ASSERT_EQUAL(verdict.verdict, VERDICT_NOT_ASKED);
}

static void a_run_is_as_its_worst(void)
{
	uint32_t asked = 1U << PROBE_TIMER | 1U << PROBE_SPIN | 1U << PROBE_PIO;

	result = (struct probe_result){ 0 };
	measured(PROBE_TIMER, 10);
	measured(PROBE_SPIN, 20);
	measured(PROBE_PIO, 50000);
	CU_ASSERT_EQUAL(judge_run(asked), VERDICT_HELD);
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict.reason, "spin"));
	result.measure[PROBE_SPIN].state = PROBE_NOT_RUN;
	CU_ASSERT_EQUAL(judge_run(asked), VERDICT_COULD_NOT_TELL);
	measured(PROBE_TIMER, 1500);
	CU_ASSERT_EQUAL(judge_run(asked), VERDICT_DID_NOT_HOLD);
	measured(PROBE_SPIN, 1300);
	CU_ASSERT_EQUAL(judge_run(asked), VERDICT_DID_NOT_HOLD);
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict.reason, "timer"));
	CU_ASSERT_EQUAL(judge_run(1U << PROBE_PIO), VERDICT_COULD_NOT_TELL);
}

static void statuses(void)
{
	CU_ASSERT_EQUAL(verdict_status(VERDICT_HELD), 0);
	CU_ASSERT_EQUAL(verdict_status(VERDICT_NOT_ASKED), 0);
	CU_ASSERT_EQUAL(verdict_status(VERDICT_DID_NOT_HOLD), 1);
	CU_ASSERT_EQUAL(verdict_status(VERDICT_COULD_NOT_TELL), 2);
}

void test_verdict_register(void)
{
	CU_pSuite suite = CU_add_suite("test_verdict", NULL, NULL);

	CU_ADD_TEST(suite, cycles_are_rounded_up);
	CU_ADD_TEST(suite, the_edge_holds);
	CU_ADD_TEST(suite, what_is_unknown_is_no_pass);
	CU_ADD_TEST(suite, emulation_tells_nothing);
	CU_ADD_TEST(suite, without_budget_nothing_is_asked);
	CU_ADD_TEST(suite, a_run_is_as_its_worst);
	CU_ADD_TEST(suite, statuses);
}
