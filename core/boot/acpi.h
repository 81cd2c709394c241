// SPDX-License-Identifier: Apache-2.0
/*
 * ACPI tables of a hardware-reduced machine: RSDP, XSDT, FADT, MADT and the DSDT compiled from
 * core/boot/dsdt.asl. ACPI Specification 6.4.
 */
#pragma once

#include <stdint.h>

struct diag;
struct guest_memory;

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
