// SPDX-License-Identifier: Apache-2.0
/* The processor-demand criterion where the answer is known by hand, and at its edges. */
#include <CUnit/CUnit.h>
#include <stdint.h>

#include "sched/demand.h"
#include "sched/demand_sum.h"

void test_demand_register(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MS(n) ((uint64_t)(n) * 1000000)

static void the_bound_steps_at_deadlines(void)
{
	static const struct demand demand[] = {{2, 4, 5}, {1, 10, 10}};

	CU_ASSERT_EQUAL(demand_bound(demand, 2, 0), 0);
	CU_ASSERT_EQUAL(demand_bound(demand, 2, 3), 0);
	CU_ASSERT_EQUAL(demand_bound(demand, 2, 4), 2);
	CU_ASSERT_EQUAL(demand_bound(demand, 2, 8), 2);
	CU_ASSERT_EQUAL(demand_bound(demand, 2, 9), 4);
	CU_ASSERT_EQUAL(demand_bound(demand, 2, 10), 5);
	CU_ASSERT_EQUAL(demand_bound(NULL, 0, 10), 0);
}

static void the_bound_saturates(void)
{
	static const struct demand dense[] = {{1, 1, 1}, {1, 1, 1}};
	static const struct demand huge[] = {{UINT64_MAX, UINT64_MAX, UINT64_MAX}};

	CU_ASSERT_EQUAL(demand_bound(dense, 1, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(demand_bound(dense, 2, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(demand_bound(huge, 1, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(demand_bound(huge, 1, UINT64_MAX - 1), 0);
}

static void nothing_fits(void)
{
	struct demand_verdict verdict = demand_check(NULL, 0);

	CU_ASSERT_EQUAL(verdict.answer, DEMAND_FITS);
	CU_ASSERT_EQUAL(verdict.utilisation_ppb, 0);
}

static void a_full_cpu_fits_to_the_last_nanosecond(void)
{
	struct demand demand[] = {{MS(4), MS(10), MS(10)}, {MS(6), MS(10), MS(10)}};

	CU_ASSERT_EQUAL(demand_check(demand, 2).answer, DEMAND_FITS);
	CU_ASSERT_EQUAL(demand_check(demand, 2).utilisation_ppb, 1000000000);
	demand[0].runtime_ns++;
	CU_ASSERT_EQUAL(demand_check(demand, 2).answer, DEMAND_OVER);
	CU_ASSERT_EQUAL(demand_check(demand, 2).interval_ns, 0);
	CU_ASSERT_EQUAL(demand_check(demand, 2).utilisation_ppb, 1000000100);
}

/* 1/3 + 1/3 + 1/3 is 1, and no binary or decimal fraction says so. */
static void thirds_are_a_whole(void)
{
	struct demand demand[] = {{1, 3, 3}, {MS(1), MS(3), MS(3)}, {7, 21, 21}};

	CU_ASSERT_EQUAL(demand_check(demand, 3).answer, DEMAND_FITS);
	CU_ASSERT_EQUAL(demand_check(demand, 3).utilisation_ppb, 1000000000);
	/* Less than a part of 10^18 more. */
	demand[0] = (struct demand){UINT64_C(1000000000000000001), UINT64_C(3000000000000000000),
				    UINT64_C(3000000000000000000)};
	CU_ASSERT_EQUAL(demand_check(demand, 3).answer, DEMAND_OVER);
	CU_ASSERT_EQUAL(demand_check(demand, 3).utilisation_ppb, 1000000001);
}

static void sums_are_compared_exactly(void)
{
	static const struct ratio seventh[] = {{1, 7}, {2, 7}, {4, 7}};
	static const struct ratio primes[] = {{1, UINT64_C(18446744073709551557)},
					      {UINT64_C(18446744073709551532),
					       UINT64_C(18446744073709551533)}};

	CU_ASSERT_EQUAL(ratio_sum_compare(seventh, 3, (struct ratio){1, 1}), 0);
	CU_ASSERT_EQUAL(ratio_sum_compare(seventh, 2, (struct ratio){3, 7}), 0);
	CU_ASSERT_TRUE(ratio_sum_compare(seventh, 2, (struct ratio){300000000, 700000001}) > 0);
	CU_ASSERT_TRUE(ratio_sum_compare(seventh, 2, (struct ratio){300000001, 700000000}) < 0);
	CU_ASSERT_EQUAL(ratio_sum_compare(NULL, 0, (struct ratio){0, 5}), 0);
	CU_ASSERT_TRUE(ratio_sum_compare(NULL, 0, (struct ratio){1, 5}) < 0);
	/* 1/p + (q-1)/q with p > q: below 1 by a part of 10^37. */
	CU_ASSERT_TRUE(ratio_sum_compare(primes, 2, (struct ratio){1, 1}) < 0);
	CU_ASSERT_EQUAL(ratio_sum_ppb(primes, 2), 1000000000);
	CU_ASSERT_EQUAL(ratio_sum_ppb(seventh, 1), 142857143);
	CU_ASSERT_EQUAL(ratio_sum_ppb(&(struct ratio){UINT64_MAX, 1}, 1), UINT64_MAX);
}

/* Every sum of k of 60 equal parts, each written with a denominator of its own. */
static void many_terms_come_to_a_whole(void)
{
	struct ratio term[60];

	for (uint64_t i = 0; i < COUNT(term); i++)
		term[i] = (struct ratio){i + 1, (i + 1) * 60};
	for (uint64_t count = 0; count <= COUNT(term); count++) {
		CU_ASSERT_EQUAL(ratio_sum_compare(term, count, (struct ratio){count, 60}), 0);
		CU_ASSERT_TRUE(ratio_sum_compare(term, count, (struct ratio){count + 1, 60}) < 0);
		CU_ASSERT_EQUAL(ratio_sum_ppb(term, count), (count * 1000000000 + 59) / 60);
	}
}

/* A little used in the mean, too much at once. */
static void early_deadlines_are_over_with_evidence(void)
{
	static const struct demand demand[] = {{MS(3), MS(4), MS(20)}, {MS(2), MS(4), MS(20)}};
	struct demand_verdict verdict = demand_check(demand, 2);

	CU_ASSERT_EQUAL(verdict.answer, DEMAND_OVER);
	CU_ASSERT_EQUAL(verdict.interval_ns, MS(4));
	CU_ASSERT_EQUAL(verdict.demand_ns, MS(5));
	CU_ASSERT_EQUAL(verdict.utilisation_ppb, 250000000);
}

static void one_nanosecond_of_deadline_decides(void)
{
	struct demand demand[] = {{MS(3), MS(4), MS(20)}, {MS(2), MS(5), MS(20)}};

	CU_ASSERT_EQUAL(demand_check(demand, 2).answer, DEMAND_FITS);
	demand[1].deadline_ns--;
	CU_ASSERT_EQUAL(demand_check(demand, 2).answer, DEMAND_OVER);
}

/* Full, with a deadline before the period: all up to the hyperperiod counts. */
static void a_full_cpu_with_early_deadlines_is_decided(void)
{
	struct demand demand[] = {{2, 3, 4}, {3, 6, 6}};

	CU_ASSERT_EQUAL(demand_check(demand, 2).answer, DEMAND_FITS);
	demand[0] = (struct demand){2, 2, 4};
	demand[1] = (struct demand){3, 5, 6};
	CU_ASSERT_EQUAL(demand_check(demand, 2).answer, DEMAND_OVER);
	CU_ASSERT_EQUAL(demand_check(demand, 2).interval_ns, 6);
	CU_ASSERT_EQUAL(demand_check(demand, 2).demand_ns, 7);
}

/* Full, with periods whose common multiple is beyond any interval: refused rather than guessed at. */
static void what_cannot_be_decided_is_said(void)
{
	static const uint64_t prime[] = {4194303973, 4194303953, 4194303941, 4194303911};
	struct demand demand[COUNT(prime) + 1];
	uint64_t work;

	for (size_t i = 0; i < COUNT(prime); i++)
		demand[i] = (struct demand){prime[i] / 4, prime[i] - 1, prime[i]};
	/* All but a part of 10^9 is used. */
	CU_ASSERT_NOT_EQUAL(demand_check(demand, COUNT(prime)).answer, DEMAND_OVER);
	demand[0] = (struct demand){1, 1, 2};
	demand[1] = (struct demand){prime[0] / 2, prime[0], prime[0]};
	demand[2] = (struct demand){1, 2 * prime[0], 2 * prime[0]};
	CU_ASSERT_EQUAL(demand_check(demand, 3).answer, DEMAND_FITS);
	for (work = 0; work < 64; work++) {
		struct demand_work left = {work};

		CU_ASSERT_NOT_EQUAL(demand_check_within(demand, 3, &left).answer, DEMAND_OVER);
		CU_ASSERT_TRUE(left.left <= work);
	}
	CU_ASSERT_EQUAL(demand_check_within(demand, 3, &(struct demand_work){0}).answer,
			DEMAND_UNDECIDED);
}

static void what_is_no_demand_is_not_accepted(void)
{
	static const struct demand bad[] = {{1, 0, 10}, {1, 1, 0}, {1, 11, 10}, {0, 0, 0}};
	static struct demand many[RATIO_TERMS_MAX + 1];

	for (size_t i = 0; i < COUNT(bad); i++)
		CU_ASSERT_EQUAL(demand_check(&bad[i], 1).answer, DEMAND_UNDECIDED);
	/* A runtime above the deadline is one that cannot be met. */
	CU_ASSERT_EQUAL(demand_check(&(struct demand){6, 5, 10}, 1).answer, DEMAND_OVER);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct demand){1, MS(1), MS(1)};
	CU_ASSERT_EQUAL(demand_check(many, COUNT(many)).answer, DEMAND_UNDECIDED);
	CU_ASSERT_EQUAL(demand_check(many, COUNT(many) - 1).answer, DEMAND_FITS);
}

static void extreme_values_do_no_harm(void)
{
	static const uint64_t value[] = {1, 2, 1000, UINT64_C(1) << 32, UINT64_C(1) << 62,
					 UINT64_C(1) << 63, UINT64_MAX - 1, UINT64_MAX};

	for (size_t i = 0; i < COUNT(value) * COUNT(value) * COUNT(value); i++) {
		struct demand demand[] = {
			{value[i % 8], value[i / 8 % 8], value[i / 64]},
			{value[i / 64], value[i % 8], value[i / 8 % 8]},
			{1, 3, 3},
		};
		struct demand_verdict verdict = demand_check(demand, 3);

		CU_ASSERT_TRUE(verdict.answer != DEMAND_FITS || verdict.utilisation_ppb <= 1000000000);
		CU_ASSERT_TRUE(verdict.demand_ns >= verdict.interval_ns);
	}
}

void test_demand_register(void)
{
	CU_pSuite suite = CU_add_suite("demand", NULL, NULL);

	CU_ADD_TEST(suite, the_bound_steps_at_deadlines);
	CU_ADD_TEST(suite, the_bound_saturates);
	CU_ADD_TEST(suite, nothing_fits);
	CU_ADD_TEST(suite, a_full_cpu_fits_to_the_last_nanosecond);
	CU_ADD_TEST(suite, thirds_are_a_whole);
	CU_ADD_TEST(suite, sums_are_compared_exactly);
	CU_ADD_TEST(suite, many_terms_come_to_a_whole);
	CU_ADD_TEST(suite, early_deadlines_are_over_with_evidence);
	CU_ADD_TEST(suite, one_nanosecond_of_deadline_decides);
	CU_ADD_TEST(suite, a_full_cpu_with_early_deadlines_is_decided);
	CU_ADD_TEST(suite, what_cannot_be_decided_is_said);
	CU_ADD_TEST(suite, what_is_no_demand_is_not_accepted);
	CU_ADD_TEST(suite, extreme_values_do_no_harm);
}
