// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/boot/image.h"
#include "tests/unit/guest_fixture.h"

void test_boot_image_register(void);

static char folder[] = "/tmp/bulkhead-image-XXXXXX";
static char path[64];

static int make_folder(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/image", folder);
	return 0;
}

static int remove_folder(void)
{
	unlink(path);
	return rmdir(folder);
}

static void write_file(const char *text)
{
	FILE *stream = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	fputs(text, stream);
	fclose(stream);
}

static void refused(const char *file, int error, const char *text)
{
	struct image image = { 0 };
	struct diag why = { 0 };

	CU_ASSERT_EQUAL(image_open(file, &image, &why), -error);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, text));
	CU_ASSERT_STRING_EQUAL(why.file, file);
	CU_ASSERT_PTR_NULL(image.data);
}

static void opens_a_file(void)
{
	struct image image;

	write_file("guest");
	CU_ASSERT_EQUAL_FATAL(image_open(path, &image, NULL), 0);
	CU_ASSERT_EQUAL(image.size, 5);
	CU_ASSERT_EQUAL(memcmp(image.data, "guest", 5), 0);
	CU_ASSERT_STRING_EQUAL(image.path, path);
	image_done(&image);
	CU_ASSERT_PTR_NULL(image.data);
	image_done(&image);
}

static void refuses_what_is_no_file(void)
{
	refused("/tmp/bulkhead-image-that-is-not-there", ENOENT, "no such file");
	refused(folder, EISDIR, "folder");
	refused("/dev/null", EINVAL, "regular");
	write_file("");
	refused(path, ENODATA, "empty");
	CU_ASSERT_EQUAL_FATAL(truncate(path, (off_t)IMAGE_BYTES_MAX + 1), 0);
	refused(path, EFBIG, "4 GiB");
	unlink(path);
	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
	refused(path, EINVAL, "regular");
	unlink(path);
}

static void refuses_what_may_not_be_read(void)
{
	if (geteuid() == 0)
		return; /* root reads everything */
	write_file("guest");
	CU_ASSERT_EQUAL_FATAL(chmod(path, 0), 0);
	refused(path, EACCES, "may not be read");
	unlink(path);
}

static void bounds_are_exact(void)
{
	struct image image = { .size = 100 };

	CU_ASSERT_TRUE(image_has(&image, 0, 100));
	CU_ASSERT_TRUE(image_has(&image, 100, 0));
	CU_ASSERT_FALSE(image_has(&image, 0, 101));
	CU_ASSERT_FALSE(image_has(&image, 101, 0));
	CU_ASSERT_FALSE(image_has(&image, 1, UINT64_MAX));
	CU_ASSERT_FALSE(image_has(&image, UINT64_MAX, 2));
}

static enum image_kind kind_of(const void *bytes, size_t count, struct diag *why)
{
	struct image image = { .data = bytes, .size = count, .path = "kernel" };
	enum image_kind kind = IMAGE_UNKNOWN;
	int error = image_detect(&image, &kind, why);

	CU_ASSERT_EQUAL(error != 0, kind == IMAGE_UNKNOWN);
	return kind;
}

static const uint32_t multiboot_header[3] = { 0x1badb002, 0, (uint32_t)-0x1badb002 };

static enum image_kind elf_kind(int is64, int pvh, int multiboot)
{
	struct elf_fixture elf = elf_fixture_small(is64, pvh);
	struct diag why = { 0 };

	elf_fixture_build(&elf);
	if (multiboot)
		memcpy(elf.bytes + ELF_FIXTURE_PAYLOAD, multiboot_header, sizeof(multiboot_header));
	return kind_of(elf.bytes, sizeof(elf.bytes), &why);
}

static void tells_kinds_apart(void)
{
	CU_ASSERT_EQUAL(elf_kind(1, 1, 0), IMAGE_PVH);
	CU_ASSERT_EQUAL(elf_kind(0, 1, 0), IMAGE_PVH);
	CU_ASSERT_EQUAL(elf_kind(1, 1, 1), IMAGE_PVH);
	CU_ASSERT_EQUAL(elf_kind(0, 1, 1), IMAGE_MULTIBOOT);
	CU_ASSERT_EQUAL(elf_kind(0, 0, 1), IMAGE_MULTIBOOT);
	CU_ASSERT_EQUAL(elf_kind(1, 0, 1), IMAGE_MULTIBOOT);
	CU_ASSERT_EQUAL(elf_kind(1, 0, 0), IMAGE_UNKNOWN);
	CU_ASSERT_EQUAL(elf_kind(0, 0, 0), IMAGE_UNKNOWN);
}

static void says_what_it_looked_for(void)
{
	uint8_t bytes[16384] = { 0 };
	struct diag why = { 0 };

	CU_ASSERT_EQUAL(kind_of(bytes, sizeof(bytes), &why), IMAGE_UNKNOWN);
	CU_ASSERT_EQUAL(why.error, ENOEXEC);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "0x1badb002"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "PVH"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "HdrS"));
	CU_ASSERT_STRING_EQUAL(why.file, "kernel");
	memcpy(bytes, "\x1f\x8b", 2);
	CU_ASSERT_EQUAL(kind_of(bytes, sizeof(bytes), &why), IMAGE_UNKNOWN);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.remedy, "unpack"));
}

static void searches_multiboot_where_it_may_be(void)
{
	uint8_t bytes[16384] = { 0 };

	memcpy(bytes + 8192 - 12, multiboot_header, 12);
	CU_ASSERT_EQUAL(kind_of(bytes, sizeof(bytes), NULL), IMAGE_MULTIBOOT);
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes + 8192 - 8, multiboot_header, 12);
	CU_ASSERT_EQUAL(kind_of(bytes, sizeof(bytes), NULL), IMAGE_UNKNOWN);
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes + 6, multiboot_header, 12);
	CU_ASSERT_EQUAL(kind_of(bytes, sizeof(bytes), NULL), IMAGE_UNKNOWN);
	memcpy(bytes + 4, multiboot_header, 12);
	bytes[12]++;
	CU_ASSERT_EQUAL(kind_of(bytes, sizeof(bytes), NULL), IMAGE_UNKNOWN);
}

static void refuses_every_cut(void)
{
	struct elf_fixture elf = elf_fixture_small(1, 1);

	elf_fixture_build(&elf);
	for (size_t size = 1; size < ELF_FIXTURE_PAYLOAD + 64; size++) {
		/* Exactly as large as it says it is, so that a sanitizer sees any read beyond. */
		uint8_t *copy = malloc(size);

		CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
		memcpy(copy, elf.bytes, size);
		CU_ASSERT_EQUAL(kind_of(copy, size, NULL), IMAGE_UNKNOWN);
		free(copy);
	}
}

void test_boot_image_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: image", make_folder, remove_folder);

	CU_add_test(suite, "opens a file", opens_a_file);
	CU_add_test(suite, "refuses what is no file", refuses_what_is_no_file);
	CU_add_test(suite, "refuses what may not be read", refuses_what_may_not_be_read);
	CU_add_test(suite, "bounds are exact", bounds_are_exact);
	CU_add_test(suite, "tells kinds apart", tells_kinds_apart);
	CU_add_test(suite, "says what it looked for", says_what_it_looked_for);
	CU_add_test(suite, "searches Multiboot where it may be", searches_multiboot_where_it_may_be);
	CU_add_test(suite, "refuses every cut", refuses_every_cut);
}
