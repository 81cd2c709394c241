// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>

#include "sched/demand_sum.h"
#include "sched/supply_tasks.h"

typedef unsigned __int128 wide;

enum {
	GRID_MAX = 64,
	PPB = 1000000000,
};

#define US UINT64_C(1000)

/* sched_deadline_period_{min,max}_us as Linux starts with them. */
#define PERIOD_MIN (100 * US)
#define PERIOD_MAX ((UINT64_C(1) << 22) * US)

/*
 * One derivation.
 * @vcpu: the tasks of each vCPU that has any.
 * @best: the reservation found so far; runtime 0 for none.
 */
struct derivation {
	const struct supply_range *range;
	struct demand_work *work;
	struct vcpu_tasks *vcpu;
	size_t vcpu_count;
	uint64_t exit_cost_ns;
	uint64_t utilisation_ppb; /* of the busiest vCPU */
	bool undecided;
	struct supply best;
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct supply candidate(const struct derivation *derivation, uint64_t period_ns,
			       uint64_t runtime_us)
{
	uint64_t deadline_ns = derivation->range->deadline_ns;

	return (struct supply){runtime_us * US, deadline_ns != 0 ? deadline_ns : period_ns, period_ns};
}

static bool serves(struct derivation *derivation, struct supply supply)
{
	if (supply.runtime_ns <= derivation->exit_cost_ns)
		return false;
	supply.runtime_ns -= derivation->exit_cost_ns;
	for (size_t i = 0; i < derivation->vcpu_count; i++) {
		struct supply_verdict verdict = vcpu_tasks_serve(&derivation->vcpu[i], &supply,
								 derivation->work);

		derivation->undecided |= verdict.undecided;
		if (verdict.task != SIZE_MAX)
			return false;
	}
	return true;
}

/* The most that is within the limit and no worse than the best so far, in us. */
static uint64_t runtime_highest(const struct derivation *derivation, uint64_t period_ns)
{
	const struct supply *best = &derivation->best;
	wide limit = (wide)period_ns * derivation->range->limit_ppb / PPB;
	uint64_t highest_ns = limit > period_ns ? period_ns : (uint64_t)limit;

	if (derivation->range->deadline_ns != 0)
		highest_ns = smaller(highest_ns, derivation->range->deadline_ns);
	if (best->runtime_ns != 0)
		highest_ns = smaller(highest_ns, (uint64_t)((wide)best->runtime_ns * period_ns /
							    best->period_ns));
	return highest_ns / US;
}

/* A runtime, in us, that is too short for sure: below the utilisation, or the kernel's least of 1024 ns. */
static uint64_t runtime_too_short(const struct derivation *derivation, uint64_t period_ns)
{
	wide used_ns = (wide)period_ns * (derivation->utilisation_ppb - 1) / PPB;
	uint64_t short_us = (uint64_t)((used_ns + derivation->exit_cost_ns) / US);

	return short_us > 2 ? short_us - 1 : 1;
}

/* Whatever serves a reservation is served by one of the same period and more runtime. */
static void period_try(struct derivation *derivation, uint64_t period_ns)
{
	uint64_t low = runtime_too_short(derivation, period_ns);
	uint64_t high = runtime_highest(derivation, period_ns);

	if (high <= low || !serves(derivation, candidate(derivation, period_ns, high)))
		return;
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (serves(derivation, candidate(derivation, period_ns, middle)))
			high = middle;
		else
			low = middle;
	}
	derivation->best = candidate(derivation, period_ns, high);
}

