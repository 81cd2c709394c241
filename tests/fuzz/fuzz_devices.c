// SPDX-License-Identifier: Apache-2.0
/*
 * Every emulated port, driven from both sides: the input is a sequence of guest accesses and calls of
 * the main thread. It must not crash, and what the headers promise must hold after each step.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/devices/platform_ports.h"
#include "core/devices/rtc.h"
#include "core/devices/uart16550.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/trap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ensure(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

static uint64_t tsc;

static uint64_t fuzzed_tsc(void)
{
	return tsc;
}

static struct {
	struct doorbell doorbell;
	struct uart16550 uart;
	struct rtc rtc;
	struct trap_table table;
} machine;

/* An operation: one byte of kind and length, two of port or count, four of value. */
enum { OPERATION_BYTES = 7 };

static void power_on(void)
{
	memset(&machine, 0, sizeof(machine));
	machine.doorbell.fd = -1;
	tsc = UINT64_C(1) << 32;
	uart16550_init(&machine.uart, &machine.doorbell);
	rtc_init(&machine.rtc, UINT64_C(1772368496000000000), tsc, 2100000, fuzzed_tsc);
	ensure(uart16550_add(&machine.uart, &machine.table, UART16550_COM1_PORT, NULL) == 0);
	ensure(rtc_add(&machine.rtc, &machine.table, NULL) == 0);
	ensure(platform_ports_add(&machine.table, NULL) == 0);
	ensure(guest_ports_add(&machine.table, true, true, NULL) == 0);
}

/* Half of the ports are the serial port's or the clock's: most of the 65536 are nobody's. */
static uint16_t choose_port(uint16_t bits)
{
	if ((bits & 0xc000) == 0)
		return UART16550_COM1_PORT + (bits & 7);
	if ((bits & 0xc000) == 0x4000)
		return RTC_PORT + (bits & 1);
	if ((bits & 0xc000) == 0x8000)
		return machine.table.trap[(bits & 0xff) % machine.table.count].first & UINT16_MAX;
	return bits & 0xfff;
}

static void guest_access(bool write, unsigned length, uint16_t port, uint32_t value)
{
	const struct trap *trap = trap_find(&machine.table, TRAP_PIO, port, length);
	uint64_t mask = UINT64_MAX >> (64 - 8 * length);

	if (trap == NULL)
		return;
	ensure(trap->first <= port && port + length - 1 <= trap->last);
	if (!write) {
		ensure((trap->read(trap->device, port - trap->first, length) & ~mask) == 0);
		return;
	}

	enum trap_action action = trap->write(trap->device, port - trap->first, length, value & mask);

	ensure(action <= TRAP_UNSEAL);
	if (strcmp(trap->name, "16550") == 0 || strcmp(trap->name, "rtc") == 0)
		ensure(action == TRAP_RESUME);
}

static void main_thread(unsigned call, uint16_t count, uint32_t value)
{
	static uint8_t bytes[RING_BYTES + 16];
	size_t size = count % sizeof(bytes);
	size_t space;

	switch (call) {
	case 0:
		(void)uart16550_output(&machine.uart, bytes, size);
		break;
	case 1:
		space = uart16550_input_space(&machine.uart);
		memset(bytes, (int)(value & 0xff), sizeof(bytes));
		ensure(uart16550_input(&machine.uart, bytes, size) == (size < space ? size : space));
		break;
	case 2:
		if (uart16550_interrupt(&machine.uart))
			ensure(!uart16550_interrupt(&machine.uart));
		break;
	case 3:
		doorbell_arm(&machine.doorbell);
		break;
	default:
		tsc += (uint64_t)value << (count % 32);
		break;
	}
}

static void check(void)
{
	const struct rtc *rtc = &machine.rtc;

	ensure(ring_used(&machine.uart.output) <= RING_BYTES);
	ensure(ring_used(&machine.uart.input) <= RING_BYTES);
	ensure(machine.uart.loop_count <= UART16550_FIFO_BYTES);
	ensure(machine.uart.loop_first < UART16550_FIFO_BYTES);
	ensure(rtc->index < RTC_CMOS_BYTES);
	ensure(!atomic_load(&machine.uart.lock.held) && !atomic_load(&rtc->lock.held));
}

/*
 * A rise nobody pulsed and no doorbell announced is a lost interrupt: the main thread, having looked
 * and armed, would sleep for ever.
 */
static void check_nothing_is_lost(bool write, unsigned length, uint16_t port, uint32_t value)
{
	(void)uart16550_interrupt(&machine.uart);
	doorbell_arm(&machine.doorbell);
	guest_access(write, length, port, value);
	if (atomic_load(&machine.doorbell.armed))
		ensure(!uart16550_interrupt(&machine.uart));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned length[4] = { 1, 1, 2, 4 };

	power_on();
	for (; size >= OPERATION_BYTES; data += OPERATION_BYTES, size -= OPERATION_BYTES) {
		uint16_t bits = (uint16_t)(data[1] | data[2] << 8);
		uint32_t value = (uint32_t)(data[3] | data[4] << 8 | data[5] << 16) |
				 (uint32_t)data[6] << 24;
		bool write = (data[0] & 0x04) != 0;

		if ((data[0] & 0x80) != 0)
			main_thread(data[0] & 0x07, bits, value);
		else if ((data[0] & 0x40) != 0)
			check_nothing_is_lost(write, length[data[0] & 3], choose_port(bits), value);
		else
			guest_access(write, length[data[0] & 3], choose_port(bits), value);
		check();
	}
	return 0;
}
