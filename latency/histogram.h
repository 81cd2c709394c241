// SPDX-License-Identifier: Apache-2.0
/* A distribution of intervals in TSC cycles: exact extremes, bounded quantiles, nothing hidden. */
#pragma once

#include <stdint.h>

#include "latency/bucket.h"

/**
 * struct histogram - all zeros is the empty histogram; fixed size, owns nothing.
 * @samples: all of them: @below, every bucket, and @overflow.
 * @below: samples known only to be below @floor (a probe that skips the cheap ones); else 0.
 * @floor: cycles; 0 where every sample went into a bucket.
 * @overflow: samples above BUCKET_VALUE_MAX; they still count in @max.
 * @lost: events that should have become samples and did not (timer expiries missed).
 * @min, @max: exact, cycles; 0 while @samples is 0.
 * @sum: cycles; stays at UINT64_MAX once it would pass it.
 */
struct histogram {
	uint64_t samples;
	uint64_t below;
	uint64_t floor;
	uint64_t overflow;
	uint64_t lost;
	uint64_t min;
	uint64_t max;
	uint64_t sum;
	uint64_t bucket[BUCKET_COUNT];
};

/** Quantiles are asked for in parts per million. */
enum {
	QUANTILE_P50 = 500000,
	QUANTILE_P99 = 990000,
	QUANTILE_P99_9 = 999000,
};

/** histogram_add() - count one sample of @cycles, which goes to @below where it is under @floor. */
void histogram_add(struct histogram *histogram, uint64_t cycles);

/**
 * histogram_merge() - add what @from counted to @into.
 *
 * Returns 0; -EINVAL where their floors differ (nothing is changed then); an empty @into takes
 * @from's floor.
 */
int histogram_merge(struct histogram *into, const struct histogram *from);

/**
 * histogram_quantile() - the value, in cycles, that at least @ppm millionths of the samples do not
 * exceed.
 * @ppm: 0 to 1000000; 0 asks for the first sample, and is answered with the exact minimum.
 *
 * Nearest rank, ceil(samples * ppm / 10^6). The answer is the *upper* bound of the bucket that holds
 * that rank, and never above the exact maximum: it may say up to 1.6 % too much, never too little.
 * A rank among @below gives the floor (less one cycle), one among @overflow the maximum. 0 for an
 * empty histogram.
 */
uint64_t histogram_quantile(const struct histogram *histogram, uint32_t ppm);

/** histogram_mean() - cycles, rounded down; 0 for an empty histogram. */
uint64_t histogram_mean(const struct histogram *histogram);

/**
 * histogram_check() - whether a histogram that came from outside can be true: the counts add up,
 * minimum and maximum lie in the first and last buckets used, the sum lies between them.
 *
 * Returns 0 or -EINVAL.
 */
int histogram_check(const struct histogram *histogram);
