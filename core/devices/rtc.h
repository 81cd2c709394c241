// SPDX-License-Identifier: Apache-2.0
/*
 * MC146818 real-time clock with 128 bytes of CMOS, at ports 0x70 and 0x71.
 *
 * The time of day is computed when it is read, from the TSC: there is no timer, no syscall and no
 * interrupt. The enable bits of register B read back as 0, and a guest that wants ticks finds its
 * local APIC timer. Data sheet: Motorola MC146818A; the century byte is at 0x32, as ACPI's FADT
 * says.
 */
#pragma once

#include <stdint.h>

#include "core/devices/vcpu_lock.h"

struct diag;
struct trap_table;

enum {
	RTC_PORT = 0x70, /* index; data is at the next port */
	RTC_CENTURY_INDEX = 0x32,
	RTC_CMOS_BYTES = 128,
};

/**
 * struct rtc - one clock.
 * @lock: guards all but the four fields that init sets for good.
 * @offset_seconds: what the guest added to the host's time by setting the clock.
 * @flags_read_ns: when register C was last read; what happened since makes its flags.
 * @cmos: registers and NVRAM; the time bytes are kept here only while the guest halts the clock
 *	(register B, SET).
 */
struct rtc {
	struct vcpu_lock lock;
	uint8_t index;
	int64_t offset_seconds;
	uint64_t flags_read_ns;
	uint8_t cmos[RTC_CMOS_BYTES];
	uint64_t wall_ns;
	uint64_t tsc_base;
	uint64_t tsc_khz;
	uint64_t (*read_tsc)(void);
};

/**
 * rtc_init() - a clock that runs.
 * @wall_ns: CLOCK_REALTIME, in UTC, at the moment the TSC was @tsc_base.
 * @tsc_khz: frequency of what @read_tsc counts; not 0.
 * @read_tsc: NULL for RDTSC of the host; tests give their own.
 */
void rtc_init(struct rtc *rtc, uint64_t wall_ns, uint64_t tsc_base, uint64_t tsc_khz,
	      uint64_t (*read_tsc)(void));

/** rtc_add() - answer ports 0x70 and 0x71. Stage: apply. Errors of trap_add(). */
int rtc_add(struct rtc *rtc, struct trap_table *table, struct diag *why);
