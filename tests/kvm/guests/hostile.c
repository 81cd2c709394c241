// SPDX-License-Identifier: Apache-2.0
/*
 * Reads and writes ports and addresses at random: every size, string forms, across the borders of
 * devices. Prints "hostile seed=N", and after seconds=N (2) "hostile accesses=N", and powers off. What
 * would end the run by itself (reset, power-off, exit port) is left out, as are the APICs, which
 * belong to the kernel. Its writes to the serial port come out as noise between the two lines.
 */
#include "interrupts.h"
#include "runtime.h"
#include "start_info.h"

static uint64_t state;

/* xorshift64* */
static uint64_t random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(0x2545f4914f6cdd1d);
}

static bool touches(uint16_t port, unsigned size, uint16_t first, uint16_t last)
{
	return port <= last && (uint32_t)port + size > first;
}

static bool ends_the_run(uint16_t port, unsigned size)
{
	return touches(port, size, 0x64, 0x64) || touches(port, size, 0x92, 0x92) ||
	       touches(port, size, 0xf4, 0xf7) || touches(port, size, 0x600, 0x604) ||
	       touches(port, size, 0xcf9, 0xcf9);
}

/* Near the border of something, or anywhere. */
static uint16_t random_port(void)
{
	static const uint16_t border[] = { 0x00,  0x20,	 0x60,	0x70,  0x72,  0x80,  0xed,
					   0xf4,  0x3f8, 0x3ff, 0x400, 0x600, 0x603, 0xcf8,
					   0xcfc, 0x4d0, 0xffff };
	uint64_t bits = random();

	if ((bits & 3) == 0)
		return (uint16_t)(bits >> 8);
	return (uint16_t)(border[(bits >> 8) % (sizeof(border) / sizeof(border[0]))] +
			  (bits >> 32) % 12 - 6);
}

static uint8_t string_buffer[4096];

static void port_string(uint16_t port, unsigned size, uint64_t count, bool write)
{
	void *at = string_buffer;

	if (write && size == 1)
		__asm__ volatile("rep outsb" : "+S"(at), "+c"(count) : "d"(port) : "memory");
	else if (write && size == 2)
		__asm__ volatile("rep outsw" : "+S"(at), "+c"(count) : "d"(port) : "memory");
	else if (write)
		__asm__ volatile("rep outsl" : "+S"(at), "+c"(count) : "d"(port) : "memory");
	else if (size == 1)
		__asm__ volatile("rep insb" : "+D"(at), "+c"(count) : "d"(port) : "memory");
	else if (size == 2)
		__asm__ volatile("rep insw" : "+D"(at), "+c"(count) : "d"(port) : "memory");
	else
		__asm__ volatile("rep insl" : "+D"(at), "+c"(count) : "d"(port) : "memory");
}

static void port_single(uint16_t port, unsigned size, bool write)
{
	uint32_t value = (uint32_t)random();

	if (write && size == 1)
		port_out8(port, (uint8_t)value);
	else if (write && size == 2)
		port_out16(port, (uint16_t)value);
	else if (write)
		port_out32(port, value);
	else if (size == 1)
		(void)port_in8(port);
	else if (size == 2)
		__asm__ volatile("inw %1, %w0" : "=a"(value) : "d"(port));
	else
		__asm__ volatile("inl %1, %0" : "=a"(value) : "d"(port));
}

static void attack_port(void)
{
	uint64_t bits = random();
	unsigned size = 1U << bits % 3;
	bool write = (bits & 0x100) != 0;
	uint16_t port = random_port();

	if (write && ends_the_run(port, size))
		return;
	if ((bits & 0x600) == 0)
		port_string(port, size, (bits >> 16) % (sizeof(string_buffer) / 4), write);
	else
		port_single(port, size, write);
}

/* From the end of RAM's hole up to the APICs, often across a page's border. */
static void attack_memory(void)
{
	uint64_t bits = random();
	uint64_t address = 0xc0000000 + (bits >> 8) % 0x3ebff000;

	if ((bits & 8) != 0)
		address = (address | 0xfff) - (bits >> 4 & 7);
	switch (bits & 7) {
	case 0:
		*(volatile uint8_t *)address = (uint8_t)bits;
		break;
	case 1:
		*(volatile uint16_t *)address = (uint16_t)bits;
		break;
	case 2:
		*(volatile uint32_t *)address = (uint32_t)bits;
		break;
	case 3:
		*(volatile uint64_t *)address = bits;
		break;
	case 4:
		(void)*(volatile uint8_t *)address;
		break;
	case 5:
		(void)*(volatile uint16_t *)address;
		break;
	case 6:
		(void)*(volatile uint32_t *)address;
		break;
	default:
		(void)*(volatile uint64_t *)address;
		break;
	}
}

void guest_main(const struct start_info *info)
{
	uint64_t end = tsc_read() + tsc_khz() * 1000 * option_number("seconds", 2);
	uint64_t count = 0;

	(void)info;
	state = option_number("seed", 1) * 2 + 1;
	interrupts_set_up();
	print("hostile");
	print_count("seed", state / 2);
	print("\n");
	for (; tsc_read() < end; count++) {
		if ((random() & 3) == 0)
			attack_memory();
		else
			attack_port();
	}
	/* The line may be looped back or waiting for its divisor. */
	port_out8(0x3f8 + 3, 0x03);
	port_out8(0x3f8 + 4, 0);
	print("\nhostile");
	print_count("accesses", count);
	print("\n");
}
