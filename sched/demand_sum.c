// SPDX-License-Identifier: Apache-2.0
#include "sched/demand_sum.h"

#include <stdbool.h>

#include "sched/demand.h"

enum { PPB = 1000000000 };

/*
 * What is left of a division after some digits to the base 2^64.
 * @whole: by how much the sum's digits so far exceed the limit's, in units of the last digit.
 */
struct division {
	uint64_t remainder[RATIO_TERMS_MAX];
	uint64_t limit_remainder;
	__int128 whole;
};

static void division_start(struct division *division, const struct ratio *term, size_t count,
			   struct ratio limit)
{
	division->whole = -(__int128)(limit.numerator / limit.denominator);
	division->limit_remainder = limit.numerator % limit.denominator;
	for (size_t i = 0; i < count; i++) {
		division->whole += term[i].numerator / term[i].denominator;
		division->remainder[i] = term[i].numerator % term[i].denominator;
	}
}

static uint64_t digit_next(uint64_t *remainder, uint64_t denominator)
{
	unsigned __int128 shifted = (unsigned __int128)*remainder << 64;

	*remainder = (uint64_t)(shifted % denominator);
	return (uint64_t)(shifted / denominator);
}

/* Returns whether all remainders are 0 by now: the digits so far say all. */
static bool division_step(struct division *division, const struct ratio *term, size_t count,
			  struct ratio limit)
{
	bool over = division->limit_remainder == 0;

	division->whole *= (__int128)1 << 64;
	division->whole -= digit_next(&division->limit_remainder, limit.denominator);
	for (size_t i = 0; i < count; i++) {
		if (division->remainder[i] == 0)
			continue;
		over = false;
		division->whole += digit_next(&division->remainder[i], term[i].denominator);
	}
	return over;
}

int ratio_sum_compare(const struct ratio *term, size_t count, struct ratio limit)
{
	struct division division;
	bool over = false;

	if (count > RATIO_TERMS_MAX)
		return 1;
	division_start(&division, term, count, limit);
	/*
	 * The remainders of the sum come to less than @count, the limit's to less than 1. Two sums that
	 * differ do so by at least one part of the product of all count + 1 denominators, each of one
	 * digit, so that count + 2 digits bring any difference above count + 1.
	 */
	for (size_t digit = 0; digit <= count + 2; digit++) {
		if (division.whole > 0)
			return 1;
		if (division.whole < -(__int128)count || (division.whole < 0 && over))
			return -1;
		if (over)
			return 0;
		over = division_step(&division, term, count, limit);
	}
	return 0;
}

uint64_t ratio_sum_ppb(const struct ratio *term, size_t count)
{
	struct ratio rest[RATIO_TERMS_MAX];
	unsigned __int128 whole = 0;
	uint64_t more = 0;

	if (count > RATIO_TERMS_MAX)
		return UINT64_MAX;
	for (size_t i = 0; i < count; i++) {
		unsigned __int128 scaled = (unsigned __int128)term[i].numerator * PPB;

		whole += scaled / term[i].denominator;
		rest[i].numerator = (uint64_t)(scaled % term[i].denominator);
		rest[i].denominator = term[i].denominator;
	}
	/* Below count, so found by halving. */
	for (uint64_t high = count; more < high;) {
		uint64_t middle = more + (high - more) / 2;

		if (ratio_sum_compare(rest, count, (struct ratio){middle, 1}) <= 0)
			high = middle;
		else
			more = middle + 1;
	}
	whole += more;
	return whole > UINT64_MAX ? UINT64_MAX : (uint64_t)whole;
}

static const struct ratio *ratios_of(const struct demand *demand, size_t count, struct ratio *room)
{
	for (size_t i = 0; i < count && i < RATIO_TERMS_MAX; i++)
		room[i] = (struct ratio){demand[i].runtime_ns, demand[i].period_ns};
	return room;
}

int demand_sum_compare(const struct demand *demand, size_t count, struct ratio limit)
{
	struct ratio room[RATIO_TERMS_MAX];

	return ratio_sum_compare(ratios_of(demand, count, room), count, limit);
}

uint64_t demand_sum_ppb(const struct demand *demand, size_t count)
{
	struct ratio room[RATIO_TERMS_MAX];

	return ratio_sum_ppb(ratios_of(demand, count, room), count);
}
