// SPDX-License-Identifier: Apache-2.0
/* Threads of /proc/PID/task/TID: every field from its place, and nothing taken for granted. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "core/host/files.h"
#include "core/host/threads.h"
#include "tests/unit/thread_facts.h"

void test_threads_register(void);

#define KTHREADD THREAD_PATH("2", "2", "stat"), THREAD_STAT("2", "kthreadd", THREAD_OF_KERNEL, "0", POLICY_OTHER)

static void set_up(struct host_files *files)
{
	*files = (struct host_files){.complete = true};
	host_files_put(files, KTHREADD);
	host_files_put(files, THREAD_PATH("2", "2", "status"), THREAD_STATUS("kthreadd", "0-3"));
}

/* One more thread, 7 of process 5; 0 or what threads_parse() says. */
static int parse_with(const char *stat, const char *status, struct host_threads *ret)
{
	struct host_files files;

	set_up(&files);
	host_files_put(&files, THREAD_PATH("5", "7", "stat"), stat);
	if (status != NULL)
		host_files_put(&files, THREAD_PATH("5", "7", "status"), status);
	host_files_sort(&files);
	int error = threads_parse(&files, ret);

	host_files_done(&files);
	return error;
}

static void fields_come_from_their_places(void)
{
	struct host_threads threads;
	const struct host_thread *thread;

	CU_ASSERT_EQUAL_FATAL(parse_with(THREAD_STAT("7", "vcpu/1", THREAD_OF_USER, "42", POLICY_FIFO),
					 THREAD_STATUS("vcpu/1", "3"), &threads), 0);
	CU_ASSERT_EQUAL_FATAL(threads.count, 2);
	thread = threads_find(&threads, "vcpu/1");
	CU_ASSERT_PTR_NOT_NULL_FATAL(thread);
	CU_ASSERT_EQUAL(thread->pid, 5);
	CU_ASSERT_EQUAL(thread->tid, 7);
	CU_ASSERT_FALSE(thread->kernel);
	CU_ASSERT_EQUAL(thread->policy, SCHED_FIFO);
	CU_ASSERT_EQUAL(thread->priority, 42);
	CU_ASSERT_EQUAL(thread->started, 5);
	CU_ASSERT_TRUE(thread_is_real_time(thread));
	CU_ASSERT_EQUAL(thread->error, 0);
	CU_ASSERT_EQUAL(cpulist_count(&thread->cpus), 1);
	CU_ASSERT_TRUE(cpulist_has(&thread->cpus, 3));
	CU_ASSERT_TRUE(threads_find(&threads, "kthreadd")->kernel);
	CU_ASSERT_FALSE(thread_is_real_time(threads_find(&threads, "kthreadd")));
	CU_ASSERT_PTR_NULL(threads_find(&threads, "tuned"));
	threads_done(&threads);
}

static void a_worker_is_told_from_others(void)
{
	struct host_threads threads;

	CU_ASSERT_EQUAL_FATAL(parse_with(THREAD_STAT("7", "kworker/u8:1", THREAD_WORKER, "0", POLICY_OTHER),
					 THREAD_STATUS("kworker/u8:1", "0-3"), &threads), 0);
	CU_ASSERT_TRUE(threads_find(&threads, "kworker/u8:1")->worker);
	CU_ASSERT_TRUE(threads_find(&threads, "kworker/u8:1")->bound);
	CU_ASSERT_FALSE(threads_find(&threads, "kthreadd")->bound);
	threads_done(&threads);
}

static void names_may_hold_anything(void)
{
	struct host_threads threads;

	CU_ASSERT_EQUAL_FATAL(parse_with(THREAD_STAT("7", "a) R 1 (b", THREAD_OF_USER, "0", POLICY_OTHER),
					 THREAD_STATUS("x", "0"), &threads), 0);
	CU_ASSERT_PTR_NOT_NULL(threads_find(&threads, "a) R 1 (b"));
	threads_done(&threads);
	CU_ASSERT_EQUAL_FATAL(parse_with(THREAD_STAT("7", "\x1b[2J\xff", THREAD_OF_USER, "0", POLICY_OTHER),
					 THREAD_STATUS("x", "0"), &threads), 0);
	CU_ASSERT_PTR_NOT_NULL(threads_find(&threads, "?[2J?"));
	threads_done(&threads);
	CU_ASSERT_EQUAL_FATAL(parse_with(THREAD_STAT("7", "0123456789012345678901234567890123456789012345678901234567"
						     "890123456789", THREAD_OF_USER, "0", POLICY_OTHER),
					 THREAD_STATUS("x", "0"), &threads), 0);
	CU_ASSERT_EQUAL(strlen(threads.thread[1].name), THREAD_NAME_MAX - 1);
	threads_done(&threads);
}

