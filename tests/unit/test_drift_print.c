// SPDX-License-Identifier: Apache-2.0
/* Drift events as people and programs read them. */
#include <CUnit/CUnit.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cli/drift.h"
#include "core/cli/drift_foreign.h"
#include "core/cli/drift_print.h"

void test_drift_print_register(void);

static const struct timespec when = {.tv_sec = 1795421696, .tv_nsec = 789000000};

/* What is printed of an event, to be freed. */
static char *print(enum drift_kind kind, const char *found, bool repaired, const char *why, bool json)
{
	struct changes changes = {0};
	struct change *change = changes_add(&changes, CHANGE_GROUP_TEXT, "cgroup",
					    "/sys/fs/cgroup/bulkhead-plc/cpuset.cpus.partition");
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	change_text(&changes, change, COMPARE_EXACT, found, "isolated");
	const struct drift_event event = {.kind = kind, .change = change, .repaired = repaired};

	CU_ASSERT_EQUAL(drift_print(&event, &when, why, json, stream), 0);
	fclose(stream);
	changes_done(&changes);
	return text;
}

static void assert_line(enum drift_kind kind, const char *found, bool repaired, const char *why,
			const char *line)
{
	char *text = print(kind, found, repaired, why, false);
	char *rest = strstr(text, "partition: ");

	CU_ASSERT_PTR_EQUAL(strstr(text, "2026-11-23T08:14:56.789Z "), text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(rest);
	CU_ASSERT_STRING_EQUAL(rest + strlen("partition: "), line);
	free(text);
}

static void people_read_a_line(void)
{
	assert_line(DRIFT_BEGAN, "isolated invalid (Cpu list in cpuset.cpus not exclusive)", false, "",
		    "wanted isolated, found isolated invalid (Cpu list in cpuset.cpus not exclusive)\n");
	assert_line(DRIFT_BEGAN, NULL, true, "", "wanted isolated, found nothing; put back\n");
	assert_line(DRIFT_BEGAN, "member", false, "Device or resource busy",
		    "wanted isolated, found member; not put back: Device or resource busy\n");
	assert_line(DRIFT_OVER, "member", true, "", "as applied, or gone; was put back\n");
	assert_line(DRIFT_GIVEN_UP, "member", false, "",
		    "wanted isolated, found member; put back too often, left as it is for a while\n");
	/* No host writes to the reader's terminal, nor a second line. */
	assert_line(DRIFT_BEGAN, "mem\033[2Jber\nover: all is well", false, "",
		    "wanted isolated, found mem?[2Jber?over: all is well\n");
}

/* Nobody wants a number that is not to be found. */
static void who_is_foreign_is_told_in_words(void)
{
	struct changes changes = {0};
	struct change *change = changes_add(&changes, CHANGE_GROUP_TEXT, DRIFT_FOREIGN,
					    "/sys/fs/cgroup/bulkhead-plc/cgroup.threads");
	const struct drift_event event = {.kind = DRIFT_BEGAN, .change = change, .repaired = true};
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	change_text(&changes, change, COMPARE_WORD, "80", "-80");
	change_reason(change, "foreign thread in the group of partition plc: kswapd1 (80)");
	CU_ASSERT_EQUAL(drift_print(&event, &when, "", false, stream), 0);
	fclose(stream);
	CU_ASSERT_STRING_EQUAL(text, "2026-11-23T08:14:56.789Z drift: foreign: "
			       "/sys/fs/cgroup/bulkhead-plc/cgroup.threads: foreign thread in the group of "
			       "partition plc: kswapd1 (80); put back\n");
	free(text);
	changes_done(&changes);
}

static void programs_read_an_object_a_line(void)
{
	static const struct {
		enum drift_kind kind;
		const char *event;
	} cases[] = {{DRIFT_BEGAN, "drift"}, {DRIFT_OVER, "over"}, {DRIFT_GIVEN_UP, "given-up"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = print(cases[i].kind, i == 1 ? NULL : "member\xff", i == 0, i == 2 ? "busy" : "", true);
		json_t *line = json_loads(text, 0, NULL);

		CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(line);
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(line, "version")), 1);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "time")), "2026-11-23T08:14:56.789Z");
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "event")), cases[i].event);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "domain")), "cgroup");
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "path")),
				       "/sys/fs/cgroup/bulkhead-plc/cpuset.cpus.partition");
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "wanted")), "isolated");
		CU_ASSERT_EQUAL(json_is_null(json_object_get(line, "found")), i == 1);
		CU_ASSERT_EQUAL(json_is_true(json_object_get(line, "repaired")), i == 0);
		CU_ASSERT_EQUAL(json_object_get(line, "why") != NULL, i == 2);
		json_decref(line);
		free(text);
	}
}

/* A whole file of text is wanted or found: what is printed is cut. */
static void long_texts_are_cut(void)
{
	char found[4096];

	memset(found, 'x', sizeof(found) - 1);
	found[sizeof(found) - 1] = '\0';
	char *text = print(DRIFT_BEGAN, found, false, "", false);

	CU_ASSERT(strlen(text) < 512);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "xxx...\n"));
	free(text);
}

void test_drift_print_register(void)
{
	CU_pSuite suite = CU_add_suite("test_drift_print", NULL, NULL);

	CU_ADD_TEST(suite, people_read_a_line);
	CU_ADD_TEST(suite, who_is_foreign_is_told_in_words);
	CU_ADD_TEST(suite, programs_read_an_object_a_line);
	CU_ADD_TEST(suite, long_texts_are_cut);
}
