// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "hello bzimage entry=64|32 loader=0x.. cmdline=[...]", then
 * "initrd bytes=N sum=0x..." (the sum of its bytes), then "e820 base=0x.. bytes=0x.. type=0x.." for
 * each entry where a 64-bit loader gave them, and powers off.
 */
#include "runtime.h"

extern uint32_t entered_64;

void guest_start(uint64_t boot_params);

/* Fields of struct boot_params at odd addresses. */
static uint64_t field(uint64_t boot_params, unsigned offset, unsigned bytes)
{
	const uint8_t *at = (const uint8_t *)(boot_params + offset);
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | at[bytes];
	return value;
}

static void print_initrd(uint64_t boot_params)
{
	uint64_t start = field(boot_params, 0x218, 4);
	uint64_t bytes = field(boot_params, 0x21c, 4);
	uint64_t sum = 0;

	/* The upper halves: ext_ramdisk_image and ext_ramdisk_size. */
	if (entered_64 != 0) {
		start |= field(boot_params, 0xc0, 4) << 32;
		bytes |= field(boot_params, 0xc4, 4) << 32;
	}
	for (uint64_t i = 0; i < bytes; i++)
		sum += *(const uint8_t *)(start + i);
	print("initrd");
	print_count("bytes", bytes);
	print_field("sum", sum);
	print("\n");
}

void guest_start(uint64_t boot_params)
{
	uint64_t cmdline = field(boot_params, 0x228, 4);

	if (entered_64 != 0)
		cmdline |= field(boot_params, 0xc8, 4) << 32;
	print("hello bzimage");
	print_count("entry", entered_64 != 0 ? 64 : 32);
	print_field("loader", field(boot_params, 0x210, 1));
	print(" cmdline=[");
	if (cmdline != 0)
		print((const char *)cmdline);
	print("]\n");
	print_initrd(boot_params);
	for (unsigned i = 0; entered_64 != 0 && i < field(boot_params, 0x1e8, 1); i++) {
		print("e820");
		print_field("base", field(boot_params, 0x2d0 + 20 * i, 8));
		print_field("bytes", field(boot_params, 0x2d8 + 20 * i, 8));
		print_field("type", field(boot_params, 0x2e0 + 20 * i, 4));
		print("\n");
	}
	power_off();
}
