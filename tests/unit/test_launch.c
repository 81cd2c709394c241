// SPDX-License-Identifier: Apache-2.0
/* The launch record: what is written is read back, and what nobody should have written is refused. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/vmm/launch.h"
#include "tests/unit/launch_fixture.h"

void test_launch_register(void);

static void assert_same(const struct launch *a, const struct launch *b)
{
	char *first = launch_encode(a);
	char *second = launch_encode(b);

	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	CU_ASSERT_PTR_NOT_NULL_FATAL(second);
	CU_ASSERT_STRING_EQUAL(first, second);
	free(first);
	free(second);
}

static void any_record_comes_back(void)
{
	for (unsigned i = 0; i < 300; i++) {
		struct launch launch;
		struct launch back;
		struct diag why = {0};
		char *text;

		any_launch(&launch);
		text = launch_encode(&launch);
		CU_ASSERT_PTR_NOT_NULL_FATAL(text);
		if (decode_text(text, &back, &why) != 0) {
			CU_FAIL("a record that was encoded is refused");
			launch_done(&launch);
			free(text);
			return;
		}
		assert_same(&launch, &back);
		CU_ASSERT_EQUAL(back.vcpus, launch.vcpus);
		CU_ASSERT_EQUAL(memcmp(back.vcpu_cpu, launch.vcpu_cpu, sizeof(back.vcpu_cpu)), 0);
		CU_ASSERT_EQUAL(memcmp(back.vcpu_group, launch.vcpu_group, launch.vcpus * sizeof(int)), 0);
		CU_ASSERT_EQUAL(memcmp(&back.other_cpus, &launch.other_cpus, sizeof(back.other_cpus)), 0);
		CU_ASSERT_EQUAL(memcmp(&back.policy, &launch.policy, sizeof(back.policy)), 0);
		CU_ASSERT_EQUAL(back.exit_budget, launch.exit_budget);
		CU_ASSERT_STRING_EQUAL(back.cmdline, launch.cmdline);
		launch_done(&launch);
		launch_done(&back);
		free(text);
	}
}

static void every_key_is_required(void)
{
	json_t *whole = sound_record();
	const char *key;
	json_t *value;
	size_t keys = 0;

	json_object_foreach(whole, key, value) {
		json_t *record = json_copy(whole);

		json_object_del(record, key);
		assert_record_refused(record, EINVAL, key);
		keys++;
	}
	CU_ASSERT(keys >= 30);
	json_decref(whole);
}

static void every_key_has_one_type(void)
{
	json_t *whole = sound_record();
	const char *key;
	json_t *value;

	json_object_foreach(whole, key, value) {
		json_t *wrong[] = {json_null(), json_real(1.5), json_object(), json_integer(INT64_MIN),
				   json_integer(INT64_MAX), json_string("\x01"), json_true(),
				   json_pack("[[]]"), json_pack("[n]")};

		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			json_t *record = json_copy(whole);
			int error = EINVAL;

			/* What a key may really be. */
			if ((json_is_boolean(value) && json_is_true(wrong[i])) ||
			    (strcmp(key, "exit_budget") == 0 && i == 4) ||
			    ((strcmp(key, "kernel") == 0 || strcmp(key, "cmdline") == 0) && i == 5)) {
				json_decref(record);
				continue;
			}
			if (strcmp(key, "version") == 0 && json_is_integer(wrong[i]))
				error = ENOTSUP;
			json_object_set(record, key, wrong[i]);
			assert_record_refused(record, error, key);
		}
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			json_decref(wrong[i]);
	}
	json_decref(whole);
}

static void no_key_may_be_unknown(void)
{
	json_t *record = sound_record();

	set_key(record, "colour", json_string("red"));
	assert_record_refused(record, EINVAL, "colour");
	record = sound_record();
	set_key(record, "", json_null());
	assert_record_refused(record, EINVAL, "");
	record = sound_record();
	set_key(record, "Kernel", json_string("x"));
	assert_record_refused(record, EINVAL, "Kernel");
}

