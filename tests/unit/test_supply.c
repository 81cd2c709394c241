// SPDX-License-Identifier: Apache-2.0
/* What a reservation gives, what a guest's tasks need of it, and the least that is enough. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdint.h>

#include "core/config/partition.h"
#include "sched/supply.h"
#include "sched/supply_tasks.h"

void test_supply_register(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define US(n) ((uint64_t)(n) * 1000)
#define MS(n) ((uint64_t)(n) * 1000000)

enum { WHOLE = 1000000000 };

/* Shin and Lee's example: (5, 3) gives nothing for 4, then 3, then nothing for 2, and so on. */
static void a_periodic_supply_is_the_papers(void)
{
	static const uint64_t expected[] = {0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 6, 6, 7};
	static const struct supply supply = {3, 5, 5};

	for (uint64_t t = 0; t < COUNT(expected); t++)
		CU_ASSERT_EQUAL(supply_bound(&supply, t), expected[t]);
	CU_ASSERT_EQUAL(supply_gap(&supply), 4);
}

static void an_earlier_deadline_shortens_the_gap(void)
{
	static const uint64_t expected[] = {0, 0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 6};
	static const struct supply supply = {3, 4, 5};

	for (uint64_t t = 0; t < COUNT(expected); t++)
		CU_ASSERT_EQUAL(supply_bound(&supply, t), expected[t]);
	CU_ASSERT_EQUAL(supply_gap(&supply), 3);
}

