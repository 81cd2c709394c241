// SPDX-License-Identifier: Apache-2.0
/*
 * Prints lines=N (65536) lines of 16 bytes, each its number as 15 hexadecimal digits, a FIFO's worth
 * at a time by one string instruction as soon as the transmitter is empty, and powers off.
 */
#include "runtime.h"
#include "start_info.h"

enum { COM1 = 0x3f8, FCR = 2, LSR = 5, LSR_THR_EMPTY = 0x20, LINE = 16 };

static void write_line(const char *line)
{
	uint64_t count = LINE;

	while ((port_in8(COM1 + LSR) & LSR_THR_EMPTY) == 0)
		__asm__ volatile("pause");
	__asm__ volatile("rep outsb" : "+S"(line), "+c"(count) : "d"(COM1) : "memory");
}

void guest_main(const struct start_info *info)
{
	uint64_t lines = option_number("lines", 65536);
	char line[LINE];

	(void)info;
	port_out8(COM1 + FCR, 0x01);
	for (uint64_t i = 0; i < lines; i++) {
		for (unsigned digit = 0; digit < LINE - 1; digit++)
			line[digit] = "0123456789abcdef"[i >> 4 * (LINE - 2 - digit) & 0xf];
		line[LINE - 1] = '\n';
		write_line(line);
	}
}
