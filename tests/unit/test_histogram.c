// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "latency/histogram.h"

void test_histogram_register(void);

enum { RANDOM_SAMPLES = 5000 };

static struct histogram histogram, other;

/* A generator of our own: the same numbers on every machine. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void buckets_meet_without_gap(void)
{
	CU_ASSERT_EQUAL(bucket_low(0), 0);
	for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
		CU_ASSERT_EQUAL_FATAL(bucket_index(bucket_low(i)), i);
		CU_ASSERT_EQUAL_FATAL(bucket_index(bucket_high(i)), i);
		CU_ASSERT_EQUAL_FATAL(bucket_high(i) + 1, bucket_low(i + 1));
	}
	CU_ASSERT_EQUAL(bucket_high(BUCKET_COUNT - 1), BUCKET_VALUE_MAX);
	CU_ASSERT_EQUAL(bucket_index(BUCKET_VALUE_MAX + 1), BUCKET_COUNT);
	CU_ASSERT_EQUAL(bucket_index(UINT64_MAX), BUCKET_COUNT);
}

static void buckets_are_narrow(void)
{
	for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
		uint64_t width = bucket_high(i) - bucket_low(i) + 1;

		CU_ASSERT_FATAL(width == 1 || width * 64 <= bucket_low(i));
	}
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Never too little, and at most 1/64 too much, against the sorted samples themselves. */
static void quantiles_agree_with_sorting(void)
{
	static uint64_t sample[RANDOM_SAMPLES];
	uint64_t state = 88172645463325252;

	for (unsigned shift = 22; shift < 64; shift += 3) {
		histogram = (struct histogram){ 0 };
		for (unsigned i = 0; i < RANDOM_SAMPLES; i++) {
			sample[i] = random_next(&state) >> shift >> (random_next(&state) % 8);
			histogram_add(&histogram, sample[i]);
		}
		qsort(sample, RANDOM_SAMPLES, sizeof(sample[0]), ascending);
		CU_ASSERT_EQUAL(histogram.min, sample[0]);
		CU_ASSERT_EQUAL(histogram.max, sample[RANDOM_SAMPLES - 1]);
		CU_ASSERT_EQUAL(histogram_check(&histogram), 0);
		for (uint32_t ppm = 0; ppm <= 1000000; ppm += 500) {
			uint64_t rank = ((uint64_t)RANDOM_SAMPLES * ppm + 999999) / 1000000;
			uint64_t exact = sample[rank == 0 ? 0 : rank - 1];
			uint64_t told = histogram_quantile(&histogram, ppm);

			CU_ASSERT_FATAL(told >= exact);
			CU_ASSERT_FATAL(told - exact <= exact / 64 || exact > BUCKET_VALUE_MAX);
			CU_ASSERT_FATAL(told <= histogram.max);
		}
	}
}

static void quantiles_of_few_samples(void)
{
	histogram = (struct histogram){ 0 };
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P50), 0);
	histogram_add(&histogram, 1000003);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, 0), 1000003);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P50), 1000003);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P99_9), 1000003);
	histogram_add(&histogram, 5);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P50), 5);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, 500001), 1000003);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, UINT32_MAX), 1000003);
	CU_ASSERT_EQUAL(histogram_mean(&histogram), 500004);
}

static void floor_is_an_upper_bound(void)
{
	histogram = (struct histogram){ .floor = 256 };
	for (unsigned i = 0; i < 99; i++)
		histogram_add(&histogram, 30);
	histogram_add(&histogram, 9000);
	CU_ASSERT_EQUAL(histogram.below, 99);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P50), 255);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P99), 255);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P99_9), 9000);
	CU_ASSERT_EQUAL(histogram_check(&histogram), 0);
	histogram = (struct histogram){ .floor = 256 };
	histogram_add(&histogram, 30);
	histogram_add(&histogram, 40);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, QUANTILE_P50), 40);
	CU_ASSERT_EQUAL(histogram_check(&histogram), 0);
}

