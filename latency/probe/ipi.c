// SPDX-License-Identifier: Apache-2.0
/* Interrupts between two vCPUs: how long one takes, and there and back. */
#include "latency/probe/apic.h"
#include "latency/probe/cpu.h"
#include "latency/probe/layout.h"
#include "latency/probe/modes.h"
#include "latency/probe/record.h"
#include "latency/probe/text.h"
#include "latency/probe/trap.h"

enum { START_WAIT_CYCLES = 1000000000 };

extern const char ap_trampoline[], ap_trampoline_end[];
void ap_main(void);

static struct record there, back;
static uint32_t boot_id;
static uint32_t partner_id;
static volatile bool partner_ready, partner_done;
static volatile uint64_t taken_tsc; /* by the partner, when the interrupt reached it */

/*
 * The second vCPU: sleep, answer, sleep. There is never more than one interrupt under way: the boot
 * vCPU sends the next one after the answer.
 */
void ap_main(void)
{
	trap_load();
	apic_setup();
	partner_id = apic_id();
	partner_ready = true;
	while (!partner_done) {
		while (ipi_there_tsc == 0)
			wait_for_interrupt();
		taken_tsc = ipi_there_tsc;
		ipi_there_tsc = 0;
		apic_eoi();
		if (!partner_done)
			apic_send(boot_id, VECTOR_IPI_BACK);
	}
}

static bool partner_start(void)
{
	uint64_t start;

	bytes_copy((void *)AP_TRAMPOLINE, ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
	boot_id = apic_id();
	apic_start_others();
	start = tsc_read();
	while (!partner_ready && tsc_read() - start < START_WAIT_CYCLES)
		__asm__ volatile("pause");
	return partner_ready;
}

/* One there and back, answered by the partner; what is late or lost shows in the records. */
static void ipi_once(bool counted)
{
	uint64_t sent, taken;

	ipi_back_tsc = 0;
	sent = tsc_read();
	apic_send(partner_id, VECTOR_IPI_THERE);
	while (ipi_back_tsc == 0)
		wait_for_interrupt();
	apic_eoi();
	taken = taken_tsc;
	if (!counted) {
		there.warmup++;
		back.warmup++;
		return;
	}
	/* Before it was sent? Then the two TSCs differ, and one way cannot be measured. */
	if (taken < sent)
		there.lost++;
	else
		record_add(&there, taken - sent);
	record_add(&back, ipi_back_tsc - sent);
}

void ipi_run(const struct mode *mode, const struct options *options)
{
	struct phase phase;

	record_clear(&there);
	record_clear(&back);
	if (!partner_start()) {
		record_unsupported(PROBE_IPI, "no second vCPU answered INIT and SIPI");
		record_unsupported(PROBE_IPI_ROUND_TRIP, "no second vCPU answered INIT and SIPI");
		return;
	}
	phase_begin(&phase, mode, options);
	while (!phase_over(&phase, tsc_read()))
		ipi_once(there.warmup == WARMUP_SAMPLES);
	there.cycles = back.cycles = phase_end(&phase);
	partner_done = true;
	apic_send(partner_id, VECTOR_IPI_THERE);
	record_print(&there, PROBE_IPI, "tsc");
	record_print(&back, PROBE_IPI_ROUND_TRIP, "tsc");
}
