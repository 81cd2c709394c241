// SPDX-License-Identifier: Apache-2.0
/* The snapshot of a host's files: what is found, and how what is not found is told apart. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cpulist.h"
#include "core/host/files.h"

void test_host_files_register(void);

static void put(struct host_files *files, const char *path, const char *text)
{
	CU_ASSERT_EQUAL_FATAL(host_files_put(files, path, text), 0);
}

static void assert_text(const struct host_files *files, const char *path, const char *expected)
{
	const char *text = NULL;

	CU_ASSERT_EQUAL_FATAL(host_text(files, &text, "%s", path), 0);
	CU_ASSERT_STRING_EQUAL(text, expected);
}

static void assert_error(const struct host_files *files, const char *path, int expected)
{
	const char *text = "untouched";

	CU_ASSERT_EQUAL(host_text(files, &text, "%s", path), expected);
	CU_ASSERT_STRING_EQUAL(text, "untouched");
}

static void put_again_replaces(void)
{
	struct host_files files = {0};

	put(&files, "/b", "old");
	put(&files, "/c", "c");
	put(&files, "/a", "a");
	put(&files, "/b", "new");
	assert_text(&files, "/b", "new"); /* before sorting, too */
	host_files_sort(&files);
	CU_ASSERT_EQUAL(files.count, 3);
	assert_text(&files, "/a", "a");
	assert_text(&files, "/b", "new");
	assert_text(&files, "/c", "c");
	put(&files, "/b", "newest");
	put(&files, "/aa", "aa");
	host_files_sort(&files);
	CU_ASSERT_EQUAL(files.count, 4);
	assert_text(&files, "/b", "newest");
	CU_ASSERT_EQUAL(host_files_put_error(&files, "/b", EACCES), 0);
	assert_error(&files, "/b", -EACCES);
	host_files_done(&files);
}

static void many_files_in_any_order_are_all_found(void)
{
	enum { MANY = 5000 };
	struct host_files files = {0};
	char path[32];

	/* 7919 is prime: each number comes once, and again with its final text. */
	for (unsigned i = 0; i < 2 * MANY; i++) {
		snprintf(path, sizeof(path), "/n/%u", i * 7919U % MANY);
		put(&files, path, i < MANY ? "first" : path);
	}
	host_files_sort(&files);
	CU_ASSERT_EQUAL(files.count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/n/%u", i);
		assert_text(&files, path, path);
	}
	for (size_t i = 1; i < files.count; i++)
		CU_ASSERT_TRUE(strcmp(files.file[i - 1].path, files.file[i].path) < 0);
	host_files_done(&files);
}

static void what_is_removed_was_never_there(void)
{
	struct host_files files = {.complete = true};

	put(&files, "/b", "1");
	put(&files, "/a", "1");
	put(&files, "/b", "2");
	host_files_remove(&files, "/b");
	assert_error(&files, "/b", -ENOENT);
	assert_text(&files, "/a", "1");
	host_files_remove(&files, "/nothing");
	host_files_sort(&files);
	host_files_remove(&files, "/a");
	CU_ASSERT_EQUAL(files.count, 0);
	assert_error(&files, "/a", -ENOENT);
	host_files_done(&files);
}

static void absent_and_unknown_are_different(void)
{
	struct host_files files = {0};

	put(&files, "/sys/a", "1");
	host_files_sort(&files);
	assert_error(&files, "/sys/b", -ENODATA);
	files.complete = true;
	assert_error(&files, "/sys/b", -ENOENT);
	CU_ASSERT_EQUAL(host_files_cover(&files, "/sys/[ab]"), 0);
	CU_ASSERT_EQUAL(host_files_cover(&files, "/proc/irq/[0-9]*/node"), 0);
	assert_error(&files, "/sys/b", -ENOENT);
	assert_error(&files, "/proc/irq/24/node", -ENOENT);
	assert_error(&files, "/sys/c", -ENODATA); /* nobody looked */
	assert_error(&files, "/proc/irq/24/x/node", -ENODATA);
	files.complete = false;
	assert_error(&files, "/sys/b", -ENODATA);
	host_files_done(&files);
}

static void an_unreadable_directory_speaks_for_all_in_it(void)
{
	struct host_files files = {.complete = true};

	CU_ASSERT_EQUAL(host_files_put_error(&files, "/sys/kernel/debug", EACCES), 0);
	put(&files, "/sys/kernel/debug/known", "1");
	host_files_sort(&files);
	assert_error(&files, "/sys/kernel/debug/sched/features", -EACCES);
	assert_error(&files, "/sys/kernel/debug", -EACCES);
	assert_error(&files, "/sys/kernel/debugger", -ENOENT);
	assert_error(&files, "/sys/kernel", -ENOENT);
	assert_text(&files, "/sys/kernel/debug/known", "1");
	host_files_done(&files);
}

