// SPDX-License-Identifier: Apache-2.0
/* Threads of the kernel beside real-time partitions: which move, which go before vCPUs, which stay. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rt/host_changes.h"
#include "tests/unit/changes_fixture.h"
#include "tests/unit/doctor_fixture.h"
#include "tests/unit/thread_facts.h"

void test_thread_changes_register(void);

/* struct thread_row - a thread as /proc shows it. */
struct thread_row {
	const char *stat_path;
	const char *stat;
	const char *status_path;
	const char *status;
};

#define ROW(tid, name, flags, priority, policy, cpus) \
	{THREAD_PATH(tid, tid, "stat"), THREAD_STAT(tid, name, flags, priority, policy), \
	 THREAD_PATH(tid, tid, "status"), THREAD_STATUS(name, cpus)}

/* The doctor's good host with SCHED_FIFO partitions on CPUs 2 and 3, and one thread more. */
static void set_up(struct change_bench *bench, const struct thread_row *row)
{
	struct doctor_bench good;

	doctor_set_up(&good);
	*bench = (struct change_bench){.host = good.host};
	change_bench_cut(bench, "2-3", "");
	if (row == NULL)
		return;
	CU_ASSERT_EQUAL_FATAL(host_files_put(&bench->host.files, row->stat_path, row->stat), 0);
	CU_ASSERT_EQUAL_FATAL(host_files_put(&bench->host.files, row->status_path, row->status), 0);
}

static const struct change *find(const struct change_bench *bench, enum change_kind kind, const char *path)
{
	for (size_t i = 0; i < bench->changes.count; i++) {
		if (bench->changes.item[i].kind == kind && strcmp(bench->changes.item[i].path, path) == 0)
			return &bench->changes.item[i];
	}
	return NULL;
}

static size_t count_rule(const struct change_bench *bench, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < bench->findings.count; i++)
		count += strcmp(bench->findings.item[i].rule, rule) == 0;
	return count;
}

/* Where thread 71 is to go: @value NULL, it is left alone. */
static void assert_placed(const struct thread_row *row, const char *value, const char *old, bool held)
{
	struct change_bench bench;

	set_up(&bench, row);
	change_bench_plan(&bench, thread_changes);
	const struct change *change = find(&bench, CHANGE_AFFINITY, "/proc/71/task/71");

	CU_ASSERT_EQUAL(change == NULL, value == NULL);
	if (change != NULL && value != NULL) {
		CU_ASSERT_STRING_EQUAL(change->value, value);
		CU_ASSERT_EQUAL(change->held, held);
		CU_ASSERT_STRING_EQUAL(change->old, old);
		CU_ASSERT_EQUAL(change->started, 5);
		CU_ASSERT_NOT_EQUAL(change->name[0], '\0');
		CU_ASSERT_STRING_EQUAL(change->domain, "threads");
		CU_ASSERT_PTR_NULL(strchr(change->reason, '.'));
	} else if ((change == NULL) != (value == NULL)) {
		fprintf(stderr, "%s: %s\n", row->stat, change == NULL ? "left alone" : change->value);
	}
	assert_fixed_point(&bench, thread_changes, row->stat);
	change_bench_done(&bench);
}

