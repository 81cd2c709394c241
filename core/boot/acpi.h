// SPDX-License-Identifier: Apache-2.0
/*
 * ACPI tables of a hardware-reduced machine: RSDP, XSDT, FADT, MADT and the DSDT compiled from
 * core/boot/dsdt.asl. ACPI Specification 6.4.
 */
#pragma once

#include <stdint.h>

struct diag;
struct guest_memory;

/* The registers the FADT names; the device that answers them is elsewhere. */
enum {
	ACPI_SLEEP_CONTROL_PORT = 0x600,
	ACPI_SLEEP_STATUS_PORT = 0x601,
	ACPI_RESET_PORT = 0x602,
	ACPI_RESET_VALUE = 1,
	ACPI_SLEEP_TYPE_S5 = 5,          /* what \_S5 in dsdt.asl gives */
	ACPI_SLEEP_CONTROL_ENABLE = 0x20, /* SLP_EN; the type is in bits 2 to 4 (section 4.8.3.7) */
	ACPI_SLEEP_CONTROL_TYPE_SHIFT = 2,
};

#define ACPI_IOAPIC_GPA UINT32_C(0xfec00000)
#define ACPI_LAPIC_GPA UINT32_C(0xfee00000)

enum { ACPI_VCPUS_MAX = 1024 };

/**
 * acpi_build() - write all tables to the ACPI area of memory_map.h.
 * @vcpus: 1 to ACPI_VCPUS_MAX; vCPU n has APIC id n.
 * @ret_rsdp: guest physical address of the RSDP; set on success only.
 *
 * Stage: apply, before vCPUs run. Returns 0; -ERANGE for @vcpus; -ENOMEM where guest memory ends
 * below the area.
 */
int acpi_build(const struct guest_memory *memory, unsigned vcpus, uint64_t *ret_rsdp,
	       struct diag *why);
