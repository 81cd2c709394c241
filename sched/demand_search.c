// SPDX-License-Identifier: Apache-2.0
#include "sched/demand_search.h"

#include "sched/demand_sum.h"
#include "sched/supply.h"

typedef unsigned __int128 wide;

/* Intervals above this, 146 years, are not looked at; far enough below 2^64 that none is saturated. */
#define INTERVAL_MAX (UINT64_C(1) << 62)

enum { BUSY_STEPS_MAX = 128, EARLIEST_STEPS_MAX = 1024 };

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

bool demand_work_take(struct demand_work *work, uint64_t looks)
{
	if (work->left < looks) {
		work->left = 0;
		return false;
	}
	work->left -= looks;
	return true;
}

struct demand_work demand_work_split(struct demand_work *work, uint64_t most)
{
	struct demand_work part = {smaller(work->left, most)};

	work->left -= part.left;
	return part;
}

static wide divide_up(wide numerator, uint64_t denominator)
{
	return numerator / denominator + (numerator % denominator != 0);
}

/*
 * Rounded up from the exact bound, its denominator down, in parts of 2^64; UINT64_MAX where the two
 * utilisations are too close for that.
 */
static uint64_t linear_bound(const struct demand_search *search)
{
	const struct supply *supply = search->supply;
	wide above = divide_up((wide)supply->runtime_ns * supply_gap(supply), supply->period_ns);
	wide supplied = ((wide)supply->runtime_ns << 64) / supply->period_ns;
	wide demanded = 0;

	for (size_t i = 0; i < search->count; i++) {
		const struct demand *demand = &search->demand[i];

		demanded += divide_up((wide)demand->runtime_ns << 64, demand->period_ns);
		above += divide_up((wide)demand->runtime_ns *
				   (demand->period_ns - demand->deadline_ns), demand->period_ns);
	}
	if (above == 0)
		return 0; /* holds at equal utilisations too */
	if (demanded >= supplied || above > UINT64_MAX)
		return UINT64_MAX;
	above <<= 64;
	above = above / (supplied - demanded) + 1;
	return above > UINT64_MAX ? UINT64_MAX : (uint64_t)above;
}

