// SPDX-License-Identifier: Apache-2.0
#include "latency/probe/modes.h"

#include "latency/probe/apic.h"
#include "latency/probe/cpu.h"
#include "latency/probe/record.h"
#include "latency/probe/serial.h"
#include "latency/probe/trap.h"

enum {
	/* Two back-to-back TSC readings take less on any processor; only longer gaps are worth a bucket. */
	SPIN_FLOOR_CYCLES = 256,
	HYPERCALL_UNKNOWN = 0x62756c6b,
	HYPERCALL_WAIT_CYCLES = 100000000,
};

static struct record record;

void phase_begin(struct phase *phase, const struct mode *mode, const struct options *options)
{
	phase->samples = mode->samples == 0 ? UINT64_MAX : mode->samples + WARMUP_SAMPLES;
	phase->cycles = options->duration_cycles == 0 ? UINT64_MAX : options->duration_cycles;
	phase->sealed = options->seal;
	serial_text("start ");
	serial_text(record_name(mode->measurement));
	serial_text("\n");
	if (phase->sealed)
		out8(PROBE_PORT_SEAL, 1);
	phase->start = tsc_read();
}

uint64_t phase_end(struct phase *phase)
{
	uint64_t cycles = tsc_read() - phase->start;

	if (phase->sealed)
		out8(PROBE_PORT_SEAL, 0);
	return cycles;
}

/* Count a sample, or discard it while warming up. */
static inline void count(uint64_t cycles)
{
	if (record.warmup < WARMUP_SAMPLES)
		record.warmup++;
	else
		record_add(&record, cycles);
}

static const char *timer_clock(void)
{
	return apic_has_tsc_deadline() ? "tsc-deadline" : "lapic-one-shot";
}

/* Sleep until TSC @deadline; returns how late it was at the interrupt's first instructions. */
static uint64_t sleep_until(uint64_t deadline)
{
	uint64_t woken;

	timer_tsc = 0;
	apic_timer_arm(deadline);
	while (timer_tsc == 0)
		wait_for_interrupt();
	woken = timer_tsc;
	apic_eoi();
	return woken > deadline ? woken - deadline : 0;
}

/* Absolute deadlines, a period apart, as a control loop has them: one missed altogether is lost. */
static void timer_run(const struct mode *mode, const struct options *options)
{
	uint64_t deadline, now;
	struct phase phase;

	apic_timer_setup();
	phase_begin(&phase, mode, options);
	deadline = phase.start + options->period_cycles;
	while (!phase_over(&phase, tsc_read())) {
		count(sleep_until(deadline));
		deadline += options->period_cycles;
		now = tsc_read();
		if (now >= deadline) {
			uint64_t missed = (now - deadline) / options->period_cycles + 1;

			if (record.warmup == WARMUP_SAMPLES)
				record.lost += missed;
			deadline += missed * options->period_cycles;
		}
	}
	record.cycles = phase_end(&phase);
	apic_timer_stop();
	record_print(&record, mode->measurement, timer_clock());
}

static void pio_once(void)
{
	out8(PROBE_PORT_PIO, 0);
}

static void mmio_once(void)
{
	(void)*(const volatile uint32_t *)PROBE_MMIO_ADDRESS;
}

static void cpuid_once(void)
{
	(void)cpuid_read(0);
}

static void vmcall_once(void)
{
	uint64_t number = HYPERCALL_UNKNOWN;

	__asm__ volatile("vmcall" : "+a"(number) : : "memory");
}

static void vmmcall_once(void)
{
	uint64_t number = HYPERCALL_UNKNOWN;

	__asm__ volatile("vmmcall" : "+a"(number) : : "memory");
}

/* One loop for all that exits; inlined for each, so that no call stands between the readings. */
static inline __attribute__((always_inline)) void exits_measure(const struct mode *mode,
								 const struct options *options,
								 void (*once)(void))
{
	struct phase phase;
	uint64_t before, after;

	phase_begin(&phase, mode, options);
	while (!phase_over(&phase, tsc_read())) {
		before = tsc_read();
		once();
		after = tsc_read();
		count(after - before);
	}
	record.cycles = phase_end(&phase);
	record_print(&record, mode->measurement, "tsc");
}

/*
 * Try it once. An exception comes back here; so does a timer, because a KVM that emulates this code
 * and would rewrite the instruction for another vendor's processor repeats it for ever.
 */
