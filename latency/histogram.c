// SPDX-License-Identifier: Apache-2.0
#include "latency/histogram.h"

#include <errno.h>
#include <stdbool.h>

enum { PPM = 1000000 };

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static void extremes_widen(struct histogram *histogram, uint64_t min, uint64_t max)
{
	if (histogram->samples == 0 || min < histogram->min)
		histogram->min = min;
	if (histogram->samples == 0 || max > histogram->max)
		histogram->max = max;
}

void histogram_add(struct histogram *histogram, uint64_t cycles)
{
	uint32_t index = bucket_index(cycles);

	extremes_widen(histogram, cycles, cycles);
	histogram->samples++;
	histogram->sum = add_saturated(histogram->sum, cycles);
	if (cycles < histogram->floor)
		histogram->below++;
	else if (index == BUCKET_COUNT)
		histogram->overflow++;
	else
		histogram->bucket[index]++;
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
	if (into->samples == 0)
		into->floor = from->floor;
	if (into->floor != from->floor)
		return -EINVAL;
	into->lost = add_saturated(into->lost, from->lost);
	if (from->samples == 0)
		return 0;
	extremes_widen(into, from->min, from->max);
	into->samples = add_saturated(into->samples, from->samples);
	into->below = add_saturated(into->below, from->below);
	into->overflow = add_saturated(into->overflow, from->overflow);
	into->sum = add_saturated(into->sum, from->sum);
	for (uint32_t i = 0; i < BUCKET_COUNT; i++)
		into->bucket[i] = add_saturated(into->bucket[i], from->bucket[i]);
	return 0;
}

/* ceil(samples * ppm / 10^6), at least 1. */
static uint64_t rank(uint64_t samples, uint32_t ppm)
{
	unsigned __int128 product = (unsigned __int128)samples * ppm;
	uint64_t at = (uint64_t)((product + PPM - 1) / PPM);

	return at == 0 ? 1 : at;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t histogram_quantile(const struct histogram *histogram, uint32_t ppm)
{
	uint64_t wanted, seen;

	if (histogram->samples == 0)
		return 0;
	if (ppm == 0)
		return histogram->min;
	wanted = rank(histogram->samples, ppm < PPM ? ppm : PPM);
	if (wanted == histogram->samples)
		return histogram->max;
	seen = histogram->below;
	if (wanted <= seen)
		return smaller(histogram->floor - 1, histogram->max);
	for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
		seen = add_saturated(seen, histogram->bucket[i]);
		if (wanted <= seen)
			return smaller(bucket_high(i), histogram->max);
	}
	return histogram->max;
}

uint64_t histogram_mean(const struct histogram *histogram)
{
	return histogram->samples == 0 ? 0 : histogram->sum / histogram->samples;
}

/* The range of values that the sample at one end of the distribution can have had. */
static void end_range(const struct histogram *histogram, bool lowest, uint64_t *low, uint64_t *high)
{
	uint32_t first = 0, last = BUCKET_COUNT;

	while (first < BUCKET_COUNT && histogram->bucket[first] == 0)
		first++;
	while (last > 0 && histogram->bucket[last - 1] == 0)
		last--;
	if (lowest ? histogram->below > 0 : histogram->overflow == 0 && last == 0) {
		*low = 0;
		*high = histogram->floor - 1;
	} else if (lowest ? first == BUCKET_COUNT : histogram->overflow > 0) {
		*low = BUCKET_VALUE_MAX + 1;
		*high = UINT64_MAX;
	} else {
		uint32_t index = lowest ? first : last - 1;

		*low = bucket_low(index);
		*high = bucket_high(index);
	}
}

static bool extreme_possible(const struct histogram *histogram, bool lowest)
{
	uint64_t value = lowest ? histogram->min : histogram->max;
	uint64_t low, high;

	end_range(histogram, lowest, &low, &high);
	return value >= low && value <= high;
}

static bool sum_possible(const struct histogram *histogram)
{
	unsigned __int128 least = (unsigned __int128)histogram->samples * histogram->min;
	unsigned __int128 most = (unsigned __int128)histogram->samples * histogram->max;

	/* A saturated sum says only that it was large. */
	if (histogram->sum == UINT64_MAX)
		return most >= UINT64_MAX;
	return histogram->sum >= least && histogram->sum <= most;
}

int histogram_check(const struct histogram *histogram)
{
	uint64_t total = histogram->below;
	bool wrapped = __builtin_add_overflow(total, histogram->overflow, &total);

	for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
		wrapped |= __builtin_add_overflow(total, histogram->bucket[i], &total);
		if (histogram->bucket[i] > 0 && bucket_high(i) < histogram->floor)
			return -EINVAL;
	}
	if (wrapped || total != histogram->samples)
		return -EINVAL;
	if (histogram->floor > BUCKET_VALUE_MAX || (histogram->floor == 0 && histogram->below > 0))
		return -EINVAL;
	if (total == 0)
		return histogram->min == 0 && histogram->max == 0 && histogram->sum == 0 ? 0 : -EINVAL;
	if (histogram->min > histogram->max || !sum_possible(histogram))
		return -EINVAL;
	return extreme_possible(histogram, true) && extreme_possible(histogram, false) ? 0 : -EINVAL;
}
