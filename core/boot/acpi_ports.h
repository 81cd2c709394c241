// SPDX-License-Identifier: Apache-2.0
/*
 * The registers that the ACPI tables name and a device answers: written down once, for both.
 * ACPI Specification 6.4, sections 4.8.3.6 (reset), 4.8.3.7 (sleep control and status).
 */
#pragma once

enum {
	ACPI_SLEEP_CONTROL_PORT = 0x600, /* FADT SLEEP_CONTROL_REG, 8 bits */
	ACPI_SLEEP_STATUS_PORT = 0x601,  /* FADT SLEEP_STATUS_REG, 8 bits */
	ACPI_RESET_PORT = 0x602,         /* FADT RESET_REG, 8 bits */
	ACPI_RESET_VALUE = 1,            /* FADT RESET_VALUE */
	ACPI_S5_SLEEP_TYPE = 5,          /* what \_S5 in dsdt.asl gives */
};
