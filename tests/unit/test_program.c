// SPDX-License-Identifier: Apache-2.0
/* Another program is run, heard, and ended in time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/program.h"
#include "core/base/sys_host.h"

void test_program_register(void);

static struct diag why;

static int shell(const char *script, unsigned seconds)
{
	const char *const argument[] = {"/bin/sh", "-c", script, NULL};

	why = (struct diag){0};
	return program_run(argument, seconds, &why);
}

static void its_status_is_the_answer(void)
{
	CU_ASSERT_EQUAL(shell("exit 0", 10), 0);
	CU_ASSERT_EQUAL(shell("exit 3", 10), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "status 3"));
	CU_ASSERT_EQUAL(shell("kill -9 $$", 10), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "signal 9"));
}

static void what_it_says_is_told(void)
{
	CU_ASSERT_EQUAL(shell("echo seen not; echo no such unit >&2; echo see the log >&2; exit 1", 10), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, ": no such unit see the log"));
	CU_ASSERT_PTR_NULL(strstr(why.text, "seen not"));
	/* More than a pipe holds: it does not wait for us, nor we for it. */
	CU_ASSERT_EQUAL(shell("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 2", 20), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "xxxx"));
}

static void what_is_not_there_is_told(void)
{
	static const char *const argument[] = {"/nowhere/program", NULL};
	static const char *const folders[] = {"/nowhere", "/bin", NULL};
	char path[32];

	CU_ASSERT_EQUAL(program_run(argument, 10, &why), -ENOENT);
	CU_ASSERT_STRING_EQUAL(program_find(folders, "sh", path, sizeof(path)), "/bin/sh");
	CU_ASSERT_PTR_NULL(program_find(folders, "no-such-program", path, sizeof(path)));
}

static void it_does_not_run_for_ever(void)
{
	const uint64_t start = sys_now();

	CU_ASSERT_EQUAL(shell("sleep 50 & sleep 50", 1), -ETIMEDOUT);
	CU_ASSERT(sys_now() - start < UINT64_C(30000000000));
	/* What it left behind, and still holds its standard error, is not waited for. */
	CU_ASSERT_EQUAL(shell("sleep 50 & exit 0", 20), 0);
	CU_ASSERT(sys_now() - start < UINT64_C(30000000000));
}

static void it_finds_nothing_of_ours(void)
{
	sigset_t held;
	sigset_t before;

	CU_ASSERT_EQUAL(setenv("BULKHEAD_TEST", "1", 1), 0);
	CU_ASSERT_EQUAL(shell("test -z \"$BULKHEAD_TEST\" && test \"$LC_ALL\" = C.UTF-8 && test -n \"$PATH\"", 10), 0);
	unsetenv("BULKHEAD_TEST");
	/* The folder's own descriptor, that of ls, is one more. */
	CU_ASSERT_EQUAL(shell("test $(ls /proc/self/fd | wc -l) = 4", 10), 0);
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	CU_ASSERT_EQUAL(sigprocmask(SIG_BLOCK, &held, &before), 0);
	CU_ASSERT_EQUAL(shell("kill -TERM $$; exit 0", 10), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "signal 15"));
	CU_ASSERT_EQUAL(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

void test_program_register(void)
{
	CU_pSuite suite = CU_add_suite("test_program", NULL, NULL);

	CU_ADD_TEST(suite, its_status_is_the_answer);
	CU_ADD_TEST(suite, what_it_says_is_told);
	CU_ADD_TEST(suite, what_is_not_there_is_told);
	CU_ADD_TEST(suite, it_does_not_run_for_ever);
	CU_ADD_TEST(suite, it_finds_nothing_of_ours);
}
