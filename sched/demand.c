// SPDX-License-Identifier: Apache-2.0
#include "sched/demand.h"

#include <stdbool.h>

#include "sched/demand_search.h"
#include "sched/demand_sum.h"
#include "sched/supply.h"

uint64_t demand_bound(const struct demand *demand, size_t count, uint64_t t_ns)
{
	unsigned __int128 sum = 0;

	for (size_t i = 0; i < count && sum <= UINT64_MAX; i++) {
		unsigned __int128 jobs;

		if (demand[i].period_ns == 0 || t_ns < demand[i].deadline_ns)
			continue;
		jobs = (t_ns - demand[i].deadline_ns) / demand[i].period_ns + 1;
		/* The jobs may be 2^64; a runtime of any more than 0 then is beyond what is counted. */
		if (jobs > UINT64_MAX && demand[i].runtime_ns != 0)
			return UINT64_MAX;
		sum += (uint64_t)jobs * (unsigned __int128)demand[i].runtime_ns;
	}
	return sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

static bool demand_well_formed(const struct demand *demand, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (demand[i].deadline_ns == 0 || demand[i].deadline_ns > demand[i].period_ns)
			return false;
	}
	return count <= RATIO_TERMS_MAX;
}

struct demand_verdict demand_check_within(const struct demand *demand, size_t count,
					  struct demand_work *work)
{
	static const struct supply whole_cpu = {1, 1, 1};
	struct demand_verdict verdict = {.answer = DEMAND_UNDECIDED, .utilisation_ppb = UINT64_MAX};
	struct demand_search search = {demand, count, &whole_cpu, work};

	if (!demand_well_formed(demand, count))
		return verdict;
	verdict.utilisation_ppb = demand_sum_ppb(demand, count);
	verdict.answer = demand_search(&search, &verdict.interval_ns, &verdict.demand_ns);
	if (verdict.answer == DEMAND_OVER)
		demand_search_earliest(&search, &verdict.interval_ns, &verdict.demand_ns);
	return verdict;
}

struct demand_verdict demand_check(const struct demand *demand, size_t count)
{
	struct demand_work work = {DEMAND_WORK_MAX};

	return demand_check_within(demand, count, &work);
}
