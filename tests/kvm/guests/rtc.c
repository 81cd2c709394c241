// SPDX-License-Identifier: Apache-2.0
/*
 * Prints the date of the clock as "rtc YYYY-MM-DD HH:MM:SS" (UTC); powers off. With set=1 sets it
 * to 1999-12-31 23:59:58 first. Where no clock answers, prints "rtc absent".
 */
#include "runtime.h"
#include "start_info.h"

enum { SECONDS, MINUTES = 2, HOURS = 4, DAY = 7, MONTH, YEAR, REG_A, REG_B, REG_D = 13, CENTURY = 0x32 };

static uint8_t cmos_read(uint8_t index)
{
	port_out8(0x70, index);
	return port_in8(0x71);
}

static void cmos_write(uint8_t index, uint8_t value)
{
	port_out8(0x70, index);
	port_out8(0x71, value);
}

static void print_bcd(uint8_t byte, const char *after)
{
	char digit[2] = { (char)('0' + (byte >> 4)), (char)('0' + (byte & 0xf)) };

	print_bytes(digit, 2);
	print(after);
}

static void set(void)
{
	static const uint8_t value[][2] = { { SECONDS, 0x58 }, { MINUTES, 0x59 }, { HOURS, 0x23 },
					    { DAY, 0x31 },     { MONTH, 0x12 },	  { YEAR, 0x99 },
					    { CENTURY, 0x19 } };

	cmos_write(REG_B, 0x82);
	for (unsigned i = 0; i < sizeof(value) / sizeof(value[0]); i++)
		cmos_write(value[i][0], value[i][1]);
	cmos_write(REG_B, 0x02);
}

void guest_main(const struct start_info *info)
{
	static const uint8_t index[] = { CENTURY, YEAR, MONTH, DAY, HOURS, MINUTES, SECONDS };
	static const char *const after[] = { "", "-", "-", " ", ":", ":", "\n" };
	uint8_t field[sizeof(index)];

	(void)info;
	if (cmos_read(REG_D) != 0x80) {
		print("rtc absent\n");
		return;
	}
	if (option_is("set", "1"))
		set();
	/* Read until two readings agree: the time may move on in between. */
	do {
		while ((cmos_read(REG_A) & 0x80) != 0)
			__asm__ volatile("pause");
		for (unsigned i = 0; i < sizeof(index); i++)
			field[i] = cmos_read(index[i]);
	} while ((cmos_read(REG_A) & 0x80) != 0 || cmos_read(SECONDS) != field[6]);
	print("rtc ");
	for (unsigned i = 0; i < sizeof(index); i++)
		print_bcd(field[i], after[i]);
}
