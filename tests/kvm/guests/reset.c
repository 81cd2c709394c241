// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "reset how=HOW" and resets the machine: how=i8042, acpi, cf9 or triple (triple fault). If it
 * still runs then, prints "reset did nothing" and powers off.
 */
#include "runtime.h"
#include "start_info.h"

static void triple_fault(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) empty = { 0, 0 };

	__asm__ volatile("lidt %0; ud2" : : "m"(empty));
}

void guest_main(const struct start_info *info)
{
	(void)info;
	print("reset ");
	print(guest_cmdline);
	print("\n");
	if (option_is("how", "i8042"))
		port_out8(0x64, 0xfe);
	else if (option_is("how", "acpi"))
		port_out8(0x602, 1);
	else if (option_is("how", "cf9"))
		port_out8(0xcf9, 0x06);
	else if (option_is("how", "triple"))
		triple_fault();
	print("reset did nothing\n");
}
