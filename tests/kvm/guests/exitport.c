// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "exit value=N" and writes it to port 0xf4. Options: value=N, width=1|2|4 bytes. If it still
 * runs then, prints "exit port did nothing" and powers off.
 */
#include "runtime.h"
#include "start_info.h"

void guest_main(const struct start_info *info)
{
	uint64_t value = option_number("value", 0);
	uint64_t width = option_number("width", 1);

	(void)info;
	print("exit");
	print_count("value", value);
	print("\n");
	if (width == 4)
		port_out32(0xf4, (uint32_t)value);
	else if (width == 2)
		port_out16(0xf4, (uint16_t)value);
	else
		port_out8(0xf4, (uint8_t)value);
	print("exit port did nothing\n");
}
