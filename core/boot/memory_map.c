// SPDX-License-Identifier: Apache-2.0
#include "core/boot/memory_map.h"

#include <errno.h>

#include "core/base/diag.h"
#include "core/kvm/memory.h"

static void map_add(struct memory_map *map, uint64_t gpa, uint64_t end, enum memory_type type)
{
	map->range[map->count++] = (struct memory_range){ gpa, end - gpa, type };
}

int memory_map_plan(const struct guest_memory *memory, struct memory_map *ret, struct diag *why)
{
	const struct memory_region *low = &memory->region[0];
	const struct memory_region *high = memory->count > 1 ? &memory->region[1] : NULL;
	struct memory_map map = { .count = 0 };

	if (memory->count == 0 || low->gpa != 0 || low->bytes <= HIGH_RAM_GPA) {
		diag_set(why, EINVAL, "a guest needs memory beyond the first 1M");
		diag_remedy(why, "give the partition 16M of memory or more");
		return -EINVAL;
	}
	if (low->bytes > PLATFORM_GPA || (high != NULL && high->gpa < GUEST_HIGH_BASE))
		return diag_set(why, EINVAL, "guest memory lies over the APICs below 4 GiB");
	map_add(&map, 0, LOW_RAM_END, MEMORY_RAM);
	map_add(&map, LOW_RAM_END, UINT64_C(0xa0000), MEMORY_RESERVED);
	map_add(&map, ACPI_AREA_GPA, ACPI_AREA_GPA + ACPI_AREA_BYTES, MEMORY_RESERVED);
	map_add(&map, HIGH_RAM_GPA, low->bytes, MEMORY_RAM);
	map_add(&map, PLATFORM_GPA, GUEST_HIGH_BASE, MEMORY_RESERVED);
	if (high != NULL)
		map_add(&map, high->gpa, high->gpa + high->bytes, MEMORY_RAM);
	*ret = map;
	return 0;
}
