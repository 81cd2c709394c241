// SPDX-License-Identifier: Apache-2.0
/* The PVH direct boot protocol. Xen: docs/misc/pvh.pandoc, public/arch-x86/hvm/start_info.h. */
#pragma once

#include <stdint.h>

struct boot_entry;
struct boot_request;
struct diag;
struct placement;

#define PVH_START_MAGIC UINT32_C(0x336ec578)

/** struct pvh_start_info - hvm_start_info, version 1; addresses are guest physical. */
struct pvh_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules_gpa;
	uint64_t cmdline_gpa;
	uint64_t rsdp_gpa;
	uint64_t memory_map_gpa;
	uint32_t memory_map_count;
	uint32_t reserved;
};

/** struct pvh_module - hvm_modlist_entry. */
struct pvh_module {
	uint64_t gpa;
	uint64_t bytes;
	uint64_t cmdline_gpa;
	uint64_t reserved;
};

/** struct pvh_memory - hvm_memmap_table_entry; types are E820's. */
struct pvh_memory {
	uint64_t gpa;
	uint64_t bytes;
	uint32_t type;
	uint32_t reserved;
};

_Static_assert(sizeof(struct pvh_start_info) == 56, "hvm_start_info");
_Static_assert(sizeof(struct pvh_module) == 32, "hvm_modlist_entry");
_Static_assert(sizeof(struct pvh_memory) == 24, "hvm_memmap_table_entry");

/** pvh_load() - boot_load() for an ELF with a PVH entry; errors as there. */
int pvh_load(struct placement *placement, const struct boot_request *request,
	     struct boot_entry *ret, struct diag *why);
