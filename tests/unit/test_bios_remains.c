// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/acpi_ports.h"
#include "core/boot/bios_remains.h"
#include "core/boot/memory_map.h"
#include "core/kvm/memory.h"

static uint8_t *low;

static int write_remains(void)
{
	struct guest_memory memory = {.region = {{.bytes = 1 << 20}}, .count = 1};

	low = calloc(1, 1 << 20);
	memory.region[0].host = low;
	return low == NULL || bios_remains_write(&memory, NULL) != 0;
}

static int drop_remains(void)
{
	free(low);
	return 0;
}

static unsigned word(unsigned at)
{
	return low[at] | (unsigned)low[at + 1] << 8;
}

/* What a CPU in real mode would do: the port and the value are read out of the instructions. */
static void reset_writes_the_reset_register(void)
{
	CU_ASSERT_EQUAL(low[0xffff0], 0xba);
	CU_ASSERT_EQUAL(word(0xffff1), ACPI_RESET_PORT);
	CU_ASSERT_EQUAL(low[0xffff3], 0xb0);
	CU_ASSERT_EQUAL(low[0xffff4], ACPI_RESET_VALUE);
	CU_ASSERT_EQUAL(low[0xffff5], 0xee);
	CU_ASSERT_EQUAL(low[0xffff6], 0xf4);
	CU_ASSERT_EQUAL(word(0xffff7), 0xfdeb);
}

static void every_vector_leads_to_an_iret(void)
{
	for (unsigned vector = 0; vector < 256; vector++) {
		unsigned at = word(vector * 4 + 2) * 16 + word(vector * 4);

		CU_ASSERT_EQUAL_FATAL(at, 0xfffe0);
	}
	CU_ASSERT_EQUAL(low[0xfffe8], 0xcf);
}

static void conventional_memory_ends_where_the_map_says(void)
{
	CU_ASSERT_EQUAL(word(0x40e) * 16, LOW_RAM_END);
	CU_ASSERT_EQUAL(word(0x413) * 1024, LOW_RAM_END);
	CU_ASSERT_EQUAL(LOW_RAM_END + low[LOW_RAM_END] * 1024U, 0xa0000);
}

static void touches_nothing_else(void)
{
	size_t used = 0;

	for (size_t i = 0x415; i < 0xfffe0; i++)
		used += i != LOW_RAM_END && low[i] != 0;
	CU_ASSERT_EQUAL(used, 0);
}

static void needs_the_first_mebibyte(void)
{
	uint8_t bytes[64];
	struct guest_memory memory = {
		.region = {{.bytes = sizeof(bytes), .host = bytes}}, .count = 1,
	};
	struct diag why = {0};

	CU_ASSERT_EQUAL(bios_remains_write(&memory, &why), -ENOMEM);
	CU_ASSERT_TRUE(strlen(why.text) > 0);
}

void test_bios_remains_register(void);

void test_bios_remains_register(void)
{
	CU_pSuite suite = CU_add_suite("test_bios_remains", write_remains, drop_remains);

	CU_ADD_TEST(suite, reset_writes_the_reset_register);
	CU_ADD_TEST(suite, every_vector_leads_to_an_iret);
	CU_ADD_TEST(suite, conventional_memory_ends_where_the_map_says);
	CU_ADD_TEST(suite, touches_nothing_else);
	CU_ADD_TEST(suite, needs_the_first_mebibyte);
}
