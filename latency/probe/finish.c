// SPDX-License-Identifier: Apache-2.0
#include "latency/probe/finish.h"

#include <stddef.h>
#include <stdint.h>

#include "latency/probe/cpu.h"
#include "latency/probe/options.h"
#include "latency/probe/protocol.h"

enum {
	QEMU_PM1A_CONTROL = 0x604,   /* where QEMU's firmware puts it on pc and q35 */
	QEMU_SLEEP_ENABLE = 1 << 13, /* with sleep type 0, which is S5 there */
};

#define UNMAPPED_ADDRESS (UINT64_C(1) << 40)

static const struct options *wanted;

void finish_setup(const struct options *options)
{
	wanted = options;
}

/*
 * An exception without a handler: the processor shuts down. A page fault, because even a KVM that
 * emulates this code instruction by instruction delivers that one.
 */
static _Noreturn void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) nothing;

	__asm__ volatile("lidt %0" : : "m"(nothing));
	for (;;)
		(void)*(const volatile uint8_t *)UNMAPPED_ADDRESS;
}

_Noreturn void finish(enum finish how)
{
	if (wanted == NULL)
		triple_fault();
	if (wanted->exit)
		out8(PROBE_PORT_EXIT, how == FINISH_DONE ? wanted->exit_value : PROBE_EXIT_FAILED);
	if (wanted->qemu) {
		out8(PROBE_PORT_EXIT, how == FINISH_DONE ? 0 : PROBE_EXIT_FAILED);
		out16(QEMU_PM1A_CONTROL, QEMU_SLEEP_ENABLE);
	} else {
		out8(PROBE_PORT_SLEEP, PROBE_SLEEP_S5);
	}
	triple_fault();
}
