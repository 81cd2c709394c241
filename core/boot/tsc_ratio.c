// SPDX-License-Identifier: Apache-2.0
#include "core/boot/tsc_ratio.h"

#include "core/boot/cpuid.h"

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

struct tsc_ratio tsc_ratio_nearest(uint32_t tsc_khz)
{
	const uint64_t numerator_max = UINT32_MAX / CPUID_LAPIC_KHZ;
	struct tsc_ratio best = { 1, 1 };
	uint64_t best_error = UINT64_MAX;

	for (uint64_t denominator = 1; best_error != 0; denominator++) {
		/* Rounded up, so that the guest's division, which rounds down, meets the kHz. */
		uint64_t numerator =
			(tsc_khz * denominator + CPUID_LAPIC_KHZ - 1) / CPUID_LAPIC_KHZ;
		uint64_t error;

		if (numerator > numerator_max)
			break;
		error = distance(CPUID_LAPIC_KHZ * numerator / denominator, tsc_khz);
		if (error < best_error) {
			best_error = error;
			best = (struct tsc_ratio){ (uint32_t)numerator, (uint32_t)denominator };
		}
	}
	return best;
}
