// SPDX-License-Identifier: Apache-2.0
#include "core/boot/tsc_crystal.h"

#include "core/boot/cpuid.h"

/* The leaf gives the crystal in Hz, in 32 bits. */
enum { CRYSTAL_KHZ_MAX = UINT32_MAX / 1000 };

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* For one fraction only the crystal rounded up can give exactly @tsc_khz. */
static void keep_nearest(uint64_t tsc_khz, uint64_t numerator, uint64_t denominator,
			 struct tsc_crystal *best)
{
	uint64_t khz = (tsc_khz * denominator + numerator - 1) / numerator;

	if (khz > CRYSTAL_KHZ_MAX || khz * numerator > UINT32_MAX ||
	    khz * numerator / denominator != tsc_khz)
		return;
	if (best->khz == 0 || distance(khz, CPUID_LAPIC_KHZ) < distance(best->khz, CPUID_LAPIC_KHZ))
		*best = (struct tsc_crystal){ (uint32_t)khz, (uint32_t)numerator, (uint32_t)denominator };
}

struct tsc_crystal tsc_crystal_find(uint32_t tsc_khz)
{
	const uint64_t numerator_max = UINT32_MAX / CPUID_LAPIC_KHZ;
	struct tsc_crystal best = { .khz = 0 };

	/* Fractions on both sides of the ratio; the smaller one is 0 for clocks below the timer's. */
	for (uint64_t denominator = 1; denominator <= numerator_max; denominator++) {
		uint64_t numerator = tsc_khz * denominator / CPUID_LAPIC_KHZ;

		if (numerator > numerator_max || best.khz == CPUID_LAPIC_KHZ)
			break;
		if (numerator != 0)
			keep_nearest(tsc_khz, numerator, denominator, &best);
		keep_nearest(tsc_khz, numerator + 1, denominator, &best);
	}
	return best;
}