static void the_whole_cpu_gives_all(void)
{
	static const struct supply supply = {1, 1, 1};

	CU_ASSERT_EQUAL(supply_bound(&supply, 0), 0);
	CU_ASSERT_EQUAL(supply_bound(&supply, 12345), 12345);
	CU_ASSERT_EQUAL(supply_bound(&supply, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(supply_time(&supply, UINT64_MAX), UINT64_MAX);
}

static void time_is_the_inverse_of_the_bound(void)
{
	for (uint64_t i = 0; i < 1000; i++) {
		struct supply supply = {1 + i % 10, 0, 10};

		supply.deadline_ns = supply.runtime_ns + i / 10 % (11 - supply.runtime_ns);
		for (uint64_t amount = 1; amount < 40; amount++) {
			uint64_t time = supply_time(&supply, amount);

			CU_ASSERT_TRUE(supply_bound(&supply, time) >= amount);
			CU_ASSERT_TRUE(supply_bound(&supply, time - 1) < amount);
		}
	}
	CU_ASSERT_EQUAL(supply_time(&(struct supply){3, 5, 5}, 0), 0);
}

static void what_is_no_supply_gives_nothing(void)
{
	static const struct supply bad[] = {{0, 5, 5}, {6, 5, 10}, {3, 6, 5}, {0, 0, 0}};
	static const struct supply huge = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
	static const struct supply rare = {1, UINT64_MAX, UINT64_MAX};

	for (size_t i = 0; i < COUNT(bad); i++) {
		CU_ASSERT_EQUAL(supply_bound(&bad[i], 1000), 0);
		CU_ASSERT_EQUAL(supply_time(&bad[i], 1), UINT64_MAX);
	}
	CU_ASSERT_EQUAL(supply_bound(&huge, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(supply_bound(&rare, UINT64_MAX), 0);
	CU_ASSERT_EQUAL(supply_time(&rare, 1), UINT64_MAX);
	CU_ASSERT_EQUAL(supply_gap(&rare), UINT64_MAX);
}

static struct guest_tasks guest(enum task_order order, struct guest_task *task, size_t count)
{
	return (struct guest_tasks){.order = order, .task = task, .count = count};
}

/* 1 of 4 and 2 of 8 in 2 of 4: nothing for 4, so the first is done at 5. */
static void a_late_task_is_named_with_its_lateness(void)
{
	struct guest_task task[] = {
		{.period_ns = MS(4), .deadline_ns = MS(4), .budget_ns = MS(1), .priority = 2},
		{.period_ns = MS(8), .deadline_ns = MS(8), .budget_ns = MS(2), .priority = 1},
	};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, task, 2);
	struct supply_verdict verdict = supply_check(&tasks, 0, &(struct supply){MS(2), MS(4), MS(4)});

	CU_ASSERT_EQUAL(verdict.task, 0);
	CU_ASSERT_EQUAL(verdict.late_ns, MS(1));
	CU_ASSERT_FALSE(verdict.undecided);
	/* 3 of 4: the first is done at 3; the second has had 1 by 4 and must wait out the first's next job. */
	verdict = supply_check(&tasks, 0, &(struct supply){MS(3), MS(4), MS(4)});
	CU_ASSERT_EQUAL(verdict.task, SIZE_MAX);
	task[1].deadline_ns = MS(6);
	verdict = supply_check(&tasks, 0, &(struct supply){MS(3), MS(4), MS(4)});
	CU_ASSERT_EQUAL(verdict.task, 1);
	CU_ASSERT_EQUAL(verdict.late_ns, MS(1));
}

static void lateness_grows_over_several_jobs(void)
{
	/* 2 of 5 before 4 of 7: jobs of the second end at 8, 14, 20, 28 and 34. */
	struct guest_task task[] = {
		{.period_ns = MS(5), .deadline_ns = MS(5), .budget_ns = MS(2), .priority = 2},
		{.period_ns = MS(7), .deadline_ns = MS(7), .budget_ns = MS(4), .priority = 1},
	};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, task, 2);
	struct supply_verdict verdict = supply_check(&tasks, 0, &(struct supply){1, 1, 1});

	CU_ASSERT_EQUAL(verdict.task, 1);
	CU_ASSERT_EQUAL(verdict.late_ns, MS(1));
	task[1].budget_ns = MS(5);
	verdict = supply_check(&tasks, 0, &(struct supply){1, 1, 1});
	CU_ASSERT_EQUAL(verdict.task, 1);
	CU_ASSERT_EQUAL(verdict.late_ns, UINT64_MAX);
}

static void equal_priorities_delay_each_other(void)
{
	struct guest_task task[] = {
		{.period_ns = MS(10), .deadline_ns = MS(3), .budget_ns = MS(2), .priority = 7},
		{.period_ns = MS(10), .deadline_ns = MS(9), .budget_ns = MS(2), .priority = 7},
	};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, task, 2);

	CU_ASSERT_EQUAL(supply_check(&tasks, 0, &(struct supply){1, 1, 1}).task, 0);
	task[0].priority = 8;
	CU_ASSERT_EQUAL(supply_check(&tasks, 0, &(struct supply){1, 1, 1}).task, SIZE_MAX);
	/* The file's order does not matter. */
	task[0].priority = 6;
	CU_ASSERT_EQUAL(supply_check(&tasks, 0, &(struct supply){1, 1, 1}).task, 0);
}

static void edf_says_what_is_missing_where(void)
{
	struct guest_task task[] = {
		{.period_ns = MS(10), .deadline_ns = MS(4), .budget_ns = MS(1)},
		{.period_ns = MS(10), .deadline_ns = MS(8), .budget_ns = MS(3)},
	};
	struct guest_tasks tasks = guest(TASKS_EDF, task, 2);
	struct supply_verdict verdict = supply_check(&tasks, 0, &(struct supply){MS(3), MS(5), MS(5)});

	/* Nothing for 4: the first misses by its whole budget. */
	CU_ASSERT_EQUAL(verdict.task, 0);
	CU_ASSERT_EQUAL(verdict.interval_ns, MS(4));
	CU_ASSERT_EQUAL(verdict.late_ns, MS(1));
	task[0].deadline_ns = MS(5);
	verdict = supply_check(&tasks, 0, &(struct supply){MS(3), MS(5), MS(5)});
	CU_ASSERT_EQUAL(verdict.task, 1);
	CU_ASSERT_EQUAL(verdict.interval_ns, MS(8));
	CU_ASSERT_EQUAL(verdict.late_ns, MS(1));
	verdict = supply_check(&tasks, 0, &(struct supply){MS(1), MS(5), MS(5)});
	CU_ASSERT_EQUAL(verdict.late_ns, UINT64_MAX);
	CU_ASSERT_EQUAL(verdict.interval_ns, 0);
}

static void vcpus_are_judged_apart(void)
{
	struct guest_task task[] = {
		{.period_ns = MS(1), .deadline_ns = MS(1), .budget_ns = US(900), .vcpu = 1},
		{.period_ns = MS(1), .deadline_ns = MS(1), .budget_ns = US(100), .vcpu = 3},
	};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, task, 2);
	static const struct supply half = {US(100), US(200), US(200)};

	CU_ASSERT_EQUAL(supply_check(&tasks, 0, &half).task, SIZE_MAX);
	CU_ASSERT_EQUAL(supply_check(&tasks, 1, &half).task, 0);
	CU_ASSERT_EQUAL(supply_check(&tasks, 2, &half).task, SIZE_MAX);
	CU_ASSERT_EQUAL(supply_check(&tasks, 3, &half).task, SIZE_MAX);
}

