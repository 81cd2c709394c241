// SPDX-License-Identifier: Apache-2.0
/* The launch record's values: each has a range, and is taken at its limits and refused beyond them. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/vmm/launch.h"
#include "tests/unit/launch_fixture.h"

void test_launch_values_register(void);

static void numbers_have_ranges(void)
{
	static const struct {
		const char *key;
		json_int_t value;
	} cases[] = {
		{"memory_bytes", 0}, {"memory_bytes", (1 << 20) - 1},
		{"memory_bytes", (INT64_C(1) << 46) + 1}, {"memory_bytes", -4096},
		{"page_bytes", 4095}, {"page_bytes", 8192}, {"page_bytes", (1 << 30) + 1},
		{"priority", -1}, {"priority", 99}, {"exits_disabled", 16}, {"exits_disabled", -1},
		{"runtime_ns", -1}, {"deadline_ns", -1}, {"period_ns", INT64_C(86400000000001)},
		{"seal_after_ns", -1}, {"exit_budget", -1}, {"console_input_fd", -2},
		{"console_output_fd", 1024}, {"state_fd", -2}, {"state_fd", 1024},
		{"running_fd", -2}, {"running_fd", 1024},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *record = sound_record();

		set_key(record, "policy", json_string("other"));
		set_key(record, cases[i].key, json_integer(cases[i].value));
		assert_record_refused(record, EINVAL, cases[i].key);
	}
}

static void numbers_at_their_limits_are_taken(void)
{
	static const struct {
		const char *key;
		json_int_t value;
	} cases[] = {
		{"memory_bytes", 1 << 20}, {"memory_bytes", INT64_C(1) << 46}, {"page_bytes", 4096},
		{"page_bytes", 1 << 30}, {"priority", 98}, {"exits_disabled", 15},
		{"exit_budget", INT64_MAX}, {"state_fd", -1}, {"state_fd", 1023},
		{"period_ns", INT64_C(86400000000000)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *record = sound_record();
		struct launch launch;
		struct diag why = {0};
		char *text;

		set_key(record, "policy", json_string("other"));
		set_key(record, cases[i].key, json_integer(cases[i].value));
		text = json_dumps(record, 0);
		CU_ASSERT_EQUAL(decode_text(text, &launch, &why), 0);
		if (why.error == 0)
			launch_done(&launch);
		free(text);
		json_decref(record);
	}
}

static json_t *list_of(size_t count, json_t *item)
{
	json_t *list = json_array();

	while (count-- > 0)
		json_array_append(list, item);
	json_decref(item);
	return list;
}

static json_t *text_of(size_t length)
{
	char *text = malloc(length + 1);
	json_t *value;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, 'x', length);
	text[length] = '\0';
	value = json_string(text);
	free(text);
	return value;
}

static void texts_and_lists_have_sizes(void)
{
	const struct {
		const char *key;
		json_t *value;
	} cases[] = {
		{"name", text_of(0)}, {"name", text_of(PARTITION_NAME_MAX)}, {"name", json_string("a b")},
		{"name", json_string("../x")}, {"name", json_string("\xc3\xbc")},
		{"kernel", text_of(0)}, {"kernel", text_of(PATH_MAX)},
		{"cmdline", text_of(PARTITION_CMDLINE_MAX)}, {"initrd", json_string("x")},
		{"initrd", list_of(PARTITION_INITRDS_MAX + 1, json_string("x"))},
		{"initrd", list_of(1, json_string(""))}, {"initrd", list_of(1, text_of(PATH_MAX))},
		{"vcpu_cpus", json_array()},
		{"vcpu_cpus", list_of(PARTITION_VCPUS_MAX + 1, json_integer(0))},
		{"vcpu_cpus", list_of(1, json_integer(-2))},
		{"vcpu_cpus", list_of(1, json_integer(CPULIST_MAX))},
		{"vcpu_cpus", list_of(1, json_integer(INT64_C(1) << 32))},
		{"vcpu_groups", json_array()}, {"vcpu_groups", json_integer(-1)},
		{"vcpu_groups", list_of(PARTITION_VCPUS_MAX + 1, json_integer(-1))},
		{"vcpu_groups", list_of(1, json_integer(-2))},
		{"vcpu_groups", list_of(1, json_integer(1024))},
		{"vcpu_cpus", list_of(1, json_true())}, {"vcpu_cpus", list_of(2, json_string("1"))},
		{"other_cpus", json_string("3-1")}, {"other_cpus", json_string("4096")},
		{"other_cpus", json_string("1\n")}, {"other_cpus", json_string(" ")},
		{"policy", json_string("FIFO")}, {"policy", json_string("")},
		{"seal", json_string("portal")}, {"seal", json_integer(1)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *record = sound_record();

		set_key(record, cases[i].key, cases[i].value);
		assert_record_refused(record, EINVAL, cases[i].key);
	}
}

/* A vCPU without a group, or a group without a vCPU, is a record of two minds. */
static void as_many_groups_as_vcpus(void)
{
	for (size_t groups = 1; groups <= 4; groups++) {
		json_t *record = sound_record();

		set_key(record, "policy", json_string("other"));
		set_key(record, "vcpu_cpus", list_of(groups == 2 ? 3 : 2, json_integer(1)));
		set_key(record, "vcpu_groups", list_of(groups, json_integer(7)));
		assert_record_refused(record, EINVAL, "vcpu_groups");
	}
}

