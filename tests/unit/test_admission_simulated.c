// SPDX-License-Identifier: Apache-2.0
/*
 * Admission against a simulator that knows no theory: over random task sets, what is accepted never
 * misses a deadline, and what is refused does miss one in the worst case.
 */
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/partition.h"
#include "sched/demand.h"
#include "sched/supply.h"
#include "tests/unit/simulator.h"

void test_admission_simulated_register(void);

enum {
	WHOLE_SETS = 5000,
	RESERVED_SETS = 6000,
	DERIVED_SETS = 150,
	LIMITED_SETS = 400,
	SETS_MIN = 10000,
	TICKS_MAX = 10000000, /* until a slight overload comes to light */
	TICKS_RANDOM = 1500,
	TICK_NS = 50000,     /* where sets are judged in ns */
};

static unsigned sets_in_all;

/* What came of all sets of one test. */
struct tally {
	unsigned accepted;
	unsigned refused;
	unsigned accepted_and_missed;
	unsigned refused_and_held;
	unsigned undecided;
};

static void assert_exact(const struct tally *tally, unsigned sets)
{
	CU_ASSERT_EQUAL(tally->accepted + tally->refused, sets);
	CU_ASSERT_EQUAL(tally->accepted_and_missed, 0);
	CU_ASSERT_EQUAL(tally->refused_and_held, 0);
	CU_ASSERT_EQUAL(tally->undecided, 0);
	/* Neither side is only a few. */
	CU_ASSERT_TRUE(tally->accepted > sets / 5);
	CU_ASSERT_TRUE(tally->refused > sets / 5);
}

/* In the worst case: all released at once, the supply as late as it may be. */
static bool misses_at_worst(const struct simulated_set *set,
			    const struct simulated_reservation *reservation)
{
	struct simulated_end end = simulate(set, reservation, TICKS_MAX, NULL);

	CU_ASSERT_TRUE(end.missed || end.settled);
	return end.missed;
}

static bool misses_at_random(struct simulated_set set, struct simulated_reservation reservation,
			     struct random_source *random)
{
	if (reservation.pattern != SUPPLY_ALWAYS) {
		reservation.pattern = SUPPLY_ANYWHERE;
		reservation.phase = random_below(random, reservation.period);
	}
	simulated_set_scatter(&set, random);
	return simulate(&set, &reservation, TICKS_RANDOM, random).missed;
}

static void tally_add(struct tally *tally, bool accepted, const struct simulated_set *set,
		      const struct simulated_reservation *reservation, struct random_source *random)
{
	bool missed = misses_at_worst(set, reservation);

	sets_in_all++;
	if (!accepted) {
		tally->refused++;
		tally->refused_and_held += !missed;
		return;
	}
	tally->accepted++;
	missed = missed || misses_at_random(*set, *reservation, random) ||
		 misses_at_random(*set, *reservation, random);
	tally->accepted_and_missed += missed;
}

static void demands_of(const struct simulated_set *set, struct demand *demand)
{
	for (unsigned i = 0; i < set->count; i++)
		demand[i] = (struct demand){set->task[i].budget, set->task[i].deadline,
					    set->task[i].period};
}

static void one_cpu_is_admitted_exactly(void)
{
	static const struct simulated_reservation whole_cpu = {.pattern = SUPPLY_ALWAYS};
	struct random_source random = {0x9e3779b97f4a7c15};
	struct tally tally = {0};

	for (unsigned i = 0; i < WHOLE_SETS; i++) {
		struct demand demand[SIMULATED_TASKS_MAX];
		struct demand_verdict verdict;
		struct simulated_set set;

		simulated_set_random(&set, 7, 500 + random_below(&random, 530), &random);
		set.edf = true;
		demands_of(&set, demand);
		verdict = demand_check(demand, set.count);
		tally.undecided += verdict.answer == DEMAND_UNDECIDED;
		CU_ASSERT_TRUE(verdict.demand_ns >= verdict.interval_ns);
		tally_add(&tally, verdict.answer == DEMAND_FITS, &set, &whole_cpu, &random);
	}
	assert_exact(&tally, WHOLE_SETS);
}

/* All on vCPU 0, a tick being @tick_ns. */
static void guest_of(const struct simulated_set *set, uint64_t tick_ns, struct guest_task *task,
		     struct guest_tasks *ret)
{
	*ret = (struct guest_tasks){.order = set->edf ? TASKS_EDF : TASKS_FIXED_PRIORITY,
				    .task = task, .count = set->count};
	for (unsigned i = 0; i < set->count; i++)
		task[i] = (struct guest_task){
			.period_ns = set->task[i].period * tick_ns,
			.deadline_ns = set->task[i].deadline * tick_ns,
			.budget_ns = set->task[i].budget * tick_ns,
			.priority = set->task[i].priority,
		};
}

static struct simulated_reservation reservation_random(struct random_source *random)
{
	static const unsigned periods[] = {2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15, 20, 21, 24, 28, 30};
	struct simulated_reservation reservation = {.pattern = SUPPLY_LATEST};

