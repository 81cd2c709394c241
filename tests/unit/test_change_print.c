// SPDX-License-Identifier: Apache-2.0
/* Changes as people and programs read them, and what of a journal goes back. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/change.h"
#include "core/base/findings.h"
#include "core/cli/change_print.h"
#include "core/cli/cut.h"

void test_change_print_register(void);

static void add_text(struct changes *changes, const char *domain, const char *path, const char *old,
		     const char *value, const char *reason)
{
	struct change *change = changes_add(changes, CHANGE_TEXT, domain, "%s", path);

	change_text(changes, change, COMPARE_EXACT, old, "%s", value);
	change_reason(change, "%s", reason);
}

static void assert_printed(const struct changes *changes, const char *expected)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	changes_print(changes, stream);
	CU_ASSERT_EQUAL_FATAL(fclose(stream), 0);
	CU_ASSERT_STRING_EQUAL(text, expected);
	if (strcmp(text, expected) != 0)
		printf("\nprinted:\n%s\n", text);
	free(text);
}

static void what_holds_is_not_printed(void)
{
	struct changes changes = {0};

	assert_printed(&changes, "");
	add_text(&changes, "kernel", "/proc/sys/vm/stat_interval", "10\n", "10", "fewer wake-ups");
	assert_printed(&changes, "");
	changes_done(&changes);
}

static void a_domain_stands_together_and_a_reason_once(void)
{
	struct changes changes = {0};

	add_text(&changes, "kernel", "/proc/sys/vm/stat_interval", "1\n", "10", "fewer wake-ups");
	add_text(&changes, "interrupts", "/proc/irq/default_smp_affinity", "f", "3", "off the vCPUs");
	add_text(&changes, "kernel", "/proc/sys/a", "0", "1", "a reason of its own");
	add_text(&changes, "interrupts", "/proc/irq/7/smp_affinity_list", "0-1", "0-1", "off the vCPUs");
	add_text(&changes, "interrupts", "/proc/irq/12/smp_affinity_list", "0-3", "0-1", "off the vCPUs");
	assert_printed(&changes,
		       "kernel:\n"
		       "  /proc/sys/vm/stat_interval: 1 -> 10\n"
		       "      (fewer wake-ups)\n"
		       "  /proc/sys/a:                0 -> 1\n"
		       "      (a reason of its own)\n"
		       "interrupts:\n"
		       "  /proc/irq/default_smp_affinity: f -> 3\n"
		       "  /proc/irq/12/smp_affinity_list: 0-3 -> 0-1\n"
		       "      (off the vCPUs)\n");
	changes_done(&changes);
}

static void nothing_there_is_said_in_words(void)
{
	struct changes changes = {0};
	struct change *change;

	change_made(&changes, changes_add(&changes, CHANGE_GROUP, "cgroup", "/g"), false);
	change_made(&changes, changes_add(&changes, CHANGE_FOLDER, "cache", "/f"), false);
	add_text(&changes, "cgroup", "/g/cpuset.cpus", NULL, "2-3", "");
	add_text(&changes, "cgroup", "/g/cpuset.mems", "\n", "0", "");
	change = changes_add(&changes, CHANGE_FILE, "systemd", "/run/x");
	change_text(&changes, change, COMPARE_EXACT, NULL, "[Slice]\nAllowedCPUs=0-1\n");
	assert_printed(&changes,
		       "cgroup:\n"
		       "  /g:             (none) -> (control group)\n"
		       "  /g/cpuset.cpus: (none) -> 2-3\n"
		       "  /g/cpuset.mems: (empty) -> 0\n"
		       "cache:\n"
		       "  /f: (none) -> (folder)\n"
		       "systemd:\n"
		       "  /run/x: (none) -> [Slice]\\nAllowedCPUs=0-1\n");
	changes_done(&changes);
}

static void a_thread_has_its_name_and_a_long_reason_its_lines(void)
{
	struct changes changes = {0};
	struct change *change = changes_add(&changes, CHANGE_AFFINITY, "threads", "/proc/31/task/31");

	change_text(&changes, change, COMPARE_CPUS, "0-3", "0-1");
	snprintf(change->name, sizeof(change->name), "kcompactd1");
	change_reason(change, "what this thread does for the whole host, it can do on the CPUs of the "
		      "housekeeping, so that it takes no time from a vCPU");
	assert_printed(&changes,
		       "threads:\n"
		       "  /proc/31/task/31 (kcompactd1): 0-3 -> 0-1\n"
		       "      (what this thread does for the whole host, it can do on the CPUs of the "
		       "housekeeping, so that\n"
		       "       it takes no time from a vCPU)\n");
	changes_done(&changes);
}

/* A captured host may say anything. */
/* A file of a few lines is shown, and of a long one how many it has. */
static void a_long_file_is_counted(void)
{
	struct changes changes = {0};
	struct change *change = changes_add(&changes, CHANGE_FILE, "systemd", "/run/a");

	change_text(&changes, change, COMPARE_EXACT, NULL, "1\n2\n3\n4\n");
	change = changes_add(&changes, CHANGE_FILE, "systemd", "/run/b");
	change_text(&changes, change, COMPARE_EXACT, "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n");
	assert_printed(&changes,
		       "systemd:\n"
		       "  /run/a: (none) -> 1\\n2\\n3\\n4\n"
		       "  /run/b: (6 lines) -> (5 lines)\n");
	changes_done(&changes);
}

