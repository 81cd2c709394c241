// SPDX-License-Identifier: Apache-2.0
/* What a PVH loader hands over: Xen's hvm_start_info, version 1. */
#pragma once

#include <stdint.h>

#define START_INFO_MAGIC 0x336ec578

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules;
	uint64_t cmdline;
	uint64_t rsdp;
	uint64_t memory_map; /* from version 1 on */
	uint32_t memory_map_count;
	uint32_t reserved;
};

struct start_module {
	uint64_t address;
	uint64_t bytes;
	uint64_t cmdline;
	uint64_t reserved;
};

struct start_memory {
	uint64_t address;
	uint64_t bytes;
	uint32_t type; /* 1 is RAM */
	uint32_t reserved;
};

/** guest_start() - the 64-bit entry: in tables.c for PVH, with the start info's address. */
void guest_start(uint64_t argument);

/** guest_main() - each guest's own. */
void guest_main(const struct start_info *info);
