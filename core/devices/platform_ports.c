// SPDX-License-Identifier: Apache-2.0
#include "core/devices/platform_ports.h"

#include <stddef.h>
#include <stdint.h>

#include "core/boot/acpi_ports.h"
#include "core/kvm/trap.h"

enum {
	I8042_DATA_PORT = 0x60,
	I8042_COMMAND_PORT = 0x64,
	I8042_PULSE_RESET = 0xfe,
	RESET_CONTROL_PORT = 0xcf9,
	RESET_CONTROL_RESET = 0x04, /* RST_CPU of the Intel PCHs' register */
	DELAY_PORT = 0x80,          /* POST codes; Linux' io_delay */
	OTHER_DELAY_PORT = 0xed,    /* io_delay=0xed */

	SLEEP_ENABLE = 0x20, /* ACPI 6.5, 4.8.3.7: SLP_EN, and SLP_TYP in bits 2 to 4 */
	SLEEP_TYPE_SHIFT = 2,
	SLEEP_TYPE_MASK = 0x7,
};

static uint64_t read_zeros(void *device, uint64_t offset, unsigned length)
{
	(void)device;
	(void)offset;
	(void)length;
	return 0;
}

static uint64_t read_ones(void *device, uint64_t offset, unsigned length)
{
	(void)device;
	(void)offset;
	return UINT64_MAX >> (64 - 8 * length);
}

static enum trap_action ignore(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	(void)device;
	(void)offset;
	(void)length;
	(void)value;
	return TRAP_RESUME;
}

static enum trap_action i8042_command(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	(void)device;
	(void)offset;
	(void)length;
	return (value & 0xff) == I8042_PULSE_RESET ? TRAP_RESET : TRAP_RESUME;
}

static enum trap_action reset_control(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	(void)device;
	(void)offset;
	(void)length;
	return (value & RESET_CONTROL_RESET) != 0 ? TRAP_RESET : TRAP_RESUME;
}

static enum trap_action acpi_register(uint64_t port, uint8_t value)
{
	if (port == ACPI_SLEEP_CONTROL_PORT && (value & SLEEP_ENABLE) != 0 &&
	    (value >> SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK) == ACPI_S5_SLEEP_TYPE)
		return TRAP_POWER_OFF;
	if (port == ACPI_RESET_PORT && value == ACPI_RESET_VALUE)
		return TRAP_RESET;
	return TRAP_RESUME;
}

/* A wide access is one to each register in turn; the first that asks for something gets it. */
static enum trap_action acpi_write(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	enum trap_action action = TRAP_RESUME;

	(void)device;
	for (unsigned i = 0; i < length && action == TRAP_RESUME; i++)
		action = acpi_register(ACPI_SLEEP_CONTROL_PORT + offset + i,
				       (uint8_t)(value >> (8 * i)));
	return action;
}

static enum trap_action exit_write(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	(void)device;
	(void)length;
	(void)value;
	return offset == 0 ? TRAP_EXIT : TRAP_RESUME;
}

static enum trap_action seal_write(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	(void)device;
	(void)length;
	if (offset != GUEST_SEAL_PORT - GUEST_EXIT_PORT)
		return TRAP_RESUME;
	return (value & 0xff) != 0 ? TRAP_SEAL : TRAP_UNSEAL;
}

static enum trap_action exit_or_seal_write(void *device, uint64_t offset, unsigned length,
					   uint64_t value)
{
	return offset == 0 ? exit_write(device, offset, length, value) :
			     seal_write(device, offset, length, value);
}

int platform_ports_add(struct trap_table *table, struct diag *why)
{
	static const struct trap ports[] = {
		{ TRAP_PIO, I8042_DATA_PORT, I8042_DATA_PORT, read_zeros, ignore, NULL, "i8042" },
		{ TRAP_PIO, I8042_COMMAND_PORT, I8042_COMMAND_PORT, read_zeros, i8042_command, NULL,
		  "i8042" },
		{ TRAP_PIO, DELAY_PORT, DELAY_PORT, read_ones, ignore, NULL, "delay" },
		{ TRAP_PIO, OTHER_DELAY_PORT, OTHER_DELAY_PORT, read_ones, ignore, NULL, "delay" },
		{ TRAP_PIO, ACPI_SLEEP_CONTROL_PORT, ACPI_RESET_PORT, read_zeros, acpi_write, NULL,
		  "acpi" },
		{ TRAP_PIO, RESET_CONTROL_PORT, RESET_CONTROL_PORT, read_zeros, reset_control, NULL,
		  "reset-control" },
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		int ret = trap_add(table, &ports[i], why);

		if (ret < 0)
			return ret;
	}
	return 0;
}

/*
 * Both ports are one trap, since guests made for QEMU's isa-debug-exit write four bytes to the exit
 * port, which reach over the seal port.
 */
int guest_ports_add(struct trap_table *table, bool exit, bool seal, struct diag *why)
{
	const struct trap trap = {
		.space = TRAP_PIO,
		.first = GUEST_EXIT_PORT,
		.last = GUEST_EXIT_PORT + 3,
		.read = read_zeros,
		.write = exit && seal ? exit_or_seal_write : exit ? exit_write : seal_write,
		.name = "guest-port",
	};

	return exit || seal ? trap_add(table, &trap, why) : 0;
}
