// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/multiboot.h"
#include "tests/unit/guest_fixture.h"

void test_boot_multiboot_register(void);

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

enum { HAS_ADDRESSES = 1 << 16 };

static struct guest_fixture fixture;
static struct boot_entry entry;
static struct diag why;

static void begin(uint64_t bytes)
{
	guest_fixture_init(&fixture, bytes);
	entry = (struct boot_entry){ 0 };
	why = (struct diag){ 0 };
}

static void put_header(uint8_t *to, uint32_t flags, const uint32_t addresses[5])
{
	const uint32_t header[3] = { MULTIBOOT_HEADER_MAGIC, flags,
		(uint32_t)(0 - MULTIBOOT_HEADER_MAGIC - flags) };

	memcpy(to, header, sizeof(header));
	if (addresses != NULL)
		memcpy(to + sizeof(header), addresses, 5 * sizeof(addresses[0]));
}

static int boot_elf(struct elf_fixture *elf, uint32_t flags)
{
	elf_fixture_build(elf);
	put_header(elf->bytes + ELF_FIXTURE_PAYLOAD, flags, NULL);
	return guest_fixture_boot(&fixture, elf->bytes, sizeof(elf->bytes), &entry, &why);
}

static const struct multiboot_info *info(void)
{
	const struct multiboot_info *found =
		guest_memory_at(&fixture.memory, entry.rbx, sizeof(struct multiboot_info));

	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	return found;
}

static void loads_an_elf(void)
{
	struct elf_fixture elf = elf_fixture_small(0, 0);

	begin(16 * MIB);
	fixture.request.cmdline = "as given";
	CU_ASSERT_EQUAL_FATAL(boot_elf(&elf, 3), 0);
	CU_ASSERT_EQUAL(entry.mode, BOOT_PROTECTED_32);
	CU_ASSERT_EQUAL(entry.rax, MULTIBOOT_LOADER_MAGIC);
	CU_ASSERT_EQUAL(entry.rip, MIB);
	CU_ASSERT_EQUAL(guest_word(&fixture, MIB), MULTIBOOT_HEADER_MAGIC);
	CU_ASSERT_EQUAL(info()->flags, MULTIBOOT_INFO_MEMORY | MULTIBOOT_INFO_CMDLINE |
				       MULTIBOOT_INFO_MODULES | MULTIBOOT_INFO_MEMORY_MAP |
				       MULTIBOOT_INFO_LOADER_NAME);
	CU_ASSERT_EQUAL(info()->memory_lower_kib, 639);
	CU_ASSERT_EQUAL(info()->memory_upper_kib, 15 * 1024);
	CU_ASSERT_EQUAL(info()->module_count, 0);
	CU_ASSERT_STRING_EQUAL(guest_text(&fixture, info()->cmdline_gpa), "as given");
	CU_ASSERT_STRING_EQUAL(guest_text(&fixture, info()->loader_name_gpa), "bulkhead");
	guest_fixture_done(&fixture);
}

static void enters_at_the_physical_address(void)
{
	struct elf_fixture elf = elf_fixture_small(0, 0);

	begin(16 * MIB);
	elf.virtual_address = 0xc0100000;
	elf.entry = 0xc0100020;
	CU_ASSERT_EQUAL(boot_elf(&elf, 0), 0);
	CU_ASSERT_EQUAL(entry.rip, MIB + 0x20);
	elf.entry = MIB + 0x30;
	CU_ASSERT_EQUAL(boot_elf(&elf, 0), 0);
	CU_ASSERT_EQUAL(entry.rip, MIB + 0x30);
	elf.entry = 0x1234;
	CU_ASSERT_EQUAL(boot_elf(&elf, 0), -EINVAL);
	guest_fixture_done(&fixture);
}