	reservation.period = periods[random_below(random, sizeof(periods) / sizeof(periods[0]))];
	reservation.runtime = 1 + random_below(random, reservation.period);
	reservation.deadline = reservation.period;
	if (random_below(random, 2) == 0)
		reservation.deadline -= random_below(random, reservation.period -
								     reservation.runtime + 1);
	return reservation;
}

static void reservations_are_judged_exactly(bool edf, uint64_t seed)
{
	struct random_source random = {seed};
	struct tally tally = {0};

	for (unsigned i = 0; i < RESERVED_SETS / 2; i++) {
		struct simulated_reservation reservation = reservation_random(&random);
		unsigned share = 1000 * reservation.runtime / reservation.period;
		struct guest_task task[SIMULATED_TASKS_MAX];
		struct supply_verdict verdict;
		struct simulated_set set;
		struct guest_tasks guest;

		simulated_set_random(&set, 5, 20 + random_below(&random, share), &random);
		set.edf = edf;
		guest_of(&set, TICK_NS, task, &guest);
		verdict = supply_check(&guest, 0, &(struct supply){
			(uint64_t)TICK_NS * reservation.runtime,
			(uint64_t)TICK_NS * reservation.deadline,
			(uint64_t)TICK_NS * reservation.period});
		tally.undecided += verdict.undecided;
		CU_ASSERT_TRUE(verdict.task == SIZE_MAX || verdict.late_ns != 0);
		tally_add(&tally, verdict.task == SIZE_MAX, &set, &reservation, &random);
	}
	assert_exact(&tally, RESERVED_SETS / 2);
}

static void fixed_priorities_in_a_reservation_are_judged_exactly(void)
{
	reservations_are_judged_exactly(false, 0xd1b54a32d192ed03);
}

static void edf_in_a_reservation_is_judged_exactly(void)
{
	reservations_are_judged_exactly(true, 0xaef17502108ef2d9);
}

/* Priorities that several tasks have: whichever the guest runs first, what is accepted holds. */
static void equal_priorities_hold_in_any_order(void)
{
	struct random_source random = {0x2545f4914f6cdd1d};
	unsigned accepted = 0;

	for (unsigned i = 0; i < 500; i++) {
		struct simulated_reservation reservation = reservation_random(&random);
		struct guest_task task[SIMULATED_TASKS_MAX];
		struct simulated_set set;
		struct guest_tasks guest;

		simulated_set_random(&set, 5, 20 + 500 * reservation.runtime / reservation.period,
				     &random);
		for (unsigned j = 0; j < set.count; j++)
			set.task[j].priority = 1 + random_below(&random, 2);
		guest_of(&set, TICK_NS, task, &guest);
		sets_in_all++;
		if (supply_check(&guest, 0, &(struct supply){
			    (uint64_t)TICK_NS * reservation.runtime,
			    (uint64_t)TICK_NS * reservation.deadline,
			    (uint64_t)TICK_NS * reservation.period}).task != SIZE_MAX)
			continue;
		accepted++;
		CU_ASSERT_FALSE(misses_at_worst(&set, &reservation));
		for (unsigned j = 0; j < set.count; j++)
			set.task[j].priority = set.task[j].priority * 8 + j;
		CU_ASSERT_FALSE(misses_at_worst(&set, &reservation));
	}
	CU_ASSERT_TRUE(accepted > 50);
}

/* More to do than is given on average; the first miss may then be very far away. All periods divide 168000. */
static bool overloads(const struct simulated_set *set,
		      const struct simulated_reservation *reservation)
{
	uint64_t work = 0;

	for (unsigned i = 0; i < set->count; i++)
		work += UINT64_C(168000) / set->task[i].period * set->task[i].budget;
	return work * reservation->period > UINT64_C(168000) * reservation->runtime;
}

/* Here a tick is 1 us, the unit of a derived runtime, and a task's period a multiple of 200 ticks. */
static void derived_reservations_hold_and_are_the_least(void)
{
	struct random_source random = {0xbf58476d1ce4e5b9};
	unsigned derived = 0;

	for (unsigned i = 0; i < DERIVED_SETS; i++) {
		struct simulated_reservation reservation = {.pattern = SUPPLY_LATEST};
		struct guest_task task[SIMULATED_TASKS_MAX];
		struct supply_verdict why;
		struct simulated_set set;
		struct guest_tasks guest;
		struct supply supply;

		simulated_set_random(&set, 3, 100 + random_below(&random, 500), &random);
		set.edf = i % 2 == 0;
		for (unsigned j = 0; j < set.count; j++) {
			set.task[j].period *= 200;
			set.task[j].deadline *= 200;
			set.task[j].budget *= 200;
		}
		guest_of(&set, 1000, task, &guest);
		sets_in_all++;
		if (supply_derive(&guest, 1, 0, 1000000000, &supply, &why) != 0)
			continue;
		derived++;
		reservation.runtime = (unsigned)(supply.runtime_ns / 1000);
		reservation.deadline = reservation.period = (unsigned)(supply.period_ns / 1000);
		CU_ASSERT_EQUAL(supply.runtime_ns % 1000, 0);
		CU_ASSERT_EQUAL(supply.deadline_ns, supply.period_ns);
		/* All of the CPU is that in any period; the one it has here repeats itself too late. */
		if (reservation.runtime == reservation.period)
			reservation.pattern = SUPPLY_ALWAYS;
		CU_ASSERT_FALSE(misses_at_worst(&set, &reservation));
		reservation.pattern = SUPPLY_LATEST;
		/* One microsecond less does not do, unless the kernel's least stands in the way. */
		if (--reservation.runtime > 2)
			CU_ASSERT_TRUE(overloads(&set, &reservation) ||
				       misses_at_worst(&set, &reservation));
	}
	CU_ASSERT_TRUE(derived > DERIVED_SETS / 2);
}

