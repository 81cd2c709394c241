// SPDX-License-Identifier: Apache-2.0
/* A host as it was before it was changed, and what a new plan would take from partitions that run. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/change.h"
#include "core/base/journal_line.h"
#include "core/cli/cut.h"
#include "core/cli/cut_before.h"
#include "core/cli/running.h"
#include "core/host/threads.h"
#include "tests/unit/host_fixture.h"

void test_cut_before_register(void);

#define RT_RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
#define STAT "31 (kcomp) actd (1)) S 2 0 0 0 -1 2097216 0 0 0 0 0 3 0 0 -2 0 1 0 57 0 0 18446744073709551615 " \
	"0 0 0 0 0 0 0 2147483647 0 1 0 0 17 1 50 1 0 0 0"

static struct change *borrow(struct changes *changes, enum change_kind kind, const char *domain,
			     const char *path, const char *old, const char *value)
{
	struct change *change = changes_add(changes, kind, domain, "%s", path);

	change_text(changes, change, COMPARE_EXACT, old, "%s", value);
	return change;
}

static void assert_text(const struct host_facts *host, const char *path, const char *expected)
{
	const char *text = "";

	CU_ASSERT_EQUAL(host_text(&host->files, &text, "%s", path), 0);
	CU_ASSERT_STRING_EQUAL(text, expected);
}

static void settings_are_as_they_were(void)
{
	const struct host_shape shape = {.cores = 4};
	struct changes borrowed = {0};
	struct host_facts host;

	host_fixture_make(&host, &shape);
	host_fixture_put(&host, RT_RUNTIME, "-1");
	host_fixture_put(&host, "/proc/irq/24/smp_affinity_list", "0-1");
	host_fixture_put(&host, "/proc/irq/25/smp_affinity_list", "0-1");
	host_fixture_put(&host, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "200");
	borrow(&borrowed, CHANGE_TEXT, "kernel", RT_RUNTIME, "950000\n", "-1");
	borrow(&borrowed, CHANGE_TEXT, "interrupts", "/proc/irq/24/smp_affinity_list", "0-3\n", "0-1");
	borrow(&borrowed, CHANGE_TEXT, "hugepages", "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
	       "100\n", "200");
	borrow(&borrowed, CHANGE_TEXT, "kernel", "/proc/sys/gone", "1\n", "2");
	CU_ASSERT_EQUAL(cut_before(&host, &borrowed), 0);
	assert_text(&host, RT_RUNTIME, "950000");
	CU_ASSERT_TRUE(host.kernel.rt_runtime_us.known);
	CU_ASSERT_EQUAL(host.kernel.rt_runtime_us.value, 950000);
	assert_text(&host, "/proc/irq/24/smp_affinity_list", "0-3");
	assert_text(&host, "/proc/irq/25/smp_affinity_list", "0-1");
	assert_text(&host, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "200");
	const char *text;

	CU_ASSERT_EQUAL(host_text(&host.files, &text, "/proc/sys/gone"), -ENOENT);
	changes_done(&borrowed);
	host_fixture_done(&host);
}

/* Words of one file are switched one after the other: the first had the file as it was. */
static void the_first_of_several_words_counts(void)
{
	const struct host_shape shape = {.cores = 4};
	struct changes borrowed = {0};
	struct host_facts host;

	host_fixture_make(&host, &shape);
	host_fixture_put(&host, "/sys/kernel/debug/sched/features", "A B");
	borrow(&borrowed, CHANGE_TEXT, "kernel", "/sys/kernel/debug/sched/features", "NO_A NO_B\n", "A");
	borrow(&borrowed, CHANGE_TEXT, "kernel", "/sys/kernel/debug/sched/features", "A NO_B\n", "B");
	CU_ASSERT_EQUAL(cut_before(&host, &borrowed), 0);
	assert_text(&host, "/sys/kernel/debug/sched/features", "NO_A NO_B");
	changes_done(&borrowed);
	host_fixture_done(&host);
}