static void gives_the_memory_map(void)
{
	struct elf_fixture elf = elf_fixture_small(0, 0);

	begin(5 * GIB);
	CU_ASSERT_EQUAL_FATAL(boot_elf(&elf, 0), 0);
	CU_ASSERT_EQUAL(info()->memory_map_bytes, fixture.map.count * 24);
	CU_ASSERT_EQUAL(info()->memory_upper_kib, 3 * 1024 * 1024 - 1024);
	for (unsigned i = 0; i < fixture.map.count; i++) {
		uint64_t gpa = info()->memory_map_gpa + i * 24;

		CU_ASSERT_EQUAL(guest_word(&fixture, gpa), 20);
		CU_ASSERT_EQUAL(guest_long(&fixture, gpa + 4), fixture.map.range[i].gpa);
		CU_ASSERT_EQUAL(guest_long(&fixture, gpa + 12), fixture.map.range[i].bytes);
		CU_ASSERT_EQUAL(guest_word(&fixture, gpa + 20), fixture.map.range[i].type);
	}
	guest_fixture_done(&fixture);
}

static void gives_each_initrd_as_a_module(void)
{
	struct image initrds[BOOT_INITRDS_MAX];
	struct elf_fixture elf = elf_fixture_small(0, 0);
	uint64_t list;

	begin(16 * MIB);
	for (unsigned i = 0; i < BOOT_INITRDS_MAX; i++)
		initrds[i] = (struct image){ .data = (const uint8_t *)"data", .size = 4, .path = "a/module" };
	fixture.request.initrd = initrds;
	fixture.request.initrd_count = BOOT_INITRDS_MAX;
	CU_ASSERT_EQUAL_FATAL(boot_elf(&elf, 1), 0);
	CU_ASSERT_EQUAL(info()->module_count, BOOT_INITRDS_MAX);
	list = info()->modules_gpa;
	for (unsigned i = 0; i < BOOT_INITRDS_MAX; i++, list += 16) {
		CU_ASSERT_EQUAL(guest_word(&fixture, list), MIB + (i + 1) * 4096);
		CU_ASSERT_EQUAL(guest_word(&fixture, list + 4), MIB + (i + 1) * 4096 + 4);
		CU_ASSERT_STRING_EQUAL(guest_text(&fixture, guest_word(&fixture, list)), "data");
		CU_ASSERT_STRING_EQUAL(guest_text(&fixture, guest_word(&fixture, list + 8)), "a/module");
	}
	guest_fixture_done(&fixture);
}

static void refuses_elf64_and_no_elf(void)
{
	struct elf_fixture elf = elf_fixture_small(1, 0);

	begin(16 * MIB);
	CU_ASSERT_EQUAL(boot_elf(&elf, 0), -ENOEXEC);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "elf32-i386"));
	memset(elf.bytes, 0, 4);
	CU_ASSERT_EQUAL(guest_fixture_boot(&fixture, elf.bytes + ELF_FIXTURE_PAYLOAD, 4096, &entry, &why),
			-ENOEXEC);
	guest_fixture_done(&fixture);
}

static void refuses_unknown_requirements(void)
{
	struct elf_fixture elf = elf_fixture_small(0, 0);

	begin(16 * MIB);
	CU_ASSERT_EQUAL(boot_elf(&elf, 8), -ENOEXEC);
	CU_ASSERT_EQUAL(boot_elf(&elf, 0x8000), -ENOEXEC);
	CU_ASSERT_EQUAL(boot_elf(&elf, 7), 0);
	CU_ASSERT_EQUAL(boot_elf(&elf, 1U << 17), 0); /* the upper half is optional */
	guest_fixture_done(&fixture);
}

enum { RAW_BYTES = 4096, HEADER_AT = 64 };

static uint8_t raw[RAW_BYTES];

/* Header, load, load end, bss end, entry. */
static int boot_raw(uint32_t header, uint32_t load, uint32_t load_end, uint32_t bss_end,
		    uint32_t entry_gpa)
{
	const uint32_t addresses[5] = { header, load, load_end, bss_end, entry_gpa };

	memset(raw, 0x90, sizeof(raw));
	put_header(raw + HEADER_AT, HAS_ADDRESSES, addresses);
	return guest_fixture_boot(&fixture, raw, sizeof(raw), &entry, &why);
}

