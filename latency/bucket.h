// SPDX-License-Identifier: Apache-2.0
/*
 * The histogram's bucket layout, one definition for the probe guest that fills it and for the host
 * that reads it. Freestanding: no libc.
 *
 * Log-linear: every value below 128 has a bucket of its own; from there each power of two is cut
 * into 64 buckets, so that a bucket is never wider than 1/64 (1.6 %) of its lowest value. The range
 * ends at 2^40 - 1 cycles (six minutes at 3 GHz); what lies above is counted as overflow.
 */
#pragma once

#include <stdint.h>

enum {
	BUCKET_SUB_BITS = 6,
	BUCKET_SUB_COUNT = 1 << BUCKET_SUB_BITS,
	BUCKET_RANGE_BITS = 40,
	BUCKET_COUNT = (BUCKET_RANGE_BITS - BUCKET_SUB_BITS + 1) * BUCKET_SUB_COUNT,
};

#define BUCKET_VALUE_MAX ((UINT64_C(1) << BUCKET_RANGE_BITS) - 1)

/** bucket_index() - the bucket of @value; BUCKET_COUNT, which is no bucket, for an overflow. */
static inline uint32_t bucket_index(uint64_t value)
{
	uint32_t shift;

	if (value < 2 * BUCKET_SUB_COUNT)
		return (uint32_t)value;
	if (value > BUCKET_VALUE_MAX)
		return BUCKET_COUNT;
	/* The highest bit set stays; the six below it choose the bucket inside its power of two. */
	shift = 63U - (uint32_t)__builtin_clzll(value) - BUCKET_SUB_BITS;
	return shift * BUCKET_SUB_COUNT + (uint32_t)(value >> shift);
}

/** bucket_low() - the lowest value of bucket @index; for BUCKET_COUNT, one past the range. */
static inline uint64_t bucket_low(uint32_t index)
{
	uint32_t shift;

	if (index < 2 * BUCKET_SUB_COUNT)
		return index;
	shift = index / BUCKET_SUB_COUNT - 1;
	return (uint64_t)(index - shift * BUCKET_SUB_COUNT) << shift;
}

/** bucket_high() - the highest value of bucket @index, inclusive. */
static inline uint64_t bucket_high(uint32_t index)
{
	return bucket_low(index + 1) - 1;
}
