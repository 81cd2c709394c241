// SPDX-License-Identifier: Apache-2.0
/* ACPI tables as the guest finds them, and the page tables it makes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct start_info;

enum { CPUS_MAX = 1024 };

/** struct machine - what the MADT said. @broken: the first table that is not what it should be. */
struct machine {
	unsigned cpus;
	uint32_t apic_id[CPUS_MAX];
	unsigned ioapics;
	uint64_t ioapic;
	uint32_t ioapic_first_gsi;
	const char *broken;
};

/** machine_find() - RSDP (told, else searched), XSDT, MADT, each checksum verified. */
void machine_find(const struct start_info *info, struct machine *ret);

/** map_range() - map one to one, in pages of 2 MiB, what lies above 4 GiB. False: no more tables. */
bool map_range(uint64_t first, uint64_t end);