static int period_compare(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* 1, 2, 5, 10, 20, 50, ... */
static uint64_t round_next(uint64_t round)
{
	uint64_t first = round;

	while (first >= 10)
		first /= 10;
	return first == 2 ? round / 2 * 5 : round * 2;
}

static size_t grid_make(const struct guest_tasks *tasks, uint64_t *grid)
{
	uint64_t shortest_ns = UINT64_MAX;
	size_t count = 0;

	for (size_t i = 0; i < tasks->count; i++)
		shortest_ns = smaller(shortest_ns, tasks->task[i].period_ns);
	for (uint64_t round = 100; round * US <= PERIOD_MAX; round = round_next(round))
		grid[count++] = round * US;
	for (uint64_t part = 1; shortest_ns / part >= PERIOD_MIN; part = round_next(part)) {
		if (shortest_ns / part <= PERIOD_MAX && shortest_ns % (part * US) == 0)
			grid[count++] = shortest_ns / part;
	}
	qsort(grid, count, sizeof(*grid), period_compare);
	return count;
}

/* The longest last, so that of two of the same utilisation it is the one that stays. */
static void grid_try(struct derivation *derivation, const struct guest_tasks *tasks)
{
	const struct supply_range *range = derivation->range;
	uint64_t grid[GRID_MAX];
	size_t count = grid_make(tasks, grid);

	for (size_t i = 0; i < count; i++) {
		if (grid[i] >= range->period_min_ns && grid[i] <= range->period_max_ns &&
		    grid[i] >= range->deadline_ns)
			period_try(derivation, grid[i]);
	}
}

static void busiest_find(struct derivation *derivation)
{
	derivation->utilisation_ppb = 1;
	for (size_t i = 0; i < derivation->vcpu_count; i++) {
		const struct vcpu_tasks *tasks = &derivation->vcpu[i];
		uint64_t ppb = demand_sum_ppb(tasks->demand, tasks->count);

		if (ppb > derivation->utilisation_ppb)
			derivation->utilisation_ppb = ppb;
	}
}

/* Says of the first vCPU that even a whole CPU does not serve which task fails. */
static void explain(const struct guest_tasks *tasks, unsigned vcpus,
		    const struct derivation *derivation, struct supply_verdict *why)
{
	static const struct supply whole_cpu = {1, 1, 1};

	*why = (struct supply_verdict){.task = SIZE_MAX, .undecided = derivation->undecided};
	for (unsigned vcpu = 0; vcpu < vcpus && why->task == SIZE_MAX; vcpu++) {
		struct supply_verdict verdict = supply_check_within(tasks, vcpu, &whole_cpu,
								    derivation->work);

		if (verdict.task != SIZE_MAX)
			*why = verdict;
	}
}

static bool tasks_well_formed(const struct guest_tasks *tasks, unsigned vcpus,
			      struct supply_verdict *why)
{
	for (size_t i = 0; i < tasks->count; i++) {
		const struct guest_task *task = &tasks->task[i];

		if (i < PARTITION_TASKS_MAX && task->vcpu < vcpus && task->deadline_ns != 0 &&
		    task->deadline_ns <= task->period_ns)
			continue;
		*why = (struct supply_verdict){.task = i, .undecided = true};
		return false;
	}
	return true;
}

int supply_derive_within(const struct guest_tasks *tasks, unsigned vcpus,
			 const struct supply_range *range, struct demand_work *work,
			 struct supply *ret, struct supply_verdict *why)
{
	struct derivation derivation = {
		.range = range, .work = work, .exit_cost_ns = tasks->exit_cost_ns,
	};

	if (vcpus > PARTITION_VCPUS_MAX)
		vcpus = PARTITION_VCPUS_MAX;
	if (!tasks_well_formed(tasks, vcpus, why))
		return -EDOM;
	derivation.vcpu = calloc(vcpus + 1, sizeof(*derivation.vcpu));
	if (derivation.vcpu == NULL)
		return -ENOMEM;
	for (unsigned vcpu = 0; vcpu < vcpus; vcpu++) {
		vcpu_tasks_gather(tasks, vcpu, &derivation.vcpu[derivation.vcpu_count]);
		derivation.vcpu_count += derivation.vcpu[derivation.vcpu_count].count != 0;
	}
	busiest_find(&derivation);
	if (range->period_ns != 0)
		period_try(&derivation, range->period_ns);
	else
		grid_try(&derivation, tasks);
	free(derivation.vcpu);
	if (derivation.best.runtime_ns == 0) {
		explain(tasks, vcpus, &derivation, why);
		return -EDOM;
	}
	*ret = derivation.best;
	return 0;
}

int supply_derive(const struct guest_tasks *tasks, unsigned vcpus, uint64_t period_ns,
		  uint64_t limit_ppb, struct supply *ret, struct supply_verdict *why)
{
	struct demand_work work = {2 * DEMAND_WORK_MAX};
	struct supply_range range = {
		.period_ns = period_ns, .limit_ppb = limit_ppb,
		.period_min_ns = PERIOD_MIN, .period_max_ns = PERIOD_MAX,
	};

	return supply_derive_within(tasks, vcpus, &range, &work, ret, why);
}
