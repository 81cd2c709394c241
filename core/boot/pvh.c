// SPDX-License-Identifier: Apache-2.0
#include "core/boot/pvh.h"

#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/boot.h"
#include "core/boot/elf.h"
#include "core/boot/entry_tables.h"
#include "core/boot/image.h"
#include "core/boot/memory_map.h"
#include "core/boot/modules.h"
#include "core/boot/placement.h"

/* What the guest gets in one piece, low in memory. */
struct start_page {
	struct pvh_start_info info;
	struct pvh_memory memory[MEMORY_MAP_MAX];
	struct pvh_module module[BOOT_INITRDS_MAX];
};

static void fill_memory(const struct memory_map *map, struct start_page *page)
{
	for (unsigned i = 0; i < map->count; i++) {
		page->memory[i] = (struct pvh_memory){
			.gpa = map->range[i].gpa,
			.bytes = map->range[i].bytes,
			.type = map->range[i].type,
		};
	}
	page->info.memory_map_count = map->count;
}

static void fill_modules(const struct modules *modules, size_t count, struct start_page *page)
{
	for (size_t i = 0; i < count; i++) {
		page->module[i].gpa = modules->module[i].gpa;
		page->module[i].bytes = modules->module[i].bytes;
	}
	page->info.module_count = (uint32_t)count;
}

static int load_start_page(struct placement *placement, struct start_page *page, uint64_t *ret_gpa,
			   struct diag *why)
{
	struct placed placed;
	int error = placement_lowest(placement, PLACEMENT_LOWEST, sizeof(*page), 4096,
				     "the PVH start information", &placed, why);

	if (error != 0)
		return error;
	page->info.magic = PVH_START_MAGIC;
	page->info.version = 1;
	page->info.memory_map_gpa = placed.gpa + offsetof(struct start_page, memory);
	if (page->info.module_count != 0)
		page->info.modules_gpa = placed.gpa + offsetof(struct start_page, module);
	memcpy(placed.host, page, sizeof(*page));
	*ret_gpa = placed.gpa;
	return 0;
}

static int load_kernel(struct placement *placement, const struct image *image, uint64_t *ret_entry,
		       uint64_t *ret_end, struct diag *why)
{
	struct elf_file elf;
	struct elf_loaded loaded;
	int error = elf_open(image, &elf, why);

	if (error == 0)
		error = elf_pvh_entry(&elf, ret_entry, why);
	if (error == -ENOENT)
		return diag_set(why, ENOEXEC, "has no PVH entry note");
	if (error == 0)
		error = elf_load(&elf, placement, &loaded, why);
	if (error != 0)
		return error;
	/* The note's address is physical; it only has to be among what was loaded. */
	error = elf_check_physical(&elf, *ret_entry, why);
	*ret_end = loaded.end;
	return error;
}

int pvh_load(struct placement *placement, const struct boot_request *request,
	     struct boot_entry *ret, struct diag *why)
{
	struct boot_entry entry = { .protocol = "PVH", .mode = BOOT_PROTECTED_32 };
	struct start_page page = { .info.rsdp_gpa = request->rsdp_gpa };
	struct modules modules;
	uint64_t end = 0;
	int error = load_kernel(placement, request->kernel, &entry.rip, &end, why);

	if (error == 0)
		error = modules_load(placement, request, end, &modules, why);
	if (error == 0)
		error = placement_string(placement, request->cmdline, "the command line",
					 &page.info.cmdline_gpa, why);
	if (error != 0)
		return error;
	fill_memory(request->map, &page);
	fill_modules(&modules, request->initrd_count, &page);
	error = load_start_page(placement, &page, &entry.rbx, why);
	if (error == 0)
		error = entry_tables_load(placement, &entry, why);
	if (error == 0)
		*ret = entry;
	return error;
}
