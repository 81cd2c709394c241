// SPDX-License-Identifier: Apache-2.0
/* From a partition and a host to a launch record: which CPUs, which policy, and what is refused. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/plan_fixture.h"

void test_launch_plan_register(void);

static void what_is_asked_for_is_carried_over(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	free(bench.partition.cmdline);
	bench.partition.cmdline = strdup("quiet");
	bench.partition.initrd[0] = strdup("a");
	bench.partition.initrd[1] = strdup("b");
	bench.partition.initrd_count = 2;
	bench.partition.exits_disabled = EXITS_DISABLED_HLT | EXITS_DISABLED_PAUSE;
	bench.partition.exit_port = true;
	bench.partition.seal = SEAL_AFTER;
	bench.partition.seal_after_ns = 5;
	bench.partition.exit_budget = 7;
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	CU_ASSERT_STRING_EQUAL(bench.launch.name, "plc");
	CU_ASSERT_STRING_EQUAL(bench.launch.kernel, "/boot/vmlinuz");
	CU_ASSERT_STRING_EQUAL(bench.launch.cmdline, "quiet");
	CU_ASSERT_EQUAL(bench.launch.initrd_count, 2);
	CU_ASSERT_STRING_EQUAL(bench.launch.initrd[1], "b");
	CU_ASSERT_EQUAL(bench.launch.memory_bytes, UINT64_C(64) << 20);
	CU_ASSERT_EQUAL(bench.launch.page_bytes, 4096);
	CU_ASSERT_EQUAL(bench.launch.exits_disabled, EXITS_DISABLED_HLT | EXITS_DISABLED_PAUSE);
	CU_ASSERT_TRUE(bench.launch.exit_port);
	CU_ASSERT_EQUAL(bench.launch.seal, SEAL_AFTER);
	CU_ASSERT_EQUAL(bench.launch.seal_after_ns, 5);
	CU_ASSERT_EQUAL(bench.launch.exit_budget, 7);
	CU_ASSERT_EQUAL(bench.launch.lock_memory, bench.partition.lock_memory);
	CU_ASSERT_EQUAL(bench.launch.console_input, -1);
	CU_ASSERT_EQUAL(bench.launch.console_output, -1);
	CU_ASSERT_EQUAL(bench.launch.state_fd, -1);
	CU_ASSERT_EQUAL(bench.notes.count, 0);
	plan_tear_down(&bench);
}

static void vcpus_get_the_highest_free_cpus(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_plan_cpus(&bench.launch, (const int[]){3}, 1);
	assert_plan_others(&bench.launch, "0-2");
	CU_ASSERT_TRUE(bench.launch.own_cpus);
	plan_tear_down(&bench);

	plan_set_up(&bench);
	bench.partition.vcpus = 3;
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_plan_cpus(&bench.launch, (const int[]){1, 2, 3}, 3);
	assert_plan_others(&bench.launch, "0");
	CU_ASSERT_EQUAL(bench.notes.count, 0);
	plan_tear_down(&bench);
}

static void neighbours_and_housekeeping_keep_their_cpus(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	plan_set_cpus(&bench.terms.taken, "3");
	plan_set_cpus(&bench.terms.housekeeping, "2");
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_plan_cpus(&bench.launch, (const int[]){1}, 1);
	assert_plan_others(&bench.launch, "2");
	plan_tear_down(&bench);

	/* Without stated housekeeping, others go where no partition is. */
	plan_set_up(&bench);
	plan_set_cpus(&bench.terms.taken, "1,3");
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_plan_cpus(&bench.launch, (const int[]){2}, 1);
	assert_plan_others(&bench.launch, "0");
	plan_tear_down(&bench);

	/* All the rest may be vCPUs where housekeeping has its own. */
	plan_set_up(&bench);
	plan_set_cpus(&bench.terms.housekeeping, "0");
	bench.partition.vcpus = 3;
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_plan_cpus(&bench.launch, (const int[]){1, 2, 3}, 3);
	assert_plan_others(&bench.launch, "0");
	plan_tear_down(&bench);
}

/* Unpinned, and said so; @others: where the vCPUs and all other threads then are, "" for anywhere. */
static void assert_floats(const struct plan_bench *bench, const char *others)
{
	for (unsigned i = 0; i < bench->launch.vcpus; i++)
		CU_ASSERT_EQUAL(bench->launch.vcpu_cpu[i], LAUNCH_CPU_ANY);
	CU_ASSERT_FALSE(bench->launch.own_cpus);
	assert_plan_others(&bench->launch, others);
	CU_ASSERT_EQUAL(bench->notes.count, 1);
}

