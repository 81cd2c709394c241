// SPDX-License-Identifier: Apache-2.0
#include "core/boot/multiboot.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/boot.h"
#include "core/boot/elf.h"
#include "core/boot/entry_tables.h"
#include "core/boot/image.h"
#include "core/boot/memory_map.h"
#include "core/boot/modules.h"
#include "core/boot/placement.h"

enum {
	HEADER_ALIGN = 4,
	HEADER_BYTES_MIN = 12, /* magic, flags, checksum */
	/* Modules on pages and memory information are always given. Video information cannot be: its
	 * flag in the information stays clear, which is how a kernel learns that there is no display. */
	REQUIREMENTS_UNKNOWN = 0xfff8,
	HAS_ADDRESSES = 1 << 16,
};

struct multiboot_header {
	uint32_t magic;
	uint32_t flags;
	uint32_t checksum;
	/* Only with HAS_ADDRESSES. */
	uint32_t header_gpa;
	uint32_t load_gpa;
	uint32_t load_end_gpa; /* 0: to the end of the file */
	uint32_t bss_end_gpa;  /* 0: none */
	uint32_t entry_gpa;
};

/* Returns 0, or -ENOENT. A header with addresses that are cut off is none. */
static int find_header(const struct image *image, struct multiboot_header *ret, uint64_t *ret_offset)
{
	uint64_t end = image->size < MULTIBOOT_SEARCH_BYTES ? image->size : MULTIBOOT_SEARCH_BYTES;

	for (uint64_t at = 0; at + HEADER_BYTES_MIN <= end; at += HEADER_ALIGN) {
		struct multiboot_header header = { 0 };

		memcpy(&header, image->data + at, HEADER_BYTES_MIN);
		if (header.magic != MULTIBOOT_HEADER_MAGIC ||
		    header.magic + header.flags + header.checksum != 0)
			continue;
		if ((header.flags & HAS_ADDRESSES) != 0) {
			uint32_t flags = header.flags;

			if (!image_has(image, at, sizeof(header)))
				continue;
			memcpy(&header, image->data + at, sizeof(header));
			header.flags = flags;
		}
		*ret = header;
		*ret_offset = at;
		return 0;
	}
	return -ENOENT;
}

bool multiboot_is(const struct image *image)
{
	struct multiboot_header header;
	uint64_t offset;

	return find_header(image, &header, &offset) == 0;
}

/* Section 3.1.3: where in the file, and how much of it, the header's addresses mean. */
static int check_addresses(const struct image *image, const struct multiboot_header *header,
			   uint64_t header_offset, uint64_t *ret_offset, uint64_t *ret_file_bytes,
			   struct diag *why)
{
	uint64_t before = (uint64_t)header->header_gpa - header->load_gpa;
	uint64_t offset = header_offset - before;
	uint64_t bytes;

	if (header->header_gpa < header->load_gpa || before > header_offset)
		return diag_set(why, EINVAL, "has a Multiboot header whose load address, 0x%x, does not "
				"fit its own, 0x%x", header->load_gpa, header->header_gpa);
	bytes = image->size - offset;
	if (header->load_end_gpa != 0) {
		if (header->load_end_gpa <= header->load_gpa)
			return diag_set(why, EINVAL, "has a Multiboot header that loads nothing");
		if (header->load_end_gpa - header->load_gpa > bytes)
			return diag_set(why, EINVAL, "is cut off: its Multiboot header loads %u bytes, "
					"the file has %llu of them", header->load_end_gpa - header->load_gpa,
					(unsigned long long)bytes);
		bytes = header->load_end_gpa - header->load_gpa;
	}
	if (header->bss_end_gpa != 0 && header->bss_end_gpa < header->load_gpa + bytes)
		return diag_set(why, EINVAL, "has a Multiboot header whose bss ends before its data");
	*ret_offset = offset;
	*ret_file_bytes = bytes;
	return 0;
}

static int load_addressed(struct placement *placement, const struct image *image,
			  const struct multiboot_header *header, uint64_t header_offset,
			  uint64_t *ret_end, struct diag *why)
{
	struct placed placed;
	uint64_t offset = 0;
	uint64_t file_bytes = 0;
	uint64_t bytes;
	int error = check_addresses(image, header, header_offset, &offset, &file_bytes, why);

	if (error != 0)
		return error;
	bytes = header->bss_end_gpa != 0 ? header->bss_end_gpa - header->load_gpa : file_bytes;
	if (header->entry_gpa < header->load_gpa || header->entry_gpa - header->load_gpa >= bytes)
		return diag_set(why, EINVAL, "has its entry point, 0x%x, outside what it loads",
				header->entry_gpa);
	error = placement_claim(placement, header->load_gpa, bytes, "the Multiboot kernel", &placed, why);
	if (error != 0)
		return error;
	memcpy(placed.host, image->data + offset, file_bytes);
	memset(placed.host + file_bytes, 0, bytes - file_bytes);
	*ret_end = placed.gpa + bytes;
	return 0;
}

static int load_elf(struct placement *placement, const struct image *image, uint64_t *ret_entry,
		    uint64_t *ret_end, struct diag *why)
{
	struct elf_file elf;
	struct elf_loaded loaded;
	int error;

	if (!elf_is(image))
		return diag_set(why, ENOEXEC, "has a Multiboot header without load addresses, and is no ELF");
	error = elf_open(image, &elf, why);
	if (error != 0)
		return error;
	if (elf.is64) {
		diag_set(why, ENOEXEC, "is a 64-bit ELF: Multiboot 1 loads 32-bit ELF alone");
		diag_remedy(why, "convert it (objcopy -O elf32-i386), or give it a PVH entry note");
		return -ENOEXEC;
	}
	error = elf_load(&elf, placement, &loaded, why);
	if (error == 0)
		error = elf_physical(&elf, elf.entry, ret_entry, why);
	if (error == 0)
		*ret_end = loaded.end;
	return error;
}

