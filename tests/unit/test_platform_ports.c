// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stddef.h>

#include "core/devices/platform_ports.h"
#include "core/kvm/trap.h"

void test_platform_ports_register(void);

static struct trap_table table;

static int set_up(void)
{
	return platform_ports_add(&table, NULL);
}

static enum trap_action write_to(const struct trap_table *ports, uint16_t port, unsigned length,
				 uint64_t value)
{
	const struct trap *trap = trap_find(ports, TRAP_PIO, port, length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(trap);
	return trap->write(trap->device, port - trap->first, length, value);
}

static uint64_t read_from(uint16_t port, unsigned length)
{
	const struct trap *trap = trap_find(&table, TRAP_PIO, port, length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(trap);
	return trap->read(trap->device, port - trap->first, length);
}

static void the_keyboard_controller_resets_and_nothing_else(void)
{
	CU_ASSERT_EQUAL(read_from(0x64, 1), 0);
	CU_ASSERT_EQUAL(read_from(0x60, 1), 0);
	for (unsigned command = 0; command <= 0xff; command++)
		CU_ASSERT_EQUAL(write_to(&table, 0x64, 1, command),
				command == 0xfe ? TRAP_RESET : TRAP_RESUME);
	CU_ASSERT_EQUAL(write_to(&table, 0x60, 1, 0xfe), TRAP_RESUME);
}

static void only_soft_off_powers_off(void)
{
	for (unsigned value = 0; value <= 0xff; value++) {
		bool off = (value & 0x20) != 0 && (value >> 2 & 7) == 5;

		CU_ASSERT_EQUAL(write_to(&table, 0x600, 1, value),
				off ? TRAP_POWER_OFF : TRAP_RESUME);
	}
	CU_ASSERT_EQUAL(write_to(&table, 0x601, 1, 0x34), TRAP_RESUME);
	CU_ASSERT_EQUAL(read_from(0x600, 1), 0);
	CU_ASSERT_EQUAL(read_from(0x601, 1), 0);
}

static void only_the_reset_value_resets(void)
{
	for (unsigned value = 0; value <= 0xff; value++)
		CU_ASSERT_EQUAL(write_to(&table, 0x602, 1, value),
				value == 1 ? TRAP_RESET : TRAP_RESUME);
}

static void wide_acpi_writes_reach_each_register(void)
{
	CU_ASSERT_EQUAL(write_to(&table, 0x600, 2, 0x0034), TRAP_POWER_OFF);
	CU_ASSERT_EQUAL(write_to(&table, 0x600, 2, 0x3400), TRAP_RESUME);
	CU_ASSERT_EQUAL(write_to(&table, 0x601, 2, 0x0100), TRAP_RESET);
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x600, 4));
}

static void reset_control_resets_on_its_cpu_bit(void)
{
	CU_ASSERT_EQUAL(write_to(&table, 0xcf9, 1, 0x02), TRAP_RESUME);
	CU_ASSERT_EQUAL(write_to(&table, 0xcf9, 1, 0x06), TRAP_RESET);
	CU_ASSERT_EQUAL(write_to(&table, 0xcf9, 1, 0x0e), TRAP_RESET);
	/* The PCI configuration address is another device's: four bytes from 0xcf8. */
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0xcf8, 4));
}

static void delay_ports_accept_anything(void)
{
	CU_ASSERT_EQUAL(write_to(&table, 0x80, 1, 0xaa), TRAP_RESUME);
	CU_ASSERT_EQUAL(write_to(&table, 0xed, 1, 0xaa), TRAP_RESUME);
	CU_ASSERT_EQUAL(read_from(0x80, 1), 0xff);
}

static void the_exit_port_takes_every_width(void)
{
	static struct trap_table ports;

	CU_ASSERT_EQUAL(guest_ports_add(&ports, true, false, NULL), 0);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf4, 1, 0), TRAP_EXIT);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf4, 2, 7), TRAP_EXIT);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf4, 4, 7), TRAP_EXIT);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf5, 1, 7), TRAP_RESUME);
}

static void the_seal_port_begins_and_ends(void)
{
	static struct trap_table ports;

	CU_ASSERT_EQUAL(guest_ports_add(&ports, false, true, NULL), 0);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf5, 1, 1), TRAP_SEAL);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf5, 1, 0x80), TRAP_SEAL);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf5, 1, 0), TRAP_UNSEAL);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf4, 4, 0), TRAP_RESUME);
}

static void exit_and_seal_live_side_by_side(void)
{
	static struct trap_table ports;

	CU_ASSERT_EQUAL(guest_ports_add(&ports, true, true, NULL), 0);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf4, 4, 0x100), TRAP_EXIT);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf5, 1, 1), TRAP_SEAL);
	CU_ASSERT_EQUAL(write_to(&ports, 0xf6, 1, 1), TRAP_RESUME);
}

static void ports_not_asked_for_are_absent(void)
{
	static struct trap_table ports;

	CU_ASSERT_EQUAL(guest_ports_add(&ports, false, false, NULL), 0);
	CU_ASSERT_EQUAL(ports.count, 0);
}

static void ports_cannot_be_added_twice(void)
{
	CU_ASSERT_EQUAL(platform_ports_add(&table, NULL), -EEXIST);
}

void test_platform_ports_register(void)
{
	CU_pSuite suite = CU_add_suite("test_platform_ports", set_up, NULL);

	CU_ADD_TEST(suite, the_keyboard_controller_resets_and_nothing_else);
	CU_ADD_TEST(suite, only_soft_off_powers_off);
	CU_ADD_TEST(suite, only_the_reset_value_resets);
	CU_ADD_TEST(suite, wide_acpi_writes_reach_each_register);
	CU_ADD_TEST(suite, reset_control_resets_on_its_cpu_bit);
	CU_ADD_TEST(suite, delay_ports_accept_anything);
	CU_ADD_TEST(suite, the_exit_port_takes_every_width);
	CU_ADD_TEST(suite, the_seal_port_begins_and_ends);
	CU_ADD_TEST(suite, exit_and_seal_live_side_by_side);
	CU_ADD_TEST(suite, ports_not_asked_for_are_absent);
	CU_ADD_TEST(suite, ports_cannot_be_added_twice);
}
