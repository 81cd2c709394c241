// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/pvh.h"
#include "tests/unit/guest_fixture.h"

void test_boot_pvh_register(void);

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

static struct guest_fixture fixture;
static struct boot_entry entry;
static struct diag why;

static int boot(struct elf_fixture *elf)
{
	elf_fixture_build(elf);
	return guest_fixture_boot(&fixture, elf->bytes, sizeof(elf->bytes), &entry, &why);
}

static void begin(uint64_t bytes)
{
	guest_fixture_init(&fixture, bytes);
	entry = (struct boot_entry){ 0 };
	why = (struct diag){ 0 };
}

static const struct pvh_start_info *start_info(void)
{
	const struct pvh_start_info *found =
		guest_memory_at(&fixture.memory, entry.rbx, sizeof(struct pvh_start_info));

	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	return found;
}

static void check_small(int is64)
{
	struct elf_fixture elf = elf_fixture_small(is64, 1);

	begin(16 * MIB);
	memset(guest_memory_at(&fixture.memory, MIB, 8192), 0xcc, 8192);
	fixture.request.cmdline = "a=1 b=2";
	fixture.request.rsdp_gpa = 0xe0000;
	CU_ASSERT_EQUAL_FATAL(boot(&elf), 0);
	CU_ASSERT_EQUAL(entry.mode, BOOT_PROTECTED_32);
	CU_ASSERT_EQUAL(entry.rip, MIB + 16);
	CU_ASSERT_EQUAL(guest_word(&fixture, MIB), 0x90909090);
	CU_ASSERT_EQUAL(guest_word(&fixture, MIB + 60), 0x90909090);
	CU_ASSERT_EQUAL(guest_word(&fixture, MIB + 64), 0);
	CU_ASSERT_EQUAL(guest_word(&fixture, MIB + 4092), 0);
	CU_ASSERT_EQUAL(guest_word(&fixture, MIB + 4096), 0xcccccccc);
	CU_ASSERT_EQUAL(start_info()->magic, PVH_START_MAGIC);
	CU_ASSERT_EQUAL(start_info()->version, 1);
	CU_ASSERT_EQUAL(start_info()->flags, 0);
	CU_ASSERT_EQUAL(start_info()->rsdp_gpa, 0xe0000);
	CU_ASSERT_EQUAL(start_info()->module_count, 0);
	CU_ASSERT_STRING_EQUAL(guest_text(&fixture, start_info()->cmdline_gpa), "a=1 b=2");
	guest_fixture_done(&fixture);
}

static void loads_both_classes(void)
{
	check_small(0);
	check_small(1);
}

static void gives_the_memory_map(void)
{
	struct elf_fixture elf = elf_fixture_small(1, 1);

	begin(5 * GIB);
	CU_ASSERT_EQUAL_FATAL(boot(&elf), 0);
	CU_ASSERT_EQUAL(start_info()->memory_map_count, fixture.map.count);
	for (unsigned i = 0; i < fixture.map.count; i++) {
		uint64_t gpa = start_info()->memory_map_gpa + i * sizeof(struct pvh_memory);

		CU_ASSERT_EQUAL(guest_long(&fixture, gpa), fixture.map.range[i].gpa);
		CU_ASSERT_EQUAL(guest_long(&fixture, gpa + 8), fixture.map.range[i].bytes);
		CU_ASSERT_EQUAL(guest_long(&fixture, gpa + 16), fixture.map.range[i].type);
	}
	guest_fixture_done(&fixture);
}

static void gives_each_initrd_as_a_module(void)
{
	const struct image initrds[2] = {
		{ .data = (const uint8_t *)"first", .size = 5, .path = "first" },
		{ .data = (const uint8_t *)"second", .size = 6, .path = "second" },
	};
	struct elf_fixture elf = elf_fixture_small(1, 1);
	uint64_t list;

	begin(16 * MIB);
	fixture.request.initrd = initrds;
	fixture.request.initrd_count = 2;
	CU_ASSERT_EQUAL_FATAL(boot(&elf), 0);
	CU_ASSERT_EQUAL(start_info()->module_count, 2);
	list = start_info()->modules_gpa;
	CU_ASSERT_EQUAL(guest_long(&fixture, list), MIB + 4096);
	CU_ASSERT_EQUAL(guest_long(&fixture, list + 8), 5);
	CU_ASSERT_EQUAL(guest_long(&fixture, list + 16), 0);
	CU_ASSERT_STRING_EQUAL(guest_text(&fixture, MIB + 4096), "first");
	CU_ASSERT_EQUAL(guest_long(&fixture, list + 32), MIB + 8192);
	CU_ASSERT_EQUAL(guest_long(&fixture, list + 40), 6);
	CU_ASSERT_STRING_EQUAL(guest_text(&fixture, MIB + 8192), "second");
	guest_fixture_done(&fixture);
}

static void modules_go_below_a_kernel_linked_high(void)
{
	const struct image initrd = { .data = (const uint8_t *)"first", .size = 5, .path = "first" };
	struct elf_fixture elf = elf_fixture_small(1, 1);

	begin(16 * MIB);
	fixture.request.initrd = &initrd;
	fixture.request.initrd_count = 1;
	elf.gpa = 16 * MIB - 4096;
	elf.pvh_entry = elf.gpa;
	CU_ASSERT_EQUAL_FATAL(boot(&elf), 0);
	CU_ASSERT_EQUAL(guest_long(&fixture, start_info()->modules_gpa), MIB);
	guest_fixture_done(&fixture);
}