/* Behind a NUL a text would mean one thing here and another to the kernel. */
static void no_text_holds_a_nul(void)
{
	static const char *const keys[] = {"name", "kernel", "cmdline", "other_cpus", "policy"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *record = sound_record();

		set_key(record, keys[i], json_stringn("a\0b", 3));
		assert_record_refused(record, EINVAL, "");
	}
}

static void texts_and_lists_at_their_limits_are_taken(void)
{
	json_t *record = sound_record();
	struct launch launch;
	struct diag why = {0};
	char *text;

	set_key(record, "name", text_of(PARTITION_NAME_MAX - 1));
	set_key(record, "kernel", text_of(PATH_MAX - 1));
	set_key(record, "cmdline", text_of(PARTITION_CMDLINE_MAX - 1));
	set_key(record, "vcpu_cpus", list_of(PARTITION_VCPUS_MAX, json_integer(CPULIST_MAX - 1)));
	set_key(record, "vcpu_groups", list_of(PARTITION_VCPUS_MAX, json_integer(1023)));
	set_key(record, "initrd", list_of(8, text_of(PATH_MAX - 1)));
	text = json_dumps(record, 0);
	CU_ASSERT_EQUAL_FATAL(decode_text(text, &launch, &why), 0);
	CU_ASSERT_EQUAL(launch.vcpus, PARTITION_VCPUS_MAX);
	CU_ASSERT_EQUAL(launch.vcpu_cpu[63], CPULIST_MAX - 1);
	CU_ASSERT_EQUAL(launch.vcpu_group[63], 1023);
	CU_ASSERT_EQUAL(strlen(launch.kernel), PATH_MAX - 1);
	launch_done(&launch);
	free(text);
	json_decref(record);
}

static void schedules_must_make_sense(void)
{
	json_t *record = sound_record();

	set_key(record, "policy", json_string("fifo"));
	set_key(record, "priority", json_integer(0));
	assert_record_refused(record, EINVAL, "priority");
	for (unsigned i = 0; i < 4; i++) {
		record = sound_record();
		set_key(record, "policy", json_string("deadline"));
		set_key(record, "runtime_ns", json_integer(i == 0 ? 0 : i == 1 ? 6 : 3));
		set_key(record, "deadline_ns", json_integer(i == 2 ? 11 : i == 3 ? 2 : 5));
		set_key(record, "period_ns", json_integer(10));
		assert_record_refused(record, EINVAL, "runtime_ns");
	}
}

void test_launch_values_register(void)
{
	CU_pSuite suite = CU_add_suite("launch_values", NULL, NULL);

	CU_ADD_TEST(suite, numbers_have_ranges);
	CU_ADD_TEST(suite, numbers_at_their_limits_are_taken);
	CU_ADD_TEST(suite, texts_and_lists_have_sizes);
	CU_ADD_TEST(suite, as_many_groups_as_vcpus);
	CU_ADD_TEST(suite, no_text_holds_a_nul);
	CU_ADD_TEST(suite, texts_and_lists_at_their_limits_are_taken);
	CU_ADD_TEST(suite, schedules_must_make_sense);
}
