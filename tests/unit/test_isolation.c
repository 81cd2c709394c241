// SPDX-License-Identifier: Apache-2.0
/* By what the CPUs of a partition are isolated, and what the kernel would not take. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "sched/isolation.h"
#include "tests/unit/cut_fixture.h"

void test_isolation_register(void);

static const struct host_shape eight_cores = {.cores = 8};
static const char cmdline[] = "/proc/cmdline";
static const char version_1[] = "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0";

static void add(struct cut *cut, const char *cpus, enum vcpu_policy policy, enum isolation isolation)
{
	struct partition_config *partition = cut_add(cut, "plc", cpus);

	partition->schedule.policy = policy;
	partition->isolation = isolation;
}

static void add_fifo(struct cut *cut, const char *cpus, enum isolation isolation)
{
	add(cut, cpus, VCPU_POLICY_FIFO, isolation);
}

static void add_deadline(struct cut *cut, const char *cpus, enum isolation isolation)
{
	add(cut, cpus, VCPU_POLICY_DEADLINE, isolation);
}

/* Plans, and asserts the mode of the partition with that index. */
static void plan(struct cut *cut, size_t index, enum isolation expected)
{
	struct isolation_plan plan = {0};

	findings_done(&cut->findings);
	CU_ASSERT_EQUAL_FATAL(isolation_plan(&cut->machine, &cut->host, &plan, &cut->findings), 0);
	CU_ASSERT_EQUAL_FATAL(plan.count, cut->machine.partition_count);
	CU_ASSERT_EQUAL(plan.mode[index], expected);
	isolation_plan_done(&plan);
	isolation_plan_done(&plan);
}

static void cpusets_where_they_can_be_had(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	add_fifo(&cut, "2-3", ISOLATION_ANY);
	add_deadline(&cut, "4", ISOLATION_ANY);
	add_fifo(&cut, "5", ISOLATION_CPUSET);
	add_fifo(&cut, "6", ISOLATION_AFFINITY);
	add_fifo(&cut, "", ISOLATION_ANY);
	plan(&cut, 0, ISOLATION_CPUSET);
	plan(&cut, 1, ISOLATION_CPUSET);
	plan(&cut, 2, ISOLATION_CPUSET);
	plan(&cut, 3, ISOLATION_AFFINITY);
	plan(&cut, 4, ISOLATION_AFFINITY);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void floating_partitions_have_nothing_to_isolate(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	add_fifo(&cut, "", ISOLATION_CPUSET);
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-cpus"), 1);
	cut_tear_down(&cut);
}

static void version_1_leaves_affinity_and_says_so(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	host_fixture_put(&cut.host, "/proc/mounts", version_1);
	add_fifo(&cut, "2-3", ISOLATION_ANY);
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_NOTE), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-affinity"), 1);

	cut.partition[0].isolation = ISOLATION_CPUSET;
	plan(&cut, 0, ISOLATION_CPUSET);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_REFUSED), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-cgroup"), 1);
	cut_tear_down(&cut);
}

static void temporal_partitions_need_a_cpuset(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	host_fixture_put(&cut.host, "/proc/mounts", version_1);
	add_deadline(&cut, "2", ISOLATION_ANY);
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_REFUSED), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-deadline"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "one of 8 CPUs"));
	CU_ASSERT_NOT_EQUAL(cut.findings.item[0].diag.remedy[0], '\0');

	/* Without admission the kernel does not look at affinity either. */
	host_fixture_put(&cut.host, "/proc/sys/kernel/sched_rt_runtime_us", "-1");
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_REFUSED), 0);

	host_fixture_put_error(&cut.host, "/proc/sys/kernel/sched_rt_runtime_us", EACCES);
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_UNKNOWN), 1);
	cut_tear_down(&cut);

	cut_set_up(&cut, &eight_cores);
	add_deadline(&cut, "2", ISOLATION_AFFINITY);
	add_deadline(&cut, "3", ISOLATION_ISOLCPUS);
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-deadline"), 2);
	cut_tear_down(&cut);
}

static void isolcpus_is_used_where_it_is(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=managed_irq,domain,2-3");
	add_fifo(&cut, "2-3", ISOLATION_ANY);
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	cut_assert_nothing(&cut);
	/* A list without flags means domain, one with others does not. */
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=2-3");
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=managed_irq,2-3");
	plan(&cut, 0, ISOLATION_CPUSET);
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=nohz,domain,2-3");
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=nohz,2-3");
	plan(&cut, 0, ISOLATION_CPUSET);
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=of_the_future,2-3");
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	/* A list that only the kernel can expand: it says what came of it. */
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=domain,2-N");
	host_fixture_put(&cut.host, "/sys/devices/system/cpu/isolated", "2-7");
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void isolcpus_that_is_missing_is_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	add_fifo(&cut, "2-4", ISOLATION_ISOLCPUS);
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-isolcpus-missing"), 1);
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=domain,2-3");
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-isolcpus-missing"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "CPU 4 is not isolated"));
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=domain,2-4");
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void cpusets_and_isolcpus_do_not_mix(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=domain,2-3");
	add_fifo(&cut, "3-4", ISOLATION_CPUSET);
	plan(&cut, 0, ISOLATION_CPUSET);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-isolcpus-conflict"), 1);
	cut.partition[0].cpus = cut_cpus("5-6");
	plan(&cut, 0, ISOLATION_CPUSET);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-mixed"), 1);
	/* What is left open does not become a cpuset there. */
	cut.partition[0].isolation = ISOLATION_ANY;
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-affinity"), 1);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_REFUSED), 0);
	cut_tear_down(&cut);

	/* Two partitions that contradict each other on any host. */
	cut_set_up(&cut, &eight_cores);
	add_fifo(&cut, "2", ISOLATION_CPUSET);
	add_fifo(&cut, "3", ISOLATION_ISOLCPUS);
	plan(&cut, 0, ISOLATION_CPUSET);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-mixed"), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-isolcpus-missing"), 1);
	cut_tear_down(&cut);
}