static void overflow_counts_in_the_maximum(void)
{
	histogram = (struct histogram){ 0 };
	histogram_add(&histogram, BUCKET_VALUE_MAX);
	histogram_add(&histogram, BUCKET_VALUE_MAX + 1);
	histogram_add(&histogram, UINT64_MAX);
	CU_ASSERT_EQUAL(histogram.overflow, 2);
	CU_ASSERT_EQUAL(histogram.max, UINT64_MAX);
	CU_ASSERT_EQUAL(histogram.sum, UINT64_MAX);
	CU_ASSERT_EQUAL(histogram_quantile(&histogram, 600000), UINT64_MAX);
	CU_ASSERT_EQUAL(histogram_check(&histogram), 0);
}

static void merging_equals_adding(void)
{
	struct histogram both = { 0 };
	uint64_t state = 42;

	histogram = other = both;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t sample = random_next(&state) >> 20;

		histogram_add(i % 3 == 0 ? &histogram : &other, sample);
		histogram_add(&both, sample);
	}
	histogram.lost = 2;
	other.lost = both.lost = 3;
	both.lost += 2;
	CU_ASSERT_EQUAL(histogram_merge(&histogram, &other), 0);
	CU_ASSERT_EQUAL(memcmp(&histogram, &both, sizeof(both)), 0);
}

static void merging_needs_one_floor(void)
{
	histogram = (struct histogram){ 0 };
	other = (struct histogram){ .floor = 256 };
	histogram_add(&other, 1);
	CU_ASSERT_EQUAL(histogram_merge(&histogram, &other), 0);
	CU_ASSERT_EQUAL(histogram.floor, 256);
	CU_ASSERT_EQUAL(histogram.min, 1);
	other = (struct histogram){ 0 };
	CU_ASSERT_EQUAL(histogram_merge(&histogram, &other), -EINVAL);
	CU_ASSERT_EQUAL(histogram.samples, 1);
}

static void refused(void)
{
	CU_ASSERT_EQUAL(histogram_check(&histogram), -EINVAL);
}

static void what_cannot_be_true_is_refused(void)
{
	struct histogram good = { 0 };

	for (unsigned i = 0; i < 10; i++)
		histogram_add(&good, 1000 + i);
	histogram = good;
	CU_ASSERT_EQUAL(histogram_check(&histogram), 0);
	histogram.samples++;
	refused();
	histogram = good;
	histogram.max = 900;
	refused();
	histogram.max = UINT64_MAX;
	refused();
	histogram = good;
	histogram.min = 0;
	refused();
	histogram = good;
	histogram.sum = 0;
	refused();
	histogram.sum = UINT64_MAX;
	refused();
	histogram = good;
	histogram.below = 1;
	histogram.samples++;
	refused();
	histogram = good;
	histogram.overflow = UINT64_MAX;
	histogram.samples--;
	refused();
	histogram = (struct histogram){ .max = 1 };
	refused();
	histogram = (struct histogram){ .floor = UINT64_MAX, .below = 1, .samples = 1 };
	refused();
}

void test_histogram_register(void)
{
	CU_pSuite suite = CU_add_suite("test_histogram", NULL, NULL);

	CU_ADD_TEST(suite, buckets_meet_without_gap);
	CU_ADD_TEST(suite, buckets_are_narrow);
	CU_ADD_TEST(suite, quantiles_agree_with_sorting);
	CU_ADD_TEST(suite, quantiles_of_few_samples);
	CU_ADD_TEST(suite, floor_is_an_upper_bound);
	CU_ADD_TEST(suite, overflow_counts_in_the_maximum);
	CU_ADD_TEST(suite, merging_equals_adding);
	CU_ADD_TEST(suite, merging_needs_one_floor);
	CU_ADD_TEST(suite, what_cannot_be_true_is_refused);
}
