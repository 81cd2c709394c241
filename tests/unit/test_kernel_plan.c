// SPDX-License-Identifier: Apache-2.0
/* What the file asks of the host's kernel. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "rt/kernel_plan.h"
#include "tests/unit/cut_fixture.h"

void test_kernel_plan_register(void);

static const struct host_shape shape = {.cores = 2};
static const char realtime[] = "/sys/kernel/realtime";
static const char version[] = "/proc/version";
static const char release[] = "/proc/sys/kernel/osrelease";

static void find(struct cut *cut)
{
	findings_done(&cut->findings);
	CU_ASSERT_EQUAL_FATAL(kernel_plan(&cut->machine, &cut->host, &cut->findings), 0);
}

static void set_plain(struct cut *cut)
{
	host_fixture_put(&cut->host, realtime, NULL);
	host_fixture_put(&cut->host, version, "Linux version 6.1.0-37-amd64 #1 SMP PREEMPT_DYNAMIC");
}

static void preempt_rt_is_asked_for(void)
{
	struct cut cut;

	cut_set_up(&cut, &shape);
	cut.machine.require_preempt_rt = true;
	find(&cut);
	cut_assert_nothing(&cut);
	set_plain(&cut);
	find(&cut);
	CU_ASSERT_EQUAL_FATAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].kind, FINDING_REFUSED);
	CU_ASSERT_EQUAL(cut.findings.item[0].partition, FINDING_MACHINE);
	CU_ASSERT_EQUAL(cut_count(&cut, "kernel-preempt-rt"), 1);
	CU_ASSERT_STRING_EQUAL(cut.findings.item[0].diag.key, "host.kernel");
	CU_ASSERT_NOT_EQUAL(cut.findings.item[0].diag.remedy[0], '\0');
	cut.machine.require_preempt_rt = false;
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void what_cannot_be_read_is_unknown(void)
{
	struct cut cut;

	cut_set_up(&cut, &shape);
	cut.machine.require_preempt_rt = true;
	host_fixture_put_error(&cut.host, realtime, EACCES);
	host_fixture_put_error(&cut.host, version, EACCES);
	find(&cut);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_UNKNOWN), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "kernel-unknown"), 1);
	cut_tear_down(&cut);

	/* A version that is not known refuses nothing. */
	cut_set_up(&cut, &shape);
	host_fixture_put_error(&cut.host, release, EACCES);
	host_fixture_put_error(&cut.host, version, EACCES);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_NOTE), 1);
	cut_tear_down(&cut);
}

static void old_kernels_are_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &shape);
	host_fixture_put(&cut.host, release, "5.15.0-91-generic");
	find(&cut);
	CU_ASSERT_EQUAL_FATAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "kernel-old"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "Linux 5.15"));
	host_fixture_put(&cut.host, release, "6.1.0");
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

void test_kernel_plan_register(void)
{
	CU_pSuite suite = CU_add_suite("test_kernel_plan", NULL, NULL);

	CU_ADD_TEST(suite, preempt_rt_is_asked_for);
	CU_ADD_TEST(suite, what_cannot_be_read_is_unknown);
	CU_ADD_TEST(suite, old_kernels_are_refused);
}
