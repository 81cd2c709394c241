// SPDX-License-Identifier: Apache-2.0
/* The descriptor table and page tables a guest is entered with; it soon has its own. */
#pragma once

struct boot_entry;
struct diag;
struct placement;

enum {
	ENTRY_CODE_SELECTOR = 0x10, /* Linux: __BOOT_CS */
	ENTRY_DATA_SELECTOR = 0x18, /* Linux: __BOOT_DS */
	ENTRY_GDT_BYTES = 32,
};

/**
 * entry_tables_load() - write the tables for @entry->mode, low in memory.
 * @entry: gdt_gpa is set, and for 64-bit mode cr3: 4 GiB mapped one to one by 2 MiB pages.
 *
 * Returns 0 or -ENOMEM.
 */
int entry_tables_load(struct placement *placement, struct boot_entry *entry, struct diag *why);