static void put_thread(struct host_facts *host)
{
	host_fixture_put(host, "/proc/2/task/2/stat", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 "
			 "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0");
	host_fixture_put(host, "/proc/2/task/2/status", "Name:\tkthreadd\nCpus_allowed_list:\t0-3\n");
	host_fixture_put(host, "/proc/31/task/31/stat", STAT);
	host_fixture_put(host, "/proc/31/task/31/status",
			 "Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\nMems_allowed_list:\t0\n");
}

/* As the plan reads them: a name may hold anything, and its thread is told by its start. */
static void threads_are_as_they_were(void)
{
	static const struct {
		uint64_t started;
		const char *cpus;
		unsigned policy, priority;
	} rows[] = {
		{57, "2-3", 0, 0},  /* itself */
		{58, "0-1", 1, 50}, /* another thread had that number */
	};
	const struct host_shape shape = {.cores = 4};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct changes borrowed = {0};
		struct host_threads threads = {0};
		struct host_facts host;
		char cpus[64];

		host_fixture_make(&host, &shape);
		put_thread(&host);
		borrow(&borrowed, CHANGE_AFFINITY, "threads", "/proc/31/task/31", "2-3", "0-1")->started =
			rows[i].started;
		borrow(&borrowed, CHANGE_POLICY, "threads", "/proc/31/task/31", "other", "fifo 50")->started =
			rows[i].started;
		CU_ASSERT_EQUAL(cut_before(&host, &borrowed), 0);
		CU_ASSERT_EQUAL_FATAL(threads_parse(&host.files, &threads), 0);
		CU_ASSERT_EQUAL_FATAL(threads.count, 2);
		const struct host_thread *thread = &threads.thread[threads.thread[0].tid == 31 ? 0 : 1];

		CU_ASSERT_STRING_EQUAL(cpulist_format(&thread->cpus, cpus, sizeof(cpus)), rows[i].cpus);
		CU_ASSERT_EQUAL(thread->policy, rows[i].policy);
		CU_ASSERT_EQUAL(thread->priority, rows[i].priority);
		CU_ASSERT_EQUAL(thread->started, 57);
		threads_done(&threads);
		changes_done(&borrowed);
		host_fixture_done(&host);
	}
}

static void what_is_there_now_is_said(void)
{
	struct changes planned = {0};
	struct changes now = {0};

	borrow(&planned, CHANGE_TEXT, "kernel", "/a", "0", "1");
	borrow(&planned, CHANGE_TEXT, "kernel", "/b", "1", "1");
	borrow(&planned, CHANGE_TEXT, "kernel", "/c", "0", "1");
	borrow(&planned, CHANGE_TEXT, "kernel", "/d", "0", "1");
	borrow(&now, CHANGE_TEXT, "kernel", "/a", "1", "9");
	borrow(&now, CHANGE_TEXT, "kernel", "/b", "0", "9");
	borrow(&now, CHANGE_TEXT, "kernel", "/d", NULL, "9");
	cut_before_undo(&planned, &now);
	CU_ASSERT_FALSE(planned.lost);
	CU_ASSERT_TRUE(planned.item[0].held);
	CU_ASSERT_FALSE(planned.item[1].held);
	CU_ASSERT_STRING_EQUAL(planned.item[1].old, "0");
	CU_ASSERT_STRING_EQUAL(planned.item[2].old, "0");
	CU_ASSERT_PTR_NULL(planned.item[3].old);
	CU_ASSERT_STRING_EQUAL(planned.item[3].value, "1");
	changes_done(&planned);
	changes_done(&now);
}

