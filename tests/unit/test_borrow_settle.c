// SPDX-License-Identifier: Apache-2.0
/* A thread that does not take its CPUs before a later setting has freed them; the kernel is played by a table. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"

void test_borrow_settle_register(void);

enum refusal {
	REFUSED_AT_ONCE, /* as sched_setaffinity(2) does: EINVAL */
	CUT_SILENTLY,    /* only the rest of the CPUs is taken */
};

/* A thread on CPU 0 that may go to CPU 2 once the partition's list is 3. */
static struct {
	enum refusal refusal;
	bool never;
	char thread[16];
	char cpus[16];
	unsigned writes;
} fake;

static char *text_of(const struct change *change)
{
	return change->kind == CHANGE_AFFINITY ? fake.thread : fake.cpus;
}

static int fake_read(const struct change *change, char **ret, struct diag *why)
{
	(void)why;
	*ret = strdup(text_of(change));
	return *ret == NULL ? -ENOMEM : 0;
}

static int fake_write(const struct change *change, const char *text, struct diag *why)
{
	bool is_freed = !fake.never && strcmp(fake.cpus, "3") == 0;

	fake.writes++;
	if (change->kind == CHANGE_AFFINITY && strstr(text, "2") != NULL && !is_freed) {
		if (fake.refusal == REFUSED_AT_ONCE)
			return diag_set(why, EINVAL, "no such CPU is to be had");
		text = "0";
	}
	snprintf(text_of(change), sizeof(fake.thread), "%s", text);
	return 0;
}

static int apply_to_fake(enum refusal refusal, bool never)
{
	static const struct borrow_calls calls = {.read = fake_read, .write = fake_write};
	char folder[] = "/tmp/bulkhead-settle-XXXXXX";
	char path[64];
	struct changes list = {0};
	struct borrow_result result = {0};
	struct diag why = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	memset(&fake, 0, sizeof(fake));
	fake.refusal = refusal;
	fake.never = never;
	strcpy(fake.thread, "0");
	strcpy(fake.cpus, "2");
	struct change *change = changes_add(&list, CHANGE_AFFINITY, "threads", "/proc/7/task/7");

	change_text(&list, change, COMPARE_CPUS, "0", "0,2");
	change = changes_add(&list, CHANGE_TEXT, "cgroup", "/sys/fs/cgroup/x/cpuset.cpus");
	change_text(&list, change, COMPARE_CPUS, "2", "3");

	const struct borrow borrow = {.folder = folder, .calls = &calls};
	int error = borrow_apply(&borrow, &list, &result, &why);

	changes_done(&list);
	snprintf(path, sizeof(path), "%s/journal", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lock", folder);
	unlink(path);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
	return error;
}

static void is_asked_for_again(void)
{
	for (enum refusal refusal = REFUSED_AT_ONCE; refusal <= CUT_SILENTLY; refusal++) {
		CU_ASSERT_EQUAL(apply_to_fake(refusal, false), 0);
		CU_ASSERT_STRING_EQUAL(fake.thread, "0,2");
		CU_ASSERT_STRING_EQUAL(fake.cpus, "3");
		CU_ASSERT_EQUAL(fake.writes, 3);
	}
}

static void is_refused_once_all_else_is_done(void)
{
	CU_ASSERT_EQUAL(apply_to_fake(REFUSED_AT_ONCE, true), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fake.thread, "0");
	CU_ASSERT_STRING_EQUAL(fake.cpus, "2");
	CU_ASSERT_EQUAL(apply_to_fake(CUT_SILENTLY, true), -EIO);
	CU_ASSERT_STRING_EQUAL(fake.thread, "0");
	CU_ASSERT_STRING_EQUAL(fake.cpus, "2");
}

void test_borrow_settle_register(void)
{
	CU_pSuite suite = CU_add_suite("test_borrow_settle", NULL, NULL);

	CU_ADD_TEST(suite, is_asked_for_again);
	CU_ADD_TEST(suite, is_refused_once_all_else_is_done);
}