/* Whether any reservation of whole ticks within the limit serves the set, found by trying them all. */
static bool served_by_any(const struct simulated_set *set, unsigned limit_percent)
{
	for (unsigned period = 2; period <= 42; period++) {
		struct simulated_reservation reservation = {
			.pattern = SUPPLY_LATEST, .period = period, .deadline = period,
			.runtime = period * limit_percent / 100,
		};

		if (840 % period == 0 && reservation.runtime != 0 &&
		    simulate(set, &reservation, TICKS_MAX, NULL).settled)
			return true;
	}
	return false;
}

static void derivation_accepts_nearly_all_that_could_be(void)
{
	struct random_source random = {0x94d049bb133111eb};
	unsigned accepted = 0;
	unsigned possible = 0;

	for (unsigned i = 0; i < LIMITED_SETS; i++) {
		unsigned limit = 30 + random_below(&random, 60);
		struct guest_task task[SIMULATED_TASKS_MAX];
		struct supply_verdict why;
		struct simulated_set set;
		struct guest_tasks guest;
		struct supply supply;

		simulated_set_random(&set, 4, limit * (3 + random_below(&random, 8)), &random);
		set.edf = i % 2 == 0;
		guest_of(&set, TICK_NS, task, &guest);
		sets_in_all++;
		accepted += supply_derive(&guest, 1, 0, limit * UINT64_C(10000000), &supply,
					  &why) == 0;
		possible += served_by_any(&set, limit);
	}
	CU_ASSERT_TRUE(possible > LIMITED_SETS / 5 && possible < LIMITED_SETS * 4 / 5);
	CU_ASSERT_TRUE((int)accepted * 100 >= (int)possible * 100 - 3 * LIMITED_SETS);
}

/* The simulator itself, where the answer is known by hand. */
static void the_simulator_finds_known_misses(void)
{
	struct simulated_set set = {.task = {{2, 5, 5, 2, 0, 0}, {4, 7, 7, 1, 0, 0}}, .count = 2};
	struct simulated_reservation supply = {.pattern = SUPPLY_ALWAYS};
	struct simulated_end end = simulate(&set, &supply, TICKS_MAX, NULL);

	CU_ASSERT_TRUE(end.missed);
	CU_ASSERT_EQUAL(end.task, 1);
	CU_ASSERT_EQUAL(end.tick, 7);
	set.edf = true;
	end = simulate(&set, &supply, TICKS_MAX, NULL);
	CU_ASSERT_TRUE(end.settled);
	CU_ASSERT_EQUAL(end.tick, 35);
	/* 2 in 5 used up at once and then late: nothing for 6 ticks, so 1 is done at 7. */
	set = (struct simulated_set){.task = {{1, 7, 7, 1, 0, 0}}, .count = 1};
	supply = (struct simulated_reservation){SUPPLY_LATEST, 2, 5, 5, 0};
	CU_ASSERT_TRUE(simulate(&set, &supply, TICKS_MAX, NULL).settled);
	set.task[0].deadline = 6;
	end = simulate(&set, &supply, TICKS_MAX, NULL);
	CU_ASSERT_TRUE(end.missed);
	CU_ASSERT_EQUAL(end.tick, 6);
}

/* Last of the suite. */
static void enough_sets_were_tried(void)
{
	CU_ASSERT_TRUE(sets_in_all >= SETS_MIN);
}

void test_admission_simulated_register(void)
{
	CU_pSuite suite = CU_add_suite("admission_simulated", NULL, NULL);

	CU_ADD_TEST(suite, the_simulator_finds_known_misses);
	CU_ADD_TEST(suite, one_cpu_is_admitted_exactly);
	CU_ADD_TEST(suite, fixed_priorities_in_a_reservation_are_judged_exactly);
	CU_ADD_TEST(suite, edf_in_a_reservation_is_judged_exactly);
	CU_ADD_TEST(suite, equal_priorities_hold_in_any_order);
	CU_ADD_TEST(suite, derived_reservations_hold_and_are_the_least);
	CU_ADD_TEST(suite, derivation_accepts_nearly_all_that_could_be);
	CU_ADD_TEST(suite, enough_sets_were_tried);
}
