// SPDX-License-Identifier: Apache-2.0
/* Sums of fractions compared exactly: a utilisation of just 1 is not one of a little more. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct demand;

enum { RATIO_TERMS_MAX = 1024 };

/** struct ratio - @numerator / @denominator; the latter is not 0. */
struct ratio {
	uint64_t numerator;
	uint64_t denominator;
};

/**
 * ratio_sum_compare() - hold the sum of @term against @limit, as long division does by hand, digit by
 * digit: once as many digits agree as the common denominator can have, the two are equal.
 * @count: above RATIO_TERMS_MAX the sum counts as greater.
 *
 * Pure; at most @count squared divisions, nearly always @count. Returns below, at or above 0.
 */
int ratio_sum_compare(const struct ratio *term, size_t count, struct ratio limit);

/** ratio_sum_ppb() - the sum in parts per 10^9, rounded up, saturating at UINT64_MAX. */
uint64_t ratio_sum_ppb(const struct ratio *term, size_t count);

/** demand_sum_compare() - hold the sum of runtime/period against @limit; as ratio_sum_compare(). */
int demand_sum_compare(const struct demand *demand, size_t count, struct ratio limit);

/** demand_sum_ppb() - the sum of runtime/period; as ratio_sum_ppb(). */
uint64_t demand_sum_ppb(const struct demand *demand, size_t count);
