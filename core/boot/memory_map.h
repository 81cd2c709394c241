// SPDX-License-Identifier: Apache-2.0
/*
 * The guest's physical address space as firmware would describe it: the one source of the E820 map,
 * the PVH memory map and the Multiboot memory map.
 */
#pragma once

#include <stdint.h>

struct diag;
struct guest_memory;

/*
 * Fixed places below 1 MiB. The guest's RAM is backed there from end to end; the map says what it
 * may take for itself.
 */
#define LOW_RAM_END UINT64_C(0x9fc00)    /* RAM ends, the extended BIOS data area begins */
#define ACPI_AREA_GPA UINT64_C(0xe0000)  /* ACPI tables; the RSDP is the first thing in it */
#define ACPI_AREA_BYTES UINT64_C(0x20000)
#define HIGH_RAM_GPA UINT64_C(0x100000)  /* RAM goes on */
#define PLATFORM_GPA UINT64_C(0xfec00000) /* I/O APIC, local APICs and KVM's own pages, up to 4 GiB */

/** enum memory_type - E820's numbers, which PVH and Multiboot share. */
enum memory_type {
	MEMORY_RAM = 1,
	MEMORY_RESERVED = 2,
};

struct memory_range {
	uint64_t gpa;
	uint64_t bytes;
	enum memory_type type;
};

enum { MEMORY_MAP_MAX = 8 };

/** struct memory_map - ascending, without overlap. */
struct memory_map {
	struct memory_range range[MEMORY_MAP_MAX];
	unsigned count;
};

/**
 * memory_map_plan() - describe @memory.
 * @ret: set on success only.
 *
 * Pure; @memory need not be mapped. Returns 0; -EINVAL where there is no RAM beyond the first MiB,
 * the least any guest starts with.
 */
int memory_map_plan(const struct guest_memory *memory, struct memory_map *ret, struct diag *why);