static void vcpus_float_where_none_is_left_to_isolate(void)
{
	static const unsigned vcpus[] = {4, 5, 64};
	struct plan_bench bench;

	for (size_t i = 0; i < sizeof(vcpus) / sizeof(vcpus[0]); i++) {
		plan_set_up(&bench);
		bench.partition.vcpus = vcpus[i];
		CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
		CU_ASSERT_EQUAL(bench.launch.vcpus, vcpus[i]);
		assert_floats(&bench, "");
		/* A real-time class that nobody asked for is not forced on them. */
		CU_ASSERT_EQUAL(bench.launch.policy.class, THREAD_OTHER);
		plan_tear_down(&bench);
	}
	/* One CPU in all. */
	plan_set_up(&bench);
	plan_set_cpus(&bench.host.topology.allowed, "2");
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_floats(&bench, "");
	plan_tear_down(&bench);
	/* Neighbours leave as many as there are vCPUs: all threads float, but not onto theirs. */
	plan_set_up(&bench);
	bench.terms.file = "machine.yaml";
	bench.partition.vcpus = 2;
	plan_set_cpus(&bench.terms.taken, "2-3");
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_floats(&bench, "0-1");
	plan_tear_down(&bench);
}

static void a_stated_policy_is_kept_where_vcpus_float(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	bench.partition.vcpus = 64;
	bench.terms.policy_stated = true;
	bench.partition.schedule.priority = 9;
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	CU_ASSERT_EQUAL(bench.launch.policy.class, THREAD_FIFO);
	CU_ASSERT_EQUAL(bench.launch.policy.priority, 9);
	plan_tear_down(&bench);
}

static void stated_cpus_are_taken_in_order(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	plan_state_cpus(&bench, "0,2-3");
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_plan_cpus(&bench.launch, (const int[]){0, 2, 3}, 3);
	assert_plan_others(&bench.launch, "1");
	CU_ASSERT_TRUE(bench.launch.own_cpus);
	plan_tear_down(&bench);
}

static void all_cpus_stated_leave_none_for_the_rest(void)
{
	struct plan_bench bench;

	/* A one-off run goes on, and says so. */
	plan_set_up(&bench);
	plan_state_cpus(&bench, "0-3");
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	CU_ASSERT_FALSE(bench.launch.own_cpus);
	CU_ASSERT_TRUE(cpulist_empty(&bench.launch.other_cpus));
	CU_ASSERT_EQUAL(bench.notes.count, 1);
	plan_tear_down(&bench);
	/* A file promised more. */
	plan_set_up(&bench);
	plan_state_cpus(&bench, "0-3");
	bench.terms.file = "machine.yaml";
	bench.partition.at.cpus = (struct text_place){4, 11};
	CU_ASSERT_EQUAL(plan_run(&bench), -ENODEV);
	CU_ASSERT_STRING_EQUAL(bench.why.file, "machine.yaml");
	CU_ASSERT_EQUAL(bench.why.line, 4);
	CU_ASSERT_EQUAL(bench.why.column, 11);
	CU_ASSERT_STRING_EQUAL(bench.why.key, "cpus");
	CU_ASSERT_NOT_EQUAL(bench.why.remedy[0], '\0');
	bench.terms.best_effort = true;
	CU_ASSERT_EQUAL(plan_run(&bench), 0);
	CU_ASSERT_EQUAL(bench.notes.count, 1);
	plan_tear_down(&bench);
}

static void cpus_that_cannot_be_had_are_refused(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	plan_state_cpus(&bench, "2,4000");
	assert_plan_refused(&bench, ENODEV, "--cpus", "CPU 4000 does not exist");
	CU_ASSERT_STRING_EQUAL(bench.why.allowed, "0-3");

	plan_set_up(&bench);
	plan_set_cpus(&bench.host.topology.online, "0-1,3");
	plan_set_cpus(&bench.host.topology.allowed, "0-1,3");
	plan_state_cpus(&bench, "2");
	assert_plan_refused(&bench, ENODEV, "--cpus", "CPU 2 is offline");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.why.remedy, "cpu2/online"));

	plan_set_up(&bench);
	plan_set_cpus(&bench.host.topology.allowed, "0-1");
	plan_state_cpus(&bench, "2");
	assert_plan_refused(&bench, ENODEV, "--cpus", "CPU 2 is not among those");
	CU_ASSERT_STRING_EQUAL(bench.why.allowed, "0-1");

	/* Best effort does not make a CPU. */
	plan_set_up(&bench);
	bench.terms.best_effort = true;
	plan_state_cpus(&bench, "4");
	assert_plan_refused(&bench, ENODEV, "--cpus", "CPU 4 does not exist");

	plan_set_up(&bench);
	bench.terms.file = "machine.yaml";
	plan_state_cpus(&bench, "4");
	assert_plan_refused(&bench, ENODEV, "cpus", "CPU 4 does not exist");
}

