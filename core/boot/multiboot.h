// SPDX-License-Identifier: Apache-2.0
/* Multiboot 1 kernels. Multiboot Specification 0.6.96, section 3. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct boot_entry;
struct boot_request;
struct diag;
struct image;
struct placement;

enum {
	MULTIBOOT_SEARCH_BYTES = 8192,
	MULTIBOOT_INFO_MEMORY = 1 << 0,
	MULTIBOOT_INFO_CMDLINE = 1 << 2,
	MULTIBOOT_INFO_MODULES = 1 << 3,
	MULTIBOOT_INFO_MEMORY_MAP = 1 << 6,
	MULTIBOOT_INFO_LOADER_NAME = 1 << 9,
};

#define MULTIBOOT_HEADER_MAGIC UINT32_C(0x1badb002)
#define MULTIBOOT_LOADER_MAGIC UINT32_C(0x2badb002)

/** struct multiboot_info - what ebx points to; fields behind the loader's name are left out. */
struct multiboot_info {
	uint32_t flags;
	uint32_t memory_lower_kib;
	uint32_t memory_upper_kib;
	uint32_t boot_device;
	uint32_t cmdline_gpa;
	uint32_t module_count;
	uint32_t modules_gpa;
	uint32_t symbols[4];
	uint32_t memory_map_bytes;
	uint32_t memory_map_gpa;
	uint32_t drives_bytes;
	uint32_t drives_gpa;
	uint32_t config_table;
	uint32_t loader_name_gpa;
	uint32_t apm_table;
	uint32_t video[7];
};

struct multiboot_module {
	uint32_t start;
	uint32_t end; /* one past the last byte */
	uint32_t string_gpa;
	uint32_t reserved;
};

/** struct multiboot_memory - @size does not count itself; types are E820's. */
struct multiboot_memory {
	uint32_t size;
	uint64_t gpa;
	uint64_t bytes;
	uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct multiboot_info) == 100, "multiboot_info");
_Static_assert(sizeof(struct multiboot_module) == 16, "multiboot module");
_Static_assert(sizeof(struct multiboot_memory) == 24, "multiboot mmap entry");

/** multiboot_is() - whether the first 8 KiB hold a header whose checksum is right. */
bool multiboot_is(const struct image *image);

/**
 * multiboot_load() - boot_load() for a Multiboot image: by the addresses in its header where it
 * gives them, else as 32-bit ELF. Errors as there.
 */
int multiboot_load(struct placement *placement, const struct boot_request *request,
		   struct boot_entry *ret, struct diag *why);
