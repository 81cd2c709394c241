// SPDX-License-Identifier: Apache-2.0
#include "latency/probe/apic.h"

#include "latency/probe/cpu.h"
#include "latency/probe/layout.h"

enum {
	MSR_APIC_BASE = 0x1b,
	MSR_TSC_DEADLINE = 0x6e0,
	MSR_X2APIC = 0x800, /* plus the xAPIC offset over 16 */

	APIC_BASE_X2APIC = 1 << 10,
	APIC_BASE_ENABLE = 1 << 11,

	APIC_ID = 0x20,
	APIC_EOI = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_COMMAND = 0x300,
	APIC_COMMAND_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_TIMER_START = 0x380,
	APIC_TIMER_NOW = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,

	SPURIOUS_ENABLE = 1 << 8,
	LVT_MASKED = 1 << 16,
	LVT_TIMER_DEADLINE = 2 << 17,
	TIMER_DIVIDE_BY_1 = 0xb,
	COMMAND_PENDING = 1 << 12,
	COMMAND_INIT = 0xc4500,  /* all but self, INIT, assert */
	COMMAND_START = 0xc4600, /* all but self, start-up, assert */

	/* Cycles for the one-shot timer's calibration, and between INIT and SIPI. */
	CALIBRATION_CYCLES = 20000000,
	START_PAUSE_CYCLES = 20000000,
};

static bool x2apic, tsc_deadline;
static volatile uint32_t *mapped;
static uint64_t timer_counts; /* of the one-shot timer in CALIBRATION_CYCLES */

static void apic_write(uint32_t offset, uint32_t value)
{
	if (x2apic)
		msr_write(MSR_X2APIC + offset / 16, value);
	else
		mapped[offset / 4] = value;
}

static uint32_t apic_read(uint32_t offset)
{
	return x2apic ? (uint32_t)msr_read(MSR_X2APIC + offset / 16) : mapped[offset / 4];
}

void apic_setup(void)
{
	struct cpuid features = cpuid_read(1);
	uint64_t base = msr_read(MSR_APIC_BASE);

	x2apic = features.ecx >> 21 & 1;
	tsc_deadline = features.ecx >> 24 & 1;
	/* The address field stands above the flags; the map of the probe reaches to 4 GiB. */
	mapped = (volatile uint32_t *)(base & 0xfffff000);
	base |= APIC_BASE_ENABLE;
	msr_write(MSR_APIC_BASE, base);
	if (x2apic)
		msr_write(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	/* Firmware may have left a legacy timer ticking through LINT0. */
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_MASKED);
}

bool apic_is_x2apic(void)
{
	return x2apic;
}

bool apic_has_tsc_deadline(void)
{
	return tsc_deadline;
}

uint32_t apic_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return x2apic ? id : id >> 24;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

static void command(uint32_t to, uint32_t low)
{
	if (x2apic) {
		/* WRMSR to x2APIC registers does not wait for earlier stores by itself. */
		__asm__ volatile("mfence; lfence" : : : "memory");
		msr_write(MSR_X2APIC + APIC_COMMAND / 16, (uint64_t)to << 32 | low);
		return;
	}
	apic_write(APIC_COMMAND_HIGH, to << 24);
	apic_write(APIC_COMMAND, low);
}

/* For an xAPIC only: x2APIC commands are never pending. */
static void command_wait(void)
{
	while (!x2apic && (apic_read(APIC_COMMAND) & COMMAND_PENDING) != 0)
		__asm__ volatile("pause");
}

void apic_send(uint32_t to, uint8_t vector)
{
	command(to, vector);
}

static void pause_cycles(uint64_t cycles)
{
	uint64_t start = tsc_read();

	while (tsc_read() - start < cycles)
		__asm__ volatile("pause");
}

void apic_start_others(void)
{
	command(0, COMMAND_INIT);
	command_wait();
	pause_cycles(START_PAUSE_CYCLES);
	command(0, COMMAND_START | AP_TRAMPOLINE >> 12);
	command_wait();
}

void apic_timer_setup(void)
{
	uint64_t start;

	if (tsc_deadline) {
		apic_write(APIC_LVT_TIMER, LVT_TIMER_DEADLINE | VECTOR_TIMER);
		/* A store to the LVT in memory must be done before the deadline's WRMSR (SDM 10.5.4.1). */
		__asm__ volatile("mfence" : : : "memory");
		return;
	}
	apic_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	if (timer_counts != 0)
		return;
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	start = tsc_read();
	apic_write(APIC_TIMER_START, UINT32_MAX);
	pause_cycles(CALIBRATION_CYCLES);
	timer_counts = UINT32_MAX - apic_read(APIC_TIMER_NOW);
	timer_counts = timer_counts * CALIBRATION_CYCLES / (tsc_read() - start);
	apic_write(APIC_TIMER_START, 0);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

void apic_timer_arm(uint64_t deadline)
{
	uint64_t now, count;

	if (tsc_deadline) {
		msr_write(MSR_TSC_DEADLINE, deadline);
		return;
	}
	now = tsc_read();
	count = deadline > now ? deadline - now : 0;
	count = count > UINT32_MAX ? UINT32_MAX : count;
	count = count * timer_counts / CALIBRATION_CYCLES;
	count = count > UINT32_MAX ? UINT32_MAX : count;
	apic_write(APIC_TIMER_START, count == 0 ? 1 : (uint32_t)count);
}

void apic_timer_stop(void)
{
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	if (tsc_deadline)
		msr_write(MSR_TSC_DEADLINE, 0);
	else
		apic_write(APIC_TIMER_START, 0);
}
