// SPDX-License-Identifier: Apache-2.0
/*
 * The processor-demand criterion on a CPU or a part of one: for which interval does the demand exceed the
 * supply? Both demand_check(), where the supply is the whole CPU, and EDF within a reservation ask it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched/demand.h"

struct supply;

/** demand_work_take() - spend some of it; false when there is not enough left. */
bool demand_work_take(struct demand_work *work, uint64_t looks);

/** struct demand_search - @demand: @count well-formed ones. @work: shared with other searches. */
struct demand_search {
	const struct demand *demand;
	size_t count;
	const struct supply *supply;
	struct demand_work *work;
};

/**
 * demand_search() - look for an interval t with dbf(t) > sbf(t).
 * @ret_interval_ns, @ret_demand_ns: for DEMAND_OVER, such an interval; 0 where the utilisation alone tells.
 *
 * Looked at are the deadlines below the least of three bounds, from the last one down (QPA):
 * - with utilisations U of the demand, A of the supply and x its longest gap, dbf(t) is at most
 *   U t + sum(C (P - D) / P) and sbf(t) at least A (t - x) (Shin and Lee 2008; Baruah et al. 1990 for x = 0):
 *   t < (sum(C (P - D) / P) + A x) / (A - U);
 * - the synchronous busy period w, the least with sum(ceil(w / P) C) <= sbf(w): dbf(w + s) is at most
 *   sbf(w) + dbf(s), and sbf(w + s) at least sbf(w) + sbf(s), so a longer interval that is over has a
 *   shorter one that is (I. Ripoll, A. Crespo, A. Mok: Improvement in feasibility testing for real-time
 *   tasks, Real-Time Systems 11, 1996);
 * - the common multiple of all periods, after which both curves repeat themselves.
 *
 * Pure.
 */
enum demand_answer demand_search(const struct demand_search *search, uint64_t *ret_interval_ns,
				 uint64_t *ret_demand_ns);

/**
 * demand_search_earliest() - the shortest interval that is over, for people to read, where it is among the
 * first deadlines; otherwise *@ret_interval_ns and *@ret_demand_ns stay what demand_search() found.
 */
void demand_search_earliest(const struct demand_search *search, uint64_t *ret_interval_ns,
			    uint64_t *ret_demand_ns);
