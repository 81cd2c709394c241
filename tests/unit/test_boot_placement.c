// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/memory_map.h"
#include "core/boot/placement.h"
#include "tests/unit/guest_fixture.h"

void test_boot_placement_register(void);

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

static void plan(uint64_t bytes, struct memory_map *ret)
{
	struct guest_memory memory;

	CU_ASSERT_EQUAL_FATAL(guest_memory_plan(bytes, 4096, &memory, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(memory_map_plan(&memory, ret, NULL), 0);
}

static uint64_t ram_in(const struct memory_map *map)
{
	uint64_t bytes = 0;
	uint64_t end = 0;

	for (unsigned i = 0; i < map->count; i++) {
		CU_ASSERT_TRUE(map->range[i].gpa >= end);
		CU_ASSERT_TRUE(map->range[i].bytes > 0);
		end = map->range[i].gpa + map->range[i].bytes;
		if (map->range[i].type == MEMORY_RAM)
			bytes += map->range[i].bytes;
	}
	return bytes;
}

static void map_has_all_ram_but_below_1m(void)
{
	static const uint64_t sizes[] = { 2 * MIB, 16 * MIB, 512 * MIB, 3 * GIB, 3 * GIB + 4096,
		5 * GIB, 512 * GIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct memory_map map;

		plan(sizes[i], &map);
		CU_ASSERT_EQUAL(ram_in(&map), sizes[i] - MIB + 0x9fc00);
	}
}

static void map_leaves_the_hole(void)
{
	struct memory_map map;
	const struct memory_range *last;

	plan(3 * GIB, &map);
	CU_ASSERT_EQUAL(map.count, 5);
	CU_ASSERT_EQUAL(map.range[3].gpa + map.range[3].bytes, 3 * GIB);
	plan(5 * GIB, &map);
	last = &map.range[map.count - 1];
	CU_ASSERT_EQUAL(last->gpa, 4 * GIB);
	CU_ASSERT_EQUAL(last->bytes, 2 * GIB);
	CU_ASSERT_EQUAL(last->type, MEMORY_RAM);
	CU_ASSERT_EQUAL(last[-1].gpa, 0xfec00000);
	CU_ASSERT_EQUAL(last[-1].type, MEMORY_RESERVED);
}

static void map_reserves_the_acpi_area(void)
{
	struct memory_map map;

	plan(16 * MIB, &map);
	CU_ASSERT_EQUAL(map.range[2].gpa, 0xe0000);
	CU_ASSERT_EQUAL(map.range[2].bytes, 0x20000);
	CU_ASSERT_EQUAL(map.range[2].type, MEMORY_RESERVED);
}

static void map_wants_memory_beyond_1m(void)
{
	struct guest_memory memory = { .count = 1, .region[0].bytes = MIB };
	struct memory_map map;
	struct diag why = { 0 };

	CU_ASSERT_EQUAL(memory_map_plan(&memory, &map, &why), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "16M"));
	memory.count = 0;
	CU_ASSERT_EQUAL(memory_map_plan(&memory, &map, NULL), -EINVAL);
	memory.count = 1;
	memory.region[0].bytes = 4 * GIB;
	CU_ASSERT_EQUAL(memory_map_plan(&memory, &map, NULL), -EINVAL);
}

static struct guest_fixture fixture;
static struct placement placement;
static struct placed placed;

static void begin(uint64_t bytes)
{
	guest_fixture_init(&fixture, bytes);
	placement_init(&placement, &fixture.memory, &fixture.map);
}

static int claim(uint64_t gpa, uint64_t bytes)
{
	return placement_claim(&placement, gpa, bytes, "a piece", &placed, NULL);
}

static void claims_only_free_ram(void)
{
	begin(16 * MIB);
	CU_ASSERT_EQUAL(claim(MIB, 4096), 0);
	CU_ASSERT_EQUAL(claim(MIB + 4095, 1), -ENOMEM);
	CU_ASSERT_EQUAL(claim(MIB - 1, 1), -ENOMEM);
	CU_ASSERT_EQUAL(claim(MIB + 4096, 15 * MIB - 4096), 0);
	CU_ASSERT_EQUAL(claim(16 * MIB, 1), -ENOMEM);
	CU_ASSERT_EQUAL(claim(0, 0x9fc00), 0);
	CU_ASSERT_EQUAL(claim(0x9fc00, 1), -ENOMEM);
	CU_ASSERT_EQUAL(claim(0xe0000, 1), -ENOMEM);
	CU_ASSERT_EQUAL(claim(0, 0), -EINVAL);
	CU_ASSERT_EQUAL(claim(UINT64_MAX, 2), -ENOMEM);
	CU_ASSERT_EQUAL(claim(2, UINT64_MAX), -ENOMEM);
	CU_ASSERT_EQUAL(claim(UINT64_MAX, UINT64_MAX), -ENOMEM);
	guest_fixture_done(&fixture);
}

static void claim_says_how_much_is_needed(void)
{
	struct diag why = { 0 };

	begin(16 * MIB);
	CU_ASSERT_EQUAL(placement_claim(&placement, 16 * MIB, 57 * MIB, "the kernel", &placed, &why),
			-ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "the kernel takes 57M"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "16M of memory"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "73M"));
	CU_ASSERT_EQUAL(placement_claim(&placement, 3 * GIB, 4096, "the kernel", &placed, &why), -ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "link"));
	guest_fixture_done(&fixture);
}