static void another_version_is_refused_first(void)
{
	static const json_int_t versions[] = {0, 1, 3, -1, INT64_MAX};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		json_t *record = json_pack("{s:I, s:s}", "version", versions[i], "new_key", "new value");

		assert_record_refused(record, ENOTSUP, "version");
	}
}

static void a_key_twice_is_refused(void)
{
	json_t *record = sound_record();
	char *text = json_dumps(record, 0);
	char *twice = NULL;
	struct launch launch;
	struct diag why = {0};

	CU_ASSERT_FATAL(asprintf(&twice, "{\"escape\": true, %s", text + 1) > 0);
	CU_ASSERT_EQUAL(decode_text(twice, &launch, &why), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "uplicate"));
	free(twice);
	free(text);
	json_decref(record);
}

/* Cut anywhere, a record is no record; nothing is read past its end. */
static void every_truncation_is_refused(void)
{
	json_t *record = sound_record();
	char *text = json_dumps(record, 0);
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		char *part = malloc(i == 0 ? 1 : i);
		struct launch launch;
		struct diag why = {0};

		CU_ASSERT_PTR_NOT_NULL_FATAL(part);
		memcpy(part, text, i);
		CU_ASSERT_EQUAL(launch_decode(part, i, &launch, &why), -EINVAL);
		CU_ASSERT_NOT_EQUAL(why.text[0], '\0');
		free(part);
	}
	free(text);
	json_decref(record);
}

static void what_is_no_record_is_refused(void)
{
	static const char *const texts[] = {
		"", " ", "[]", "null", "1", "\"x\"", "{}", "{\"version\": 2}", "[[[[", "{]", "\xff\xfe",
		"{\"version\": 2} {}", "{\"version\": \"1\"}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct launch launch;
		struct diag why = {0};

		CU_ASSERT_EQUAL(decode_text(texts[i], &launch, &why), -EINVAL);
		CU_ASSERT_EQUAL(why.error, EINVAL);
		CU_ASSERT_STRING_EQUAL(why.file, "launch record");
	}
}

static void too_large_is_refused_unread(void)
{
	json_t *record = sound_record();
	char *text = json_dumps(record, 0);
	char *large = malloc(LAUNCH_BYTES_MAX + 1);
	struct launch launch;
	struct diag why = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(large);
	memset(large, ' ', LAUNCH_BYTES_MAX + 1);
	memcpy(large, text, strlen(text));
	CU_ASSERT_EQUAL(launch_decode(large, LAUNCH_BYTES_MAX + 1, &launch, &why), -E2BIG);
	CU_ASSERT_EQUAL_FATAL(launch_decode(large, LAUNCH_BYTES_MAX, &launch, &why), 0);
	launch_done(&launch);
	/* As deep as its size allows. */
	memset(large, '[', LAUNCH_BYTES_MAX);
	CU_ASSERT_EQUAL(launch_decode(large, LAUNCH_BYTES_MAX, &launch, &why), -EINVAL);
	free(large);
	free(text);
	json_decref(record);
}

/* The reason is for people who may not want it. */
static void a_refusal_needs_no_diag(void)
{
	struct launch launch;

	CU_ASSERT_EQUAL(decode_text("{}", &launch, NULL), -EINVAL);
	CU_ASSERT_EQUAL(decode_text("no", &launch, NULL), -EINVAL);
	CU_ASSERT_EQUAL(decode_text("{\"version\": 7}", &launch, NULL), -ENOTSUP);
}

void test_launch_register(void)
{
	CU_pSuite suite = CU_add_suite("launch", NULL, NULL);

	CU_ADD_TEST(suite, any_record_comes_back);
	CU_ADD_TEST(suite, every_key_is_required);
	CU_ADD_TEST(suite, every_key_has_one_type);
	CU_ADD_TEST(suite, no_key_may_be_unknown);
	CU_ADD_TEST(suite, another_version_is_refused_first);
	CU_ADD_TEST(suite, a_key_twice_is_refused);
	CU_ADD_TEST(suite, every_truncation_is_refused);
	CU_ADD_TEST(suite, what_is_no_record_is_refused);
	CU_ADD_TEST(suite, too_large_is_refused_unread);
	CU_ADD_TEST(suite, a_refusal_needs_no_diag);
}
