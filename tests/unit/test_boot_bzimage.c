// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <asm/bootparam.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "tests/unit/guest_fixture.h"

void test_boot_bzimage_register(void);

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

enum {
	SETUP_BYTES = 1024, /* one setup sector and the boot sector */
	PAYLOAD_BYTES = 4096,
	IMAGE_BYTES = SETUP_BYTES + PAYLOAD_BYTES,
};

static struct guest_fixture fixture;
static uint8_t kernel[IMAGE_BYTES];
static struct setup_header header;
static struct boot_entry entry;
static struct diag why;

static void begin(uint64_t bytes)
{
	guest_fixture_init(&fixture, bytes);
	entry = (struct boot_entry){ 0 };
	why = (struct diag){ 0 };
	header = (struct setup_header){
		.setup_sects = 1,
		.syssize = PAYLOAD_BYTES / 16,
		.boot_flag = 0xaa55,
		.jump = 0x6aeb, /* the header ends with kernel_info_offset */
		.header = 0x53726448,
		.version = 0x020f,
		.loadflags = LOADED_HIGH | CAN_USE_HEAP,
		.initrd_addr_max = 0x7fffffff,
		.kernel_alignment = 0x200000,
		.relocatable_kernel = 1,
		.xloadflags = XLF_KERNEL_64,
		.cmdline_size = 2047,
		.pref_address = 16 * MIB,
		.init_size = 40 * MIB,
		.setup_data = 0xdeadbeef,
	};
	memset(kernel, 0xee, sizeof(kernel));
	for (unsigned i = 0; i < PAYLOAD_BYTES; i++)
		kernel[SETUP_BYTES + i] = (uint8_t)i;
}

static int boot_bytes(size_t bytes)
{
	memcpy(kernel + 0x1f1, &header, sizeof(header));
	return guest_fixture_boot(&fixture, kernel, bytes, &entry, &why);
}

static int boot(void)
{
	return boot_bytes(sizeof(kernel));
}

static const struct boot_params *params(void)
{
	const struct boot_params *found =
		guest_memory_at(&fixture.memory, entry.rsi, sizeof(struct boot_params));

	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	return found;
}

static void loads_and_enters(void)
{
	begin(128 * MIB);
	fixture.request.cmdline = "console=ttyS0 quiet";
	fixture.request.rsdp_gpa = 0xe0000;
	CU_ASSERT_EQUAL_FATAL(boot(), 0);
	CU_ASSERT_EQUAL(entry.mode, BOOT_LONG_64);
	CU_ASSERT_EQUAL(entry.rip, 16 * MIB + 0x200);
	CU_ASSERT_EQUAL(memcmp(guest_memory_at(&fixture.memory, 16 * MIB, PAYLOAD_BYTES),
			       kernel + SETUP_BYTES, PAYLOAD_BYTES), 0);
	CU_ASSERT_EQUAL(guest_word(&fixture, 16 * MIB + PAYLOAD_BYTES), 0);
	CU_ASSERT_EQUAL(params()->hdr.type_of_loader, 0xff);
	CU_ASSERT_EQUAL(params()->hdr.loadflags, LOADED_HIGH);
	CU_ASSERT_EQUAL(params()->hdr.setup_data, 0);
	CU_ASSERT_EQUAL(params()->sentinel, 0);
	CU_ASSERT_EQUAL(params()->acpi_rsdp_addr, 0xe0000);
	CU_ASSERT_EQUAL(params()->hdr.ramdisk_size, 0);
	CU_ASSERT_STRING_EQUAL(guest_text(&fixture, params()->hdr.cmd_line_ptr), "console=ttyS0 quiet");
	guest_fixture_done(&fixture);
}

static void gives_the_memory_map(void)
{
	begin(5 * GIB);
	CU_ASSERT_EQUAL_FATAL(boot(), 0);
	CU_ASSERT_EQUAL(params()->e820_entries, fixture.map.count);
	for (unsigned i = 0; i < fixture.map.count; i++) {
		CU_ASSERT_EQUAL(params()->e820_table[i].addr, fixture.map.range[i].gpa);
		CU_ASSERT_EQUAL(params()->e820_table[i].size, fixture.map.range[i].bytes);
		CU_ASSERT_EQUAL(params()->e820_table[i].type, fixture.map.range[i].type);
	}
	guest_fixture_done(&fixture);
}