/*
 * 1 in 10, in a period of 5: the longest gap is 10 - 2 runtime. Of less than 1, a second runtime must come
 * and does so too late; of 1, all is done at 9.
 */
static void the_least_runtime_is_found(void)
{
	struct guest_task task = {.period_ns = MS(10), .deadline_ns = MS(10), .budget_ns = MS(1)};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, &task, 1);
	struct supply_verdict why;
	struct supply supply;

	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 1, MS(5), WHOLE, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.period_ns, MS(5));
	CU_ASSERT_EQUAL(supply.deadline_ns, MS(5));
	CU_ASSERT_EQUAL(supply.runtime_ns, MS(1));
	tasks.exit_cost_ns = US(10);
	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 1, MS(5), WHOLE, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.runtime_ns, US(1010));
	tasks.exit_cost_ns = 10001;
	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 1, MS(5), WHOLE, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.runtime_ns, US(1011));
	tasks.exit_cost_ns = 11000;
	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 1, MS(5), WHOLE, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.runtime_ns, US(1011));
}

static uint64_t least_on_grid(const struct guest_tasks *tasks, struct supply *ret)
{
	struct supply_verdict why;

	CU_ASSERT_EQUAL_FATAL(supply_derive(tasks, 1, 0, WHOLE, ret, &why), 0);
	return ret->runtime_ns * WHOLE / ret->period_ns;
}

/* No single period of the grid does better than what is chosen, and an exit's cost makes it longer. */
static void the_best_period_is_chosen(void)
{
	static const unsigned period_us[] = {100, 200, 500, 1000, 2000, 4000, 5000, 10000, 20000};
	struct guest_task task[] = {
		{.period_ns = MS(4), .deadline_ns = MS(4), .budget_ns = US(700), .priority = 2},
		{.period_ns = MS(10), .deadline_ns = MS(9), .budget_ns = MS(2), .priority = 1},
	};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, task, 2);
	struct supply_verdict why;
	struct supply best;
	struct supply dearer;
	uint64_t least = least_on_grid(&tasks, &best);

	for (size_t i = 0; i < COUNT(period_us); i++) {
		struct supply supply;

		if (supply_derive(&tasks, 1, US(period_us[i]), WHOLE, &supply, &why) == 0)
			CU_ASSERT_TRUE(supply.runtime_ns * WHOLE / supply.period_ns >= least);
	}
	tasks.exit_cost_ns = US(20);
	CU_ASSERT_TRUE(least_on_grid(&tasks, &dearer) > least);
	CU_ASSERT_TRUE(dearer.period_ns > best.period_ns);
}

/* A task that needs every nanosecond is served by the whole CPU in any period: the longest. */
static void of_equal_shares_the_longer_period_is_taken(void)
{
	struct guest_task task = {.period_ns = MS(1), .deadline_ns = MS(1), .budget_ns = MS(1)};
	struct guest_tasks tasks = guest(TASKS_EDF, &task, 1);
	struct supply_verdict why;
	struct supply supply;

	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 1, 0, WHOLE, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.runtime_ns, supply.period_ns);
	CU_ASSERT_EQUAL(supply.period_ns, MS(2000));
}

