// SPDX-License-Identifier: Apache-2.0
/* The fraction in CPUID leaf 0x15 from which a guest computes its TSC frequency. */
#pragma once

#include <stdint.h>

/** struct tsc_ratio - TSC frequency = local APIC timer frequency * @numerator / @denominator. */
struct tsc_ratio {
	uint32_t numerator;
	uint32_t denominator;
};

/**
 * tsc_ratio_nearest() - the ratio by which a guest finds @tsc_khz.
 *
 * Leaf 0x15 names one crystal, which guests take to drive the local APIC timer too. KVM's timer ticks
 * at CPUID_LAPIC_KHZ, so that is the crystal. Linux computes the product in 32 bits and whole kHz
 * (native_calibrate_tsc(), arch/x86/kernel/tsc.c), so crystal times numerator must stay below 2^32:
 * among those ratios, the one whose result is nearest.
 * Pure. @tsc_khz is not 0.
 */
struct tsc_ratio tsc_ratio_nearest(uint32_t tsc_khz);