static void bad_texts_are_refused(void)
{
	static const char *const texts[] = {
		"", "7", "7 (a", "7 a)", ")(", "7 (a)", "7 (a) S", "7 (a) S 1 1 1 0 -1 4194304",
		"7 (a)S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0",
		THREAD_STAT("7", "a", "many", "0", POLICY_OTHER),
		THREAD_STAT("7", "a", THREAD_OF_USER, "-1", POLICY_OTHER),
		THREAD_STAT("7", "a", THREAD_OF_USER, "99999999999", POLICY_OTHER),
		THREAD_STAT("7", "a", THREAD_OF_USER, "0", "x"),
		"7 (a) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 -5 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0",
		"7 (a) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 "
		"0 0 0 0",
	};
	struct host_threads threads;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CU_ASSERT_EQUAL(parse_with(texts[i], THREAD_STATUS("a", "0"), &threads), -EINVAL);
}

static void cpus_that_are_not_told_are_unknown(void)
{
	static const char *const texts[] = {
		"", "Name:\ta", "Name:\ta\nCpus_allowed_list:", "Name:\ta\nCpus_allowed_list:\t3-1\n",
		"Name:\ta\nCpus_allowed_list:\tx\n", "Name:\tCpus_allowed_list:\t0",
	};
	struct host_threads threads;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CU_ASSERT_EQUAL_FATAL(parse_with(THREAD_STAT("7", "a", THREAD_OF_USER, "0", POLICY_OTHER),
						 texts[i], &threads), 0);
		CU_ASSERT_EQUAL_FATAL(threads.count, 2);
		CU_ASSERT_EQUAL(threads_find(&threads, "a")->error, EINVAL);
		threads_done(&threads);
	}
}

static void threads_that_ended_are_left_out(void)
{
	static const int gone[] = {ENOENT, ESRCH};
	struct host_threads threads;
	struct host_files files;

	for (size_t i = 0; i < 2; i++) {
		set_up(&files);
		host_files_put_error(&files, THREAD_PATH("5", "7", "stat"), gone[i]);
		host_files_put(&files, THREAD_PATH("5", "8", "stat"),
			       THREAD_STAT("8", "a", THREAD_OF_USER, "0", POLICY_OTHER));
		host_files_put_error(&files, THREAD_PATH("5", "8", "status"), gone[i]);
		host_files_sort(&files);
		CU_ASSERT_EQUAL_FATAL(threads_parse(&files, &threads), 0);
		CU_ASSERT_EQUAL(threads.count, 1);
		threads_done(&threads);
		host_files_done(&files);
	}
	CU_ASSERT_EQUAL_FATAL(parse_with("7 (a) Z 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 0 0 0 0 0 0 0 "
					 "0 0 0 0 0 17 0 0 0 0 0", THREAD_STATUS("a", "0"), &threads), 0);
	CU_ASSERT_EQUAL(threads.count, 1);
	threads_done(&threads);
}

static void a_list_that_is_not_whole_is_unknown(void)
{
	struct host_files files = {.complete = true};
	struct host_threads threads;

	/* A PID namespace, or hidepid: kthreadd is not to be seen. */
	host_files_put(&files, THREAD_PATH("2", "2", "stat"),
		       THREAD_STAT("2", "kthreadd", THREAD_OF_USER, "0", POLICY_OTHER));
	host_files_put(&files, THREAD_PATH("2", "2", "status"), THREAD_STATUS("kthreadd", "0-3"));
	host_files_sort(&files);
	CU_ASSERT_EQUAL(threads_parse(&files, &threads), -ENODATA);
	host_files_put(&files, KTHREADD);
	host_files_put_error(&files, THREAD_PATH("5", "7", "stat"), EACCES);
	host_files_sort(&files);
	CU_ASSERT_EQUAL(threads_parse(&files, &threads), -EACCES);
	host_files_done(&files);
	CU_ASSERT_EQUAL(threads_parse(&files, &threads), -ENODATA);
}

void test_threads_register(void)
{
	CU_pSuite suite = CU_add_suite("test_threads", NULL, NULL);

	CU_ADD_TEST(suite, fields_come_from_their_places);
	CU_ADD_TEST(suite, a_worker_is_told_from_others);
	CU_ADD_TEST(suite, names_may_hold_anything);
	CU_ADD_TEST(suite, bad_texts_are_refused);
	CU_ADD_TEST(suite, cpus_that_are_not_told_are_unknown);
	CU_ADD_TEST(suite, threads_that_ended_are_left_out);
	CU_ADD_TEST(suite, a_list_that_is_not_whole_is_unknown);
}