static void the_busiest_vcpu_decides(void)
{
	struct guest_task task[] = {
		{.period_ns = MS(10), .deadline_ns = MS(10), .budget_ns = MS(1), .vcpu = 0},
		{.period_ns = MS(10), .deadline_ns = MS(10), .budget_ns = MS(4), .vcpu = 1},
	};
	struct guest_tasks tasks = guest(TASKS_EDF, task, 2);
	struct guest_tasks second = guest(TASKS_EDF, &task[1], 1);
	struct supply_verdict why;
	struct supply both;
	struct supply alone;

	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 2, MS(1), WHOLE, &both, &why), 0);
	CU_ASSERT_EQUAL_FATAL(supply_derive(&second, 2, MS(1), WHOLE, &alone, &why), 0);
	CU_ASSERT_EQUAL(both.runtime_ns, alone.runtime_ns);
	/* A task on a vCPU that there is not is not forgotten. */
	CU_ASSERT_EQUAL(supply_derive(&tasks, 1, MS(1), WHOLE, &both, &why), -EDOM);
	CU_ASSERT_EQUAL(why.task, 1);
}

static void no_reservation_is_explained(void)
{
	struct guest_task task[] = {
		{.period_ns = MS(2), .deadline_ns = MS(2), .budget_ns = MS(1), .priority = 2},
		{.period_ns = MS(4), .deadline_ns = MS(2), .budget_ns = US(1500), .priority = 1},
	};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, task, 2);
	struct supply_verdict why;
	struct supply supply;

	/* Done at 3.5, as the first runs again at 2. */
	CU_ASSERT_EQUAL(supply_derive(&tasks, 1, 0, WHOLE, &supply, &why), -EDOM);
	CU_ASSERT_EQUAL(why.task, 1);
	CU_ASSERT_EQUAL(why.late_ns, US(1500));
	/* The whole CPU would do, half of it does not. */
	task[1].budget_ns = US(500);
	CU_ASSERT_EQUAL(supply_derive(&tasks, 1, 0, WHOLE / 2, &supply, &why), -EDOM);
	CU_ASSERT_EQUAL(why.task, SIZE_MAX);
	CU_ASSERT_EQUAL(supply_derive(&tasks, 1, 0, WHOLE, &supply, &why), 0);
}

static void the_kernels_least_runtime_is_kept(void)
{
	struct guest_task task = {.period_ns = MS(100000), .deadline_ns = MS(100000),
				  .budget_ns = US(1)};
	struct guest_tasks tasks = guest(TASKS_EDF, &task, 1);
	struct supply_verdict why;
	struct supply supply;

	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 1, US(100), WHOLE, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.runtime_ns, US(2));
	CU_ASSERT_EQUAL_FATAL(supply_derive(&tasks, 1, 0, WHOLE, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.runtime_ns, US(2));
	CU_ASSERT_EQUAL(supply.period_ns, MS(2000));
}

static void a_range_is_kept_to(void)
{
	struct guest_task task = {.period_ns = MS(10), .deadline_ns = MS(4), .budget_ns = MS(1)};
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, &task, 1);
	struct supply_range range = {.limit_ppb = WHOLE, .period_min_ns = MS(2), .period_max_ns = MS(2)};
	struct demand_work work = {DEMAND_WORK_MAX};
	struct supply_verdict why;
	struct supply early;
	struct supply supply;

	CU_ASSERT_EQUAL_FATAL(supply_derive_within(&tasks, 1, &range, &work, &supply, &why), 0);
	CU_ASSERT_EQUAL(supply.period_ns, MS(2));
	range.period_ns = MS(2);
	range.deadline_ns = MS(1);
	CU_ASSERT_EQUAL_FATAL(supply_derive_within(&tasks, 1, &range, &work, &early, &why), 0);
	CU_ASSERT_EQUAL(early.deadline_ns, MS(1));
	CU_ASSERT_EQUAL(supply.runtime_ns, MS(1));
	CU_ASSERT_EQUAL(early.runtime_ns, US(667));
	/* Out of work: no answer is no reservation. */
	work.left = 0;
	CU_ASSERT_EQUAL(supply_derive_within(&tasks, 1, &range, &work, &early, &why), -EDOM);
	CU_ASSERT_TRUE(why.undecided);
}