static int load_kernel(struct placement *placement, const struct image *image, uint64_t *ret_entry,
		       uint64_t *ret_end, struct diag *why)
{
	struct multiboot_header header;
	uint64_t offset;

	if (find_header(image, &header, &offset) != 0)
		return diag_set(why, ENOEXEC, "has no Multiboot 1 header");
	if ((header.flags & REQUIREMENTS_UNKNOWN) != 0)
		return diag_set(why, ENOEXEC, "asks for Multiboot features that do not exist (flags 0x%x)",
				header.flags);
	if ((header.flags & HAS_ADDRESSES) == 0)
		return load_elf(placement, image, ret_entry, ret_end, why);
	*ret_entry = header.entry_gpa;
	return load_addressed(placement, image, &header, offset, ret_end, why);
}

/* What the guest gets in one piece, low in memory. */
struct info_page {
	struct multiboot_info info;
	struct multiboot_memory memory[MEMORY_MAP_MAX];
	struct multiboot_module module[BOOT_INITRDS_MAX];
};

static void fill_memory(const struct memory_map *map, struct info_page *page)
{
	for (unsigned i = 0; i < map->count; i++) {
		const struct memory_range *range = &map->range[i];

		page->memory[i] = (struct multiboot_memory){
			.size = sizeof(page->memory[i]) - sizeof(page->memory[i].size),
			.gpa = range->gpa,
			.bytes = range->bytes,
			.type = range->type,
		};
		if (range->type == MEMORY_RAM && range->gpa == 0)
			page->info.memory_lower_kib = (uint32_t)(range->bytes / 1024);
		if (range->type == MEMORY_RAM && range->gpa == HIGH_RAM_GPA)
			page->info.memory_upper_kib = (uint32_t)(range->bytes / 1024);
	}
	page->info.memory_map_bytes = (uint32_t)(map->count * sizeof(page->memory[0]));
	page->info.flags |= MULTIBOOT_INFO_MEMORY | MULTIBOOT_INFO_MEMORY_MAP;
}

static int string_load(struct placement *placement, const char *text, const char *what,
		       uint32_t *ret_gpa, struct diag *why)
{
	uint64_t gpa;
	int error = placement_string(placement, text, what, &gpa, why);

	if (error == 0)
		*ret_gpa = (uint32_t)gpa;
	return error;
}

static int fill_modules(struct placement *placement, const struct boot_request *request,
			const struct modules *modules, struct info_page *page, struct diag *why)
{
	for (size_t i = 0; i < request->initrd_count; i++) {
		const struct placed *placed = &modules->module[i];
		int error = string_load(placement, request->initrd[i].path, "a module's name",
					&page->module[i].string_gpa, why);

		if (error != 0)
			return error;
		page->module[i].start = (uint32_t)placed->gpa;
		page->module[i].end = (uint32_t)(placed->gpa + placed->bytes);
	}
	page->info.module_count = (uint32_t)request->initrd_count;
	page->info.flags |= MULTIBOOT_INFO_MODULES;
	return 0;
}

static int fill_strings(struct placement *placement, const char *cmdline, struct info_page *page,
			struct diag *why)
{
	int error = string_load(placement, cmdline, "the command line", &page->info.cmdline_gpa, why);

	if (error == 0)
		error = string_load(placement, "bulkhead", "the loader's name",
				    &page->info.loader_name_gpa, why);
	page->info.flags |= MULTIBOOT_INFO_CMDLINE | MULTIBOOT_INFO_LOADER_NAME;
	return error;
}

static int load_info(struct placement *placement, struct info_page *page, uint64_t *ret_gpa,
		     struct diag *why)
{
	struct placed placed;
	int error = placement_lowest(placement, PLACEMENT_LOWEST, sizeof(*page), 4096,
				     "the Multiboot information", &placed, why);

	if (error != 0)
		return error;
	page->info.memory_map_gpa = (uint32_t)(placed.gpa + offsetof(struct info_page, memory));
	page->info.modules_gpa = (uint32_t)(placed.gpa + offsetof(struct info_page, module));
	memcpy(placed.host, page, sizeof(*page));
	*ret_gpa = placed.gpa;
	return 0;
}

int multiboot_load(struct placement *placement, const struct boot_request *request,
		   struct boot_entry *ret, struct diag *why)
{
	struct boot_entry entry = {
		.protocol = "Multiboot",
		.mode = BOOT_PROTECTED_32,
		.rax = MULTIBOOT_LOADER_MAGIC,
	};
	struct info_page page = { .info.flags = 0 };
	struct modules modules;
	uint64_t end = 0;
	int error = load_kernel(placement, request->kernel, &entry.rip, &end, why);

	if (error == 0)
		error = modules_load(placement, request, end, &modules, why);
	if (error != 0)
		return error;
	fill_memory(request->map, &page);
	error = fill_modules(placement, request, &modules, &page, why);
	if (error == 0)
		error = fill_strings(placement, request->cmdline, &page, why);
	if (error == 0)
		error = load_info(placement, &page, &entry.rbx, why);
	if (error == 0)
		error = entry_tables_load(placement, &entry, why);
	if (error == 0)
		*ret = entry;
	return error;
}
