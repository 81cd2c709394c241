// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/kvm/trap.h"

void test_trap_register(void);

static struct trap trap_at(enum trap_space space, uint64_t first, uint64_t last)
{
	return (struct trap){ .space = space, .first = first, .last = last, .name = "test" };
}

static int add(struct trap_table *table, enum trap_space space, uint64_t first, uint64_t last)
{
	struct trap trap = trap_at(space, first, last);

	return trap_add(table, &trap, NULL);
}

static void nothing_is_found_in_an_empty_table(void)
{
	static const struct trap_table table;

	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0, 1));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_MMIO, 0, 1));
}

static void both_ends_of_a_range_belong_to_it(void)
{
	static struct trap_table table;

	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x3f8, 0x3ff), 0);
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x3f7, 1));
	CU_ASSERT_PTR_EQUAL(trap_find(&table, TRAP_PIO, 0x3f8, 1), &table.trap[0]);
	CU_ASSERT_PTR_EQUAL(trap_find(&table, TRAP_PIO, 0x3ff, 1), &table.trap[0]);
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x400, 1));
}

static void an_access_across_a_border_is_unclaimed(void)
{
	static struct trap_table table;

	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x60, 0x60), 0);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x61, 0x62), 0);
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x60, 2));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x5f, 2));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x62, 2));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x61, 4));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x61, 0));
	CU_ASSERT_PTR_EQUAL(trap_find(&table, TRAP_PIO, 0x61, 2), &table.trap[1]);
}

static void the_spaces_are_apart(void)
{
	static struct trap_table table;

	CU_ASSERT_EQUAL(add(&table, TRAP_MMIO, 0x100, 0x1ff), 0);
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, 0x100, 1));
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x100, 0x1ff), 0);
	CU_ASSERT_EQUAL(trap_find(&table, TRAP_PIO, 0x100, 1)->space, TRAP_PIO);
	CU_ASSERT_EQUAL(trap_find(&table, TRAP_MMIO, 0x100, 1)->space, TRAP_MMIO);
}

static void the_ends_of_the_address_space_do_not_wrap(void)
{
	static struct trap_table table;

	CU_ASSERT_EQUAL(add(&table, TRAP_MMIO, UINT64_MAX - 3, UINT64_MAX), 0);
	CU_ASSERT_EQUAL(add(&table, TRAP_MMIO, 0, 3), 0);
	CU_ASSERT_PTR_NOT_NULL(trap_find(&table, TRAP_MMIO, UINT64_MAX, 1));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_MMIO, UINT64_MAX, 2));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_MMIO, UINT64_MAX - 3, 8));
	CU_ASSERT_PTR_NOT_NULL(trap_find(&table, TRAP_MMIO, 0, 4));
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_MMIO, 0, 8));
}

static void overlaps_are_refused(void)
{
	static struct trap_table table;
	struct diag why = { 0 };
	struct trap inside = trap_at(TRAP_PIO, 0x72, 0x73);

	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x70, 0x77), 0);
	CU_ASSERT_EQUAL(trap_add(&table, &inside, &why), -EEXIST);
	CU_ASSERT_EQUAL(why.error, EEXIST);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "0x72"));
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x60, 0x70), -EEXIST);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x77, 0x80), -EEXIST);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x60, 0x80), -EEXIST);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x70, 0x77), -EEXIST);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x68, 0x6f), 0);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0x78, 0x7f), 0);
	CU_ASSERT_EQUAL(table.count, 3);
}

static void impossible_ranges_are_refused(void)
{
	static struct trap_table table;

	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 2, 1), -EINVAL);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, 0xffff, 0x10000), -EINVAL);
	CU_ASSERT_EQUAL(table.count, 0);
}

/* Every size of table, filled in an order that is neither ascending nor descending. */
static void each_trap_is_found_in_tables_of_every_size(void)
{
	for (unsigned count = 1; count <= TRAP_TABLE_MAX; count++) {
		struct trap_table table = { .count = 0 };

		for (unsigned i = 0; i < count; i++) {
			uint64_t slot = (i * 37U) % TRAP_TABLE_MAX;
			enum trap_space space = slot % 3 == 0 ? TRAP_MMIO : TRAP_PIO;

			CU_ASSERT_EQUAL_FATAL(add(&table, space, slot * 16, slot * 16 + 7), 0);
		}
		for (unsigned i = 0; i < count; i++) {
			uint64_t slot = (i * 37U) % TRAP_TABLE_MAX;
			enum trap_space space = slot % 3 == 0 ? TRAP_MMIO : TRAP_PIO;
			const struct trap *found = trap_find(&table, space, slot * 16 + 7, 1);

			CU_ASSERT_PTR_NOT_NULL_FATAL(found);
			CU_ASSERT_EQUAL(found->first, slot * 16);
			CU_ASSERT_PTR_NULL(trap_find(&table, space, slot * 16 + 8, 1));
			CU_ASSERT_PTR_NULL(trap_find(&table, space, slot * 16 - 1, 1));
		}
	}
}

static void a_full_table_refuses(void)
{
	static struct trap_table table;

	for (uint64_t i = 0; i < TRAP_TABLE_MAX; i++)
		CU_ASSERT_EQUAL(add(&table, TRAP_PIO, i, i), 0);
	CU_ASSERT_EQUAL(add(&table, TRAP_PIO, TRAP_TABLE_MAX, TRAP_TABLE_MAX), -ENOSPC);
}

void test_trap_register(void)
{
	CU_pSuite suite = CU_add_suite("test_trap", NULL, NULL);

	CU_ADD_TEST(suite, nothing_is_found_in_an_empty_table);
	CU_ADD_TEST(suite, both_ends_of_a_range_belong_to_it);
	CU_ADD_TEST(suite, an_access_across_a_border_is_unclaimed);
	CU_ADD_TEST(suite, the_spaces_are_apart);
	CU_ADD_TEST(suite, the_ends_of_the_address_space_do_not_wrap);
	CU_ADD_TEST(suite, overlaps_are_refused);
	CU_ADD_TEST(suite, impossible_ranges_are_refused);
	CU_ADD_TEST(suite, each_trap_is_found_in_tables_of_every_size);
	CU_ADD_TEST(suite, a_full_table_refuses);
}
