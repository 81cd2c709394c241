// SPDX-License-Identifier: Apache-2.0
#include "sched/supply.h"

typedef unsigned __int128 wide;

/*
 * The worst that a reservation may do: no runtime for the longest gap x = period + deadline - 2 runtime,
 * then all of one runtime, and so once each period. With y the number of full runtimes until t,
 * y = floor((t - (deadline - runtime)) / period):  sbf(t) = y runtime + max(0, t - x - y period).
 */
static wide longest_gap(const struct supply *supply)
{
	return (wide)supply->period_ns + supply->deadline_ns - 2 * (wide)supply->runtime_ns;
}

uint64_t supply_gap(const struct supply *supply)
{
	wide gap = longest_gap(supply);

	return gap > UINT64_MAX ? UINT64_MAX : (uint64_t)gap;
}

static bool supply_well_formed(const struct supply *supply)
{
	return supply->runtime_ns != 0 && supply->runtime_ns <= supply->deadline_ns &&
	       supply->deadline_ns <= supply->period_ns;
}

uint64_t supply_bound(const struct supply *supply, uint64_t t_ns)
{
	uint64_t first_ns = supply->deadline_ns - supply->runtime_ns;

	if (!supply_well_formed(supply) || t_ns < first_ns)
		return 0;
	uint64_t full = (t_ns - first_ns) / supply->period_ns;
	wide idle_until = longest_gap(supply) + (wide)full * supply->period_ns;
	uint64_t sum = full * supply->runtime_ns;

	return t_ns > idle_until ? sum + (uint64_t)(t_ns - idle_until) : sum;
}

uint64_t supply_time(const struct supply *supply, uint64_t amount_ns)
{
	if (amount_ns == 0)
		return 0;
	if (!supply_well_formed(supply))
		return UINT64_MAX;
	uint64_t full = (amount_ns - 1) / supply->runtime_ns;
	wide time = longest_gap(supply) + (wide)full * supply->period_ns +
		    (amount_ns - full * supply->runtime_ns);

	return time > UINT64_MAX ? UINT64_MAX : (uint64_t)time;
}