static void a_path_too_long_is_no_path(void)
{
	struct host_files files = {.complete = true};
	char *path = malloc(10001);

	CU_ASSERT_PTR_NOT_NULL_FATAL(path);
	memset(path, 'a', 10000);
	path[10000] = '\0';
	assert_error(&files, path, -ENAMETOOLONG);
	CU_ASSERT_EQUAL(host_files_told(&files, path), -ENAMETOOLONG);
	free(path);
}

static void numbers_are_read_strictly(void)
{
	static const struct {
		const char *text;
		int error;
		int64_t value;
	} cases[] = {
		{"0", 0, 0},
		{"-1", 0, -1},
		{"950000", 0, 950000},
		{"0x1f", 0, 31},
		{"010", 0, 10},
		{"9223372036854775807", 0, INT64_MAX},
		{"-9223372036854775808", 0, INT64_MIN},
		{"9223372036854775808", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"-", -EINVAL, 0},
		{"--1", -EINVAL, 0},
		{"0x", -EINVAL, 0},
		{"0x-1", -EINVAL, 0},
		{" 1", -EINVAL, 0},
		{"+1", -EINVAL, 0},
		{"1 ", -EINVAL, 0},
		{"1\n", -EINVAL, 0},
		{"max", -EINVAL, 0},
		{"1f", -EINVAL, 0},
	};
	struct host_files files = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t value = 42;

		put(&files, "/n", cases[i].text);
		CU_ASSERT_EQUAL(host_number(&files, &value, "/%c", 'n'), cases[i].error);
		CU_ASSERT_EQUAL(value, cases[i].error == 0 ? cases[i].value : 42);
	}
	int64_t value = 42;
	CU_ASSERT_EQUAL(host_files_put_bytes(&files, "/n", "1\0002", 3), 0);
	CU_ASSERT_EQUAL(host_number(&files, &value, "/n"), -EINVAL);
	CU_ASSERT_EQUAL(host_number(&files, &value, "/m"), -ENODATA);
	host_files_done(&files);
}

static void truths_are_read_strictly(void)
{
	static const char *const yes[] = {"Y", "y", "1"};
	static const char *const no[] = {"N", "n", "0"};
	static const char *const neither[] = {"", "Yes", "2", "on", "never", "-1", "Y\n"};
	struct host_files files = {0};
	bool value = false;

	for (size_t i = 0; i < 3; i++) {
		put(&files, "/t", yes[i]);
		CU_ASSERT_TRUE(host_truth(&files, &value, "/t") == 0 && value);
		put(&files, "/t", no[i]);
		CU_ASSERT_TRUE(host_truth(&files, &value, "/t") == 0 && !value);
	}
	for (size_t i = 0; i < sizeof(neither) / sizeof(neither[0]); i++) {
		put(&files, "/t", neither[i]);
		CU_ASSERT_EQUAL(host_truth(&files, &value, "/t"), -EINVAL);
	}
	CU_ASSERT_EQUAL(host_truth(&files, &value, "/u"), -ENODATA);
	host_files_done(&files);
}

static void cpu_lists_are_the_kernels(void)
{
	struct host_files files = {0};
	struct cpulist cpus = {{42}};

	put(&files, "/c", "0-3,8");
	CU_ASSERT_EQUAL(host_cpus(&files, &cpus, "/c"), 0);
	CU_ASSERT_EQUAL(cpulist_count(&cpus), 5);
	put(&files, "/c", "");
	CU_ASSERT_TRUE(host_cpus(&files, &cpus, "/c") == 0 && cpulist_empty(&cpus));
	put(&files, "/c", "(null)"); /* nohz_full of a kernel that was not given any */
	CU_ASSERT_TRUE(host_cpus(&files, &cpus, "/c") == 0 && cpulist_empty(&cpus));
	put(&files, "/c", "3-0");
	CU_ASSERT_EQUAL(host_cpus(&files, &cpus, "/c"), -EINVAL);
	put(&files, "/c", "0-99999");
	CU_ASSERT_EQUAL(host_cpus(&files, &cpus, "/c"), -EINVAL);
	CU_ASSERT_EQUAL(host_files_put_bytes(&files, "/c", "1\0,2", 4), 0);
	CU_ASSERT_EQUAL(host_cpus(&files, &cpus, "/c"), -EINVAL);
	host_files_done(&files);
}

