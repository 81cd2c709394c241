// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "hello multiboot modules=N cmdline=[...]", the memory map as "memory base=0x.. bytes=0x..
 * type=0x..", for each module "module bytes=N string=[...] first=[up to 16 bytes]", and powers off.
 */
#include "runtime.h"

struct multiboot {
	uint32_t flags;
	uint32_t memory_lower_kib;
	uint32_t memory_upper_kib;
	uint32_t boot_device;
	uint32_t cmdline;
	uint32_t module_count;
	uint32_t modules;
	uint32_t symbols[4];
	uint32_t map_bytes;
	uint32_t map;
};

struct module {
	uint32_t start;
	uint32_t end;
	uint32_t string;
	uint32_t reserved;
};

/* The size does not count itself. */
struct memory {
	uint32_t size;
	uint64_t base;
	uint64_t bytes;
	uint32_t type;
} __attribute__((packed));

enum { HAS_MEMORY = 1 << 0, HAS_CMDLINE = 1 << 2, HAS_MODULES = 1 << 3, HAS_MAP = 1 << 6 };

void guest_start(uint32_t magic, const struct multiboot *info);

static void print_module(const struct module *module)
{
	uint32_t bytes = module->end - module->start;

	print("module");
	print_count("bytes", bytes);
	print(" string=[");
	print((const char *)module->string);
	print("] first=[");
	print_bytes((const void *)module->start, bytes < 16 ? bytes : 16);
	print("]\n");
}

static void print_map(const struct multiboot *info)
{
	for (uint32_t at = info->map; at < info->map + info->map_bytes;) {
		const struct memory *memory = (const struct memory *)at;

		print("memory");
		print_field("base", memory->base);
		print_field("bytes", memory->bytes);
		print_field("type", memory->type);
		print("\n");
		at += memory->size + sizeof(memory->size);
	}
}

void guest_start(uint32_t magic, const struct multiboot *info)
{
	uint32_t modules = (info->flags & HAS_MODULES) != 0 ? info->module_count : 0;

	if (magic != 0x2badb002) {
		print("no multiboot magic\n");
		power_off();
	}
	print("hello multiboot");
	print_count("modules", modules);
	print(" cmdline=[");
	if ((info->flags & HAS_CMDLINE) != 0)
		print((const char *)info->cmdline);
	print("]\n");
	if ((info->flags & HAS_MEMORY) != 0) {
		print("memory");
		print_count("lower_kib", info->memory_lower_kib);
		print_count("upper_kib", info->memory_upper_kib);
		print("\n");
	}
	if ((info->flags & HAS_MAP) != 0)
		print_map(info);
	for (uint32_t i = 0; i < modules; i++)
		print_module(&((const struct module *)info->modules)[i]);
	power_off();
}
