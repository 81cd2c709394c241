// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "sealing", writes 1 to the seal port 0xf5, does for its real-time phase what then=WHAT says,
 * writes 0 to the port, prints "unsealed", and powers off.
 *   then=idle  halts, woken by its own timer after ms=N (1000)
 *   then=spin  runs for ms=N without an exit
 *   then=pio   writes count=N (10) times to port 0x80
 *   then=stay  halts for ever
 */
#include "interrupts.h"
#include "runtime.h"
#include "start_info.h"

enum { SEAL_PORT = 0xf5, VECTOR = 0x40, TIMER_TSC_DEADLINE = 2 << 17 };

static volatile bool woken;

static __attribute__((interrupt)) void wake(struct interrupt_frame *frame)
{
	(void)frame;
	woken = true;
	interrupt_end();
}

static void live(uint64_t ms)
{
	uint64_t end = tsc_read() + tsc_khz() * ms;

	if (option_is("then", "pio")) {
		for (uint64_t i = option_number("count", 10); i > 0; i--)
			port_out8(0x80, (uint8_t)i);
	} else if (option_is("then", "spin")) {
		while (tsc_read() < end)
			__asm__ volatile("pause");
	} else if (option_is("then", "stay")) {
		for (;;)
			interrupt_wait();
	} else {
		msr_write(MSR_X2APIC_TIMER, TIMER_TSC_DEADLINE | VECTOR);
		msr_write(MSR_TSC_DEADLINE, end);
		while (!woken)
			interrupt_wait();
	}
}

void guest_main(const struct start_info *info)
{
	(void)info;
	interrupts_set_up();
	interrupts_handle(VECTOR, wake);
	print("sealing\n");
	port_out8(SEAL_PORT, 1);
	live(option_number("ms", 1000));
	port_out8(SEAL_PORT, 0);
	print("unsealed\n");
}
