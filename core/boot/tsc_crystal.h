// SPDX-License-Identifier: Apache-2.0
/* The crystal and fraction in CPUID leaf 0x15 from which a guest computes its TSC frequency. */
#pragma once

#include <stdint.h>

/** struct tsc_crystal - TSC frequency = @khz * @numerator / @denominator. */
struct tsc_crystal {
	uint32_t khz;
	uint32_t numerator;
	uint32_t denominator;
};

/**
 * tsc_crystal_find() - a crystal by which a guest finds exactly @tsc_khz.
 *
 * Leaf 0x15 names one crystal, which guests take to drive the local APIC timer too. KVM's timer ticks
 * at CPUID_LAPIC_KHZ, so among the exact crystals this is the one nearest to that: most often the
 * very same or a few ppm off, at worst a few hundred ppm.
 * Linux computes the TSC frequency in 32 bits and whole kHz (native_calibrate_tsc(),
 * arch/x86/kernel/tsc.c): here too, the product stays below 2^32 and the quotient is rounded down.
 * Pure. @tsc_khz is CPUID_TSC_KHZ_MIN to CPUID_TSC_KHZ_MAX.
 */
struct tsc_crystal tsc_crystal_find(uint32_t tsc_khz);