static bool hypercall_works(bool amd)
{
	uint64_t number = HYPERCALL_UNKNOWN;
	bool works;

	apic_timer_setup();
	trap_timer_resumes(true);
	apic_timer_arm(tsc_read() + HYPERCALL_WAIT_CYCLES);
	if (amd)
		__asm__ volatile("movq $1f, %1; sti; vmmcall; 1: cli"
				 : "+a"(number), "=m"(trap_resume)
				 :
				 : "memory");
	else
		__asm__ volatile("movq $1f, %1; sti; vmcall; 1: cli"
				 : "+a"(number), "=m"(trap_resume)
				 :
				 : "memory");
	works = trap_resume != 0;
	trap_resume = 0;
	apic_timer_stop();
	trap_timer_resumes(false);
	/* It may have fired meanwhile: let it, so that no later mode takes it for its own. */
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
	apic_eoi();
	return works;
}

static void hypercall_run(const struct mode *mode, const struct options *options)
{
	struct cpuid signature = cpuid_read(0x40000000);
	struct cpuid vendor = cpuid_read(0);
	/* "Auth" of AuthenticAMD and "Hygo" of HygonGenuine. */
	bool amd = vendor.ebx == 0x68747541 || vendor.ebx == 0x6f677948;

	if ((cpuid_read(1).ecx >> 31) == 0 || signature.ebx != 0x4b4d564b) {
		record_unsupported(mode->measurement, "CPUID does not show KVM");
		return;
	}
	if (!hypercall_works(amd)) {
		record_unsupported(mode->measurement, amd ? "VMMCALL does not work" : "VMCALL does not work");
		return;
	}
	if (amd)
		exits_measure(mode, options, vmmcall_once);
	else
		exits_measure(mode, options, vmcall_once);
}

static void spin_run(const struct mode *mode, const struct options *options)
{
	uint64_t below = 0, below_sum = 0, end, last, now, gap;
	struct phase phase;

	record.floor = SPIN_FLOOR_CYCLES;
	phase_begin(&phase, mode, options);
	end = phase.start + phase.cycles;
	last = tsc_read();
	do {
		now = tsc_read();
		gap = now - last;
		last = now;
		if (gap >= SPIN_FLOOR_CYCLES) {
			record_add(&record, gap);
			continue;
		}
		below++;
		below_sum += gap;
		if (gap < record.min)
			record.min = gap;
		if (gap > record.max)
			record.max = gap;
	} while (now < end);
	record.cycles = phase_end(&phase);
	record.below = below;
	record.samples += below;
	record.sum += below_sum;
	record_print(&record, mode->measurement, "tsc");
}

static void idle_run(const struct mode *mode, const struct options *options)
{
	struct phase phase;

	apic_timer_setup();
	phase_begin(&phase, mode, options);
	if (apic_has_tsc_deadline()) {
		record_add(&record, sleep_until(phase.start + phase.cycles));
	} else {
		/* The one-shot timer cannot count that far: sleep in pieces. */
		const uint64_t piece = UINT32_MAX / 16;
		uint64_t end = phase.start + phase.cycles, now;

		for (now = tsc_read(); end > now + piece; now = tsc_read())
			(void)sleep_until(now + piece);
		record_add(&record, sleep_until(end));
	}
	record.cycles = phase_end(&phase);
	apic_timer_stop();
	record_print(&record, mode->measurement, timer_clock());
}

void mode_run(const struct mode *mode, const struct options *options)
{
	record_clear(&record);
	switch (mode->measurement) {
	case PROBE_TIMER:
		timer_run(mode, options);
		break;
	case PROBE_PIO:
		exits_measure(mode, options, pio_once);
		break;
	case PROBE_MMIO:
		exits_measure(mode, options, mmio_once);
		break;
	case PROBE_CPUID:
		exits_measure(mode, options, cpuid_once);
		break;
	case PROBE_HYPERCALL:
		hypercall_run(mode, options);
		break;
	case PROBE_SPIN:
		spin_run(mode, options);
		break;
	case PROBE_IPI:
		ipi_run(mode, options);
		break;
	case PROBE_IDLE:
		idle_run(mode, options);
		break;
	case PROBE_IPI_ROUND_TRIP:
	case PROBE_MEASUREMENT_COUNT:
		break;
	}
}