static void found_from_any_place(void)
{
	struct changes changes = {0};
	char path[16];

	for (unsigned i = 0; i < 7; i++) {
		snprintf(path, sizeof(path), "/%u", i);
		changes_add(&changes, CHANGE_TEXT, "kernel", "%s", path);
	}
	for (size_t from = 0; from < 7; from++) {
		for (size_t i = 0; i < 7; i++) {
			size_t at = from;

			CU_ASSERT_PTR_EQUAL(change_among(&changes, &changes.item[i], &at), &changes.item[i]);
			CU_ASSERT_EQUAL(at, i);
		}
	}
	changes_done(&changes);
}

/* Groups of names that no host has: whether somebody is in them is nobody's but their partition's lock. */
static void running_partitions_are_spared(void)
{
	static const struct {
		const char *path, *old, *value;
		bool returned;
		bool refused;
	} rows[] = {
		{"/sys/fs/cgroup/bulkhead-zz9/cpuset.cpus", "2", "2-3", false, true},
		{"/sys/fs/cgroup/bulkhead-zz9/cpuset.cpus", "2", "2", false, false},
		{"/sys/fs/cgroup/bulkhead-zz9/cpuset.cpus", NULL, "2", false, false},
		{"/sys/fs/cgroup/bulkhead-zz9/cpuset.cpus", "2", "2", true, true},
		{"/sys/fs/cgroup/bulkhead-zz8/cpuset.cpus", "2", "2-3", false, false},
		{"/sys/fs/cgroup/bulkhead-zz8/cpuset.cpus", "2", "2-3", true, false},
		{"/sys/fs/cgroup/bulkhead.io/cpuset.cpus", "0", "0-1", false, false},
		{"/sys/fs/cgroup/cgroup.subtree_control", "memory", "+cpuset", false, false},
	};
	char names[][PARTITION_NAME_MAX] = {"other", "zz9"};
	const struct running running = {names, 2};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cut_plan plan = {0};

		borrow(rows[i].returned ? &plan.returned : &plan.changes, CHANGE_GROUP_TEXT, "cgroup",
		       rows[i].path, rows[i].old, rows[i].value);
		cut_plan_spare(&plan, &running);
		CU_ASSERT_EQUAL(plan.findings.count, rows[i].refused);
		if (plan.findings.count > 0) {
			CU_ASSERT_STRING_EQUAL(plan.findings.item[0].rule, "partition-running");
			CU_ASSERT_PTR_NOT_NULL(strstr(plan.findings.item[0].diag.text, "bulkhead-zz9"));
			CU_ASSERT_PTR_NOT_NULL(strstr(plan.findings.item[0].diag.remedy, "other, zz9"));
		}
		cut_plan_done(&plan);
	}
}

/* What is not asked to hold already, as doctor --fix chooses it; files of no group are nobody's. */
static void changes_alone_spare_them_too(void)
{
	char names[][PARTITION_NAME_MAX] = {"zz9"};
	const struct running running = {names, 1};
	const struct running none = {0};
	struct changes changes = {0};
	struct findings findings = {0};

	borrow(&changes, CHANGE_TEXT, "kernel", RT_RUNTIME, "950000", "-1");
	changes_spare(&changes, &running, &findings);
	CU_ASSERT_EQUAL(findings.count, 0);
	borrow(&changes, CHANGE_GROUP_TEXT, "cgroup", "/sys/fs/cgroup/bulkhead-zz9/cpuset.cpus.partition", "member",
	       "isolated");
	changes_spare(&changes, &none, &findings);
	CU_ASSERT_EQUAL(findings.count, 0);
	changes_spare(&changes, &running, &findings);
	CU_ASSERT_EQUAL_FATAL(findings.count, 1);
	CU_ASSERT_EQUAL(findings.item[0].kind, FINDING_REFUSED);
	findings_done(&findings);
	changes_done(&changes);
}