static void old_header_has_zeros_behind_it(void)
{
	begin(128 * MIB);
	header.jump = 0x66eb; /* ends with handover_offset */
	header.kernel_info_offset = 0x12345678;
	CU_ASSERT_EQUAL_FATAL(boot(), 0);
	CU_ASSERT_EQUAL(params()->hdr.kernel_info_offset, 0);
	guest_fixture_done(&fixture);
}

/* Initrds of 5 and 3 bytes: each begins at a multiple of four. */
static void concatenates_initrds(void)
{
	static const uint8_t first[5] = "ABCDE";
	static const uint8_t second[3] = "xyz";
	const struct image initrds[2] = {
		{ .data = first, .size = sizeof(first), .path = "first" },
		{ .data = second, .size = sizeof(second), .path = "second" },
	};
	const void *found;

	begin(4 * GIB);
	fixture.request.initrd = initrds;
	fixture.request.initrd_count = 2;
	CU_ASSERT_EQUAL_FATAL(boot(), 0);
	CU_ASSERT_EQUAL(params()->hdr.ramdisk_size, 11);
	CU_ASSERT_EQUAL(params()->hdr.ramdisk_image, 0x80000000 - 4096);
	found = guest_memory_at(&fixture.memory, params()->hdr.ramdisk_image, 12);
	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	CU_ASSERT_EQUAL(memcmp(found, "ABCDE\0\0\0xyz\0", 12), 0);
	guest_fixture_done(&fixture);
	begin(128 * MIB);
	fixture.request.initrd = initrds;
	fixture.request.initrd_count = 2;
	CU_ASSERT_EQUAL_FATAL(boot(), 0);
	CU_ASSERT_EQUAL(params()->hdr.ramdisk_image, 128 * MIB - 4096);
	guest_fixture_done(&fixture);
}

static void refuses_initrds_that_do_not_fit(void)
{
	static const uint8_t byte;
	struct image initrds[BOOT_INITRDS_MAX + 1];

	begin(64 * MIB);
	for (unsigned i = 0; i <= BOOT_INITRDS_MAX; i++)
		initrds[i] = (struct image){ .data = &byte, .size = 60 * MIB, .path = "initrd" };
	fixture.request.initrd = initrds;
	fixture.request.initrd_count = 1;
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "the initrd takes 60M"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "124M"));
	initrds[0].size = initrds[1].size = 0xffffffff;
	fixture.request.initrd_count = BOOT_INITRDS_MAX;
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	fixture.request.initrd_count = BOOT_INITRDS_MAX + 1;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	guest_fixture_done(&fixture);
}

static void keeps_pieces_apart(void)
{
	static const uint8_t byte[MIB];
	const struct image initrd = { .data = byte, .size = sizeof(byte), .path = "initrd" };

	begin(58 * MIB);
	fixture.request.initrd = &initrd;
	fixture.request.initrd_count = 1;
	CU_ASSERT_EQUAL_FATAL(boot(), 0);
	/* Behind the kernel's 40 MiB from 16 MiB on, of which 2 MiB are left. */
	CU_ASSERT_EQUAL(params()->hdr.ramdisk_image, 57 * MIB);
	guest_fixture_done(&fixture);
}

static void command_line_has_the_kernels_limit(void)
{
	char cmdline[2049];

	begin(128 * MIB);
	memset(cmdline, 'x', sizeof(cmdline));
	cmdline[2047] = '\0';
	fixture.request.cmdline = cmdline;
	CU_ASSERT_EQUAL(boot(), 0);
	CU_ASSERT_EQUAL(strlen(guest_text(&fixture, params()->hdr.cmd_line_ptr)), 2047);
	cmdline[2047] = 'x';
	cmdline[2048] = '\0';
	CU_ASSERT_EQUAL(boot(), -E2BIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "2047"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "2048"));
	guest_fixture_done(&fixture);
}

static void goes_where_alignment_allows(void)
{
	begin(128 * MIB);
	header.pref_address = 0; /* below 1 MiB is never the kernel's */
	CU_ASSERT_EQUAL(boot(), 0);
	CU_ASSERT_EQUAL(entry.rip, 2 * MIB + 0x200);
	header.pref_address = 17 * MIB;
	CU_ASSERT_EQUAL(boot(), 0);
	CU_ASSERT_EQUAL(entry.rip, 18 * MIB + 0x200);
	header.relocatable_kernel = 0;
	header.kernel_alignment = 3;
	CU_ASSERT_EQUAL(boot(), 0);
	CU_ASSERT_EQUAL(entry.rip, 17 * MIB + 0x200);
	guest_fixture_done(&fixture);
}

