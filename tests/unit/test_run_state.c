// SPDX-License-Identifier: Apache-2.0
/* The state file and the names of running partitions: what is written is read back, and nothing else is taken. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/run_folder.h"
#include "core/cli/run_state.h"

void test_run_state_register(void);

static void make_state(struct run_state *state)
{
	*state = (struct run_state){
		.name = "plc-1", .pid = 123, .vmm = 124, .phase = RUN_PAUSED, .since_s = 1795421678,
		.file = "/etc/bulkhead/a \"b\".yaml",
	};
	cpulist_add(&state->cpus, 2);
	cpulist_add(&state->cpus, 4095);
}

static void states_come_back(void)
{
	for (enum run_phase phase = RUN_STARTING; phase <= RUN_CRASHED; phase++) {
		struct run_state state;
		struct run_state back;
		struct diag why = {0};
		char *text;

		make_state(&state);
		state.phase = phase;
		text = run_state_format(&state);
		CU_ASSERT_PTR_NOT_NULL_FATAL(text);
		CU_ASSERT_EQUAL_FATAL(run_state_parse(text, strlen(text), &back, &why), 0);
		CU_ASSERT_STRING_EQUAL(back.name, state.name);
		CU_ASSERT_STRING_EQUAL(back.file, state.file);
		CU_ASSERT_EQUAL(back.pid, 123);
		CU_ASSERT_EQUAL(back.vmm, 124);
		CU_ASSERT_EQUAL(back.phase, phase);
		CU_ASSERT_EQUAL(back.since_s, state.since_s);
		CU_ASSERT_EQUAL(memcmp(&back.cpus, &state.cpus, sizeof(back.cpus)), 0);
		free(text);
	}
}

/* @value is taken over; NULL takes the key away. */
static int parse_with(const char *key, json_t *value)
{
	struct run_state state;
	struct run_state back = {.pid = 7};
	struct diag why = {0};
	char *text;
	json_t *object;
	int error;

	make_state(&state);
	text = run_state_format(&state);
	object = json_loads(text, 0, NULL);
	free(text);
	if (value == NULL)
		json_object_del(object, key);
	else
		json_object_set_new(object, key, value);
	text = json_dumps(object, 0);
	json_decref(object);
	error = run_state_parse(text, strlen(text), &back, &why);
	CU_ASSERT_EQUAL(why.error, -error);
	CU_ASSERT(error == 0 || back.pid == 7);
	free(text);
	return error;
}

static void every_key_is_required_and_checked(void)
{
	static const char *const keys[] = {"version", "name", "pid", "vmm", "phase", "since", "file", "cpus"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		CU_ASSERT_EQUAL(parse_with(keys[i], NULL), -EINVAL);
		CU_ASSERT_EQUAL(parse_with(keys[i], json_null()), -EINVAL);
		CU_ASSERT_EQUAL(parse_with(keys[i], json_integer(-1)), -EINVAL);
	}
	CU_ASSERT_EQUAL(parse_with("version", json_integer(2)), -ENOTSUP);
	CU_ASSERT_EQUAL(parse_with("name", json_string("../x")), -EINVAL);
	CU_ASSERT_EQUAL(parse_with("name", json_string("")), -EINVAL);
	CU_ASSERT_EQUAL(parse_with("pid", json_integer(INT64_C(1) << 31)), -EINVAL);
	CU_ASSERT_EQUAL(parse_with("phase", json_string("running fast")), -EINVAL);
	CU_ASSERT_EQUAL(parse_with("cpus", json_string("3-1")), -EINVAL);
	CU_ASSERT_EQUAL(parse_with("colour", json_string("red")), -EINVAL);
	CU_ASSERT_EQUAL(parse_with("file", json_string("")), 0);
	CU_ASSERT_EQUAL(parse_with("cpus", json_string("")), 0);
}

static void what_is_no_state_is_refused(void)
{
	static const char *const texts[] = {"", "[]", "null", "{", "{}", "{\"version\": 1}", "\xff"};
	static char large[RUN_STATE_BYTES_MAX + 1];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct run_state state;
		struct diag why = {0};

		CU_ASSERT_EQUAL(run_state_parse(texts[i], strlen(texts[i]), &state, &why), -EINVAL);
		CU_ASSERT_EQUAL(why.error, EINVAL);
	}
	CU_ASSERT_EQUAL(run_state_parse(large, sizeof(large), &(struct run_state){0}, NULL), -E2BIG);
}

static void names_are_no_paths(void)
{
	static const char *const good[] = {"a", "plc", "A-1_b", "hosts", "abcdefghijklmnopqrstuvwxyzabcde"};
	static const char *const bad[] = {
		"", ".", "..", "/", "a/b", "../a", "a b", "1a", "-a", "_a", "host", "a\n", "\xc3\xbc",
		"abcdefghijklmnopqrstuvwxyzabcdef",
	};
	char path[RUN_PATH_MAX];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT_EQUAL(run_name_check(good[i], NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct diag why = {0};

		CU_ASSERT_EQUAL(run_name_check(bad[i], &why), -EINVAL);
		CU_ASSERT_NOT_EQUAL(why.allowed[0], '\0');
	}
	CU_ASSERT_STRING_EQUAL(run_path("plc", NULL, path), "/run/bulkhead/plc");
	CU_ASSERT_STRING_EQUAL(run_path("plc", "control", path), "/run/bulkhead/plc/control");
}

void test_run_state_register(void)
{
	CU_pSuite suite = CU_add_suite("states of running partitions", NULL, NULL);

	CU_ADD_TEST(suite, states_come_back);
	CU_ADD_TEST(suite, every_key_is_required_and_checked);
	CU_ADD_TEST(suite, what_is_no_state_is_refused);
	CU_ADD_TEST(suite, names_are_no_paths);
}
