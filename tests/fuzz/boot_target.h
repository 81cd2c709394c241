// SPDX-License-Identifier: Apache-2.0
/* What the image loaders' fuzz targets share: a small guest, and what must hold once it is loaded. */
#pragma once

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/boot.h"
#include "core/boot/image.h"
#include "core/boot/memory_map.h"
#include "core/kvm/memory.h"

#define ensure(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

/* Small, so that zeroing it is cheap; from the heap, so that a sanitizer guards its ends. */
enum { TARGET_MEMORY_BYTES = 4 << 20 };

static struct guest_memory target_memory;
static struct memory_map target_map;

static inline void target_power_on(void)
{
	if (target_memory.count != 0)
		return;
	target_memory.count = 1;
	target_memory.bytes = target_memory.region[0].bytes = TARGET_MEMORY_BYTES;
	target_memory.region[0].host = malloc(TARGET_MEMORY_BYTES);
	ensure(target_memory.region[0].host != NULL);
	ensure(memory_map_plan(&target_memory, &target_map, NULL) == 0);
}

static inline bool target_is_ram(uint64_t gpa)
{
	for (unsigned i = 0; i < target_map.count; i++) {
		const struct memory_range *range = &target_map.range[i];

		if (range->type == MEMORY_RAM && gpa >= range->gpa && gpa - range->gpa < range->bytes)
			return true;
	}
	return false;
}

static inline void target_check(const struct boot_entry *entry)
{
	static const uint64_t gdt_head[2] = { 0, 0 };
	struct kvm_regs regs;
	struct kvm_sregs sregs = { .apic_base = 0xfee00900 };

	ensure(target_is_ram(entry->rip));
	ensure(target_is_ram(entry->gdt_gpa));
	ensure(memcmp(guest_memory_at(&target_memory, entry->gdt_gpa, sizeof(gdt_head)), gdt_head,
		      sizeof(gdt_head)) == 0);
	boot_entry_registers(entry, &regs, &sregs);
	ensure(regs.rip == entry->rip);
	ensure(sregs.apic_base == 0xfee00900);
	if (entry->mode == BOOT_PROTECTED_32) {
		ensure(entry->rip <= UINT32_MAX);
		ensure(target_is_ram(entry->rbx));
		return;
	}
	ensure(target_is_ram(entry->rsi));
	ensure(target_is_ram(entry->cr3));
	/* The tables survived what was loaded after them. */
	ensure((*(const uint64_t *)guest_memory_at(&target_memory, entry->cr3, 8) & ~UINT64_C(0xfff)) ==
	       entry->cr3 + 4096);
}

/**
 * target_boot() - boot @data as kernel, with itself as initrd as often as its last byte says.
 * @data: on the heap, exactly @size bytes.
 */
static inline void target_boot(const uint8_t *data, size_t size)
{
	const struct image image = { .data = data, .size = size, .path = "kernel" };
	const struct image initrds[3] = { image, image, image };
	const struct boot_request request = {
		.kernel = &image,
		.initrd = initrds,
		.initrd_count = size == 0 ? 0 : data[size - 1] % 4,
		.cmdline = "console=ttyS0",
		.rsdp_gpa = ACPI_AREA_GPA,
		.map = &target_map,
	};
	struct boot_entry entry;
	struct diag why = { 0 };

	target_power_on();
	if (boot_load(&target_memory, &request, &entry, &why) == 0)
		target_check(&entry);
	else
		ensure(why.error != 0 && why.text[0] != '\0');
}

/** target_copy() - @data on the heap, to be changed; the caller frees it. NULL when @size is 0. */
static inline uint8_t *target_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = size == 0 ? NULL : malloc(size);

	if (copy != NULL)
		memcpy(copy, data, size);
	return copy;
}