static void refuses_small_memory(void)
{
	begin(55 * MIB);
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "the Linux kernel takes 40M"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "56M"));
	CU_ASSERT_STRING_EQUAL(why.file, "kernel");
	guest_fixture_done(&fixture);
	begin(56 * MIB);
	CU_ASSERT_EQUAL(boot(), 0);
	guest_fixture_done(&fixture);
}

static void refuses_bad_headers(void)
{
	begin(128 * MIB);
	header.boot_flag = 0;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	header.boot_flag = 0xaa55;
	header.version = 0x020b;
	CU_ASSERT_EQUAL(boot(), -ENOEXEC);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "protocol 2.11"));
	header.version = 0x020c;
	header.xloadflags = 0;
	CU_ASSERT_EQUAL(boot(), -ENOEXEC);
	header.xloadflags = XLF_KERNEL_64;
	header.loadflags = 0;
	CU_ASSERT_EQUAL(boot(), -ENOEXEC);
	header.loadflags = LOADED_HIGH;
	header.kernel_alignment = 0;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	header.kernel_alignment = 0x300000;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	header.kernel_alignment = 0x80000000;
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	header.kernel_alignment = 0x200000;
	header.syssize = 0x20;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	header.syssize = PAYLOAD_BYTES / 16;
	CU_ASSERT_EQUAL(boot(), 0);
	guest_fixture_done(&fixture);
}

static void survives_hostile_numbers(void)
{
	begin(128 * MIB);
	header.pref_address = UINT64_MAX;
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	header.pref_address = UINT64_MAX - 0x200000 + 1;
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	header.relocatable_kernel = 0;
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	header.pref_address = 16 * MIB;
	header.init_size = UINT32_MAX;
	CU_ASSERT_EQUAL(boot(), -ENOMEM);
	header.init_size = 0; /* then the file's own size counts */
	CU_ASSERT_EQUAL(boot(), 0);
	header.syssize = UINT32_MAX;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	header.syssize = PAYLOAD_BYTES / 16;
	header.setup_sects = 0;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	header.setup_sects = 255;
	CU_ASSERT_EQUAL(boot(), -EINVAL);
	guest_fixture_done(&fixture);
}

static void refuses_every_cut(void)
{
	begin(128 * MIB);
	memcpy(kernel + 0x1f1, &header, sizeof(header));
	for (size_t size = 1; size < IMAGE_BYTES - 15; size += size < 0x300 ? 1 : 37) {
		uint8_t *copy = malloc(size);

		CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
		memcpy(copy, kernel, size);
		CU_ASSERT_TRUE(guest_fixture_boot(&fixture, copy, size, &entry, &why) < 0);
		free(copy);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "cut off"));
	/* The last 16-byte unit may be short. */
	CU_ASSERT_EQUAL(boot_bytes(IMAGE_BYTES - 15), 0);
	guest_fixture_done(&fixture);
}

void test_boot_bzimage_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: bzImage", NULL, NULL);

	CU_add_test(suite, "loads and enters", loads_and_enters);
	CU_add_test(suite, "gives the memory map", gives_the_memory_map);
	CU_add_test(suite, "old header has zeros behind it", old_header_has_zeros_behind_it);
	CU_add_test(suite, "concatenates initrds", concatenates_initrds);
	CU_add_test(suite, "refuses initrds that do not fit", refuses_initrds_that_do_not_fit);
	CU_add_test(suite, "keeps pieces apart", keeps_pieces_apart);
	CU_add_test(suite, "command line has the kernel's limit", command_line_has_the_kernels_limit);
	CU_add_test(suite, "goes where alignment allows", goes_where_alignment_allows);
	CU_add_test(suite, "refuses small memory", refuses_small_memory);
	CU_add_test(suite, "refuses bad headers", refuses_bad_headers);
	CU_add_test(suite, "survives hostile numbers", survives_hostile_numbers);
	CU_add_test(suite, "refuses every cut", refuses_every_cut);
}