/* A host of more CPUs than a line can name: nothing runs over. */
static void a_very_large_host_is_planned_for(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	plan_set_cpus(&bench.host.topology.present, "0-4095");
	plan_set_cpus(&bench.host.topology.online, "0-4095");
	bench.host.topology.allowed = (struct cpulist){0};
	for (unsigned cpu = 0; cpu < CPULIST_MAX; cpu += 2)
		cpulist_add(&bench.host.topology.allowed, cpu);
	bench.partition.vcpus = 64;
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	CU_ASSERT_EQUAL(bench.launch.vcpu_cpu[63], 4094);
	CU_ASSERT_EQUAL(bench.launch.vcpu_cpu[0], 4094 - 2 * 63);
	CU_ASSERT_EQUAL(cpulist_count(&bench.launch.other_cpus), 2048 - 64);
	plan_tear_down(&bench);

	plan_set_up(&bench);
	bench.host.topology.allowed = (struct cpulist){0};
	plan_set_cpus(&bench.host.topology.present, "0-4095");
	plan_set_cpus(&bench.host.topology.online, "0-4095");
	for (unsigned cpu = 0; cpu < CPULIST_MAX; cpu += 2)
		cpulist_add(&bench.host.topology.allowed, cpu);
	plan_state_cpus(&bench, "1");
	assert_plan_refused(&bench, ENODEV, "--cpus", "CPU 1 is not among those");
}

/* The kernel admits no pinned SCHED_DEADLINE thread inside a larger root domain. */
static void deadline_vcpus_float_unless_pinned_by_the_user(void)
{
	struct plan_bench bench;

	plan_set_up(&bench);
	bench.terms.policy_stated = true;
	bench.partition.schedule = (struct vcpu_schedule){
		.policy = VCPU_POLICY_DEADLINE, .runtime_ns = 2000000, .deadline_ns = 5000000,
		.period_ns = 10000000,
	};
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_floats(&bench, "");
	CU_ASSERT_EQUAL(bench.launch.policy.class, THREAD_DEADLINE);
	CU_ASSERT_EQUAL(bench.launch.policy.runtime_ns, 2000000);
	CU_ASSERT_EQUAL(bench.launch.policy.deadline_ns, 5000000);
	CU_ASSERT_EQUAL(bench.launch.policy.period_ns, 10000000);
	CU_ASSERT_EQUAL(bench.launch.policy.priority, 0);
	plan_state_cpus(&bench, "2");
	launch_done(&bench.launch);
	CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
	assert_plan_cpus(&bench.launch, (const int[]){2}, 1);
	plan_tear_down(&bench);
}

/* What a plan makes is what the VMM takes. */
static void every_plan_is_a_record_that_decodes(void)
{
	struct plan_bench bench;

	for (unsigned vcpus = 1; vcpus <= PARTITION_VCPUS_MAX; vcpus++) {
		struct launch back;

		plan_set_up(&bench);
		bench.partition.vcpus = vcpus;
		CU_ASSERT_EQUAL_FATAL(plan_run(&bench), 0);
		char *text = launch_encode(&bench.launch);
		CU_ASSERT_PTR_NOT_NULL_FATAL(text);
		CU_ASSERT_EQUAL(launch_decode(text, strlen(text), &back, &bench.why), 0);
		CU_ASSERT_EQUAL(back.vcpus, vcpus);
		free(text);
		launch_done(&back);
		plan_tear_down(&bench);
	}
}

void test_launch_plan_register(void)
{
	CU_pSuite suite = CU_add_suite("launch_plan", NULL, NULL);

	CU_ADD_TEST(suite, what_is_asked_for_is_carried_over);
	CU_ADD_TEST(suite, vcpus_get_the_highest_free_cpus);
	CU_ADD_TEST(suite, neighbours_and_housekeeping_keep_their_cpus);
	CU_ADD_TEST(suite, vcpus_float_where_none_is_left_to_isolate);
	CU_ADD_TEST(suite, a_stated_policy_is_kept_where_vcpus_float);
	CU_ADD_TEST(suite, stated_cpus_are_taken_in_order);
	CU_ADD_TEST(suite, all_cpus_stated_leave_none_for_the_rest);
	CU_ADD_TEST(suite, cpus_that_cannot_be_had_are_refused);
	CU_ADD_TEST(suite, a_very_large_host_is_planned_for);
	CU_ADD_TEST(suite, deadline_vcpus_float_unless_pinned_by_the_user);
	CU_ADD_TEST(suite, every_plan_is_a_record_that_decodes);
}
