// SPDX-License-Identifier: Apache-2.0
/* The machine in the journal: what is watched is what was applied last, whatever the file says by now. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "core/cli/applied_machine.h"
#include "core/cli/drift_look.h"
#include "core/config/machine.h"

void test_applied_machine_register(void);

static char folder[] = "/tmp/bulkhead-applied-XXXXXX";

/* The file, which is not written here. */
static char *stored;

static int set_up(void)
{
	return mkdtemp(folder) == NULL;
}

static int tear_down(void)
{
	return rmdir(folder) == 0 || errno == ENOENT ? 0 : 1;
}

static bool is_machine(const struct change *change)
{
	return strcmp(change->path, APPLIED_MACHINE_FILE) == 0;
}

static int read_stored(const struct change *change, char **ret, struct diag *why)
{
	(void)why;
	if (change->kind == CHANGE_FILE && stored == NULL)
		return -ENOENT;
	*ret = strdup(is_machine(change) ? stored : "");
	return 0;
}

static int write_stored(const struct change *change, const char *text, struct diag *why)
{
	(void)why;
	CU_ASSERT_TRUE(is_machine(change));
	free(stored);
	stored = strdup(text);
	return 0;
}

static int remove_stored(const struct change *change, struct diag *why)
{
	(void)why;
	CU_ASSERT_TRUE(is_machine(change));
	free(stored);
	stored = NULL;
	return 0;
}

static const struct borrow_calls calls = {.read = read_stored, .write = write_stored, .remove = remove_stored};
static const struct borrow borrow = {.folder = folder, .calls = &calls};

static void load(unsigned cpu, const char *drift, struct machine_config *ret)
{
	struct diag why = {0};
	char text[512];

	snprintf(text, sizeof(text), "machine: test\nhost: {drift: %s}\npartitions:\n  - name: plc\n"
		 "    profile: industrial\n    cpus: %u\n    memory: {size: 32M}\n    boot: {kernel: probe}\n",
		 drift, cpu);
	CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), "given.yaml", ret, &why), 0);
}

static void apply(const struct machine_config *machine)
{
	struct changes changes = {0};
	struct borrow_result result;
	struct diag why = {0};

	CU_ASSERT_EQUAL(applied_machine_change(machine, &changes), 0);
	CU_ASSERT_EQUAL(borrow_apply(&borrow, &changes, &result, &why), 0);
	changes_done(&changes);
}

static void assert_watched(const struct drift_watch *watch, unsigned cpu, bool repair)
{
	CU_ASSERT_EQUAL_FATAL(watch->machine->partition_count, 1);
	CU_ASSERT_STRING_EQUAL(watch->machine->partition[0].name, "plc");
	CU_ASSERT_TRUE(cpulist_has(&watch->machine->partition[0].cpus, cpu));
	CU_ASSERT_EQUAL(watch->machine->repair_drift, repair);
}

static void what_was_applied_last_is_watched(void)
{
	struct machine_config given, other;
	struct drift_watch watch = {.borrow = &borrow, .machine = &given};
	struct borrow_result result;
	struct diag why = {0};

	load(2, "repair", &given);
	load(3, "report", &other);
	CU_ASSERT_EQUAL(drift_watch_reload(&watch, &why), -ENOENT);
	apply(&given);
	CU_ASSERT_EQUAL(drift_watch_reload(&watch, &why), 0);
	assert_watched(&watch, 2, true);
	CU_ASSERT_TRUE(applied_machine_is(&watch.applied, &given));
	CU_ASSERT_FALSE(applied_machine_is(&watch.applied, &other));
	/* The file was edited: nothing was applied. */
	machine_done(&given);
	load(5, "report", &given);
	CU_ASSERT_EQUAL(drift_watch_reload(&watch, &why), 0);
	assert_watched(&watch, 2, true);
	CU_ASSERT_FALSE(applied_machine_is(&watch.applied, &given));
	/* Another one was. */
	apply(&other);
	CU_ASSERT_EQUAL(drift_watch_reload(&watch, &why), 0);
	assert_watched(&watch, 3, false);
	CU_ASSERT_EQUAL(borrow_revert(&borrow, &result, &why), 0);
	CU_ASSERT_PTR_NULL(stored);
	drift_watch_done(&watch);
	machine_done(&given);
	machine_done(&other);
}

static void a_journal_without_a_machine_leaves_the_file(void)
{
	struct machine_config given;
	struct drift_watch watch = {.borrow = &borrow, .machine = &given};
	struct changes changes = {0};
	struct borrow_result result;
	struct diag why = {0};
	struct change *change = changes_add(&changes, CHANGE_TEXT, "kernel", "/proc/sys/kernel/nothing");

	load(2, "repair", &given);
	change_text(&changes, change, COMPARE_EXACT, "", "%s", "");
	CU_ASSERT_EQUAL(borrow_apply(&borrow, &changes, &result, &why), 0);
	CU_ASSERT_EQUAL(drift_watch_reload(&watch, &why), 0);
	CU_ASSERT_PTR_EQUAL(watch.machine, &given);
	CU_ASSERT_FALSE(applied_machine_is(&watch.applied, &given));
	CU_ASSERT_EQUAL(borrow_revert(&borrow, &result, &why), 0);
	changes_done(&changes);
	drift_watch_done(&watch);
	machine_done(&given);
}

/* Whoever may write the journal may write anything. */
static void what_is_no_machine_is_refused(void)
{
	struct changes applied = {0};
	struct machine_config machine = {0};
	struct diag why = {0};
	struct change *change = changes_add(&applied, CHANGE_FILE, "machine", "%s", APPLIED_MACHINE_FILE);

	CU_ASSERT_EQUAL(applied_machine_find(&applied, &machine, &why), -ENOENT);
	change_text(&applied, change, COMPARE_EXACT, NULL, "machine: [1, 2");
	CU_ASSERT(applied_machine_find(&applied, &machine, &why) < 0);
	CU_ASSERT_STRING_EQUAL(why.file, APPLIED_MACHINE_FILE);
	CU_ASSERT_EQUAL(machine.partition_count, 0);
	changes_done(&applied);
}

void test_applied_machine_register(void)
{
	CU_pSuite suite = CU_add_suite("test_applied_machine", set_up, tear_down);

	CU_ADD_TEST(suite, what_was_applied_last_is_watched);
	CU_ADD_TEST(suite, a_journal_without_a_machine_leaves_the_file);
	CU_ADD_TEST(suite, what_is_no_machine_is_refused);
}
