// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <linux/kvm.h>
#include <string.h>

#include "core/boot/entry_tables.h"
#include "core/boot/placement.h"
#include "tests/unit/guest_fixture.h"

void test_boot_entry_register(void);

#define MIB UINT64_C(0x100000)

static struct kvm_regs regs;
static struct kvm_sregs sregs;

static void registers_of(enum boot_mode mode)
{
	const struct boot_entry entry = {
		.mode = mode,
		.rip = 0x1000200,
		.rax = 1,
		.rbx = 2,
		.rsi = 3,
		.cr3 = 0x4000,
		.gdt_gpa = 0x5000,
	};

	memset(&regs, 0xcc, sizeof(regs));
	memset(&sregs, 0xcc, sizeof(sregs));
	boot_entry_registers(&entry, &regs, &sregs);
	CU_ASSERT_EQUAL(regs.rip, 0x1000200);
	CU_ASSERT_EQUAL(regs.rax, 1);
	CU_ASSERT_EQUAL(regs.rbx, 2);
	CU_ASSERT_EQUAL(regs.rsi, 3);
	CU_ASSERT_EQUAL(regs.rflags, 2);
	CU_ASSERT_EQUAL(regs.rsp, 0);
	CU_ASSERT_EQUAL(regs.r15, 0);
	CU_ASSERT_EQUAL(sregs.gdt.base, 0x5000);
	CU_ASSERT_EQUAL(sregs.gdt.limit, 31);
	CU_ASSERT_EQUAL(sregs.apic_base, 0xcccccccccccccccc); /* kept */
	CU_ASSERT_EQUAL(sregs.cs.selector, 0x10);
	CU_ASSERT_EQUAL(sregs.ss.selector, 0x18);
	CU_ASSERT_EQUAL(sregs.cs.limit, 0xffffffff);
	CU_ASSERT_EQUAL(sregs.gs.base, 0);
	CU_ASSERT_EQUAL(sregs.tr.type, 0xb);
	CU_ASSERT_EQUAL(sregs.tr.limit, 0x67);
}

static void protected_mode_is_flat(void)
{
	registers_of(BOOT_PROTECTED_32);
	CU_ASSERT_EQUAL(sregs.cr0, 0x11);
	CU_ASSERT_EQUAL(sregs.cr3, 0);
	CU_ASSERT_EQUAL(sregs.cr4, 0);
	CU_ASSERT_EQUAL(sregs.efer, 0);
	CU_ASSERT_EQUAL(sregs.cs.db, 1);
	CU_ASSERT_EQUAL(sregs.cs.l, 0);
}

static void long_mode_is_paged(void)
{
	registers_of(BOOT_LONG_64);
	CU_ASSERT_EQUAL(sregs.cr0, 0x80000011);
	CU_ASSERT_EQUAL(sregs.cr3, 0x4000);
	CU_ASSERT_EQUAL(sregs.cr4, 0x20);
	CU_ASSERT_EQUAL(sregs.efer, 0x500);
	CU_ASSERT_EQUAL(sregs.cs.db, 0);
	CU_ASSERT_EQUAL(sregs.cs.l, 1);
}

/* As the processor walks it: 2 MiB pages. */
static uint64_t translate(const struct guest_fixture *fixture, uint64_t cr3, uint64_t address)
{
	uint64_t entry = cr3;

	for (unsigned shift = 39; shift >= 21; shift -= 9) {
		entry = guest_long(fixture, (entry & ~UINT64_C(0xfff)) + (address >> shift & 511) * 8);
		CU_ASSERT_EQUAL(entry & 3, 3);
		CU_ASSERT_EQUAL(entry & 0x80, shift == 21 ? 0x80 : 0);
	}
	return (entry & ~UINT64_C(0x1fffff)) + (address & 0x1fffff);
}

static void tables_map_4_gib_one_to_one(void)
{
	static const uint64_t addresses[] = { 0, 0x1fffff, 0x200000, 0x1000200, 0x3fffffff, 0x40000000,
		0xbfffffff, 0xfee00000, 0xffffffff };
	struct boot_entry entry = { .mode = BOOT_LONG_64 };
	struct guest_fixture fixture;
	struct placement placement;

	guest_fixture_init(&fixture, 16 * MIB);
	placement_init(&placement, &fixture.memory, &fixture.map);
	CU_ASSERT_EQUAL_FATAL(entry_tables_load(&placement, &entry, NULL), 0);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		CU_ASSERT_EQUAL(translate(&fixture, entry.cr3, addresses[i]), addresses[i]);
	CU_ASSERT_EQUAL(guest_long(&fixture, entry.cr3 + 8), 0);
	CU_ASSERT_EQUAL(guest_long(&fixture, entry.cr3 + 4096 + 4 * 8), 0);
	CU_ASSERT_EQUAL(guest_long(&fixture, entry.gdt_gpa), 0);
	CU_ASSERT_EQUAL(guest_long(&fixture, entry.gdt_gpa + 0x10), 0x00af9b000000ffff);
	CU_ASSERT_EQUAL(guest_long(&fixture, entry.gdt_gpa + 0x18), 0x00cf93000000ffff);
	guest_fixture_done(&fixture);
}

void test_boot_entry_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: entry state", NULL, NULL);

	CU_add_test(suite, "protected mode is flat", protected_mode_is_flat);
	CU_add_test(suite, "long mode is paged", long_mode_is_paged);
	CU_add_test(suite, "tables map 4 GiB one to one", tables_map_4_gib_one_to_one);
}
