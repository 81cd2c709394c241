// SPDX-License-Identifier: Apache-2.0
#include "core/boot/entry_tables.h"

#include <stdint.h>
#include <string.h>

#include "core/boot/boot.h"
#include "core/boot/placement.h"

/* Intel SDM volume 3, section 3.4.5: flat, present, ring 0, accessed. */
#define DESCRIPTOR_CODE_32 UINT64_C(0x00cf9b000000ffff)
#define DESCRIPTOR_CODE_64 UINT64_C(0x00af9b000000ffff)
#define DESCRIPTOR_DATA UINT64_C(0x00cf93000000ffff)

/* SDM volume 3, section 4.5. */
#define PAGE_PRESENT UINT64_C(0x1)
#define PAGE_WRITE UINT64_C(0x2)
#define PAGE_LARGE UINT64_C(0x80)

enum {
	PAGE_BYTES = 4096,
	TABLE_ENTRIES = 512,
	MAPPED_GIB = 4,
	LARGE_PAGE_SHIFT = 21,
};

/* One root, one directory-pointer table, then one directory for each GiB, page after page. */
static int page_tables_load(struct placement *placement, uint64_t *ret_cr3, struct diag *why)
{
	struct placed placed;
	uint64_t table[TABLE_ENTRIES] = { 0 };
	int error = placement_lowest(placement, PLACEMENT_LOWEST, (2 + MAPPED_GIB) * PAGE_BYTES,
				     PAGE_BYTES, "the first page table", &placed, why);

	if (error != 0)
		return error;
	table[0] = (placed.gpa + PAGE_BYTES) | PAGE_PRESENT | PAGE_WRITE;
	memcpy(placed.host, table, PAGE_BYTES);
	for (uint64_t i = 0; i < MAPPED_GIB; i++)
		table[i] = (placed.gpa + (2 + i) * PAGE_BYTES) | PAGE_PRESENT | PAGE_WRITE;
	memcpy(placed.host + PAGE_BYTES, table, PAGE_BYTES);
	for (uint64_t i = 0; i < MAPPED_GIB; i++) {
		for (uint64_t j = 0; j < TABLE_ENTRIES; j++)
			table[j] = (i * TABLE_ENTRIES + j) << LARGE_PAGE_SHIFT | PAGE_PRESENT | PAGE_WRITE |
				   PAGE_LARGE;
		memcpy(placed.host + (2 + i) * PAGE_BYTES, table, PAGE_BYTES);
	}
	*ret_cr3 = placed.gpa;
	return 0;
}

int entry_tables_load(struct placement *placement, struct boot_entry *entry, struct diag *why)
{
	uint64_t gdt[ENTRY_GDT_BYTES / 8] = { 0 };
	struct placed placed;
	int error = 0;

	gdt[ENTRY_CODE_SELECTOR / 8] =
		entry->mode == BOOT_LONG_64 ? DESCRIPTOR_CODE_64 : DESCRIPTOR_CODE_32;
	gdt[ENTRY_DATA_SELECTOR / 8] = DESCRIPTOR_DATA;
	if (entry->mode == BOOT_LONG_64)
		error = page_tables_load(placement, &entry->cr3, why);
	if (error == 0)
		error = placement_lowest(placement, PLACEMENT_LOWEST, sizeof(gdt), 8,
					 "the descriptor table", &placed, why);
	if (error != 0)
		return error;
	memcpy(placed.host, gdt, sizeof(gdt));
	entry->gdt_gpa = placed.gpa;
	return 0;
}