static void a_terminal_is_shown_nothing_else(void)
{
	struct changes changes = {0};

	add_text(&changes, "kernel", "/proc/\033[2J", "a\033[31m\001\377", "\xc3\xa4", "why\a");
	assert_printed(&changes, "kernel:\n  /proc/?[2J: a?[31m?? -> ??\n      (why?)\n");
	changes_done(&changes);
}

static void json_is_whole(void)
{
	static const char expected[] =
		"{\"changes\": [{\"domain\": \"kernel\", \"kind\": \"text\", \"path\": \"/proc/sys/a\", "
		"\"old\": \"0\\n\", \"new\": \"1\", \"check\": \"K6-timer-migration\", \"reason\": \"why\"}, "
		"{\"domain\": \"cgroup\", \"kind\": \"group\", \"path\": \"/g\", \"old\": null, "
		"\"new\": \"\", \"reason\": \"\"}, "
		"{\"domain\": \"threads\", \"kind\": \"affinity\", \"path\": \"/proc/9/task/9\", "
		"\"thread\": \"ksm?\", \"old\": \"0-3\", \"new\": \"0\", \"reason\": \"\"}], "
		"\"file\": \"m.yaml\", \"findings\": [], \"foreign\": 4, \"format\": 1, \"gone\": 3, "
		"\"restored\": 2, \"verdict\": \"held\", \"written\": 1}";
	const struct borrow_result result = {.written = 1, .restored = 2, .gone = 3, .foreign = 4};
	struct findings findings = {0};
	struct changes changes = {0};
	json_t *report = change_report_to_json("m.yaml", &findings);
	json_t *list = json_array();
	struct change *change;

	add_text(&changes, "kernel", "/proc/sys/a", "0\n", "1", "why");
	changes.item[0].check = "K6-timer-migration";
	add_text(&changes, "kernel", "/proc/sys/b", "1", "1", "it holds");
	change_made(&changes, changes_add(&changes, CHANGE_GROUP, "cgroup", "/g"), false);
	change = changes_add(&changes, CHANGE_AFFINITY, "threads", "/proc/9/task/9");
	change_text(&changes, change, COMPARE_CPUS, "0-3", "0");
	snprintf(change->name, sizeof(change->name), "ksm\377");
	CU_ASSERT_EQUAL(changes_to_json(&changes, list), 0);
	CU_ASSERT_EQUAL(json_object_set_new(report, "changes", list), 0);
	CU_ASSERT_EQUAL(borrow_result_to_json(&result, report), 0);
	json_t *sorted = json_loads(expected, 0, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(sorted);
	CU_ASSERT_TRUE(json_equal(report, sorted));
	json_decref(sorted);
	json_decref(report);
	changes_done(&changes);
}

static void assert_result(const struct borrow_result result, const char *expected)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	borrow_result_print(&result, stream);
	CU_ASSERT_EQUAL_FATAL(fclose(stream), 0);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static void what_was_done_is_counted(void)
{
	assert_result((struct borrow_result){.written = 1}, "1 change made");
	assert_result((struct borrow_result){.written = 12, .restored = 3}, "12 changes made, 3 put back");
	assert_result((struct borrow_result){.restored = 3, .foreign = 1},
		      "3 put back (1 of them changed by others meanwhile)");
	assert_result((struct borrow_result){.restored = 3, .gone = 1}, "3 put back; 1 not, for it is no more");
	assert_result((struct borrow_result){.restored = 3, .gone = 2}, "3 put back; 2 not, for they are no more");
}

/* What goes back is turned round, last change first, without what is wanted still. */
static void what_is_wanted_no_longer_goes_back(void)
{
	struct changes wanted = {0};
	struct changes borrowed = {0};
	struct changes returned = {0};

	change_made(&borrowed, changes_add(&borrowed, CHANGE_GROUP, "cgroup", "/g"), false);
	change_made(&borrowed, changes_add(&borrowed, CHANGE_GROUP, "cgroup", "/there"), true);
	add_text(&borrowed, "cgroup", "/g/cpuset.cpus", NULL, "2-3", "");
	add_text(&borrowed, "kernel", "/kept", "0", "1", "");
	add_text(&borrowed, "kernel", "/dropped", "0", "1", "");
	change_restore(&borrowed, &borrowed.item[4], "member");
	add_text(&borrowed, "kernel", "/as-it-was", "1\n", "1", "");
	add_text(&wanted, "kernel", "/kept", "1", "1", "");
	changes_returned(&wanted, &borrowed, &returned);
	CU_ASSERT_FALSE(returned.lost);
	assert_printed(&returned,
		       "kernel:\n"
		       "  /dropped: 1 -> member\n"
		       "      (put back as it was)\n"
		       "cgroup:\n"
		       "  /g/cpuset.cpus: 2-3 -> (none)\n"
		       "  /g:             (control group) -> (none)\n"
		       "      (put back as it was)\n");
	changes_done(&returned);
	changes_returned(NULL, &borrowed, &returned);
	CU_ASSERT_EQUAL(returned.count, 4);
	changes_done(&returned);
	changes_done(&borrowed);
	changes_done(&wanted);
}

/* The same path and another kind, or the same number and another thread, are other settings. */
static void a_setting_is_told_by_more_than_its_path(void)
{
	struct changes wanted = {0};
	struct changes borrowed = {0};
	struct changes returned = {0};

	changes_add(&borrowed, CHANGE_AFFINITY, "threads", "/proc/9/task/9")->started = 5;
	changes_add(&borrowed, CHANGE_POLICY, "threads", "/proc/9/task/9")->started = 5;
	changes_add(&borrowed, CHANGE_AFFINITY, "threads", "/proc/8/task/8")->started = 5;
	changes_add(&wanted, CHANGE_AFFINITY, "threads", "/proc/9/task/9")->started = 5;
	changes_add(&wanted, CHANGE_AFFINITY, "threads", "/proc/8/task/8")->started = 6;
	changes_returned(&wanted, &borrowed, &returned);
	CU_ASSERT_EQUAL_FATAL(returned.count, 2);
	CU_ASSERT_STRING_EQUAL(returned.item[0].path, "/proc/8/task/8");
	CU_ASSERT_EQUAL(returned.item[1].kind, CHANGE_POLICY);
	changes_done(&returned);
	changes_done(&borrowed);
	changes_done(&wanted);
}

void test_change_print_register(void)
{
	CU_pSuite suite = CU_add_suite("change_print", NULL, NULL);

	CU_ADD_TEST(suite, what_holds_is_not_printed);
	CU_ADD_TEST(suite, a_domain_stands_together_and_a_reason_once);
	CU_ADD_TEST(suite, nothing_there_is_said_in_words);
	CU_ADD_TEST(suite, a_thread_has_its_name_and_a_long_reason_its_lines);
	CU_ADD_TEST(suite, a_long_file_is_counted);
	CU_ADD_TEST(suite, a_terminal_is_shown_nothing_else);
	CU_ADD_TEST(suite, json_is_whole);
	CU_ADD_TEST(suite, what_was_done_is_counted);
	CU_ADD_TEST(suite, what_is_wanted_no_longer_goes_back);
	CU_ADD_TEST(suite, a_setting_is_told_by_more_than_its_path);
}
