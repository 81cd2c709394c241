// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/kvm/memory.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static void plans_around_the_hole(void)
{
	static const struct {
		uint64_t bytes, low, high;
	} cases[] = {
		{16 * MIB, 16 * MIB, 0},
		{3 * GIB - 4096, 3 * GIB - 4096, 0},
		{3 * GIB, 3 * GIB, 0},
		{3 * GIB + 4096, 3 * GIB, 4096},
		{5 * GIB, 3 * GIB, 2 * GIB},
		{UINT64_C(1) << 46, 3 * GIB, (UINT64_C(1) << 46) - 3 * GIB},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guest_memory memory;

		CU_ASSERT_EQUAL(guest_memory_plan(cases[i].bytes, 4096, &memory, NULL), 0);
		CU_ASSERT_EQUAL(memory.count, cases[i].high == 0 ? 1 : 2);
		CU_ASSERT_EQUAL(memory.region[0].gpa, 0);
		CU_ASSERT_EQUAL(memory.region[0].bytes, cases[i].low);
		CU_ASSERT_EQUAL(memory.region[1].bytes, cases[i].high);
		CU_ASSERT_EQUAL(memory.region[1].gpa, cases[i].high == 0 ? 0 : 4 * GIB);
	}
}

static void refuses_what_is_no_multiple(void)
{
	struct guest_memory memory;
	struct diag why = {0};

	CU_ASSERT_EQUAL(guest_memory_plan(0, 4096, &memory, &why), -EINVAL);
	CU_ASSERT_EQUAL(guest_memory_plan(MIB + 1, 4096, &memory, &why), -EINVAL);
	CU_ASSERT_EQUAL(guest_memory_plan(3 * MIB, 2 * MIB, &memory, &why), -EINVAL);
	CU_ASSERT_EQUAL(guest_memory_plan(512 * MIB, GIB, &memory, &why), -EINVAL);
	CU_ASSERT_EQUAL(guest_memory_plan(MIB, 8192, &memory, &why), -EINVAL);
	CU_ASSERT_TRUE(strlen(why.text) > 0);
}

static void reaches_only_what_is_whole_inside(void)
{
	uint8_t low[4096];
	uint8_t high[4096];
	struct guest_memory memory = {
		.region = {{0, sizeof(low), low}, {4 * GIB, sizeof(high), high}}, .count = 2,
	};

	CU_ASSERT_PTR_EQUAL(guest_memory_at(&memory, 0, 1), low);
	CU_ASSERT_PTR_EQUAL(guest_memory_at(&memory, 4095, 1), low + 4095);
	CU_ASSERT_PTR_EQUAL(guest_memory_at(&memory, 0, 4096), low);
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, 0, 0));
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, 0, 4097));
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, 4095, 2));
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, 4096, 1));
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, 1, UINT64_MAX));
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, UINT64_MAX, 1));
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, 4 * GIB - 1, 2));
	CU_ASSERT_PTR_EQUAL(guest_memory_at(&memory, 4 * GIB + 1, 4095), high + 1);
	CU_ASSERT_PTR_NULL(guest_memory_at(&memory, 4 * GIB + 1, 4096));
}

static void is_resident_once_populated(void)
{
	struct guest_memory memory;

	CU_ASSERT_EQUAL_FATAL(guest_memory_plan(4 * MIB + 4096, 4096, &memory, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(guest_memory_map(&memory, NULL), 0);
	CU_ASSERT_EQUAL(guest_memory_populate(&memory), 0);
	uint8_t *last = guest_memory_at(&memory, 4 * MIB + 4095, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(last);
	CU_ASSERT_EQUAL(*last, 0);
	*last = 1;
	guest_memory_done(&memory);
	CU_ASSERT_PTR_NULL(memory.region[0].host);
	guest_memory_done(&memory);
}

void test_guest_memory_register(void);

void test_guest_memory_register(void)
{
	CU_pSuite suite = CU_add_suite("test_guest_memory", NULL, NULL);

	CU_ADD_TEST(suite, plans_around_the_hole);
	CU_ADD_TEST(suite, refuses_what_is_no_multiple);
	CU_ADD_TEST(suite, reaches_only_what_is_whole_inside);
	CU_ADD_TEST(suite, is_resident_once_populated);
}