static int lowest(uint64_t from, uint64_t bytes, uint64_t align)
{
	return placement_lowest(&placement, from, bytes, align, "a piece", &placed, NULL);
}

static void finds_the_lowest(void)
{
	begin(16 * MIB);
	CU_ASSERT_EQUAL(lowest(0, 10, 8), 0);
	CU_ASSERT_EQUAL(placed.gpa, 0x1000);
	CU_ASSERT_EQUAL(lowest(0, 10, 8), 0);
	CU_ASSERT_EQUAL(placed.gpa, 0x1010);
	CU_ASSERT_EQUAL(lowest(0, 10, 4096), 0);
	CU_ASSERT_EQUAL(placed.gpa, 0x2000);
	CU_ASSERT_EQUAL(lowest(0, MIB, 4096), 0);
	CU_ASSERT_EQUAL(placed.gpa, MIB);
	CU_ASSERT_EQUAL(lowest(3 * MIB + 1, MIB, 4096), 0);
	CU_ASSERT_EQUAL(placed.gpa, 3 * MIB + 4096);
	CU_ASSERT_EQUAL(lowest(0, 16 * MIB, 1), -ENOMEM);
	CU_ASSERT_EQUAL(lowest(UINT64_MAX, 1, 4096), -ENOMEM);
	CU_ASSERT_EQUAL(lowest(0, UINT64_MAX, 4096), -ENOMEM);
	CU_ASSERT_EQUAL(lowest(0, 0, 1), -EINVAL);
	guest_fixture_done(&fixture);
}

static int highest(uint64_t limit, uint64_t bytes, uint64_t align)
{
	return placement_highest(&placement, limit, bytes, align, "a piece", &placed, NULL);
}

static void finds_the_highest(void)
{
	begin(16 * MIB);
	CU_ASSERT_EQUAL(highest(UINT64_MAX, 5000, 4096), 0);
	CU_ASSERT_EQUAL(placed.gpa, 16 * MIB - 8192);
	CU_ASSERT_EQUAL(highest(UINT64_MAX, 4096, 4096), 0);
	CU_ASSERT_EQUAL(placed.gpa, 16 * MIB - 12288);
	CU_ASSERT_EQUAL(highest(8 * MIB, MIB, 4096), 0);
	CU_ASSERT_EQUAL(placed.gpa, 7 * MIB);
	CU_ASSERT_EQUAL(highest(MIB + 1, 2, 1), 0);
	CU_ASSERT_EQUAL(placed.gpa, 0x9fc00 - 2);
	CU_ASSERT_EQUAL(highest(0x1000, 1, 1), -ENOMEM);
	CU_ASSERT_EQUAL(highest(0, 1, 1), -ENOMEM);
	CU_ASSERT_EQUAL(highest(UINT64_MAX, UINT64_MAX, 1), -ENOMEM);
	guest_fixture_done(&fixture);
	begin(5 * GIB);
	CU_ASSERT_EQUAL(highest(UINT64_MAX, 4096, 4096), 0);
	CU_ASSERT_EQUAL(placed.gpa, 3 * GIB - 4096);
	guest_fixture_done(&fixture);
}

static void stops_when_full(void)
{
	begin(16 * MIB);
	for (unsigned i = 0; i < PLACEMENT_MAX; i++)
		CU_ASSERT_EQUAL(lowest(0, 1, 1), 0);
	CU_ASSERT_EQUAL(lowest(0, 1, 1), -ENOSPC);
	guest_fixture_done(&fixture);
}

void test_boot_placement_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: memory map and placement", NULL, NULL);

	CU_add_test(suite, "map has all RAM but below 1 MiB", map_has_all_ram_but_below_1m);
	CU_add_test(suite, "map leaves the hole", map_leaves_the_hole);
	CU_add_test(suite, "map reserves the ACPI area", map_reserves_the_acpi_area);
	CU_add_test(suite, "map wants memory beyond 1 MiB", map_wants_memory_beyond_1m);
	CU_add_test(suite, "claims only free RAM", claims_only_free_ram);
	CU_add_test(suite, "claim says how much is needed", claim_says_how_much_is_needed);
	CU_add_test(suite, "finds the lowest", finds_the_lowest);
	CU_add_test(suite, "finds the highest", finds_the_highest);
	CU_add_test(suite, "stops when full", stops_when_full);
}
