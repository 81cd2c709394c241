// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/acpi_ports.h"
#include "core/boot/reset_vector.h"
#include "core/kvm/memory.h"

static struct guest_memory memory_of(uint8_t *bytes, uint64_t count)
{
	return (struct guest_memory){.region = {{.bytes = count, .host = bytes}}, .count = 1};
}

/* What a CPU in real mode would do: the port and value are read out of the instructions. */
static void writes_the_reset_register(void)
{
	uint8_t *bytes = calloc(1, 1 << 20);
	struct guest_memory memory = memory_of(bytes, 1 << 20);
	const uint8_t *code = bytes + 0xffff0;

	CU_ASSERT_EQUAL(reset_vector_write(&memory, NULL), 0);
	CU_ASSERT_EQUAL(code[0], 0xba);
	CU_ASSERT_EQUAL(code[1] | code[2] << 8, ACPI_RESET_PORT);
	CU_ASSERT_EQUAL(code[3], 0xb0);
	CU_ASSERT_EQUAL(code[4], ACPI_RESET_VALUE);
	CU_ASSERT_EQUAL(code[5], 0xee);
	CU_ASSERT_EQUAL(code[6], 0xf4);
	CU_ASSERT_EQUAL(code[7], 0xeb);
	CU_ASSERT_EQUAL((int8_t)code[8], -3);
	free(bytes);
}

static void touches_nothing_else(void)
{
	uint8_t *bytes = calloc(1, 1 << 20);
	struct guest_memory memory = memory_of(bytes, 1 << 20);
	size_t used = 0;

	CU_ASSERT_EQUAL(reset_vector_write(&memory, NULL), 0);
	for (size_t i = 0; i < 0xffff0; i++)
		used += bytes[i] != 0;
	CU_ASSERT_EQUAL(used, 0);
	free(bytes);
}

static void needs_the_first_mebibyte(void)
{
	uint8_t bytes[64];
	struct guest_memory memory = memory_of(bytes, sizeof(bytes));
	struct diag why = {0};

	CU_ASSERT_EQUAL(reset_vector_write(&memory, &why), -ENOMEM);
	CU_ASSERT_TRUE(strlen(why.text) > 0);
}

void test_reset_vector_register(void);

void test_reset_vector_register(void)
{
	CU_pSuite suite = CU_add_suite("test_reset_vector", NULL, NULL);

	CU_ADD_TEST(suite, writes_the_reset_register);
	CU_ADD_TEST(suite, touches_nothing_else);
	CU_ADD_TEST(suite, needs_the_first_mebibyte);
}