static void partitions_on_one_cpu_are_isolated_alike(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	host_fixture_put(&cut.host, "/proc/sys/kernel/sched_rt_runtime_us", "-1");
	add_deadline(&cut, "3-4", ISOLATION_ANY);
	add_deadline(&cut, "4-5", ISOLATION_AFFINITY);
	add_deadline(&cut, "5", ISOLATION_AFFINITY);
	cut.partition[1].at.isolation = (struct text_place){21, 16};
	plan(&cut, 1, ISOLATION_AFFINITY);
	cut_assert_only(&cut, FINDING_REFUSED, "isolation-mixed",
			"21:16: partitions[1].isolation: CPU 4 is partition plc's too (line 10): isolated by "
			"affinity here and by cpuset there, but a CPU in a cpuset partition runs no other "
			"group's threads; state the same isolation in both");
	cut.partition[0].isolation = ISOLATION_AFFINITY;
	plan(&cut, 0, ISOLATION_AFFINITY);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void floating_reservations_have_their_whole_root_domain(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	add_deadline(&cut, "", ISOLATION_ANY);
	add_fifo(&cut, "2-3", ISOLATION_AFFINITY);
	cut.partition[0].at.cpus = (struct text_place){0};
	cut.partition[0].at.self = (struct text_place){7, 5};
	plan(&cut, 0, ISOLATION_AFFINITY);
	cut_assert_only(&cut, FINDING_REFUSED, "isolation-deadline",
			"7:5: partitions[0].isolation: floating SCHED_DEADLINE vCPUs must be allowed on all "
			"CPUs of their root domain (else the kernel says EPERM), and affinity alone keeps "
			"them off CPUs 2-3 of partition plc (line 20); state isolation: cpuset in partition "
			"plc, or cpus here");
	cut.partition[1].isolation = ISOLATION_CPUSET;
	plan(&cut, 0, ISOLATION_AFFINITY);
	cut_assert_nothing(&cut);
	cut.partition[1].isolation = ISOLATION_AFFINITY;
	host_fixture_put(&cut.host, cmdline, "ro isolcpus=domain,2-3");
	plan(&cut, 0, ISOLATION_AFFINITY);
	cut_assert_nothing(&cut);
	host_fixture_put(&cut.host, cmdline, "ro");
	host_fixture_put(&cut.host, "/proc/sys/kernel/sched_rt_runtime_us", "-1");
	plan(&cut, 0, ISOLATION_AFFINITY);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void what_cannot_be_read_is_unknown(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cores);
	host_fixture_put_error(&cut.host, "/proc/mounts", EACCES);
	add_fifo(&cut, "2", ISOLATION_ANY);
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_NOTE), 1);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	cut.partition[0].isolation = ISOLATION_CPUSET;
	plan(&cut, 0, ISOLATION_CPUSET);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_UNKNOWN), 1);
	cut.partition[0].isolation = ISOLATION_ANY;
	cut.partition[0].schedule.policy = VCPU_POLICY_DEADLINE;
	plan(&cut, 0, ISOLATION_AFFINITY);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_UNKNOWN), 1);
	cut_tear_down(&cut);

	cut_set_up(&cut, &eight_cores);
	host_fixture_put_error(&cut.host, cmdline, ENODATA);
	host_fixture_put(&cut.host, "/sys/devices/system/cpu/isolated", "2-3");
	add_fifo(&cut, "2", ISOLATION_ISOLCPUS);
	plan(&cut, 0, ISOLATION_ISOLCPUS);
	CU_ASSERT_EQUAL(cut_count(&cut, "isolation-unknown"), 1);
	/* Nothing isolated at all is told by that file alone. */
	host_fixture_put(&cut.host, "/sys/devices/system/cpu/isolated", "");
	cut.partition[0].isolation = ISOLATION_CPUSET;
	plan(&cut, 0, ISOLATION_CPUSET);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

void test_isolation_register(void)
{
	CU_pSuite suite = CU_add_suite("test_isolation", NULL, NULL);

	CU_ADD_TEST(suite, cpusets_where_they_can_be_had);
	CU_ADD_TEST(suite, floating_partitions_have_nothing_to_isolate);
	CU_ADD_TEST(suite, version_1_leaves_affinity_and_says_so);
	CU_ADD_TEST(suite, temporal_partitions_need_a_cpuset);
	CU_ADD_TEST(suite, isolcpus_is_used_where_it_is);
	CU_ADD_TEST(suite, isolcpus_that_is_missing_is_refused);
	CU_ADD_TEST(suite, cpusets_and_isolcpus_do_not_mix);
	CU_ADD_TEST(suite, partitions_on_one_cpu_are_isolated_alike);
	CU_ADD_TEST(suite, floating_reservations_have_their_whole_root_domain);
	CU_ADD_TEST(suite, what_cannot_be_read_is_unknown);
}
