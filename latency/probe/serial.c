// SPDX-License-Identifier: Apache-2.0
#include "latency/probe/serial.h"

#include "latency/probe/cpu.h"
#include "latency/probe/protocol.h"

enum {
	UART_FIFO_CONTROL = PROBE_PORT_SERIAL + 2,
	UART_LINE_STATUS = PROBE_PORT_SERIAL + 5,
	UART_FIFO_ENABLE = 1,
	UART_TRANSMITTER_EMPTY = 1 << 5,
	UART_FIFO_BYTES = 16,
	/* A port nobody drains must not hold the run for ever: about ten seconds of exits. */
	UART_POLLS_MAX = 1000000,
};

static unsigned fifo_room;
static uint64_t lines;
static uint32_t checksum = PROBE_FNV_START;

static void account(char c)
{
	checksum = (checksum ^ (uint8_t)c) * PROBE_FNV_PRIME;
	if (c == '\n')
		lines++;
}

static void put(char c)
{
	account(c);
	if (fifo_room == 0) {
		for (unsigned i = 0; i < UART_POLLS_MAX; i++)
			if (in8(UART_LINE_STATUS) & UART_TRANSMITTER_EMPTY)
				break;
		/* An empty transmitter with its FIFO on takes sixteen bytes: one poll for all of them. */
		fifo_room = UART_FIFO_BYTES;
	}
	fifo_room--;
	out8(PROBE_PORT_SERIAL, (uint8_t)c);
}

void serial_start(void)
{
	account(PROBE_BANNER[0]);
	out8(UART_FIFO_CONTROL, UART_FIFO_ENABLE);
	serial_text(&PROBE_BANNER[1]);
	serial_text("\n");
}

void serial_text(const char *text)
{
	while (*text != '\0')
		put(*text++);
}

static void number(uint64_t value, unsigned base)
{
	char digits[21];
	unsigned i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	serial_text(digits + i);
}

void serial_number(uint64_t value)
{
	number(value, 10);
}

void serial_hexadecimal(uint64_t value)
{
	serial_text("0x");
	number(value, 16);
}

void serial_field(const char *name, uint64_t value)
{
	serial_text(name);
	serial_text(" ");
	serial_number(value);
	serial_text("\n");
}

void serial_done(void)
{
	uint32_t sum = checksum;

	serial_text("done ");
	serial_number(lines);
	serial_text(" ");
	for (int shift = 28; shift >= 0; shift -= 4)
		put("0123456789abcdef"[sum >> shift & 15]);
	serial_text("\n");
}
