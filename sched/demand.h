// SPDX-License-Identifier: Apache-2.0
/*
 * Can one CPU serve these demands by EDF? The processor-demand criterion, exact for sporadic tasks with
 * deadlines up to their periods: for every interval length t up to a bound, what must be done within any
 * interval of that length, dbf(t), is at most t.
 *
 * S. K. Baruah, A. K. Mok, L. E. Rosier: Preemptively scheduling hard-real-time sporadic tasks on one
 * processor, RTSS 1990. Only the lengths that can matter are looked at: F. Zhang, A. Burns: Schedulability
 * analysis for real-time systems with EDF scheduling, IEEE Transactions on Computers 58(9), 2009 (QPA).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** struct demand - one sporadic task or reservation; ns; 0 < runtime <= deadline <= period. */
struct demand {
	uint64_t runtime_ns;
	uint64_t deadline_ns;
	uint64_t period_ns;
};

enum demand_answer {
	DEMAND_FITS,
	DEMAND_OVER,      /* some interval is too short for what it must hold */
	DEMAND_UNDECIDED, /* utilisation at or so near to 1 that the bound is out of reach; refuse it */
};

/**
 * struct demand_verdict - the answer and its evidence.
 * @interval_ns, @demand_ns: for DEMAND_OVER, an interval and what it must hold; 0 where the sum alone tells.
 * @utilisation_ppb: sum of runtime/period, rounded up, parts per 10^9.
 */
struct demand_verdict {
	enum demand_answer answer;
	uint64_t interval_ns;
	uint64_t demand_ns;
	uint64_t utilisation_ppb;
};

/**
 * demand_check() - decide it. Integer arithmetic throughout, 128 bits wide: never accepts by rounding.
 *
 * Pure, in bounded time: above DEMAND_WORK_MAX the answer is DEMAND_UNDECIDED, as it is for demands that
 * are no demands (a period or deadline of 0, a deadline above the period) and for more than 1024 of them.
 * @count may be 0.
 */
struct demand_verdict demand_check(const struct demand *demand, size_t count);

/**
 * struct demand_work - how much may still be done before a question stays undecided, in looks at one
 * demand; each is one or two divisions.
 */
struct demand_work {
	uint64_t left;
};

/** DEMAND_WORK_MAX - what one question may cost: some hundredths of a second. */
enum { DEMAND_WORK_MAX = 1 << 22 };

/** demand_work_split() - take at most @most of it aside; what is left over can be added back to @work. */
struct demand_work demand_work_split(struct demand_work *work, uint64_t most);

/** demand_check_within() - the same, as long as @work lasts. */
struct demand_verdict demand_check_within(const struct demand *demand, size_t count,
					  struct demand_work *work);

/** demand_bound() - dbf(t): what must be done in an interval of @t_ns, saturating at UINT64_MAX. */
uint64_t demand_bound(const struct demand *demand, size_t count, uint64_t t_ns);