static void loads_by_addresses(void)
{
	begin(16 * MIB);
	memset(guest_memory_at(&fixture.memory, MIB, 8192), 0xcc, 8192);
	CU_ASSERT_EQUAL_FATAL(boot_raw(0x100020, 0x100000, 0x100100, 0x101000, 0x100004), 0);
	CU_ASSERT_EQUAL(entry.rip, 0x100004);
	CU_ASSERT_EQUAL(guest_word(&fixture, 0x100020), MULTIBOOT_HEADER_MAGIC);
	CU_ASSERT_EQUAL(guest_word(&fixture, 0x1000fc), 0x90909090);
	CU_ASSERT_EQUAL(guest_word(&fixture, 0x100100), 0);
	CU_ASSERT_EQUAL(guest_word(&fixture, 0x100ffc), 0);
	CU_ASSERT_EQUAL(guest_word(&fixture, 0x101000), 0xcccccccc);
	/* No end: all that the file has from there on. */
	CU_ASSERT_EQUAL_FATAL(boot_raw(0x100040, 0x100000, 0, 0, 0x100fff), 0);
	CU_ASSERT_EQUAL(guest_word(&fixture, 0x100ffc), 0x90909090);
	guest_fixture_done(&fixture);
}

static void refuses_bad_addresses(void)
{
	begin(16 * MIB);
	CU_ASSERT_EQUAL(boot_raw(0x100000, 0x100020, 0, 0, 0x100020), -EINVAL);
	CU_ASSERT_EQUAL(boot_raw(0x100044, 0x100000, 0, 0, 0x100000), -EINVAL);
	CU_ASSERT_EQUAL(boot_raw(0x100000, 0x100000, 0x100000, 0, 0x100000), -EINVAL);
	CU_ASSERT_EQUAL(boot_raw(0x100000, 0x100000, 0x102000, 0, 0x100000), -EINVAL);
	CU_ASSERT_EQUAL(boot_raw(0x100000, 0x100000, 0x100100, 0x1000ff, 0x100000), -EINVAL);
	CU_ASSERT_EQUAL(boot_raw(0x100000, 0x100000, 0x100100, 0, 0x100100), -EINVAL);
	CU_ASSERT_EQUAL(boot_raw(0x100000, 0x100000, 0x100100, 0, 0xfffff), -EINVAL);
	CU_ASSERT_EQUAL(boot_raw(0x100000, 0x100000, 0x100100, 0xffffffff, 0x100000), -ENOMEM);
	CU_ASSERT_EQUAL(boot_raw(0xfffffff0, 0xfffffff0, 0, 0, 0xfffffff0), -ENOMEM);
	guest_fixture_done(&fixture);
}

static void command_line_has_a_limit(void)
{
	static char cmdline[BOOT_CMDLINE_MAX + 1];
	struct elf_fixture elf = elf_fixture_small(0, 0);

	begin(16 * MIB);
	memset(cmdline, 'x', BOOT_CMDLINE_MAX - 1);
	fixture.request.cmdline = cmdline;
	CU_ASSERT_EQUAL(boot_elf(&elf, 0), 0);
	cmdline[BOOT_CMDLINE_MAX - 1] = 'x';
	CU_ASSERT_EQUAL(boot_elf(&elf, 0), -E2BIG);
	guest_fixture_done(&fixture);
}

void test_boot_multiboot_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: Multiboot", NULL, NULL);

	CU_add_test(suite, "loads an ELF", loads_an_elf);
	CU_add_test(suite, "enters at the physical address", enters_at_the_physical_address);
	CU_add_test(suite, "gives the memory map", gives_the_memory_map);
	CU_add_test(suite, "gives each initrd as a module", gives_each_initrd_as_a_module);
	CU_add_test(suite, "refuses ELF64 and no ELF", refuses_elf64_and_no_elf);
	CU_add_test(suite, "refuses unknown requirements", refuses_unknown_requirements);
	CU_add_test(suite, "loads by addresses", loads_by_addresses);
	CU_add_test(suite, "refuses bad addresses", refuses_bad_addresses);
	CU_add_test(suite, "command line has a limit", command_line_has_a_limit);
}