static void threads_that_can_move_do(void)
{
	static const struct {
		struct thread_row row;
		const char *value;
		const char *old;
		bool held;
	} cases[] = {
		{ROW("71", "kswapd0", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-3"), "0-1", "0-3", false},
		{ROW("71", "rcuog/2", THREAD_OF_KERNEL, "1", POLICY_FIFO, "1-3"), "1", "1-3", false},
		{ROW("71", "rcuop/2", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-1"), "0-1", "0-1", true},
		/* CPUs that might come and are not there: nobody gets them by asking. */
		{ROW("71", "kcompactd0", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-127"), "0-1", "0-3", false},
		{ROW("71", "kcompactd0", THREAD_OF_KERNEL, "0", POLICY_OTHER, "1,4-127"), "1", "1", true},
		/* Nothing is left of what it has. */
		{ROW("71", "idle_inject/2", THREAD_OF_KERNEL, "49", POLICY_FIFO, "2"), "0-1", "2", false},
		{ROW("71", "kthread", THREAD_OF_KERNEL, "0", POLICY_OTHER, "2-3,8"), "0-1", "2-3", false},
		/* Those that follow others, or belong to a CPU, or to a process. */
		{ROW("71", "irq/46-ahci", THREAD_OF_KERNEL, "50", POLICY_FIFO, "0-3"), NULL, NULL, false},
		{ROW("71", "kworker/R-netns", THREAD_WORKER, "0", POLICY_OTHER, "0-3"), NULL, NULL, false},
		{ROW("71", "migration/2", THREAD_OF_ONE_CPU, "99", POLICY_FIFO, "2"), NULL, NULL, false},
		{ROW("71", "sugov:2", THREAD_OF_KERNEL, "0", POLICY_DEADLINE, "2"), NULL, NULL, false},
		{ROW("71", "sshd", THREAD_OF_USER, "0", POLICY_OTHER, "0-3"), NULL, NULL, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_placed(&cases[i].row, cases[i].value, cases[i].old, cases[i].held);
}

static void a_thread_of_vhost_is_the_remedy_of_its_own_check(void)
{
	static const struct thread_row row = ROW("71", "vhost-900", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-3");
	struct change_bench bench;

	set_up(&bench, &row);
	change_bench_plan(&bench, thread_changes);
	const struct change *change = find(&bench, CHANGE_AFFINITY, "/proc/71/task/71");

	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	CU_ASSERT_STRING_EQUAL(change->check, "P20-vhost");
	assert_fixed_point(&bench, thread_changes, "vhost");
	change_bench_done(&bench);
}

static void threads_that_stay_are_named_once(void)
{
	static const struct thread_row row = ROW("71", "held-fast", THREAD_OF_ONE_CPU, "0", POLICY_OTHER, "0-3");
	struct change_bench bench;

	set_up(&bench, NULL);
	change_bench_plan(&bench, thread_changes);
	CU_ASSERT_EQUAL(bench.findings.count, 0);
	change_bench_done(&bench);

	set_up(&bench, &row);
	change_bench_plan(&bench, thread_changes);
	CU_ASSERT_EQUAL_FATAL(bench.findings.count, 1);
	CU_ASSERT_EQUAL(bench.findings.item[0].kind, FINDING_NOTE);
	CU_ASSERT_STRING_EQUAL(bench.findings.item[0].rule, "thread-bound");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.findings.item[0].diag.text, "CPU 2-3"));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.findings.item[0].diag.text, "held-fast (71)"));
	change_bench_done(&bench);
}

/* What the policy of thread 71 is to be, beside vCPUs of @priority. */
static void assert_policy(const struct thread_row *row, unsigned priority, const char *value, bool held)
{
	struct change_bench bench;

	set_up(&bench, row);
	bench.partition[0].schedule.priority = priority;
	change_bench_plan(&bench, thread_changes);
	const struct change *change = find(&bench, CHANGE_POLICY, "/proc/71/task/71");

	CU_ASSERT_EQUAL(change == NULL, value == NULL);
	if (change != NULL && value != NULL) {
		CU_ASSERT_STRING_EQUAL(change->value, value);
		CU_ASSERT_EQUAL(change->held, held);
		CU_ASSERT_EQUAL(change->started, 5);
		CU_ASSERT_PTR_NOT_NULL(change->check);
		if (strcmp(change->value, value) != 0)
			fprintf(stderr, "%s: %s, not %s\n", row->stat, change->value, value);
	} else if (change != NULL || value != NULL) {
		fprintf(stderr, "%s: %s\n", row->stat, change == NULL ? "left alone" : change->value);
	}
	if (value != NULL)
		assert_fixed_point(&bench, thread_changes, row->stat);
	change_bench_done(&bench);
}

static void what_others_wait_for_goes_before_vcpus(void)
{
	static const struct {
		struct thread_row row;
		const char *value;
		unsigned priority;
		bool held;
	} cases[] = {
		{ROW("71", "ksoftirqd/2", THREAD_OF_ONE_CPU, "0", POLICY_OTHER, "2"), "fifo 2", 1, false},
		{ROW("71", "ktimers/3", THREAD_OF_ONE_CPU, "1", POLICY_FIFO, "3"), "fifo 2", 1, false},
		{ROW("71", "ktimersoftd/3", THREAD_OF_ONE_CPU, "1", POLICY_FIFO, "3"), "fifo 11", 10, false},
		{ROW("71", "rcuc/2", THREAD_OF_ONE_CPU, "1", POLICY_FIFO, "2"), "fifo 3", 1, false},
		{ROW("71", "rcub/1", THREAD_OF_KERNEL, "1", POLICY_FIFO, "0-1"), "fifo 3", 1, false},
		{ROW("71", "ksoftirqd/2", THREAD_OF_ONE_CPU, "0", "3", "2"), "fifo 2", 1, false},
		/* Above already, one way or another. */
		{ROW("71", "ksoftirqd/2", THREAD_OF_ONE_CPU, "9", "2", "2"), "rr 9", 1, true},
		{ROW("71", "ksoftirqd/2", THREAD_OF_ONE_CPU, "0", POLICY_DEADLINE, "2"), NULL, 1, false},
		{ROW("71", "rcuc/2", THREAD_OF_ONE_CPU, "40", POLICY_FIFO, "2"), "fifo 40", 1, true},
		{ROW("71", "ksoftirqd/2", THREAD_OF_ONE_CPU, "2", POLICY_FIFO, "2"), "fifo 2", 1, true},
		/* There is no more than 99. */
		{ROW("71", "ksoftirqd/2", THREAD_OF_ONE_CPU, "0", POLICY_OTHER, "2"), "fifo 99", 98, false},
		{ROW("71", "rcuc/2", THREAD_OF_ONE_CPU, "1", POLICY_FIFO, "2"), "fifo 99", 98, false},
		/* Of other CPUs, and other threads. */
		{ROW("71", "ksoftirqd/1", THREAD_OF_ONE_CPU, "0", POLICY_OTHER, "1"), NULL, 1, false},
		{ROW("71", "kworker/2:1", THREAD_WORKER, "0", POLICY_OTHER, "2"), NULL, 1, false},
		{ROW("71", "rcub/x", THREAD_OF_KERNEL, "1", POLICY_FIFO, "0-1"), NULL, 1, false},
		{ROW("71", "ksoftirqd/2", THREAD_OF_USER, "0", POLICY_OTHER, "1"), NULL, 1, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_policy(&cases[i].row, cases[i].priority, cases[i].value, cases[i].held);
}

/* A SCHED_DEADLINE vCPU goes before every priority, and ends by itself. */
static void temporal_partitions_need_no_priorities(void)
{
	struct change_bench bench;

	set_up(&bench, NULL);
	change_bench_cut(&bench, "", "2-3");
	change_bench_plan(&bench, thread_changes);
	CU_ASSERT_NOT_EQUAL(bench.changes.count, 0);
	for (size_t i = 0; i < bench.changes.count; i++)
		CU_ASSERT_EQUAL(bench.changes.item[i].kind, CHANGE_AFFINITY);
	change_bench_cut(&bench, "", "");
	change_bench_plan(&bench, thread_changes);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	change_bench_done(&bench);
}

static void threads_that_are_not_seen_are_unknown(void)
{
	struct change_bench bench;

	/* kthreadd is not to be seen. */
	set_up(&bench, NULL);
	host_files_remove(&bench.host.files, THREAD_PATH("2", "2", "stat"));
	change_bench_plan(&bench, thread_changes);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	CU_ASSERT_EQUAL(count_rule(&bench, "thread-unknown"), 1);
	CU_ASSERT_EQUAL(bench.findings.item[0].kind, FINDING_UNKNOWN);
	change_bench_done(&bench);

	/* One whose CPUs are not told: the others are moved, and it is said. */
	set_up(&bench, NULL);
	CU_ASSERT_EQUAL_FATAL(host_files_put_error(&bench.host.files, THREAD_PATH("3", "3", "status"), EACCES), 0);
	change_bench_plan(&bench, thread_changes);
	CU_ASSERT_PTR_NOT_NULL(find(&bench, CHANGE_AFFINITY, "/proc/2/task/2"));
	CU_ASSERT_PTR_NULL(find(&bench, CHANGE_AFFINITY, "/proc/3/task/3"));
	CU_ASSERT_EQUAL(count_rule(&bench, "thread-unknown"), 1);
	change_bench_done(&bench);
}

static void a_changed_host_asks_for_the_same_again(void)
{
	assert_fixed_points(thread_changes);
}

void test_thread_changes_register(void)
{
	CU_pSuite suite = CU_add_suite("test_thread_changes", NULL, NULL);

	CU_ADD_TEST(suite, threads_that_can_move_do);
	CU_ADD_TEST(suite, a_thread_of_vhost_is_the_remedy_of_its_own_check);
	CU_ADD_TEST(suite, threads_that_stay_are_named_once);
	CU_ADD_TEST(suite, what_others_wait_for_goes_before_vcpus);
	CU_ADD_TEST(suite, temporal_partitions_need_no_priorities);
	CU_ADD_TEST(suite, threads_that_are_not_seen_are_unknown);
	CU_ADD_TEST(suite, a_changed_host_asks_for_the_same_again);
}