static unsigned count(const struct host_files *files, const char *pattern)
{
	unsigned found = 0;
	size_t at = 0;

	while (host_files_next(files, pattern, &at) != NULL)
		found++;
	CU_ASSERT_PTR_NULL(host_files_next(files, pattern, &at)); /* and stays at its end */
	return found;
}

static void assert_counts(const struct host_files *files)
{
	CU_ASSERT_EQUAL(count(files, "/proc/irq/*/node"), 3);
	CU_ASSERT_EQUAL(count(files, "/proc/irq/[0-9]/node"), 2);
	CU_ASSERT_EQUAL(count(files, "/proc/irq/?0/node"), 1);
	CU_ASSERT_EQUAL(count(files, "/proc/irq/*"), 1);
	CU_ASSERT_EQUAL(count(files, "/proc/*/node"), 0);
	CU_ASSERT_EQUAL(count(files, "*"), 0);
	CU_ASSERT_EQUAL(count(files, "/*"), 1);
	CU_ASSERT_EQUAL(count(files, "/zz"), 1);
	CU_ASSERT_EQUAL(count(files, "/zzz"), 0);
	CU_ASSERT_EQUAL(count(files, ""), 0);
}

static void a_walk_sees_each_match_once(void)
{
	struct host_files files = {0};

	put(&files, "/zz", "");
	put(&files, "/proc/irq/2/node", "0");
	put(&files, "/proc/irq/default_smp_affinity", "3");
	put(&files, "/proc/irq/10/node", "0");
	put(&files, "/proc/irqs/1/node", "0");
	put(&files, "/proc/irq/2/node", "1");
	CU_ASSERT_EQUAL(host_files_put_error(&files, "/proc/irq/1/node", EIO), 0);
	assert_counts(&files);
	host_files_sort(&files);
	assert_counts(&files);
	host_files_done(&files);
}

static void a_walk_that_missed_something_says_so(void)
{
	struct host_files files = {.complete = true};

	CU_ASSERT_EQUAL(host_files_cover(&files, "/proc/[0-9]*/task/[0-9]*/stat"), 0);
	CU_ASSERT_EQUAL(host_files_cover(&files, "/proc/irq/[0-9]*/node"), 0);
	CU_ASSERT_EQUAL(host_files_cover(&files, "/proc/cmdline"), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/*/task/*/stat"), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/[0-9]*/task/[0-9]*/stat"), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/7/task/*/stat"), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/cmdline"), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/*/task/*/status"), -ENODATA);
	CU_ASSERT_EQUAL(host_files_put_error(&files, "/proc/2", EPERM), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/*/task/*/stat"), -EPERM);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/7/task/*/stat"), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/irq/*/node"), 0);
	CU_ASSERT_EQUAL(host_files_put_error(&files, "/proc/irq", EACCES), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/irq/*/node"), -EACCES);
	files.complete = false;
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/cmdline"), -ENODATA);
	host_files_done(&files);
}

static void every_error_has_words(void)
{
	CU_ASSERT_STRING_EQUAL(host_unknown(-EACCES), "permission denied");
	CU_ASSERT_STRING_EQUAL(host_unknown(EACCES), "permission denied");
	CU_ASSERT_STRING_EQUAL(host_unknown(-ENODATA), "not told");
	CU_ASSERT_STRING_EQUAL(host_unknown(-ENOENT), "no such file");
	for (int error = -5000; error < 5000; error++)
		CU_ASSERT_TRUE(strlen(host_unknown(error)) > 0);
	CU_ASSERT_TRUE(strlen(host_unknown(INT32_MIN)) > 0);
}

void test_host_files_register(void)
{
	CU_pSuite suite = CU_add_suite("host files", NULL, NULL);

	CU_ADD_TEST(suite, put_again_replaces);
	CU_ADD_TEST(suite, many_files_in_any_order_are_all_found);
	CU_ADD_TEST(suite, what_is_removed_was_never_there);
	CU_ADD_TEST(suite, absent_and_unknown_are_different);
	CU_ADD_TEST(suite, an_unreadable_directory_speaks_for_all_in_it);
	CU_ADD_TEST(suite, a_path_too_long_is_no_path);
	CU_ADD_TEST(suite, numbers_are_read_strictly);
	CU_ADD_TEST(suite, truths_are_read_strictly);
	CU_ADD_TEST(suite, cpu_lists_are_the_kernels);
	CU_ADD_TEST(suite, a_walk_sees_each_match_once);
	CU_ADD_TEST(suite, a_walk_that_missed_something_says_so);
	CU_ADD_TEST(suite, every_error_has_words);
}
