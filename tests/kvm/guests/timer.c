// SPDX-License-Identifier: Apache-2.0
/*
 * Counts TSC-deadline interrupts and prints "timer ticks=N early=N khz=N late_max_us=N", then powers
 * off. Options: ticks=N (100), us=N (1000) between two.
 */
#include "interrupts.h"
#include "runtime.h"
#include "start_info.h"

enum { VECTOR = 0x40, TIMER_TSC_DEADLINE = 2 << 17 };

static volatile uint64_t ticked_at;

static __attribute__((interrupt)) void tick(struct interrupt_frame *frame)
{
	(void)frame;
	ticked_at = tsc_read();
	interrupt_end();
}

void guest_main(const struct start_info *info)
{
	uint64_t khz = tsc_khz();
	uint64_t count = option_number("ticks", 100);
	uint64_t period = khz * option_number("us", 1000) / 1000;
	uint64_t early = 0;
	uint64_t late_max = 0;

	(void)info;
	interrupts_set_up();
	interrupts_handle(VECTOR, tick);
	msr_write(MSR_X2APIC_TIMER, TIMER_TSC_DEADLINE | VECTOR);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t deadline = tsc_read() + period;

		ticked_at = 0;
		msr_write(MSR_TSC_DEADLINE, deadline);
		while (ticked_at == 0)
			interrupt_wait();
		if (ticked_at < deadline)
			early++;
		else if (ticked_at - deadline > late_max)
			late_max = ticked_at - deadline;
	}
	print("timer");
	print_count("ticks", count);
	print_count("early", early);
	print_count("khz", khz);
	print_count("late_max_us", late_max * 1000 / khz);
	print("\n");
}