/* Nothing of it would be changed, but for what is put back first. */
static void an_unfinished_apply_spares_them(void)
{
	char names[][PARTITION_NAME_MAX] = {"plc", "zz9"};
	const struct running one = {names, 1};
	const struct running two = {names, 2};
	const struct running none = {0};
	struct cut_plan plan = {.unfinished = true};

	cut_plan_spare(&plan, &none);
	CU_ASSERT_EQUAL(plan.findings.count, 0);
	cut_plan_spare(&plan, &one);
	cut_plan_spare(&plan, &two);
	CU_ASSERT_EQUAL_FATAL(plan.findings.count, 2);
	CU_ASSERT_EQUAL(plan.findings.item[0].kind, FINDING_REFUSED);
	CU_ASSERT_STRING_EQUAL(plan.findings.item[0].rule, "partition-running");
	CU_ASSERT_STRING_EQUAL(plan.findings.item[0].diag.text, "1 partition runs on what was applied: plc");
	CU_ASSERT_STRING_EQUAL(plan.findings.item[0].diag.remedy, "stop it first, by bulkhead stop");
	CU_ASSERT_STRING_EQUAL(plan.findings.item[1].diag.text, "2 partitions run on what was applied: plc, zz9");
	plan.unfinished = false;
	cut_plan_spare(&plan, &two);
	CU_ASSERT_EQUAL(plan.findings.count, 2);
	cut_plan_done(&plan);
}

static void append(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	CU_ASSERT_EQUAL(fclose(file), 0);
}

/* One that was ended before its first change has left none. */
static void an_unfinished_apply_is_known_by_its_journal(void)
{
	char folder[] = "/tmp/bulkhead-unfinished-XXXXXX";
	char path[sizeof(folder) + 8];
	char setting[] = "/proc/sys/none";
	char value[] = "1";
	const struct journal_record record = {.change = {.path = setting, .value = value}};
	const struct borrow journal = {.folder = folder};
	char *line = journal_line_encode(JOURNAL_RECORD, &record);

	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/journal", folder);
	CU_ASSERT_FALSE(applied_unfinished(&journal));
	append(path, "{\"journal\":1}\n{\"begin\":\"apply\"}\n");
	CU_ASSERT_FALSE(applied_unfinished(&journal));
	append(path, line);
	CU_ASSERT_TRUE(applied_unfinished(&journal));
	append(path, "{\"end\":true}\n");
	CU_ASSERT_FALSE(applied_unfinished(&journal));
	append(path, "no journal\n");
	CU_ASSERT_TRUE(applied_unfinished(&journal));
	free(line);
	unlink(path);
	rmdir(folder);
}

static void names_are_listed_as_far_as_there_is_room(void)
{
	char names[][PARTITION_NAME_MAX] = {"plc", "panel"};
	const struct running running = {names, 2};
	char text[8];
	char whole[32];

	CU_ASSERT_STRING_EQUAL(running_list(&running, whole, sizeof(whole)), "plc, panel");
	CU_ASSERT_STRING_EQUAL(running_list(&running, text, sizeof(text)), "plc, pa");
	CU_ASSERT_STRING_EQUAL(running_list(&(struct running){0}, text, sizeof(text)), "");
	CU_ASSERT_TRUE(running_has(&running, "panel"));
	CU_ASSERT_FALSE(running_has(&running, "pane"));
}

void test_cut_before_register(void)
{
	CU_pSuite suite = CU_add_suite("cut_before", NULL, NULL);

	CU_ADD_TEST(suite, settings_are_as_they_were);
	CU_ADD_TEST(suite, the_first_of_several_words_counts);
	CU_ADD_TEST(suite, threads_are_as_they_were);
	CU_ADD_TEST(suite, what_is_there_now_is_said);
	CU_ADD_TEST(suite, found_from_any_place);
	CU_ADD_TEST(suite, running_partitions_are_spared);
	CU_ADD_TEST(suite, changes_alone_spare_them_too);
	CU_ADD_TEST(suite, an_unfinished_apply_spares_them);
	CU_ADD_TEST(suite, an_unfinished_apply_is_known_by_its_journal);
	CU_ADD_TEST(suite, names_are_listed_as_far_as_there_is_room);
}