/* A kernel in the lowest pages pushes our own structures up. */
static void keeps_out_of_the_kernels_way(void)
{
	struct elf_fixture elf = elf_fixture_small(1, 1);

	begin(16 * MIB);
	elf.gpa = elf.pvh_entry = 0;
	elf.pvh_entry = 1;
	elf.memory_bytes = 0x10000;
	CU_ASSERT_EQUAL_FATAL(boot(&elf), 0);
	CU_ASSERT_TRUE(entry.rbx >= 0x10000);
	CU_ASSERT_TRUE(entry.gdt_gpa >= 0x10000);
	elf.memory_bytes = 0x9fc00;
	CU_ASSERT_EQUAL_FATAL(boot(&elf), 0);
	CU_ASSERT_TRUE(entry.rbx >= MIB);
	guest_fixture_done(&fixture);
}

static void refuses_what_does_not_fit(void)
{
	struct elf_fixture elf = elf_fixture_small(1, 1);

	begin(16 * MIB);
	elf.memory_bytes = 16 * MIB;
	CU_ASSERT_EQUAL(boot(&elf), -ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "17M"));
	elf.memory_bytes = 4096;
	elf.gpa = 0x9f000;
	CU_ASSERT_EQUAL(boot(&elf), -ENOMEM);
	elf.gpa = 0xe0000;
	CU_ASSERT_EQUAL(boot(&elf), -ENOMEM);
	elf.gpa = 3 * GIB;
	CU_ASSERT_EQUAL(boot(&elf), -ENOMEM);
	guest_fixture_done(&fixture);
}

static void refuses_malformed_segments(void)
{
	struct elf_fixture elf = elf_fixture_small(1, 1);

	begin(16 * MIB);
	elf.file_bytes = 8192;
	CU_ASSERT_EQUAL(boot(&elf), -EINVAL); /* more in the file than in memory */
	elf.file_bytes = elf.memory_bytes = UINT64_MAX;
	CU_ASSERT_EQUAL(boot(&elf), -EINVAL);
	elf.file_bytes = 64;
	CU_ASSERT_EQUAL(boot(&elf), -EINVAL); /* wraps around */
	elf.memory_bytes = 4096;
	elf.gpa = UINT64_MAX - 4096;
	CU_ASSERT_EQUAL(boot(&elf), -ENOMEM);
	elf.gpa = MIB;
	elf.memory_bytes = elf.file_bytes = 0;
	CU_ASSERT_EQUAL(boot(&elf), -EINVAL); /* nothing to load */
	guest_fixture_done(&fixture);
}

static void refuses_a_wild_entry(void)
{
	struct elf_fixture elf = elf_fixture_small(1, 1);

	begin(16 * MIB);
	elf.pvh_entry = MIB + 4096;
	CU_ASSERT_EQUAL(boot(&elf), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "entry"));
	elf.pvh_entry = UINT64_C(0x100000000);
	CU_ASSERT_EQUAL(boot(&elf), -EINVAL);
	elf.pvh_entry = MIB + 4095;
	CU_ASSERT_EQUAL(boot(&elf), 0);
	guest_fixture_done(&fixture);
}

static void refuses_malformed_headers(void)
{
	static const struct { unsigned offset; uint8_t value; } change[] = {
		{ 4, 3 },     /* class */
		{ 5, 2 },     /* byte order */
		{ 18, 3 },    /* machine: i386 in a 64-bit file */
		{ 39, 0xff }, /* program headers outside the file */
		{ 54, 55 },   /* their size */
		{ 56, 0 },    /* none */
		{ 57, 0xff }, /* too many */
	};
	struct elf_fixture elf;

	begin(16 * MIB);
	for (size_t i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		elf = elf_fixture_small(1, 1);
		elf_fixture_build(&elf);
		elf.bytes[change[i].offset] = change[i].value;
		CU_ASSERT_EQUAL(guest_fixture_boot(&fixture, elf.bytes, sizeof(elf.bytes), &entry, &why),
				-EINVAL);
	}
	guest_fixture_done(&fixture);
}

/* The first note's descriptor size, at 1024 + 4, and the second's at 1048 + 4. */
static void refuses_malformed_notes(void)
{
	static const struct { unsigned offset; uint8_t value; } change[] = {
		{ 1024 + 3, 0xff }, { 1024 + 7, 0xff }, { 1048 + 4, 3 }, { 1048 + 4, 16 },
	};
	struct elf_fixture elf;

	begin(16 * MIB);
	for (size_t i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		elf = elf_fixture_small(1, 1);
		elf_fixture_build(&elf);
		elf.bytes[change[i].offset] = change[i].value;
		CU_ASSERT_EQUAL(guest_fixture_boot(&fixture, elf.bytes, sizeof(elf.bytes), &entry, &why),
				-EINVAL);
		CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "note"));
	}
	guest_fixture_done(&fixture);
}

void test_boot_pvh_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: PVH", NULL, NULL);

	CU_add_test(suite, "loads both classes", loads_both_classes);
	CU_add_test(suite, "gives the memory map", gives_the_memory_map);
	CU_add_test(suite, "gives each initrd as a module", gives_each_initrd_as_a_module);
	CU_add_test(suite, "modules go below a kernel linked high", modules_go_below_a_kernel_linked_high);
	CU_add_test(suite, "keeps out of the kernel's way", keeps_out_of_the_kernels_way);
	CU_add_test(suite, "refuses what does not fit", refuses_what_does_not_fit);
	CU_add_test(suite, "refuses malformed segments", refuses_malformed_segments);
	CU_add_test(suite, "refuses a wild entry", refuses_a_wild_entry);
	CU_add_test(suite, "refuses malformed headers", refuses_malformed_headers);
	CU_add_test(suite, "refuses malformed notes", refuses_malformed_notes);
}