/* What may be released from 0 until before @t_ns. */
static uint64_t released(const struct demand_search *search, uint64_t t_ns)
{
	wide sum = 0;

	for (size_t i = 0; i < search->count && sum <= UINT64_MAX; i++)
		sum += divide_up(t_ns, search->demand[i].period_ns) * search->demand[i].runtime_ns;
	return sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

static uint64_t busy_bound(const struct demand_search *search)
{
	uint64_t busy = 1;

	for (unsigned step = 0; step < BUSY_STEPS_MAX; step++) {
		uint64_t next = supply_time(search->supply, released(search, busy));

		if (next <= busy)
			return busy;
		if (next > INTERVAL_MAX || !demand_work_take(search->work, search->count))
			break;
		busy = next;
	}
	return UINT64_MAX;
}

static uint64_t common_multiple(uint64_t a, uint64_t b)
{
	uint64_t x = a;
	uint64_t y = b;

	while (y != 0) {
		uint64_t rest = x % y;

		x = y;
		y = rest;
	}
	return a / x > INTERVAL_MAX / b ? UINT64_MAX : a / x * b;
}

static uint64_t repetition_bound(const struct demand_search *search)
{
	const struct supply *supply = search->supply;
	uint64_t multiple = supply->period_ns;

	for (size_t i = 0; i < search->count && multiple <= INTERVAL_MAX; i++)
		multiple = common_multiple(multiple, search->demand[i].period_ns);
	if (multiple > INTERVAL_MAX)
		return UINT64_MAX;
	/* The supply's curve repeats itself from its first step on. */
	return multiple + (supply->deadline_ns - supply->runtime_ns) + 1;
}

/* The last deadline before @t_ns, 0 where there is none. */
static uint64_t deadline_before(const struct demand_search *search, uint64_t t_ns)
{
	uint64_t last = 0;

	for (size_t i = 0; i < search->count; i++) {
		const struct demand *demand = &search->demand[i];

		if (demand->runtime_ns == 0 || demand->deadline_ns >= t_ns)
			continue;
		uint64_t jobs = (t_ns - 1 - demand->deadline_ns) / demand->period_ns;
		uint64_t deadline = demand->deadline_ns + jobs * demand->period_ns;

		if (deadline > last)
			last = deadline;
	}
	return last;
}

static enum demand_answer search_below(const struct demand_search *search, uint64_t bound_ns,
				       uint64_t *ret_interval_ns, uint64_t *ret_demand_ns)
{
	uint64_t t_ns = deadline_before(search, bound_ns);

	while (t_ns != 0) {
		uint64_t demand_ns;
		uint64_t enough_ns;

		if (!demand_work_take(search->work, 2 * search->count))
			return DEMAND_UNDECIDED;
		demand_ns = demand_bound(search->demand, search->count, t_ns);
		if (demand_ns > supply_bound(search->supply, t_ns)) {
			*ret_interval_ns = t_ns;
			*ret_demand_ns = demand_ns;
			return DEMAND_OVER;
		}
		/* From the time that supplies as much on, no demand up to here is too large. */
		enough_ns = supply_time(search->supply, demand_ns);
		t_ns = deadline_before(search, enough_ns);
	}
	return DEMAND_FITS;
}

/* Where no bound is in reach, something that is over may still be near. */
static uint64_t nearby(const struct demand_search *search)
{
	uint64_t longest = search->supply->period_ns;

	for (size_t i = 0; i < search->count; i++) {
		if (search->demand[i].period_ns > longest)
			longest = search->demand[i].period_ns;
	}
	return smaller(longest, INTERVAL_MAX / 16) * 16;
}

enum demand_answer demand_search(const struct demand_search *search, uint64_t *ret_interval_ns,
				 uint64_t *ret_demand_ns)
{
	const struct supply *supply = search->supply;
	struct ratio limit = {supply->runtime_ns, supply->period_ns};
	enum demand_answer answer;
	uint64_t bound_ns;

	*ret_interval_ns = 0;
	*ret_demand_ns = 0;
	if (demand_sum_compare(search->demand, search->count, limit) > 0)
		return DEMAND_OVER;
	bound_ns = linear_bound(search);
	if (bound_ns != 0)
		bound_ns = smaller(bound_ns, smaller(busy_bound(search), repetition_bound(search)));
	if (bound_ns <= INTERVAL_MAX)
		return search_below(search, bound_ns, ret_interval_ns, ret_demand_ns);
	answer = search_below(search, nearby(search), ret_interval_ns, ret_demand_ns);
	return answer == DEMAND_FITS ? DEMAND_UNDECIDED : answer;
}

/* The first deadline after @t_ns. */
static uint64_t deadline_after(const struct demand_search *search, uint64_t t_ns)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < search->count; i++) {
		const struct demand *demand = &search->demand[i];
		wide deadline = demand->deadline_ns;

		if (deadline <= t_ns)
			deadline += ((t_ns - deadline) / demand->period_ns + 1) * demand->period_ns;
		if (demand->runtime_ns != 0 && deadline < first)
			first = (uint64_t)deadline;
	}
	return first;
}

void demand_search_earliest(const struct demand_search *search, uint64_t *ret_interval_ns,
			    uint64_t *ret_demand_ns)
{
	uint64_t t_ns = 0;

	for (unsigned step = 0; step < EARLIEST_STEPS_MAX; step++) {
		uint64_t demand_ns;

		t_ns = deadline_after(search, t_ns);
		if (t_ns >= *ret_interval_ns || !demand_work_take(search->work, 2 * search->count))
			return;
		demand_ns = demand_bound(search->demand, search->count, t_ns);
		if (demand_ns > supply_bound(search->supply, t_ns)) {
			*ret_interval_ns = t_ns;
			*ret_demand_ns = demand_ns;
			return;
		}
	}
}