/* Nanoseconds beside a hundred seconds, 64 of them: an end in bounded time, and no acceptance by chance. */
static void hostile_tasks_are_answered_in_bounded_time(void)
{
	struct guest_task task[PARTITION_TASKS_MAX];
	struct guest_tasks tasks = guest(TASKS_FIXED_PRIORITY, task, COUNT(task));
	struct supply_verdict why;
	struct supply supply;

	for (size_t i = 0; i < COUNT(task); i++)
		task[i] = (struct guest_task){
			.period_ns = i % 2 == 0 ? US(10) + i : MS(100000) - i,
			.deadline_ns = i % 2 == 0 ? US(10) + i : MS(100000) - i,
			.budget_ns = i % 2 == 0 ? 300 : MS(100), .priority = (unsigned)(64 - i),
		};
	CU_ASSERT_NOT_EQUAL(supply_derive(&tasks, 1, 0, WHOLE, &supply, &why), -ENOMEM);
	tasks.order = TASKS_EDF;
	CU_ASSERT_NOT_EQUAL(supply_derive(&tasks, 1, 0, WHOLE, &supply, &why), -ENOMEM);
	for (size_t i = 0; i < COUNT(task); i++) {
		task[i].period_ns = i % 3 == 0 ? 0 : UINT64_MAX - i;
		task[i].deadline_ns = i % 5 == 0 ? UINT64_MAX : task[i].period_ns;
		task[i].budget_ns = UINT64_MAX / (i + 1);
	}
	CU_ASSERT_EQUAL(supply_derive(&tasks, 1, 0, WHOLE, &supply, &why), -EDOM);
	CU_ASSERT_NOT_EQUAL(supply_check(&tasks, 0, &(struct supply){1, 1, 1}).task, SIZE_MAX);
	tasks.order = TASKS_FIXED_PRIORITY;
	for (size_t i = 0; i < COUNT(task); i++)
		task[i].period_ns = task[i].deadline_ns = UINT64_MAX;
	/* Sums beyond 64 bits are not taken for what is left of them. */
	CU_ASSERT_NOT_EQUAL(supply_check(&tasks, 0, &(struct supply){1, 1, 1}).task, SIZE_MAX);
	tasks.count = PARTITION_TASKS_MAX + 1;
	CU_ASSERT_TRUE(supply_check(&tasks, 0, &(struct supply){1, 1, 1}).undecided);
}

void test_supply_register(void)
{
	CU_pSuite suite = CU_add_suite("supply", NULL, NULL);

	CU_ADD_TEST(suite, a_periodic_supply_is_the_papers);
	CU_ADD_TEST(suite, an_earlier_deadline_shortens_the_gap);
	CU_ADD_TEST(suite, the_whole_cpu_gives_all);
	CU_ADD_TEST(suite, time_is_the_inverse_of_the_bound);
	CU_ADD_TEST(suite, what_is_no_supply_gives_nothing);
	CU_ADD_TEST(suite, a_late_task_is_named_with_its_lateness);
	CU_ADD_TEST(suite, lateness_grows_over_several_jobs);
	CU_ADD_TEST(suite, equal_priorities_delay_each_other);
	CU_ADD_TEST(suite, edf_says_what_is_missing_where);
	CU_ADD_TEST(suite, vcpus_are_judged_apart);
	CU_ADD_TEST(suite, the_least_runtime_is_found);
	CU_ADD_TEST(suite, the_best_period_is_chosen);
	CU_ADD_TEST(suite, of_equal_shares_the_longer_period_is_taken);
	CU_ADD_TEST(suite, the_busiest_vcpu_decides);
	CU_ADD_TEST(suite, no_reservation_is_explained);
	CU_ADD_TEST(suite, the_kernels_least_runtime_is_kept);
	CU_ADD_TEST(suite, a_range_is_kept_to);
	CU_ADD_TEST(suite, hostile_tasks_are_answered_in_bounded_time);
}
